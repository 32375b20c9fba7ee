"""Failures of the host's service, of its SDK and of its clock; and hosts without an SDK."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import StatusCode
from telemetry.hosts import Host

from journeyscore import Touchpoint, Tracker, minutes, promised
from journeyscore.live import Telemetry
from journeyscore.telemetry.events import Events

WAIT = minutes(best=0, worst=30)


def test_a_handler_that_raises_is_an_error_of_its_span_without_the_text() -> None:
    host = Host()
    tracker = Tracker(telemetry=host.telemetry, strict=True)
    with pytest.raises(KeyError), tracker.touchpoint("s", "hotel.valet", scale=WAIT):
        raise KeyError("Mr Smith")

    async def cancelled() -> None:
        async with tracker.touchpoint(
            "s", "hotel.bellman", scale=WAIT, anticipated=promised(5), stage="arrival"
        ):
            raise asyncio.CancelledError("Mr Smith")

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    for name, error in (("valet", "KeyError"), ("bellman", "asyncio.exceptions.CancelledError")):
        span = host.spans[f"touchpoint hotel.{name}"]
        assert span.status.status_code is StatusCode.ERROR and span.status.description is None
        assert span.events == () and len(span.links) == 1
        stage = {"journeyscore.touchpoint.stage": "arrival"} if name == "bellman" else {}
        assert dict(span.attributes or {}) == {
            "journeyscore.journey.id": tracker.journey("s").ref,
            "journeyscore.touchpoint.name": f"hotel.{name}",
            "journeyscore.touchpoint.weight": 1.0,
            "error.type": error,
            **stage,
        }
    assert host.events == [] and host.points("journeyscore.touchpoints") == []


def test_the_service_runs_inside_its_span() -> None:
    host = Host()
    tracker = Tracker(telemetry=host.telemetry, strict=True)
    tracer = host.tracer_provider.get_tracer("host")

    async def desk(n: int) -> None:
        async with tracker.touchpoint("s", "hotel.front_desk", scale=WAIT, id=f"d{n}"):
            await asyncio.sleep(0)
            tracer.start_span(f"query {n}").end()

    async def main() -> None:
        await asyncio.gather(*(desk(n) for n in range(5)))

    asyncio.run(main())
    desks = {
        span.context.span_id
        for span in host.span_exporter.get_finished_spans()
        if span.name == "touchpoint hotel.front_desk"
    }
    parents = [host.spans[f"query {n}"].parent for n in range(5)]
    assert len(desks) == 5 and {each.span_id for each in parents if each} == desks


class Broken:
    """A provider none of whose makings work."""

    def get_tracer(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("Mr Smith")

    get_logger = get_meter = get_tracer


class BrokenLater:
    """Makes tracers, loggers and instruments that raise when used."""

    def get_tracer(self, *_: Any, **__: Any) -> Any:
        return self

    get_logger = get_meter = create_counter = create_histogram = get_tracer

    def _raise(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("Mr Smith")

    start_span = enabled = emit = add = record = _raise


@pytest.mark.parametrize("broken", [Broken(), BrokenLater()])
def test_an_sdk_that_fails_is_counted_and_logged_once(
    broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    telemetry = Telemetry(tracer_provider=broken, logger_provider=broken, meter_provider=broken)
    tracker = Tracker(telemetry=telemetry, strict=True)  # also then: it is not the host's doing
    stay = tracker.journey("s")
    for _ in range(10):
        stay.record(Touchpoint("hotel.valet", anticipated=0.5, delivered=0.5))
    with tracker.touchpoint(stay, "hotel.valet", scale=WAIT):
        pass
    assert stay.tally.count == 11
    assert stay.close() is not None
    assert set(tracker.failures) == {("telemetry", "RuntimeError")}
    assert len(caplog.records) == 1 and "Smith" not in caplog.text


def test_a_span_processor_may_come_back_to_the_journey() -> None:
    host = Host()
    tracker = Tracker(telemetry=host.telemetry, strict=True)

    class Back(SpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            tracker.journey("s")
            return SpanExportResult.SUCCESS

    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    host.tracer_provider.add_span_processor(SimpleSpanProcessor(Back()))
    assert tracker.journey("s").record(Touchpoint("hotel.valet", delivered=0.5))
    assert list(host.spans) == ["journey open", "touchpoint hotel.valet"]


def test_another_release_of_the_logs_api_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry._logs", None)
    events = Events()
    assert not events.listening() and not events.enabled("journeyscore.journey.closed")
    tracker = Tracker(telemetry=Telemetry(), strict=True)
    assert tracker.record("s", Touchpoint("hotel.valet", delivered=0.5))
    assert tracker.failures == {}


WITHOUT_SDK = Path(__file__).with_name("without_sdk.py")

BLOCKER = """
import runpy, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter")):
            raise ImportError(name)

sys.meta_path.insert(0, Blocker())
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def test_without_an_sdk_everything_works() -> None:
    """Here it is only kept from being imported; tests/slow has an environment without it."""
    command = [sys.executable, "-c", BLOCKER, str(WITHOUT_SDK)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "fine\n", done.stderr
    assert done.stderr == ""
