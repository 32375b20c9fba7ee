"""Whether scores say what customers said: the default policy on three public sets.

Each set has an outcome that scoring does not see (a review, an overall rating, satisfied or not).
Beside the impression stand the plain mean of what was delivered, the pure gap, and a *ceiling*:
a model fitted to the outcome, cross-validated. Nothing else is fitted but, in tables of their own,
the weights of touchpoints (`journeyscore.drivers`). Only aggregates leave this benchmark.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..report import Goal, Report, Row
from .calibration import calibration, summary
from .moments import customers_by_moments, moments
from .prediction import predictions
from .study import STUDIES, Study
from .thresholds import effect_thresholds, verdict_thresholds
from .weights import fitted, gain, weights

WITHIN, ENOUGH = 4.0, 20
"""Points within which a bin should be calibrated, if it has so many customers."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where the data is."""
    parser.add_argument("--data", required=True, type=Path, help="directory of the public data")


def run(options: argparse.Namespace) -> Report:
    """Score the three sets, and compare with their outcomes."""
    studies = [each(Path(options.data)) for each in STUDIES]
    prediction = [row for study in studies for row in predictions(study)]
    tables: dict[str, list[Row]] = {"How well the outcome is predicted": prediction}
    tables["Calibration in short, points"] = [summary(study, ENOUGH) for study in studies]
    for study in studies:
        tables[f"Calibration, {study.name}: {study.outcome_means}"] = calibration(study)
    tables["Moments that matter"] = [row for study in studies for row in moments(study)]
    tables["Customers by their moments"] = [
        row for study in studies for row in customers_by_moments(study)
    ]
    tables["Other thresholds of moments"] = [
        row for study in studies for row in effect_thresholds(study)
    ]
    tables["Other thresholds of the verdict"] = [
        row for study in studies for row in verdict_thresholds(study)
    ]
    drivers = {study.name: found for study in studies if (found := fitted(study)) is not None}
    tables["Weights fitted to the outcome, cross-validated"] = [
        gain(study, drivers[study.name]) for study in studies if study.name in drivers
    ]
    for name, found in drivers.items():
        tables[f"Fitted weights, {name}"] = weights(found)
    return Report(
        "validity",
        {study.name: f"{len(study.customers)} customers" for study in studies},
        tables,
        [
            *_goals(prediction),
            *(_calibrated(study) for study in studies if study.name == "hotel"),
            Goal(
                "airline, AUC with fitted weights", drivers["airline"].fitted, 0.89, at_least=True
            ),
        ],
        [
            "R2 is the squared correlation with the outcome: of the one score, a straight line",
            "low, high: 95% by bootstrap over customers; of a difference, it is paired",
            "outcomes from 0 to 100: a rating of 1 is 0 and of 5 is 100; satisfied is 100",
            "unhappy: a rating of 1 or 2, or not satisfied; happy: a rating of 5, or satisfied",
            "with, without: the mean outcome of customers flagged, and of the others; hit: the"
            " part of those flagged who were unhappy (broke, dissatisfied) or happy (made,"
            " delighted); found: the part of the unhappy or happy who are flagged",
        ],
    )


def _goals(prediction: list[Row]) -> list[Goal]:
    limits = {"orders": 0.20, "airline": 0.80, "hotel": 0.80}
    return [
        Goal(f"{row['data']}, {row['measure']}", row["figure"], limits[row["data"]], at_least=True)
        for row in prediction
        if row["score"] == "impression"
    ]


def _calibrated(study: Study) -> Goal:
    what = f"{study.name}: largest difference of a bin of {ENOUGH} or more, points"
    return Goal(what, summary(study, ENOUGH)["largest difference"], WITHIN)
