"""What was anticipated, and how one knows it.

An expectation has a value and a *basis*. Rule 1 of service: you cannot assume that you know what
a customer expects, you must ask. So every expectation says where it comes from, a bare number is
an assumption, and every score says how much of it rests on what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from math import floor, isfinite
from typing import Any, Union

from attrs import frozen

from .checks import number, one_of
from .errors import WrongType, described


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


@frozen
class Expectation:
    """A value that was anticipated, and the basis on which it is known.

    The value is held as given, a level from 0 to 1 or a raw measure (5 minutes, 4 of 5, yes);
    the touchpoint or the scale that receives the expectation checks it against its range.

    Raises:
        WrongType: the value is not a number or a yes/no.
        NotFinite: the value is NaN or infinite.

    >>> Expectation(0.6)
    Expectation(value=0.6, basis=<Basis.ASSUMED: 'assumed'>)
    """

    value: float | bool
    basis: Basis = Basis.ASSUMED

    def __attrs_post_init__(self) -> None:
        if type(self.value) is not float or not isfinite(self.value):
            if not isinstance(self.value, bool):
                number(self.value, "anticipated")
        if type(self.basis) is not Basis:
            object.__setattr__(self, "basis", one_of(self.basis, Basis, "basis"))


Anticipated = Union[Expectation, float, bool, None]
"""What may be given as an expectation: a bare value is an assumed one, None is to be looked up."""


def asked(value: float | bool) -> Expectation:
    """What the customer said, when asked.

    >>> asked(0.6).basis.value
    'asked'
    """
    return Expectation(value, Basis.ASKED)


def promised(value: float | bool) -> Expectation:
    """What was promised to the customer. A broken promise weighs three times as much.

    >>> promised(5).basis.value
    'promised'
    """
    return Expectation(value, Basis.PROMISED)


def experienced(value: float | bool) -> Expectation:
    """What this customer met on earlier visits.

    >>> experienced(0.9).basis.value
    'experienced'
    """
    return Expectation(value, Basis.EXPERIENCED)


def market(value: float | bool) -> Expectation:
    """What customers in general meet at this touchpoint.

    >>> market(0.75).basis.value
    'market'
    """
    return Expectation(value, Basis.MARKET)


def assumed(value: float | bool) -> Expectation:
    """What the host believes, having asked nobody. A bare number means the same.

    >>> assumed(0.6) == Expectation(0.6)
    True
    """
    return Expectation(value, Basis.ASSUMED)


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


MarketLevels = Mapping[str, tuple[int, int]]
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

    >>> market_levels({"hotel.valet": (15000, 2)})
    {'hotel.valet': (15000, 2)}
    """
    if isinstance(given, Mapping):
        return given
    frame = given.collect() if hasattr(given, "collect") else given
    try:
        columns = [_plain(frame[name]) for name in ("touchpoint", "delivered", "count")]
    except (KeyError, TypeError) as error:
        raise WrongType(
            f"{described(given)} is no market",
            path="market",
            value=given,
            hint="give the frame of frames.market(log), or {touchpoint: (sum, count)}",
        ) from error
    return {
        name: (int(total), int(count))
        for name, total, count in zip(*columns, strict=True)
        if name is not None and count
    }


def _plain(column: Iterable[Any]) -> list[Any]:
    """A dataframe's column as a list of Python values, whatever library it comes from."""
    for method in ("to_list", "to_pylist", "tolist"):
        if hasattr(column, method):
            return list(getattr(column, method)())
    return list(column)
