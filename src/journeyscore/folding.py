"""What of a journey is folded: its events as touchpoints, each with what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from .checks import moment as checked_moment
from .extremes import milliseconds
from .journey import Journey, JourneyState
from .moments import Folded
from .plan import Comparison
from .recovery import Attempt, recovered_value
from .touchpoints import State, Touchpoint
from .valuation import Valuer


def takes_place(event: Touchpoint) -> bool:
    """Whether the event is a touchpoint, rather than about one, or a need taken down.

    >>> takes_place(Touchpoint("hotel.valet")), takes_place(Touchpoint("sorry", recovers="e-1"))
    (True, False)
    """
    if event.recovers is not None:
        return False
    if event.handling is None or event.state is not State.NOT_YET:
        return True
    return event.handling.act is None and event.handling.need is None


def against_plan(
    journey: Journey, happened: tuple[Touchpoint, ...], now: datetime | None
) -> Comparison:
    """What happened beside the plan; without ``now``, what is due is what was by the latest event.

    Raises:
        NaiveTime: ``now`` has no timezone.

    >>> valet = Touchpoint("hotel.valet", delivered=0.7)
    >>> against_plan(Journey("stay-1", [valet]), (valet,), None).extra
    ()
    """
    if now is not None:
        now = checked_moment(now, "now")
    if journey.plan is None:
        return Comparison(happened)
    if now is None:
        now = max((event.at for event in happened if event.at is not None), default=None)
    everything_due = journey.state is not JourneyState.OPEN
    return journey.plan.compare(happened, everything_due=everything_due, now=now)


def folded_touchpoints(
    touchpoints: Sequence[Touchpoint],
    attempts: Mapping[int, list[Attempt]],
    valuer: Valuer,
    intended: Mapping[str, float],
) -> list[Folded]:
    """The touchpoints that count, with what each is worth once recoveries are credited.

    Args:
        touchpoints: what happened and what was missed.
        attempts: the recoveries tried, by the place of the touchpoint they are of.
        valuer: the policy, and what stands in where nobody had an expectation.
        intended: the level that the plan intends, by name.

    >>> seen = [Touchpoint("hotel.valet", delivered=0.7), Touchpoint("hotel.bar")]
    >>> [each.touchpoint.name for each in folded_touchpoints(seen, {}, Valuer(), {})]
    ['hotel.valet']
    """
    folded = []
    for place, touchpoint in enumerate(touchpoints):
        worth = valuer.worth(touchpoint)
        if worth is None or worth.weight == 0:
            continue
        tried = attempts.get(place, [])
        value = recovered_value(worth.value, worth.par, tried, valuer.policy.recovery_credit)
        folded.append(
            Folded(
                touchpoint=touchpoint,
                worth=worth._replace(value=value),
                effect_before=worth.effect,
                zone=valuer.zone(touchpoint),
                put_right=any(attempt.succeeded for attempt in tried),
                intended=intended.get(touchpoint.name),
            )
        )
    return folded


def timed_values(folded: Sequence[Folded]) -> list[tuple[int, int]]:
    """Pairs of time and V; a touchpoint without a time has that of the one before it.

    The time is in milliseconds since year 1. Where no touchpoint has one it is their order.

    >>> seen = [Touchpoint("hotel.valet", delivered=0.7)]
    >>> timed_values(folded_touchpoints(seen, {}, Valuer(), {}))
    [(0, 7000)]
    """
    times = [None if (at := each.touchpoint.at) is None else milliseconds(at) for each in folded]
    current = next((time for time in times if time is not None), None)
    if current is None:
        return [(place, each.worth.value) for place, each in enumerate(folded)]
    pairs: list[tuple[int, int]] = []
    for time, each in zip(times, folded, strict=True):
        current = current if time is None else time
        pairs.append((current, each.worth.value))
    return pairs
