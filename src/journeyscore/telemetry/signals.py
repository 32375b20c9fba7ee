"""Telemetry: the spans, log events and metrics of live tracking, each signal with a switch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from opentelemetry import trace

from .._version import __version__
from . import Attributes, Value, installed, semconv, spanned, told
from .events import Events
from .failures import Failures, error_type
from .instruments import Capped, Instruments

if TYPE_CHECKING:  # on first use only: a host without metrics need not load them
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider

MOST_LINKS = 127
"""Touchpoints that a score is linked to; with the origin 128, of which SDKs keep the last."""

MOST_TYPES, MOST_VALUES, MOST_NAMES = 20, 10, 200


class Telemetry:
    """What a tracker tells the host's OpenTelemetry; without an SDK, nothing.

    Args:
        traces, logs, metrics: a switch for each signal.
        team, site, explanation: attributes that are told only where this is True.
        tracer_provider, meter_provider, logger_provider: in place of the global ones.

    Nothing here raises. ``failures`` counts what went wrong, the tracker's own failures too.

    >>> from journeyscore import Tracker
    >>> tracker = Tracker(telemetry=Telemetry(metrics=False, team=True))
    """

    def __init__(
        self,
        *,
        traces: bool = True,
        logs: bool = True,
        metrics: bool = True,
        team: bool = False,
        site: bool = False,
        explanation: bool = False,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        logger_provider: LoggerProvider | None = None,
    ) -> None:
        self.failures: Failures = Failures()
        self.type: Capped = Capped(MOST_TYPES)
        self._capped = {
            semconv.STAGE: Capped(MOST_VALUES),
            semconv.CHANNEL: Capped(MOST_VALUES),
            semconv.JOURNEY_TYPE: self.type,
        }
        self._planned = Capped(MOST_NAMES)
        off = {semconv.TEAM: team, semconv.SITE: site, semconv.EXPLANATION: explanation}
        self._off = {name for name, on in off.items() if not on}
        self._traces = traces
        self._tracer_provider = tracer_provider
        self._tracer: trace.Tracer = trace.NoOpTracer()
        self._events = Events(logger_provider, on=logs)
        self._metrics = Instruments(meter_provider, on=metrics)
        self.silent: bool = True
        self.listen()

    def listen(self) -> None:
        """See whether the host has set a provider by now, until it has set one for each signal.

        ``silent`` says that it has set none. Asked when a journey is opened, not for each
        touchpoint: that would cost as much as all the rest.
        """
        try:
            if self._traces and type(self._tracer) is trace.NoOpTracer:
                provider = self._tracer_provider or trace.get_tracer_provider()
                if installed(provider):
                    self._tracer = provider.get_tracer(
                        semconv.SCOPE, __version__, schema_url=semconv.SCHEMA_URL
                    )
            heard = self._events.listening() | self._metrics.listening()
            self.silent = not heard and type(self._tracer) is trace.NoOpTracer
        except Exception as error:
            self.failures.note("telemetry", error)

    def start(self, name: str, links: Iterable[trace.Link] = ()) -> trace.Span:
        """A span that began now, not made current; a silent one if that fails."""
        try:
            return self._tracer.start_span(name, links=links)  # type: ignore[arg-type]
        except Exception as error:
            self.failures.note("telemetry", error)
            return trace.INVALID_SPAN

    def end(
        self,
        span: trace.Span,
        attributes: Attributes | None = None,
        failed: BaseException | None = None,
    ) -> None:
        """End a span with its attributes; status ERROR and ``error.type`` if the host failed."""
        try:
            if span.is_recording():
                if attributes is not None:
                    span.set_attributes(self._told(attributes))
                if failed is not None:
                    span.set_attribute(semconv.ERROR_TYPE, error_type(failed))
                    span.set_status(trace.Status(trace.StatusCode.ERROR))
            span.end()
        except Exception as error:
            self.failures.note("telemetry", error)

    def touchpoint(
        self,
        span: trace.Span,
        attributes: Callable[[], Attributes],
        *,
        fingerprint: str,
        at: datetime,
        planned: bool,
    ) -> None:
        """Tell of a touchpoint that came to count: its event and its metrics. Ends the span.

        Args:
            span: its span, begun.
            attributes: makes its attributes; asked only if anyone hears of it.
            fingerprint: of the policy, told on the event.
            at: when it happened, or became known.
            planned: whether its name is one of a catalogue or a plan, and so may name a metric.
        """
        try:
            recorded = span.is_recording()
            logged = self._events.enabled(semconv.TOUCHPOINT_SCORED)
            measured = self._metrics.listening()
            if recorded or logged or measured:
                known = self._told(attributes())
                if recorded:
                    span.set_attributes(known)
                if logged:
                    known[semconv.POLICY_FINGERPRINT] = fingerprint
                    self._events.emit(semconv.TOUCHPOINT_SCORED, known, span=span, at=at)
            span.end()
            if measured:
                name = self._planned(str(known[semconv.TOUCHPOINT_NAME])) if planned else None
                self._metrics.touchpoint(name or semconv.OTHER, known)
        except Exception as error:
            self.failures.note("telemetry", error)

    def scored(self, attributes: Attributes, links: Iterable[trace.Link], took: float) -> None:
        """Tell of a tracked journey that was scored on demand: a span, and how long it took."""
        self.end(self._score_span(attributes, links), attributes)
        self._measure(attributes, {semconv.SCORE_DURATION: took})

    def closed(
        self,
        attributes: Attributes,
        links: Iterable[trace.Link],
        *,
        at: datetime,
        took: float,
        lasted: float | None,
    ) -> None:
        """Tell of a journey at its close: its span, its two events, its metrics; once."""
        span = self._score_span(attributes, links)
        try:
            known = self._told(attributes)
            brief = {name: known[name] for name in _OF_A_CLOSE if name in known}
            events = {semconv.JOURNEY_SCORED: known, semconv.JOURNEY_CLOSED: brief}
            for name, told_too in events.items():
                if self._events.enabled(name):
                    self._events.emit(name, told_too, span=span, at=at)
        except Exception as error:
            self.failures.note("telemetry", error)
        self.end(span, attributes)
        self._measure(
            attributes,
            {
                semconv.SCORE_DURATION: took,
                semconv.JOURNEY_IMPRESSION: attributes.get(semconv.IMPRESSION),
                semconv.JOURNEY_CONSISTENCY: attributes.get(semconv.CONSISTENCY),
                semconv.JOURNEY_DURATION: lasted,
            },
        )

    def failed(self, doing: str, error: BaseException) -> None:
        """Count a failure, log it if it is the first of its kind."""
        self.failures.note(doing, error)
        self._measure({semconv.ERROR_TYPE: error_type(error)}, {semconv.SCORE_ERRORS: 1})

    def _score_span(self, attributes: Attributes, links: Iterable[trace.Link]) -> trace.Span:
        kind = self.type(_text(attributes.get(semconv.JOURNEY_TYPE)))
        return self.start(spanned(semconv.JOURNEY_SCORE, kind), links)

    def _measure(self, attributes: Attributes, measures: Attributes) -> None:
        try:
            if self._metrics.listening():
                known = self._told(attributes)
                for name, measure in told(measures).items():
                    self._metrics.tell(name, float(measure), known)
        except Exception as error:
            self.failures.note("telemetry", error)

    def _told(self, attributes: Attributes) -> dict[str, Value]:
        """What may be told: known, switched on, and within the number of values allowed."""
        known = told(attributes)
        for name in self._off:
            known.pop(name, None)
        for name, capped in self._capped.items():
            if name in known:
                known[name] = capped(str(known[name])) or semconv.OTHER
        return known


_OF_A_CLOSE = (
    semconv.JOURNEY_ID,
    semconv.JOURNEY_TYPE,
    semconv.JOURNEY_STATE,
    semconv.SITE,
    semconv.POLICY_FINGERPRINT,
    semconv.TOUCHPOINT_COUNT,
)


def score_links(
    touchpoints: Iterable[trace.SpanContext], origin: Iterable[trace.Link]
) -> tuple[trace.Link, ...]:
    """Links to the latest touchpoints, at most 127, and to the origin last: SDKs keep the last.

    >>> score_links([], [])
    ()
    """
    latest = list(touchpoints)[-MOST_LINKS:]
    return (*(trace.Link(context) for context in latest), *origin)


def _text(value: Value | None) -> str | None:
    return None if value is None else str(value)
