"""A local session of Spark, and queries there to measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .workload import DATA


@contextmanager
def session() -> Iterator[Any]:
    """A session on every processor, as docs/how-to/spark.md sets it up, with fewer shuffles."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "4g",
        "spark.local.dir": str(DATA / "spark"),
        "spark.log.level": "ERROR",
        "spark.python.sql.dataFrameDebugging.enabled": "false",
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


def floor(log: Any) -> Any:
    """One sum for each column that scoring reads."""
    from pyspark.sql.functions import expr

    sums = [f"sum({name}) AS {name}" for name in ("anticipated", "delivered", "weight")]
    return log.groupBy("journey").agg(*map(expr, [*sums, "sum(int(basis = 'promised')) AS basis"]))


def executed(query: Callable[[], Any]) -> None:
    """Run a query; what comes out goes to Spark's ``noop`` sink."""
    query().write.format("noop").mode("overwrite").save()
