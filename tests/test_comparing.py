"""One period against another: the difference of the means and its interval."""

from __future__ import annotations

import math
import random
from statistics import variance
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parity.test_engines import ENGINES
from scipy.stats import t

from journeyscore import frames
from journeyscore.errors import LogError, WrongType


def log_of(levels: list[float], team: str = "north") -> pl.DataFrame:
    """A journey of one met expectation each: its impression is what was delivered."""
    return pl.DataFrame(
        {
            "journey": [f"{team}-{place}" for place in range(len(levels))],
            "touchpoint": ["hotel.valet"] * len(levels),
            "anticipated": levels,
            "delivered": levels,
            "team": [team] * len(levels),
        },
        schema_overrides={"anticipated": pl.Float64, "delivered": pl.Float64},
    )


samples = st.lists(st.integers(0, 10000).map(lambda n: n / 10000), min_size=2, max_size=30)


@given(samples, samples)
def test_the_interval_is_welchs(before: list[float], after: list[float]) -> None:
    row = frames.compare(log_of(before), log_of(after)).row(0, named=True)
    assert (row["journeys_before"], row["journeys_after"]) == (len(before), len(after))
    first, second = ([100 * level for level in side] for side in (before, after))
    gap = sum(second) / len(second) - sum(first) / len(first)
    assert row["difference"] == pytest.approx(gap, abs=0.011)
    e0, e1 = (variance(side) / len(side) for side in (first, second))
    if e0 + e1 < 1e-6:
        return
    degrees = (e0 + e1) ** 2 / (e0**2 / (len(first) - 1) + e1**2 / (len(second) - 1))
    for whole in {math.floor(degrees - 1e-6), math.floor(degrees + 1e-6)} - {0}:
        half = t.ppf(0.975, whole) * math.sqrt(e0 + e1)
        if row["high"] == pytest.approx(gap + half, abs=0.02 + 0.003 * half):
            assert row["low"] == pytest.approx(gap - half, abs=0.02 + 0.003 * half)
            return
    raise AssertionError((row, degrees))


def test_turned_round_the_difference_changes_its_sign() -> None:
    draw = random.Random(5).random
    one, other = log_of([draw() for _ in range(40)]), log_of([draw() / 2 for _ in range(30)])
    there = frames.compare(one, other).row(0, named=True)
    back = frames.compare(other, one).row(0, named=True)
    assert there["difference"] == -back["difference"]
    assert there["low"] == pytest.approx(-back["high"], abs=0.011)
    assert there["high"] < 0 < back["low"]


def test_groups_missing_on_one_side_and_lone_journeys() -> None:
    before = pl.concat([log_of([0.5, 0.6], "north"), log_of([0.4], "south")])
    after = pl.concat([log_of([0.7, 0.9], "north"), log_of([0.4, 0.5], "east")])
    rows = frames.compare(before, after, by="team").sort("team").rows()
    assert rows[0] == ("east", 0, None, 0, 2, 45.0, 0, None, None, None)
    assert rows[1][:8] == ("north", 2, 55.0, 0, 2, 80.0, 0, 25.0)
    assert rows[2] == ("south", 1, 40.0, 0, 0, None, 0, None, None, None)
    lone = frames.compare(log_of([0.5]), log_of([0.6])).row(0)
    assert lone == (1, 50.0, 0, 1, 60.0, 0, 10.0, None, None)
    same = frames.compare(log_of([0.5, 0.5]), log_of([0.6, 0.6])).row(0)
    assert same == (2, 50.0, 0, 2, 60.0, 0, 10.0, 10.0, 10.0)


def test_rows_that_are_rejected_are_counted_on_their_side() -> None:
    bad = pl.concat([log_of([0.5, 0.5]), log_of([7.0], "south")])
    row = frames.compare(log_of([0.5, 0.6]), bad).row(0, named=True)
    assert (row["journeys_after"], row["rejected_before"], row["rejected_after"]) == (2, 0, 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_compares_alike(engine: str) -> None:
    kind, there, back = ENGINES[engine]
    draw = random.Random(6).random
    logs: list[Any] = [
        pl.concat([log_of([draw() for _ in range(20)], team) for team in ("north", "south")])
        for _ in range(2)
    ]
    found = frames.compare(*map(there, logs), by="team")
    assert isinstance(found, kind)
    reference = frames.compare(*logs, by="team")
    assert set(back(found).rows()) == set(reference.rows())
    overall = back(frames.compare(*map(there, logs)))
    assert overall.rows() == frames.compare(*logs).rows()


def test_groups_cannot_be_called_like_a_result() -> None:
    for by in ("impression", "impression_after", "difference"):
        with pytest.raises(LogError, match="^by: a column of the result"):
            frames.compare(log_of([0.5]), log_of([0.5]), by=by)


def test_logs_of_two_engines_are_refused() -> None:
    with pytest.raises(WrongType, match="^after: a log on duckdb, the other on polars"):
        frames.compare(log_of([0.5]), duckdb.from_arrow(log_of([0.5]).to_arrow()))
