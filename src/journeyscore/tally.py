"""Tally: the sums a journey is folded into, and what can be read from them.

A tally is an element of a commutative group of whole numbers (model, section 4). Touchpoints may
arrive in any order, be split over any machines and be taken back, and the tally is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, sqrt
from typing import Any, Literal, NamedTuple

from attrs import astuple, field, frozen

from .errors import WrongType, described
from .policy import DEFAULT_POLICY, Policy
from .touchpoints import Touchpoint
from .valuation import Valuer, Worth
from .value import value_under

Verdict = Literal["dissatisfied", "satisfied", "delighted"]


def _whole(instance: object, attribute: Any, value: object) -> None:
    if type(value) is not int:
        raise WrongType(
            f"{described(value)} is not a whole number", path=attribute.name, value=value
        )


@frozen
class Tally:
    """Seven sums over touchpoints, whole numbers of any size.

    ``a + b`` merges two tallies, ``a - b`` takes one back, ``sum(tallies)`` works, ``Tally()`` is
    nothing folded. Values are hundredths of a point times hundredths of weight.

    Attributes:
        count: touchpoints folded.
        weight: sum of w, hundredths.
        value: sum of w*V.
        par: sum of w*A.
        squares: sum of w*E*E.
        delivered: sum of w*D.
        known: sum of w where the expectation is asked, promised or experienced.

    Raises:
        WrongType: a field is not an ``int``.

    >>> a, b = Tally(1, 100, 910400), Tally(1, 100, 188000)
    >>> (a + b).count, a + b - b == a, sum([a, b]) == a + b
    (2, True, True)
    """

    count: int = field(default=0, validator=_whole)
    weight: int = field(default=0, validator=_whole)
    value: int = field(default=0, validator=_whole)
    par: int = field(default=0, validator=_whole)
    squares: int = field(default=0, validator=_whole)
    delivered: int = field(default=0, validator=_whole)
    known: int = field(default=0, validator=_whole)

    def __add__(self, other: Tally) -> Tally:
        if not isinstance(other, Tally):
            return NotImplemented
        return Tally(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __radd__(self, other: object) -> Tally:
        """So that ``sum()``, which starts from 0, adds tallies."""
        return self if type(other) is int and other == 0 else NotImplemented

    def __sub__(self, other: Tally) -> Tally:
        if not isinstance(other, Tally):
            return NotImplemented
        return Tally(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @classmethod
    def of(cls, worths: Iterable[Worth]) -> Tally:
        """The tally of touchpoints already valued; those of weight 0 leave no trace.

        >>> from journeyscore import Touchpoint
        >>> worth = Valuer().worth(Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9))
        >>> Tally.of([worth, worth]) == Tally(2, 200, 1820800, 1200000, 1926963200, 1800000)
        True
        """
        count = weight = value = par = squares = delivered = known = 0
        for w, v, a, d, is_known, _ in worths:
            if w:
                effect = v - a
                count += 1
                weight += w
                value += w * v
                par += w * a
                squares += w * effect * effect
                delivered += w * d
                if is_known:
                    known += w
        return cls(count, weight, value, par, squares, delivered, known)

    def readouts(self, policy: Policy = DEFAULT_POLICY) -> Readouts:
        """What the sums say, in points; every read-out None if nothing was folded.

        >>> Tally(2, 200, 1098400, 1400000, 4708921600, 1400000, 100).readouts().impression
        54.92
        """
        if self.weight == 0:
            return Readouts(None, None, None, None, None, None)
        weight = float(self.weight)
        impression = floor(float(self.value) / weight + 0.5)
        par = floor(float(self.par) / weight + 0.5)
        mean = float(self.value - self.par) / weight
        spread = sqrt(max(0.0, float(self.squares) / weight - mean * mean))
        return Readouts(
            impression=impression / 100,
            par=par / 100,
            delivered=floor(float(self.delivered) / weight + 0.5) / 100,
            consistency=(10000 - floor(spread + 0.5)) / 100 if self.count >= 2 else None,
            known_share=floor(10000 * float(self.known) / weight + 0.5) / 10000,
            verdict=verdict(impression, par, policy),
        )


class Readouts(NamedTuple):
    """What a tally says (model, section 5); None where there is no evidence.

    Attributes:
        impression: the overall impression, 0 to 100 points.
        par: what it would have been had everything been exactly as anticipated.
        delivered: the mean of what was delivered.
        consistency: 100 where every contact differed from what was anticipated by the same
            amount, a point less for each point of standard deviation; None below two touchpoints.
        known_share: the part, 0 to 1, whose expectation was asked, promised or experienced.
        verdict: dissatisfied, satisfied or delighted.
    """

    impression: float | None
    par: float | None
    delivered: float | None
    consistency: float | None
    known_share: float | None
    verdict: Verdict | None


def verdict(impression: int, par: int, policy: Policy) -> Verdict:
    """The verdict on an impression and its par, both in hundredths of a point.

    >>> verdict(8000, 8200, DEFAULT_POLICY), verdict(8000, 8000, DEFAULT_POLICY)
    ('satisfied', 'delighted')
    """
    if impression < threshold(policy.dissatisfied_below):
        return "dissatisfied"
    if impression >= threshold(policy.delighted_from) and impression >= par:
        return "delighted"
    return "satisfied"


def threshold(points: float) -> int:
    """A threshold of the policy in hundredths of a point, the unit of every comparison."""
    return floor(points * 100 + 0.5)


def fold(
    touchpoints: Iterable[Touchpoint], policy: Policy = DEFAULT_POLICY, *, market: Any = None
) -> Tally:
    """The tally of touchpoints as they are, one at a time, from any iterable.

    It keeps nothing, so that a stream of any length can be folded. What concerns several events,
    duplicates and retractions and recoveries, is the business of `Journey`.

    >>> fold([Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9)]).value
    910400
    """
    value_of = value_under(policy)
    valuer = Valuer(policy, market)
    if policy.weights:  # then a weight is not known before the policy is
        worths = (valuer.worth(touchpoint) for touchpoint in touchpoints)
        return Tally.of(worth for worth in worths if worth is not None)
    rest = Tally()
    count = weight = value = par = squares = delivered = known = 0
    for touchpoint in touchpoints:
        terms = touchpoint.terms
        if terms is None:
            if (worth := valuer.worth(touchpoint)) is not None:
                rest += Tally.of((worth,))
            continue
        level, gap, promised, a, w, w_par, w_delivered, w_known = terms
        if w:
            v = int(value_of(level, gap, promised) * 10000 + 0.5)
            effect = v - a
            count += 1
            weight += w
            value += w * v
            par += w_par
            squares += w * effect * effect
            delivered += w_delivered
            known += w_known
    return Tally(count, weight, value, par, squares, delivered, known) + rest
