"""A season of journeys from Parquet: `frames.score` against plain queries on the same engine.

All run in one process on Polars' streaming engine, interleaved. The baselines: the *floor*, a
grouped sum of each column that scoring reads, below which no score of these columns can be; a bare
count of the groups; and the same read-outs written by hand in floats, unchecked.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from journeyscore import frames

from .float_query import float_query
from .report import Goal, Report, Row
from .timing import interleaved, paired_ratio, seconds, timing_rows
from .workload import season

COUNT, FLOOR, QUERY, SCORE = "count of groups", "floor", "float query", "frames.score"
FLOOR_IDS, SCORE_IDS = "floor, ids", "frames.score, ids"
READOUTS = ("impression", "par", "delivered", "consistency", "known_share")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the workload."""
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--journeys", type=int, default=2_000_000)
    parser.add_argument("--repeat", type=int, default=5)


def run(options: argparse.Namespace) -> Report:
    """Time all queries, and check that two of them say the same."""
    plain = season(options.rows, options.journeys, ids=False)
    with_ids = season(options.rows, options.journeys, ids=True)
    work: dict[str, Callable[[], pl.DataFrame]] = {
        COUNT: lambda: streamed(pl.scan_parquet(plain).group_by("journey").len()),
        FLOOR: lambda: streamed(floor(pl.scan_parquet(plain))),
        QUERY: lambda: streamed(float_query(pl.scan_parquet(plain))),
        SCORE: lambda: frames.score(plain),
        FLOOR_IDS: lambda: streamed(floor(pl.scan_parquet(with_ids), ids=True)),
        SCORE_IDS: lambda: frames.score(with_ids),
    }
    agreement = _agreement(work[QUERY](), work[SCORE]())
    same = _same(work[SCORE](), work[SCORE_IDS]())
    measures = {name: partial(seconds, each) for name, each in work.items()}
    costs = interleaved(measures, options.repeat, warm_up=False)  # each has run, but for floors
    baselines = {
        COUNT: FLOOR, QUERY: FLOOR, SCORE: FLOOR, FLOOR_IDS: FLOOR, SCORE_IDS: FLOOR_IDS,
    }  # fmt: skip
    return Report(
        "batch",
        {"rows": options.rows, "journeys": options.journeys, "repeat": options.repeat,
         "megabytes": _megabytes(plain), "megabytes with ids": _megabytes(with_ids)},
        {"Time to score a season": timing_rows(costs, baselines, "s"),
         "Largest difference of frames.score from the float query": agreement},
        [
            Goal("frames.score / floor", paired_ratio(costs, SCORE, FLOOR), 1.4),
            Goal("frames.score / float query", paired_ratio(costs, SCORE, QUERY), 1.0),
            Goal("with ids: frames.score / floor", paired_ratio(costs, SCORE_IDS, FLOOR_IDS), 2.5),
            Goal("largest difference from the float query, points", _largest(agreement), 0.02),
        ],
        [f"scores with ids, after duplicates are dropped, equal those without: {same}"],
    )  # fmt: skip


def floor(log: pl.LazyFrame, *, ids: bool = False) -> pl.LazyFrame:
    """One sum for each column that scoring reads; counts of id and source, where it reads them."""
    return log.group_by("journey").agg(
        pl.col("anticipated", "delivered", "weight").sum(),
        (pl.col("basis") == "promised").sum(),
        *([pl.col("id", "source").count()] if ids else []),
    )


def streamed(query: pl.LazyFrame) -> pl.DataFrame:
    return query.collect(engine="streaming")


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def _agreement(query: pl.DataFrame, score: pl.DataFrame) -> list[Row]:
    """How far two results with the same journeys lie apart, in points, by read-out."""
    both = query.join(score, on="journey", suffix="_score", validate="1:1")
    assert len(both) == len(query) == len(score)
    scale = {"known_share": 100.0}
    rows: list[Row] = [
        {
            "read-out": name,
            "points": both.select(
                (pl.col(name) - pl.col(f"{name}_score")).abs().max() * scale.get(name, 1.0)
            ).item(),
            "journeys that differ": both.select(
                pl.col(name).ne_missing(pl.col(f"{name}_score")).sum()
            ).item(),
        }
        for name in READOUTS
    ]
    verdicts = both.select((pl.col("verdict") != pl.col("verdict_score")).sum()).item()
    return [*rows, {"read-out": "verdict", "points": None, "journeys that differ": verdicts}]


def _largest(agreement: list[Row]) -> float:
    return max(float(row["points"]) for row in agreement if row["points"] is not None)


def _same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    return one.sort("journey").equals(other.sort("journey"))
