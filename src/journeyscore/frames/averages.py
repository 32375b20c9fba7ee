"""Averages over journeys, each journey counting once, with an interval."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from .formula import points, real, weighted_mean, whole


def over_journeys(journeys: nw.LazyFrame[Any], keys: list[str]) -> nw.LazyFrame[Any]:
    """The mean of journeys' impressions, with a 95% interval from their spread.

    The sums are of whole hundredths, so that every engine has the same. The interval is the
    mean plus and minus ``t * s / sqrt(n)``, with Student's t, and ends at 0 and 100.
    """
    measured = (nw.col("weight") > 0) & ~nw.col("value").is_null()
    impression = weighted_mean(nw.col("value"), nw.col("weight"))
    n_ = nw.when(measured).then(impression).otherwise(whole(0))
    each = journeys.with_columns(_n=measured.cast(nw.Int64()), _s=n_, _q=n_ * n_)
    names = ["_n", "_s", "_q", "count", "rejected"]
    grouped = each.group_by(*keys).agg(*(nw.col(name).sum() for name in names))
    n = nw.when(nw.col("_n") > 0).then(nw.col("_n"))
    above_one = nw.when(nw.col("_n") > 1).then(nw.col("_n") - 1)
    mean = nw.col("_s") / n
    # n*sum(x*x) - sum(x)^2 might not fit 64 bits, so the mean is squared as a float
    spread = nw.col("_q") / above_one - mean * mean * (n / above_one)
    error = nw.when(spread > 0).then(spread).otherwise(real(0.0)).sqrt() / (n / whole(1)).sqrt()
    half = _student(above_one) * error
    low, high = (mean - half + real(0.5)).floor(), (mean + half + real(0.5)).floor()
    return grouped.select(
        *keys,
        journeys=nw.col("_n"),
        impression=points((mean + real(0.5)).floor()),
        low=points(nw.when(low < 0).then(real(0.0)).otherwise(low)),
        high=points(nw.when(high > 10000).then(real(10000.0)).otherwise(high)),
        touchpoints=nw.col("count"),
        rejected=nw.col("rejected"),
    )


def _student(degrees: nw.Expr) -> nw.Expr:
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
    inverse = whole(1) / degrees
    series = real(terms[-1])
    for term in reversed(terms[:-1]):
        series = series * inverse + real(term)
    for number, exact in ((1, 12.706204736174698), (2, 4.302652729749462), (3, 3.182446305284263)):
        series = nw.when(degrees == number).then(real(exact)).otherwise(series)
    return series
