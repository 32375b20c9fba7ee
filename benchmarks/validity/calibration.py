"""Calibration in points: customers whose score is about 70, what do they say themselves?"""

from __future__ import annotations

import polars as pl

from ..report import Row
from .study import FEW, Study


def calibration(study: Study) -> list[Row]:
    """A row a bin of ten points of impression, with the mean of impression and of outcome."""
    lower = (pl.col("impression") // 10 * 10).clip(upper_bound=90).cast(pl.Int64)
    bins = (
        study.customers.group_by(lower=lower)
        .agg(
            pl.len().alias("n"),
            pl.col("impression", "outcome").mean(),
            error=pl.col("outcome").std() / pl.len().cast(pl.Float64).sqrt(),
        )
        .sort("lower")
    )
    return [_row(each) for each in bins.iter_rows(named=True)]


def _row(found: dict[str, float]) -> Row:
    shown = found["n"] >= FEW
    return {
        "impression": f"{found['lower']}-{found['lower'] + 10}",
        "customers": found["n"],
        "mean impression": found["impression"] if shown else None,
        "mean outcome": found["outcome"] if shown else None,
        "difference": found["outcome"] - found["impression"] if shown else None,
        "standard error": found["error"] if shown else None,
    }


def summary(study: Study, enough: int) -> Row:
    """The largest difference of a bin with enough customers, and the mean over customers."""
    shown = [each for each in calibration(study) if each["difference"] is not None]
    large = [each for each in shown if each["customers"] >= enough]
    largest = max(large, key=lambda each: abs(each["difference"]))
    total = sum(each["customers"] for each in shown)
    return {
        "data": study.name,
        "largest difference": abs(largest["difference"]),
        "at impression": largest["impression"],
        "customers there": largest["customers"],
        "standard error": largest["standard error"],
        "mean difference over customers": sum(
            each["customers"] * abs(each["difference"]) / total for each in shown
        ),
    }
