"""Journey: the events of one customer's journey, in whatever order they came to be known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import count
from os import urandom
from typing import Any, NamedTuple

from attrs import evolve, field, frozen

from .checks import number, one_of, text
from .errors import InvalidValue, UnknownName, WrongType, described
from .expectations import Basis
from .extremes import milliseconds
from .notebook import mimebundle
from .plan import Plan, as_plan
from .touchpoints import EventKey, State, Touchpoint, closest_touchpoint
from .valuation import Valuer


class JourneyState(StrEnum):
    """Whether more is to come. What is planned and not done is missed once nothing is."""

    OPEN = "open"
    CLOSED = "closed"
    ABANDONED = "abandoned"


class Conflict(NamedTuple):
    """Several contents under one event id.

    Attributes:
        folded: the content that counts: the smallest in the order of `content_order`.
        kept_out: the others.
    """

    folded: Touchpoint
    kept_out: tuple[Touchpoint, ...]


class Resolved(NamedTuple):
    """A journey's events, told apart.

    Attributes:
        live: what counts, in the order of (at, source, id), or as given without times.
        duplicates: events that repeat another, content and all.
        conflicts: ids with several contents.
        dead: events that another one supersedes or retracts.
    """

    live: tuple[Touchpoint, ...]
    duplicates: tuple[Touchpoint, ...]
    conflicts: tuple[Conflict, ...]
    dead: tuple[Touchpoint, ...]


def content_order(event: Touchpoint, valuer: Valuer) -> tuple[Any, ...]:
    """The order in which the smallest of several contents under one id is folded.

    What is folded comes before what is not (it did not take place, or has no weight); then by D,
    A, weight, basis (in the order of `Basis`), V, the adequate level, what it recovers, whether
    the weight was said, when it was, and last by the remaining fields as text.

    >>> low, high = Touchpoint("a", delivered=0.1), Touchpoint("a", delivered=0.9)
    >>> content_order(low, Valuer()) < content_order(high, Valuer())
    True
    """
    when = -1 if event.at is None else milliseconds(event.at)
    worth = valuer.worth(event)
    if worth is None or worth.weight == 0:
        return (1, when, event.name, repr(event))
    recovers = event.recovered_key
    return (
        0,
        worth.delivered,
        worth.par,
        worth.weight,
        list(Basis).index(worth.basis),
        worth.value,
        valuer.zone(event).adequate,
        (1, "") if recovers is None else (0, recovers[1]),
        not event.weight_is_said,
        when,
        event.name,
        repr(event),
    )


def _events(given: Iterable[Touchpoint]) -> tuple[Touchpoint, ...]:
    if not isinstance(given, Iterable):
        raise WrongType(
            f"{described(given)} is not a list of touchpoints", path="touchpoints", value=given
        )
    events = tuple(given)
    for event in events:
        if not isinstance(event, Touchpoint):
            raise WrongType(
                f"{described(event)} is not a Touchpoint", path="touchpoints", value=event
            )
    times = sum(1 for event in events if event.at is not None)
    if 0 < times < len(events):
        raise InvalidValue(
            f"{times} of {len(events)} touchpoints have a time",
            path="at",
            value=times,
            hint="give at= to all of them, or to none and the order given counts",
        )
    return events


def _feedback(
    given: Mapping[str, float] | tuple[tuple[str, float], ...],
) -> tuple[tuple[str, float], ...]:
    if not isinstance(given, (Mapping, tuple)):
        raise WrongType(f"{described(given)} is not a mapping", path="feedback", value=given)
    answers = dict(given).items()
    return tuple((text(name, "feedback"), number(said, "feedback")) for name, said in answers)


def _keys(given: Iterable[EventKey]) -> tuple[EventKey, ...]:
    keys = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    for key in keys:
        if not (isinstance(key, tuple) and len(key) == 2):
            raise WrongType(f"{described(key)} is not (source, id)", path="retracted", value=key)
        if key[0] is not None:
            text(key[0], "retracted")
        text(key[1], "retracted")
    return keys


def _state(given: JourneyState | str) -> JourneyState:
    return one_of(given, JourneyState, "state")


@frozen
class Journey:
    """The events of one journey. Immutable: what changes it returns a new one.

    Attributes:
        id: opaque id of the journey.
        events: everything that came in, in any order; ``Journey(id, touchpoints)``.
        type: the kind of journey, ``"stay"``.
        state: open, closed or abandoned. A journey given whole is closed, and what is planned and
            was not done is missed; in an open one only if its ``due`` is past.
        ref: the name of the journey in telemetry, random unless given.
        customer, site: opaque ids, for grouping.
        segment: opaque; what its customers met stands in where a customer's past is not known.
        worth: what the journey is worth to the host, a number such as its revenue.
        plan: a `Plan`, or the names of the touchpoints that are meant to happen.
        feedback: what the customer said, ``{"csat": 4}``: shown beside the score, never in it.
        retracted: keys (source, id) of events taken back, whether they have come in or not.

    Raises:
        InvalidValue: some touchpoints have a time and others do not.
        WrongType: an event is not a Touchpoint.

    >>> stay = Journey("stay-1042", [Touchpoint("hotel.valet", delivered=0.9, id="v1")])
    >>> stay.retract("v1").touchpoints
    ()
    """

    id: str
    events: tuple[Touchpoint, ...] = field(default=(), converter=_events, alias="touchpoints")
    type: str | None = field(default=None, kw_only=True)
    state: JourneyState = field(default=JourneyState.CLOSED, kw_only=True, converter=_state)
    ref: str = field(factory=lambda: urandom(8).hex(), kw_only=True, eq=False)
    customer: str | None = field(default=None, kw_only=True)
    site: str | None = field(default=None, kw_only=True)
    segment: str | None = field(default=None, kw_only=True)
    worth: float | None = field(default=None, kw_only=True)
    plan: Plan | None = field(default=None, kw_only=True, converter=as_plan)
    _feedback: tuple[tuple[str, float], ...] = field(
        default=(), kw_only=True, converter=_feedback, alias="feedback"
    )
    retracted: tuple[EventKey, ...] = field(default=(), kw_only=True, converter=_keys)

    def __attrs_post_init__(self) -> None:
        text(self.id, "id")
        text(self.ref, "ref")
        for name in ("type", "customer", "site", "segment"):
            if (given := getattr(self, name)) is not None:
                text(given, name)
        if self.worth is not None:
            object.__setattr__(self, "worth", number(self.worth, "worth"))

    @property
    def feedback(self) -> dict[str, float]:
        """What the customer said, by the name of the question."""
        return dict(self._feedback)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: the journey map, or the text that it shows of any object."""
        return mimebundle(self)

    def add(self, *touchpoints: Touchpoint) -> Journey:
        """The journey with more events, late or not.

        >>> Journey("stay-1").add(Touchpoint("hotel.valet", delivered=0.9)).touchpoints[0].name
        'hotel.valet'
        """
        return evolve(self, touchpoints=(*self.events, *touchpoints))

    def retract(self, id: str, source: str | None = None) -> Journey:
        """The journey without an event, for good: also if it comes in again, or only later.

        What replaced the event is another one, with an id of its own, and stays.

        >>> valet = Touchpoint("hotel.valet", delivered=0.9, id="v1")
        >>> Journey("stay-1").retract("v1").add(valet).touchpoints
        ()
        """
        key = (source, text(id, "id"))
        return evolve(self, retracted=tuple(dict.fromkeys((*self.retracted, key))))

    def replace(
        self,
        id: str,
        touchpoint: Touchpoint | None = None,
        /,
        *,
        source: str | None = None,
        **changes: Any,
    ) -> Journey:
        """The journey with another event in place of one: the old one stays dead.

        Args:
            id, source: of the event to replace.
            touchpoint: what takes its place; or give ``changes`` to the old one's fields. If it
                has no id, or the same, it gets the next free one (``v1~1``).

        Raises:
            UnknownName: changes were given, and no live event has this id.

        Replacing the same id again replaces what took its place.

        >>> stay = Journey("stay-1", [Touchpoint("hotel.valet", delivered=0.9, id="v1")])
        >>> corrected = stay.replace("v1", delivered=0.2)
        >>> [(each.id, each.delivered) for each in corrected.touchpoints]
        [('v1~1', 0.2)]
        """
        if (touchpoint is None) == (not changes):
            raise InvalidValue("give either a touchpoint or changes to the old one", path="replace")
        *_, old = self._successors((source, text(id, "id")))
        if touchpoint is None:
            touchpoint = _changed(self._event(old), changes)
        if touchpoint.id in (None, id, old[1]):
            taken = {event.id for event in self.events}
            n = next(n for n in count(1) if f"{id}~{n}" not in taken)
            touchpoint = evolve(touchpoint, id=f"{id}~{n}")
        new = evolve(touchpoint, supersedes=old)
        # what put the old one right puts the new one right
        events = [
            evolve(each, recovers=new.key) if each.recovered_key == old else each
            for each in self.events
        ]
        return evolve(self, touchpoints=[*events, new])

    def _successors(self, key: EventKey) -> list[EventKey]:
        """The key, that of the event that superseded it, and so on."""
        by_old = {
            old: event.key for event in self.events if (old := event.superseded_key) is not None
        }
        chain = [key]
        while (successor := by_old.get(chain[-1])) is not None and successor not in chain:
            chain.append(successor)
        return chain

    def what_if(self, id: str, *, source: str | None = None, **changes: Any) -> Journey:
        """The journey had one touchpoint been otherwise; nothing is recorded.

        Args:
            id: of the event, or the name of a touchpoint that occurs once.
            changes: fields of the touchpoint; ``readings`` replaces the factors it names.

        Raises:
            UnknownName: no live event has this id or, once, this name.

        >>> stay = Journey("stay-1", [Touchpoint("hotel.valet", delivered=0.2)])
        >>> stay.what_if("hotel.valet", delivered=0.8).touchpoints[0].delivered
        0.8
        """
        return self.what_if_under(Valuer(), id, source=source, **changes)

    def what_if_under(
        self, valuer: Valuer, id: str, *, source: str | None = None, **changes: Any
    ) -> Journey:
        """As `what_if`, telling contradicting contents apart as this valuer does."""
        *_, key = self._successors((source, id))
        event = self._event(key, valuer, by_name=True)
        events: list[Touchpoint] = []
        for each in self.events:
            if each is event:
                events.append(_changed(event, changes))
            elif event.key is None or each.key != event.key:  # else it might win over the change
                events.append(each)
        return evolve(self, touchpoints=events)

    def _event(
        self, key: EventKey, valuer: Valuer | None = None, *, by_name: bool = False
    ) -> Touchpoint:
        """The live event with this key, or else the only one with this name."""
        live = self.resolve(valuer).live
        found = [each for each in live if each.key == key]
        if by_name and not found:
            named = [each for each in live if each.name == key[1]]
            # what is written down about a touchpoint, and delivers nothing, may have its name
            found = [each for each in named if each.state in (State.DELIVERED, State.MISSED)]
            found = found or named
        if len(found) == 1:
            return found[0]
        near = closest_touchpoint(key[1])
        raise UnknownName(
            f"{len(found) or 'no'} events of this journey have this id or name",
            path="id",
            value=key[1],
            hint="give the id of one of them" if found else f"did you mean {near}?" if near else "",
        )

    def resolve(self, valuer: Valuer | None = None) -> Resolved:
        """The events told apart: what counts, what repeats, what contradicts, what is dead.

        The result does not depend on the order of arrival. The valuer matters only where several
        contents under one id differ in what is filled in or in how it is valued.
        """
        valuer = valuer or Valuer()
        named = set(self.retracted)
        named.update(key for event in self.events if (key := event.superseded_key) is not None)
        groups: defaultdict[object, list[Touchpoint]] = defaultdict(list)
        for place, event in enumerate(self.events):
            groups[place if event.key is None else event.key].append(event)
        live: list[Touchpoint] = []
        duplicates: list[Touchpoint] = []
        conflicts: list[Conflict] = []
        dead: list[Touchpoint] = []
        for group, events in groups.items():
            if group in named:
                dead.extend(events)
                continue
            contents: list[Touchpoint] = []
            seen: set[Touchpoint] = set()
            for event in events:
                (duplicates if event in seen else contents).append(event)
                seen.add(event)
            if len(contents) > 1:
                contents.sort(key=lambda event: content_order(event, valuer))
                conflicts.append(Conflict(contents[0], tuple(contents[1:])))
            live.append(contents[0])
        if live and live[0].at is not None:
            live.sort(key=_in_time)
        return Resolved(tuple(live), tuple(duplicates), tuple(conflicts), tuple(dead))

    @property
    def touchpoints(self) -> tuple[Touchpoint, ...]:
        """What counts, in order: duplicates, contradictions and dead events left out."""
        return self.resolve().live

    @property
    def duplicates(self) -> tuple[Touchpoint, ...]:
        """Events kept out because they repeat another, content and all."""
        return self.resolve().duplicates

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Ids that came with several contents, what was folded and what was kept out."""
        return self.resolve().conflicts


def _in_time(event: Touchpoint) -> tuple[datetime | None, str, str]:
    return (event.at, event.source or "", event.id or "")


def _changed(event: Touchpoint, changes: Mapping[str, Any]) -> Touchpoint:
    """A touchpoint with other fields; delivering something makes a missed one delivered."""
    fields = dict(changes)
    if "readings" in fields:
        fields["readings"] = {**event.readings, **fields["readings"]}
    if "state" not in fields and ("delivered" in fields or "readings" in fields):
        fields["state"] = None
    try:
        return evolve(event, **fields)
    except TypeError as error:
        if isinstance(error, WrongType):
            raise
        raise UnknownName("a touchpoint has no such field", path="changes", value=fields) from error
