"""Touchpoints of several readings: their weights, zones, and how their expectations are known."""

from __future__ import annotations

from typing import Any

from journeyscore import (
    Journey,
    Policy,
    Reading,
    Scorecard,
    Touchpoint,
    asked,
    assumed,
    promised,
    score,
)


def card_of(policy: Policy | None = None, **readings: Reading) -> Scorecard:
    call = Touchpoint("contact_centre.call", readings=readings)
    return score(Journey("j", [call]), policy or Policy())


def met(level: float, **given: Any) -> Reading:
    return Reading(anticipated=level, delivered=level, **given)


def test_a_factor_weighs_as_the_policy_says_unless_the_reading_does() -> None:
    policy = Policy(weights={"speed": 3})
    assert card_of(speed=met(0.0), warmth=met(1.0)).impression == 50.0
    assert card_of(policy, speed=met(0.0), warmth=met(1.0)).impression == 25.0
    assert card_of(policy, speed=met(0.0, weight=1), warmth=met(1.0)).impression == 50.0


def test_the_lightest_reading_counts() -> None:
    assert card_of(speed=met(0.4, weight=0.01)).impression == 40.0
    assert card_of(speed=met(0.4, weight=0.01), warmth=met(0.9, weight=0)).impression == 40.0


def test_the_basis_is_that_of_the_least_certain_reading() -> None:
    sure = Reading(anticipated=promised(0.5), delivered=0.5)
    card = card_of(speed=sure, warmth=Reading(anticipated=asked(0.5), delivered=0.5))
    assert (card.touchpoints[0].basis, card.known_share) == ("promised", 1.0)
    card = card_of(speed=sure, warmth=Reading(anticipated=assumed(0.5), delivered=0.5))
    assert (card.touchpoints[0].basis, card.known_share) == ("assumed", 0.0)


CORE = Policy(core_factors=["speed"])
SURPRISE = Reading(anticipated=0.2, delivered=0.6)


def value(core: Reading) -> float:
    """What the touchpoint scores: a surprise beside a core factor counts where that is adequate."""
    return card_of(CORE, speed=core, warmth=SURPRISE).touchpoints[0].value


def test_the_zone_of_a_core_factor_says_whether_competence_is_lacking() -> None:
    wide, narrow = (
        value(Reading(anticipated=0.6, delivered=0.5, adequate=low)) for low in (0.4, 0.6)
    )
    assert wide > narrow
    by_default = value(Reading(anticipated=0.6, delivered=0.5))
    assert by_default == narrow
    tolerant = value(Reading(anticipated=0.6, delivered=0.5, tolerance=0.2))
    assert tolerant == wide


def test_the_zone_of_a_core_factor_makes_room_for_what_is_filled_in() -> None:
    assert CORE.assumed < 0.9
    unsaid = card_of(CORE, speed=Reading(delivered=CORE.assumed, adequate=0.9), warmth=SURPRISE)
    said = card_of(CORE, speed=met(CORE.assumed), warmth=SURPRISE)
    assert unsaid.touchpoints[0].value == said.touchpoints[0].value


def test_the_zone_of_a_touchpoint_is_the_mean_of_those_of_its_readings() -> None:
    (scored,) = card_of(
        speed=Reading(anticipated=0.5, delivered=0.5, adequate=0.2, desired=0.9),
        warmth=Reading(anticipated=0.6, delivered=0.5, adequate=0.4, desired=0.7),
    ).touchpoints
    assert (scored.adequate, scored.desired) == (30.0, 80.0)
