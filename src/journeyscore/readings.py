"""A reading: one measured thing at a touchpoint, as levels from 0 (worst) to 1 (best)."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from attrs import field, frozen

from .checks import within
from .errors import InvalidValue
from .expectations import Anticipated, Basis, Expectation, expectation, usable

GAP_SCALE = 0.2
"""The difference in level at which a gap is clearly felt, where a scale says nothing else."""

TOLERANCE = 0.05
"""Half the width of the zone of tolerance, where a scale says nothing else."""

LIGHTEST, HEAVIEST = 0.0, 1000.0
"""The range of a weight."""

GAP_SCALES = (0.001, 10.0)
"""The range of a gap scale."""


def hundredths(level: float) -> int:
    """A level as a whole number of hundredths of a point: ``floor(level*10000 + 0.5)``.

    >>> hundredths(0.6), hundredths(0.12345)
    (6000, 1235)
    """
    return int(level * 10000 + 0.5)  # int() is floor(): a level is never negative


def weight_units(weight: float) -> int:
    """A weight as whole hundredths, at least 1 for a positive one (model, section 3).

    >>> weight_units(1), weight_units(0.001), weight_units(0)
    (100, 1, 0)
    """
    return max(1, int(weight * 100 + 0.5)) if weight > 0 else 0


def saturated(delivered: float, anticipated: float, gap_scale: float) -> float:
    """The gap between two levels on a scale that saturates on both sides, from -1 to 1.

    ``u / sqrt(1 + u*u)`` with ``u = (delivered - anticipated) * (1 / gap_scale)`` (model,
    section 2): the half of the value formula that no policy changes.

    >>> saturated(0.5, 0.5, 0.2), round(saturated(0.9, 0.7, 0.2), 4)
    (0.0, 0.7071)
    """
    u = (delivered - anticipated) * (1 / gap_scale)
    return u / sqrt(1 + u * u)


class Zone(NamedTuple):
    """The zone of tolerance around what was anticipated, in hundredths of a point.

    Below ``adequate`` a delivery fell short; above ``desired`` it went the extra mile.
    """

    adequate: int
    desired: int


def zone(
    anticipated: float,
    adequate: float | None,
    desired: float | None,
    tolerance: float,
    *,
    filled: bool = False,
) -> Zone:
    """The zone of tolerance of an anticipated level; bounds not given lie ``tolerance`` away.

    Args:
        anticipated, adequate, desired: levels.
        tolerance: half the width of the zone where no bound is given.
        filled: whether nobody stated what was anticipated: then the zone makes room for it.

    Raises:
        InvalidValue: not ``adequate <= anticipated <= desired``, compared in hundredths.

    >>> zone(0.98, None, None, 0.05)
    Zone(adequate=9300, desired=10000)
    """
    par = hundredths(anticipated)
    low = hundredths(max(0.0, anticipated - tolerance) if adequate is None else adequate)
    high = hundredths(min(1.0, anticipated + tolerance) if desired is None else desired)
    if adequate is None and desired is None:
        return Zone(low, high)
    if filled:
        return Zone(min(low, par), max(high, par))
    for name, bound, wrong, side in (
        ("adequate", adequate, low > par, "above"),
        ("desired", desired, high < par, "below"),
    ):
        if wrong:
            raise InvalidValue(
                f"{bound:g} is {side} what was anticipated, {anticipated:g}",
                path=name,
                value=bound,
                hint="as levels, adequate <= anticipated <= desired",
            )
    return Zone(low, high)


def checked_level(value: object, path: str) -> float:
    """A level: a number from 0 (worst) to 1 (best)."""
    return within(value, 0.0, 1.0, path, "level")


def optional_level(value: float | None, path: str) -> float | None:
    """A level, or None where it is not given."""
    return None if value is None else checked_level(value, path)


def anticipated_level(given: Anticipated) -> Expectation | None:
    """An expectation whose value is a level, as a float."""
    anticipated = expectation(given)
    if anticipated is not None:
        value = anticipated.value
        if type(value) is not float or not 0.0 <= value <= 1.0:
            return anticipated.at(checked_level(value, "anticipated"))
    return anticipated


@frozen(kw_only=True)
class Reading:
    """What was anticipated and what was delivered of one thing, as levels from 0 to 1.

    Usually made by calling a scale, which turns raw measures into levels.

    Attributes:
        anticipated: the level anticipated and its basis; None: to be looked up.
        delivered: the level delivered.
        weight: importance among the readings of the touchpoint, 0 to 1000; 0 leaves it out.
            None: as the policy weighs the factor, else 1, as which it reads.
        gap_scale: the difference in level at which a gap is clearly felt, 0.001 to 10.
        adequate, desired: the zone of tolerance as levels; None: ``tolerance`` from anticipated.
        tolerance: half the width of the default zone, a level.

    Raises:
        OutOfScale, NotFinite, WrongType: a value that is not in its range.
        InvalidValue: not ``adequate <= anticipated <= desired``.

    >>> Reading(anticipated=0.6, delivered=0.9).delivered
    0.9
    """

    delivered: float
    anticipated: Expectation | None = field(default=None, converter=anticipated_level)
    _weight: float | None = field(default=None, alias="weight")
    gap_scale: float = GAP_SCALE
    adequate: float | None = None
    desired: float | None = None
    tolerance: float = TOLERANCE

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        put(self, "delivered", checked_level(self.delivered, "delivered"))
        if self._weight is not None:
            put(self, "_weight", within(self._weight, LIGHTEST, HEAVIEST, "weight"))
        put(self, "gap_scale", within(self.gap_scale, *GAP_SCALES, "gap_scale"))
        put(self, "adequate", optional_level(self.adequate, "adequate"))
        put(self, "desired", optional_level(self.desired, "desired"))
        put(self, "tolerance", checked_level(self.tolerance, "tolerance"))
        check_zone(self.anticipated, self.adequate, self.desired, self.tolerance)

    @property
    def weight(self) -> float:
        """Importance among the readings of the touchpoint; 1 where nobody said."""
        return 1.0 if self._weight is None else self._weight

    @property
    def basis(self) -> Basis | None:
        """How the expectation is known; None while it is to be looked up."""
        return self.anticipated.basis if self.anticipated is not None else None


def check_zone(
    anticipated: Expectation | None,
    adequate: float | None,
    desired: float | None,
    tolerance: float,
) -> None:
    """Refuse bounds that contradict each other, as far as is known before anticipated is."""
    if adequate is None and desired is None:
        return
    if (anticipated := usable(anticipated)) is not None:
        zone(anticipated.value, adequate, desired, tolerance)
    elif (
        adequate is not None and desired is not None and hundredths(adequate) > hundredths(desired)
    ):
        raise InvalidValue(
            f"adequate {adequate:g} is above desired {desired:g}",
            path="adequate",
            value=adequate,
        )
