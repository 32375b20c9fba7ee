"""What is built on the dataframe door gives the same on every engine, of the kind that came in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import polars as pl
import pytest
from examples.hotel import season
from parity.test_engines import ENGINES

from journeyscore import relationship, team
from journeyscore.calibration import calibrate
from journeyscore.drivers import fit

STAFF = {
    f"{site}-{name}": team.Team(
        people=people, needs=dict.fromkeys(team.Need, level), traits={"anticipates_problems": level}
    )
    for site, people, level in (("lakeside", 4, 0.9), ("old-town", 9, 0.3), ("airport", 12, 0.8))
    for name in ("bell", "valet", "housekeeping")
}
SINCE = datetime(2025, 8, 1, tzinfo=UTC)

DOORS: dict[str, Callable[[Any], Any]] = {
    "calibrate": calibrate,
    "segments": lambda log: relationship.segments(log, valuable_from=600),
    "segments by site": lambda log: relationship.segments(log, "site", valuable_from=300),
    "risk": relationship.risk,
    "knowledge": lambda log: relationship.knowledge(log, since=SINCE),
    "needs": relationship.needs,
    "teams": lambda log: team.teams(log, STAFF),
    "obstacles": lambda log: team.obstacles(log, STAFF),
    "alignment": lambda log: team.alignment(log, "touchpoint", "site"),
    "alignment of factors": lambda log: team.alignment(log, "factor", "site"),
}


@cache
def log(stays: int = 80) -> pl.DataFrame:
    """A season as a frame, with a reading of a factor in some of its rows."""
    rows = [json.loads(season.line(row)) for row in season.season(stays=stays)]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    times = (pl.col(name).str.to_datetime(time_zone="UTC") for name in season.TIMES)
    number = pl.col("id").str.slice(0, 4).cast(pl.Int64)
    factor = pl.when(number % 3 == 0).then(pl.lit("attitude")).otherwise(pl.lit("politeness"))
    return frame.with_columns(*times, factor=factor)


def sorted_(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(sorted(frame.columns)).sort(sorted(frame.columns), nulls_last=True)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("door", DOORS)
def test_every_engine_says_the_same(engine: str, door: str) -> None:
    kind, there, back = ENGINES[engine]
    result = DOORS[door](there(log()))
    assert isinstance(result, kind)
    assert sorted_(back(result)).equals(sorted_(DOORS[door](log())))


@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_weights_are_fitted_to_the_same_numbers(engine: str) -> None:
    _, there, _ = ENGINES[engine]
    assert fit(there(log())) == fit(log())
