"""What a touchpoint is worth under a policy, in whole numbers (model, section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from math import floor
from typing import Any, NamedTuple

from .expectations import (
    Basis,
    Expectation,
    MarketKey,
    MarketLevels,
    experience_levels,
    market_level,
    market_levels,
    usable,
)
from .policy import DEFAULT_POLICY, Policy
from .readings import (
    TOLERANCE,
    Reading,
    Zone,
    hundredths,
    saturated,
    weight_units,
    zone,
)
from .touchpoints import State, Touchpoint, catalogued
from .value import ValueOf, value_under


class Worth(NamedTuple):
    """A touchpoint in whole numbers, all but the weight in hundredths of a point.

    Attributes:
        weight: hundredths of the touchpoint's weight.
        value: V, what it scores; par: A, what was anticipated; delivered: D.
        known: whether the expectation of every reading is asked, promised or experienced.
        basis: how the expectation is known; of several readings, the least certain of them.
    """

    weight: int
    value: int
    par: int
    delivered: int
    known: bool
    basis: Basis

    @property
    def effect(self) -> int:
        """E = V - A: how far the touchpoint lies above or below what was anticipated."""
        return self.value - self.par


class Valuer:
    """Values touchpoints under one policy, with what fills in missing expectations.

    Args:
        policy: the parameters.
        market: what customers in general, or of each segment, meet.
        experience: what each customer met before.

    >>> from journeyscore import Touchpoint, promised
    >>> desk = Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5)
    >>> Valuer().worth(desk)[:5]
    (100, 1880, 8000, 5000, True)
    """

    def __init__(
        self, policy: Policy = DEFAULT_POLICY, market: Any = None, experience: Any = None
    ) -> None:
        self.policy = policy
        self.market: MarketLevels = {} if market is None else market_levels(market)
        self.past: MarketLevels = {} if experience is None else experience_levels(experience)
        self._customer: str | None = None
        self._segment: str | None = None
        self.value: ValueOf = value_under(policy)
        self._core = frozenset(policy.core_factors)
        self._units = {name: weight_units(weight) for name, weight in policy.weights.items()}

    def __getstate__(self) -> dict[str, Any]:
        """All but the formula, which is a function made for its policy."""
        return {name: held for name, held in vars(self).items() if name != "value"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.value = value_under(self.policy)

    def of(self, customer: str | None, segment: str | None) -> Valuer:
        """The same valuer for the journeys of one customer, who belongs to a segment.

        >>> valuer = Valuer(experience={("c-1", "hotel.valet"): (9000, 1)})
        >>> valuer.of("c-1", None).expectation(Touchpoint("hotel.valet")).basis.value
        'experienced'
        """
        if (customer, segment) == (self._customer, self._segment):
            return self
        other = copy(self)
        other._customer, other._segment = customer, segment
        return other

    def _met(self, levels: MarketLevels, key: MarketKey, basis: Basis) -> Expectation | None:
        total, count = levels.get(key, (0, 0))
        return Expectation(market_level(total, count), basis) if count else None

    def expectation(self, touchpoint: Touchpoint) -> Expectation:
        """What is anticipated where nobody said.

        What the customer met before, what customers of the segment meet, what customers in general
        meet, what the catalogue says, what the policy assumes: the first that is known.
        """
        name, met = touchpoint.name, None
        if self._customer is not None and self.past:
            met = self._met(self.past, (self._customer, name), Basis.EXPERIENCED)
        if met is None and self._segment is not None:
            met = self._met(self.market, (self._segment, name), Basis.MARKET)
        met = met or self._met(self.market, name, Basis.MARKET)
        if met is not None:
            return met
        entry = catalogued(touchpoint.name)
        return Expectation(self.policy.assumed if entry is None else entry.anticipated)

    def units(self, touchpoint: Touchpoint) -> int:
        """Hundredths of weight: as the touchpoint says, else as the policy weighs it, else 100."""
        if self._units and not touchpoint.weight_is_said:
            return self._units.get(touchpoint.name, touchpoint.units)
        return touchpoint.units

    def reading_units(self, factor: str, reading: Reading) -> int:
        """Hundredths of weight of a reading, likewise."""
        if reading._weight is None:
            return self._units.get(factor, 100)
        return weight_units(reading._weight)

    def _readings(self, touchpoint: Touchpoint) -> list[tuple[str, Reading, int]]:
        """The readings that count, by factor, with their weights."""
        weighed = (
            (factor, reading, self.reading_units(factor, reading))
            for factor, reading in touchpoint._readings
        )
        return [each for each in weighed if each[2] > 0]

    def worth(self, touchpoint: Touchpoint) -> Worth | None:
        """The touchpoint in whole numbers; None where it is not folded: it did not take place."""
        readings = touchpoint._readings
        if readings:
            return self._worth_of_readings(touchpoint)
        delivered = touchpoint.delivered
        if delivered is None:
            if touchpoint.state is not State.MISSED:
                return None
            delivered = 0.0  # missed: at the worst level, the anticipation standing
        expected = usable(touchpoint.anticipated) or self.expectation(touchpoint)
        basis = expected.basis
        gap = saturated(delivered, expected.value, touchpoint.gap_scale)
        return Worth(
            self.units(touchpoint),
            hundredths(self.value(delivered, gap, basis is Basis.PROMISED)),
            hundredths(expected.value),
            hundredths(delivered),
            basis.known,
            basis,
        )

    def zone(self, touchpoint: Touchpoint) -> Zone:
        """The zone of tolerance; of several readings the weighted means of their bounds."""
        if touchpoint._readings:
            readings = self._readings(touchpoint)
            weights = [units for _, _, units in readings]
            zones = [self._zone_of(touchpoint, reading) for _, reading, _ in readings]
            return Zone(
                weighted_mean(weights, [each.adequate for each in zones]),
                weighted_mean(weights, [each.desired for each in zones]),
            )
        said = usable(touchpoint.anticipated)
        return zone(
            (said or self.expectation(touchpoint)).value,
            touchpoint.adequate,
            touchpoint.desired,
            TOLERANCE,
            filled=said is None,
        )

    def _zone_of(self, touchpoint: Touchpoint, reading: Reading) -> Zone:
        said = usable(reading.anticipated)
        return zone(
            (said or self.expectation(touchpoint)).value,
            reading.adequate,
            reading.desired,
            reading.tolerance,
            filled=said is None,
        )

    def _worth_of_readings(self, touchpoint: Touchpoint) -> Worth | None:
        """The weighted means of the readings; competence first (model, section 3)."""
        readings = self._readings(touchpoint)
        if not readings:
            return None
        lacking = any(
            factor in self._core
            and hundredths(reading.delivered) < self._zone_of(touchpoint, reading).adequate
            for factor, reading, _ in readings
        )
        weights, values, pars, delivered, bases = [], [], [], [], []
        for factor, reading, units in readings:
            expected = usable(reading.anticipated) or self.expectation(touchpoint)
            gap = saturated(reading.delivered, expected.value, reading.gap_scale)
            promised = expected.basis is Basis.PROMISED
            value = hundredths(self.value(reading.delivered, gap, promised))
            level = hundredths(reading.delivered)
            if lacking and factor not in self._core:
                value = min(value, level)  # a surprise here counts nothing
            weights.append(units)
            values.append(value)
            pars.append(hundredths(expected.value))
            delivered.append(level)
            bases.append(expected.basis)
        return Worth(
            self.units(touchpoint),
            weighted_mean(weights, values),
            weighted_mean(weights, pars),
            weighted_mean(weights, delivered),
            all(basis.known for basis in bases),
            max(bases, key=_CERTAINTY.index),
        )


def weighted_mean(weights: Sequence[int], values: Iterable[int]) -> int:
    """``floor(float(sum(w*v)) / float(sum(w)) + 0.5)``, the mean of whole numbers.

    >>> weighted_mean([100, 300], [0, 10000])
    7500
    """
    total = sum(weight * value for weight, value in zip(weights, values, strict=True))
    return floor(float(total) / float(sum(weights)) + 0.5)


_CERTAINTY = tuple(Basis)
