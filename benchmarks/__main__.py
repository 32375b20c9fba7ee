"""The command: ``python -m benchmarks [NAME] [options]``; without a name, all with defaults."""

from __future__ import annotations

import argparse
from types import ModuleType

from . import (
    batch,
    compare,
    customers,
    engines,
    growth,
    imports,
    journal,
    live,
    parity,
    reporting,
    service,
    stream,
    text,
    validity,
)  # fmt: skip

BENCHMARKS: dict[str, ModuleType] = {
    "batch": batch,
    "growth": growth,
    "customers": customers,
    "engines": engines,
    "parity": parity,
    "service": service,
    "stream": stream,
    "text": text,
    "reporting": reporting,
    "live": live,
    "journal": journal,
    "imports": imports,
    "validity": validity,
}
"""Each has `add_options(parser)`, and `run(options)` that returns a `Report`."""


def main() -> None:
    """Run one benchmark, or all of them; print each result and write it as JSON."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--data", help="for all of them: the directory of public data (validity)")
    names = parser.add_subparsers(dest="name", metavar="NAME", help=", ".join(BENCHMARKS))
    subparsers = {}
    for name, module in BENCHMARKS.items():
        summary = (module.__doc__ or "").partition("\n")[0]
        subparsers[name] = names.add_parser(name, help=summary, description=module.__doc__)
        module.add_options(subparsers[name])
    summary = (compare.__doc__ or "").partition("\n")[0]
    compare.add_options(names.add_parser("compare", help=summary, description=compare.__doc__))
    given = parser.parse_args()
    if given.name == "compare":
        raise SystemExit(compare.run(given))
    if given.name:
        _run(given.name, given)
        return
    for name, subparser in subparsers.items():
        if name == "validity" and given.data is None:
            print("\nvalidity: left out, it needs --data DIR")
            continue
        _run(name, subparser.parse_args(["--data", given.data] if name == "validity" else []))


def _run(name: str, options: argparse.Namespace) -> None:
    report = BENCHMARKS[name].run(options)
    report.show()
    report.save()


if __name__ == "__main__":
    main()
