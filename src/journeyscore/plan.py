"""Plan: the touchpoints a journey is meant to have, held against those it had."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from attrs import evolve, field, frozen

from .checks import moment, text, within
from .errors import WrongType, described
from .expectations import Expectation, usable
from .readings import HEAVIEST, LIGHTEST, Reading, anticipated_level
from .touchpoints import State, Touchpoint


@frozen
class PlannedTouchpoint:
    """A touchpoint that is meant to happen.

    Attributes:
        name: as in a catalogue.
        anticipated: what is intended, a level with its basis; it stands for the touchpoint where
            the event itself says nothing. None: looked up in the market or the catalogue.
        weight: importance of the touchpoint if it is missed, 0 to 1000; None: as the policy
            weighs it, else 1.
        due: until when it must have happened, timezone-aware; None: by the end of the journey.

    >>> PlannedTouchpoint("hotel.valet", anticipated=0.7).anticipated.value
    0.7
    """

    name: str
    anticipated: Expectation | None = field(default=None, converter=anticipated_level, kw_only=True)
    weight: float | None = field(default=None, kw_only=True)
    due: datetime | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        text(self.name, "name")
        if self.weight is not None:
            object.__setattr__(self, "weight", within(self.weight, LIGHTEST, HEAVIEST, "weight"))
        if self.due is not None:
            object.__setattr__(self, "due", moment(self.due, "due"))

    def is_due(self, now: datetime | None) -> bool:
        """Whether it must have happened by now."""
        return self.due is not None and now is not None and self.due <= now

    def missed(self, timed: bool = True) -> Touchpoint:
        """The planned touchpoint as the one that did not happen, with its time if any have one."""
        return Touchpoint(
            self.name,
            anticipated=self.anticipated,
            weight=self.weight,
            state=State.MISSED,
            at=self.due if timed else None,
        )


def _items(given: Iterable[str | PlannedTouchpoint]) -> tuple[PlannedTouchpoint, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise WrongType(
            f"{described(given)} is not a plan",
            path="plan",
            value=given,
            hint='a list of names: ["hotel.valet", ...]',
        )
    return tuple(
        each if isinstance(each, PlannedTouchpoint) else PlannedTouchpoint(each) for each in given
    )


@frozen
class Plan:
    """The touchpoints a journey is meant to have, in order; a name twice is meant twice.

    Attributes:
        items: planned touchpoints; bare names are taken as such.

    >>> plan = Plan(["hotel.valet", "hotel.front_desk"])
    >>> arrival = [Touchpoint("hotel.front_desk", delivered=0.8)]
    >>> [each.state.value for each in plan.compare(arrival, everything_due=True).touchpoints]
    ['missed', 'delivered']
    """

    items: tuple[PlannedTouchpoint, ...] = field(converter=_items)

    def compare(
        self,
        touchpoints: Sequence[Touchpoint],
        *,
        everything_due: bool,
        now: datetime | None = None,
    ) -> Comparison:
        """The plan held against the touchpoints of a journey, given in order.

        Args:
            touchpoints: what happened, recoveries left out.
            everything_due: whether what is not done now is missed, whenever it was due.
            now: else, what was due until then is missed.
        """
        open_items = list(enumerate(self.items))
        matched: dict[int, tuple[int, PlannedTouchpoint]] = {}
        # what is only announced closes no item that something else did
        announced = [i for i, each in enumerate(touchpoints) if each.state is State.NOT_YET]
        happened = [i for i in range(len(touchpoints)) if i not in announced]
        for place in (*happened, *announced):
            name = touchpoints[place].name
            match = next((pair for pair in open_items if pair[1].name == name), None)
            if match is not None:
                open_items.remove(match)
                matched[place] = match
        due = [everything_due or item.is_due(now) for item in self.items]
        merged = [
            touchpoint if place not in matched else _as_planned(touchpoint, *matched[place], due)
            for place, touchpoint in enumerate(touchpoints)
        ]
        timed = any(each.at is not None for each in touchpoints)
        missed = [(position, item.missed(timed)) for position, item in open_items if due[position]]
        done = [place for place in matched if touchpoints[place].state is State.DELIVERED]
        states = {place: touchpoints[place].state for place in matched}
        return Comparison(
            touchpoints=_insert(merged, missed, self.items),
            pending=tuple(item.name for position, item in open_items if not due[position])
            + tuple(
                touchpoints[place].name
                for place, (position, _) in sorted(matched.items())
                if states[place] is State.NOT_YET and not due[position]
            ),
            cancelled=tuple(
                touchpoints[place].name
                for place in sorted(matched)
                if states[place] is State.NOT_APPLICABLE
            ),
            intended=tuple((name, level) for name, level in _intended(self.items).items()),
            extra=tuple(
                each.name
                for place, each in enumerate(touchpoints)
                if place not in matched and each.state is State.DELIVERED
            ),
            out_of_order=_out_of_order(
                [(matched[place][0], touchpoints[place].name) for place in sorted(done)]
            ),
        )


def _as_planned(
    touchpoint: Touchpoint, position: int, item: PlannedTouchpoint, due: Sequence[bool]
) -> Touchpoint:
    """A touchpoint with the plan's expectation where it has none; missed if it is overdue."""
    changes: dict[str, Any] = {}
    if touchpoint.readings:
        changes["readings"] = {
            factor: reading
            if usable(reading.anticipated) is not None
            else evolve(reading, **_planned(reading, item))
            for factor, reading in touchpoint.readings.items()
        }
    elif usable(touchpoint.anticipated) is None and item.anticipated is not None:
        changes = _planned(touchpoint, item)
    if touchpoint.state is State.NOT_YET and due[position]:
        changes |= {"state": State.MISSED, "weight": item.weight}
    return evolve(touchpoint, **changes) if changes else touchpoint


def _planned(zoned: Touchpoint | Reading, item: PlannedTouchpoint) -> dict[str, Any]:
    """The plan's expectation, in a zone of tolerance that holds it, as any that is filled in."""
    if item.anticipated is None:
        return {}
    level, low, high = item.anticipated.value, zoned.adequate, zoned.desired
    return {
        "anticipated": item.anticipated,
        "adequate": None if low is None else min(low, level),
        "desired": None if high is None else max(high, level),
    }


def as_plan(given: Plan | Iterable[str | PlannedTouchpoint] | None) -> Plan | None:
    """What was given for ``plan=``, a Plan or its items, as a Plan; None stays None.

    >>> as_plan(["hotel.valet"]) == Plan(["hotel.valet"])
    True
    """
    return given if given is None or isinstance(given, Plan) else Plan(given)


class Comparison(NamedTuple):
    """A journey beside its plan.

    Attributes:
        touchpoints: what happened, and what was missed in its place.
        extra: names that happened and were not planned.
        out_of_order: the fewest names that, left out, put the rest in the planned order.
        pending: names that are planned, not done, and not yet due.
        cancelled: names that were planned, and then not asked for.
        intended: the level that the plan intends for a touchpoint, by name.
    """

    touchpoints: tuple[Touchpoint, ...]
    extra: tuple[str, ...] = ()
    out_of_order: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    intended: tuple[tuple[str, float], ...] = ()


def _intended(items: Iterable[PlannedTouchpoint]) -> dict[str, float]:
    levels: dict[str, float] = {}
    for item in items:
        if item.anticipated is not None:
            levels.setdefault(item.name, item.anticipated.value)
    return levels


def _insert(
    happened: list[Touchpoint],
    missed: list[tuple[int, Touchpoint]],
    items: Sequence[PlannedTouchpoint],
) -> tuple[Touchpoint, ...]:
    """Missed touchpoints put where they are due, else right after the one planned before them."""
    result = list(happened)
    for position, touchpoint in missed:
        planned_before = {item.name for item in items[:position]}
        place = 0
        for index, each in enumerate(result, start=1):
            if touchpoint.at is None:
                comes_before = each.name in planned_before
            else:  # what was missed and has no time says nothing of when the others were
                comes_before = each.at is not None and each.at <= touchpoint.at
            if comes_before:
                place = index
        result.insert(place, touchpoint)
    return tuple(result)


def _out_of_order(found: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """The names outside a longest rising run of plan positions (patience sorting)."""
    tops: list[int] = []  # the position that ends the best run of each length
    lengths: list[int] = []
    for position, _ in found:
        length = bisect_left(tops, position)
        tops[length : length + 1] = [position]
        lengths.append(length)
    wanted = len(tops) - 1
    kept: set[int] = set()
    for index in range(len(found) - 1, -1, -1):
        if lengths[index] == wanted:
            kept.add(index)
            wanted -= 1
    return tuple(name for index, (_, name) in enumerate(found) if index not in kept)
