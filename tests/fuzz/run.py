"""Fuzz a target, guided by the coverage of the library: ``python -m tests.fuzz.run TARGET``.

What the run finds of new coverage goes to ``--found`` (a scratch folder by default), an input that
fails to ``crash-...`` there. With ``--keep`` nothing is run: of what was found the smallest inputs
that reach lines the corpus does not are put into the corpus.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import gettempdir
from types import FrameType
from typing import Any

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
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    found, kept = options.found / options.target, CORPUS / options.target
    found.mkdir(parents=True, exist_ok=True)
    if options.keep:
        keep(TARGETS[options.target], found, kept)
        return
    arguments = [
        sys.argv[0], str(found), str(kept), f"-max_total_time={options.seconds}", "-max_len=4096",
        f"-dict={Path(__file__).with_name('words.dict')}", f"-artifact_prefix={found}/",
        "-timeout=20", "-rss_limit_mb=3000", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup(arguments, TARGETS[options.target])
    atheris.Fuzz()


def keep(target: Any, found: Path, kept: Path) -> None:
    """Copy to the corpus what reaches lines that it does not, the smallest first."""
    reached: set[tuple[str, int]] = set()
    for file in sorted(kept.iterdir()):
        reached |= lines(target, file.read_bytes())
    for file in sorted(found.iterdir(), key=lambda each: each.stat().st_size):
        data = file.read_bytes()
        if new := lines(target, data) - reached:
            reached |= new
            (kept / file.name[:8]).write_bytes(data)
            print(f"{file.name[:8]}: {len(data)} bytes reach {len(new)} lines more")


def lines(target: Any, data: bytes) -> set[tuple[str, int]]:
    """The lines of the library that an input reaches."""
    reached: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if "journeyscore" not in frame.f_code.co_filename:
            return None
        if event == "line":
            reached.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        target(data)
    finally:
        sys.settrace(None)
    return reached


if __name__ == "__main__":
    main()
