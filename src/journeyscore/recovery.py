"""Recovery: which failure is put right, what that is worth, and what failing again costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import floor
from typing import NamedTuple

from .touchpoints import EventKey, State, Touchpoint
from .valuation import Valuer


class Attempt(NamedTuple):
    """One attempt at recovery. Attempts compare by result: the greatest is the best.

    Attributes:
        succeeded: whether it did not fall short of what was anticipated of it.
        delivered: D of the recovery, hundredths of a point.
    """

    succeeded: bool
    delivered: int


def recovered_value(value: int, par: int, attempts: Iterable[Attempt], credit: float) -> int:
    """V of a touchpoint after the best of its recoveries (model, section 8).

    With ``r = D / 10000`` of the recovery, a success gives back ``credit * r`` of the shortfall,
    a second failure costs ``credit * (1 - r)`` of what was left.

    Args:
        value, par: V and A of the touchpoint recovered, hundredths of a point.
        attempts: its recoveries; without any the value stands.
        credit: ``policy.recovery_credit``, 0 to 1.

    >>> recovered_value(2000, 8000, [Attempt(True, 10000)], 0.5)
    5000
    >>> recovered_value(2000, 8000, [Attempt(False, 0)], 0.5)
    1000
    """
    best = max(attempts, default=None)
    if best is None:
        return value
    r = best.delivered / 10000
    if best.succeeded:
        return value + floor(credit * r * max(0, par - value) + 0.5)
    return value - floor(credit * (1 - r) * value + 0.5)


def recovered_touchpoints(touchpoints: Sequence[Touchpoint]) -> Callable[[EventKey], set[int]]:
    """Finds which touchpoints, by their places, an event means that names a key.

    They are those with this key, or with this name, if they were planned and missed.

    >>> recovered_touchpoints([Touchpoint("hotel.valet", delivered=0.1, id="v1")])((None, "v1"))
    {0}
    """
    by_key: dict[EventKey, list[int]] = defaultdict(list)
    by_missed_name: dict[str, list[int]] = defaultdict(list)
    for place, touchpoint in enumerate(touchpoints):
        if touchpoint.key is not None:
            by_key[touchpoint.key].append(place)
        if touchpoint.state is State.MISSED:
            by_missed_name[touchpoint.name].append(place)
    return lambda key: {*by_key.get(key, ()), *by_missed_name.get(key[1], ())}


def attempts_at(
    recoveries: Sequence[Touchpoint], touchpoints: Sequence[Touchpoint], valuer: Valuer
) -> tuple[dict[int, list[Attempt]], tuple[Touchpoint, ...]]:
    """The attempts at recovery of each touchpoint, by its place; and recoveries of nothing.

    A recovery names the key of a touchpoint, or the name of one that was planned and missed.

    >>> failure = Touchpoint("hotel.valet", delivered=0.1, id="v1")
    >>> apology = Touchpoint("hotel.valet", delivered=0.9, id="v2", recovers="v1")
    >>> attempts_at([apology], [failure], Valuer())
    (defaultdict(<class 'list'>, {0: [Attempt(succeeded=True, delivered=9000)]}), ())
    """
    places_of = recovered_touchpoints(touchpoints)
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    unmatched: list[Touchpoint] = []
    for recovery in recoveries:
        key = recovery.recovered_key
        assert key is not None
        places = places_of(key)
        if not places:
            unmatched.append(recovery)
        worth = valuer.worth(recovery)
        if worth is None or worth.weight == 0:
            continue  # announced and not yet done, or taken out
        fell_short = worth.delivered < valuer.zone(recovery).adequate
        for place in places:
            attempts[place].append(Attempt(not fell_short, worth.delivered))
    return attempts, tuple(unmatched)
