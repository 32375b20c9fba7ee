"""What the journeys of one tracker have in common, and how their failures are dealt with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from attrs import field, frozen

from ..checks import moment as aware
from ..telemetry.signals import Telemetry
from ..valuation import Valuer

if TYPE_CHECKING:
    from .running import Moment

Clock = Callable[[], datetime]

system_time: Clock = partial(datetime.now, UTC)


@frozen
class Setting:
    """How a tracker works.

    Attributes:
        valuer: the policy and the market, by which touchpoints are valued.
        telemetry: what is told to the host's OpenTelemetry.
        on_moment: called with each moment that matters.
        clock: tells the time; None is the system's.
        key: signs tokens and headers; None only checks them for damage.
        strict: whether failures are raised.
        fingerprint: of the policy.
    """

    valuer: Valuer
    telemetry: Telemetry
    on_moment: Callable[[Moment], object] | None
    clock: Clock | None
    key: bytes | None
    strict: bool
    fingerprint: str = field(init=False)

    @fingerprint.default
    def _fingerprint(self) -> str:
        return self.valuer.policy.fingerprint

    def now(self) -> datetime:
        """The time by the clock, timezone-aware; whatever the clock raises, if it fails."""
        return system_time() if self.clock is None else aware(self.clock(), "clock")

    def now_or_system(self) -> datetime:
        """The time by the clock; by the system's if the clock fails, for what is only ordered."""
        if self.clock is None:
            return system_time()
        try:
            return self.now()
        except Exception as error:
            self.failed("clock", error)
            return system_time()

    def stopwatch(self) -> float:
        """Seconds from some fixed point: steady where nothing but the system tells the time."""
        return monotonic() if self.clock is None else self.now().timestamp()

    def failed(self, doing: str, error: Exception) -> None:
        """Count a failure and log the first of its kind; raise it where the tracker is strict."""
        self.telemetry.failed(doing, error)
        if self.strict:
            raise error

    def announce(self, moments: tuple[Moment, ...]) -> None:
        """Call the host once for each moment; what it raises is no failure of the touchpoint."""
        if self.on_moment is None:
            return
        for moment in moments:
            try:
                self.on_moment(moment)
            except Exception as error:
                self.failed("on_moment", error)
