"""Failures and open loops of a journey log: `journeyscore.loops`, for every journey at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from .engines import divided, with_milliseconds
from .filling import Known, filled
from .formula import whole
from .identity import Identity, joinable
from .log import Log
from .preparing import prepared

_ABOUT = ("journey", "source", "id", "touchpoint", "at", "customer", "team", "site", "channel",
          "stage")  # fmt: skip
"""The columns of a log that every failure keeps, if the log has them."""

_CODES = ("cause", "owner", "noticed_by")
"""What may be said of a failure by itself, or by what is about it: the smallest counts."""

_TARGET = ("_j", "_s", "_i")


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
    opened, found, _ = _failures(log, policy, columns, timezone, scales, market, experience, [])
    since = nw.when(nw.col("recovered")).then(nw.col("_attempted")).otherwise(nw.col("_ms_at"))
    until = nw.lit(None, nw.Int64()) if now is None else whole(_ms(now))
    aged = found.with_columns(open=_open()).with_columns(
        age=nw.when(~nw.col("open").is_null()).then(until - since)
    )
    for name in ("response", "age"):
        aged = _in_seconds(aged, name)
    kept = [name for name in _ABOUT if opened.has(name)]
    said = ["acknowledged", "excuse", "response", "recovered", "followed_up", "open", "age"]
    return opened.restore(aged.select(*kept, *_CODES, *said))


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
    opened, found, _ = _failures(log, policy, columns, timezone, scales, market, None, keys, ())
    counts = found.with_columns(open=_open()).group_by(*keys, "open").agg(n=nw.len())
    return opened.restore(counts.with_columns(nw.col("n").cast(nw.Int64())))


def _open() -> nw.Expr:
    """What is open of a failure, by what was done about it."""
    kinds: Any = nw.when(~nw.col("recovered")).then(nw.lit(LoopKind.FAILURE.value))
    unasked = nw.col("recovered") & ~nw.col("followed_up")
    kind: nw.Expr = nw.when(unasked).then(nw.lit(LoopKind.RECOVERY.value)).otherwise(kinds)
    return kind


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
    opened, found, live = _failures(
        log, policy, columns, timezone, scales, market, experience, keys
    )
    within = [*keys, "cause"]
    is_prevention = _is_act(opened, Act.PREVENTION) & ~nw.col("cause").is_null()
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
    opened, _, live = _failures(log, policy, columns, timezone, scales, None, None, ["due"])
    if not opened.has("regards"):  # then they all regard the journey as a whole
        nobody = nw.lit(None, nw.String())
        live = live.with_columns(_regards_source=nobody, _regards_id=nobody)
    follow_up = live.filter(_is_act(opened, Act.FOLLOW_UP)).with_columns(**_target("_regards"))
    made = follow_up.filter(_made(opened)).select(*_TARGET).unique(list(_TARGET))
    made = made.with_columns(_made=nw.lit(True))
    kept = [name for name in _ABOUT if opened.has(name)]
    owed = (
        follow_up.filter(~nw.col("_done") & ~nw.col("due").is_null())
        .select(*kept, *_TARGET, "due", "_ms_due")
        .group_by(*kept, *_TARGET, "due", "_ms_due")
        .agg(_n=nw.len())
    )
    joined = owed.join(made, on=list(_TARGET), how="left").with_columns(
        made=nw.col("_made").fill_null(False)
    )
    until = nw.lit(None, nw.Int64()) if now is None else whole(_ms(now))
    overdue = ~nw.col("made") & (nw.col("_ms_due") < until)
    return opened.restore(joined.select(*kept, "due", "made", overdue=overdue))


# -- what fell short, and what is about it -------------------------------------------------------


def _failures(
    log: Any,
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
    market: Any,
    experience: Any,
    more: list[str],
    described: Sequence[str] = _ABOUT,
) -> tuple[Log, nw.LazyFrame[Any], nw.LazyFrame[Any]]:
    """The log, its failures with what was done about each, and every row that lives."""
    known = Known.of(market, experience)
    wanted = [name for name in more if name != "due"]
    opened, rows = prepared(
        log, wanted, policy, columns, timezone, scales, known, False, every_column=True
    )
    present = [*described, *_CODES, "act", "due", "excuse", "pitch"]
    keys = [name for name in dict.fromkeys((*present, *more)) if opened.has(name)]
    frame = filled(opened.frame, rows, known)
    times = {f"_ms_{name}": name for name in ("at", "due") if _is_time(opened, name)}
    frame = with_milliseconds(frame, times)
    frame = frame.with_columns(
        # of the readings of one touchpoint the smallest counts: one excuse is an excuse
        _sorry=~nw.col("excuse").fill_null(False) if opened.has("excuse") else nw.lit(True),
        **{name: nw.lit(None, nw.Int64()) for name in ("_ms_at", "_ms_due") if name not in times},
    )
    identity = Identity(rows, [*keys, "_ms_at", "_ms_due", "_sorry"], opened.may_be_null("id"))
    events, live = identity.handled(frame)
    absent = [name for name in (*_CODES, "due") if not opened.has(name)]
    events, live = (
        each.with_columns(nw.lit(None, nw.String()).alias(name) for name in absent)
        for each in (events, live)
    )
    own = nw.col("_of_id") if opened.has("id") else nw.lit(None, nw.String())
    short = events.filter(nw.col("_D") < nw.col("_adequate")).with_columns(
        _j=joinable(nw.col("_of_journey")), _s=joinable(nw.col("_of_source")), _i=_named(own)
    )
    about = _about(opened, live)
    if about is None:
        joined = short.with_columns(**{name: nw.lit(None, kind) for name, kind in _SAID.items()})
    else:
        joined = _with_what_is_about(short, about)
    recovered = nw.col("_best") >= 10001 if opened.has("recovers") else nw.lit(False)
    response = nw.col("_answered") - nw.col("_ms_at")
    codes = {name: _least(nw.col(name), nw.col(f"_about_{name}")) for name in _CODES}
    return (
        opened,
        joined.with_columns(
            acknowledged=(nw.col("_answers") > 0).fill_null(False),
            excuse=~nw.col("_sorry") | (nw.col("_excuses") > 0).fill_null(False),
            response=nw.when(response < 0).then(whole(0)).otherwise(response),
            recovered=recovered,
            followed_up=(nw.col("_follow_ups") > 0).fill_null(False),
            **codes,
        ),
        live,
    )


_SAID: dict[str, Any] = {
    "_answers": nw.Int64(), "_answered": nw.Int64(), "_attempted": nw.Int64(),
    "_excuses": nw.Int64(), "_follow_ups": nw.Int64(),
    **{f"_about_{name}": nw.String() for name in _CODES},
}  # fmt: skip
"""What is known of a failure from the rows about it: counts are largest, all else smallest."""

_COUNTS = ("_answers", "_excuses", "_follow_ups")


def _about(opened: Log, live: nw.LazyFrame[Any]) -> nw.LazyFrame[Any] | None:
    """The rows that are about another event, with what they say of it; None if none can be."""
    references = [name for name in ("recovers", "regards") if opened.has(name)]
    if not references:
        return None
    parts = []
    for name in references:
        tries = nw.lit(name == "recovers")
        answers = _is_act(opened, Act.ACKNOWLEDGEMENT)
        if opened.has("recovers"):
            tried = nw.col("_done") | (nw.col("_missed") > 0)
            answers = answers | (~nw.col("_recovers_id").is_null() & tried)
        made = _is_act(opened, Act.FOLLOW_UP) & _made(opened)
        one, none = whole(1), whole(0)
        parts.append(
            live.filter(~nw.col(f"_{name}_id").is_null()).select(
                **_target(f"_{name}"),
                _answers=nw.when(answers).then(one).otherwise(none),
                _answered=nw.when(answers).then(nw.col("_ms_at")),
                _attempted=nw.when(tries).then(nw.col("_ms_at")),
                _excuses=nw.when(nw.col("_sorry")).then(none).otherwise(one),
                _follow_ups=nw.when(made).then(one).otherwise(none),
                **{f"_about_{code}": nw.col(code) for code in _CODES},
            )
        )
    return nw.concat(parts)


def _summed(about: nw.LazyFrame[Any], over: list[str], suffix: str) -> nw.LazyFrame[Any]:
    """What is said of each event, by what names it."""
    found = {
        f"{name}{suffix}": nw.col(name).max() if name in _COUNTS else nw.col(name).min()
        for name in _SAID
    }
    return about.group_by(*over).agg(**found)


def _with_what_is_about(short: nw.LazyFrame[Any], about: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Failures with what is said of them, by their id, or by their name if they were missed."""
    missed = nw.when(nw.col("_missed") > 0).then(nw.col("_of_touchpoint"))
    joined = short.with_columns(_name=_named(missed))
    by_id = _summed(about, list(_TARGET), "_1")
    by_name = _summed(about, ["_j", "_i"], "_2").rename({"_i": "_name"})
    joined = joined.join(by_id, on=list(_TARGET), how="left")
    joined = joined.join(by_name, on=["_j", "_name"], how="left")
    both = {}
    for name in _SAID:
        one, other = nw.col(f"{name}_1"), nw.col(f"{name}_2")
        both[name] = _most(one, other) if name in _COUNTS else _least(one, other)
    return joined.with_columns(**both)


def _named(id: nw.Expr) -> nw.Expr:
    """An id as `joinable` makes it, but null where there is none: nothing names it."""
    return nw.when(~id.is_null()).then(joinable(id))


def _target(reference: str) -> dict[str, nw.Expr]:
    """The event that a row names, as keys that join null to null."""
    return {
        "_j": joinable(nw.col("_of_journey")),
        "_s": joinable(nw.col(f"{reference}_source")),
        "_i": joinable(nw.col(f"{reference}_id")),
    }


def _is_act(opened: Log, act: Act) -> nw.Expr:
    return (nw.col("act") == act.value).fill_null(False) if opened.has("act") else nw.lit(False)


def _made(opened: Log) -> nw.Expr:
    """Whether a follow-up was made, rather than owed, and nothing sold along with it."""
    pitch = nw.col("pitch").fill_null(False) if opened.has("pitch") else nw.lit(False)
    return ~pitch & (nw.col("_done") | nw.col("_ms_due").is_null())


def _is_time(opened: Log, name: str) -> bool:
    return opened.has(name) and not isinstance(opened.schema[name], nw.Unknown)


def _as_keys(names: list[str]) -> dict[str, nw.Expr]:
    return {f"_on_{name}": joinable(nw.col(name)) for name in names}


def _least(one: nw.Expr, other: nw.Expr) -> nw.Expr:
    return nw.when(one.is_null() | (other < one)).then(other).otherwise(one)


def _most(one: nw.Expr, other: nw.Expr) -> nw.Expr:
    return nw.when(one.is_null() | (other > one)).then(other).otherwise(one)


def _ms(now: datetime) -> int:
    return milliseconds(moment(now, "now"))


def _in_seconds(frame: nw.LazyFrame[Any], name: str) -> nw.LazyFrame[Any]:
    return divided(frame, name, 1000, "_milliseconds").drop("_milliseconds")
