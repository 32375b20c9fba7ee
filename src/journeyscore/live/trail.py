"""Trail: what the spans of one journey are linked by, its origin and its latest touchpoints."""

from __future__ import annotations

from collections import deque
from threading import RLock

from opentelemetry import trace

from ..journey import Journey
from ..telemetry import semconv, spanned
from ..telemetry.origin import Origin
from ..telemetry.signals import MOST_LINKS, Telemetry, score_links
from . import told
from .tokens import Reference


class Trail:
    """The origin of a journey, begun here or carried here, and the touchpoints since.

    Attributes:
        begun_here: whether this process has the journey's first span, and so tells its end.
        origin: the trace context of that span; None where nothing traces.
        links: the link to the origin, for every span of the journey; empty without one.

    >>> trail = Trail(Telemetry(), None)
    >>> trail.begin(Journey("stay-1042"))
    >>> trail.begun_here, trail.origin, trail.links   # no SDK in this process
    (True, None, ())
    """

    def __init__(self, telemetry: Telemetry, reference: Reference | None) -> None:
        self._telemetry = telemetry
        self._beginning = RLock()
        self._has_begun = False
        self._touchpoints: deque[trace.SpanContext] = deque(maxlen=MOST_LINKS)
        self.begun_here: bool = reference is None
        self.origin = None if reference is None else reference.origin
        self.links: tuple[trace.Link, ...] = ()

    def begin(self, about: Journey) -> None:
        """Make the origin known, once: a short span here, or what another process carried here.

        Whoever asks for a journey that another thread is just opening waits for it, so that no
        touchpoint is without its link; the same thread may come back from inside a span processor.
        """
        if self._has_begun:
            return
        with self._beginning:
            if self._has_begun:
                return
            self._has_begun = True
            if self.begun_here:
                self._telemetry.listen()
                name = spanned(semconv.JOURNEY_OPEN, self._telemetry.type(about.type))
                span = self._telemetry.start(name)
                self._telemetry.end(span, told.of_journey(about))
                context = span.get_span_context()
                self.origin = Origin.of(context)
                self.links = (trace.Link(context),) if context.is_valid else ()
            elif self.origin is not None:
                self._telemetry.listen()
                self.links = self.origin.links

    def pass_by(self, touchpoint: trace.SpanContext) -> None:
        """Remember the span of a touchpoint, for the span of a score."""
        self._touchpoints.append(touchpoint)

    def of_score(self) -> tuple[trace.Link, ...]:
        """The links of a score: the latest touchpoints, at most 127, and the origin last."""
        return score_links(self._touchpoints, self.links)
