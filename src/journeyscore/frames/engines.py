"""The few things Narwhals has no one word for, engine by engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw
import polars as pl

from ..errors import WrongType, described

KINDS = "give a path, a glob, or a dataframe of Polars, DuckDB, pandas, PyArrow or PySpark"

Restore = Callable[[nw.LazyFrame[Any]], Any]
"""Makes a result the kind of dataframe that came in."""


def opened(log: Any) -> tuple[nw.LazyFrame[Any], Restore]:
    """A dataframe as a lazy frame of its engine, and the way back to its kind.

    Eager frames, of pandas and PyArrow as well, run on Polars' streaming engine: handing them over
    copies little, and their own engines keep whole numbers beside nulls as floats. What is lazy
    stays lazy, on its own engine.

    Raises:
        WrongType: it is no dataframe of an engine that is supported.
    """
    if isinstance(log, pl.DataFrame):
        return nw.from_native(log.lazy()), collected
    frame: Any = nw.from_native(log, pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        return frame, nw.to_native
    if isinstance(frame, nw.DataFrame) and frame.implementation.is_pyarrow():
        return _on_polars(pl.from_arrow(log)), lambda result: collected(result).to_arrow()
    if isinstance(frame, nw.DataFrame) and frame.implementation.is_pandas():
        return _on_polars(pl.from_pandas(log)), lambda result: collected(result).to_pandas()
    raise WrongType(f"{described(log)} is not a journey log", path="log", value=log, hint=KINDS)


def _on_polars(frame: Any) -> nw.LazyFrame[Any]:
    lazy: nw.LazyFrame[Any] = nw.from_native(frame.lazy())
    return lazy


def collected(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """A result on Polars, computed."""
    return frame.to_native().collect(engine="streaming")  # type: ignore[no-any-return]


def computed(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """A result of any engine, computed and brought here."""
    if frame.implementation.is_polars():
        return collected(frame)
    result: pl.DataFrame = frame.collect("polars").to_native()
    return result


def numbered(frame: nw.LazyFrame[Any], name: str, offset: int) -> nw.LazyFrame[Any]:
    """The frame with the number of each row, in the order in which the engine reads them.

    On Spark numbers rise in that order, and leave gaps between partitions: closing them takes a
    second reading, which need not meet the same partitions.
    """
    native = frame.to_native()
    if frame.implementation.is_polars():
        native = native.with_row_index(name, offset=offset)
    elif frame.implementation.is_duckdb():
        native = native.project(f"*, row_number() OVER () + {offset - 1} AS {name}")
    else:
        from pyspark.sql import functions

        order = functions.monotonically_increasing_id()
        native = native.withColumn(name, order + offset)
    result: nw.LazyFrame[Any] = nw.from_native(native)
    return result


def proven_empty(frame: nw.LazyFrame[Any]) -> bool:
    """Whether DuckDB knows without reading that a frame has no rows; False: it may have some.

    Its planner knows from statistics, of Parquet and of its own tables, where a column has no
    nulls, and plans nothing but an empty result for what asks for them.
    """
    words = re.findall(r"[A-Za-z]+", frame.to_native().explain())
    return [word.lower() for word in words[:2]] == ["empty", "result"]


def shared(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The frame, for several parts of one query to read: on Polars computed once for all of them.

    It would find that out by itself only where all of them want the same rows and columns.
    """
    if not frame.implementation.is_polars():
        return frame
    result: nw.LazyFrame[Any] = nw.from_native(frame.to_native().cache())
    return result


def kept(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The frame, for several queries that run now to read: on Spark computed once for all of them.

    There its rows stay with the executors, in memory and past that on disk, until nobody refers to
    them; none come to the driver. What follows is planned from the rows on. A cache (``persist``)
    would spare the work and not the planning, in which every query has all steps before it again.
    If an executor is lost its rows are lost, and the query fails rather than compute them again.
    """
    if not frame.implementation.is_pyspark():
        return shared(frame)
    result: nw.LazyFrame[Any] = nw.from_native(frame.to_native().localCheckpoint(eager=False))
    return result


def with_flags(
    frame: nw.LazyFrame[Any], name: str, flags: Mapping[str, Sequence[str]]
) -> nw.LazyFrame[Any]:
    """The frame with flags of whether a text column is one of a few; of null false, or null.

    DuckDB compares text for every row, but runs a function of one column only once for every entry
    of a dictionary, as Parquet has them: telling five bases apart takes 2 ns a row instead of 18.
    """
    if not frame.implementation.is_duckdb():
        column = nw.col(name)
        return frame.with_columns(
            **{
                flag: reduce(or_, (column == str(each) for each in few))
                for flag, few in flags.items()
            }
        )
    found = (
        f'list_position([{", ".join(_sql(str(each)) for each in few)}], "{name}") IS NOT NULL'
        for few in flags.values()
    )
    columns = ", ".join(f"{test} AS {flag}" for flag, test in zip(flags, found, strict=True))
    result: nw.LazyFrame[Any] = nw.from_native(frame.to_native().project(f"*, {columns}"))
    return result


def countable(flag: nw.Expr, frame: nw.LazyFrame[Any]) -> nw.Expr:
    """A flag that ``sum`` counts: as it is on Polars, else as a float (see `formula`)."""
    return flag if frame.implementation.is_polars() else flag.cast(nw.Float64())


def floor_refuses(frame: nw.LazyFrame[Any]) -> bool:
    """Whether the engine's ``floor`` fails on a number that fits no 64 bits, such as NaN."""
    return bool(frame.implementation.is_pyspark())


def divided(frame: nw.LazyFrame[Any], name: str, base: int, rest: str) -> nw.LazyFrame[Any]:
    """The frame with a column of whole numbers divided by a constant; ``rest`` is the remainder."""
    column = nw.col(name)
    if frame.implementation.is_polars():
        return frame.with_columns((column % base).alias(rest), (column // base).alias(name))
    # Spark divides whole numbers as floats, so that the quotient may be one off
    frame = frame.with_columns(_quotient=(column / base).floor().cast(nw.Int64()))
    frame = frame.with_columns(_rest=column - nw.col("_quotient") * base)
    one, none = nw.lit(1, nw.Int64()), nw.lit(0, nw.Int64())
    over = nw.when(nw.col("_rest") >= base).then(one).otherwise(none)
    off = nw.when(nw.col("_rest") < 0).then(-one).otherwise(over)
    return frame.with_columns(_off=off).with_columns(
        (nw.col("_rest") - nw.col("_off") * base).alias(rest),
        (nw.col("_quotient") + nw.col("_off")).alias(name),
    )


def with_milliseconds(frame: nw.LazyFrame[Any], names: Mapping[str, str]) -> nw.LazyFrame[Any]:
    """The frame with moments as milliseconds since year 1, whole numbers, rounded down.

    Args:
        frame: a frame with aware times.
        names: the new column of each column of moments; null of one that is not there, or of no
            type because it holds nothing.
    """
    schema = frame.collect_schema()
    none = [name for name, at in names.items() if schema.get(at, nw.Unknown()) == nw.Unknown()]
    frame = frame.with_columns(nw.lit(None, nw.Int64()).alias(name) for name in none)
    names = {name: at for name, at in names.items() if name not in none}
    native, year_1 = frame.to_native(), 62_135_596_800_000
    if frame.implementation.is_polars():
        native = native.with_columns(
            (pl.col(at).dt.timestamp("us").floordiv(1000) + year_1).alias(name)
            for name, at in names.items()
        )
    elif frame.implementation.is_duckdb():
        more = ", ".join(
            f'(epoch_us("{at}") + {year_1}000) // 1000 AS {name}' for name, at in names.items()
        )
        native = native.project(f"*, {more}") if names else native
    else:
        from pyspark.sql import functions

        native = native.withColumns(
            {name: functions.unix_millis(at) + year_1 for name, at in names.items()}
        )
    result: nw.LazyFrame[Any] = nw.from_native(native)
    return result


def table_beside(frame: nw.LazyFrame[Any], columns: Mapping[str, Sequence[Any]]) -> Any:
    """A small table in the same engine, and the same session of it, as a frame, to join it with.

    Args:
        frame: the frame it will be joined with.
        columns: text, integers or floats, at least one row, no nulls.
    """
    engine = frame.implementation
    if engine.is_polars():
        return nw.from_dict(dict(columns), backend="polars").lazy()
    if engine.is_duckdb():
        rows = ", ".join(
            f"({', '.join(_sql(value) for value in row)})"
            for row in zip(*columns.values(), strict=True)
        )
        query = f"SELECT * FROM (VALUES {rows}) AS t({', '.join(columns)})"
        return nw.from_native(frame.to_native().query("_", query))
    if engine.is_pyspark():
        from pyspark.sql import functions

        # literals in the plan, that Spark need not measure to know that they fit every executor:
        # a table of rows from Python it would join by sorting the whole log
        rows = ", ".join(
            f"({', '.join(_spark_sql(value) for value in row)})"
            for row in zip(*columns.values(), strict=True)
        )
        query = f"SELECT * FROM VALUES {rows} AS t({', '.join(columns)})"
        table = frame.to_native().sparkSession.sql(query)
        return nw.from_native(functions.broadcast(table))
    raise WrongType(f"no journey logs on {engine}", path="log", hint=KINDS)


def _sql(value: str | int | float) -> str:
    """A literal: a float is told from a DECIMAL by its exponent."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"{value!r}::DOUBLE" if isinstance(value, float) else f"{value}::BIGINT"


def _spark_sql(value: str | int | float) -> str:
    """A literal of Spark: text as its bytes, in which no quote or backslash means anything.

    Parameters of the query would each take several calls from Python to Java.
    """
    if isinstance(value, str):
        return f"CAST(X'{value.encode().hex()}' AS STRING)"
    return f"{value!r}{'D' if isinstance(value, float) else 'L'}"
