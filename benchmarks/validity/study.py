"""A study: one public set, scored, beside its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

from journeyscore import Policy, frames

from .. import logs

Floats = NDArray[np.float64]
Measure = Callable[[Floats, Floats], float]
"""How well a score (first) tells an outcome (second)."""

FEW = 5
"""Fewer customers show their number only: a mean of two is nearly a row of the data."""

LOSS_AVERSION = 2.25
"""Of the pure gap, after Tversky and Kahneman (1992): what a textbook would take."""


def r2(score: Floats, outcome: Floats) -> float:
    """The squared correlation: the R2 of the straight line through the score."""
    return float(np.corrcoef(score, outcome)[0, 1] ** 2)


def auc(score: Floats, outcome: Floats) -> float:
    """The chance that a satisfied customer has the higher score of two."""
    satisfied = outcome > 50
    n = int(satisfied.sum())
    above = rankdata(score)[satisfied].sum() - n * (n + 1) / 2
    return float(above / (n * (len(outcome) - n)))


def rho(score: Floats, outcome: Floats) -> float:
    """Spearman's: the correlation of ranks, ties sharing theirs."""
    return float(np.corrcoef(rankdata(score), rankdata(outcome))[0, 1])


@dataclass(frozen=True)
class Study:
    """One set of customers.

    Attributes:
        name: of the set.
        log: the journey log, with a column ``outcome``, 0 to 100.
        customers: a row a customer: journey, outcome, what `frames.score` says, and the pure
            gap, ``gap`` and ``gap_saturated``; sorted by journey.
        touchpoints: a row a touchpoint: journey, outcome, ``effect`` in points.
        features: what the ceiling is fitted on, in the order of customers.
        ceiling: the model that is fitted, and what it is called.
        measure: how well a score tells the outcome, and what that is called.
        unhappy, happy: the outcomes up to which, and from which, a customer is so.
        outcome_means: what the mean outcome is, in words.
    """

    name: str
    log: pl.DataFrame
    customers: pl.DataFrame
    touchpoints: pl.DataFrame
    features: Floats
    ceiling: tuple[str, Any]
    measure: tuple[str, Measure]
    unhappy: float
    happy: float
    outcome_means: str

    @property
    def outcome(self) -> Floats:
        """The outcome of each customer, 0 to 100."""
        return self.customers["outcome"].to_numpy()


def scored(log: pl.DataFrame, policy: Policy | None = None) -> pl.DataFrame:
    """A row a journey, with its outcome; sorted, so that rows of two results correspond."""
    result = frames.score(log, by=["journey", "outcome"], policy=policy or Policy())
    ordered: pl.DataFrame = result.sort("journey")
    return ordered


def _gaps(log: pl.DataFrame) -> pl.DataFrame:
    """The mean gap of each journey, losses 2.25 times; as it is, and saturated as the model's."""
    gap = pl.col("delivered") - pl.col("anticipated")
    u = gap / (pl.col("gap_scale") if "gap_scale" in log.columns else 0.2)
    averse = pl.when(gap < 0).then(LOSS_AVERSION).otherwise(1.0)
    return log.group_by("journey").agg(
        gap=(gap * averse).mean(), gap_saturated=(u / (1 + u * u).sqrt() * averse).mean()
    )


def _effects(log: pl.DataFrame) -> pl.DataFrame:
    """The effect of each touchpoint: the fold of a group of one is the touchpoint itself."""
    tallies = frames.fold(log.with_row_index("row"), by=["row", "journey", "outcome"])
    effect = (pl.col("value") - pl.col("par")) / pl.col("weight") / 100
    return tallies.filter(pl.col("count") > 0).select("journey", "outcome", effect=effect)


def _study(name: str, log: pl.DataFrame, features: pl.DataFrame, **more: Any) -> Study:
    customers = scored(log).join(_gaps(log), on="journey", how="left", maintain_order="left")
    ordered = customers.select("journey").join(features, on="journey", maintain_order="left")
    return Study(
        name=name,
        log=log,
        customers=customers,
        touchpoints=_effects(log),
        features=ordered.drop("journey").to_numpy().astype(float),
        **more,
    )


def _stars(column: str) -> pl.Expr:
    """A rating of 1 to 5 as an outcome of 0 to 100."""
    return (pl.col(column) - 1.0) * 25.0


def _wide(log: pl.DataFrame) -> pl.DataFrame:
    """The levels delivered, a column a touchpoint; what did not take place at the mean."""
    wide = log.pivot("touchpoint", index="journey", values="delivered")
    return wide.with_columns(pl.exclude("journey").fill_null(strategy="mean"))


def orders(data: Path) -> Study:
    """A shop's promise of a delivery, and its review."""
    path = data / "orders.csv"
    return _study(
        "orders",
        logs.orders(path).with_columns(outcome=_stars("csat")),
        _order_features(path),
        ceiling=("boosting on raw durations, cross-validated",
                 HistGradientBoostingRegressor(
                     max_depth=3, learning_rate=0.05, max_iter=120, random_state=0)),
        measure=("R2", r2), unhappy=25.0, happy=100.0, outcome_means="mean review",
    )  # fmt: skip


def _order_features(path: Path) -> pl.DataFrame:
    """Everything that is known of an order, in days."""
    given = pl.read_csv(path, try_parse_dates=True)
    bought = pl.col("order_purchase_timestamp")
    others = [name for name in given.columns if name.endswith(("_date", "_at"))]
    return given.select(
        pl.format("order-{}", "order").alias("journey"),
        *((pl.col(name) - bought).dt.total_seconds() / 86_400 for name in others),
    )


def airline(data: Path) -> Study:
    """A flight's touchpoints, and whether the passenger was satisfied."""
    log = logs.airline(data / "airline_touchpoints.csv")
    return _study(
        "airline",
        log.with_columns(outcome=pl.col("satisfied") * 100.0),
        _wide(log),
        ceiling=("logit on the ratings, cross-validated", LogisticRegression(max_iter=1000)),
        measure=("AUC", auc), unhappy=0.0, happy=100.0, outcome_means="part satisfied, percent",
    )  # fmt: skip


def hotel(data: Path) -> Study:
    """A stay's aspects, and its overall rating."""
    log = logs.hotel(data / "hotel_aspects.csv")
    return _study(
        "hotel",
        log.with_columns(outcome=_stars("csat")),
        _wide(log),
        ceiling=("linear regression on the ratings, cross-validated", LinearRegression()),
        measure=("rho", rho), unhappy=25.0, happy=100.0, outcome_means="mean overall rating",
    )  # fmt: skip


STUDIES: tuple[Callable[[Path], Study], ...] = (orders, airline, hotel)
