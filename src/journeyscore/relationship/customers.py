"""Relationships over a journey log: segments, risks and what to know about customers.

Every row is of many customers together. A group of fewer than ``minimum`` is there, and says
nothing: no customer can be told from it, and none is labelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import narwhals as nw

from .. import frames
from ..checks import moment, number
from ..errors import InvalidValue, described
from ..frames.averages import added
from ..frames.columns import REQUIRED, group_keys
from ..frames.engines import opened
from ..frames.formula import points, real, weighted_mean, whole
from ..frames.log import Log, open_log
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from ..tally import threshold
from .customer import HALFWAY, RE_EARN, SHORT, TOLERATED, Band, Reason

MINIMUM = 10
"""Customers below which a group says nothing."""

HABIT = 3
"""Visits from which customers who are dissatisfied on the whole return out of habit."""


class Segment(StrEnum):
    """Customers by satisfaction (the mean of their visits) and by what they are worth."""

    ADVOCATES = "advocates"
    SUPPORTERS = "supporters"
    VALUED = "valued"
    CONTENT = "content"
    AT_RISK = "at_risk"
    POTENTIAL_SABOTEURS = "potential_saboteurs"
    HABITUAL = "habitual"

    @property
    def hint(self) -> str:
        """How to treat customers of this segment.

        >>> Segment.ADVOCATES.hint
        'look after them: special treatment, references, new things to try'
        """
        return _HINTS[self]


_HINTS = {
    Segment.ADVOCATES: "look after them: special treatment, references, new things to try",
    Segment.SUPPORTERS: "thank them; find out what else they need",
    Segment.VALUED: "ask what would delight them: they pay for it already",
    Segment.CONTENT: "keep what was promised, and exceed it in small things",
    Segment.AT_RISK: "put right what broke it before anything is sold to them again",
    Segment.POTENTIAL_SABOTEURS: "rebuild trust on a new basis, or part with dignity: nothing left "
    "open, no last offer",
    Segment.HABITUAL: "do not take their return for consent: ask, before a competitor does",
}


def segments(
    log: Any,
    by: str | Iterable[str] = (),
    *,
    valuable_from: float,
    minimum: int = MINIMUM,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
) -> Any:
    """Customers by satisfaction and value, counted.

    Satisfaction is the mean impression of a customer's visits, judged as the policy judges a
    journey; value is the sum of the column ``worth`` over them.

    Args:
        log, policy, columns, timezone, scales, market: as for `journeyscore.frames.score`; the log
            has ``customer``, ``at`` and ``worth`` as well.
        by: columns in which all visits counted agree, such as ``site``: a customer is then one of
            each site apart.
        valuable_from: the worth from which a customer is of high value.
        minimum: customers below which a segment says nothing, from 5.

    Returns:
        A dataframe of the kind that came in, in no order: the grouping columns, ``segment``,
        ``customers``, ``visits``, ``returning`` (customers with several visits), ``impression`` and
        ``trust`` (means over customers, points), ``worth`` (their sum). All null in a segment that
        is too small. Of a log without a segment there is no row.

    Raises:
        MissingColumn: the log has no customer, no times or no worth.
        As `journeyscore.frames.score` does.
    """
    valuable = number(valuable_from, "valuable_from")
    keys = group_keys(by, results=_RESULTS) if by else []
    customers, restore = _customers(
        log, keys, policy, columns, timezone, scales, market, worth=True
    )
    high = nw.col("_worth") >= real(valuable * 100)
    impression = nw.col("_impression")
    low = impression < threshold(policy.dissatisfied_below)
    delighted = impression >= threshold(policy.delighted_from)
    segment = (
        nw.when(low & (nw.col("_visits") >= HABIT))
        .then(nw.lit(Segment.HABITUAL.value))
        .otherwise(_either(high, Segment.VALUED, Segment.CONTENT))
    )
    bad = _either(high, Segment.AT_RISK, Segment.POTENTIAL_SABOTEURS)
    segment = nw.when(low & (nw.col("_visits") < HABIT)).then(bad).otherwise(segment)
    good = _either(high, Segment.ADVOCATES, Segment.SUPPORTERS)
    segment = nw.when(delighted).then(good).otherwise(segment)
    named = customers.with_columns(segment=segment)
    return restore(_rolled_up(named, [*keys, "segment"], _minimum(minimum), worth=True))


def risk(
    log: Any,
    by: str | Iterable[str] = (),
    *,
    minimum: int = MINIMUM,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
) -> Any:
    """How many customers may not return, by band of risk and with the reasons.

    The rules are those of `journeyscore.relationship.Standing.risk`.

    Args: as for `segments`; the log has ``customer`` and ``at``.

    Returns:
        The grouping columns, ``band`` (low, raised, high), ``customers``, ``visits``,
        ``returning``, ``impression``, ``trust``, as `segments` has them, then how many customers
        each reason holds for: ``dissatisfied``, ``fell_short``, ``inconsistent``,
        ``trust_lost``.
    """
    keys = group_keys(by, results=_RESULTS) if by else []
    customers, restore = _customers(log, keys, policy, columns, timezone, scales, market)
    n, last = nw.col("_visits"), nw.col("_last")
    knows = ~last.is_null()
    gap = nw.col("_total") - last * n
    reasons = {
        Reason.DISSATISFIED: knows & (last < threshold(policy.dissatisfied_below)),
        Reason.FELL_SHORT: knows & (nw.col("_last_short") == 1),
        Reason.INCONSISTENT: knows & (n > 1) & (gap >= (n - 1) * SHORT),
        Reason.TRUST_LOST: (n > 1) & (nw.col("_broken") > 0) & (nw.col("_earned") <= 0),
    }
    flags = {each.value: told.fill_null(False).cast(nw.Int64()) for each, told in reasons.items()}
    flagged = customers.with_columns(**flags)
    several = nw.sum_horizontal(*flags)
    band = nw.when(several == 1).then(nw.lit(Band.RAISED.value)).otherwise(nw.lit(Band.HIGH.value))
    band = nw.when(several == 0).then(nw.lit(Band.LOW.value)).otherwise(band)
    banded = flagged.with_columns(band=band)
    return restore(_rolled_up(banded, [*keys, "band"], _minimum(minimum), counts=list(flags)))


def knowledge(
    log: Any,
    by: str | Iterable[str] = "segment",
    *,
    since: datetime | None = None,
    minimum: int = MINIMUM,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
) -> Any:
    """What to know about customers, group by group: value, growth, loyalty and advocates.

    Args: as for `segments`, and
        by: the columns to roll up by: the host's segments, its sites.
        since: a moment that parts the log in two, for growth.

    Returns:
        The grouping columns, ``customers``, ``visits``, ``returning``, ``impression``, ``trust``,
        ``worth`` as `segments` has them; ``delighted`` (customers delighted on the whole: who may
        speak for the house), and with `since` ``growth``: worth since then, less worth before.
    """
    keys = group_keys(by, results=_RESULTS)
    if since is not None:
        since = moment(since, "since")
    customers, restore = _customers(
        log, keys, policy, columns, timezone, scales, market, worth=True, since=since
    )
    delighted = nw.col("_impression") >= threshold(policy.delighted_from)
    told = customers.with_columns(delighted=delighted.cast(nw.Int64()))
    return restore(
        _rolled_up(
            told, keys, _minimum(minimum), worth=True, counts=["delighted"], grown=since is not None
        )
    )


def needs(
    log: Any,
    by: str | Iterable[str] = (),
    *,
    minimum: int = MINIMUM,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
) -> Any:
    """What customers come for: each need taken down, how often, and how often it was met.

    Args:
        log, columns, timezone: as for `segments`; the log has ``customer`` and ``need``, and
            ``meets`` where a need was met.
        by: further columns, in which a journey agrees.
        minimum: customers below which a need says nothing, from 5.

    Returns:
        The grouping columns, ``need``, ``customers``, ``journeys`` (that took it down), ``met`` (of
        them), ``met_share`` (0 to 1). All null of a need that too few customers have.
    """
    least = _minimum(minimum)
    keys = group_keys(by, results=(*_RESULTS, "need", "journeys", "met_share")) if by else []
    given = open_log(
        log, keys=keys, columns=columns, timezone=timezone, required=(*REQUIRED, "customer", "need")
    )
    each, _ = opened(frames.needs(nw.to_native(given.frame), by=[*keys, "customer"]))
    known = each.filter(~nw.col("customer").is_null())
    terms = {"_customers": whole(1), "_journeys": nw.col("taken"), "_met": nw.col("met")}
    sums = added(known.select(*keys, "need", **terms), [*keys, "need"])
    n = nw.when(nw.col("_customers") >= least).then(nw.col("_customers"))
    shown = {name: nw.when(~n.is_null()).then(nw.col(f"_{name}")) for name in ("journeys", "met")}
    return given.restore(
        sums.select(
            *keys, "need", customers=n, **shown, met_share=shown["met"] / nw.col("_journeys")
        )
    )


_RESULTS = (
    "customers", "visits", "returning", "impression", "trust", "worth", "growth", "delighted",
    "band", *(each.value for each in Reason),
)  # fmt: skip
"""Columns that come out, and so cannot be grouped by."""


def _minimum(given: object) -> int:
    if type(given) is not int or given < 5:
        raise InvalidValue(f"{described(given)} is not a whole number from 5", path="minimum")
    return given


def _either(flag: nw.Expr, one: Segment, other: Segment) -> nw.Expr:
    return nw.when(flag).then(nw.lit(one.value)).otherwise(nw.lit(other.value))


# -- visits and customers ------------------------------------------------------------------------


def _customers(
    log: Any,
    keys: list[str],
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
    market: Any,
    *,
    worth: bool = False,
    since: datetime | None = None,
) -> tuple[nw.LazyFrame[Any], Any]:
    """A row a customer: their `Standing` in columns, and the way back to the kind of the log."""
    given = open_log(
        log,
        keys=keys,
        columns=columns,
        timezone=timezone,
        required=(*REQUIRED, "customer", "at"),
        numbers=["worth"] if worth else [],
    )
    each, _ = opened(
        frames.touchpoints(
            nw.to_native(given.frame),
            keep=[name for name in keys if name not in _KEPT],
            policy=policy,
            scales=scales,
            market=market,
        )
    )
    visits = _visits(each, [*keys, "customer"], policy)
    if worth:
        visits = visits.join(_worth(given, since), on=["customer", "journey"], how="left")
        visits = visits.with_columns(nw.col("_worth", "_growth").fill_null(0))
    return _standings(visits, [*keys, "customer"], worth=worth), given.restore


_KEPT = ("journey", "touchpoint", "at", "customer", "team", "site", "channel", "stage", "source")
"""Columns that `frames.touchpoints` keeps unasked."""


def _visits(touchpoints: nw.LazyFrame[Any], keys: list[str], policy: Policy) -> nw.LazyFrame[Any]:
    """A row a visit: its impression, its end, and whether it was kept, broken, and fell short."""
    units = (nw.col("weight") * real(100.0) + real(0.5)).floor()
    value = (nw.col("value") * real(100.0) + real(0.5)).floor()
    par = (nw.col("anticipated") * real(100.0) + real(0.5)).floor()
    terms = touchpoints.filter(~nw.col("customer").is_null()).select(
        *keys, "journey", _end="at", _w=units, _v=units * value, _a=units * par
    )
    summed = terms.group_by(*keys, "journey").agg(
        nw.col("_w").sum(), nw.col("_v").sum(), nw.col("_a").sum(), nw.col("_end").max()
    )
    visits = summed.with_columns(
        _impression=weighted_mean(nw.col("_v"), nw.col("_w")),
        _par=weighted_mean(nw.col("_a"), nw.col("_w")),
    )
    dissatisfied = nw.col("_impression") < threshold(policy.dissatisfied_below)
    below = nw.col("_par") - nw.col("_impression")
    flags = {
        "_kept": (below <= TOLERATED) & ~dissatisfied,
        "_broken": (below >= SHORT) | dissatisfied,
        "_short": below >= SHORT,
    }
    return visits.with_columns(**{name: flag.cast(nw.Int64()) for name, flag in flags.items()})


def _worth(given: Log, since: datetime | None) -> nw.LazyFrame[Any]:
    """What each visit was worth, in hundredths of the host's unit; of several numbers the largest.

    ``_growth`` is the same, and negative where the visit began before `since`.
    """
    hundredths = (nw.col("worth").cast(nw.Float64()) * real(100.0) + real(0.5)).floor()
    known = given.frame.filter(~nw.col("customer").is_null())
    visits = known.select("customer", "journey", _worth=hundredths, _begin="at")
    each = visits.group_by("customer", "journey").agg(
        nw.col("_worth").max().cast(nw.Int64()), nw.col("_begin").min()
    )
    is_new = nw.lit(True) if since is None else nw.col("_begin") >= nw.lit(since)
    grown = nw.when(is_new).then(nw.col("_worth")).otherwise(whole(0) - nw.col("_worth"))
    return each.select("customer", "journey", "_worth", _growth=grown)


def _standings(visits: nw.LazyFrame[Any], keys: list[str], *, worth: bool) -> nw.LazyFrame[Any]:
    """Visits as the standings of their customers."""
    is_last = (nw.col("_end") == nw.col("_end").max().over(*keys)).fill_null(False)
    worse = nw.col("_impression") * 2 + whole(1) - nw.col("_short")  # of two last ones it counts
    marked = visits.with_columns(_is_last=is_last, _worse=worse).with_columns(
        _packed=nw.when(nw.col("_is_last")).then(nw.col("_worse")).otherwise(whole(_NONE)),
        _one=whole(1),
    )
    more = ["_worth", "_growth"] if worth else []
    summed = marked.group_by(*keys).agg(
        nw.col("_one").sum().alias("_visits"),
        nw.col("_impression").sum().alias("_total"),
        nw.col("_kept").sum(),
        nw.col("_broken").sum(),
        nw.col("_packed").min(),
        *(nw.col(name).sum() for name in more),
    )
    names = ["_visits", "_total", "_kept", "_broken", *more]
    # DuckDB sums to 128 bits, which it does not turn into floats exactly
    sums = summed.with_columns(nw.col(name).cast(nw.Int64()) for name in names)
    packed = nw.when(nw.col("_packed") < _NONE).then(nw.col("_packed"))
    half = (packed * real(0.5)).floor().cast(nw.Int64())
    counted = sums.with_columns(
        _impression=weighted_mean(nw.col("_total"), nw.col("_visits")),
        _last=half,
        _last_short=whole(1) - (packed - half * 2),
        _earned=nw.col("_kept") - nw.col("_broken") * RE_EARN,
    )
    floored = nw.when(nw.col("_earned") > 0).then(nw.col("_earned")).otherwise(whole(0))
    trusted = counted.with_columns(_e=floored)
    return trusted.with_columns(_trust=weighted_mean(nw.col("_e") * 10000, nw.col("_e") + HALFWAY))


_NONE = 10**6
"""More than any packed visit."""


def _rolled_up(
    customers: nw.LazyFrame[Any],
    keys: list[str],
    minimum: int,
    *,
    worth: bool = False,
    counts: list[str] | None = None,
    grown: bool = False,
) -> nw.LazyFrame[Any]:
    """Customers together, group by group; a group that is too small says nothing."""
    counts = counts or []
    several = (nw.col("_visits") > 1).cast(nw.Int64())
    terms = {"_n": whole(1), "_many": several}
    columns = ["_visits", "_impression", "_trust", *(["_worth", "_growth"] if worth else [])]
    each = customers.select(*keys, *columns, *counts, **terms)
    sums = added(each, keys)
    n = nw.when(nw.col("_n") >= minimum).then(nw.col("_n"))

    def shown(name: str) -> nw.Expr:
        return nw.when(~n.is_null()).then(nw.col(name))

    def mean(name: str) -> nw.Expr:
        return points((nw.col(name) / n + real(0.5)).floor())

    result = {
        "customers": n,
        "visits": shown("_visits"),
        "returning": shown("_many"),
        "impression": mean("_impression"),
        "trust": mean("_trust"),
    }
    if worth:
        result["worth"] = points(shown("_worth").cast(nw.Float64()))
    if grown:
        result["growth"] = points(shown("_growth").cast(nw.Float64()))
    result |= {name: shown(name) for name in counts}
    return sums.select(*keys, **result)
