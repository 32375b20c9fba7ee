"""What a careful host would write itself to emit what `Tracker` does of a touchpoint, no less."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time_ns
from typing import Any

from opentelemetry import trace
from opentelemetry._logs import SeverityNumber

from journeyscore import Touchpoint, Tracker, __version__, fold
from journeyscore.live import Telemetry
from journeyscore.moments import moment_kind, outcome
from journeyscore.policy import DEFAULT_POLICY
from journeyscore.telemetry.semconv import SCHEMA_URL
from journeyscore.valuation import Valuer

Arguments = list[tuple[str, Any, float]]

REF = "a1b2c3d4e5f60718"
MAGNITUDES, VALUES = (0, 5, 10, 15, 20, 25, 40, 60, 100), tuple(range(10, 101, 10))


class ByHand:
    """A span, a log event and three instruments for each touchpoint, `Valuer` for the numbers."""

    def __init__(self, tracers: Any, loggers: Any, meters: Any) -> None:
        scope, schema = ("journeyscore", __version__), {"schema_url": SCHEMA_URL}
        self.tracer = tracers.get_tracer(*scope, **schema)
        self.logger = loggers.get_logger(*scope, **schema)
        meter = meters.get_meter(*scope, **schema)
        self.count = meter.create_counter(
            "journeyscore.touchpoints", "{touchpoint}", "Touchpoints that came to count."
        )
        self.effect = meter.create_histogram(
            "journeyscore.touchpoint.effect.magnitude",
            "{point}",
            "How far a touchpoint lay from what was anticipated; the outcome says on which side.",
            explicit_bucket_boundaries_advisory=MAGNITUDES,
        )
        self.value = meter.create_histogram(
            "journeyscore.touchpoint.value",
            "{point}",
            "What touchpoints scored.",
            explicit_bucket_boundaries_advisory=VALUES,
        )
        self.valuer = Valuer()
        self.fingerprint = DEFAULT_POLICY.fingerprint

    def __call__(self, given: Arguments) -> int:
        """Build, fold and tell of the touchpoints of a journey; nanoseconds of the processor."""
        origin = self.tracer.start_span("journey open stay")
        origin.set_attributes({"journeyscore.journey.id": REF, "journeyscore.journey.type": "stay"})
        origin.end()
        links = (trace.Link(origin.get_span_context()),)
        touchpoints = []
        start = process_time_ns()
        for name, anticipated, delivered in given:
            touchpoint = Touchpoint(name, anticipated=anticipated, delivered=delivered)
            touchpoints.append(touchpoint)
            told = self.tell(touchpoint, links)
        fold(touchpoints)
        took = process_time_ns() - start
        self.close(told, links * (len(given) + 1))
        return took

    def tell(self, touchpoint: Touchpoint, links: tuple[Any, ...]) -> dict[str, Any]:
        """A span, an event, and three measures."""
        worth = self.valuer.worth(touchpoint)
        assert worth is not None
        at = touchpoint.at or datetime.now(UTC)
        span = self.tracer.start_span("touchpoint " + touchpoint.name, links=links)
        how = outcome(touchpoint, worth.delivered, self.valuer.zone(touchpoint)).value
        kind = moment_kind(worth.effect, worth.effect, 2500, 4000)
        told = {
            "journeyscore.journey.id": REF,
            "journeyscore.journey.type": "stay",
            "journeyscore.touchpoint.name": touchpoint.name,
            "journeyscore.touchpoint.anticipated": worth.par / 10000,
            "journeyscore.touchpoint.delivered": worth.delivered / 10000,
            "journeyscore.touchpoint.value": worth.value / 100,
            "journeyscore.touchpoint.effect": worth.effect / 100,
            "journeyscore.touchpoint.weight": touchpoint.weight,
            "journeyscore.touchpoint.basis": worth.basis.value,
            "journeyscore.touchpoint.outcome": how,
            "journeyscore.moment.matters": kind is not None,
        }
        if kind is not None:
            told["journeyscore.moment.kind"] = kind.value
        for name, said in (("stage", touchpoint.stage), ("channel", touchpoint.channel)):
            if said is not None:
                told[f"journeyscore.touchpoint.{name}"] = said
        span.set_attributes(told)
        self.logger.emit(
            timestamp=int(at.timestamp() * 1_000_000) * 1000,
            context=trace.set_span_in_context(span),
            severity_number=SeverityNumber.INFO,
            severity_text="INFO",
            attributes={**told, "journeyscore.policy.fingerprint": self.fingerprint},
            event_name="journeyscore.touchpoint.scored",
        )
        span.end()
        of = {
            "journeyscore.journey.type": "stay",
            "journeyscore.touchpoint.name": touchpoint.name,
        }
        with_outcome = {**of, "journeyscore.touchpoint.outcome": how}
        self.count.add(1, {**with_outcome, "journeyscore.moment.matters": kind is not None})
        self.effect.record(abs(worth.effect) / 100, with_outcome)
        self.value.record(worth.value / 100, of)
        return told

    def close(self, told: dict[str, Any], links: tuple[Any, ...]) -> None:
        """The span and the two events of a close, not timed: exporting them costs both alike."""
        span = self.tracer.start_span("journey score stay", links=links)
        span.set_attributes(told)
        for name in ("journeyscore.journey.scored", "journeyscore.journey.closed"):
            self.logger.emit(attributes=told, event_name=name)
        span.end()


def check(given: Arguments) -> None:
    """See that both emit the same of the touchpoints: whole dictionaries, in one order.

    Raises:
        AssertionError: they do not, and a comparison of what they cost would mean nothing.
    """

    def by_hand(providers: tuple[Any, Any, Any]) -> None:
        ByHand(*providers)(given)

    def tracked(providers: tuple[Any, Any, Any]) -> None:
        tracers, loggers, meters = providers
        telemetry = Telemetry(
            tracer_provider=tracers, logger_provider=loggers, meter_provider=meters
        )
        journey = Tracker(telemetry=telemetry, ref=lambda _: REF).journey("stay-1", type="stay")
        for name, anticipated, delivered in given:
            journey.record(Touchpoint(name, anticipated=anticipated, delivered=delivered))

    hand, ours = _emitted(by_hand), _emitted(tracked)
    for signal, told in hand.items():
        assert told == ours[signal], f"{signal}: by hand {told}, tracked {ours[signal]}"
        assert len(told) >= 3, f"{signal}: nothing to compare"


def _emitted(work: Any) -> dict[str, Any]:
    """What is told of touchpoints, by signal, times left out."""
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    spans, logs, reader = (
        InMemorySpanExporter(),
        InMemoryLogRecordExporter(),
        InMemoryMetricReader(),
    )
    tracers, loggers, meters = TracerProvider(), LoggerProvider(), MeterProvider([reader])
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    loggers.add_log_record_processor(SimpleLogRecordProcessor(logs))
    work((tracers, loggers, meters))
    found = [span for span in spans.get_finished_spans() if span.name.startswith("touchpoint ")]
    place = {span.context.span_id: n for n, span in enumerate(found)}
    origin = spans.get_finished_spans()[0].context
    data = reader.get_metrics_data()
    assert data is not None
    return {
        "spans": [
            (span.name, span.kind, dict(span.attributes or {}), span.instrumentation_scope,
             [link.context == origin for link in span.links], span.status.status_code)
            for span in found
        ],
        "events": [
            (record.event_name, record.severity_number, record.severity_text, record.body,
             dict(record.attributes or {}), place[record.span_id], record.timestamp is not None)
            for each in logs.get_finished_logs()
            if (record := each.log_record).event_name == "journeyscore.touchpoint.scored"
        ],
        "metrics": [
            (metric.name, metric.unit, metric.description, scope.scope,
             [(dict(point.attributes), getattr(point, "value", None), getattr(point, "sum", None),
               getattr(point, "explicit_bounds", None)) for point in metric.data.data_points])
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name.startswith("journeyscore.touchpoint")
        ],
    }  # fmt: skip
