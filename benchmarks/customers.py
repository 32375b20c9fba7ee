"""What is asked of customers and teams over a log, against plain `frames.score` of the same log.

A made-up season of stays with customers, teams, what stays were worth and what guests said; all in
one process on Polars' streaming engine, interleaved.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from journeyscore import frames, relationship
from journeyscore.calibration import calibrate
from journeyscore.team import Need, Team, alignment, obstacles, teams

from .report import Goal, Report
from .timing import interleaved, paired_ratio, seconds, timing_rows
from .workload import DATA, season

SCORE, TEAMS = "frames.score", "teams"
LIMIT = 3.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the workload."""
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--journeys", type=int, default=2_000_000)
    parser.add_argument("--repeat", type=int, default=3)


def run(options: argparse.Namespace) -> Report:
    """Time all of them; each goal is a ratio to the plain score."""
    log = _log(options.rows, options.journeys)
    staff = {f"team-{n}": Team(people=9, needs=dict.fromkeys(Need, 0.9)) for n in range(20)}
    work: dict[str, Callable[[], object]] = {
        SCORE: lambda: frames.score(log),
        TEAMS: lambda: teams(log, staff),
        "obstacles": lambda: obstacles(log, staff),
        "alignment of touchpoints": lambda: alignment(log, "touchpoint"),
        "segments": lambda: relationship.segments(log, valuable_from=1000),
        "risk": lambda: relationship.risk(log),
        "calibration": lambda: calibrate(log),
    }
    measures = {name: partial(seconds, each) for name, each in work.items()}
    costs = interleaved(measures, options.repeat)
    others = [name for name in work if name != SCORE]
    return Report(
        "customers",
        {"rows": options.rows, "journeys": options.journeys, "repeat": options.repeat},
        {"Time over a season": timing_rows(costs, dict.fromkeys(others, SCORE), "s")},
        [Goal(f"{name} / {SCORE}", paired_ratio(costs, name, SCORE), LIMIT) for name in others],
    )


def _log(rows: int, journeys: int) -> Path:
    """The season of the other benchmarks with a customer, a team, a worth and an answer."""
    path = DATA / f"customers-{rows}-{journeys}.parquet"
    if not path.exists():
        stay = pl.col("journey").str.slice(5).cast(pl.Int64)
        place = pl.int_range(pl.len())
        log = pl.scan_parquet(season(rows, journeys, ids=False)).with_columns(
            customer=pl.format("c-{}", stay // 2),
            team=pl.format("team-{}", place % 20),
            worth=(100 + stay % 900).cast(pl.Float64),
            csat=pl.when(stay % 5 == 0).then((1 + stay // 5 % 5).cast(pl.Float64)),
            obstacle=pl.when(place % 3 == 0).then(pl.lit("skill")),
        )
        part = path.with_suffix(".part")
        log.collect(engine="streaming").write_parquet(part)
        part.rename(path)
    return path
