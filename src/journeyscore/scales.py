"""Scales: from a raw measure (minutes, stars, yes or no) to a level, 0 at worst and 1 at best."""

from __future__ import annotations

from attrs import field, frozen

from .checks import number, within
from .errors import InvalidValue, OutOfScale
from .expectations import Anticipated, expectation
from .readings import GAP_SCALE, GAP_SCALES, TOLERANCE, Reading


@frozen
class Scale:
    """Turns raw measures into levels: ``level = (x - worst) * (1 / (best - worst))``.

    Calling a scale makes a `Reading` out of raw measures. ``worst`` may be the larger number:
    30 minutes of waiting are worst, 0 are best.

    Attributes:
        name: what is measured, for error messages.
        worst, best: the raw measures at level 0 and at level 1.
        closed: whether a measure outside is an error (a rating) or, on an open-ended scale,
            stands for the end it exceeds (31 minutes).
        step: the smallest difference of the measure, in raw units; None on a continuous scale.
            Half a step is the least tolerance.
        gap_scale: the difference in level at which a gap is clearly felt, 0.001 to 10.
        yes_no: whether the measure is a yes or a no.

    Raises:
        OutOfScale: ``gap_scale`` or ``step`` is out of range.
        InvalidValue: ``worst`` and ``best`` are the same.

    >>> Scale("queue", worst=12, best=0).level(3)
    0.75
    """

    name: str
    worst: float = field(kw_only=True)
    best: float = field(kw_only=True)
    closed: bool = field(default=False, kw_only=True)
    step: float | None = field(default=None, kw_only=True)
    gap_scale: float = field(default=GAP_SCALE, kw_only=True)
    yes_no: bool = field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        put(self, "worst", number(self.worst, "worst"))
        put(self, "best", number(self.best, "best"))
        put(self, "gap_scale", within(self.gap_scale, *GAP_SCALES, "gap_scale"))
        if self.worst == self.best:
            raise InvalidValue(
                f"worst and best are both {self.worst:g}", path=self.name, value=self.worst
            )
        if not 0 < abs(self.factor) < float("inf"):
            raise InvalidValue(
                f"worst {self.worst:g} and best {self.best:g} are too near or too far apart",
                path=self.name,
                value=(self.worst, self.best),
            )
        if self.step is not None:
            within(self.step, 0.0, self.high - self.low, "step")

    @property
    def low(self) -> float:
        """The smaller end, in raw units."""
        return min(self.worst, self.best)

    @property
    def high(self) -> float:
        """The larger end, in raw units."""
        return max(self.worst, self.best)

    @property
    def factor(self) -> float:
        """Levels per raw unit, negative where less is better: ``1 / (best - worst)``."""
        return 1 / (self.best - self.worst)

    @property
    def tolerance(self) -> float:
        """Half the width of the zone of tolerance: half a step, at least 0.05; a level."""
        if self.step is None:
            return TOLERANCE
        return max(TOLERANCE, 0.5 * self.step * abs(self.factor))

    def level(self, measure: float | bool, path: str = "measure") -> float:
        """The level of a raw measure, from 0 to 1.

        Raises:
            OutOfScale: the measure is outside a closed scale, or neither yes nor no.
            NotFinite, WrongType: it is not a number.

        >>> rating(1, 5).level(4), minutes(best=0, worst=30).level(45)
        (0.75, 0.0)
        """
        if isinstance(measure, bool) and self.yes_no:
            measure = int(measure)
        x = number(measure, path)
        if self.yes_no and x not in (0, 1):
            raise OutOfScale(f"{measure} is neither yes nor no", path=path, value=measure)
        if self.closed:
            within(measure, self.low, self.high, path, self.name)
        else:
            x = min(max(x, self.low), self.high)
        return (x - self.worst) * self.factor + 0.0  # a level of -0.0 is 0.0

    def __call__(
        self,
        *,
        delivered: float | bool,
        anticipated: Anticipated = None,
        weight: float | None = None,
        adequate: float | bool | None = None,
        desired: float | bool | None = None,
    ) -> Reading:
        """A reading on this scale; every measure in raw units.

        Raises:
            OutOfScale: a measure is outside a closed scale; the path names which.
            InvalidValue: not ``adequate <= anticipated <= desired``, as levels.
            NotFinite, WrongType: a measure is not a number.

        >>> minutes(best=0, worst=30)(anticipated=15, delivered=12).delivered
        0.6
        """
        expected = expectation(anticipated)
        if expected is not None:
            expected = expected.at(self.level(expected.value, "anticipated"))
        return Reading(
            anticipated=expected,
            delivered=self.level(delivered, "delivered"),
            weight=weight,
            gap_scale=self.gap_scale,
            adequate=None if adequate is None else self.level(adequate, "adequate"),
            desired=None if desired is None else self.level(desired, "desired"),
            tolerance=self.tolerance,
        )


def rating(
    worst: float, best: float, *, step: float | None = 1, gap_scale: float = GAP_SCALE
) -> Scale:
    """A rating, such as stars from 1 to 5. Closed: 7 of 5 is an error.

    >>> rating(1, 5)(anticipated=4, delivered=5).delivered
    1.0
    >>> rating(1, 5)(anticipated=4, delivered=7)
    Traceback (most recent call last):
    journeyscore.errors.OutOfScale: delivered: 7 is outside rating 1 to 5
    """
    return Scale("rating", worst=worst, best=best, closed=True, step=step, gap_scale=gap_scale)


def minutes(*, best: float, worst: float, gap_scale: float = GAP_SCALE) -> Scale:
    """A duration in minutes, open-ended: longer than ``worst`` is as bad as ``worst``.

    >>> minutes(best=0, worst=30).level(12)
    0.6
    """
    return Scale("minutes", worst=worst, best=best, gap_scale=gap_scale)


def days(*, best: float, worst: float, gap_scale: float = GAP_SCALE) -> Scale:
    """A duration in days, open-ended.

    >>> days(best=0, worst=60, gap_scale=4 / 60).level(15)
    0.75
    """
    return Scale("days", worst=worst, best=best, gap_scale=gap_scale)


def count(*, best: float, worst: float, gap_scale: float = GAP_SCALE) -> Scale:
    """A number of things (complaints, transfers, reminders), open-ended, in steps of one.

    >>> count(best=0, worst=4).level(1)
    0.75
    """
    return Scale("count", worst=worst, best=best, step=1, gap_scale=gap_scale)


yes_no: Scale = Scale("yes/no", worst=0, best=1, closed=True, step=1, yes_no=True)
"""Whether a thing was done. Takes True and False, or 1 and 0 as logs write them.

>>> yes_no(anticipated=True, delivered=False).delivered
0.0
"""

level: Scale = Scale("level", worst=0, best=1, closed=True)
"""The scale of levels themselves, for a measure that is one already.

>>> level(anticipated=0.6, delivered=0.9).delivered
0.9
"""
