"""Failures and open loops of a journey log: `journeyscore.loops`, for every journey at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import narwhals as nw

from ..checks import moment
from ..extremes import milliseconds
from ..handling import Act
from ..loops import LoopKind
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from .columns import group_keys
from .engines import divided
from .failures import ABOUT, CODES, TARGET, failures_of, is_act, target, was_made
from .formula import whole
from .kinds import of_its_kind
from .references import joinable


@of_its_kind
def loops(
    log: Any,
    *,
    now: datetime | None = None,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    experience: Any = None,
) -> Any:
    """Every touchpoint that fell short, what was done about it, and whether that is open still.

    Args:
        now: for the age of what is open, timezone-aware; without it ages are null.
        log, policy, columns, timezone, scales, market, experience: as for `score`.

    Returns:
        A dataframe of the kind that came in, lazy if it was, in no order: ``journey``, ``source``,
        ``id``, ``touchpoint``, ``at``, ``customer``, ``team``, ``site``, ``channel`` and ``stage``
        as far as the log has them, ``cause``, ``owner``, ``noticed_by``, then ``acknowledged``,
        ``excuse``, ``response`` (whole seconds to the first acknowledgement or recovery),
        ``recovered``, ``followed_up``, ``open`` (failure, or recovery without follow-up; null if
        nothing is) and ``age`` (whole seconds since it is).

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a"], "touchpoint": ["hotel.valet"],
    ...                     "anticipated": [0.8], "delivered": [0.5]})
    >>> loops(log)["open"].to_list()
    ['failure']
    """
    opened, found, _ = failures_of(log, policy, columns, timezone, scales, market, experience, [])
    since = nw.when(nw.col("recovered")).then(nw.col("_attempted")).otherwise(nw.col("_ms_at"))
    until = nw.lit(None, nw.Int64()) if now is None else whole(_ms(now))
    aged = found.with_columns(open=_open()).with_columns(
        age=nw.when(~nw.col("open").is_null()).then(until - since)
    )
    for name in ("response", "age"):
        aged = _in_seconds(aged, name)
    kept = [name for name in ABOUT if opened.has(name)]
    said = ["acknowledged", "excuse", "response", "recovered", "followed_up", "open", "age"]
    return opened.restore(aged.select(*kept, *CODES, *said))


def counted(
    log: Any,
    by: str = "touchpoint",
    *,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
) -> Any:
    """How many touchpoints of each group fell short, by what is open of them: `loops`, added up.

    Args:
        by: a column to group by.
        log, policy, columns, timezone, scales, market: as for `loops`.

    Returns:
        The grouping column, ``open`` as in `loops`, and ``n``, how many they are.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a"], "touchpoint": ["hotel.valet"],
    ...                     "anticipated": [0.8], "delivered": [0.5]})
    >>> counted(log).row(0)
    ('hotel.valet', 'failure', 1)
    """
    keys = group_keys(by, results=("open", "n"))
    opened, found, _ = failures_of(log, policy, columns, timezone, scales, market, None, keys, ())
    counts = found.with_columns(open=_open()).group_by(*keys, "open").agg(n=nw.len())
    return opened.restore(counts.with_columns(nw.col("n").cast(nw.Int64())))


def _open() -> nw.Expr:
    """What is open of a failure, by what was done about it."""
    kinds: Any = nw.when(~nw.col("recovered")).then(nw.lit(LoopKind.FAILURE.value))
    unasked = nw.col("recovered") & ~nw.col("followed_up")
    kind: nw.Expr = nw.when(unasked).then(nw.lit(LoopKind.RECOVERY.value)).otherwise(kinds)
    return kind


@of_its_kind
def causes(
    log: Any,
    by: str | list[str] = "site",
    *,
    now: datetime | None = None,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    experience: Any = None,
) -> Any:
    """The root causes of failures over journeys, and whether anything prevents them.

    A cause is open while there is no prevention of it in its group, or a failure since the last:
    one that recurs is open again.

    Args:
        by: the columns within which a prevention counts.
        now: for the age of what is open.
        log, policy, columns, timezone, scales, market, experience: as for `score`.

    Returns:
        The grouping columns, ``cause``, ``failures``, ``preventions``, ``recurred`` (whether there
        was a failure after a prevention), ``open`` (how many failures no prevention followed) and
        ``age`` (whole seconds since the first of those).

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "b"], "touchpoint": ["hotel.room"] * 2,
    ...                     "anticipated": [0.8, 0.8], "delivered": [0.5, 0.4],
    ...                     "cause": ["boiler", "boiler"], "site": ["lake", "lake"]})
    >>> causes(log).select("cause", "failures", "open").row(0)
    ('boiler', 2, 2)
    """
    keys = group_keys(by, results=("cause", "failures", "preventions", "recurred", "open", "age"))
    opened, found, live = failures_of(
        log, policy, columns, timezone, scales, market, experience, keys
    )
    within = [*keys, "cause"]
    is_prevention = is_act(opened, Act.PREVENTION) & ~nw.col("cause").is_null()
    at = _as_keys(within)
    columns_ = live.collect_schema().names()
    once = ("journey", "source", "id", "_ms_at")
    prevented = (
        live.filter(is_prevention)
        .select(**at, **{f"_once_{name}": nw.col(name) for name in once if name in columns_})
        .unique()
        .group_by(*at)
        .agg(
            _first=nw.col("_once__ms_at").min(),
            _last=nw.col("_once__ms_at").max(),
            _preventions=nw.len(),
            _timed=nw.col("_once__ms_at").count(),
        )
    )
    caused = found.filter(~nw.col("cause").is_null()).with_columns(**at)
    joined = caused.join(prevented, on=list(at), how="left")
    when, last = nw.col("_ms_at"), nw.col("_last")
    untimed = (nw.col("_preventions") > nw.col("_timed")).fill_null(False)
    since_last = when.is_null() | last.is_null() | (when > last)
    again = (when > nw.col("_first")).fill_null(False)
    judged = joined.with_columns(_open=since_last & ~untimed).with_columns(
        _since=nw.when(nw.col("_open")).then(when),
        _open=nw.col("_open").cast(nw.Int64()),
        _again=again.cast(nw.Int64()),
    )
    summed = judged.group_by(*within).agg(
        failures=nw.len(),
        preventions=nw.col("_preventions").max(),
        recurred=nw.col("_again").max(),
        open=nw.col("_open").sum(),
        _since=nw.col("_since").min(),
    )
    until = nw.lit(None, nw.Int64()) if now is None else whole(_ms(now))
    aged = summed.with_columns(
        nw.col("failures", "open").cast(nw.Int64()),
        preventions=nw.col("preventions").fill_null(0).cast(nw.Int64()),
        recurred=nw.col("recurred") > 0,
        age=until - nw.col("_since"),
    )
    aged = _in_seconds(aged, "age")
    names = ["failures", "preventions", "recurred", "open", "age"]
    return opened.restore(aged.select(*within, *names))


@of_its_kind
def follow_ups(
    log: Any,
    *,
    now: datetime | None = None,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
) -> Any:
    """Every follow-up that was owed, whether it was made, and whether it is overdue.

    One along with which something was sold was not made.

    Args:
        now: what was due before and not made is overdue; without it that is null.
        log, policy, columns, timezone, scales: as for `score`.

    Returns:
        ``journey``, ``source``, ``id``, ``touchpoint``, ``at``, ``customer``, ``team``, ``site``,
        ``channel`` and ``stage`` as far as the log has them, ``due``, ``made`` and ``overdue``.

    >>> import polars as pl
    >>> log = pl.DataFrame({
    ...     "journey": ["a"], "touchpoint": ["hotel.front_desk"], "anticipated": [None],
    ...     "delivered": [None], "act": ["follow_up"], "due": ["2026-05-02T12:00Z"],
    ... }, schema_overrides={"anticipated": pl.Float64, "delivered": pl.Float64})
    >>> follow_ups(log, now=datetime.fromisoformat("2026-05-03T12:00Z")).row(0)[-2:]
    (False, True)
    """
    opened, _, live = failures_of(log, policy, columns, timezone, scales, None, None, ["due"])
    if not opened.has("regards"):  # then they all regard the journey as a whole
        nobody = nw.lit(None, nw.String())
        live = live.with_columns(_regards_source=nobody, _regards_id=nobody)
    marked = live.with_columns(_asks=is_act(opened, Act.FOLLOW_UP))  # no filter takes a literal
    follow_up = marked.filter(nw.col("_asks")).with_columns(**target("_regards"))
    made = follow_up.filter(was_made(opened)).select(*TARGET).unique(list(TARGET))
    made = made.with_columns(_made=nw.lit(True))
    kept = [name for name in ABOUT if opened.has(name)]
    owed = (
        follow_up.filter(~nw.col("_done") & ~nw.col("due").is_null())
        .select(*kept, *TARGET, "due", "_ms_due")
        .group_by(*kept, *TARGET, "due", "_ms_due")
        .agg(_n=nw.len())
    )
    joined = owed.join(made, on=list(TARGET), how="left").with_columns(
        made=nw.col("_made").fill_null(False)
    )
    until = nw.lit(None, nw.Int64()) if now is None else whole(_ms(now))
    overdue = ~nw.col("made") & (nw.col("_ms_due") < until)
    return opened.restore(joined.select(*kept, "due", "made", overdue=overdue))


def _as_keys(names: list[str]) -> dict[str, nw.Expr]:
    return {f"_on_{name}": joinable(nw.col(name)) for name in names}


def _ms(now: datetime) -> int:
    return milliseconds(moment(now, "now"))


def _in_seconds(frame: nw.LazyFrame[Any], name: str) -> nw.LazyFrame[Any]:
    return divided(frame, name, 1000, "_milliseconds").drop("_milliseconds")
