"""Telemetry: what journeyscore tells a host's OpenTelemetry, and nothing private.

The API only: without an SDK in the host every call here does nothing. Nothing is raised into the
host: a failure is logged once and scoring goes on. Of ids only the journey's ``ref`` is told.

Here is the one span of `journeyscore.score`, all that the facade needs; `signals` has the spans,
events and metrics of live tracking, `semconv` every name, `origin` the trace context of a journey.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from opentelemetry import trace

from .._version import __version__
from .failures import Failures
from .semconv import SCHEMA_URL, SCOPE

Value = str | bool | int | float
Attributes = Mapping[str, Value | None]

_failures = Failures()


def span(name: str, attributes: Callable[[], Attributes], links: Iterable[trace.Link] = ()) -> None:
    """Emit a span of no length, kind INTERNAL, in whatever trace the host has now.

    Args:
        name: its name.
        attributes: makes its attributes; asked only if the span is recorded. None is left out.
        links: what it is linked to, such as ``Origin.links``.

    >>> span("journey score", lambda: {"journeyscore.impression": 56.61})
    """
    try:
        tracer = trace.get_tracer(SCOPE, __version__, schema_url=SCHEMA_URL)
        current = tracer.start_span(name, links=tuple(links))
        if current.is_recording():
            current.set_attributes(told(attributes()))
        current.end()
    except Exception as error:  # the host's exporter or processor failed: not the guest's check-in
        _failures.note("telemetry", error)


def spanned(name: str, of: str | None) -> str:
    """The name of a span, with what it is of.

    >>> spanned("journey open", "stay"), spanned("journey open", None)
    ('journey open stay', 'journey open')
    """
    return f"{name} {of}" if of else name


def installed(provider: object) -> bool:
    """Whether a provider is a host's, and not what the API has in its place.

    >>> installed(trace.NoOpTracerProvider())
    False
    """
    package = type(provider).__module__.split(".")[:2]
    return package[0] != "opentelemetry" or package[-1] not in ("trace", "metrics", "_logs")


def told(attributes: Attributes) -> dict[str, Value]:
    """The attributes without what is unknown: an SDK would store None and NaN.

    >>> told({"a": 1.0, "b": None, "c": float("nan")})
    {'a': 1.0}
    """
    return {
        name: value for name, value in attributes.items() if value is not None and value == value
    }
