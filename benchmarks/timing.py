"""Fair timing on a machine that others use too: interleaved repetitions, ratios within a round."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter
from typing import Any, TypeVar

T = TypeVar("T")


def interleaved(
    measures: Mapping[str, Callable[[], T]], repeat: int, *, warm_up: bool = True
) -> dict[str, list[T]]:
    """Each measure once, then each again (A B C A B C ...), so that all meet the same weather.

    A first round, which fills caches, is not counted.
    """
    if warm_up:
        for measure in measures.values():
            measure()
    found: dict[str, list[T]] = {name: [] for name in measures}
    for _ in range(repeat):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def seconds(work: Callable[[], object]) -> float:
    """How long the work takes by the wall clock; its result dies outside of the time."""
    gc.collect()
    start = perf_counter()
    result = work()
    took = perf_counter() - start
    del result
    return took


def paired_ratio(costs: Mapping[str, Sequence[float]], name: str, baseline: str) -> float:
    """The median over rounds of the ratio within a round."""
    pairs = zip(costs[name], costs[baseline], strict=True)
    return median(cost / base for cost, base in pairs)


def timing_rows(
    costs: Mapping[str, Sequence[float]], baselines: Mapping[str, str], unit: str, scale: float = 1
) -> list[dict[str, Any]]:
    """A row an item: minimum and median cost, and the paired ratio to its baseline."""
    return [
        {
            "item": name,
            f"min, {unit}": min(each) * scale,
            f"median, {unit}": median(each) * scale,
            "against": baselines.get(name),
            "ratio": paired_ratio(costs, name, baselines[name]) if name in baselines else None,
        }
        for name, each in costs.items()
    ]
