"""The same read-outs as a hand-written Polars query in floats: what a good analyst would write."""

from __future__ import annotations

import polars as pl

KNOWN = ("asked", "promised", "experienced")


def float_query(log: pl.LazyFrame) -> pl.LazyFrame:
    """Impression, par, delivered, consistency, known share, verdict and count of each journey.

    It has the model's formula and default parameters, and none of its promises: nothing is
    checked, sums are of floats and so differ from run to run, and nothing can be merged later.
    """
    basis, w = pl.col("basis"), pl.col("weight")
    anticipated, delivered = pl.col("anticipated"), pl.col("delivered")
    u = (delivered - anticipated) * 5.0
    share = pl.when(basis == "promised").then(0.75).otherwise(0.25)
    headroom = pl.when(u >= 0).then(0.5 * (1.0 - delivered)).otherwise(delivered)
    value = delivered + share * (u / (1.0 + u * u).sqrt()) * headroom
    effect = pl.col("v") - anticipated
    sums = (
        log.with_columns(v=value)
        .group_by("journey")
        .agg(
            touchpoints=pl.len(),
            w=w.sum(),
            v=(w * pl.col("v")).sum(),
            a=(w * anticipated).sum(),
            d=(w * delivered).sum(),
            e2=(w * effect * effect).sum(),
            k=pl.when(basis.is_in(KNOWN)).then(w).otherwise(0.0).sum(),
        )
    )
    per_weight = 100.0 / pl.col("w")
    mean = (pl.col("v") - pl.col("a")) / pl.col("w")
    spread = (pl.col("e2") / pl.col("w") - mean * mean).clip(0.0).sqrt()
    readouts = sums.select(
        "journey",
        "touchpoints",
        impression=(pl.col("v") * per_weight).round(2),
        par=(pl.col("a") * per_weight).round(2),
        delivered=(pl.col("d") * per_weight).round(2),
        consistency=pl.when(pl.col("touchpoints") > 1).then((100.0 - 100.0 * spread).round(2)),
        known_share=(pl.col("k") / pl.col("w")).round(4),
    )
    impression = pl.col("impression")
    return readouts.with_columns(
        verdict=pl.when(impression < 55)
        .then(pl.lit("dissatisfied"))
        .when((impression >= 80) & (impression >= pl.col("par")))
        .then(pl.lit("delighted"))
        .otherwise(pl.lit("satisfied"))
    )
