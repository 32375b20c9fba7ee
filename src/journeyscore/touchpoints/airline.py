"""A flight, in the order in which a passenger meets it.

Each row: touchpoint, stage, level usually expected, factors usually judged.
"""

from __future__ import annotations

from .catalogue import Catalogue

AIRLINE = Catalogue.of(
    "airline",
    (
        ("booking", "before", 0.75, "information speed"),
        ("online_boarding", "before", 0.75, "information reliability"),
        ("check_in", "departure", 0.75, "speed courtesy competence"),
        ("security", "departure", 0.60, "speed safety respect"),
        ("gate", "departure", 0.70, "information accessibility"),
        ("departure_time", "departure", 0.75, "reliability information"),
        ("cabin_service", "aboard", 0.75, "courtesy smile responsiveness"),
        ("seat", "aboard", 0.65, "comfort cleanliness"),
        ("legroom", "aboard", 0.60, "comfort"),
        ("food_and_drink", "aboard", 0.65, "quality courtesy"),
        ("water", "aboard", 0.80, "responsiveness courtesy attitude"),
        ("wifi", "aboard", 0.55, "quality reliability"),
        ("entertainment", "aboard", 0.65, "quality"),
        ("arrival_time", "arrival", 0.75, "reliability information"),
        ("baggage", "arrival", 0.75, "reliability speed"),
        ("follow_up", "after", 0.45, "consideration communication"),
    ),
)
