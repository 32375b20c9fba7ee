"""A whole log at a glance: what a report is made of, added up where the log is.

The rows are measured once. From them come the tallies of journeys, of which all that is said of
journeys follows, those of teams and sites in them, the touchpoints by what they delivered, to a
whole point, and what became of promises. However large the log, what comes out is as small as its
names are few.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import narwhals as nw
import polars as pl
from attrs import frozen

from ..checks import whole_from
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from ..tally import Tally
from . import pairs
from .averages import JOURNEY_SUMS, added, journey_sums, over_journeys
from .columns import group_keys
from .engines import computed, kept, with_milliseconds
from .feedback import answered
from .filling import Known, filled
from .formula import SUMS, points, readouts, sums, tallies, whole
from .identity import Identity
from .log import Log
from .paths import damage_named
from .preparing import Quarantine, prepared, quarantine_of
from .promises import calibrated, counted, times_of_promises
from .rows import KNOWN_RANKS, Rows
from .touchpoints import judged

ENOUGH = 3
"""Touchpoints from which on a journey can be among the worst or the best: fewer tell little."""

GROUPS = ("team", "site")
"""The columns whose groups are compared."""

STAYING = ("site",)
"""Of these what a journey mostly has one of."""

OWED = ("team", "touchpoint")
"""By what promises are told: the first that the log has."""

COUNTS = ("fell_short", "beyond", "broke", "made", "recovered")
"""What is counted of touchpoints."""


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
        promises: by ``team``, or where there is none by ``touchpoint``, as `promises` tells of
            them; None if the log has no column ``basis``.
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
    promises: pl.DataFrame | None
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
    feedback = list(feedback)
    extremes = whole_from(extremes, 0, "extremes")
    known = Known.of(market)
    aside = quarantine_of(quarantine, quarantine_rows)
    keys = ["journey", "touchpoint", *asked]
    opened, rows = prepared(
        log, keys, policy, columns, timezone, scales, known, strict, aside, feedback=feedback
    )
    chosen = asked if groups is not None else [name for name in GROUPS if opened.has(name)]
    found = _computed(opened, _sums(opened, rows, known, policy, chosen))
    care = 0
    while doubtful := pairs.doubtful(found, [f"by {name}" for name in chosen]):
        care += 1  # with the most of it nothing is doubtful
        again = _sums(opened, rows, known, policy, chosen, care)
        found |= _computed(opened, {name: again[name] for name in doubtful})
    scored, by_level = found["journeys"], _collected(opened, found["levels"])
    folded = scored.with_columns(count="touchpoints", rejected=whole(0))
    enough, worst, best = _extremes(opened, scored, extremes)
    return Overview(
        policy=policy,
        tally=Tally(*(sum(by_level[name].to_list()) for name in SUMS)),
        rejected=_collected(opened, found["rejected"]).item() or 0,
        journeys=_collected(opened, over_journeys(journey_sums(folded, []), [])).select(
            "journeys", "impression", "low", "high"
        ),
        verdicts=_counted(opened, scored, nw.col("verdict"), "verdict"),
        impressions=_counted(opened, scored, _whole_points("impression"), "impression"),
        consistencies=_counted(opened, scored, _whole_points("consistency"), "consistency"),
        touchpoints=by_level.drop("level").group_by("touchpoint").sum().sort("touchpoint"),
        levels=by_level.select("touchpoint", "level", "count").sort("touchpoint", "level"),
        promises=_collected(opened, found["promises"]) if "promises" in found else None,
        answers={
            name: _collected(opened, answered(folded, opened, name))
            for name in feedback
            if opened.has(name)
        },
        groups={
            name: _collected(opened, over_journeys(found[f"by {name}"], [name])).sort(
                name, nulls_last=True
            )
            for name in chosen
        },
        worst=worst,
        best=best,
        enough=enough,
        longest=_first(opened, scored, 3 * extremes, "touchpoints", down=True),
        columns=tuple(opened.schema),
    )


def _sums(
    opened: Log,
    rows: Rows,
    known: Known,
    policy: Policy,
    groups: Sequence[str],
    care: int = 0,
) -> dict[str, nw.LazyFrame[Any]]:
    """Everything that is added up of a log, out of rows that are measured once.

    Args:
        care: how journeys within groups are told apart: 0, the quickest way that mostly does;
            1, the next one; 2, the one that always does.
    """
    owed = [name for name in OWED if opened.has(name)][:1] if opened.has("basis") else []
    times = times_of_promises(opened) if owed else {}
    keys = dict.fromkeys(("journey", "touchpoint", *groups, *owed, *times))
    frame = with_milliseconds(filled(opened.frame, rows, known), times)
    survey = Identity(rows, list(keys), opened.may_be_null("id")).surveyed(frame)
    events = survey.events.with_columns(_known=nw.col("_basis") < KNOWN_RANKS, rejected=whole(0))
    quick = [name for name in groups if care < 2 and pairs.countable(opened, name)]
    staying = [name for name in quick if care < 1 and name in STAYING]
    marks = [pairs.within(name) for name in staying]
    ends = [f"{mark}_{end}" for mark in marks for end in ("low", "high")]
    of_journeys = sums(pairs.marked(events, staying), ["journey"], marks)
    journeys = kept(tallies(of_journeys, ["journey", *ends]))
    sums_of = {
        "journeys": _scored(journeys, policy),
        "levels": _by_level(events, policy),
        "rejected": survey.rows.select(nw.col("rejected").sum()),
    }
    for name in groups:
        rejected = survey.rows.group_by(name).agg(_rejected=nw.col("rejected").sum())
        rejected = rejected.with_columns(nw.col("_rejected").cast(nw.Int64()))
        if name in staying:
            by_name = pairs.by_journey(journeys, rejected, name)
        elif name in quick:
            by_name = pairs.by_number(events, rejected, name)
        else:
            by_name = _by_group(events, rejected, name)
        sums_of[f"by {name}"] = by_name
    if owed:
        sums_of["promises"] = calibrated(counted(survey.promised, owed, times, None), owed)
    return sums_of


def _scored(journeys: nw.LazyFrame[Any], policy: Policy) -> nw.LazyFrame[Any]:
    """The journeys: of their sums and read-outs those that are asked for further on."""
    read = readouts(journeys, ["journey", "weight", "value"], policy)
    return read.select(
        "journey", "weight", "value", "touchpoints", "impression", "consistency", "verdict"
    )


def _by_group(
    events: nw.LazyFrame[Any], rejected: nw.LazyFrame[Any], name: str
) -> nw.LazyFrame[Any]:
    """The sums over journeys of a column, each journey counting once in each group.

    A group of which nothing counts is there as well, with the rows that were rejected.
    """
    each = ["journey", name]
    of_events = journey_sums(tallies(sums(events, each), each), [name])
    nothing = {sum_: whole(0) for sum_ in JOURNEY_SUMS if sum_ != "_rejected"}
    of_rows = rejected.with_columns(**nothing).select(name, *JOURNEY_SUMS)
    return added(nw.concat([of_events, of_rows]), [name])


def _by_level(events: nw.LazyFrame[Any], policy: Policy) -> nw.LazyFrame[Any]:
    """The sums of touchpoints by name and what was delivered."""
    w, v, a, d = (nw.col(name).cast(nw.Int64()) for name in ("_w", "_V", "_A", "_D"))
    effect = v - a
    terms = events.select(
        "touchpoint",
        level=points(nw.col("_D").cast(nw.Float64())).floor().cast(nw.Int64()),
        count=whole(1),
        weight=w,
        value=w * v,
        par=w * a,
        squares=w * effect * effect,
        delivered=w * d,
        known=nw.when(nw.col("_known")).then(w).otherwise(whole(0)),
        gain=nw.when(effect > 0).then(w * effect).otherwise(whole(0)),
        loss=nw.when(effect < 0).then(w * effect).otherwise(whole(0)),
        **{name: held.cast(nw.Int64()) for name, held in judged(policy).items()},
    )
    names = (*SUMS, "gain", "loss", *COUNTS)
    summed = terms.group_by("touchpoint", "level").agg(*(nw.col(name).sum() for name in names))
    return summed.with_columns(*(nw.col(name).cast(nw.Int64()) for name in names))


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
    named = scored.filter(~nw.col("journey").is_null() & ~nw.col("impression").is_null())
    first = named.select("journey", by).sort(by, "journey", descending=[down, False]).head(number)
    return tuple(str(id) for id in _collected(opened, first)["journey"])


def _computed(opened: Log, frames: Mapping[str, nw.LazyFrame[Any]]) -> dict[str, nw.LazyFrame[Any]]:
    """Results that are asked several things, each computed once: on Polars all in one go.

    On Spark, whose journeys may be more than fit here, they stay there.
    """
    first = next(iter(frames.values())).implementation
    if first.is_pyspark():
        return {name: kept(frame) for name, frame in frames.items()}
    if first.is_polars():
        with nullcontext() if opened.path is None else damage_named(opened.path):
            found = pl.collect_all(
                [frame.to_native() for frame in frames.values()], engine="streaming"
            )
        return dict(zip(frames, map(_here, found), strict=True))
    return {name: _here(_collected(opened, frame)) for name, frame in frames.items()}


def _here(found: pl.DataFrame) -> nw.LazyFrame[Any]:
    lazy: nw.LazyFrame[Any] = nw.from_native(found.lazy())
    return lazy


def _collected(opened: Log, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """A small result as a frame of Polars, whatever the engine."""
    with nullcontext() if opened.path is None else damage_named(opened.path):
        return computed(frame)
