"""A season of journeys on Spark: `frames.score` against plain and hand-written queries there.

All run in one local session on the same Parquet, interleaved, and write to Spark's `noop` sink. The
baselines: the *floor*, a grouped sum of each column that scoring reads; and the same read-outs as
Spark SQL written by hand in floats, unchecked, which with ids drops duplicates first.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from journeyscore import frames

from .report import Goal, Report
from .timing import interleaved, paired_ratio, seconds, timing_rows
from .workload import DATA, season

FLOOR, QUERY, SCORE = "floor", "float SQL", "frames.score"
QUERY_IDS, SCORE_IDS = "float SQL, ids", "frames.score, ids"
PLAN = "frames.score, planned only"

QUERY_SQL = """
WITH valued AS (
  SELECT journey, anticipated AS a, delivered AS d, weight AS w, basis,
    (delivered - anticipated) * 5D / sqrt(1D + pow((delivered - anticipated) * 5D, 2)) AS s
  FROM {log}
), measured AS (
  SELECT *, d + if(basis = 'promised', 0.75D, 0.25D) * s
    * if(s >= 0, 0.5D * (1D - d), d) AS v
  FROM valued
), summed AS (
  SELECT journey, count(*) AS touchpoints, sum(w) AS w, sum(w * v) / sum(w) AS v,
    sum(w * a) / sum(w) AS a, sum(w * d) / sum(w) AS d,
    sum(w * (v - a) * (v - a)) / sum(w) AS e2,
    sum(if(basis IN ('asked', 'promised', 'experienced'), w, 0D)) / sum(w) AS known
  FROM measured GROUP BY journey
), rounded AS (
  SELECT journey, touchpoints, round(100D * v, 2) AS impression, round(100D * a, 2) AS par,
    round(100D * d, 2) AS delivered,
    if(touchpoints > 1,
       round(100D - 100D * sqrt(greatest(e2 - (v - a) * (v - a), 0D)), 2), NULL) AS consistency,
    round(known, 4) AS known_share
  FROM summed
)
SELECT *, CASE WHEN impression < 55 THEN 'dissatisfied'
  WHEN impression >= 80 AND impression >= par THEN 'delighted' ELSE 'satisfied' END AS verdict
FROM rounded
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the workload."""
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--journeys", type=int, help="a fifth of the rows")
    parser.add_argument("--repeat", type=int, default=5)


@contextmanager
def session() -> Iterator[Any]:
    """A local session on every processor, as Spark is set up but for its shuffles."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "4g",
        "spark.local.dir": str(DATA / "spark"),
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.warehouse.dir": str(DATA / "spark"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    found = SparkSession.builder.master("local[*]").config(map=settings).getOrCreate()
    try:
        yield found
    finally:
        found.stop()


def run(options: argparse.Namespace) -> Report:
    """Time all queries, and check that two of them say the same."""
    journeys = options.journeys or options.rows // 5
    with session() as spark:
        plain, ids = (
            spark.read.parquet(str(season(options.rows, journeys, ids=each)))
            for each in (False, True)
        )
        work: dict[str, Callable[[], Any]] = {
            FLOOR: lambda: floor(plain),
            QUERY: lambda: float_sql(plain),
            SCORE: lambda: frames.score(plain),
            QUERY_IDS: lambda: float_sql(ids.dropDuplicates(["journey", "source", "id"])),
            SCORE_IDS: lambda: frames.score(ids),
        }
        difference = largest_difference(work[QUERY](), work[SCORE]())
        measures = {name: partial(seconds, partial(executed, each)) for name, each in work.items()}
        measures[PLAN] = partial(seconds, work[SCORE])
        costs = interleaved(measures, options.repeat)
    baselines = {QUERY: FLOOR, SCORE: QUERY, SCORE_IDS: QUERY_IDS}
    return Report(
        f"spark-{options.rows}",
        {"rows": options.rows, "journeys": journeys, "repeat": options.repeat},
        {"Time to score a season on Spark": timing_rows(costs, baselines, "s")},
        [
            Goal("frames.score / float SQL", paired_ratio(costs, SCORE, QUERY), 1.2),
            Goal(
                "with ids: frames.score / float SQL", paired_ratio(costs, SCORE_IDS, QUERY_IDS), 1.2
            ),
            Goal("largest difference from the float SQL, points", difference, 0.02),
        ],
        ["planning takes the same time whatever the rows"],
    )


def floor(log: Any) -> Any:
    """One sum for each column that scoring reads."""
    columns = ("anticipated", "delivered", "weight")
    sums = [f"sum({name}) AS {name}" for name in columns]
    return log.groupBy("journey").agg(
        *map(_expression, [*sums, "sum(int(basis = 'promised')) AS promised"])
    )


def _expression(text: str) -> Any:
    from pyspark.sql.functions import expr

    return expr(text)


def float_sql(log: Any) -> Any:
    """The read-outs by hand."""
    return log.sparkSession.sql(QUERY_SQL, log=log)


def largest_difference(query: Any, score: Any) -> float:
    """How far the impressions of two results with the same journeys lie apart, in points."""
    (found,) = (
        query.join(score.selectExpr("journey", "impression AS scored"), "journey", "full")
        .selectExpr("max(coalesce(abs(impression - scored), 100D))")
        .first()
    )
    return float(found)


def executed(query: Callable[[], Any]) -> None:
    query().write.format("noop").mode("overwrite").save()
