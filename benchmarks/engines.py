"""Engines: `frames.score` against the floor of each, and SQL by hand that gives the same values.

The *floor* is a grouped sum of each column that scoring reads. The SQL gives every read-out of
`frames.score` to the last bit, rejections included, which is checked before anything is timed. All
run in one process on the same Parquet, interleaved. On Spark the season with ids as well, where
the SQL drops duplicates first; and what planning `frames.score` takes there, before any row is
read.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from journeyscore import frames

from . import batch, on_spark
from .parity import differing
from .report import Goal, Report
from .timing import interleaved, paired_ratio, seconds, timing_rows
from .workload import season

ENGINES = ("polars", "duckdb", "spark")

BY_HAND = """
WITH said AS (
  SELECT journey, delivered AS d, anticipated AS a, weight, basis = 'promised' AS promised,
    basis IN ('asked', 'promised', 'experienced') AS known,
    coalesce(NOT (delivered BETWEEN 0 AND 1) OR NOT (anticipated BETWEEN 0 AND 1)
      OR NOT (weight BETWEEN 0 AND 1000)
      OR basis NOT IN ('asked', 'promised', 'experienced', 'market', 'assumed'), false) AS broken
  FROM {log}
), sound AS (
  SELECT *, (d - a) * 5e0 AS u,
    CASE WHEN NOT broken AND d IS NOT NULL AND weight > 0
      THEN CAST(floor(weight * 100e0 + 0.5e0) AS DOUBLE) END AS units
  FROM said
), saturated AS (
  SELECT *, u / sqrt(1e0 + u * u) AS s FROM sound
), whole AS (
  SELECT journey, known, broken, CASE WHEN units < 1 THEN 1e0 ELSE units END AS w,
    CAST(floor((d + CASE WHEN promised THEN 0.75e0 ELSE 0.25e0 END
      * CASE WHEN s >= 0 THEN s * 0.5e0 ELSE s END
      * CASE WHEN s >= 0 THEN 1e0 - d ELSE d END) * 10000e0 + 0.5e0) AS DOUBLE) AS v,
    CAST(floor(a * 10000e0 + 0.5e0) AS DOUBLE) AS a,
    CAST(floor(d * 10000e0 + 0.5e0) AS DOUBLE) AS d
  FROM saturated
), summed AS (
  SELECT journey, count(w) AS touchpoints, CASE WHEN sum(w) > 0 THEN sum(w) END AS w,
    sum(w * v) AS v, sum(w * a) AS a, sum(w * d) AS d,
    CAST(sum(CAST(w * (v - a) * (v - a) AS BIGINT)) AS BIGINT) AS squares,
    sum(CASE WHEN known THEN w ELSE 0e0 END) AS k,
    sum(CASE WHEN broken THEN 1e0 ELSE 0e0 END) AS rejected
  FROM whole GROUP BY journey
), means AS (
  SELECT *, CAST(floor(v / w + 0.5e0) AS DOUBLE) AS i, CAST(floor(a / w + 0.5e0) AS DOUBLE) AS p,
    CAST(floor(d / w + 0.5e0) AS DOUBLE) AS l,
    CAST(floor(k * 10000e0 / w + 0.5e0) AS DOUBLE) AS n, (v - a) / w AS m
  FROM summed
), spread AS (
  SELECT *, CASE WHEN touchpoints > 1 AND w > 0 THEN 10000e0
    - floor(sqrt(greatest(squares / w - m * m, 0e0)) + 0.5e0) END AS c
  FROM means
)
SELECT journey, touchpoints, i / 100e0 AS impression, p / 100e0 AS par, l / 100e0 AS delivered,
  c / 100e0 AS consistency, n / 10000e0 AS known_share,
  CASE WHEN i < 5500 THEN 'dissatisfied' WHEN i >= 8000 AND i >= p THEN 'delighted'
    WHEN i >= 5500 THEN 'satisfied' END AS verdict,
  CAST(rejected AS BIGINT) AS rejected
FROM spread
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the workload, and the engines."""
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--journeys", type=int, help="a fifth of the rows")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--only", choices=ENGINES, action="append", help="spark needs Java")


def run(options: argparse.Namespace) -> Report:
    """Check what each engine says by hand, then time."""
    engines = options.only or list(ENGINES)
    journeys = options.journeys or options.rows // 5
    path = season(options.rows, journeys, ids=False)
    with ExitStack() as stack:
        work: dict[str, Callable[[], object]] = {}
        differences: dict[str, int] = {}
        if "polars" in engines:
            work["polars, floor"] = lambda: batch.streamed(batch.floor(pl.scan_parquet(path)))
            work["polars, frames.score"] = lambda: frames.score(path)
        if "duckdb" in engines:
            query = BY_HAND.format(log=f"'{path}'")
            work["duckdb, floor"] = lambda: duckdb.sql(_floor(path)).pl()
            work["duckdb, SQL"] = lambda: duckdb.sql(query).pl()
            work["duckdb, frames.score"] = lambda: frames.score(_relation(path)).pl()
            differences["duckdb"] = differing(
                duckdb.sql(query).pl(), frames.score(_relation(path)).pl()
            )
        if "spark" in engines:
            session = stack.enter_context(on_spark.session())
            log = session.read.parquet(str(path))
            ids = session.read.parquet(str(season(options.rows, journeys, ids=True)))
            once = ids.dropDuplicates(["journey", "source", "id"])
            queries = {
                "floor": lambda: on_spark.floor(log),
                "SQL": lambda: session.sql(BY_HAND, log=log),
                "frames.score": lambda: frames.score(log),
                "SQL, ids": lambda: session.sql(BY_HAND, log=once),
                "frames.score, ids": lambda: frames.score(ids),
            }
            for name, each in queries.items():
                work[f"spark, {name}"] = partial(on_spark.executed, each)
            work["spark, frames.score, planned only"] = queries["frames.score"]
            for of in ("", ", ids"):
                by_hand, scored = queries[f"SQL{of}"](), queries[f"frames.score{of}"]()
                differences[f"spark{of}"] = by_hand.exceptAll(scored).count()
        costs = interleaved({name: partial(seconds, w) for name, w in work.items()}, options.repeat)
    return Report(
        "engines",
        {"rows": options.rows, "journeys": journeys, "repeat": options.repeat},
        {"Time to score a season": timing_rows(costs, dict(_baselines(work)), "s")},
        [
            *(
                Goal(f"{name} / {base}", paired_ratio(costs, name, base), limit)
                for name, base, limit in GOALS
                if name in costs
            ),
            *(
                Goal(f"{name}: values or rows that differ from SQL", found, 0)
                for name, found in differences.items()
            ),
        ],
        ["planning on Spark takes the same time whatever the rows"],
    )


GOALS = (
    ("polars, frames.score", "polars, floor", 1.4),
    ("duckdb, frames.score", "duckdb, floor", 1.4),
    ("duckdb, frames.score", "duckdb, SQL", 1.2),
    ("spark, frames.score", "spark, SQL", 1.2),
    ("spark, frames.score, ids", "spark, SQL, ids", 1.2),
)


def _baselines(work: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in work:
        engine, _, what = name.partition(", ")
        if what != "floor":
            yield name, f"{engine}, floor"


def _relation(path: Path) -> Any:
    return duckdb.read_parquet(str(path))


def _floor(path: Path) -> str:
    return (
        "SELECT journey, sum(anticipated), sum(delivered), sum(weight), "
        f"sum((basis = 'promised')::INT) FROM '{path}' GROUP BY journey"
    )
