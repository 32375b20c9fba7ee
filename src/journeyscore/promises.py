"""Promises: what was promised, what came of it, and what can be promised and kept.

A promise is a reading whose expectation was promised. Levels are whole hundredths of a point, so
counts by level are an exact sketch of their distribution, which merges by adding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil, floor
from typing import Any, NamedTuple

from .checks import within
from .expectations import Basis, Expectation, usable
from .readings import hundredths
from .touchpoints import State, Touchpoint


class PromiseState(StrEnum):
    """What came of a promise."""

    KEPT = "kept"
    BROKEN = "broken"
    EMPTY = "empty"
    PENDING = "pending"


class Promise(NamedTuple):
    """A promise and what came of it.

    Attributes:
        touchpoint: the event that was promised.
        factor: of which of its readings, if it has several.
        promised: A, hundredths of a point.
        delivered: D, likewise; None where nothing was delivered.
        made, due: when it was promised, and by when it is to be kept.
        state: *kept* if at least that was delivered, in time; *broken* if less, or late; *empty* if
            nothing was, though it was due; *pending* until then.
    """

    touchpoint: Touchpoint
    factor: str | None
    promised: int
    delivered: int | None
    made: datetime | None
    due: datetime | None
    state: PromiseState

    def to_dict(self) -> dict[str, Any]:
        """The promise as plain data that JSON can hold; levels in points."""
        return {
            "touchpoint": self.touchpoint.name,
            "id": self.touchpoint.id,
            "factor": self.factor,
            "promised": self.promised / 100,
            "delivered": None if self.delivered is None else self.delivered / 100,
            "made": None if self.made is None else self.made.isoformat(),
            "due": None if self.due is None else self.due.isoformat(),
            "state": self.state.value,
        }

    @property
    def gap(self) -> int | None:
        """D - A, hundredths of a point: below 0 it was over-promised, above 0 under-promised."""
        return None if self.delivered is None else self.delivered - self.promised

    @property
    def came_to(self) -> int | None:
        """What counts as delivered: nothing, if it was late or empty; None while it is pending."""
        if self.state is PromiseState.PENDING:
            return None
        late = self.state is PromiseState.BROKEN and (self.gap or 0) >= 0
        return 0 if late else self.delivered or 0


def ledger(live: Iterable[Touchpoint], now: datetime | None = None) -> tuple[Promise, ...]:
    """Every promise of a journey's events, in their order.

    Args:
        live: the events that count.
        now: what was due until now and not delivered is empty.

    >>> from journeyscore import promised
    >>> desk = Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5)
    >>> [(each.state.value, each.gap) for each in ledger([desk])]
    [('broken', -3000)]
    """
    return tuple(promise for event in live for promise in _promises(event, now))


def _promises(event: Touchpoint, now: datetime | None) -> Iterator[Promise]:
    if event.recovers is not None or event.state is State.NOT_APPLICABLE:
        return
    handling = event.handling
    made, due = (None, None) if handling is None else (handling.promised_at, handling.due)
    said: list[tuple[str | None, Expectation | None, float | None]]
    said = [(factor, each.anticipated, each.delivered) for factor, each in event._readings]
    for factor, anticipated, level in said or [(None, event.anticipated, event.delivered)]:
        anticipated = usable(anticipated)
        if anticipated is None or anticipated.basis is not Basis.PROMISED:
            continue
        par = hundredths(anticipated.value)
        delivered = None if level is None else hundredths(level)
        state = _state(event, par, delivered, due, now)
        yield Promise(event, factor, par, delivered, made, due, state)


def _state(
    event: Touchpoint, par: int, delivered: int | None, due: datetime | None, now: datetime | None
) -> PromiseState:
    if event.state is State.MISSED:
        return PromiseState.EMPTY
    if delivered is None:
        past = due is not None and now is not None and due < now
        return PromiseState.EMPTY if past else PromiseState.PENDING
    late = due is not None and event.at is not None and event.at > due
    return PromiseState.BROKEN if late or delivered < par else PromiseState.KEPT


def kept_rate(promises: Iterable[Promise]) -> float | None:
    """The part, 0 to 1, of the promises that were due which was kept; None if none was due.

    >>> kept_rate([]) is None
    True
    """
    states = Counter(each.state for each in promises)
    due = states.total() - states[PromiseState.PENDING]
    return states[PromiseState.KEPT] / due if due else None


Sketch = Mapping[int, int]
"""Levels, hundredths of a point, with how often each was delivered. Merges by adding."""


def sketch(promises: Iterable[Promise]) -> Counter[int]:
    """What promises that were due came to: how often each level. Counters merge by ``+``."""
    return Counter(level for each in promises if (level := each.came_to) is not None)


def keepable_level(levels: Sketch, rate: float = 0.9) -> float | None:
    """The highest level, 0 to 1, that was reached in at least this part of the cases.

    What could have been promised, and would have been kept at that rate. Of n cases it is the
    k-th largest level, with ``k = ceil(rate * n)``, at least 1: an exact quantile.

    Args:
        levels: counts by level, see `sketch`.
        rate: how often it is to be kept, 0 to 1.

    >>> keepable_level({9000: 8, 7000: 1, 1000: 1}, 0.9)
    0.7
    """
    wanted = max(1, ceil(within(rate, 0.0, 1.0, "rate") * sum(levels.values())))
    for level in sorted(levels, reverse=True):
        wanted -= levels[level]
        if wanted <= 0:
            return level / 10000
    return None


GAP = 2000
"""Hundredths of a point that are clearly felt: so much more could have been promised."""


class Calibration(NamedTuple):
    """How promises and deliveries agree, over some promises; None without evidence.

    Attributes:
        made: promises; due: those that are not pending; kept, broken, empty, pending: by state.
        kept_rate: kept of due, 0 to 1, rounded to ten-thousandths.
        gap: mean of D - A where anything was delivered, points: below 0 is over-promising.
        gap_low, gap_median, gap_high: D - A of the first tenth, half, nine tenths, likewise.
        keepable: the highest level that was reached at the rate asked for, points.
        unrealistic: promises due above what half of them came to: likelier broken than kept.
        sandbagged: promises due 20 points or more below ``keepable``.
    """

    made: int
    due: int
    kept: int
    broken: int
    empty: int
    pending: int
    kept_rate: float | None
    gap: float | None
    gap_low: float | None
    gap_median: float | None
    gap_high: float | None
    keepable: float | None
    unrealistic: int
    sandbagged: int


def calibrate(promises: Iterable[Promise], rate: float = 0.9) -> Calibration:
    """How promises and deliveries agree: see `Calibration`.

    Args:
        promises: the ledgers of some journeys, of a team or of a touchpoint.
        rate: how often a promise is to be kept, 0 to 1.

    >>> calibrate([]).kept_rate is None
    True
    """
    every = list(promises)
    due = [each for each in every if each.state is not PromiseState.PENDING]
    states = Counter(each.state for each in every)
    kept = states[PromiseState.KEPT]
    gaps = sorted(each.gap for each in due if each.gap is not None)
    levels = sketch(due)
    safe, half = keepable_level(levels, rate), keepable_level(levels, 0.5)
    unrealistic = sandbagged = 0
    if safe is not None and half is not None:
        unrealistic = sum(each.promised > hundredths(half) for each in due)
        sandbagged = sum(each.promised + GAP <= hundredths(safe) for each in due)
    return Calibration(
        made=len(every),
        due=len(due),
        kept=kept,
        broken=states[PromiseState.BROKEN],
        empty=states[PromiseState.EMPTY],
        pending=states[PromiseState.PENDING],
        kept_rate=floor(10000 * float(kept) / float(len(due)) + 0.5) / 10000 if due else None,
        gap=floor(float(sum(gaps)) / float(len(gaps)) + 0.5) / 100 if gaps else None,
        gap_low=_quantile(gaps, 0.1),
        gap_median=_quantile(gaps, 0.5),
        gap_high=_quantile(gaps, 0.9),
        keepable=None if safe is None else hundredths(safe) / 100,
        unrealistic=unrealistic,
        sandbagged=sandbagged,
    )


def _quantile(ordered: list[int], part: float) -> float | None:
    """The k-th smallest, ``k = ceil(part * n)``, at least 1; in points."""
    return ordered[max(1, ceil(part * len(ordered))) - 1] / 100 if ordered else None


def longest_silence(live: Iterable[Touchpoint], now: datetime | None = None) -> timedelta | None:
    """The longest time without a contact while a promise was pending; None if none ever was.

    A promise is pending from when it was made until its event was delivered, else until ``now``.
    Contacts are what was delivered, what was done (an act), and the making of a promise.

    Args:
        live: the events that count; those without a time are left aside.
        now: the end of what is known; the latest time of all unless given.
    """
    steps: list[tuple[datetime, int]] = []
    for event in live:
        handling = event.handling
        acted = handling is not None and handling.act is not None
        delivered = event.state is State.DELIVERED
        if event.at is not None and (delivered or acted):
            steps.append((event.at, 0))
        if handling is None or handling.promised_at is None:
            continue
        ends = event.at if delivered else None
        if ends is None or ends > handling.promised_at:
            steps.append((handling.promised_at, 1))
            if ends is not None:
                steps.append((ends, -1))
    if now is not None:
        steps = [step for step in steps if step[0] <= now] + [(now, 0)]
    steps.sort(key=lambda step: step[0])
    longest, pending = None, 0
    for (at, change), (after, _) in pairwise(steps):
        pending += change
        if pending > 0 and after > at and (longest is None or after - at > longest):
            longest = after - at
    return longest
