"""Origin: the W3C trace context of a journey's first span, as it is kept and carried.

A journey lasts days and crosses processes, so it is never one open span; its touchpoints are
short spans in whatever trace the host has, each with a link to the origin.
"""

from __future__ import annotations

from typing import NamedTuple

from opentelemetry import trace


class Origin(NamedTuple):
    """The trace context in the form of the headers of W3C Trace Context.

    Attributes:
        traceparent: version, trace id, span id and flags, in hexadecimal.
        tracestate: what tracing systems along the way add; may be empty.
    """

    traceparent: str
    tracestate: str = ""

    @classmethod
    def of(cls, context: trace.SpanContext) -> Origin | None:
        """The origin that a span is; None where nothing traces.

        >>> Origin.of(trace.INVALID_SPAN_CONTEXT) is None
        True
        """
        if not context.is_valid:
            return None
        parent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
        return cls(parent, context.trace_state.to_header())

    @property
    def context(self) -> trace.SpanContext | None:
        """The context to link to; None if the text is not one.

        >>> parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        >>> Origin.of(Origin(parent).context).traceparent == parent
        True
        """
        from opentelemetry.trace.propagation import tracecontext

        found = tracecontext.TraceContextTextMapPropagator().extract(dict(self._asdict()))
        context = trace.get_current_span(found).get_span_context()
        return context if context.is_valid else None

    @property
    def links(self) -> tuple[trace.Link, ...]:
        """The link to the origin, to be given to a span; empty if there is none."""
        context = self.context
        return () if context is None else (trace.Link(context),)
