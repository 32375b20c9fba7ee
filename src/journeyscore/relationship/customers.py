"""Relationships over a journey log: segments, risks and what to know about customers.

Every row is of many customers together. A group of fewer than ``minimum`` is there, and says
nothing: no customer can be told from it, and none is labelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import narwhals as nw

from .. import frames
from ..checks import moment, number, whole_from
from ..frames.averages import added
from ..frames.columns import REQUIRED, group_keys
from ..frames.engines import opened
from ..frames.formula import points, real, whole
from ..frames.kinds import of_its_kind
from ..frames.log import open_log
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from ..tally import threshold
from .customer import SHORT, Band, Reason
from .segment import Segment
from .visits import standings_of, visits_of, worth_of

MINIMUM = 10
"""Customers below which a group says nothing, unless another number is given."""

FEWEST = 5
"""The least that may be given."""

HABIT = 3
"""Visits from which customers who are dissatisfied on the whole return out of habit."""


@of_its_kind
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
    return restore(_rolled_up(named, [*keys, "segment"], minimum, worth=True))


@of_its_kind
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
    return restore(_rolled_up(banded, [*keys, "band"], minimum, counts=list(flags)))


@of_its_kind
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
        _rolled_up(told, keys, minimum, worth=True, counts=["delighted"], grown=since is not None)
    )


@of_its_kind
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
    least = whole_from(minimum, FEWEST, "minimum")
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


def _either(flag: nw.Expr, one: Segment, other: Segment) -> nw.Expr:
    return nw.when(flag).then(nw.lit(one.value)).otherwise(nw.lit(other.value))


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
            keep=keys,
            policy=policy,
            scales=scales,
            market=market,
        )
    )
    visits = visits_of(each, [*keys, "customer"], policy)
    if worth:
        worths = worth_of(given, since)
        visits = visits.join(worths, on=["customer", "journey"], how="left")
        visits = visits.with_columns(nw.col("_worth", "_growth").fill_null(0))
    return standings_of(visits, [*keys, "customer"], worth=worth), given.restore


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
    least, counts = whole_from(minimum, FEWEST, "minimum"), counts or []
    several = (nw.col("_visits") > 1).cast(nw.Int64())
    terms = {"_n": whole(1), "_many": several}
    columns = ["_visits", "_impression", "_trust", *(["_worth", "_growth"] if worth else [])]
    each = customers.select(*keys, *columns, *counts, **terms)
    sums = added(each, keys)
    n = nw.when(nw.col("_n") >= least).then(nw.col("_n"))

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
