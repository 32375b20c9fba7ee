"""Moments that matter under the default policy: how many there are, and whether they mattered."""

from __future__ import annotations

import polars as pl

from journeyscore import Policy

from ..report import Row
from .study import FEW, Study


def moments(study: Study) -> list[Row]:
    """For *broke* and *made*: how many touchpoints and customers have one, and what those say."""
    policy = Policy()
    return [
        {"data": study.name, "moment": f"broke: -{policy.broke:g} or less"}
        | flagged_by_effect(study, pl.col("effect") <= -policy.broke),
        {"data": study.name, "moment": f"made: +{policy.made:g} or more"}
        | flagged_by_effect(study, pl.col("effect") >= policy.made),
    ]


def flagged_by_effect(study: Study, flag: pl.Expr) -> dict[str, float | int | None]:
    """The part of touchpoints flagged, the part of customers with one, the outcomes of both."""
    has = with_moment(study, flag)
    return {
        "touchpoints": study.touchpoints.select(flag.mean()).item(),
        "customers": mean(has["flagged"]),
        **outcomes(has),
    }


def with_moment(study: Study, flag: pl.Expr) -> pl.DataFrame:
    """A row a customer, ``flagged`` where any of the touchpoints is."""
    return study.touchpoints.group_by("journey", "outcome").agg(flag.any().alias("flagged"))


def outcomes(customers: pl.DataFrame) -> dict[str, float | None]:
    """The mean outcome of those flagged, of the others, and what the flag tells of it (R2)."""
    flagged = customers["flagged"]
    having = mean(customers.filter(flagged)["outcome"])
    others = mean(customers.filter(~flagged)["outcome"])
    if having is None or others is None:
        return {"with": having, "without": others, "difference": None, "R2": None}
    correlation = customers.select(pl.corr(pl.col("flagged").cast(pl.Float64), "outcome")).item()
    return {
        "with": having,
        "without": others,
        "difference": having - others,
        "R2": correlation**2,
    }


def mean(column: pl.Series) -> float | None:
    """The mean of numbers, or the part that is true; None of too few."""
    return float(column.cast(pl.Float64).to_numpy().mean()) if len(column) >= FEW else None


def customers_by_moments(study: Study) -> list[Row]:
    """Customers with moments of neither kind, of one, of both."""
    policy = Policy()
    kinds = study.touchpoints.group_by("journey", "outcome").agg(
        broke=(pl.col("effect") <= -policy.broke).any(),
        made=(pl.col("effect") >= policy.made).any(),
    )
    names = {(False, False): "none", (False, True): "made", (True, True): "made and broke"}
    return [
        {
            "data": study.name,
            "moments": names.get((broke, made), "broke"),
            "customers": len(found) / len(kinds),
            "mean outcome": mean(found["outcome"]),
        }
        for broke, made in ((False, True), (False, False), (True, True), (True, False))
        for found in [kinds.filter((pl.col("broke") == broke) & (pl.col("made") == made))]
    ]
