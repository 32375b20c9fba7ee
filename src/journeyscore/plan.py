"""Plan: the touchpoints a journey is meant to have, held against those it had."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from attrs import evolve, field, frozen

from .checks import moment, text, within
from .errors import WrongType
from .expectations import Expectation
from .readings import HEAVIEST, LIGHTEST, anticipated_level
from .touchpoints import State, Touchpoint


@frozen
class PlannedTouchpoint:
    """A touchpoint that is meant to happen.

    Attributes:
        name: as in a catalogue.
        anticipated: what is intended, a level with its basis; it stands for the touchpoint where
            the event itself says nothing. None: looked up in the market or the catalogue.
        weight: importance of the touchpoint if it is missed, 0 to 1000.
        due: until when it must have happened, timezone-aware; None: by the end of the journey.

    >>> PlannedTouchpoint("hotel.valet", anticipated=0.7).anticipated.value
    0.7
    """

    name: str
    anticipated: Expectation | None = field(default=None, converter=anticipated_level, kw_only=True)
    weight: float = field(default=1.0, kw_only=True)
    due: datetime | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        text(self.name, "name")
        object.__setattr__(self, "weight", within(self.weight, LIGHTEST, HEAVIEST, "weight"))
        if self.due is not None:
            moment(self.due, "due")

    def missed(self) -> Touchpoint:
        """The planned touchpoint as the one that did not happen."""
        return Touchpoint(
            self.name,
            anticipated=self.anticipated,
            weight=self.weight,
            state=State.MISSED,
            at=self.due,
        )


def _items(given: Iterable[str | PlannedTouchpoint]) -> tuple[PlannedTouchpoint, ...]:
    if isinstance(given, str):
        raise WrongType(
            "one name is not a plan", path="plan", hint='a list of names: ["hotel.valet", ...]'
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
    >>> plan.compare([Touchpoint("hotel.front_desk", delivered=0.8)], everything_due=True).missed
    ('hotel.valet',)
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
        merged: list[Touchpoint] = []
        found: list[tuple[int, str]] = []
        extra: list[str] = []
        for touchpoint in touchpoints:
            match = next((pair for pair in open_items if pair[1].name == touchpoint.name), None)
            if match is None:
                extra.append(touchpoint.name)
                merged.append(touchpoint)
                continue
            open_items.remove(match)
            position, item = match
            if touchpoint.anticipated is None and not touchpoint.readings:
                touchpoint = evolve(touchpoint, anticipated=item.anticipated)
            merged.append(touchpoint)
            if touchpoint.state is State.DELIVERED:
                found.append((position, touchpoint.name))
        missed = [
            (position, item)
            for position, item in open_items
            if everything_due or (item.due is not None and now is not None and item.due <= now)
        ]
        return Comparison(
            touchpoints=_insert(merged, [(p, item.missed()) for p, item in missed], self.items),
            missed=tuple(item.name for _, item in missed),
            extra=tuple(extra),
            out_of_order=_out_of_order(found),
        )


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
        missed: names planned, due and not done.
        extra: names that happened and were not planned.
        out_of_order: the fewest names that, left out, put the rest in the planned order.
    """

    touchpoints: tuple[Touchpoint, ...]
    missed: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    out_of_order: tuple[str, ...] = ()


def _insert(
    happened: list[Touchpoint],
    missed: list[tuple[int, Touchpoint]],
    items: Sequence[PlannedTouchpoint],
) -> tuple[Touchpoint, ...]:
    """Missed touchpoints put where they are due, else right after the one planned before them."""
    result = list(happened)
    for position, touchpoint in missed:
        place = 0
        if touchpoint.at is not None:
            place = sum(1 for each in result if each.at is not None and each.at <= touchpoint.at)
        else:
            before = {item.name for item in items[:position]}
            for index, each in enumerate(result):
                if each.name in before:
                    place = index + 1
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
