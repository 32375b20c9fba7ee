"""When things happened: whatever the log holds in ``at``, as timezone-aware moments."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals as nw
import polars as pl

from ..errors import LogError, UnknownName
from .columns import TIMES

_OFFSET = r"(?i)(Z|[+-]\d{2}:?\d{2})$"
"""How an ISO 8601 time ends that says its offset."""

_NO_SECONDS = r"(?i)^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2})(Z|[+-]\d{2}:?\d{2})?$"
"""A time to the minute, which ISO 8601 allows."""

_PLAIN = (
    r"^[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]"
    r"|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])$"
)
"""The times that machines write, which need not be read to know that they can be."""


def checked_timezone(timezone: str | ZoneInfo | None) -> str | None:
    """The name of a timezone, or None.

    Raises:
        UnknownName: there is no such timezone.
    """
    if isinstance(timezone, ZoneInfo):
        timezone = timezone.key
    if timezone is not None:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
            raise UnknownName(
                "no such timezone", path="timezone", value=timezone, hint="such as Europe/Zurich"
            ) from error
    return timezone


def with_moments(log: nw.LazyFrame[Any], timezone: str | None, *, day: bool) -> nw.LazyFrame[Any]:
    """The log with its times as moments, and what is unreadable where one does not say which.

    Beside ``at`` stands ``_unreadable_at``, and so for every column of times. A naive time means
    one of ``timezone``; without that, and where the clocks were turned and it means two moments or
    none, it is unreadable. Times that are aware stay as they are.

    Args:
        log: a log, with or without any times.
        timezone: what naive times mean.
        day: whether ``day``, the calendar day in the timezone or else in UTC, is wanted as well.

    Raises:
        LogError: a column holds neither times nor text.
    """
    schema = log.collect_schema()
    for name in TIMES:
        if name in schema:
            log = _as_moments(log, name, schema[name], timezone)
    if day and "at" in schema and "day" not in schema:
        if isinstance(schema["at"], nw.Unknown):
            return log.with_columns(day=nw.lit(None, nw.Date()))
        log = _with_day(log, timezone or "UTC")
    return log


def _as_moments(
    log: nw.LazyFrame[Any], name: str, dtype: Any, timezone: str | None
) -> nw.LazyFrame[Any]:
    if isinstance(dtype, nw.Unknown):
        return log
    if not isinstance(dtype, (nw.Datetime, nw.String)):
        raise LogError(f"a column of {dtype}, where times are wanted", path=name, value=str(dtype))
    if isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
        return log
    engine = log.implementation
    read = _polars if engine.is_polars() else _duckdb if engine.is_duckdb() else _spark
    native = read(log.to_native(), name, timezone, isinstance(dtype, nw.String))
    result: nw.LazyFrame[Any] = nw.from_native(native)
    return result


def _with_day(log: nw.LazyFrame[Any], timezone: str) -> nw.LazyFrame[Any]:
    native = log.to_native()
    if log.implementation.is_polars():
        native = native.with_columns(day=pl.col("at").dt.convert_time_zone(timezone).dt.date())
    elif log.implementation.is_duckdb():
        native = native.project(f"*, CAST(timezone('{timezone}', \"at\") AS DATE) AS day")
    else:
        native = native.withColumn("day", _spark_day(timezone))
    result: nw.LazyFrame[Any] = nw.from_native(native)
    return result


def _polars(log: pl.LazyFrame, name: str, timezone: str | None, is_text: bool) -> pl.LazyFrame:
    at, bad = pl.col(name), f"_unreadable_{name}"
    if not is_text:
        moment = _local(at, timezone)
        return log.with_columns(
            moment.alias(name), (at.is_not_null() & moment.is_null()).alias(bad)
        )
    # most logs are scored without their times: of those only the odd ones are read
    odd = pl.when(~at.str.contains(_PLAIN)).then(at)
    unreadable = odd.is_not_null() & _from_text(odd, timezone).is_null()
    return log.with_columns(_from_text(at, timezone).alias(name), unreadable.alias(bad))


def _from_text(at: pl.Expr, timezone: str | None) -> pl.Expr:
    """Text as moments; null where it is none."""
    has_offset = at.str.contains(_OFFSET)
    whole = at.str.replace(_NO_SECONDS, "${1}:00${2}")
    aware = pl.when(has_offset).then(whole).str.to_datetime("%+", strict=False, time_unit="us")
    naive = pl.when(~has_offset).then(whole).str.replace("T", " ")
    parsed = naive.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
    return pl.coalesce(aware.dt.convert_time_zone("UTC"), _local(parsed, timezone))


def _local(naive: pl.Expr, timezone: str | None) -> pl.Expr:
    """Naive times as moments of a timezone; null without one."""
    if timezone is None:
        return pl.lit(None, pl.Datetime("us", "UTC"))
    local = naive.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _duckdb(log: Any, name: str, timezone: str | None, is_text: bool) -> Any:
    at = f'"{name}"'  # at is a keyword there
    moment = _duckdb_local(at, timezone)
    if is_text:
        has_offset = f"regexp_matches({at}, '{_OFFSET}')"
        naive = f"CASE WHEN NOT {has_offset} THEN TRY_CAST({at} AS TIMESTAMP) END"
        aware = f"CASE WHEN {has_offset} THEN TRY_CAST({at} AS TIMESTAMPTZ) END"
        moment = f"COALESCE({aware}, {_duckdb_local(naive, timezone)})"
    unreadable = f"{at} IS NOT NULL AND {moment} IS NULL"
    return log.project(f"* EXCLUDE ({at}), {moment} AS {at}, {unreadable} AS _unreadable_{name}")


def _duckdb_local(naive: str, timezone: str | None) -> str:
    """Naive times as moments; null where another moment nearby has the same local time."""
    if timezone is None:
        return "CAST(NULL AS TIMESTAMPTZ)"
    moment = f"timezone('{timezone}', {naive})"
    same = f"timezone('{timezone}', {moment}) = {naive}"
    others = " AND ".join(
        f"timezone('{timezone}', {moment} {sign} INTERVAL {minutes} MINUTE) <> {naive}"
        for sign in "+-"
        for minutes in (30, 60)
    )
    return f"CASE WHEN {same} AND {others} THEN {moment} END"


_MICROSECONDS_A_DAY = 86_400_000_000

_ISO = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?$"
"""A date with its time. Spark also reads a year, and a time of day, which it takes for today's."""


def _spark(log: Any, name: str, timezone: str | None, is_text: bool) -> Any:
    """Nothing here asks in which timezone the session is: all text that is cast says its own."""
    from pyspark.sql import functions as f

    text = f.upper(f.col(name).cast("string"))
    if is_text:
        text = f.regexp_replace(text, _NO_SECONDS, "$1:00$2")
    utc = f.concat(text, f.lit("Z")).try_cast("timestamp")
    moment = _spark_local(utc, timezone)
    if is_text:
        aware = f.when(text.rlike(_OFFSET), text.try_cast("timestamp"))
        moment = f.when(text.rlike(_ISO), f.coalesce(aware, _spark_local(utc, timezone)))
    unreadable = f.col(name).isNotNull() & moment.isNull()
    return log.withColumns({name: moment, f"_unreadable_{name}": unreadable})


def _spark_local(utc: Any, timezone: str | None) -> Any:
    """Local times, given as if they were UTC, as moments; null where they mean two or none.

    Of two moments Spark finds the first. The second is where the clocks, a day later, show the
    same again, less 24 hours.
    """
    from pyspark.sql import functions as f

    if timezone is None:
        return f.lit(None).cast("timestamp")

    def later(moment: Any, sign: int) -> Any:
        return f.timestamp_micros(f.unix_micros(moment) + sign * _MICROSECONDS_A_DAY)

    moment = f.to_utc_timestamp(utc, timezone)
    other = later(f.to_utc_timestamp(later(utc, 1), timezone), -1)
    exists = f.from_utc_timestamp(moment, timezone) == utc
    alone = (other == moment) | (f.from_utc_timestamp(other, timezone) != utc)
    return f.when(exists & alone, moment)


def _spark_day(timezone: str) -> Any:
    """The calendar day of ``at``; a cast to a date would ask the session for its timezone."""
    from pyspark.sql import functions as f

    local = f.unix_micros(f.from_utc_timestamp("at", timezone))
    since_midnight = f.pmod(local, f.lit(_MICROSECONDS_A_DAY))
    days = (local - since_midnight) / _MICROSECONDS_A_DAY  # a multiple: no remainder to round
    return f.date_from_unix_date(days.cast("int"))
