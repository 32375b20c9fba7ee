"""A host that takes one signal and leaves the others."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from journeyscore import Policy, Touchpoint, Tracker
from journeyscore.live import Telemetry

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


def test_a_touchpoint_that_nobody_samples_is_not_described() -> None:
    telemetry = Telemetry(
        tracer_provider=TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False),
        logs=False, metrics=False,
    )  # fmt: skip
    assert not telemetry.silent  # there is a host, which takes none of it
    attributes = Mock()
    telemetry.touchpoint(
        telemetry.start("touchpoint"), attributes,
        fingerprint=Policy().fingerprint, at=datetime.now(UTC), planned=True,
    )  # fmt: skip
    attributes.assert_not_called()
    assert dict(telemetry.failures.counts) == {}
