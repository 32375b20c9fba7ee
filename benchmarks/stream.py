"""One touchpoint at a time in plain Python: `journeyscore.fold` against running statistics.

The baseline is river, the streaming library, asked for the same read-outs: three running means
(value, par, delivered) and a running variance (of the effect), each updated with one number a
touchpoint. River is handed the value that journeyscore has to compute. Its `Mean` and `Var` are
Python; its exponentially weighted ones are compiled, and stand beside them as the cost of four
calls into a compiled library. Building a touchpoint, with every check, is timed on its own: with
an expectation made before, and with one made on the way.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter_ns

import numpy as np
from river import stats

from journeyscore import Basis, Expectation, Policy, Touchpoint, fold
from journeyscore.touchpoints.hotel import HOTEL
from journeyscore.valuation import Valuer

from .report import Goal, Report
from .timing import interleaved, timing_rows

FOLD, BUILD = "fold, built before", "build and check"
BUILD_ALL = "build and check, expectation too"
RIVER, COMPILED = "river Mean x3 + Var", "river EWMean x3 + EWVar (compiled)"

Numbers = list[tuple[float, float, float, float]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the workload."""
    parser.add_argument("--touchpoints", type=int, default=20_000, help="in a batch")
    parser.add_argument("--repeat", type=int, default=15)


def run(options: argparse.Namespace) -> Report:
    """Time all of them over the same touchpoints."""
    arguments = _arguments(options.touchpoints)
    bare = [(name, e.value, e.basis, delivered, w) for name, e, delivered, w in arguments]
    built = [
        Touchpoint(name, anticipated=anticipated, delivered=delivered, weight=weight)
        for name, anticipated, delivered, weight in arguments
    ]
    numbers = _numbers(built)
    work: dict[str, Callable[[], object]] = {
        FOLD: lambda: fold(built),
        RIVER: lambda: _river(numbers),
        COMPILED: lambda: _compiled(numbers),
        BUILD: lambda: _build_touchpoints(arguments),
        BUILD_ALL: lambda: _build_both(bare),
    }
    measures = {name: partial(_nanoseconds, each, built) for name, each in work.items()}
    costs = interleaved(measures, options.repeat)
    baselines = {name: RIVER for name in (FOLD, COMPILED, BUILD, BUILD_ALL)}
    rows = timing_rows(costs, baselines, "ns/touchpoint")
    return Report(
        "stream",
        {"touchpoints": options.touchpoints, "repeat": options.repeat},
        {"Time of one touchpoint": rows},
        [
            Goal("fold, us a touchpoint (median)", median(costs[FOLD]) / 1000, 1.0),
            Goal("build and check, us a touchpoint (median)", median(costs[BUILD]) / 1000, 5.0),
            Goal("the same, expectation too", median(costs[BUILD_ALL]) / 1000, 5.0),
        ],
        [f"river's impression differs by {_difference(built, numbers):.4f} points from the fold's"],
    )


def _arguments(n: int) -> list[tuple[str, Expectation, float, float]]:
    """Name, expectation, level delivered and weight of each touchpoint."""
    random = np.random.default_rng(1)
    names = random.choice([entry.name for entry in HOTEL], n).tolist()
    levels = random.beta(6, 2.5, n).round(4).tolist()
    bases = random.choice(["asked", "promised", "experienced", "market", "assumed"], n).tolist()
    expectations = [Expectation(*each) for each in zip(levels, bases, strict=True)]
    delivered = random.beta(4, 1.6, n).round(4).tolist()
    weights = random.choice([0.5, 1.0, 2.0], n, p=[0.2, 0.6, 0.2]).tolist()
    return list(zip(names, expectations, delivered, weights, strict=True))


def _build_touchpoints(arguments: list[tuple[str, Expectation, float, float]]) -> None:
    """Built, checked and let go: what a stream does with each touchpoint before the next."""
    for name, anticipated, delivered, weight in arguments:
        Touchpoint(name, anticipated=anticipated, delivered=delivered, weight=weight)


def _build_both(arguments: list[tuple[str, float, Basis, float, float]]) -> None:
    """The same, each with an expectation of its own."""
    for name, level, basis, delivered, weight in arguments:
        expectation = Expectation(level, basis)
        Touchpoint(name, anticipated=expectation, delivered=delivered, weight=weight)


def _numbers(touchpoints: list[Touchpoint]) -> Numbers:
    """Value, par, delivered and weight of each touchpoint, so that river need not compute them."""
    worths = [Valuer().worth(touchpoint) for touchpoint in touchpoints]
    return [(w.value / 100, w.par / 100, w.delivered / 100, w.weight / 100) for w in worths if w]


def _river(numbers: Numbers) -> float:
    """The read-outs as weighted running statistics; the impression is the first mean."""
    value, par, delivered, effect = stats.Mean(), stats.Mean(), stats.Mean(), stats.Var(ddof=0)
    for v, a, d, w in numbers:
        value.update(v, w)
        par.update(a, w)
        delivered.update(d, w)
        effect.update(v - a, w)
    return value.get()


def _compiled(numbers: Numbers) -> float:
    """As many updates of compiled statistics; they forget, and take no weight."""
    value, par, delivered, effect = stats.EWMean(), stats.EWMean(), stats.EWMean(), stats.EWVar()
    for v, a, d, _ in numbers:
        value.update(v)
        par.update(a)
        delivered.update(d)
        effect.update(v - a)
    return value.get()


def _nanoseconds(work: Callable[[], object], touchpoints: list[Touchpoint]) -> float:
    gc.collect()
    start = perf_counter_ns()
    work()
    return (perf_counter_ns() - start) / len(touchpoints)


def _difference(touchpoints: list[Touchpoint], numbers: Numbers) -> float:
    impression = fold(touchpoints).readouts(Policy()).impression
    assert impression is not None
    return abs(_river(numbers) - impression)
