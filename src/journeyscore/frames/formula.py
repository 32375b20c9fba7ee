"""The model as Narwhals expressions: the same formulas, in the same order, the same bits.

Only elementwise ``+ - * / sqrt floor max``, comparisons and grouped sums. Constants are Float64
literals, and a division by a constant is a product with its reciprocal, because engines disagree
on both otherwise.

The whole numbers of section 3 stay whole numbers *in Float64 columns*: their sums are exact below
2^53, in any order, and engines add floats faster than integers, DuckDB most of all, whose integer
sums have 128 bits. Within `MAX_WEIGHT` every sum but ``squares`` stays below; that one is
summed as integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from ..policy import Policy
from ..tally import threshold

MAX_WEIGHT = 92_233_720_368
"""The largest integer weight of one group: beyond it ``sum(w*E*E)`` might not fit 64 bits."""

SUMS = ("count", "weight", "value", "par", "squares", "delivered", "known")
"""The fields of a Tally, under their names."""


def real(value: float) -> nw.Expr:
    """A Float64 literal: a bare 0.2 is a DECIMAL to some engines."""
    return nw.lit(value, nw.Float64())


def whole(value: int) -> nw.Expr:
    """An Int64 literal."""
    return nw.lit(value, nw.Int64())


def hundredths(level: nw.Expr) -> nw.Expr:
    """``floor(level*10000 + 0.5)``, a whole number in Float64."""
    return (level * real(10000.0) + real(0.5)).floor()


def weight_units(weight: nw.Expr) -> nw.Expr:
    """A positive weight as whole hundredths in Float64, at least 1."""
    units = (weight * real(100.0) + real(0.5)).floor()
    return nw.when(units < 1).then(real(1.0)).otherwise(units)


def with_gap(rows: nw.LazyFrame[Any], per_gap: nw.Expr) -> nw.LazyFrame[Any]:
    """The rows with ``_gap``, ``u / sqrt(1 + u*u)``, with ``per_gap = 1 / gap_scale``.

    Step by step: Narwhals guards ``sqrt`` and ``/`` by conditions that name their operands several
    times, and Spark computes each of them anew (the root five times a row).
    """
    u = nw.col("_u")
    stretched = rows.with_columns(_u=(nw.col("_d") - nw.col("_a")) * per_gap)
    rooted = stretched.with_columns(_root=(real(1.0) + u * u).sqrt())
    return rooted.with_columns(_gap=u / nw.col("_root"))


def value(delivered: nw.Expr, gap: nw.Expr, promised: nw.Expr | None, policy: Policy) -> nw.Expr:
    """The value of a reading, 0 to 1; ``promised`` None where nothing was."""
    share = real(policy.share)
    if promised is not None:
        share = nw.when(promised).then(real(policy.promised_share)).otherwise(share)
    gain = real(1 / policy.loss_aversion)
    is_surplus = gap >= 0
    disconfirmation = nw.when(is_surplus).then(gap * gain).otherwise(gap)
    room = nw.when(is_surplus).then(real(1.0) - delivered).otherwise(delivered)
    return delivered + share * disconfirmation * room


def weighted_mean(total: nw.Expr, weight: nw.Expr) -> nw.Expr:
    """``floor(float(total) / float(weight) + 0.5)`` of two integer columns, as an integer.

    ``int / int`` is a true division of both as floats, on every engine.
    """
    return (total / weight + real(0.5)).floor().cast(nw.Int64())


def points(hundredths_: nw.Expr) -> nw.Expr:
    """``N / 100`` of a float column of whole numbers, correctly rounded on every engine.

    A division by a constant would become a product with its rounded reciprocal. The reciprocal
    split in two parts, the first short enough that its product is exact, rounds only once.
    """
    high, low = float.fromhex("0x1.47ae147ae0000p-7"), float.fromhex("0x1.47ae147ae147bp-47")
    return hundredths_ * real(high) + hundredths_ * real(low)


def share_of(ten_thousandths: nw.Expr) -> nw.Expr:
    """``N / 10000`` of a float column of whole numbers, likewise."""
    high, low = float.fromhex("0x1.a36e2eb1c4000p-14"), float.fromhex("0x1.9652bd3c36113p-57")
    return ten_thousandths * real(high) + ten_thousandths * real(low)


def readouts(summed: nw.LazyFrame[Any], keys: Sequence[str], policy: Policy) -> nw.LazyFrame[Any]:
    """The read-outs of sums under the names of `SUMS`; null where nothing was folded.

    Args:
        summed: what `sums` or `tallies` gave: whole numbers, as integers or in Float64.
        keys: the grouping columns.
        policy: for the verdict.
    """
    measured = (nw.col("weight") > 0) & (nw.col("weight") <= MAX_WEIGHT)
    weight = nw.col("_weight")
    means = summed.with_columns(_weight=nw.when(measured).then(nw.col("weight"))).with_columns(
        _impression=_rounded(nw.col("value") / weight),
        _par=_rounded(nw.col("par") / weight),
        _delivered=_rounded(nw.col("delivered") / weight),
        _known=_rounded(nw.col("known") * 10000 / weight),
        _mean=(nw.col("value") - nw.col("par")) / weight,
    )
    variance = nw.col("squares") / weight - nw.col("_mean") * nw.col("_mean")
    spread = nw.max_horizontal(variance, real(0.0)).sqrt()  # 0 of null to some engines
    several = ~weight.is_null() & (nw.col("count") >= 2)
    spread_out = means.with_columns(
        _consistency=nw.when(several).then(real(10000.0) - _rounded(spread))
    )
    return spread_out.select(
        *keys,
        touchpoints=nw.col("count").cast(nw.Int64()),
        impression=points(nw.col("_impression")),
        par=points(nw.col("_par")),
        delivered=points(nw.col("_delivered")),
        consistency=points(nw.col("_consistency")),
        known_share=share_of(nw.col("_known")),
        verdict=verdict(nw.col("_impression"), nw.col("_par"), policy),
        rejected=nw.col("rejected").cast(nw.Int64()),
    )


def _rounded(number: nw.Expr) -> nw.Expr:
    return (number + real(0.5)).floor()


def verdict(impression: nw.Expr, par: nw.Expr, policy: Policy) -> nw.Expr:
    """The verdict on an impression and a par in hundredths of a point; null of null."""
    delighted = (impression >= threshold(policy.delighted_from)) & (impression >= par)
    content = nw.when(delighted).then(nw.lit("delighted")).otherwise(nw.lit("satisfied"))
    dissatisfied_below = threshold(policy.dissatisfied_below)
    return (
        nw.when(impression < dissatisfied_below)
        .then(nw.lit("dissatisfied"))
        .otherwise(nw.when(impression >= dissatisfied_below).then(content))
    )


def sums(
    rows: nw.LazyFrame[Any], keys: Sequence[str], ends: Sequence[str] = ()
) -> nw.LazyFrame[Any]:
    """The sums of each group of rows (``_w, _V, _A, _D, _known, rejected``), as engines give them.

    Args:
        rows: what is summed.
        keys: the grouping columns.
        ends: columns whose smallest and largest value are wanted as well.

    Returns:
        The keys, the columns of `SUMS` and ``rejected``: whole numbers, ``squares`` as Int64,
        ``count`` and ``rejected`` as any integer, the rest as Float64; ``NAME_low`` and
        ``NAME_high`` of `ends`. A group of which nothing
        was folded has a count of 0; a sum over nothing is null to some engines. Past `MAX_WEIGHT`
        sums mean nothing.
    """
    w, v, a, d = (nw.col(name).cast(nw.Float64()) for name in ("_w", "_V", "_A", "_D"))
    effect = v - a
    terms = rows.select(
        *keys,
        *ends,
        weight=w,
        value=w * v,
        par=w * a,
        squares=(w * effect * effect).cast(nw.Int64()),
        delivered=w * d,
        known=nw.when(nw.col("_known")).then(w).otherwise(real(0.0)),
        rejected=nw.col("rejected"),
    )
    summed = terms.group_by(*keys).agg(
        nw.col("weight").count().alias("count"),
        *(nw.col(name).sum() for name in (*SUMS[1:], "rejected")),
        **{f"{name}_low": nw.col(name).min() for name in ends},
        **{f"{name}_high": nw.col(name).max() for name in ends},
    )
    return summed.with_columns(nw.col("squares").cast(nw.Int64()))  # DuckDB sums to 128 bits


def tallies(summed: nw.LazyFrame[Any], keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """Those sums as tallies: Int64, null past the bound."""
    whole_ = {name: nw.col(name).cast(nw.Int64()).fill_null(0) for name in (*SUMS, "rejected")}
    fits = nw.col("weight").fill_null(0.0) <= MAX_WEIGHT
    guarded = {name: nw.when(fits).then(whole_[name]) for name in SUMS[2:]}
    return summed.select(*keys, **{**whole_, **guarded})
