"""Scores customer journeys: what was anticipated, what was delivered, what it came to.

>>> from journeyscore import Journey, Touchpoint, promised, score
>>> stay = Journey("stay-1042", [
...     Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9),
...     Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5),
... ])
>>> score(stay).impression
54.92
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._on_first_use import on_first_use
from ._version import __version__
from .errors import JourneyScoreError
from .expectations import (
    Basis,
    Expectation,
    asked,
    assumed,
    experienced,
    market,
    promised,
)
from .extremes import Extremes
from .journey import Journey
from .moments import Outcome
from .plan import Plan, PlannedTouchpoint
from .policy import Policy
from .readings import Reading
from .scorecard import Scorecard, score
from .tally import Tally, fold
from .touchpoints import Touchpoint

if TYPE_CHECKING:
    from .handling import Handling
    from .live import Tracker
    from .scales import Scale, count, days, level, minutes, rating, yes_no
else:  # unseen by type checkers, which would take any name for one of the package
    __getattr__ = on_first_use(
        __name__,
        {"Tracker": "live", "Handling": "handling"}
        | dict.fromkeys(
            ("Scale", "count", "days", "level", "minutes", "rating", "yes_no"), "scales"
        ),
    )

__all__ = [
    "Basis",
    "Expectation",
    "Extremes",
    "Handling",
    "Journey",
    "JourneyScoreError",
    "Outcome",
    "Plan",
    "PlannedTouchpoint",
    "Policy",
    "Reading",
    "Scale",
    "Scorecard",
    "Tally",
    "Touchpoint",
    "Tracker",
    "asked",
    "__version__",
    "assumed",
    "count",
    "days",
    "experienced",
    "fold",
    "level",
    "market",
    "minutes",
    "promised",
    "rating",
    "score",
    "yes_no",
]
