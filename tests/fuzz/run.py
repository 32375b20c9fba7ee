"""Fuzz a target, guided by the coverage of the library: ``python -m tests.fuzz.run TARGET``.

What the run finds of new coverage goes to ``--found`` (a scratch folder by default), an input that
fails to ``crash-...`` there; ``--merge`` puts the smallest inputs that cover the same into the
corpus of the repository.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import gettempdir

CORPUS = Path(__file__).parent / "corpus"


def main() -> None:
    """Never returns: libFuzzer ends the process, with 0 if nothing was found."""
    import atheris

    with atheris.instrument_imports(include=["journeyscore"]):
        from tests.fuzz.targets import TARGETS
    parser = argparse.ArgumentParser()
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--found", type=Path, default=Path(gettempdir(), "journeyscore-fuzz"))
    parser.add_argument("--merge", action="store_true")
    options = parser.parse_args()
    found = options.found / options.target
    found.mkdir(parents=True, exist_ok=True)
    seeds = CORPUS / options.target
    seeds.mkdir(parents=True, exist_ok=True)
    arguments = [sys.argv[0], "-rss_limit_mb=3000", "-timeout=20", f"-artifact_prefix={found}/"]
    if options.merge:
        arguments += ["-merge=1", str(seeds), str(found)]
    else:
        words = Path(__file__).with_name("words.dict")
        arguments += [f"-max_total_time={options.seconds}", f"-dict={words}", "-max_len=4096"]
        arguments += ["-print_final_stats=1", str(found), str(seeds)]
    atheris.Setup(arguments, TARGETS[options.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
