"""A collector in miniature: receives OTLP over HTTP, and keeps what it got.

In a house of your own this is an OpenTelemetry Collector, Tempo, Jaeger, or a vendor's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Received(NamedTuple):
    """A span or log record, with the process it came from."""

    process: str
    what: Any

    @property
    def attributes(self) -> dict[str, Any]:
        """Its attributes as plain values."""
        return {
            each.key: getattr(each.value, str(each.value.WhichOneof("value")))
            for each in self.what.attributes
        }


class Collector:
    """What was received: spans and log events, in the order in which they began."""

    def __init__(self) -> None:
        self._spans: list[Received] = []
        self._events: list[Received] = []

    @property
    def spans(self) -> list[Received]:
        """The spans so far."""
        return sorted(self._spans, key=lambda each: each.what.start_time_unix_nano)

    @property
    def events(self) -> list[Received]:
        """The log events so far."""
        return sorted(self._events, key=lambda each: each.what.time_unix_nano)

    def take(self, path: str, body: bytes) -> None:
        """Keep what one request of an exporter holds."""
        if path == "/v1/traces":
            for of in ExportTraceServiceRequest.FromString(body).resource_spans:
                for spans in of.scope_spans:
                    self._spans += [Received(_process(of), span) for span in spans.spans]
        elif path == "/v1/logs":
            for logged in ExportLogsServiceRequest.FromString(body).resource_logs:
                for records in logged.scope_logs:
                    self._events += [
                        Received(_process(logged), each) for each in records.log_records
                    ]
        else:
            ExportMetricsServiceRequest.FromString(body)  # Prometheus is shown these


def _process(of: Any) -> str:
    attributes = {each.key: each.value.string_value for each in of.resource.attributes}
    return str(attributes["service.name"])


@contextmanager
def collecting() -> Iterator[tuple[Collector, str]]:
    """A collector while it listens, and its address for OTEL_EXPORTER_OTLP_ENDPOINT."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing of requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
