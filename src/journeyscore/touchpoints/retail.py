"""A visit to a shop, and what comes after it.

Each row: touchpoint, stage, level usually expected, factors usually judged.
"""

from __future__ import annotations

from .catalogue import Catalogue

RETAIL = Catalogue.of(
    "retail",
    (
        ("entrance", "arrival", 0.65, "accessibility cleanliness"),
        ("greeting", "arrival", 0.60, "smile courtesy"),
        ("help", "choice", 0.55, "competence attitude responsiveness"),
        ("advice", "choice", 0.65, "competence communication"),
        ("fitting", "choice", 0.65, "comfort courtesy"),
        ("shelf", "choice", 0.75, "accessibility quality"),
        ("checkout", "payment", 0.75, "speed courtesy reliability"),
        ("delivery", "after", 0.80, "speed reliability information"),
        ("returns", "after", 0.65, "respect speed empowerment"),
        ("complaint", "after", 0.60, "respect commitment empowerment"),
        ("follow_up", "after", 0.45, "consideration communication"),
    ),
)
