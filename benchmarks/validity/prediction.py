"""How well each score tells the outcome: the impression, simpler scores, and a fitted ceiling."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import KFold, cross_val_predict

from ..report import Row
from .study import Floats, Study

SAMPLES = 400
"""Of the bootstrap."""


def predictions(study: Study) -> list[Row]:
    """A row a score: its figure, with an interval, and how far it lies above the plain mean's."""
    label, fitted = study.ceiling[0], _cross_validated(study)
    scores: dict[str, Floats] = {
        "impression": study.customers["impression"].to_numpy(),
        "plain mean of delivered": study.customers["delivered"].to_numpy(),
        "pure gap, losses 2.25": study.customers["gap"].to_numpy(),
        "the same, saturated": study.customers["gap_saturated"].to_numpy(),
        f"ceiling: {label}": fitted,
    }
    name, measure = study.measure
    outcome = study.outcome
    figures = {score: measure(values, outcome) for score, values in scores.items()}
    samples: dict[str, list[float]] = {score: [] for score in scores}
    random = np.random.default_rng(1)
    for _ in range(SAMPLES):
        drawn = random.integers(0, len(outcome), len(outcome))
        for score, values in scores.items():
            samples[score].append(measure(values[drawn], outcome[drawn]))
    plain = "plain mean of delivered"
    rows: list[Row] = []
    for score, figure in figures.items():
        low, high = np.quantile(samples[score], (0.025, 0.975)).tolist()
        above = np.subtract(samples[score], samples[plain])
        above_low, above_high = np.quantile(above, (0.025, 0.975)).tolist()
        rows.append(
            {
                "data": study.name,
                "score": score,
                "measure": name,
                "figure": figure,
                "low": low,
                "high": high,
                "above plain mean": figure - figures[plain],
                "above, low": above_low,
                "above, high": above_high,
            }
        )
    return rows


def _cross_validated(study: Study) -> Floats:
    """What the ceiling says of customers that it was not fitted on: five folds."""
    model = study.ceiling[1]
    folds = KFold(5, shuffle=True, random_state=0)
    if hasattr(model, "predict_proba"):
        classes = study.outcome > 50
        probabilities: Floats = cross_val_predict(
            model, study.features, classes, cv=folds, method="predict_proba"
        )
        return probabilities[:, 1]
    predicted: Floats = cross_val_predict(model, study.features, study.outcome, cv=folds)
    return predicted
