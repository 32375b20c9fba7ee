"""What ``import journeyscore`` costs a fresh interpreter, against the two libraries it stands on.

The baseline is ``import attrs, opentelemetry.trace``, which anyone who traces and uses attrs has
paid already; a bare ``pass`` tells what the interpreter itself takes. Each runs in a process of
its own, so nothing is in memory; the first round compiles bytecode and is not counted.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from functools import partial
from statistics import median
from time import perf_counter
from typing import NamedTuple

from .report import Goal, Report
from .timing import interleaved, paired_ratio, timing_rows

PROGRAMS = {
    "bare": "pass",
    "dependencies": "import attrs, opentelemetry.trace",
    "journeyscore": "import journeyscore",
}


class Cost(NamedTuple):
    """What a child process took, in seconds."""

    cpu: float
    wall: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """How often."""
    parser.add_argument("--repeat", type=int, default=15)


def run(options: argparse.Namespace) -> Report:
    """Time the three imports by processor and by wall clock."""
    costs = interleaved(
        {name: partial(_child, code) for name, code in PROGRAMS.items()}, options.repeat
    )
    cpu = {name: [cost.cpu for cost in each] for name, each in costs.items()}
    wall = {name: [cost.wall for cost in each] for name, each in costs.items()}
    baselines = {"bare": "dependencies", "journeyscore": "dependencies"}
    own = median(
        ours - theirs for ours, theirs in zip(cpu["journeyscore"], cpu["dependencies"], strict=True)
    )
    ratio = paired_ratio(cpu, "journeyscore", "dependencies")
    return Report(
        "imports",
        {"repeat": options.repeat, **PROGRAMS},
        {
            "Processor time, user and system": timing_rows(cpu, baselines, "ms", 1000),
            "Wall time": timing_rows(wall, baselines, "ms", 1000),
        },
        [
            Goal("import journeyscore / its dependencies, processor time", ratio, 1.5),
            Goal("the same, as one would wish", ratio, 1.3),
        ],
        [f"journeyscore's own part: {own * 1000:.1f} ms of processor time (median of pairs)"],
    )


def _child(code: str) -> Cost:
    """Run a program in a fresh interpreter; what it took."""
    start = perf_counter()
    child = subprocess.Popen([sys.executable, "-c", code])
    _, status, used = os.wait4(child.pid, 0)
    wall = perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait again
    if child.returncode:
        raise RuntimeError(f"{code!r} failed")
    return Cost(used.ru_utime + used.ru_stime, wall)
