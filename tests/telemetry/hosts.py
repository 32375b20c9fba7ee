"""A host with an SDK: everything a tracker tells, in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from journeyscore.live import Telemetry


class Host:
    """In-memory exporters of all three signals, and a Telemetry that goes to them."""

    def __init__(self, **switches: bool) -> None:
        self.span_exporter = InMemorySpanExporter()
        self.tracer_provider = TracerProvider(shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self.span_exporter))
        self.log_exporter = InMemoryLogRecordExporter()
        self.logger_provider = LoggerProvider(shutdown_on_exit=False)
        self.logger_provider.add_log_record_processor(SimpleLogRecordProcessor(self.log_exporter))
        self.reader = InMemoryMetricReader()
        self.meter_provider = MeterProvider([self.reader], shutdown_on_exit=False)
        self.telemetry = Telemetry(
            tracer_provider=self.tracer_provider,
            logger_provider=self.logger_provider,
            meter_provider=self.meter_provider,
            **switches,  # type: ignore[arg-type]
        )

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        """The finished spans by name, the last of each."""
        return {span.name: span for span in self.span_exporter.get_finished_spans()}

    @property
    def events(self) -> list[tuple[str | None, dict[str, Any]]]:
        """Name and attributes of each log event."""
        return [
            (each.log_record.event_name, dict(each.log_record.attributes or {}))
            for each in self.log_exporter.get_finished_logs()
        ]

    def metrics(self) -> Iterator[Any]:
        """Each metric, with its points."""
        data = self.reader.get_metrics_data()
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                assert scope.scope.name == "journeyscore"
                yield from scope.metrics

    def points(self, name: str) -> list[tuple[dict[str, Any], float]]:
        """Attributes and value (of histograms, the sum) of each point of a metric."""
        return [
            (dict(point.attributes), point.value if hasattr(point, "value") else point.sum)
            for metric in self.metrics()
            if metric.name == name
            for point in metric.data.data_points
        ]

    def exported(self) -> str:
        """Everything that left, as text."""
        data = self.reader.get_metrics_data()
        return "\n".join(
            [
                *(span.to_json() for span in self.span_exporter.get_finished_spans()),
                *(each.to_json() for each in self.log_exporter.get_finished_logs()),
                *(each.log_record.to_json() for each in self.log_exporter.get_finished_logs()
                  if hasattr(each.log_record, "to_json")),
                data.to_json() if data else "",
            ]
        )  # fmt: skip
