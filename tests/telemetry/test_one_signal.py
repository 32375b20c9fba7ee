"""A host that takes one signal and leaves the others."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import TracerProvider

from journeyscore import Touchpoint, Tracker

from .hosts import Host

SIGNALS = ("traces", "logs", "metrics")


@pytest.mark.parametrize("only", SIGNALS)
def test_what_is_switched_off_tells_nothing(only: str) -> None:
    host = Host(**{name: name == only for name in SIGNALS})
    tracker = Tracker(telemetry=host.telemetry)
    tracked = tracker.journey("stay")
    tracked.record(Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9))
    tracked.close()
    assert bool(host.spans) == (only == "traces")
    assert bool(host.events) == (only == "logs")
    assert bool(list(host.metrics())) == (only == "metrics")
    assert tracker.failures == {}


def test_a_span_may_end_with_nothing_more_to_tell() -> None:
    host = Host()
    span = TracerProvider(shutdown_on_exit=False).get_tracer("host").start_span("bare")
    host.telemetry.end(span)
    assert not span.is_recording() and dict(span.attributes) == {}  # type: ignore[attr-defined]
    assert dict(host.telemetry.failures.counts) == {}
