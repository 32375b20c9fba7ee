"""What importing journeyscore costs a fresh interpreter, against the two libraries it stands on.

The baseline is ``import attrs, opentelemetry.trace``, which anyone who traces and uses attrs has
paid already; a bare ``pass`` tells what the interpreter itself takes. Each runs in a process of
its own, so nothing is in memory. All take their bytecode from one cache, which the first round
fills and which is not counted: installed packages have theirs, and a checkout run under
``PYTHONDONTWRITEBYTECODE`` would be compiled anew each time, against a baseline that is not.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
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
    "in use": "from journeyscore import Journey, Touchpoint, Policy, score, promised",
}
"""The last is what a program writes: what is imported on first use is not free of charge."""

OURS = ("journeyscore", "in use")


class Cost(NamedTuple):
    """What a child process took, in seconds."""

    cpu: float
    wall: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """How often."""
    parser.add_argument("--repeat", type=int, default=15)


def run(options: argparse.Namespace) -> Report:
    """Time the imports by processor and by wall clock."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        costs = interleaved(
            {name: partial(_child, code, environment) for name, code in PROGRAMS.items()},
            options.repeat,
        )
    cpu = {name: [cost.cpu for cost in each] for name, each in costs.items()}
    wall = {name: [cost.wall for cost in each] for name, each in costs.items()}
    baselines = dict.fromkeys(("bare", *OURS), "dependencies")
    ratios = {name: paired_ratio(cpu, name, "dependencies") for name in OURS}
    goals, notes = [], []
    for name, ratio in ratios.items():
        goals += [
            Goal(f"{PROGRAMS[name]} / its dependencies, processor time", ratio, 1.5),
            Goal("the same, as one would wish", ratio, 1.3),
        ]
        pairs = zip(cpu[name], cpu["dependencies"], strict=True)
        own = median(ours - theirs for ours, theirs in pairs)
        notes.append(f"{name}: {own * 1000:.1f} ms of processor time of its own (median of pairs)")
    return Report(
        "imports",
        {"repeat": options.repeat, **PROGRAMS},
        {
            "Processor time, user and system": timing_rows(cpu, baselines, "ms", 1000),
            "Wall time": timing_rows(wall, baselines, "ms", 1000),
        },
        goals,
        notes,
    )


def _child(code: str, environment: Mapping[str, str]) -> Cost:
    """Run a program in a fresh interpreter; what it took."""
    start = perf_counter()
    child = subprocess.Popen([sys.executable, "-c", code], env=environment)
    _, status, used = os.wait4(child.pid, 0)
    wall = perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait again
    if child.returncode:
        raise RuntimeError(f"{code!r} failed")
    return Cost(used.ru_utime + used.ru_stime, wall)
