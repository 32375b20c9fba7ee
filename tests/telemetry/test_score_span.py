"""The span of a score: whole attribute dictionaries, silence, and never an error of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from journeyscore import (
    Journey,
    Policy,
    Touchpoint,
    __version__,
    frames,
    promised,
    score,
    telemetry,
)
from journeyscore.telemetry.failures import Failures

STAY = Journey(
    "reservation-77",
    [
        Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9),
        Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5),
    ],
    type="stay",
    customer="c-1",
)


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


def test_a_score_is_one_short_span(exporter: InMemorySpanExporter) -> None:
    card = score(STAY)
    (span,) = exporter.get_finished_spans()
    assert span.name == "journey score stay"
    assert dict(span.attributes or {}) == {
        "journeyscore.journey.id": STAY.ref,
        "journeyscore.journey.type": "stay",
        "journeyscore.journey.state": "closed",
        "journeyscore.impression": 54.92,
        "journeyscore.par": 70.0,
        "journeyscore.delivered": 70.0,
        "journeyscore.consistency": 53.88,
        "journeyscore.known_share": 0.5,
        "journeyscore.verdict": "dissatisfied",
        "journeyscore.policy.fingerprint": Policy().fingerprint,
        "journeyscore.touchpoint.count": 2,
    }
    scope = span.instrumentation_scope
    assert scope is not None
    assert (scope.name, scope.version, scope.schema_url) == (
        "journeyscore", __version__, telemetry.SCHEMA_URL,
    )  # fmt: skip
    assert "reservation-77" not in str(span.to_json()) and "c-1" not in str(span.to_json())
    assert card.impression == 54.92


def test_constructors_and_what_ifs_are_silent(exporter: InMemorySpanExporter) -> None:
    card = score(STAY)
    exporter.clear()
    card.what_if("hotel.valet", delivered=0.1)
    Journey("j").add(*STAY.events)
    assert exporter.get_finished_spans() == ()


def test_what_is_unknown_is_left_out(exporter: InMemorySpanExporter) -> None:
    score(Journey("j"))
    (span,) = exporter.get_finished_spans()
    assert span.name == "journey score"
    assert set(span.attributes or {}) == {
        "journeyscore.journey.id",
        "journeyscore.journey.state",
        "journeyscore.policy.fingerprint",
        "journeyscore.touchpoint.count",
    }


def test_a_failing_tracer_is_logged_once_and_scoring_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no tracer today")

    monkeypatch.setattr(trace, "get_tracer", broken)
    monkeypatch.setattr(telemetry, "_failures", failures := Failures())
    assert score(STAY).impression == score(STAY).impression == 54.92
    (record,) = caplog.records
    assert record.message.startswith("telemetry failed (RuntimeError in broken, line ")
    assert "no tracer today" not in caplog.text
    assert failures.counts == {("telemetry", "RuntimeError"): 2}


def test_the_span_has_a_switch(exporter: InMemorySpanExporter) -> None:
    assert score(STAY, traces=False).impression == 54.92
    frames.score(LOG, traces=False)
    assert exporter.get_finished_spans() == ()


LOG = pl.DataFrame(
    {
        "journey": ["reservation-77", "reservation-77", "reservation-78"],
        "touchpoint": ["hotel.valet", "hotel.room", "hotel.room"],
        "anticipated": [0.6, 0.8, 0.7],
        "delivered": [0.9, 0.5, 0.7],
    }
)


@pytest.mark.parametrize("average", ["touchpoints", "journeys"])
def test_a_log_is_one_span(exporter: InMemorySpanExporter, average: Any) -> None:
    frames.score(LOG, by="touchpoint", average=average)
    (span,) = exporter.get_finished_spans()
    assert span.name == "journey score"
    assert dict(span.attributes or {}) == {
        "journeyscore.policy.fingerprint": Policy().fingerprint,
        "journeyscore.touchpoint.count": 3,
    }


def test_a_lazy_log_stays_lazy(exporter: InMemorySpanExporter) -> None:
    assert isinstance(frames.score(LOG.lazy()), pl.LazyFrame)
    (span,) = exporter.get_finished_spans()
    assert dict(span.attributes or {}) == {"journeyscore.policy.fingerprint": Policy().fingerprint}


def test_folds_of_a_log_are_silent(exporter: InMemorySpanExporter) -> None:
    frames.fold(LOG)
    frames.market(LOG)
    assert exporter.get_finished_spans() == ()
