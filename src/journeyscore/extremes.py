"""Extremes: the best and worst, the first and last value of a journey, folded by min and max."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import floor

from attrs import frozen

_YEAR_ONE = datetime(1, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(at: datetime) -> int:
    """Whole milliseconds since 0001-01-01T00:00Z.

    >>> milliseconds(datetime(1970, 1, 1, tzinfo=UTC))
    62135596800000
    """
    return (at - _YEAR_ONE) // _MILLISECOND


@frozen
class Extremes:
    """Four values of a journey; ``a | b`` merges two, and merging twice changes nothing.

    Within a millisecond the worse counts. Without times, the order given stands for them.

    Attributes:
        lowest, highest: the lowest and highest V, hundredths of a point.
        first: ``ms*10001 + V`` of the first touchpoint.
        last: ``ms*10001 + 10000 - V`` of the last.

    >>> stay = Extremes.of([(0, 9104), (1, 1880)])
    >>> stay.first_impression, stay.lasting_impression, stay.worst_moment, stay.peak_end
    (91.04, 18.8, 18.8, 54.92)
    """

    lowest: int | None = None
    highest: int | None = None
    first: int | None = None
    last: int | None = None

    @classmethod
    def of(cls, values: Iterable[tuple[int, int]]) -> Extremes:
        """The extremes of pairs of time (milliseconds, see `milliseconds`) and V.

        >>> Extremes.of([]).peak_end is None
        True
        """
        pairs = list(values)
        if not pairs:
            return cls()
        return cls(
            lowest=min(v for _, v in pairs),
            highest=max(v for _, v in pairs),
            first=min(ms * 10001 + v for ms, v in pairs),
            last=max(ms * 10001 + 10000 - v for ms, v in pairs),
        )

    def __or__(self, other: Extremes) -> Extremes:
        if not isinstance(other, Extremes):
            return NotImplemented
        if self.lowest is None or other.lowest is None:
            return other if self.lowest is None else self
        return Extremes(
            lowest=min(self.lowest, other.lowest),
            highest=max(self.highest or 0, other.highest or 0),
            first=min(self.first or 0, other.first or 0),
            last=max(self.last or 0, other.last or 0),
        )

    @property
    def first_impression(self) -> float | None:
        """What the first touchpoint scored, in points."""
        return None if self.first is None else self.first % 10001 / 100

    @property
    def lasting_impression(self) -> float | None:
        """What the last touchpoint scored, in points."""
        return None if self.last is None else (10000 - self.last % 10001) / 100

    @property
    def worst_moment(self) -> float | None:
        """What the worst touchpoint scored, in points."""
        return None if self.lowest is None else self.lowest / 100

    @property
    def best_moment(self) -> float | None:
        """What the best touchpoint scored, in points."""
        return None if self.highest is None else self.highest / 100

    @property
    def peak_end(self) -> float | None:
        """The mean of the last value and of the one farthest from 50, ties to the worse.

        Kahneman, Fredrickson, Schreiber, Redelmeier (1993), *When more pain is preferred to
        less*. A separate read-out: the impression never depends on it.
        """
        if self.last is None or self.lowest is None or self.highest is None:
            return None
        peak = self.lowest if 5000 - self.lowest >= self.highest - 5000 else self.highest
        end = 10000 - self.last % 10001
        return floor(float(peak + end) / 2 + 0.5) / 100
