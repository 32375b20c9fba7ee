"""Service: a touchpoint whose wait is to be measured by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from ..errors import InvalidValue, WrongType, described
from ..expectations import Anticipated, Expectation, expectation
from ..readings import Reading
from ..scales import Scale
from ..touchpoints import State, Touchpoint

SPEED = "speed"
"""The factor that a wait is a reading of."""

_UNITS = {"minutes": timedelta(minutes=1), "days": timedelta(days=1)}
"""The unit of the scales that measure durations, by their name."""

_BY_THE_CLOCK = {"at", "delivered", "readings", "state"}


def measured(duration: timedelta, scale: Scale) -> float:
    """A duration as a raw measure of a scale.

    Raises:
        InvalidValue: the scale does not measure durations.
        WrongType: it is no duration, or no scale.

    >>> from journeyscore import minutes
    >>> measured(timedelta(seconds=90), minutes(best=0, worst=30))
    1.5
    """
    if not isinstance(scale, Scale):
        raise WrongType(f"{described(scale)} is not a scale", path="scale", value=scale)
    if not isinstance(duration, timedelta):
        raise WrongType(
            f"{described(duration)} is not a duration",
            path="within",
            value=duration,
            hint="timedelta(minutes=10)",
        )
    if scale.name not in _UNITS:
        raise InvalidValue(
            "this scale does not measure durations",
            path="scale",
            value=scale,
            hint="minutes(best=0, worst=30) or days(best=0, worst=7)",
        )
    return duration / _UNITS[scale.name]


class Service:
    """A touchpoint of which the wait is measured; checked before it begins.

    Args:
        name: of the touchpoint.
        scale: a scale of durations, `minutes` or `days`.
        anticipated: the wait anticipated, in the scale's units.
        fields: more fields of the `Touchpoint`.

    Raises:
        JourneyScoreError: what `Touchpoint` and the scale raise.

    >>> from journeyscore import minutes, promised
    >>> desk = Service("hotel.front_desk", minutes(best=0, worst=30), promised(5))
    >>> noon = datetime.fromisoformat("2026-01-01T12:00Z")
    >>> desk.delivered(timedelta(minutes=12), noon).readings["speed"].delivered
    0.6
    >>> desk.unmeasured(noon).state.value
    'not_yet'
    """

    def __init__(
        self, name: str, scale: Scale, anticipated: Anticipated = None, **fields: Any
    ) -> None:
        measured(timedelta(0), scale)
        for given in _BY_THE_CLOCK & fields.keys():
            raise InvalidValue("comes of what the clock measures: leave it out", path=given)
        self.scale = scale
        self.anticipated: Expectation | None = expectation(anticipated)
        level = self.anticipated
        if level is not None:
            level = level.at(scale.level(level.value, "anticipated"))
        self._announced = Touchpoint(name, anticipated=level, state=State.NOT_YET, **fields)
        self._fields = fields

    @property
    def name(self) -> str:
        """The name of the touchpoint."""
        return self._announced.name

    def delivered(
        self, waited: timedelta, at: datetime, readings: Mapping[str, Reading] | None = None
    ) -> Touchpoint:
        """The touchpoint as it was delivered, with any other readings taken.

        A wait is never negative: a clock that went back, or one that is behind the clock of
        another process, measures 0.
        """
        raw = measured(max(waited, timedelta(0)), self.scale)
        speed = self.scale(anticipated=self.anticipated, delivered=raw)
        return Touchpoint(
            self.name, at=at, **{**self._fields, "readings": {SPEED: speed, **(readings or {})}}
        )

    def unmeasured(self, at: datetime) -> Touchpoint:
        """The touchpoint as one that was begun, and not delivered: it does not count."""
        return evolve(self._announced, at=at)
