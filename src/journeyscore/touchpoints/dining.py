"""A meal in a restaurant.

Each row: touchpoint, stage, level usually expected, factors usually judged.
"""

from __future__ import annotations

from .catalogue import Catalogue

DINING = Catalogue.of(
    "dining",
    (
        ("reservation", "before", 0.80, "speed courtesy"),
        ("greeting", "arrival", 0.75, "smile recognition"),
        ("seating", "arrival", 0.75, "speed comfort"),
        ("ordering", "meal", 0.75, "competence communication"),
        ("drinks", "meal", 0.75, "speed quality"),
        ("food", "meal", 0.80, "quality speed"),
        ("attention", "meal", 0.70, "responsiveness consideration"),
        ("bill", "departure", 0.80, "reliability speed"),
        ("farewell", "departure", 0.65, "courtesy smile"),
    ),
)
