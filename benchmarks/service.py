"""The service model over a log: recovery, experience, promises and teams against plain scoring.

One season with ids, a twentieth of its touchpoints a recovery of another; customers with a past.
Everything is computed on the same file, interleaved, so that each ratio is within one round.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from journeyscore import frames

from .report import Goal, Report
from .timing import interleaved, paired_ratio, seconds, timing_rows
from .workload import DATA, season

SCORE = "frames.score"
RECOVERY, EXPERIENCE = "score with recoveries", "score with experience"
LOOPS, PROMISES, TEAMS = "loops", "promises by team", "score by team over journeys"
WORK = (RECOVERY, EXPERIENCE, LOOPS, PROMISES, TEAMS)
MOST = 3.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the workload."""
    parser.add_argument("--touchpoints", type=int, default=10_000_000)
    parser.add_argument("--journeys", type=int, default=2_000_000)
    parser.add_argument("--repeat", type=int, default=3)


def run(options: argparse.Namespace) -> Report:
    """Time all of them over the same log."""
    path = _served(season(options.touchpoints, options.journeys, ids=True))
    plain = pl.scan_parquet(path)
    told = plain.with_columns(
        pl.when(pl.col("_recovers").is_not_null()).then("_recovers").alias("recovers")
    )
    unsaid = plain.with_columns(anticipated=pl.when(~pl.col("_new")).then("anticipated"))
    base = ("journey", "touchpoint", "anticipated", "delivered", "basis", "weight", "id", "source")
    scored = plain.select(base)
    past = frames.experience(plain.select(*base, "customer").head(options.touchpoints // 10))
    past = past.collect(engine="streaming").lazy()
    queries = {
        SCORE: frames.score(scored),
        RECOVERY: frames.score(told.select(*base, "recovers")),
        EXPERIENCE: frames.score(unsaid.select(*base, "customer"), experience=past),
        LOOPS: frames.loops(told.select(*base, "recovers", "at")),
        PROMISES: frames.promises(plain.select(*base, "team")),
        TEAMS: frames.score(plain.select(*base, "team"), by="team", average="journeys"),
    }
    work: dict[str, Callable[[], float]] = {
        name: partial(seconds, partial(_computed, query)) for name, query in queries.items()
    }
    costs = interleaved(work, options.repeat)
    return Report(
        "service",
        {name: getattr(options, name) for name in ("touchpoints", "journeys", "repeat")},
        {"Time": timing_rows(costs, dict.fromkeys(WORK, SCORE), "s")},
        [Goal(f"{name} / {SCORE}", paired_ratio(costs, name, SCORE), MOST) for name in WORK],
        ["the log has ids, and half a percent of its rows twice; all but teams by journey"],
    )


def _computed(query: pl.LazyFrame) -> pl.DataFrame:
    return query.collect(engine="streaming")


def _served(path: Path) -> Path:
    """The season with teams, customers, and recoveries, written once."""
    served = DATA / f"service-{path.name}"
    if not served.exists():
        number = pl.col("id").str.slice(1).cast(pl.Int64)
        pl.scan_parquet(path).with_columns(
            team=pl.concat_str(pl.lit("team-"), number % 20),
            customer=pl.concat_str(pl.lit("c-"), pl.col("journey").str.slice(5, 6)),
            _recovers=pl.when(number % 20 == 0).then(
                pl.concat_str(pl.lit("e"), (number + 1).cast(pl.String).str.zfill(10))
            ),
            _new=number % 10 == 0,
        ).sink_parquet(served)
    return served
