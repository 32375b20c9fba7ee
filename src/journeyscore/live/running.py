"""Running: the events of one journey as they come in, and what they come to so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import evolve

from ..errors import InvalidValue
from ..journey import Journey, JourneyState
from ..moments import Folded, MomentKind, ScoredTouchpoint, scored_touchpoint
from ..plan import as_plan
from ..scorecard import Scorecard, evaluate
from ..tally import Tally, threshold
from ..touchpoints import EventKey, State, Touchpoint
from ..valuation import Valuer

if TYPE_CHECKING:
    from .journey import TrackedJourney


class Moment(NamedTuple):
    """A moment that matters, told once, when it becomes known.

    Attributes:
        journey: the journey it belongs to.
        touchpoint: the touchpoint as the score sees it, ``touchpoint.words`` in words.
        kind: it made the journey, broke it, or was recovered.
    """

    journey: TrackedJourney
    touchpoint: ScoredTouchpoint
    kind: MomentKind


class Step(NamedTuple):
    """What one more event did.

    Attributes:
        counts: whether it is folded, or recovers what is; not if it is dead or did not happen.
        kind: what it did to the journey, if it is a moment that matters.
        news: the touchpoints that have become moments that matter by it.
    """

    counts: bool
    kind: MomentKind | None = None
    news: tuple[ScoredTouchpoint, ...] = ()


_PLAIN, _UNMEASURED = Step(True), Step(False)
_BROKE, _MADE = Step(True, MomentKind.BROKE), Step(True, MomentKind.MADE)

_Identity = tuple[object, ...]


class Running:
    """The events so far; their tally at any moment is that of `journeyscore.score`.

    While every event stands for itself, each is added to seven sums as it comes. As soon as
    events concern each other (a plan, a correction, a recovery, two contents under one id) the
    journey is *tangled*, and is scored anew with each. Not safe under threads: its owner locks.

    Args:
        journey: id, ref, type, customer, site and plan; without events.
        valuer: the policy and the market.
        announcing: whether anyone wants to know of moments as they become known.

    >>> running = Running(Journey("stay-1"), Valuer())
    >>> now = datetime.fromisoformat("2026-01-01T12:00Z")
    >>> step = running.add(Touchpoint("hotel.valet", anticipated=0.8, delivered=0.2), now)
    >>> step.kind.value, running.tally(now).count
    ('broke', 1)
    """

    def __init__(self, journey: Journey, valuer: Valuer, *, announcing: bool = True) -> None:
        self.about: Journey = journey
        self._announcing = announcing
        self._valuer = valuer
        self._broke = threshold(valuer.policy.broke)
        self._made = threshold(valuer.policy.made)
        self._events: list[Touchpoint] = []
        self._arrivals: list[datetime] = []  # while no event has a time
        self._timed: bool | None = None
        self._contents: dict[EventKey, list[Touchpoint]] = {}
        self._roots: dict[EventKey, EventKey] = {}
        self._announced: Counter[_Identity] = Counter()
        self._tangled = journey.plan is not None
        self._count = self._weight = self._value = self._par = 0
        self._squares = self._delivered = self._known = 0

    def add(self, event: Touchpoint, arrived: datetime, *, once: bool = False) -> Step | None:
        """Take in an event; None if it is one that came before.

        Args:
            event: what happened, sooner or later.
            arrived: when this became known.
            once: whether an event that was delivered under the same id is the same, whatever
                it says: of several deliveries of one promise, the first is the delivery.
        """
        if event.id is not None and not self._is_new(event, once):
            return None
        if event.at is None and self._timed is False:
            self._arrivals.append(arrived)
        elif event.at is None or not self._timed:
            event = self._in_time(event, arrived)
        self._events.append(event)
        if event.recovers is not None or event.supersedes is not None:
            self._tangled = True
        if self._tangled:
            return self._step_among_others(event, arrived)
        terms = event.terms
        if terms is None:
            return self._plain_step(event)
        # the fast path: what `journeyscore.fold` does, and whether it is a moment
        level, gap, promised, a, w, w_par, w_delivered, w_known = terms
        if not w:
            return _UNMEASURED
        v = int(self._valuer.value(level, gap, promised) * 10000 + 0.5)
        effect = v - a
        self._count += 1
        self._weight += w
        self._value += w * v
        self._par += w_par
        self._squares += w * effect * effect
        self._delivered += w_delivered
        self._known += w_known
        if -self._broke < effect < self._made:
            return _PLAIN
        return self._moment_alone(event, effect)

    def _in_time(self, event: Touchpoint, arrived: datetime) -> Touchpoint:
        """The event, with the time of its arrival if others have a time; or those with theirs.

        A journey has times for all of its touchpoints or for none.
        """
        if event.at is not None and self._arrivals:
            for place, (each, at) in enumerate(zip(self._events, self._arrivals, strict=True)):
                self._events[place] = evolve(each, at=at)
                for kind in MomentKind:  # what was told of it stays told
                    if self._announced[old := self._identity(each, kind)] and each.key is None:
                        self._announced[old] -= 1
                        self._announced[self._identity(self._events[place], kind)] += 1
            self._arrivals.clear()
        if self._timed and event.at is None:
            return evolve(event, at=arrived)
        self._timed = event.at is not None
        if not self._timed:
            self._arrivals.append(arrived)
        return event

    def _is_new(self, event: Touchpoint, once: bool) -> bool:
        key = event.key
        assert key is not None
        contents = self._contents.setdefault(key, [])
        if event in contents or (once and any(each.state.folded for each in contents)):
            return False
        contents.append(event)
        if len(contents) > 1:
            self._tangled = True
        elif (old := event.superseded_key) is not None:  # of several contents the first says
            self._roots[key] = self._roots.get(old, old)
        else:
            self._roots[key] = key
        return True

    def _plain_step(self, event: Touchpoint) -> Step:
        """One more event that concerns no other, valued by the plain path."""
        worth = self._valuer.worth(event)
        if worth is None or not worth.weight:
            return _UNMEASURED
        one = Tally.of([worth])
        self._count += one.count
        self._weight += one.weight
        self._value += one.value
        self._par += one.par
        self._squares += one.squares
        self._delivered += one.delivered
        self._known += one.known
        if -self._broke < worth.effect < self._made:
            return _PLAIN
        return self._moment_alone(event, worth.effect)

    def _moment_alone(self, event: Touchpoint, effect: int) -> Step:
        """A moment that matters, of an event that concerns no other: no need to score them all.

        Its contribution is rounded by itself, so it may be a hundredth off the scorecard's.
        """
        step = _BROKE if effect < 0 else _MADE
        if not self._announcing:
            return step
        self._announced[self._identity(event, step.kind)] += 1
        worth = self._valuer.worth(event)
        assert worth is not None
        contribution = (2 * worth.weight * worth.effect + self._weight) // (2 * self._weight)
        folded = Folded(event, worth, worth.effect, self._valuer.zone(event), False)
        scored = scored_touchpoint(folded, contribution, self._valuer.policy)
        return step._replace(news=(scored,))

    def _step_among_others(self, event: Touchpoint, now: datetime) -> Step:
        """One more event of a tangled journey: what it did is read from the scorecard."""
        card = self.card(now)
        news = self.news_of(card)
        worth = self._valuer.worth(event)
        if worth is None or not worth.weight:
            return Step(False, None, news)
        if event.recovers is not None:
            recovered = any(each.moment is MomentKind.RECOVERED for each in news)
            live = event in card.journey.touchpoints
            return Step(live, MomentKind.RECOVERED if recovered else None, news)
        same = self._identity(event, None)
        own = [each for each in card.touchpoints if self._identity(each.touchpoint, None) == same]
        return Step(bool(own), own[-1].moment if own else None, news)

    def news(self, now: datetime) -> tuple[ScoredTouchpoint, ...]:
        """The moments that matter which have not been told before; by this they are."""
        return self.news_of(self.card(now))

    def news_of(self, card: Scorecard) -> tuple[ScoredTouchpoint, ...]:
        """As `news`, of a scorecard of this journey."""
        found: Counter[_Identity] = Counter()
        news = []
        for each in card.moments:
            identity = self._identity(each.touchpoint, each.moment)
            found[identity] += 1
            told = self._announced[identity]
            if told and each.touchpoint.key is not None:
                continue  # also where several events correct the same one
            if found[identity] > told:
                self._announced[identity] += 1
                news.append(each)
        return tuple(news)

    def _identity(self, touchpoint: Touchpoint, kind: MomentKind | None) -> _Identity:
        """What makes a moment the same one: its event, through corrections.

        Without an id, what was delivered and when; what was anticipated a plan may fill in.
        """
        if (key := touchpoint.key) is not None:
            return (self._roots.get(key, key), kind)
        levels = tuple((name, each.delivered) for name, each in touchpoint._readings)
        return (
            touchpoint.name, touchpoint.at, touchpoint.delivered, levels, touchpoint.weight,
            touchpoint.team, touchpoint.state is State.MISSED, kind,
        )  # fmt: skip

    def retract(self, id: str, source: str | None, now: datetime) -> tuple[ScoredTouchpoint, ...]:
        """Take an event back, for good, see `Journey.retract`; the moments that come of it."""
        retracted = self.journey().retract(id, source).retracted
        self.about = evolve(self.about, retracted=retracted)
        self._tangled = True
        return self.news(now)

    def complete(self, known: Mapping[str, Any]) -> None:
        """What more is known of the journey; what was known before stays.

        Raises:
            InvalidValue: it is something else than was known.
        """
        new = {name: value for name, value in known.items() if value is not None}
        for name, value in new.items():
            before = getattr(self.about, name)
            unknown = before is None or (name == "id" and before == self.about.ref)
            if not unknown and before != (as_plan(value) if name == "plan" else value):
                raise InvalidValue("this journey was opened with another", path=name, value=value)
        if new:
            self.about = evolve(self.about, **new)
            self._tangled = self._tangled or self.about.plan is not None

    def journey(self, state: JourneyState = JourneyState.OPEN) -> Journey:
        """The journey so far. An event without a time among others with one has its arrival's."""
        return evolve(self.about, touchpoints=self._events, state=state)

    def card(self, now: datetime, state: JourneyState = JourneyState.OPEN) -> Scorecard:
        """The scorecard so far, in silence; in an open journey what was due by now is missed."""
        return evaluate(self.journey(state), self._valuer, now=now)

    def tally(self, now: datetime) -> Tally:
        """The sums so far: at once, or from the scorecard where events concern each other."""
        if self._tangled:
            return self.card(now).tally
        return Tally(
            self._count, self._weight, self._value, self._par,
            self._squares, self._delivered, self._known,
        )  # fmt: skip
