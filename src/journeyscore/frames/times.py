"""When things happened: whatever the log holds in ``at``, as timezone-aware moments."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from ..errors import LogError, UnknownName

_OFFSET = r"(?i)(Z|[+-]\d{2}:?\d{2})$"
"""How an ISO 8601 time ends that says its offset."""

_NO_SECONDS = r"(?i)^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2})(Z|[+-]\d{2}:?\d{2})?$"
"""A time to the minute, which ISO 8601 allows."""


def checked_timezone(timezone: str | None) -> str | None:
    """The name of a timezone, or None.

    Raises:
        UnknownName: there is no such timezone.
    """
    if timezone is not None:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise UnknownName(
                "no such timezone", path="timezone", value=timezone, hint="such as Europe/Zurich"
            ) from error
    return timezone


def with_moments(log: pl.LazyFrame, timezone: str | None) -> pl.LazyFrame:
    """The log with ``at`` in UTC, and ``_unreadable`` where it does not say which moment is meant.

    A naive time means one of ``timezone``; without that, and where the clocks were turned and it
    means two moments or none, it is unreadable. A log whose column is aware stays as it is.

    Raises:
        LogError: the column holds neither times nor text.
    """
    dtype = log.collect_schema().get("at")
    if dtype is None or dtype == pl.Null or (isinstance(dtype, pl.Datetime) and dtype.time_zone):
        return log
    at = pl.col("at")
    if isinstance(dtype, pl.Datetime):
        moment = _local(at, timezone)
    elif dtype == pl.String:
        has_offset = at.str.contains(_OFFSET)
        whole = at.str.replace(_NO_SECONDS, "${1}:00${2}")
        aware = pl.when(has_offset).then(whole).str.to_datetime("%+", strict=False, time_unit="us")
        naive = pl.when(~has_offset).then(whole).str.replace("T", " ")
        parsed = naive.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
        moment = pl.coalesce(aware.dt.convert_time_zone("UTC"), _local(parsed, timezone))
    else:
        raise LogError(f"a column of {dtype}, where times are wanted", path="at", value=str(dtype))
    return log.with_columns(at=moment, _unreadable=at.is_not_null() & moment.is_null())


def _local(naive: pl.Expr, timezone: str | None) -> pl.Expr:
    """Naive times as moments of a timezone; null without one."""
    if timezone is None:
        return pl.lit(None, pl.Datetime("us", "UTC"))
    local = naive.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def day(timezone: str | None) -> pl.Expr:
    """The calendar day of each moment in a timezone, UTC if none is said."""
    return pl.col("at").dt.convert_time_zone(timezone or "UTC").dt.date()
