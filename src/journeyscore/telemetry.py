"""Telemetry: one short OpenTelemetry span for each journey scored.

The API only: without an SDK in the host every call here does nothing. It never raises into the
host: a failure is logged once and scoring goes on. Of ids only the journey's ``ref`` is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from opentelemetry import trace

from ._version import __version__

SCOPE = "journeyscore"
SCHEMA_URL = "https://journeyscore.dev/schemas/1"

JOURNEY_SCORE = "journey score"
"""The name of the span, before the type of the journey."""

JOURNEY_ID = "journeyscore.journey.id"
JOURNEY_TYPE = "journeyscore.journey.type"
JOURNEY_STATE = "journeyscore.journey.state"
IMPRESSION = "journeyscore.impression"
PAR = "journeyscore.par"
DELIVERED = "journeyscore.delivered"
CONSISTENCY = "journeyscore.consistency"
KNOWN_SHARE = "journeyscore.known_share"
VERDICT = "journeyscore.verdict"
POLICY_FINGERPRINT = "journeyscore.policy.fingerprint"
TOUCHPOINT_COUNT = "journeyscore.touchpoint.count"

Attributes = Mapping[str, "str | float | int | None"]

_failed = False


def span(name: str, attributes: Callable[[], Attributes]) -> None:
    """Emit a span of no length, kind INTERNAL, in whatever trace the host has now.

    Args:
        name: its name.
        attributes: makes its attributes; asked only if the span is recorded. None is left out.

    >>> span("journey score", lambda: {IMPRESSION: 56.61})
    """
    global _failed
    try:
        tracer = trace.get_tracer(SCOPE, __version__, schema_url=SCHEMA_URL)
        current = tracer.start_span(name)
        if current.is_recording():
            for key, value in attributes().items():
                if value is not None:
                    current.set_attribute(key, value)
        current.end()
    except Exception:  # the host's exporter or processor failed: not the guest's check-in
        if not _failed:
            _failed = True
            import logging

            logging.getLogger(__name__).warning("telemetry failed; scoring goes on", exc_info=True)
