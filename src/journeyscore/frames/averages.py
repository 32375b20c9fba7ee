"""Averages over journeys, each journey counting once, with an interval; and their differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from .formula import points, real, weighted_mean, whole


def journey_sums(journeys: nw.LazyFrame[Any], keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """Sums over journeys, each counting once, to be added to those of other journeys.

    Whole numbers, so that every engine has the same.

    Args:
        journeys: tallies of journeys.
        keys: the grouping columns.

    Returns:
        The keys, and of the journeys with a score ``_n``, their number, ``_s`` and ``_q``, the sums
        of their impressions (hundredths of a point) and of their squares; then ``_count`` and
        ``_rejected``, of touchpoints and of rejected rows.
    """
    measured = (nw.col("weight") > 0) & ~nw.col("value").is_null()
    weight = nw.when(measured).then(nw.col("weight"))  # 0 / 0 is no whole number
    impression = weighted_mean(nw.col("value"), weight)
    n_ = nw.when(measured).then(impression).otherwise(whole(0))
    each = journeys.with_columns(
        _n=measured.cast(nw.Int64()), _s=n_, _q=n_ * n_, _count="count", _rejected="rejected"
    )
    return added(each.select(*keys, *JOURNEY_SUMS), keys)


JOURNEY_SUMS = ("_n", "_s", "_q", "_count", "_rejected")


def added(sums: nw.LazyFrame[Any], keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """Sums of the same groups, added up; without keys, all of them."""
    names = [name for name in sums.collect_schema().names() if name not in keys]
    totals = [nw.col(name).sum() for name in names]
    grouped = sums.group_by(*keys).agg(*totals) if keys else sums.select(*totals)
    # DuckDB sums to 128 bits, which it does not turn into floats exactly
    return grouped.with_columns(*(nw.col(name).cast(nw.Int64()).fill_null(0) for name in names))


def over_journeys(sums: nw.LazyFrame[Any], keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """The mean of journeys' impressions, with a 95% interval from their spread.

    The interval is the mean plus and minus ``t * s / sqrt(n)``, with Student's t, and ends at 0
    and 100.
    """
    n = nw.when(nw.col("_n") > 0).then(nw.col("_n"))
    mean = nw.col("_s") / n
    half = student(nw.col("_n") - 1) * _variance_of_mean("").sqrt()
    low, high = (mean - half + real(0.5)).floor(), (mean + half + real(0.5)).floor()
    return sums.select(
        *keys,
        journeys=nw.col("_n"),
        impression=points((mean + real(0.5)).floor()),
        low=points(nw.when(low < 0).then(real(0.0)).otherwise(low)),
        high=points(nw.when(high > 10000).then(real(10000.0)).otherwise(high)),
        touchpoints=nw.col("_count"),
        rejected=nw.col("_rejected"),
    )


def _variance_of_mean(suffix: str) -> nw.Expr:
    """``s*s / n`` of the impressions of journeys; null below two of them."""
    n = nw.when(nw.col(f"_n{suffix}") > 1).then(nw.col(f"_n{suffix}"))
    mean = nw.col(f"_s{suffix}") / n
    # n*sum(x*x) - sum(x)^2 might not fit 64 bits, so the mean is squared as a float
    spread = nw.col(f"_q{suffix}") / (n - 1) - mean * mean * (n / (n - 1))
    return nw.when(spread > 0).then(spread).otherwise(real(0.0) * spread) / (n / whole(1))


def difference(sums: nw.LazyFrame[Any], keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """How the mean of journeys' impressions differs between two sets of journeys.

    Welch's interval (1947), *The generalization of Student's problem when several different
    population variances are involved*, with the degrees of freedom rounded down.

    Args:
        sums: what `journey_sums` gave, with the suffixes ``_before`` and ``_after``, joined.
        keys: the grouping columns.

    >>> import polars as pl
    >>> twice = {"_n": 2, "_s": 10000, "_q": 50000000, "_rejected": 0}  # two journeys of 50
    >>> sums = {f"{name}_{side}": [n] for side in ("before", "after") for name, n in twice.items()}
    >>> nw.to_native(difference(nw.from_native(pl.LazyFrame(sums)), [])).collect().row(0)
    (2, 50.0, 0, 2, 50.0, 0, 0.0, 0.0, 0.0)
    """
    means, sides = {}, {}
    for side in ("before", "after"):
        n = nw.when(nw.col(f"_n_{side}") > 0).then(nw.col(f"_n_{side}"))
        means[side] = (nw.col(f"_s_{side}") / n + real(0.5)).floor()
        sides[f"journeys_{side}"] = nw.col(f"_n_{side}")
        sides[f"impression_{side}"] = points(means[side])
        sides[f"rejected_{side}"] = nw.col(f"_rejected_{side}")
    ns = [nw.col(f"_n_{side}") for side in ("before", "after")]
    first, second = (_variance_of_mean(f"_{side}") for side in ("before", "after"))
    both = sums.with_columns(_e0=first, _e1=second).with_columns(_e=nw.col("_e0") + nw.col("_e1"))
    each = nw.col("_e0") * nw.col("_e0") / (ns[0] - 1), nw.col("_e1") * nw.col("_e1") / (ns[1] - 1)
    several = (ns[0] > 1) & (ns[1] > 1) & (nw.col("_e") > 0)
    degrees = nw.when(several).then(nw.col("_e") * nw.col("_e") / (each[0] + each[1])).floor()
    both = both.with_columns(_degrees=degrees.cast(nw.Int64()))
    half = student(nw.col("_degrees")) * nw.col("_e").sqrt()
    half = nw.when(nw.col("_e") > 0).then(half).otherwise(real(0.0) * nw.col("_e"))
    gap = nw.col("_s_after") / ns[1] - nw.col("_s_before") / ns[0]
    return both.select(
        *keys,
        **sides,
        difference=points(means["after"] - means["before"]),
        low=points((gap - half + real(0.5)).floor()),
        high=points((gap + half + real(0.5)).floor()),
    )


def student(degrees: nw.Expr) -> nw.Expr:
    """The 97.5% quantile of Student's t: exact for 1, 2 and 3 degrees of freedom, else expanded.

    Fisher and Cornish (1960), *The percentile points of distributions having known cumulants*:
    a series in 1/degrees, here good to two thousandths from 4 degrees on.
    """
    z = 1.959963984540054
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    degrees = nw.when(degrees > 0).then(degrees)
    inverse = whole(1) / degrees
    series = real(terms[-1])
    for term in reversed(terms[:-1]):
        series = series * inverse + real(term)
    for number, exact in ((1, 12.706204736174698), (2, 4.302652729749462), (3, 3.182446305284263)):
        series = nw.when(degrees == number).then(real(exact)).otherwise(series)
    return series
