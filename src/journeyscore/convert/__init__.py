"""Data from outside as the library's own types, and back: strict, nothing is coerced.

>>> from journeyscore import Tally
>>> from_json(to_json(Tally(1, 100, 910400)), Tally).value
910400

>>> stays = journeys([{"journey": "a", "touchpoint": "hotel.valet", "delivered": 0.9}])
>>> stays["a"].touchpoints[0].delivered
0.9
"""

from __future__ import annotations

from .documents import from_data, from_json, to_data, to_json
from .event import Event, events_of, journeys_of
from .rows import journeys, row
from .score import Score

__all__ = [
    "Event",
    "Score",
    "events_of",
    "from_data",
    "from_json",
    "journeys",
    "journeys_of",
    "row",
    "to_data",
    "to_json",
]
