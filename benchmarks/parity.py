"""One season on every engine: each whole number and each read-out compared, with no tolerance.

Polars is what the others are compared with, by a full join on the journey. Beside it the time
that scoring takes on each engine, and on Polars and DuckDB its ratio to the engine's own floor, a
grouped sum of each column that scoring reads.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow.parquet as pq

from journeyscore import frames

from . import batch, on_spark
from .report import Goal, Report, Row
from .timing import seconds
from .workload import DATA, season

Result = Callable[[Any], pl.DataFrame]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the workload."""
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--journeys", type=int, default=2_000_000)


def run(options: argparse.Namespace) -> Report:
    """Fold and score on each engine, and compare."""
    tables: dict[str, list[Row]] = {}
    differences = 0
    for ids in (False, True):
        path = season(options.rows, options.journeys, ids=ids)
        wanted = frames.fold(path), frames.score(path)
        rows: list[Row] = [
            _timed("polars", lambda path=path: frames.score(path),
                   lambda path=path, ids=ids: batch.streamed(
                       batch.floor(pl.scan_parquet(path), ids=ids))),
            _timed("duckdb", lambda path=path: _duckdb_score(path),
                   lambda path=path, ids=ids: _duckdb_floor(path, ids)),
        ]  # fmt: skip
        _compare(rows[1], wanted, frames.fold(duckdb.read_parquet(str(path))).pl(),
                 _duckdb_score(path))  # fmt: skip
        for name, opened in (("pandas", _pandas), ("pyarrow", pq.read_table)):
            log = opened(path)
            rows.append(_timed(name, lambda log=log: frames.score(log)))
            _compare(rows[-1], wanted, *map(_polars, (frames.fold(log), frames.score(log))))
            del log
        rows.append(_on_spark(path, wanted))
        differences += sum(row.get("differing values", 0) for row in rows)
        tables["With ids and duplicates" if ids else "Without ids"] = rows
    return Report(
        "parity",
        {"rows": options.rows, "journeys": options.journeys},
        tables,
        [Goal("values that differ between engines", differences, 0)],
        ["compared are eight whole numbers and eight read-outs of each journey",
         "pandas and PyArrow are scored from memory, the others from Parquet; each once, warm"],
    )  # fmt: skip


def _timed(
    engine: str, score: Callable[[], Any], floor: Callable[[], Any] | None = None
) -> dict[str, Any]:
    """Time of scoring, and of the floor beside it; the second round counts."""
    for _ in range(2):
        took = seconds(score)
        least = seconds(floor) if floor else None
    return {"engine": engine, "score, s": took, "floor, s": least,
            "ratio": took / least if least else None, "differing values": 0}  # fmt: skip


def _compare(
    row: dict[str, Any],
    wanted: tuple[pl.DataFrame, pl.DataFrame],
    folded: pl.DataFrame,
    scored: pl.DataFrame,
) -> None:
    for one, other in zip(wanted, (folded, scored), strict=True):
        assert one.schema == other.schema, row["engine"]
        row["differing values"] += differing(one, other)


def differing(one: pl.DataFrame, other: pl.DataFrame) -> int:
    """How many values differ between two results, journeys that only one of them has included."""
    both = one.join(other, on="journey", how="full", suffix="_other", nulls_equal=True)
    alone = pl.col("journey").is_null() != pl.col("journey_other").is_null()
    unequal = [pl.col(name).ne_missing(pl.col(f"{name}_other")).sum() for name in one.columns[1:]]
    return sum(both.select(alone.sum(), *unequal).row(0))


def _polars(result: Any) -> pl.DataFrame:
    return result if isinstance(result, pl.DataFrame) else pl.DataFrame(result)


def _pandas(path: Path) -> Any:
    return pl.read_parquet(path).to_pandas()


def _duckdb_score(path: Path) -> pl.DataFrame:
    found: pl.DataFrame = frames.score(duckdb.read_parquet(str(path))).pl()
    return found


def _duckdb_floor(path: Path, ids: bool) -> pl.DataFrame:
    counts = ", count(id), count(source)" if ids else ""
    found: pl.DataFrame = duckdb.sql(
        "SELECT journey, sum(anticipated), sum(delivered), sum(weight), "
        f"sum((basis = 'promised')::INT){counts} FROM '{path}' GROUP BY journey"
    ).pl()
    return found


def _on_spark(path: Path, wanted: tuple[pl.DataFrame, pl.DataFrame]) -> dict[str, Any]:
    """Scored and folded to Parquet, because two million rows are a lot to hand to Python."""
    out = DATA / "spark" / "parity"
    with on_spark.session() as session:
        log = session.read.parquet(str(path))
        row = _timed("spark", lambda: on_spark.executed(lambda: frames.score(log)))
        results = []
        for result in (frames.fold(log), frames.score(log)):
            result.write.mode("overwrite").parquet(str(out))
            results.append(pl.read_parquet(out / "*.parquet"))
    _compare(row, wanted, *results)
    shutil.rmtree(out)
    return row
