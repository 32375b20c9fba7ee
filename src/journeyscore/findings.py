"""Findings: what a journey tells beside its score, each local to a touchpoint or a few.

Needs that were taken down and not met, expectations that are stale or unreasonable, the same
request met with another answer, excuses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from .expectations import Expectation
from .moments import Folded
from .policy import Policy
from .readings import GAP_SCALE, hundredths
from .touchpoints import State, Touchpoint


class FindingKind(StrEnum):
    """What was found."""

    UNMET_NEED = "unmet_need"
    STALE = "stale"
    UNREASONABLE = "unreasonable"
    OTHER_ANSWER = "other_answer"
    EXCUSE = "excuse"


class Finding(NamedTuple):
    """Something a reader should know of a touchpoint.

    Attributes:
        kind: what was found.
        touchpoint: its name.
        id: its id, if it has one.
        words: what it means and what would be right; no free text of the host's.
    """

    kind: FindingKind
    touchpoint: str
    id: str | None
    words: str


class Needs(NamedTuple):
    """The codes of the needs of a journey, in the order in which they were taken down.

    Attributes:
        taken: every need that any event took down.
        met: those that an event met.
        unmet: the others: to be reviewed before the close.
    """

    taken: tuple[str, ...]
    met: tuple[str, ...]
    unmet: tuple[str, ...]


def needs(live: Iterable[Touchpoint]) -> Needs:
    """What the customer came for: the needs taken down, and which of them were met.

    >>> from journeyscore import Handling
    >>> came = Touchpoint("hotel.booking", handling=Handling(need="crib"))
    >>> needs([came]).unmet
    ('crib',)
    """
    live = list(live)
    handled = [(event, event.handling) for event in live if event.handling is not None]
    taken = dict.fromkeys(handling.need for _, handling in handled if handling.need is not None)
    done = {handling.meets for event, handling in handled if event.state is State.DELIVERED}
    return Needs(
        tuple(taken),
        tuple(need for need in taken if need in done),
        tuple(need for need in taken if need not in done),
    )


def findings(
    live: Sequence[Touchpoint], folded: Sequence[Folded], policy: Policy, *, closed: bool
) -> tuple[Finding, ...]:
    """Everything found in a journey, by kind.

    Args:
        live: its events.
        folded: what counts of them.
        policy: how long an expectation is fresh.
        closed: whether nothing more is to come: then a need that is not met is a finding.
    """
    found = list(_unmet(live)) if closed else []
    return (*found, *_of_expectations(live, policy), *_other_answers(folded), *_excuses(live))


def _unmet(live: Sequence[Touchpoint]) -> Iterator[Finding]:
    open_ = set(needs(live).unmet)
    for event in live:
        if event.handling is not None and event.handling.need in open_:
            open_.remove(event.handling.need)
            words = "a need that was taken down, and that nothing met"
            yield Finding(FindingKind.UNMET_NEED, event.name, event.id, words)


def said(event: Touchpoint) -> list[Expectation]:
    """The expectations that an event states, of its readings or of itself."""
    given = [reading.anticipated for _, reading in event._readings] or [event.anticipated]
    return [each for each in given if each is not None]


def is_stale(expected: Expectation, at: datetime | None, policy: Policy) -> bool:
    """Whether an expectation is older, at a time, than the policy calls fresh: ask again."""
    if expected.as_of is None or at is None:
        return False
    return at - expected.as_of > timedelta(days=policy.fresh_days)


def _of_expectations(live: Sequence[Touchpoint], policy: Policy) -> Iterator[Finding]:
    for event in live:
        for each in said(event):
            if each.unreasonable is not None:
                words = f"an expectation left out: {each.unreasonable.value}"
                yield Finding(FindingKind.UNREASONABLE, event.name, event.id, words)
            elif event.at is not None and is_stale(each, event.at, policy):
                assert each.as_of is not None
                days = (event.at - each.as_of).days
                words = f"{each.basis.value} {days} days before: ask again"
                yield Finding(FindingKind.STALE, event.name, event.id, words)


ALIKE = hundredths(GAP_SCALE)
"""Answers to one request are alike while their levels differ by less: a gap clearly felt."""


def _other_answers(folded: Sequence[Folded]) -> Iterator[Finding]:
    by_name: defaultdict[str, list[Folded]] = defaultdict(list)
    for each in folded:
        by_name[each.touchpoint.name].append(each)
    for name, several in by_name.items():
        levels = [each.worth.delivered for each in several]
        low, high = min(levels), max(levels)
        if high - low >= ALIKE:
            worst = several[levels.index(low)]
            words = f"the same request, another answer: {low / 100:g} and {high / 100:g}"
            yield Finding(FindingKind.OTHER_ANSWER, name, worst.touchpoint.id, words)


def _excuses(live: Sequence[Touchpoint]) -> Iterator[Finding]:
    for event in live:
        if event.handling is not None and event.handling.excuse:
            words = "an excuse was made: say what went wrong, and put it right"
            yield Finding(FindingKind.EXCUSE, event.name, event.id, words)
