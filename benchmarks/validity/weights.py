"""Weights fitted to the outcome: what they add to equal ones, on customers the fit did not see."""

from __future__ import annotations

from journeyscore.drivers import Drivers, fit

from ..report import Row
from .study import Study


def fitted(study: Study) -> Drivers | None:
    """The drivers of a study with several touchpoints; of one there is nothing to weigh."""
    if study.log["touchpoint"].n_unique() == 1:
        return None
    return fit(study.log, "outcome")


def gain(study: Study, found: Drivers) -> Row:
    """Equal against fitted weights, cross-validated."""
    return {
        "data": study.name,
        "measure": found.measure,
        "equal": found.equal,
        "fitted": found.fitted,
        "folds won": found.won,
        "customers": found.journeys,
    }


def weights(found: Drivers) -> list[Row]:
    """A row a touchpoint, with its interval."""
    return [each._asdict() for each in found.drivers]
