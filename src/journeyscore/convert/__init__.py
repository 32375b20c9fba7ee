"""Data from outside as the library's own types, and back: strict, nothing is coerced.

>>> stays = journeys([{"journey": "a", "touchpoint": "hotel.valet", "delivered": 0.9}])
>>> stays["a"].touchpoints[0].delivered
0.9
"""

from __future__ import annotations

from .rows import journeys, row

__all__ = ["journeys", "row"]
