"""A visit to a gym.

Each row: touchpoint, stage, level usually expected, factors usually judged.
"""

from __future__ import annotations

from .catalogue import Catalogue

GYM = Catalogue.of(
    "gym",
    (
        ("greeting", "arrival", 0.75, "smile courtesy recognition"),
        ("changing_room", "arrival", 0.75, "cleanliness safety"),
        ("equipment", "training", 0.75, "quality safety accessibility"),
        ("instructor", "training", 0.70, "competence attitude"),
        ("class", "training", 0.75, "competence reliability"),
        ("help", "training", 0.65, "responsiveness competence"),
        ("farewell", "departure", 0.60, "courtesy smile"),
        ("membership", "after", 0.65, "information respect"),
    ),
)
