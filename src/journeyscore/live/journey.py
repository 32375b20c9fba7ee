"""TrackedJourney: one journey while it goes on, in one process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, MutableMapping
from datetime import datetime, timedelta
from threading import Lock
from time import perf_counter
from typing import Any

from opentelemetry import trace

from ..checks import one_of
from ..errors import InvalidValue, WrongType, described
from ..journey import Journey, JourneyState
from ..moments import MomentKind, ScoredTouchpoint
from ..scales import Scale
from ..scorecard import Scorecard
from ..tally import Tally
from ..telemetry import semconv
from ..touchpoints import State, Touchpoint
from . import told
from .carrier import inject
from .running import Moment, Running
from .service import Service, measured
from .setting import Setting, system_time
from .tokens import Promise, Reference
from .trail import Trail

SILENT: trace.Span = trace.INVALID_SPAN


class TrackedJourney:
    """One journey while it goes on: made by `Tracker.journey`, safe under threads and tasks.

    Nothing here raises unless the tracker is strict; what fails is counted and logged once.

    >>> from journeyscore import Touchpoint, Tracker
    >>> stay = Tracker().journey("stay-1042")
    >>> _ = stay.record(Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9))
    >>> stay.tally.readouts().impression
    91.04
    >>> stay.close().verdict
    'delighted'
    """

    def __init__(
        self,
        journey: Journey,
        setting: Setting,
        *,
        now: datetime,
        reference: Reference | None,
        on_close: Callable[[TrackedJourney], None],
    ) -> None:
        self._setting = setting
        self._on_close = on_close
        self._lock = Lock()
        self._running = Running(journey, setting.valuer, announcing=setting.on_moment is not None)
        self._trail = Trail(setting.telemetry, reference)
        self._card: Scorecard | None = None
        self._began = self._touched = now

    def open(self) -> TrackedJourney:
        """Make the journey's origin known, once; see `Trail.begin`."""
        self._trail.begin(self._running.about)
        return self

    @property
    def opened_here(self) -> bool:
        """Whether this process opened it, and so tells its end."""
        return self._trail.begun_here

    @property
    def reference(self) -> Reference:
        """The journey as another process may know it."""
        return Reference(self.ref, self._running.about.type, self._trail.origin)

    @property
    def ref(self) -> str:
        """The name of the journey in telemetry, in tokens and in headers."""
        return self._running.about.ref

    @property
    def id(self) -> str:
        """The id the host gave; the ``ref`` in a process that knows the journey by a token."""
        return self._running.about.id

    @property
    def state(self) -> JourneyState:
        """open, closed or abandoned."""
        return JourneyState.OPEN if self._card is None else self._card.journey.state

    @property
    def tally(self) -> Tally:
        """The sums so far, in this process: those of `journeyscore.score` over the same events."""
        with self._lock:
            if self._card is not None:
                return self._card.tally
            return self._running.tally(self._setting.now_or_system())

    @property
    def journey(self) -> Journey:
        """The journey so far, as a value: every event but those that came twice."""
        with self._lock:
            return self._running.journey() if self._card is None else self._card.journey

    def record(self, touchpoint: Touchpoint) -> bool:
        """Record a touchpoint; whether it is new.

        Late events, corrections and recoveries are taken in any order. The same event again, by
        its source and id, does not count. Without a time among others with one, a touchpoint has
        the time of its recording.
        """
        try:
            if not isinstance(touchpoint, Touchpoint):
                raise WrongType(
                    f"{described(touchpoint)} is not a Touchpoint",
                    path="touchpoint",
                    value=touchpoint,
                )
            silent = self._setting.telemetry.silent
            return self.take(touchpoint, SILENT if silent else self.span(touchpoint.name))
        except Exception as error:
            self._setting.failed("record", error)
            return False

    def include(self, touchpoints: Iterable[Touchpoint]) -> int:
        """Count what another process has recorded, and told of; how many events were new.

        Nothing is told of them again, neither by telemetry nor by ``on_moment``. So the process
        that closes the journey scores all of it. Give events an id: the same one again, from
        wherever, does not count.

        >>> from journeyscore import Touchpoint, Tracker
        >>> here, there = Tracker(), Tracker()
        >>> carried = {}
        >>> here.journey("stay-1042").inject(carried)
        >>> part = there.extract(carried)
        >>> _ = part.record(Touchpoint("hotel.valet", delivered=0.9, id="v-1"))
        >>> here.journey("stay-1042").include(part.journey.events)
        1
        """
        try:
            events = tuple(touchpoints)
            for event in events:
                if not isinstance(event, Touchpoint):
                    raise WrongType(
                        f"{described(event)} is not a Touchpoint", path="touchpoints", value=event
                    )
            now = self._setting.now_or_system()
            with self._lock:
                if self._card is not None:
                    raise _closed("include")
                self._touched = now
                steps = [self._running.add(event, now) for event in events]
            return sum(step is not None for step in steps)
        except Exception as error:
            self._setting.failed("include", error)
            return 0

    def span(self, name: str) -> trace.Span:
        """The span of a touchpoint, begun, with its link to the origin."""
        return self._setting.telemetry.start(f"{semconv.TOUCHPOINT} {name}", self._trail.links)

    def take(
        self,
        event: Touchpoint,
        span: trace.Span,
        *,
        failed: BaseException | None = None,
        once: bool = False,
    ) -> bool:
        """Take in an event, tell of it, and end its span: what recording, waits, promises share.

        Args:
            event: what happened.
            span: the span of it, begun.
            failed: what the host's service raised, if it did.
            once: whether another content under the same id is a repetition too.

        Raises:
            InvalidValue: the journey is closed.
        """
        setting = self._setting
        now = system_time() if setting.clock is None else setting.now_or_system()
        with self._lock:
            step = None if self._card is not None else self._running.add(event, now, once=once)
            self._touched = now
            if span is not SILENT and span.is_recording():
                self._trail.pass_by(span.get_span_context())
        if step is None or not step.counts:
            setting.telemetry.end(span, told.of_event(self._running.about, event), failed)
            if self._card is not None:
                raise _closed("record")
        elif not setting.telemetry.silent:
            self._tell(event, step.kind, span, now)
        if step is not None and step.news:
            self._announce(step.news)
        return step is not None

    def _tell(
        self, event: Touchpoint, kind: MomentKind | None, span: trace.Span, now: datetime
    ) -> None:
        about, valuer = self._running.about, self._setting.valuer
        self._setting.telemetry.touchpoint(
            span,
            lambda: told.of_touchpoint(about, event, valuer, kind),
            fingerprint=self._setting.fingerprint,
            at=event.at or now,
            planned=told.is_planned(about, event.name),
        )

    def _tell_missed(self, card: Scorecard, now: datetime) -> None:
        """Tell of what was planned and not done, which nobody recorded."""
        if self._setting.telemetry.silent:
            return
        recorded = Counter(
            event.name for event in card.journey.touchpoints if event.state is State.MISSED
        )
        for each in card.touchpoints:
            name = each.touchpoint.name
            if each.touchpoint.state is not State.MISSED:
                continue
            if recorded[name]:
                recorded[name] -= 1
                continue
            self._tell(each.touchpoint, each.moment, self.span(name), now)

    def _announce(self, news: tuple[ScoredTouchpoint, ...]) -> None:
        self._setting.announce(
            tuple(Moment(self, each, each.moment) for each in news if each.moment is not None)
        )

    def retract(self, id: str, source: str | None = None) -> None:
        """Take an event back, for good: also if it comes in again, or only later."""
        try:
            now = self._setting.now_or_system()
            with self._lock:
                if self._card is not None:
                    raise _closed("retract")
                news = self._running.retract(id, source, now)
            self._announce(news)
        except Exception as error:
            self._setting.failed("retract", error)

    def score(self) -> Scorecard | None:
        """The scorecard so far: one span, linked to the touchpoints and, last, to the origin.

        None if scoring failed.
        """
        try:
            now = self._setting.now_or_system()
            start = perf_counter()
            with self._lock:
                card = self._card or self._running.card(now)
                links = self._trail.of_score()
            took = perf_counter() - start
            self._setting.telemetry.scored(told.of_score(card), links, took)
            return card
        except Exception as error:
            self._setting.failed("score", error)
            return None

    def close(self, state: JourneyState | str = JourneyState.CLOSED) -> Scorecard | None:
        """Close the journey: score it, tell of it once, and let the tracker forget it.

        What was planned and not done is missed now, and told as any touchpoint is. Closing again
        gives the same scorecard.

        Args:
            state: closed, or abandoned.

        Returns:
            The scorecard, of what this process has recorded; None if scoring failed.
        """
        try:
            wanted = one_of(state, JourneyState, "state")
            if wanted is JourneyState.OPEN:
                raise InvalidValue("a journey is closed or abandoned", path="state")
            now = self._setting.now_or_system()
            start = perf_counter()
            with self._lock:
                if self._card is not None:
                    return self._card
                card = self._running.card(now, wanted)
                news = self._running.news_of(card)
                links = self._trail.of_score()
                self._card = card
            took = perf_counter() - start
            self._tell_missed(card, now)
            self._on_close(self)
            lasted = (now - self._began).total_seconds() if self._trail.begun_here else None
            self._setting.telemetry.closed(
                told.of_score(card), links, at=now, took=took, lasted=lasted
            )
            self._announce(news)
            return card
        except Exception as error:
            self._setting.failed("close", error)
            return None

    def promise(
        self,
        name: str,
        *,
        within: timedelta,
        scale: Scale,
        expires: timedelta | None = None,
    ) -> str:
        """Promise a touchpoint: a token, for `Tracker.deliver` in whichever process does it.

        Args:
            name: of the touchpoint.
            within: the wait promised, from now on.
            scale: how the wait is judged, `minutes` or `days`.
            expires: from then on the token may not be used; never, unless given.

        Returns:
            A small URL-safe string; ``""`` if that failed.
        """
        try:
            Service(name, scale, measured(within, scale))
            now = self._setting.now()
            return Promise(
                journey=self.reference,
                name=name,
                scale=scale,
                within=within,
                at=now,
                expires=None if expires is None else now + expires,
            ).sealed(self._setting.key)
        except Exception as error:
            self._setting.failed("promise", error)
            return ""

    def inject(self, carrier: MutableMapping[str, str]) -> None:
        """Write the journey's reference, and the current trace context, into outgoing headers.

        See `Tracker.extract` for the other side.
        """
        try:
            inject(self.reference, carrier, self._setting.key)
        except Exception as error:
            self._setting.failed("inject", error)

    def complete(self, **known: Any) -> None:
        """What more the host says of the journey: its id, type, customer, site or plan.

        Raises:
            InvalidValue: it contradicts what was said before.
        """
        with self._lock:
            self._running.complete(known)

    def idle(self, since: datetime) -> bool:
        """Whether nothing was recorded since then."""
        return self._touched < since


def _closed(doing: str) -> InvalidValue:
    """The error for what comes too late: the score of a closed journey has been told."""
    return InvalidValue("the journey is closed: nothing more counts", path=doing)
