"""Open loops: what fell short and was not put right, followed up, or prevented from recurring.

There are two fixes for every problem, the customer's and the cause's (docs/explanation/
service-model.md). A *failure* is a touchpoint that fell short of its zone of tolerance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from .handling import Act, NoticedBy
from .moments import Folded, Outcome, outcome
from .recovery import recovered_touchpoints
from .touchpoints import EventKey, State, Touchpoint


class LoopKind(StrEnum):
    """What is still to be done about a failure."""

    FAILURE = "failure"
    RECOVERY = "recovery"
    FOLLOW_UP = "follow_up"
    CAUSE = "cause"


class OpenLoop(NamedTuple):
    """Something about a failure that is still to be done.

    Attributes:
        touchpoint: the name of what fell short; of a cause, of the last that did.
        id: its id, if it has one.
        since: when it became open, if known.
        kind: a failure that was not put right, a recovery that nobody followed up, a follow-up
            that is owed, a cause that nothing prevents.
        due: until when a follow-up is owed.
        cause: the code of the cause.
    """

    touchpoint: str
    id: str | None
    since: datetime | None
    kind: LoopKind = LoopKind.FAILURE
    due: datetime | None = None
    cause: str | None = None

    def age(self, now: datetime) -> timedelta | None:
        """How long it has been open; None where it is not known since when."""
        return None if self.since is None else now - self.since

    def is_overdue(self, now: datetime) -> bool:
        """Whether a follow-up that was owed by then has not been made."""
        return self.due is not None and self.due < now

    def to_dict(self) -> dict[str, Any]:
        """The loop as plain data that JSON can hold."""
        given = self._asdict()
        times = {"since": self.since, "due": self.due}
        iso = {name: None if at is None else at.isoformat() for name, at in times.items()}
        return {**given, **iso, "kind": self.kind.value}


class Failure(NamedTuple):
    """A touchpoint that fell short, and what was done about it.

    Attributes:
        touchpoint: the event.
        recovered: whether a recovery of it did not fall short.
        acknowledged: whether somebody said so to the customer, or tried to put it right.
        owner: the role or team that owned it; of several, the first in the order of codes.
        excuse: whether an excuse was made. There should be none.
        response: the time from the failure to the first acknowledgement or recovery, where both
            are timed; None if there was none.
        followed_up: whether somebody asked afterwards how things went, and sold nothing.
        cause: the code of its root cause.
        noticed_by: who noticed first.
        attempted: when it was first tried to put it right, if that is known.
    """

    touchpoint: Touchpoint
    recovered: bool
    acknowledged: bool
    owner: str | None
    excuse: bool
    response: timedelta | None
    followed_up: bool
    cause: str | None
    noticed_by: NoticedBy | None
    attempted: datetime | None

    def to_dict(self) -> dict[str, Any]:
        """The failure as plain data that JSON can hold."""
        about = {"touchpoint": self.touchpoint.name, "id": self.touchpoint.id}
        seconds = None if self.response is None else self.response.total_seconds()
        attempted = None if self.attempted is None else self.attempted.isoformat()
        return {**self._asdict(), **about, "response": seconds, "attempted": attempted}


def failures(folded: Sequence[Folded], live: Sequence[Touchpoint]) -> tuple[Failure, ...]:
    """Every touchpoint that fell short, with what was done about it.

    Args:
        folded: what counts in the journey.
        live: its events, those included that are about others.
    """
    touchpoints = [each.touchpoint for each in folded]
    places = recovered_touchpoints(touchpoints)
    about = _by_place(live, places, lambda event: {event.recovered_key, event.regarded_key})
    attempts = _by_place(live, places, lambda event: {event.recovered_key})
    found = []
    for place, each in enumerate(folded):
        if outcome(each.touchpoint, each.worth.delivered, each.zone) is not Outcome.FELL_SHORT:
            continue
        others = about.get(place, [])
        told = [each.touchpoint, *others]
        handled = [event.handling for event in told if event.handling is not None]
        answers = [event for event in others if _answers(event)]
        tries = (event.at for event in attempts.get(place, []) if event.at is not None)
        found.append(
            Failure(
                touchpoint=each.touchpoint,
                recovered=each.put_right,
                acknowledged=bool(answers),
                owner=min((h.owner for h in handled if h.owner is not None), default=None),
                excuse=any(handling.excuse for handling in handled),
                response=_response(each.touchpoint, answers),
                followed_up=any(follows_up(event) for event in others),
                cause=min((h.cause for h in handled if h.cause is not None), default=None),
                noticed_by=min((h.noticed_by for h in handled if h.noticed_by), default=None),
                attempted=min(tries, default=None),
            )
        )
    return tuple(found)


def follows_up(event: Touchpoint) -> bool:
    """Whether the event is a follow-up that closes a loop: made, and nothing sold along with it.

    A follow-up with a date by which it is due, and nothing delivered, is only owed.
    """
    handling = event.handling
    if handling is None or handling.act is not Act.FOLLOW_UP or handling.pitch:
        return False
    return event.state is State.DELIVERED or handling.due is None


def is_owed(event: Touchpoint) -> bool:
    """Whether the event says that a follow-up is owed."""
    handling = event.handling
    owed = handling is not None and handling.act is Act.FOLLOW_UP and handling.due is not None
    return owed and event.state is not State.DELIVERED


def _answers(event: Touchpoint) -> bool:
    """Whether the event acknowledges a failure: by saying so, or by an attempt to put it right."""
    if event.recovers is not None and event.state.folded:
        return True
    return event.handling is not None and event.handling.act is Act.ACKNOWLEDGEMENT


def _by_place(
    live: Iterable[Touchpoint],
    places: Callable[[EventKey], set[int]],
    names: Callable[[Touchpoint], set[EventKey | None]],
) -> dict[int, list[Touchpoint]]:
    """The events that name each touchpoint, by its place."""
    found: defaultdict[int, list[Touchpoint]] = defaultdict(list)
    for event in live:
        for place in {place for key in names(event) if key is not None for place in places(key)}:
            found[place].append(event)
    return found


def _response(failure: Touchpoint, answers: Iterable[Touchpoint]) -> timedelta | None:
    first = min((event.at for event in answers if event.at is not None), default=None)
    return None if first is None or failure.at is None else max(first - failure.at, timedelta(0))


def open_loops(found: Sequence[Failure], live: Sequence[Touchpoint]) -> tuple[OpenLoop, ...]:
    """What is still to be done about the failures of a journey, failures in their order first."""
    loops = []
    for each in found:
        touchpoint = each.touchpoint
        if not each.recovered:
            loops.append(OpenLoop(touchpoint.name, touchpoint.id, touchpoint.at))
        elif not each.followed_up:
            since = each.attempted
            loops.append(OpenLoop(touchpoint.name, touchpoint.id, since, LoopKind.RECOVERY))
    for event in live:
        if is_owed(event) and not any(
            follows_up(other) and other.regarded_key == event.regarded_key for other in live
        ):
            due = event.handling.due if event.handling is not None else None
            loops.append(OpenLoop(event.name, event.id, event.at, LoopKind.FOLLOW_UP, due))
    return (*loops, *_open_causes(found, live))


def _open_causes(found: Sequence[Failure], live: Iterable[Touchpoint]) -> list[OpenLoop]:
    """Causes of failures with no prevention since: one that recurs after it is open again."""
    prevented: defaultdict[str, list[datetime | None]] = defaultdict(list)
    for event in live:
        handling = event.handling
        if handling is not None and handling.act is Act.PREVENTION and handling.cause is not None:
            prevented[handling.cause].append(event.at)
    by_cause: defaultdict[str, list[Touchpoint]] = defaultdict(list)
    for each in found:
        if each.cause is not None:
            by_cause[each.cause].append(each.touchpoint)
    loops = []
    for cause, touchpoints in by_cause.items():
        last = max((at for at in prevented[cause] if at is not None), default=None)
        still = [each for each in touchpoints if last is None or each.at is None or each.at > last]
        untimed = None in prevented[cause]  # a journey without times: any prevention closes
        if still and not untimed:
            since = min((each.at for each in still if each.at is not None), default=None)
            name, id = still[-1].name, still[-1].id
            loops.append(OpenLoop(name, id, since, LoopKind.CAUSE, cause=cause))
    return loops
