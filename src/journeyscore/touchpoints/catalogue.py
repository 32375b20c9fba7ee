"""Catalogues: the touchpoints of a trade, with what is usually expected of them, as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from attrs import field, frozen

from ..errors import UnknownName, closest
from ..factors import applies


class CatalogueEntry(NamedTuple):
    """A touchpoint as a trade knows it.

    Attributes:
        name: the trade and the touchpoint, ``"hotel.valet"``.
        stage: the part of the journey it belongs to.
        anticipated: the level usually expected, 0 to 1; assumed where nothing better is known.
        factors: what is usually judged there, by canonical factor.
    """

    name: str
    stage: str
    anticipated: float
    factors: tuple[str, ...]

    def judged_on(self, channel: str | None) -> tuple[str, ...]:
        """The factors that can be judged on a channel: what does not apply is not asked.

        >>> from journeyscore.touchpoints import CATALOGUES
        >>> greeting = CATALOGUES["contact_centre"]["contact_centre.greeting"]
        >>> greeting.judged_on("phone"), greeting.judged_on("chat")
        (('courtesy', 'smile'), ('courtesy',))
        """
        return tuple(factor for factor in self.factors if applies(factor, channel))


@frozen
class Catalogue:
    """The touchpoints of one trade, by name, in the order in which a journey meets them.

    >>> from journeyscore.touchpoints.hotel import HOTEL
    >>> HOTEL["hotel.valet"].stage
    'arrival'
    """

    name: str
    entries: tuple[CatalogueEntry, ...]
    _by_name: dict[str, CatalogueEntry] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {entry.name: entry for entry in self.entries})

    @classmethod
    def of(cls, name: str, rows: Iterable[tuple[str, str, float, str]]) -> Catalogue:
        """A catalogue from rows of touchpoint, stage, level expected, and factors in one string.

        >>> Catalogue.of("ferry", [("deck", "aboard", 0.7, "safety comfort")])["ferry.deck"].factors
        ('safety', 'comfort')
        """
        return cls(
            name,
            tuple(
                CatalogueEntry(f"{name}.{touchpoint}", stage, expected, tuple(factors.split()))
                for touchpoint, stage, expected, factors in rows
            ),
        )

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> CatalogueEntry:
        if name in self._by_name:
            return self._by_name[name]
        near = closest(name, self._by_name)
        raise UnknownName(
            f"not in the catalogue of {self.name}",
            path="touchpoint",
            value=name,
            hint=f"did you mean {near}?" if near else "",
        )

    def __iter__(self) -> Iterator[CatalogueEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)
