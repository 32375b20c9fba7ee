"""What the three processes have in common: the clock, the way they talk, the way they are watched.

Only `observe` and `tracker` matter to a system of your own. The clock is that of the story: each
request says what time it is in the hotel, so that half an hour passes at once and every run of the
story comes to the same numbers.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from opentelemetry import _logs, metrics, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import make_asgi_app
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from journeyscore import Tracker, minutes
from journeyscore.live import Moment, TrackedJourney

WAIT = minutes(best=0, worst=30)
"""How every wait in this hotel is judged."""

Handler = Callable[[Request, dict[str, Any]], Awaitable[dict[str, Any]]]
"""What a process does when it is called: from the request and its body to the answer."""


def address(of: str) -> str:
    """Where a process listens: HOTEL_VALET, HOTEL_BELLMAN, HOTEL_FRONT_DESK."""
    return os.environ[f"HOTEL_{of.upper()}"]


# -- watched: the OpenTelemetry of a host, as a host sets it up ----------------------------------


def observe(process: str) -> Callable[[], None]:
    """Traces, logs and metrics to OTEL_EXPORTER_OTLP_ENDPOINT, if set; metrics to Prometheus too.

    journeyscore needs none of this, and finds it by itself.

    Returns:
        What sends the rest, when the process ends.
    """
    resource = Resource.create({"service.name": process})
    tracing, logging = TracerProvider(resource=resource), LoggerProvider(resource=resource)
    readers: list[Any] = [PrometheusMetricReader()]
    if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:
        tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        logging.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
        readers.append(PeriodicExportingMetricReader(OTLPMetricExporter()))
    metering = MeterProvider(readers, resource=resource)
    trace.set_tracer_provider(tracing)
    _logs.set_logger_provider(logging)
    metrics.set_meter_provider(metering)

    def send_the_rest() -> None:
        for provider in (tracing, logging, metering):
            provider.shutdown()

    return send_the_rest


def tracker(on_moment: Callable[[Moment], object] | None = None) -> Tracker:
    """The tracker of a process: one for each, all with the same key."""
    return Tracker(on_moment, key=os.environ["HOTEL_KEY"].encode(), clock=now)


def application(process: str, handlers: Mapping[str, Handler]) -> ASGIApp:
    """A process as an ASGI application: its handlers, `/metrics`, spans around each request."""
    send_the_rest = observe(process)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        send_the_rest()

    routes: list[Any] = [
        Route(path, _endpoint(handler), methods=["POST"]) for path, handler in handlers.items()
    ]
    routes.append(Mount("/metrics", make_asgi_app()))
    app = Starlette(routes=routes, lifespan=lifespan)
    return OpenTelemetryMiddleware(
        _in_the_time_of_the_story(app),
        excluded_urls="metrics",
        exclude_spans=["receive", "send"],
        meter_provider=NoOpMeterProvider(),
    )


def _endpoint(handler: Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def endpoint(request: Request) -> JSONResponse:
        return JSONResponse(await handler(request, await request.json()))

    return endpoint


# -- talking: the journey goes along in the headers ----------------------------------------------


async def call(process: str, path: str, stay: TrackedJourney, **body: Any) -> dict[str, Any]:
    """Ask another process something about a stay.

    `inject` writes the reference of the journey, which holds its origin, and the W3C trace context
    of the current span.
    """
    headers = {CLOCK: now().isoformat()}
    stay.inject(headers)
    async with httpx.AsyncClient(base_url=address(process), trust_env=False, timeout=30) as client:
        answer = (
            await client.post(path, headers=headers, json={"stay": stay.id, **body})
        ).raise_for_status()
    said: dict[str, Any] = answer.json()
    return said


# -- the clock of the story ----------------------------------------------------------------------

CLOCK = "hotel-clock"
"""The header that says what time it is in the hotel."""

_time: ContextVar[datetime] = ContextVar("time of the story")


def now() -> datetime:
    """What time it is in the hotel; a tracker of your own needs no clock."""
    return _time.get(datetime.now(UTC))


def pass_minutes(many: float) -> None:
    """Let time go by."""
    _time.set(now() + timedelta(minutes=many))


def _in_the_time_of_the_story(app: ASGIApp) -> ASGIApp:
    async def in_time(scope: Scope, receive: Receive, send: Send) -> None:
        told = dict(scope.get("headers", ())).get(CLOCK.encode())
        if told is not None:
            _time.set(datetime.fromisoformat(told.decode()))
        await app(scope, receive, send)

    return in_time
