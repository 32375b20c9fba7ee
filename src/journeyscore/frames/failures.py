"""What of a log fell short, and what other rows say about it, for `loops` and `causes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from ..handling import Act
from ..policy import Policy
from ..scales import Scale
from .columns import DESCRIBING
from .engines import with_milliseconds
from .filling import Known, filled
from .formula import whole
from .identity import Identity
from .log import Log
from .preparing import prepared
from .references import joinable

CODES = ("cause", "owner", "noticed_by")
"""What may be said of a failure by itself, or by what is about it: the smallest counts."""

TARGET = ("_j", "_s", "_i")
"""The event that a row is about: its journey, source and id, as `joinable` makes them."""


def failures_of(
    log: Any,
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
    market: Any,
    experience: Any,
    more: list[str],
    described: Sequence[str] = DESCRIBING,
) -> tuple[Log, nw.LazyFrame[Any], nw.LazyFrame[Any]]:
    """The log, its failures with what was done about each, and every row that lives."""
    known = Known.of(market, experience)
    wanted = [name for name in more if name != "due"]
    opened, rows = prepared(
        log, wanted, policy, columns, timezone, scales, known, False, every_column=True
    )
    present = [*described, *CODES, "act", "due", "excuse", "pitch"]
    keys = [name for name in dict.fromkeys((*present, *more)) if opened.has(name)]
    frame = filled(opened.frame, rows, known)
    frame = with_milliseconds(frame, {"_ms_at": "at", "_ms_due": "due"})
    frame = frame.with_columns(
        # of the readings of one touchpoint the smallest counts: one excuse is an excuse
        _sorry=~nw.col("excuse").fill_null(False) if opened.has("excuse") else nw.lit(True),
    )
    identity = Identity(rows, [*keys, "_ms_at", "_ms_due", "_sorry"], opened.may_be_null("id"))
    events, live = identity.handled(frame)
    absent = [name for name in (*CODES, "due") if not opened.has(name)]
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
    codes = {name: _least(nw.col(name), nw.col(f"_about_{name}")) for name in CODES}
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
    **{f"_about_{name}": nw.String() for name in CODES},
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
        answers = is_act(opened, Act.ACKNOWLEDGEMENT)
        if opened.has("recovers"):
            tried = nw.col("_done") | (nw.col("_missed") > 0)
            answers = answers | (~nw.col("_recovers_id").is_null() & tried)
        made = is_act(opened, Act.FOLLOW_UP) & was_made(opened)
        one, none = whole(1), whole(0)
        parts.append(
            live.filter(~nw.col(f"_{name}_id").is_null()).select(
                **target(f"_{name}"),
                _answers=nw.when(answers).then(one).otherwise(none),
                _answered=nw.when(answers).then(nw.col("_ms_at")),
                _attempted=nw.when(tries).then(nw.col("_ms_at")),
                _excuses=nw.when(nw.col("_sorry")).then(none).otherwise(one),
                _follow_ups=nw.when(made).then(one).otherwise(none),
                **{f"_about_{code}": nw.col(code) for code in CODES},
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
    by_id = _summed(about, list(TARGET), "_1")
    by_name = _summed(about, ["_j", "_i"], "_2").rename({"_i": "_name"})
    joined = joined.join(by_id, on=list(TARGET), how="left")
    joined = joined.join(by_name, on=["_j", "_name"], how="left")
    both = {}
    for name in _SAID:
        one, other = nw.col(f"{name}_1"), nw.col(f"{name}_2")
        both[name] = _most(one, other) if name in _COUNTS else _least(one, other)
    return joined.with_columns(**both)


def _named(id: nw.Expr) -> nw.Expr:
    """An id as `joinable` makes it, but null where there is none: nothing names it."""
    return nw.when(~id.is_null()).then(joinable(id))


def target(reference: str) -> dict[str, nw.Expr]:
    """The event that a row names, as keys that join null to null.

    A row that names none names the journey as a whole, whatever its own source.
    """
    source, id = nw.col(f"{reference}_source"), nw.col(f"{reference}_id")
    return {
        "_j": joinable(nw.col("_of_journey")),
        "_s": joinable(nw.when(~id.is_null()).then(source)),
        "_i": joinable(id),
    }


def is_act(opened: Log, act: Act) -> nw.Expr:
    """Whether a row is an act of this kind; false in a log that names none."""
    return (nw.col("act") == act.value).fill_null(False) if opened.has("act") else nw.lit(False)


def was_made(opened: Log) -> nw.Expr:
    """Whether a follow-up was made, rather than owed, and nothing sold along with it."""
    pitch = nw.col("pitch").fill_null(False) if opened.has("pitch") else nw.lit(False)
    return ~pitch & (nw.col("_done") | nw.col("_ms_due").is_null())


def _least(one: nw.Expr, other: nw.Expr) -> nw.Expr:
    return nw.when(one.is_null() | (other < one)).then(other).otherwise(one)


def _most(one: nw.Expr, other: nw.Expr) -> nw.Expr:
    return nw.when(one.is_null() | (other > one)).then(other).otherwise(one)
