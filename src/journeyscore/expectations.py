"""What was anticipated, and how one knows it.

An expectation has a value and a *basis*. Rule 1 of service: you cannot assume that you know what
a customer expects, you must ask. So every expectation says where it comes from, a bare number is
an assumption, and every score says how much of it rests on what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from math import floor, isfinite
from operator import index
from typing import Any, Union

from attrs import frozen

from .checks import moment, number, one_of
from .errors import OutOfScale, WrongType, described


class Basis(StrEnum):
    """How an expectation is known, in the order in which a missing one is looked for.

    >>> [basis.value for basis in Basis if basis.known]
    ['asked', 'promised', 'experienced']
    """

    ASKED = "asked"
    PROMISED = "promised"
    EXPERIENCED = "experienced"
    MARKET = "market"
    ASSUMED = "assumed"

    @property
    def known(self) -> bool:
        """Whether this customer's own expectation is known, rather than taken from others."""
        return self is not Basis.MARKET and self is not Basis.ASSUMED


class Unreasonable(StrEnum):
    """Why an expectation is not one that the service answers for."""

    IMPOSSIBLE = "impossible"
    UNSAFE = "unsafe"
    UNLAWFUL = "unlawful"
    ABUSIVE = "abusive"
    OUTSIDE_OFFER = "outside_offer"


@frozen
class Expectation:
    """A value that was anticipated, and the basis on which it is known.

    The value is held as given, a level from 0 to 1 or a raw measure (5 minutes, 4 of 5, yes);
    the touchpoint or the scale that receives the expectation checks it against its range.

    Attributes:
        value: the level or raw measure anticipated.
        basis: how it is known.
        as_of: when it was learned, timezone-aware; None: not known.
        unreasonable: why it is not used, a member of `Unreasonable`. The expectation is kept and
            listed, and the next in the order of resolution stands in for it.

    Raises:
        WrongType: the value is not a number or a yes/no.
        NotFinite: the value is NaN or infinite.
        NaiveTime: ``as_of`` has no timezone.
        InvalidValue: the basis or the reason is none of the closed list.

    >>> Expectation(0.6)
    Expectation(value=0.6, basis=<Basis.ASSUMED: 'assumed'>, ...)
    """

    value: float | bool
    basis: Basis = Basis.ASSUMED
    as_of: datetime | None = None
    unreasonable: Unreasonable | None = None

    def __attrs_post_init__(self) -> None:
        if type(self.value) is not float or not isfinite(self.value):
            if not isinstance(self.value, bool):
                number(self.value, "anticipated")
        if type(self.basis) is not Basis:
            object.__setattr__(self, "basis", one_of(self.basis, Basis, "basis"))
        if self.as_of is not None:
            object.__setattr__(self, "as_of", moment(self.as_of, "as_of"))
        if self.unreasonable is not None:
            reason = one_of(self.unreasonable, Unreasonable, "unreasonable")
            object.__setattr__(self, "unreasonable", reason)

    def at(self, value: float | bool) -> Expectation:
        """The same expectation on another scale: what else is known of it stands.

        >>> promised(15).at(0.5).basis.value
        'promised'
        """
        return Expectation(value, self.basis, self.as_of, self.unreasonable)


def usable(expected: Expectation | None) -> Expectation | None:
    """The expectation, unless it is unreasonable: then, as for None, the next stands in.

    >>> usable(asked(1.0, unreasonable="impossible")) is None
    True
    """
    return None if expected is None or expected.unreasonable is not None else expected


Anticipated = Union[Expectation, float, bool, None]
"""What may be given as an expectation: a bare value is an assumed one, None is to be looked up."""


def asked(
    value: float | bool,
    *,
    as_of: datetime | None = None,
    unreasonable: Unreasonable | str | None = None,
) -> Expectation:
    """What the customer said, when asked; and, if it cannot be answered for, why not.

    >>> asked(0.6).basis.value
    'asked'
    """
    return Expectation(value, Basis.ASKED, as_of, unreasonable)  # type: ignore[arg-type]


def promised(value: float | bool, *, as_of: datetime | None = None) -> Expectation:
    """What was promised to the customer. A broken promise weighs three times as much.

    >>> promised(5).basis.value
    'promised'
    """
    return Expectation(value, Basis.PROMISED, as_of)


def experienced(value: float | bool, *, as_of: datetime | None = None) -> Expectation:
    """What this customer met on earlier visits.

    >>> experienced(0.9).basis.value
    'experienced'
    """
    return Expectation(value, Basis.EXPERIENCED, as_of)


def market(value: float | bool, *, as_of: datetime | None = None) -> Expectation:
    """What customers in general meet at this touchpoint.

    >>> market(0.75).basis.value
    'market'
    """
    return Expectation(value, Basis.MARKET, as_of)


def assumed(value: float | bool, *, as_of: datetime | None = None) -> Expectation:
    """What the host believes, having asked nobody. A bare number means the same.

    >>> assumed(0.6) == Expectation(0.6)
    True
    """
    return Expectation(value, Basis.ASSUMED, as_of)


def expectation(given: Anticipated) -> Expectation | None:
    """What was given for ``anticipated``, as an Expectation; None stays None.

    Raises:
        WrongType: it is neither a number, a yes/no nor an Expectation.
        NotFinite: it is NaN or infinite.

    >>> expectation(0.6).basis.value
    'assumed'
    """
    if given is None or type(given) is Expectation:
        return given
    return Expectation(given)  # type: ignore[arg-type]


MarketKey = Union[str, tuple[str, str]]
"""A touchpoint; or a segment, or a customer, and a touchpoint."""

MarketLevels = Mapping[MarketKey, tuple[int, int]]
"""Touchpoint -> (sum of what was delivered, in hundredths of a point; number of touchpoints)."""


def market_level(total: int, count: int) -> float:
    """The level customers in general meet: the mean of what was delivered, 0 to 1.

    ``floor(float(sum) / float(count) + 0.5) / 10000`` (model, section 7).

    >>> market_level(15000, 2)
    0.75
    """
    return floor(float(total) / float(count) + 0.5) / 10000


def market_levels(given: Any) -> MarketLevels:
    """A market as a mapping: from a mapping, or from the frame that ``frames.market`` returns.

    A market by segment, with keys ``(segment, touchpoint)``, holds the market as a whole as well:
    the segments added up. A touchpoint that is there twice, as in shards put one after the other,
    is added up. Where many journeys are scored, make the mapping once and pass that: it is taken as
    it is.

    Raises:
        WrongType: it is neither.
        OutOfScale: a sum or a count that no touchpoints have.

    >>> market_levels({"hotel.valet": (15000, 2)})
    {'hotel.valet': (15000, 2)}
    """
    if isinstance(given, _Market):
        return given
    hint = "give the frame of frames.market(log), or {touchpoint: (sum, count)}"
    return _Market(_levels(given, "market", "segment", hint))


class _Market(dict[MarketKey, tuple[int, int]]):
    """A market that was made a mapping: added up again, what is of segments would count twice."""


def experience_levels(given: Any) -> MarketLevels:
    """What customers met before as a mapping ``(customer, touchpoint) -> (sum of D, count)``.

    From a mapping, or from the frame that ``frames.experience`` returns; shards are added up.

    Raises:
        WrongType: it is neither.
        OutOfScale: a sum or a count that no touchpoints have.

    >>> experience_levels({("c-1", "hotel.valet"): (9000, 1)})
    {('c-1', 'hotel.valet'): (9000, 1)}
    """
    hint = "give the frame of frames.experience(log), or {(customer, touchpoint): (sum, count)}"
    levels = _levels(given, "experience", "customer", hint)
    return {key: sums for key, sums in levels.items() if isinstance(key, tuple)}


def _levels(given: Any, path: str, of: str, hint: str) -> MarketLevels:
    """Sums and counts by touchpoint, and where they are told apart by ``of`` and touchpoint."""
    try:
        rows = _rows_of_mapping(given) if isinstance(given, Mapping) else _rows_of_frame(given, of)
    except Exception as error:  # whatever a foreign frame or value raises
        raise WrongType(
            f"{described(given)} is no {path}", path=path, value=given, hint=hint
        ) from error
    levels: dict[MarketKey, tuple[int, int]] = {}
    for owner, name, total, count in rows:
        if name is None:
            continue
        if count < 0 or not 0 <= total <= 10000 * count:
            raise OutOfScale(
                f"a sum of {total} is not one of {count} touchpoints, 0 to 10000 each",
                path=path,
                value=(total, count),
            )
        for key in (name,) if owner is None else (name, (owner, name)):
            before, also = levels.get(key, (0, 0))
            levels[key] = (before + total, also + count)
    return levels


_Row = tuple[Union[str, None], Union[str, None], int, int]


def _rows_of_mapping(given: Mapping[Any, Any]) -> list[_Row]:
    keyed = ((key if isinstance(key, tuple) else (None, key), sums) for key, sums in given.items())
    return [(owner, name, index(sums[0]), index(sums[1])) for (owner, name), sums in keyed]


def _rows_of_frame(given: Any, of: str) -> list[_Row]:
    """The rows of a market as a dataframe of any library, lazy or not."""
    columns = given.collect_schema().names() if hasattr(given, "collect_schema") else None
    names = columns or getattr(given, "column_names", None) or list(given.columns)
    wanted = [*([of] if of in names else []), "touchpoint", "delivered", "count"]
    found: list[Any]
    if hasattr(given, "fetchall"):  # DuckDB
        found = given.select(*wanted).fetchall()
    elif hasattr(given, "toDF"):  # PySpark
        found = [tuple(row) for row in given.select(*wanted).collect()]
    else:
        frame = given.collect() if hasattr(given, "collect") else given
        found = list(zip(*(_plain(frame[name]) for name in wanted), strict=True))
    keyed = [row if len(row) == 4 else (None, *row) for row in found]
    return [(owner, name, index(total), index(count)) for owner, name, total, count in keyed]


def _plain(column: Iterable[Any]) -> list[Any]:
    """A dataframe's column as a list of Python values, whatever library it comes from."""
    for method in ("to_list", "to_pylist", "tolist"):
        if hasattr(column, method):
            return list(getattr(column, method)())
    return list(column)
