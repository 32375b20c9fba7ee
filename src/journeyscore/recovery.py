"""Recovery: what putting a failure right is worth, and what failing again costs."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor
from typing import NamedTuple


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
