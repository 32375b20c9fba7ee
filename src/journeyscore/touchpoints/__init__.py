"""Touchpoints, and the catalogues that name them, which are read when first asked for.

>>> from journeyscore.touchpoints import CATALOGUES
>>> CATALOGUES["hotel"]["hotel.valet"].stage
'arrival'
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .._on_first_use import on_first_use
from ..errors import closest
from .touchpoint import EventKey, State, Touchpoint

if TYPE_CHECKING:
    from .catalogue import Catalogue, CatalogueEntry
    from .catalogues import CATALOGUES
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "Catalogue": "catalogue",
            "CatalogueEntry": "catalogue",
            "CATALOGUES": "catalogues",
        },
    )

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


@cache
def _entries() -> dict[str, CatalogueEntry]:
    from .catalogues import ENTRIES

    return ENTRIES


def catalogued(name: str) -> CatalogueEntry | None:
    """The entry of a touchpoint in whichever catalogue has it; None if none does.

    >>> catalogued("hotel.valet").anticipated, catalogued("hotel.helipad")
    (0.7, None)
    """
    return _entries().get(name)


def closest_touchpoint(name: str) -> str | None:
    """The catalogued name most like this one, or None.

    >>> closest_touchpoint("hotel.vallet")
    'hotel.valet'
    """
    return closest(name, _entries())


def catalogued_levels() -> dict[str, float]:
    """The level usually expected, by the name of the touchpoint, over all catalogues."""
    return {name: entry.anticipated for name, entry in _entries().items()}
