"""How one customer stands with the house, over all visits: trust, and the risk of losing them.

Nothing here is a label to be written on a person's record: it is asked when the customer is about
to come, or has just gone, and answers with reasons. Segments are of many customers together, and
in another file. The formulas and their laws are in docs/explanation/relationships-and-teams.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from math import floor
from typing import Any, NamedTuple

from attrs import frozen

from ..errors import WrongType, described
from ..journey import Journey
from ..loops import OpenLoop
from ..policy import DEFAULT_POLICY, Policy
from ..scorecard import Scorecard, evaluate
from ..tally import threshold
from ..valuation import Valuer

RE_EARN = 3
"""Visits as anticipated that win back what one broken visit costs."""

HALFWAY = 4
"""Visits as anticipated that build trust of 50, half of what can be had."""

SHORT = 1000
"""Hundredths of a point below what was anticipated at which a visit is broken, and below the mean
of the visits before at which the last one is inconsistent."""

TOLERATED = 500
"""Hundredths of a point below what was anticipated down to which a visit is kept."""


class Reason(StrEnum):
    """Why a customer may not return."""

    DISSATISFIED = "dissatisfied"
    FELL_SHORT = "fell_short"
    INCONSISTENT = "inconsistent"
    TRUST_LOST = "trust_lost"

    @property
    def hint(self) -> str:
        """What the house can do about it."""
        return _HINTS[self]


_HINTS = {
    Reason.DISSATISFIED: "ask what would have been right, and follow up without selling anything",
    Reason.FELL_SHORT: "speak of it before the customer does: own it, put it right, no excuses",
    Reason.INCONSISTENT: "find out what was different this time, and say what will be done",
    Reason.TRUST_LOST: "promise little and keep all of it: trust is earned again visit by visit",
}


class Band(StrEnum):
    """The risk that a customer does not return: how many reasons there are, none, one, several."""

    LOW = "low"
    RAISED = "raised"
    HIGH = "high"


class Risk(NamedTuple):
    """The risk that a customer does not return, as a band with its reasons; never a probability.

    Attributes:
        band: low, raised or high.
        reasons: what speaks for it.
    """

    band: Band
    reasons: tuple[Reason, ...]

    @property
    def hints(self) -> tuple[str, ...]:
        """What to do, reason by reason."""
        return tuple(reason.hint for reason in self.reasons)


class Last(NamedTuple):
    """The last visit; of two at the same moment the worse.

    Attributes:
        at: when its last touchpoint was.
        impression: in hundredths of a point.
        short: whether it fell 10 points or more below what was anticipated.
    """

    at: datetime
    impression: int
    short: bool


@frozen(kw_only=True)
class Standing:
    """The visits of one customer in a few whole numbers: they merge by ``+``, in any order.

    Attributes:
        visits: journeys with an impression.
        total: the sum of their impressions, in hundredths of a point.
        kept: visits not dissatisfying, and at most 5 points below what was anticipated.
        broken: visits that were dissatisfying, or 10 points or more below that.
        worth: what they were worth to the house, in hundredths of the host's unit.
        last: the last visit; None if no visit has a time.

    >>> from journeyscore import Touchpoint
    >>> visit = Journey("v1", [Touchpoint("hotel.room", anticipated=0.7, delivered=0.75)])
    >>> standing([visit]).trust, standing([visit] * 4).trust
    (20.0, 50.0)
    """

    visits: int = 0
    total: int = 0
    kept: int = 0
    broken: int = 0
    worth: int = 0
    last: Last | None = None

    def __add__(self, other: Standing) -> Standing:
        """The visits of both."""
        if not isinstance(other, Standing):
            return NotImplemented
        lasts = [each for each in (self.last, other.last) if each is not None]
        return Standing(
            visits=self.visits + other.visits,
            total=self.total + other.total,
            kept=self.kept + other.kept,
            broken=self.broken + other.broken,
            worth=self.worth + other.worth,
            last=_last(lasts),
        )

    @property
    def impression(self) -> float | None:
        """The mean impression of the visits, each counting once; points."""
        if not self.visits:
            return None
        return floor(float(self.total) / float(self.visits) + 0.5) / 100

    @property
    def earned(self) -> int:
        """The visits that trust is built on: those kept, less `RE_EARN` for each broken one."""
        return self.kept - RE_EARN * self.broken

    @property
    def trust(self) -> float:
        """Trust, 0 to 100: ``earned / (earned + HALFWAY)``, and none below zero."""
        earned = max(0, self.earned)
        return floor(float(10000 * earned) / float(earned + HALFWAY) + 0.5) / 100

    def risk(self, policy: Policy = DEFAULT_POLICY) -> Risk:
        """The risk that this customer does not return, with its reasons.

        A customer who returns in spite of all this does so out of habit, or for want of a choice:
        returning is no reason against the risk.

        >>> risk = Standing(visits=2, total=8000, broken=2).risk()
        >>> risk.band.value, [reason.value for reason in risk.reasons]
        ('raised', ['trust_lost'])
        """
        reasons = []
        last, n = self.last, self.visits
        if last is not None:
            if last.impression < threshold(policy.dissatisfied_below):
                reasons.append(Reason.DISSATISFIED)
            if last.short:
                reasons.append(Reason.FELL_SHORT)
            if self.total - last.impression * n >= SHORT * (n - 1) > 0:
                reasons.append(Reason.INCONSISTENT)
        if n > 1 and self.broken and self.earned <= 0:
            reasons.append(Reason.TRUST_LOST)
        return Risk(list(Band)[min(len(reasons), 2)], tuple(reasons))


def _last(visits: list[Last]) -> Last | None:
    return max(visits, key=lambda each: (each.at, -each.impression, each.short), default=None)


def standing(
    visits: Iterable[Journey], *, policy: Policy = DEFAULT_POLICY, market: Any = None
) -> Standing:
    """How a customer stands with the house, from the journeys given, in any order.

    Args:
        visits: journeys of one customer; those without an impression count nothing.
        policy: the parameters of the model.
        market: as for `journeyscore.score`.

    Raises:
        WrongType: one of them is no Journey.
    """
    valuer = Valuer(policy, market)
    return sum((_of(visit, valuer) for visit in visits), Standing())


def _card(visit: Journey, valuer: Valuer) -> Scorecard:
    if not isinstance(visit, Journey):
        raise WrongType(f"{described(visit)} is not a Journey", path="visits", value=visit)
    return evaluate(visit, valuer)


def _of(visit: Journey, valuer: Valuer) -> Standing:
    card = _card(visit, valuer)
    if card.impression is None or card.par is None:
        return Standing()
    impression = round(card.impression * 100)
    below = round(card.par * 100) - impression
    dissatisfied = impression < threshold(valuer.policy.dissatisfied_below)
    times = [each.touchpoint.at for each in card.touchpoints if each.touchpoint.at is not None]
    return Standing(
        visits=1,
        total=impression,
        kept=int(below <= TOLERATED and not dissatisfied),
        broken=int(below >= SHORT or dissatisfied),
        worth=0 if visit.worth is None else floor(visit.worth * 100 + 0.5),
        last=Last(max(times), impression, below >= SHORT) if times else None,
    )


class Parting(NamedTuple):
    """What stands between a house and a dignified end.

    Attributes:
        open_loops: what is still to be done about failures, of whichever kind, with the id of the
            journey.
    """

    open_loops: tuple[tuple[str, OpenLoop], ...]

    @property
    def ready(self) -> bool:
        """Whether nothing is left open."""
        return not self.open_loops


def parting(
    visits: Iterable[Journey], *, policy: Policy = DEFAULT_POLICY, market: Any = None
) -> Parting:
    """What has to be settled before a relationship is ended with dignity.

    Where trust cannot be rebuilt, a house may part from a customer. It leaves nothing open behind:
    what failed is put right or answered for, and no last offer is made.

    Raises:
        WrongType: one of them is no Journey.

    >>> from journeyscore import Touchpoint
    >>> visit = Journey("v1", [Touchpoint("hotel.room", anticipated=0.9, delivered=0.2)])
    >>> parting([visit]).ready
    False
    """
    valuer = Valuer(policy, market)
    return Parting(
        tuple((visit.id, loop) for visit in visits for loop in _card(visit, valuer).open_loops)
    )
