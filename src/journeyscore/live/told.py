"""What telemetry is told of a journey, an event, a touchpoint that counts, and a score.

Which of it is switched on is for `Telemetry` to say. Ids the host gave are not here.
"""

from __future__ import annotations

from ..journey import Journey
from ..moments import MomentKind, outcome
from ..scorecard import Scorecard
from ..telemetry import Attributes, Value, semconv
from ..touchpoints import State, Touchpoint, catalogued
from ..valuation import Valuer


def of_journey(journey: Journey) -> dict[str, Value | None]:
    """What each signal says of the journey.

    >>> of_journey(Journey("stay-1042", ref="a1b2", type="stay"))["journeyscore.journey.id"]
    'a1b2'
    """
    return {
        semconv.JOURNEY_ID: journey.ref,
        semconv.JOURNEY_TYPE: journey.type,
        semconv.SITE: journey.site,
    }


def of_event(journey: Journey, event: Touchpoint) -> dict[str, Value | None]:
    """What is told of an event, whether or not it counts."""
    return {
        **of_journey(journey),
        semconv.TOUCHPOINT_NAME: event.name,
        semconv.STAGE: event.stage,
        semconv.CHANNEL: event.channel,
        semconv.TEAM: event.team,
        semconv.WEIGHT: float(event.weight),
    }


def of_touchpoint(
    journey: Journey, event: Touchpoint, valuer: Valuer, kind: MomentKind | None
) -> Attributes:
    """What is told of a touchpoint that counts: its own worth, before any recovery."""
    worth = valuer.worth(event)
    assert worth is not None
    how = outcome(event, worth.delivered, valuer.zone(event)).value
    return {
        **of_event(journey, event),
        semconv.TOUCHPOINT_ANTICIPATED: worth.par / 10000,
        semconv.TOUCHPOINT_DELIVERED: worth.delivered / 10000,
        semconv.VALUE: worth.value / 100,
        semconv.EFFECT: worth.effect / 100,
        semconv.BASIS: worth.basis.value,
        semconv.OUTCOME: "missed" if event.state is State.MISSED else how,
        semconv.MOMENT_MATTERS: kind is not None,
        semconv.MOMENT_KIND: None if kind is None else kind.value,
    }


def of_score(card: Scorecard) -> Attributes:
    """What is told of a score."""
    return {
        **card.attributes(),
        semconv.SITE: card.journey.site,
        semconv.EXPLANATION: str(card),
    }


def is_planned(journey: Journey, name: str) -> bool:
    """Whether a touchpoint's name is one of a catalogue or of the journey's plan.

    >>> is_planned(Journey("s"), "hotel.valet"), is_planned(Journey("s"), "hotel.helipad")
    (True, False)
    """
    if catalogued(name) is not None:
        return True
    return journey.plan is not None and any(item.name == name for item in journey.plan.items)
