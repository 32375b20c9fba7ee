"""From the touchpoints of a log to visits, and from visits to the standings of their customers.

The rules of `journeyscore.relationship.standing`, as expressions: whole numbers in columns.
"""

from __future__ import annotations

from datetime import datetime
from sys import float_info
from typing import Any

import narwhals as nw

from ..frames.formula import real, weighted_mean, whole
from ..frames.log import Log
from ..policy import Policy
from ..tally import threshold
from .customer import HALFWAY, RE_EARN, SHORT, TOLERATED


def visits_of(touchpoints: nw.LazyFrame[Any], keys: list[str], policy: Policy) -> nw.LazyFrame[Any]:
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


def worth_of(given: Log, since: datetime | None) -> nw.LazyFrame[Any]:
    """What each visit was worth, in hundredths of the host's unit; of several numbers the largest.

    ``_growth`` is the same, and negative where the visit began before `since`. Of a worth that is
    no finite number, for which its row is rejected, no whole number can be made.
    """
    worth = nw.col("worth").cast(nw.Float64())
    finite = nw.when((worth >= -float_info.max) & (worth <= float_info.max)).then(worth)
    hundredths = (finite * real(100.0) + real(0.5)).floor()
    known = given.frame.filter(~nw.col("customer").is_null())
    visits = known.select("customer", "journey", _worth=hundredths, _begin="at")
    each = visits.group_by("customer", "journey").agg(
        nw.col("_worth").max().cast(nw.Int64()), nw.col("_begin").min()
    )
    is_new = nw.lit(True) if since is None else nw.col("_begin") >= nw.lit(since)
    grown = nw.when(is_new).then(nw.col("_worth")).otherwise(whole(0) - nw.col("_worth"))
    return each.select("customer", "journey", "_worth", _growth=grown)


def standings_of(visits: nw.LazyFrame[Any], keys: list[str], *, worth: bool) -> nw.LazyFrame[Any]:
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
