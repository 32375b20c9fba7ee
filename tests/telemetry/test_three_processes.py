"""Three real processes share a stay, and a real OTLP receiver hears all they tell over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from examples.hotel.arrival.guest import STAY, stays
from examples.hotel.arrival.processes import free_port, running
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from journeyscore import Journey, Policy, Touchpoint, score
from journeyscore.convert import from_data

oteltap = pytest.importorskip("oteltap", reason="the receiver oteltap runs on x86-64 only")

pytestmark = pytest.mark.xdist_group("otlp")  # one worker, so that the fixture is made once

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Heard:
    """Everything that the receiver was told."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.events: list[LogRecord] = []
        self.metrics: list[Metric] = []
        self.answers: list[dict[str, Any]] = []

    def named(self, name: str) -> Span:
        (span,) = [span for span in self.spans if span.name == name]
        return span


async def listen() -> Heard:
    """The stay, played with the receiver on."""
    heard, port = Heard(), free_port()
    settings = oteltap.OtelTapHttpProtobufReceiverSettings(http_port=port)

    def play() -> None:
        with running(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}") as addresses:
            heard.answers += [step.answer for step in stays(addresses, since=NOON)]

    async def keep(stream: AsyncIterator[Any], into: list[Any]) -> None:
        async for each in stream:
            into.append(each)

    async with oteltap.OtelTapHttpProtobufReceiver(settings) as receiver:
        streams = [
            asyncio.create_task(keep(receiver.stream_traces(), heard.spans)),
            asyncio.create_task(keep(receiver.stream_logs(), heard.events)),
            asyncio.create_task(keep(receiver.stream_metrics(), heard.metrics)),
        ]
        await asyncio.sleep(0)  # they subscribe
        await asyncio.to_thread(play)
        size = -1
        while size != (size := len(heard.spans) + len(heard.events) + len(heard.metrics)):
            await asyncio.sleep(0.6)  # what was received is polled every quarter of a second
    await asyncio.gather(*streams)
    return heard


@pytest.fixture(scope="module")
def heard() -> Heard:
    return asyncio.run(listen())


def plain(told: Any) -> dict[str, Any]:
    """Attributes as plain values; those of OTLP have a type each."""
    return {
        each.key: getattr(each.value, str(each.value.WhichOneof("value")))
        for each in told.attributes
    }


def typed(told: dict[str, Any]) -> dict[str, tuple[type, object]]:
    return {name: (type(value), value) for name, value in told.items()}


def ref(heard: Heard) -> str:
    return str(plain(heard.named("journey open stay"))["journeyscore.journey.id"])


def about(heard: Heard) -> dict[str, Any]:
    return {"journeyscore.journey.id": ref(heard), "journeyscore.journey.type": "stay"}


TOLD: dict[str, dict[str, Any]] = {
    name: {
        "journeyscore.touchpoint.name": touchpoint,
        "journeyscore.touchpoint.anticipated": anticipated,
        "journeyscore.touchpoint.delivered": delivered,
        "journeyscore.touchpoint.value": value,
        "journeyscore.touchpoint.effect": effect,
        "journeyscore.touchpoint.weight": 1.0,
        "journeyscore.touchpoint.basis": basis,
        "journeyscore.touchpoint.outcome": outcome,
        "journeyscore.moment.matters": kind is not None,
        **({} if kind is None else {"journeyscore.moment.kind": kind}),
    }
    for name, touchpoint, anticipated, delivered, value, effect, basis, outcome, kind in (
        ("valet", "hotel.valet", 0.7917, 0.95, 95.6, 16.43, "assumed", "extra_mile", None),
        ("check-in", "hotel.front_desk", 0.9167, 0.9334, 93.75, 2.08, "promised", "met", None),
        ("bags", "hotel.bellman", 0.6667, 0.4333, 18.66, -48.01, "promised", "fell_short", "broke"),
        (
            "amends",
            "hotel.front_desk",
            0.75,
            1.0,
            100.0,
            25.0,
            "assumed",
            "extra_mile",
            "recovered",
        ),
        ("checkout", "hotel.checkout", 0.75, 0.75, 75.0, 0.0, "assumed", "met", None),
    )
}
"""What is told of each touchpoint, in the order of the stay."""

MINUTES = {"valet": 3, "check-in": 10, "bags": 20, "amends": 20, "checkout": 1440}

SCORED: dict[str, Any] = {
    "journeyscore.journey.state": "closed",
    "journeyscore.impression": 76.76,
    "journeyscore.par": 78.13,
    "journeyscore.delivered": 76.67,
    "journeyscore.consistency": 85.49,
    "journeyscore.known_share": 0.5,
    "journeyscore.verdict": "satisfied",
    "journeyscore.policy.fingerprint": Policy().fingerprint,
    "journeyscore.touchpoint.count": 4,
}


def touchpoints(heard: Heard) -> dict[str, Span]:
    """The spans of the touchpoints, by the names above."""
    spans = sorted(heard.spans, key=lambda span: span.start_time_unix_nano)
    found = [span for span in spans if span.name.startswith("touchpoint ")]
    return dict(zip(TOLD, found, strict=True))


def test_whole_attribute_dictionaries_of_the_spans(heard: Heard) -> None:
    ours = [span for span in heard.spans if not span.name.startswith("POST ")]
    assert len(ours) == 7
    for name, span in touchpoints(heard).items():
        assert span.name == f"touchpoint {TOLD[name]['journeyscore.touchpoint.name']}"
        assert typed(plain(span)) == typed({**about(heard), **TOLD[name]})
    assert typed(plain(heard.named("journey open stay"))) == typed(about(heard))
    assert typed(plain(heard.named("journey score stay"))) == typed({**about(heard), **SCORED})
    for span in ours:
        assert span.kind == Span.SPAN_KIND_INTERNAL
        assert span.status.code == Status.STATUS_CODE_UNSET  # a bad stay is no error


def identity(of: Any) -> tuple[bytes, bytes]:
    return (of.trace_id, of.span_id)


def test_links_are_equal_to_the_origin(heard: Heard) -> None:
    origin = heard.named("journey open stay")
    for span in touchpoints(heard).values():
        (link,) = span.links
        assert identity(link) == identity(origin)
        assert (link.trace_state, list(link.attributes)) == (origin.trace_state, [])
    desk = touchpoints(heard)
    assert [identity(link) for link in heard.named("journey score stay").links] == [
        *(identity(desk[name]) for name in ("check-in", "amends", "checkout")),
        identity(origin),
    ]


def test_each_request_is_a_trace_across_the_processes(heard: Heard) -> None:
    traces: dict[bytes, list[str]] = {}
    for span in sorted(heard.spans, key=lambda span: span.start_time_unix_nano):
        traces.setdefault(span.trace_id, []).append(span.name)
    assert list(traces.values()) == [
        ["POST /ring", "journey open stay", "POST /fetch"],
        ["POST /at-the-door", "touchpoint hotel.valet", "POST /bags"],
        ["POST /check-in", "touchpoint hotel.front_desk"],
        ["POST /in-the-room", "touchpoint hotel.bellman", "POST /amends",
         "touchpoint hotel.front_desk"],
        ["POST /departure", "touchpoint hotel.checkout", "POST /part", "POST /part",
         "journey score stay"],
    ]  # fmt: skip


def test_log_events_at_their_time_within_their_span(heard: Heard) -> None:
    events = sorted(heard.events, key=lambda event: event.observed_time_unix_nano)
    assert [event.event_name for event in events] == [
        *["journeyscore.touchpoint.scored"] * 5,
        "journeyscore.journey.scored",
        "journeyscore.journey.closed",
    ]
    fingerprint = {"journeyscore.policy.fingerprint": Policy().fingerprint}
    expected = [{**about(heard), **told, **fingerprint} for told in TOLD.values()]
    expected.append({**about(heard), **SCORED})
    brief = ("journeyscore.journey.state", "journeyscore.touchpoint.count")
    expected.append({**about(heard), **fingerprint, **{name: SCORED[name] for name in brief}})
    assert [typed(plain(event)) for event in events] == [typed(told) for told in expected]
    spans = [*touchpoints(heard).values(), *[heard.named("journey score stay")] * 2]
    assert [identity(event) for event in events] == [identity(span) for span in spans]
    minutes = [*MINUTES.values(), 1440, 1440]
    assert [event.time_unix_nano for event in events] == [
        int((NOON + timedelta(minutes=minute)).timestamp()) * 10**9 for minute in minutes
    ]
    assert {event.severity_text for event in events} == {"INFO"}
    assert {event.body.WhichOneof("value") for event in events} == {None}


def points(heard: Heard, name: str) -> list[tuple[dict[str, Any], float]]:
    """The points of a metric of all processes: attributes, and value or sum."""
    found = []
    for metric in heard.metrics:
        if metric.name == name:
            of = metric.sum if metric.HasField("sum") else metric.histogram
            found += [
                (plain(point), point.as_int if metric.HasField("sum") else point.sum)
                for point in of.data_points
            ]
    return sorted(found, key=repr)


def test_metrics_of_all_processes(heard: Heard) -> None:
    kind = {"journeyscore.journey.type": "stay"}

    def told(name: str, *more: str) -> dict[str, Any]:
        names = ("journeyscore.touchpoint.name", *more)
        return {**kind, **{each: TOLD[name][each] for each in names}}

    outcome, matters = "journeyscore.touchpoint.outcome", "journeyscore.moment.matters"
    assert points(heard, "journeyscore.touchpoints") == sorted(
        [(told(name, outcome, matters), 1) for name in TOLD], key=repr
    )
    assert points(heard, "journeyscore.touchpoint.effect.magnitude") == sorted(
        [(told(name, outcome), abs(TOLD[name]["journeyscore.touchpoint.effect"])) for name in TOLD],
        key=repr,
    )
    assert points(heard, "journeyscore.touchpoint.value") == sorted(
        [(told("valet"), 95.6), (told("bags"), 18.66), (told("checkout"), 75.0),
         (told("check-in"), 93.75 + 100.0)],
        key=repr,
    )  # fmt: skip
    # the whole stay, once, from the process that closed it
    assert points(heard, "journeyscore.journey.impression") == [(kind, 76.76)]
    assert points(heard, "journeyscore.journey.consistency") == [(kind, 85.49)]
    closed = {**kind, "journeyscore.journey.state": "closed"}
    assert points(heard, "journeyscore.journey.duration") == [(closed, 86400.0)]
    assert [told for told, _ in points(heard, "journeyscore.score.duration")] == [kind]
    assert points(heard, "journeyscore.score.errors") == []


def test_what_was_told_is_the_score_of_the_same_events(heard: Heard) -> None:
    events = [from_data(each, Touchpoint) for each in heard.answers[-1]["events"]]
    offline = score(Journey("offline", events, ref=ref(heard), type="stay")).attributes()
    assert plain(heard.named("journey score stay")) == dict(offline)


def test_the_hotels_own_id_of_the_stay_is_nowhere(heard: Heard) -> None:
    sent = [each.SerializeToString() for each in (*heard.spans, *heard.events, *heard.metrics)]
    assert any(ref(heard).encode() in each for each in sent)
    assert not any(STAY.encode() in each for each in sent)
