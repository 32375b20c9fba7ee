"""Touchpoints, and the catalogues that name them.

>>> sorted(CATALOGUES)
['airline', 'contact_centre', 'dining', 'gym', 'hotel', 'retail']
"""

from __future__ import annotations

from ..errors import closest
from .airline import AIRLINE
from .catalogue import Catalogue, CatalogueEntry
from .contact_centre import CONTACT_CENTRE
from .dining import DINING
from .gym import GYM
from .hotel import HOTEL
from .retail import RETAIL
from .touchpoint import EventKey, State, Touchpoint

__all__ = [
    "CATALOGUES",
    "Catalogue",
    "CatalogueEntry",
    "EventKey",
    "State",
    "Touchpoint",
    "catalogued",
    "closest_touchpoint",
]

CATALOGUES: dict[str, Catalogue] = {
    each.name: each for each in (HOTEL, AIRLINE, RETAIL, DINING, GYM, CONTACT_CENTRE)
}
"""The catalogues that come with the library, by name."""

_ENTRIES = {entry.name: entry for each in CATALOGUES.values() for entry in each}


def catalogued(name: str) -> CatalogueEntry | None:
    """The entry of a touchpoint in whichever catalogue has it; None if none does.

    >>> catalogued("hotel.valet").anticipated, catalogued("hotel.helipad")
    (0.7, None)
    """
    return _ENTRIES.get(name)


def closest_touchpoint(name: str) -> str | None:
    """The catalogued name most like this one, or None.

    >>> closest_touchpoint("hotel.vallet")
    'hotel.valet'
    """
    return closest(name, _ENTRIES)


def catalogued_levels() -> dict[str, float]:
    """The level usually expected, by the name of the touchpoint, over all catalogues."""
    return {name: entry.anticipated for name, entry in _ENTRIES.items()}
