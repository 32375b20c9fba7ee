"""Tracker: the journeys that are going on in this process, and the door through which they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from os import urandom
from typing import Any

from ..checks import text
from ..errors import InvalidValue, WrongType, described
from ..expectations import Anticipated
from ..expectations import promised as as_promised
from ..journey import Journey, JourneyState
from ..plan import Plan, PlannedTouchpoint
from ..policy import DEFAULT_POLICY, Policy
from ..readings import Reading
from ..scales import Scale
from ..telemetry.signals import Telemetry
from ..touchpoints import Touchpoint
from ..valuation import Valuer
from .books import Books
from .carrier import Headers, extract
from .journey import TrackedJourney
from .running import Moment
from .service import Service, measured
from .setting import Clock, Setting
from .tokens import Promise, Reference
from .wait import Wait

WhichJourney = TrackedJourney | str | Callable[..., TrackedJourney | str]
"""A journey, its id, or (of a decorator) a function of the handler's arguments that finds it."""

SHORTEST_KEY = 16
"""Bytes of a key, at least."""


class Tracker:
    """Journeys while they go on. Safe under threads and tasks; one for a process is enough.

    It never raises into the host: what fails is counted in ``failures`` and logged once. Its
    constructor does, for it runs when the host starts.

    Args:
        on_moment: called with a `Moment` once for each moment that matters, in the thread that
            recorded what it follows from; late events, corrections and closing have theirs too.
        policy: the parameters of the model.
        market: what customers in general meet, see `journeyscore.score`.
        key: at least 16 bytes that all processes of the house share: signs tokens and headers,
            so that they cannot be forged. Without it they are only checked for damage.
        ref: makes a journey's public name out of its id, the same in every process: an HMAC
            under a secret of the host's, say. Without it the name is random, and carried by
            tokens and headers.
        clock: tells the time, timezone-aware; waits are measured by it too. Without it, the
            system's, and a steady one for waits inside this process.
        telemetry: the switches, see `Telemetry`.
        abandon_after: a journey of which nothing was recorded for so long is closed as
            abandoned; looked after whenever a journey is opened. None: never.
        strict: raise what otherwise is counted: for tests.

    Raises:
        InvalidValue, WrongType: an argument that cannot work.

    >>> from journeyscore import minutes
    >>> tracker = Tracker()
    >>> stay = tracker.journey("stay-1042")
    >>> token = stay.promise("hotel.valet", within=timedelta(minutes=10),
    ...                      scale=minutes(best=0, worst=30))
    >>> tracker.deliver(token).readings["speed"].delivered    # at once
    0.99...
    >>> tracker.deliver(token) is None                        # a second time counts nothing
    True
    """

    def __init__(
        self,
        on_moment: Callable[[Moment], object] | None = None,
        *,
        policy: Policy = DEFAULT_POLICY,
        market: Any = None,
        key: bytes | None = None,
        ref: Callable[[str], str] | None = None,
        clock: Clock | None = None,
        telemetry: Telemetry | None = None,
        abandon_after: timedelta | None = timedelta(days=30),
        strict: bool = False,
    ) -> None:
        for path, given in (("on_moment", on_moment), ("ref", ref), ("clock", clock)):
            if given is not None and not callable(given):
                raise WrongType(f"{described(given)} cannot be called", path=path, value=given)
        if not isinstance(policy, Policy):
            raise WrongType(f"{described(policy)} is not a Policy", path="policy", value=policy)
        if key is not None and (not isinstance(key, bytes) or len(key) < SHORTEST_KEY):
            raise WrongType(
                f"{described(key)} is no key",
                path="key",
                hint=f"bytes, at least {SHORTEST_KEY}: secrets.token_bytes(32), kept by the host",
            )
        if telemetry is not None and not isinstance(telemetry, Telemetry):
            raise WrongType(
                f"{described(telemetry)} is not a Telemetry", path="telemetry", value=telemetry
            )
        if abandon_after is not None and not isinstance(abandon_after, timedelta):
            raise WrongType(
                f"{described(abandon_after)} is not a duration",
                path="abandon_after",
                value=abandon_after,
            )
        self._setting = Setting(
            valuer=Valuer(policy, market),
            telemetry=telemetry or Telemetry(),
            on_moment=on_moment,
            clock=clock,
            key=key,
            strict=strict,
        )
        self._ref = ref
        self._abandon_after = abandon_after
        self._books = Books()

    @property
    def failures(self) -> dict[tuple[str, str], int]:
        """How often what failed, by what was being done and the class of the error."""
        return dict(self._setting.telemetry.failures.counts)

    def __len__(self) -> int:
        """The number of journeys going on."""
        return len(self._books)

    # -- journeys --------------------------------------------------------------------------------

    def journey(
        self,
        id: str,
        *,
        type: str | None = None,
        customer: str | None = None,
        site: str | None = None,
        plan: Plan | list[str] | list[PlannedTouchpoint] | None = None,
    ) -> TrackedJourney:
        """The journey with this id; opened if it is not going on here yet.

        Args:
            id: the host's own; it leaves the process neither in telemetry nor in a token.
            type, customer, site, plan: see `Journey`; may be said later, but not otherwise.

        Where that fails, a journey that nobody else can find, so that the host can go on.
        """
        try:
            found = self._books.of_id(text(id, "id"))
            ref = None if found is not None or self._ref is None else self._ref_of(id)
            if found is None:
                found = self._books.of_ref(ref) if ref is not None else None
            if found is not None:
                found.complete(id=id, type=type, customer=customer, site=site, plan=plan)
                self._books.name(found, id)
                return found.open()
            about = Journey(
                id, type=type, customer=customer, site=site, plan=plan, state=JourneyState.OPEN,
                ref=ref or _random_ref(),
            )  # fmt: skip
            return self._enter(about, None)
        except Exception as error:
            self._setting.failed("journey", error)
            return self._new(Journey(_random_ref(), state=JourneyState.OPEN), None).open()

    def _ref_of(self, id: str) -> str:
        assert self._ref is not None
        ref = text(self._ref(id), "ref")
        if ref == id:
            raise InvalidValue(
                "the id itself would be told", path="ref", hint="an HMAC of it under a secret"
            )
        return ref

    def _new(self, about: Journey, reference: Reference | None) -> TrackedJourney:
        now = self._setting.now_or_system()
        return TrackedJourney(
            about, self._setting, now=now, reference=reference, on_close=self._books.forget
        )

    def _enter(self, about: Journey, reference: Reference | None) -> TrackedJourney:
        """The journey under this reference, entered in the books if it is not there yet."""
        new = self._new(about, reference)
        journey = self._books.enter(new).open()
        if journey is new:
            self._look_after(2)  # faster than they come, so that every journey has its turn
        return journey

    def _joined(self, reference: Reference) -> TrackedJourney:
        """The journey that another process speaks of."""
        known = self._books.of_ref(reference.ref)
        if known is not None:
            return known.open()
        about = Journey(
            reference.ref, ref=reference.ref, type=reference.type, state=JourneyState.OPEN
        )
        return self._enter(about, reference)

    def sweep(self) -> int:
        """Abandon every journey of which nothing was recorded for long; how many there were."""
        return self._look_after(len(self._books))

    def _look_after(self, many: int) -> int:
        if self._abandon_after is None:
            return 0
        idle = self._books.idle(self._setting.now_or_system() - self._abandon_after, many)
        for journey in idle:
            if journey.opened_here:
                journey.close(JourneyState.ABANDONED)
            else:  # this process saw a part of it; the one that opened it tells its end
                self._books.forget(journey)
        return len(idle)

    # -- touchpoints -----------------------------------------------------------------------------

    def record(self, journey: TrackedJourney | str, touchpoint: Touchpoint) -> bool:
        """Record a touchpoint of a journey, given as itself or by its id; whether it is new.

        See `TrackedJourney.record`.
        """
        found = journey if isinstance(journey, TrackedJourney) else self.journey(journey)
        return found.record(touchpoint)

    def deliver(
        self, token: str, *, readings: Mapping[str, Reading] | None = None, **fields: Any
    ) -> Touchpoint | None:
        """Deliver what was promised: the wait since then, measured against the promise.

        The first delivery counts, and only that. Clocks of two processes may differ: a wait that
        comes out negative is 0.

        Args:
            token: from `TrackedJourney.promise`, here or in another process.
            readings: what else was judged, by factor: the courtesy, say.
            fields: more fields of the `Touchpoint`: ``team``, ``channel``, ``stage``, ``weight``.

        Returns:
            The touchpoint recorded; None if the token was delivered before, or is refused
            (damaged, forged, expired).
        """
        try:
            now = self._setting.now()
            promise = Promise.unsealed(token, self._setting.key).check(now)
            anticipated = as_promised(measured(promise.within, promise.scale))
            service = Service(
                promise.name, promise.scale, anticipated, id=promise.id, source=None, **fields
            )
            touchpoint = service.delivered(now - promise.at, now, readings)
            journey = self._joined(promise.journey)
            span = journey.span(touchpoint.name)
            return touchpoint if journey.take(touchpoint, span, once=True) else None
        except Exception as error:
            self._setting.failed("deliver", error)
            return None

    def touchpoint(
        self,
        journey: WhichJourney,
        name: str,
        *,
        scale: Scale,
        anticipated: Anticipated = None,
        **fields: Any,
    ) -> Wait:
        """Measure a service whose duration is the wait: ``with``, ``async with`` or a decorator.

        Args:
            journey: the journey or its id; of a decorator also a function that takes the
                handler's arguments and returns either.
            name: of the touchpoint.
            scale: how the wait is judged, `minutes` or `days`.
            anticipated: the wait anticipated, in the scale's units: ``promised(5)``.
            fields: more fields of the `Touchpoint`: ``id``, ``team``, ``channel``, ``weight``.

        >>> from journeyscore import minutes, promised
        >>> tracker = Tracker()
        >>> @tracker.touchpoint(lambda stay: stay, "hotel.front_desk", anticipated=promised(5),
        ...                     scale=minutes(best=0, worst=30))
        ... def check_in(stay):
        ...     return "welcome"
        >>> check_in("stay-1042"), tracker.journey("stay-1042").tally.count
        ('welcome', 1)
        """
        service = None
        try:
            service = Service(name, scale, anticipated, **fields)
        except Exception as error:
            self._setting.failed("touchpoint", error)

        def find(*args: Any, **kwargs: Any) -> TrackedJourney:
            found = journey
            if callable(found):
                found = found(*args, **kwargs)
            return found if isinstance(found, TrackedJourney) else self.journey(found)

        return Wait(find, service, self._setting)

    # -- other processes -------------------------------------------------------------------------

    def extract(self, carrier: Headers, *, id: str | None = None) -> TrackedJourney | None:
        """The journey that incoming headers speak of; None if they speak of none.

        Args:
            carrier: headers of a request, metadata of a message: a mapping or pairs, of text or
                bytes, in any case.
            id: the host's own id of the journey, if this process knows it.

        See `TrackedJourney.inject` for the other side. The trace context in the headers is left
        to the host's instrumentation.
        """
        try:
            reference = extract(carrier, self._setting.key)
            if reference is None:
                return None
            journey = self._joined(reference)
            if id is not None:
                journey.complete(id=text(id, "id"))
                self._books.name(journey, id)
            return journey
        except Exception as error:
            self._setting.failed("extract", error)
            return None


def _random_ref() -> str:
    return urandom(8).hex()
