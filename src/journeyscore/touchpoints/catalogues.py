"""The catalogues that come with the library.

>>> sorted(CATALOGUES)
['airline', 'contact_centre', 'dining', 'gym', 'hotel', 'retail']
"""

from __future__ import annotations

from .airline import AIRLINE
from .catalogue import Catalogue
from .contact_centre import CONTACT_CENTRE
from .dining import DINING
from .gym import GYM
from .hotel import HOTEL
from .retail import RETAIL

CATALOGUES: dict[str, Catalogue] = {
    each.name: each for each in (HOTEL, AIRLINE, RETAIL, DINING, GYM, CONTACT_CENTRE)
}
"""The catalogues, by name."""

ENTRIES = {entry.name: entry for each in CATALOGUES.values() for entry in each}
"""The touchpoints of all catalogues, by name."""
