"""A whole log at a glance: what a report is made of, added up where the log is.

Two passes: the tallies of journeys (and of teams and sites in them), from which all that is said of
journeys follows, and the touchpoints by what they delivered, to a whole point. However large the
log, what comes out is as small as its names are few.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import Any

import narwhals as nw
import polars as pl
from attrs import frozen

from ..moments import MomentKind, Outcome
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from ..tally import Tally
from .averages import journey_sums, over_journeys
from .columns import group_keys
from .engines import collected
from .feedback import answered
from .filling import Known, filled
from .formula import SUMS, points, readouts, tallies, whole
from .identity import KNOWN_RANKS, Identity
from .log import Log
from .merging import added
from .paths import damage_named
from .preparing import Quarantine, prepared, quarantine_of
from .scoring import folded
from .touchpoints import outcome_and_moment

ENOUGH = 3
"""Touchpoints from which on a journey can be among the worst or the best: fewer tell little."""

GROUPS = ("team", "site")

COUNTS = {
    "fell_short": ("_outcome", (Outcome.FELL_SHORT,)),
    "beyond": ("_outcome", (Outcome.EXTRA_MILE, Outcome.PROACTIVE)),
    "broke": ("_moment", (MomentKind.BROKE,)),
    "made": ("_moment", (MomentKind.MADE,)),
    "recovered": ("_moment", (MomentKind.RECOVERED,)),
}
"""What is counted of touchpoints: the column, and the values that count."""


@frozen(eq=False)
class Overview:
    """What a log comes to. Points from 0 to 100; frames of Polars, in the order of their keys.

    Attributes:
        policy: under which policy.
        tally: the sums over all touchpoints; its counts are exact.
        rejected: rows that were not folded.
        journeys: a row: ``journeys`` with a score, mean ``impression``, ``low``, ``high`` (95%).
        verdicts: journeys by ``verdict``.
        impressions: journeys by ``impression``, rounded down to a whole point.
        consistencies: journeys by ``consistency``, likewise; of two touchpoints or more.
        touchpoints: by ``touchpoint``: the sums of a Tally, ``gain`` and ``loss`` (the sums of
            w*E above and below 0) and the counts of `COUNTS`.
        levels: ``count`` of touchpoints by ``touchpoint`` and ``level``, what was delivered,
            rounded down to a whole point.
        answers: by column of what guests said: ``journeys`` by ``impression`` (hundredths of a
            point) and ``answer``, for `journeyscore.calibration.read_answers`.
        groups: ``team`` and ``site``, if the log has them, and what else was asked for: journeys
            and their mean impression, as ``score(..., average="journeys")``.
        worst, best: the ids of the journeys with the lowest and the highest impressions.
        enough: how many touchpoints those have at least.
        longest: the ids of the journeys with most touchpoints, which tell best what follows what.
        columns: those of the log that hold anything.
    """

    policy: Policy
    tally: Tally
    rejected: int
    journeys: pl.DataFrame
    verdicts: pl.DataFrame
    impressions: pl.DataFrame
    consistencies: pl.DataFrame
    touchpoints: pl.DataFrame
    levels: pl.DataFrame
    answers: Mapping[str, pl.DataFrame]
    groups: Mapping[str, pl.DataFrame]
    worst: tuple[str, ...]
    best: tuple[str, ...]
    enough: int
    longest: tuple[str, ...]
    columns: tuple[str, ...]


def overview(
    log: Any,
    *,
    groups: Iterable[str] | None = None,
    extremes: int = 3,
    feedback: Iterable[str] = (),
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    strict: bool = False,
    quarantine: Quarantine | None = None,
    quarantine_rows: bool = False,
) -> Overview:
    """A whole log at a glance, whatever its size.

    Args:
        groups: the columns whose groups are compared; ``team`` and ``site`` unless said otherwise,
            as far as the log has them.
        extremes: how many of the worst and of the best journeys to name.
        feedback: columns with what guests said, numbers, as far as the log has them.
        log, policy, columns, timezone, scales, market, strict, quarantine, quarantine_rows: as
            for `score`.

    Raises:
        As `score` does.

    >>> log = pl.DataFrame({"journey": ["a", "b"], "touchpoint": ["hotel.valet"] * 2,
    ...                     "anticipated": [0.6, 0.8], "delivered": [0.9, 0.5]})
    >>> seen = overview(log)
    >>> seen.tally.count, dict(seen.verdicts.rows()), seen.worst[0]
    (2, {'delighted': 1, 'dissatisfied': 1}, 'b')
    """
    asked = [] if groups is None else group_keys(groups, path="groups") if groups else []
    known = Known.of(market)
    aside = quarantine_of(quarantine, quarantine_rows)
    keys = ["journey", "touchpoint", *asked]
    feedback = list(feedback)
    opened, rows = prepared(
        log, keys, policy, columns, timezone, scales, known, strict, aside, feedback=feedback
    )
    chosen = asked if groups is not None else [name for name in GROUPS if opened.has(name)]
    each = ["journey", *chosen]
    of_groups = _kept(opened, tallies(folded(opened, rows, each, known), each))
    journeys = _kept(opened, added(of_groups, ["journey"])) if chosen else of_groups
    scored = _kept(opened, readouts(journeys, ["journey"], policy))
    events = Identity(rows, ["touchpoint"], opened.may_be_null("id")).explained(
        filled(opened.frame, rows, known)
    )
    by_level = _collected(opened, _by_level(events, policy))
    enough, worst, best = _extremes(opened, scored, extremes)
    return Overview(
        policy=policy,
        tally=Tally(*(sum(by_level[name].to_list()) for name in SUMS)),
        rejected=_collected(opened, journeys.select(nw.col("rejected").sum())).item() or 0,
        journeys=_collected(opened, over_journeys(journey_sums(journeys, []), [])).select(
            "journeys", "impression", "low", "high"
        ),
        verdicts=_counted(opened, scored, nw.col("verdict"), "verdict"),
        impressions=_counted(opened, scored, _whole_points("impression"), "impression"),
        consistencies=_counted(opened, scored, _whole_points("consistency"), "consistency"),
        touchpoints=by_level.drop("level").group_by("touchpoint").sum().sort("touchpoint"),
        levels=by_level.select("touchpoint", "level", "count").sort("touchpoint", "level"),
        answers={
            name: _collected(opened, answered(journeys, opened, name))
            for name in feedback
            if opened.has(name)
        },
        groups={name: _compared(opened, of_groups, name) for name in chosen},
        worst=worst,
        best=best,
        enough=enough,
        longest=_first(opened, scored, 3 * extremes, "touchpoints", down=True),
        columns=tuple(opened.schema),
    )


def _compared(opened: Log, of_groups: nw.LazyFrame[Any], name: str) -> pl.DataFrame:
    """The groups of a column, each journey counting once in each."""
    each = added(of_groups, ["journey", name])
    groups = _collected(opened, over_journeys(journey_sums(each, [name]), [name]))
    return groups.sort(name, nulls_last=True)


def _by_level(events: nw.LazyFrame[Any], policy: Policy) -> nw.LazyFrame[Any]:
    """The sums of touchpoints by name and what was delivered."""
    w, v, a, d = (nw.col(name).cast(nw.Int64()) for name in ("_w", "_V", "_A", "_D"))
    effect = v - a
    outcome, moment = outcome_and_moment(policy)
    told = events.with_columns(_outcome=outcome, _moment=moment)
    counts = {name: nw.col(column).is_in(values) for name, (column, values) in _VALUES.items()}
    terms = told.select(
        "touchpoint",
        level=points(nw.col("_D").cast(nw.Float64())).floor().cast(nw.Int64()),
        count=whole(1),
        weight=w,
        value=w * v,
        par=w * a,
        squares=w * effect * effect,
        delivered=w * d,
        known=nw.when(nw.col("_basis") < KNOWN_RANKS).then(w).otherwise(whole(0)),
        gain=nw.when(effect > 0).then(w * effect).otherwise(whole(0)),
        loss=nw.when(effect < 0).then(w * effect).otherwise(whole(0)),
        **{
            name: nw.when(counts_).then(whole(1)).otherwise(whole(0))
            for name, counts_ in counts.items()
        },
    )
    names = (*SUMS, "gain", "loss", *COUNTS)
    summed = terms.group_by("touchpoint", "level").agg(*(nw.col(name).sum() for name in names))
    return summed.with_columns(*(nw.col(name).cast(nw.Int64()) for name in names))


_VALUES = {
    name: (column, [str(value) for value in values]) for name, (column, values) in COUNTS.items()
}


def _whole_points(name: str) -> nw.Expr:
    return nw.col(name).floor().cast(nw.Int64())


def _counted(opened: Log, scored: nw.LazyFrame[Any], value: nw.Expr, name: str) -> pl.DataFrame:
    """How many journeys there are of each value, of those that have one."""
    valued = scored.select(value.alias(name)).filter(~nw.col(name).is_null())
    counts = valued.group_by(name).agg(nw.len().alias("journeys"))
    return _collected(opened, counts).with_columns(pl.col("journeys").cast(pl.Int64)).sort(name)


def _extremes(
    opened: Log, scored: nw.LazyFrame[Any], number: int
) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """The worst and the best journeys: of enough touchpoints, or where there are none, of any."""
    for enough in (ENOUGH, 1):
        of = scored.filter(nw.col("touchpoints") >= enough)
        worst = _first(opened, of, number, "impression", down=False)
        if worst:
            break
    best = _first(opened, of, number, "impression", down=True)
    return enough, worst, tuple(id for id in best if id not in worst)


def _first(
    opened: Log, scored: nw.LazyFrame[Any], number: int, by: str, *, down: bool
) -> tuple[str, ...]:
    """The ids of the journeys that lie lowest, or highest; of equal ones those of the least ids."""
    named = scored.filter(~nw.col("journey").is_null() & ~nw.col(by).is_null())
    first = named.select("journey", by).sort(by, "journey", descending=[down, False]).head(number)
    return tuple(str(id) for id in _collected(opened, first)["journey"])


def _kept(opened: Log, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """A result that is asked several things: computed once on Polars, where it fits in memory."""
    if not frame.implementation.is_polars():
        return frame
    kept: nw.LazyFrame[Any] = nw.from_native(_collected(opened, frame).lazy())
    return kept


def _collected(opened: Log, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """A small result as a frame of Polars, whatever the engine."""
    with nullcontext() if opened.path is None else damage_named(opened.path):
        if frame.implementation.is_polars():
            return collected(frame)
        found: pl.DataFrame = frame.collect("polars").to_native()
        return found
