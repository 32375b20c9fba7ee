"""What each touchpoint did to its journey: outcome, effect, moment that matters."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from .expectations import Basis
from .policy import Policy
from .readings import Zone, hundredths
from .tally import Tally, threshold
from .touchpoints import State, Touchpoint
from .valuation import Worth

if TYPE_CHECKING:
    from .handling import Act, NoticedBy


class Outcome(StrEnum):
    """How a delivery lies in the zone of tolerance (model, section 6)."""

    FELL_SHORT = "fell_short"
    MET = "met"
    EXTRA_MILE = "extra_mile"
    PROACTIVE = "proactive"


class MomentKind(StrEnum):
    """What a moment that matters did to the journey."""

    BROKE = "broke"
    RECOVERED = "recovered"
    MADE = "made"


def outcome(touchpoint: Touchpoint, delivered: int, zone: Zone) -> Outcome:
    """The outcome of what was delivered (hundredths of a point) in a zone of tolerance.

    >>> outcome(Touchpoint("hotel.valet"), 9000, Zone(5500, 6500)).value
    'extra_mile'
    """
    if delivered < zone.adequate:
        return Outcome.FELL_SHORT
    if delivered <= zone.desired:
        return Outcome.MET
    return Outcome.PROACTIVE if touchpoint.proactive else Outcome.EXTRA_MILE


class ScoredTouchpoint(NamedTuple):
    """A touchpoint as the score sees it; every number in points.

    Attributes:
        touchpoint: the event.
        value: what it scored, 0 to 100, recovery included.
        anticipated, delivered: the levels, 0 to 100.
        effect: value - anticipated, recovery included.
        contribution: by how much it moved the journey against par; they add up to
            ``impression - par`` exactly, in hundredths.
        basis: how the expectation is known.
        outcome: where the delivery lies in the zone of tolerance.
        moment: what it did to the journey, if it is a moment that matters.
        weight: its importance: as it says, else as the policy weighs it.
        adequate, desired: its zone of tolerance: the least that is enough, and what is wished for.
        intended: what the plan intends, or what was promised; None where neither says.
    """

    touchpoint: Touchpoint
    value: float
    anticipated: float
    delivered: float
    effect: float
    contribution: float
    basis: str
    outcome: Outcome
    moment: MomentKind | None
    weight: float
    adequate: float
    desired: float
    intended: float | None

    def to_dict(self) -> dict[str, Any]:
        """The touchpoint as plain data that JSON can hold."""
        touchpoint = self.touchpoint
        return {
            "touchpoint": touchpoint.name,
            "id": touchpoint.id,
            "source": touchpoint.source,
            "at": None if touchpoint.at is None else touchpoint.at.isoformat(),
            "team": touchpoint.team,
            "state": touchpoint.state.value,
            "weight": self.weight,
            "basis": self.basis,
            "anticipated": self.anticipated,
            "intended": self.intended,
            "adequate": self.adequate,
            "desired": self.desired,
            "delivered": self.delivered,
            "value": self.value,
            "effect": self.effect,
            "contribution": self.contribution,
            "outcome": self.outcome.value,
            "moment": None if self.moment is None else self.moment.value,
            "act": None if self.act is None else self.act.value,
            "noticed_by": None if self.noticed_by is None else self.noticed_by.value,
        }

    @property
    def act(self) -> Act | None:
        """What was done beyond the service itself: a gift, an education, a proactive fix."""
        return None if self.touchpoint.handling is None else self.touchpoint.handling.act

    @property
    def noticed_by(self) -> NoticedBy | None:
        """Who noticed first that something was wanted: the customer or the house."""
        return None if self.touchpoint.handling is None else self.touchpoint.handling.noticed_by

    @property
    def words(self) -> str:
        """The touchpoint in words: ``front desk, promised 80, delivered 50 (-20.40)``."""
        missed = self.touchpoint.state is State.MISSED
        what = "missed" if missed else f"delivered {self.delivered:g}"
        return (
            f"{self.touchpoint.label}, {self.basis} {self.anticipated:g}, {what} "
            f"({self.contribution:+.2f})"
        )


class Folded(NamedTuple):
    """A touchpoint that counts.

    Attributes:
        touchpoint: the event.
        worth: its whole numbers, recovery included.
        effect_before: E without recovery, hundredths of a point.
        zone: its zone of tolerance.
        put_right: whether a recovery succeeded.
        intended: the level that the plan intends, if it says one.
    """

    touchpoint: Touchpoint
    worth: Worth
    effect_before: int
    zone: Zone
    put_right: bool
    intended: float | None = None


def scored_touchpoints(
    folded: Sequence[Folded], tally: Tally, policy: Policy
) -> tuple[ScoredTouchpoint, ...]:
    """Each touchpoint with what it did to the journey, in the order given."""
    contributions = _contributions([each.worth for each in folded], tally)
    return tuple(
        scored_touchpoint(each, contribution, policy)
        for each, contribution in zip(folded, contributions, strict=True)
    )


def scored_touchpoint(folded: Folded, contribution: int, policy: Policy) -> ScoredTouchpoint:
    """One touchpoint, by how many hundredths of a point it moved the journey being known."""
    worth = folded.worth
    broke, made = threshold(policy.broke), threshold(policy.made)
    return ScoredTouchpoint(
        touchpoint=folded.touchpoint,
        value=worth.value / 100,
        anticipated=worth.par / 100,
        delivered=worth.delivered / 100,
        effect=worth.effect / 100,
        contribution=contribution / 100,
        basis=worth.basis.value,
        outcome=outcome(folded.touchpoint, worth.delivered, folded.zone),
        moment=moment_kind(worth.effect, folded.effect_before, broke, made),
        weight=worth.weight / 100,
        adequate=folded.zone.adequate / 100,
        desired=folded.zone.desired / 100,
        intended=_intended(folded),
    )


def _intended(folded: Folded) -> float | None:
    if folded.intended is None and folded.worth.basis is Basis.PROMISED:
        return folded.worth.par / 100
    return None if folded.intended is None else hundredths(folded.intended) / 100


def moment_kind(effect: int, effect_before: int, broke: int, made: int) -> MomentKind | None:
    """What an effect, in hundredths of a point, did; recovered if it no longer broke the stay.

    Args:
        effect, effect_before: E of the touchpoint, and E without its recovery.
        broke, made: the thresholds of the policy, in hundredths as well.

    >>> moment_kind(-3000, -3000, 2500, 4000).value, moment_kind(-2400, -3000, 2500, 4000).value
    ('broke', 'recovered')
    """
    if effect <= -broke:
        return MomentKind.BROKE
    if effect >= made:
        return MomentKind.MADE
    return MomentKind.RECOVERED if effect_before <= -broke else None


def _contributions(worths: Sequence[Worth], tally: Tally) -> list[int]:
    """``w*E / weight`` of each, in whole hundredths that add up to impression - par.

    Largest remainder (Hare): each is rounded down, and what is then missing goes, a hundredth
    each, to those that lost most; ties to the earlier.
    """
    if not worths:
        return []
    readouts = tally.readouts()
    assert readouts.impression is not None and readouts.par is not None
    total = round(readouts.impression * 100) - round(readouts.par * 100)
    shares = [divmod(worth.weight * worth.effect, tally.weight) for worth in worths]
    contributions = [floor for floor, _ in shares]
    missing = total - sum(contributions)
    by_remainder = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    for place in by_remainder[:missing]:
        contributions[place] += 1
    return contributions
