"""The telemetry contract: whole attribute dictionaries with types, links, metrics, switches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from telemetry.hosts import Host

from journeyscore import (
    Journey,
    Policy,
    Touchpoint,
    Tracker,
    __version__,
    minutes,
    promised,
    score,
)
from journeyscore.telemetry import semconv
from journeyscore.telemetry.instruments import MOST_POINTS

WAIT = minutes(best=0, worst=30)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VALET = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, at=NOON, channel="in person")
DESK = Touchpoint(
    "hotel.front_desk", anticipated=promised(0.8), delivered=0.5, at=NOON, stage="arrival",
    team="early shift", weight=2.0,
)  # fmt: skip


def typed(attributes: Any) -> dict[str, tuple[type, object]]:
    """Attributes with the type of each: True is not 1, and 70 not 70.0."""
    return {name: (type(value), value) for name, value in dict(attributes or {}).items()}


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


def stay(host: Host, **tracker: Any) -> Any:
    """A stay with one contact that went well and one that broke it; open for two hours."""
    clock = Clock()
    journey = Tracker(telemetry=host.telemetry, clock=clock, strict=True, **tracker).journey(
        "reservation-77", type="stay", site="old-town", customer="c-1"
    )
    journey.record(VALET)
    journey.record(DESK)
    clock.time += timedelta(hours=2)
    return journey


def test_touchpoint_spans() -> None:
    host = Host()
    journey = stay(host)
    about = {"journeyscore.journey.id": journey.ref, "journeyscore.journey.type": "stay"}
    assert typed(host.spans["journey open stay"].attributes) == typed(about)
    assert typed(host.spans["touchpoint hotel.valet"].attributes) == typed(
        {
            **about,
            "journeyscore.touchpoint.name": "hotel.valet",
            "journeyscore.touchpoint.channel": "in person",
            "journeyscore.touchpoint.anticipated": 0.6,
            "journeyscore.touchpoint.delivered": 0.9,
            "journeyscore.touchpoint.value": 91.04,
            "journeyscore.touchpoint.effect": 31.04,
            "journeyscore.touchpoint.weight": 1.0,
            "journeyscore.touchpoint.basis": "assumed",
            "journeyscore.touchpoint.outcome": "extra_mile",
            "journeyscore.moment.matters": False,
        }
    )
    assert typed(host.spans["touchpoint hotel.front_desk"].attributes) == typed(DESK_TOLD(about))


def DESK_TOLD(about: dict[str, Any]) -> dict[str, Any]:
    return {
        **about,
        "journeyscore.touchpoint.name": "hotel.front_desk",
        "journeyscore.touchpoint.stage": "arrival",
        "journeyscore.touchpoint.anticipated": 0.8,
        "journeyscore.touchpoint.delivered": 0.5,
        "journeyscore.touchpoint.value": 18.8,
        "journeyscore.touchpoint.effect": -61.2,
        "journeyscore.touchpoint.weight": 2.0,
        "journeyscore.touchpoint.basis": "promised",
        "journeyscore.touchpoint.outcome": "fell_short",
        "journeyscore.moment.matters": True,
        "journeyscore.moment.kind": "broke",
    }


def test_the_span_of_a_close_and_its_links() -> None:
    host = Host()
    journey = stay(host)
    card = journey.close()
    assert card is not None
    spans = host.spans
    origin = spans["journey open stay"].context
    for name in ("touchpoint hotel.valet", "touchpoint hotel.front_desk"):
        (link,) = spans[name].links
        assert link.context == origin and link.context.trace_id != spans[name].context.trace_id
        assert spans[name].kind is SpanKind.INTERNAL
        assert spans[name].status.status_code is StatusCode.UNSET  # a bad stay is no error
    closed = spans["journey score stay"]
    assert [link.context for link in closed.links] == [
        spans["touchpoint hotel.valet"].context,
        spans["touchpoint hotel.front_desk"].context,
        origin,
    ]
    assert typed(closed.attributes) == typed(
        {
            "journeyscore.journey.id": journey.ref,
            "journeyscore.journey.type": "stay",
            "journeyscore.journey.state": "closed",
            "journeyscore.impression": 42.88,
            "journeyscore.par": 73.33,
            "journeyscore.delivered": 63.33,
            "journeyscore.consistency": card.consistency,
            "journeyscore.known_share": 0.6667,
            "journeyscore.verdict": "dissatisfied",
            "journeyscore.policy.fingerprint": Policy().fingerprint,
            "journeyscore.touchpoint.count": 2,
        }
    )
    scope = closed.instrumentation_scope
    assert scope is not None
    assert (scope.name, scope.version, scope.schema_url) == (
        "journeyscore", __version__, semconv.SCHEMA_URL,
    )  # fmt: skip


def test_a_score_has_at_most_128_links_and_the_origin_last() -> None:
    host = Host()
    journey = stay(host)
    for _ in range(200):
        journey.record(VALET)
    journey.score()
    links = host.spans["journey score stay"].links
    spans = host.span_exporter.get_finished_spans()
    assert len(links) == 128
    assert links[-1].context == spans[0].context
    assert [link.context for link in links[:-1]] == [span.context for span in spans[-128:-1]]


def test_events() -> None:
    host = Host()
    journey = stay(host)
    journey.close()
    names = [name for name, _ in host.events]
    assert names == [
        "journeyscore.touchpoint.scored",
        "journeyscore.touchpoint.scored",
        "journeyscore.journey.scored",
        "journeyscore.journey.closed",
    ]
    fingerprint = {"journeyscore.policy.fingerprint": Policy().fingerprint}
    about = {"journeyscore.journey.id": journey.ref, "journeyscore.journey.type": "stay"}
    _, desk, scored, closed = (told for _, told in host.events)
    assert typed(desk) == typed({**DESK_TOLD(about), **fingerprint})
    assert typed(scored) == typed(host.spans["journey score stay"].attributes)
    assert typed(closed) == typed(
        {
            **about, **fingerprint,
            "journeyscore.journey.state": "closed", "journeyscore.touchpoint.count": 2,
        }
    )  # fmt: skip
    for each in host.log_exporter.get_finished_logs():
        assert each.log_record.severity_text == "INFO"
        assert each.instrumentation_scope.schema_url == semconv.SCHEMA_URL
        assert each.instrumentation_scope.version == __version__
    first, *_, last = host.log_exporter.get_finished_logs()
    assert first.log_record.timestamp == int(NOON.timestamp()) * 10**9
    assert last.log_record.timestamp == int(NOON.timestamp() + 7200) * 10**9
    assert first.log_record.span_id == host.spans["touchpoint hotel.valet"].context.span_id
    assert first.log_record.trace_id == host.spans["touchpoint hotel.valet"].context.trace_id


def test_metrics_have_the_names_units_buckets_and_attributes_of_the_contract() -> None:
    host = Host()
    stay(host).close()
    kind = {"journeyscore.journey.type": "stay"}
    name = "journeyscore.touchpoint.name"
    outcome, matters = "journeyscore.touchpoint.outcome", "journeyscore.moment.matters"
    valet, desk = {**kind, name: "hotel.valet"}, {**kind, name: "hotel.front_desk"}
    good = {**valet, outcome: "extra_mile"}
    bad = {**desk, outcome: "fell_short"}
    assert sorted(map(repr, host.points("journeyscore.touchpoints"))) == sorted(
        map(repr, [
            ({**kind, name: "hotel.valet", "journeyscore.touchpoint.channel": "in person",
              outcome: "extra_mile", matters: False}, 1),
            ({**kind, name: "hotel.front_desk", "journeyscore.touchpoint.stage": "arrival",
              outcome: "fell_short", matters: True}, 1),
        ])
    )  # fmt: skip
    assert host.points("journeyscore.touchpoint.effect.magnitude") == [(good, 31.04), (bad, 61.2)]
    assert host.points("journeyscore.touchpoint.value") == [(valet, 91.04), (desk, 18.8)]
    assert host.points("journeyscore.journey.impression") == [(kind, 42.88)]
    closed = {**kind, "journeyscore.journey.state": "closed"}
    assert host.points("journeyscore.journey.duration") == [(closed, 7200.0)]
    ((told, took),) = host.points("journeyscore.score.duration")
    assert told == kind and 0 < took < 1
    assert host.points("journeyscore.score.errors") == []
    points = tuple(range(10, 101, 10))
    expected = {
        "journeyscore.touchpoints": ("{touchpoint}", None),
        "journeyscore.touchpoint.effect.magnitude": (
            "{point}", (0, 5, 10, 15, 20, 25, 40, 60, 100),
        ),
        "journeyscore.touchpoint.value": ("{point}", points),
        "journeyscore.journey.impression": ("{point}", points),
        "journeyscore.journey.consistency": ("{point}", points),
        "journeyscore.journey.duration": (
            "s", (3600, 21600, 86400, 172800, 345600, 604800, 1209600),
        ),
        "journeyscore.score.duration": ("s", (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5)),
    }  # fmt: skip
    found = {
        each.name: (
            each.unit,
            tuple(each.data.data_points[0].explicit_bounds)
            if hasattr(each.data.data_points[0], "explicit_bounds")
            else None,
        )
        for each in host.metrics()
    }
    assert found == expected


def test_a_failure_is_counted_by_its_class() -> None:
    host = Host()
    tracker = Tracker(telemetry=host.telemetry)
    tracker.record("stay-1", "not a touchpoint")  # type: ignore[arg-type]
    tracker.deliver("not a token")
    errors = {"journeyscore.errors.WrongType": 1, "journeyscore.errors.InvalidToken": 1}
    found = host.points("journeyscore.score.errors")
    assert {told["error.type"]: count for told, count in found} == errors


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
def test_a_switch_for_each_signal(signal: str) -> None:
    host = Host(**{signal: False})
    stay(host).close()
    told = {
        "traces": bool(host.spans),
        "logs": bool(host.events),
        "metrics": any(True for _ in host.metrics()),
    }
    assert told == {"traces": True, "logs": True, "metrics": True, signal: False}


def test_what_is_off_by_default_can_be_switched_on() -> None:
    host = Host(team=True, site=True, explanation=True)
    stay(host).close()
    desk = host.spans["touchpoint hotel.front_desk"].attributes or {}
    assert desk["journeyscore.team"] == "early shift" and desk["journeyscore.site"] == "old-town"
    closed = host.spans["journey score stay"].attributes or {}
    assert closed["journeyscore.site"] == "old-town"
    assert "broke it: front desk, promised 80" in str(closed["journeyscore.explanation"])
    assert "old-town" not in str([host.points(name) for name in semconv.METRICS])


def test_a_missed_touchpoint_and_one_outside_every_catalogue() -> None:
    host = Host()
    tracker = Tracker(telemetry=host.telemetry)
    tracker.record("s", Touchpoint("hotel.valet", anticipated=0.8, state="missed"))  # type: ignore[arg-type]
    tracker.record("s", Touchpoint("helipad.landing", anticipated=0.8, delivered=0.8))
    tracker.journey("t", plan=["spa.mud"]).record(Touchpoint("spa.mud", delivered=0.8))
    told = {
        (each["journeyscore.touchpoint.name"], each["journeyscore.touchpoint.outcome"])
        for each, _ in host.points("journeyscore.touchpoints")
    }
    assert told == {("hotel.valet", "missed"), ("_OTHER", "met"), ("spa.mud", "extra_mile")}
    span = host.spans["touchpoint helipad.landing"].attributes or {}
    assert span["journeyscore.touchpoint.name"] == "helipad.landing"


def test_the_number_of_values_is_bounded() -> None:
    host = Host()
    tracker = Tracker(telemetry=host.telemetry)
    for n in range(30):
        journey = tracker.journey(f"j{n}", type=f"type-{n}")
        journey.record(Touchpoint("hotel.valet", delivered=0.5, stage=f"s{n}", channel=f"c{n}"))
    points = [told for told, _ in host.points("journeyscore.touchpoints")]
    for name, most in (
        ("journeyscore.journey.type", 20),
        ("journeyscore.touchpoint.stage", 10),
        ("journeyscore.touchpoint.channel", 10),
    ):
        values = {told[name] for told in points}
        assert "_OTHER" in values and len(values) == most + 1
    assert "journey open type-19" in host.spans and "journey open type-20" not in host.spans


def test_a_metric_stays_under_2000_points() -> None:
    host = Host()
    tracker = Tracker(telemetry=host.telemetry)
    names = [f"n{n}" for n in range(150)]
    for n in range(20):
        journey = tracker.journey(f"j{n}", type=f"type-{n}", plan=names)
        for name in names:
            journey.record(Touchpoint(name, anticipated=0.5, delivered=0.5))
    points = host.points("journeyscore.touchpoint.value")
    assert MOST_POINTS < len(points) < 2000
    assert sum(value for _, value in points) == 20 * 150 * 50


def test_unknown_and_nan_are_left_out() -> None:
    host = Host()
    Tracker(telemetry=host.telemetry).journey("j").close()
    assert set(host.spans["journey score"].attributes or {}) == {
        "journeyscore.journey.id",
        "journeyscore.journey.state",
        "journeyscore.policy.fingerprint",
        "journeyscore.touchpoint.count",
    }
    assert host.points("journeyscore.journey.impression") == []


def test_a_negative_duration_is_no_duration() -> None:
    host, clock = Host(), Clock()
    journey = Tracker(telemetry=host.telemetry, clock=clock).journey("j")
    clock.time -= timedelta(hours=1)
    journey.close()
    assert host.points("journeyscore.journey.duration") == []


def test_an_abandoned_journey_is_told_of_as_that() -> None:
    host, clock = Host(), Clock()
    tracker = Tracker(telemetry=host.telemetry, clock=clock, strict=True)
    tracker.journey("j", type="stay").record(VALET)
    clock.time += timedelta(days=31)
    assert tracker.sweep() == 1
    (name, told) = host.events[-1]
    assert name == "journeyscore.journey.closed"
    assert told["journeyscore.journey.state"] == "abandoned"
    closed = {"journeyscore.journey.type": "stay", "journeyscore.journey.state": "abandoned"}
    assert host.points("journeyscore.journey.duration") == [(closed, 31 * 86400.0)]


def test_the_origin_keeps_its_trace_state_through_tokens_and_headers() -> None:
    host, elsewhere = Host(), Host()
    here = Tracker(telemetry=host.telemetry, strict=True)
    parent = trace.SpanContext(
        1, 2, is_remote=True, trace_flags=trace.TraceFlags(1),
        trace_state=trace.TraceState([("vendor", "a=b;c")]),
    )  # fmt: skip
    with trace.use_span(trace.NonRecordingSpan(parent)):
        journey = here.journey("s")
    token = journey.promise("hotel.valet", within=timedelta(minutes=5), scale=WAIT)
    headers: dict[str, str] = {}
    journey.inject(headers)
    origin = host.spans["journey open"].context
    for carry in (lambda there: there.deliver(token), lambda there: there.extract(headers)):
        there = Tracker(telemetry=elsewhere.telemetry, strict=True)
        carry(there)
        arrived = there.extract(headers)
        assert arrived is not None and arrived.record(DESK)
        (link,) = elsewhere.spans["touchpoint hotel.front_desk"].links
        assert (link.context.trace_id, link.context.span_id) == (origin.trace_id, origin.span_id)
        assert link.context.trace_state == origin.trace_state == parent.trace_state


def test_what_another_process_told_is_not_told_again() -> None:
    there, here = Host(), Host()
    moments: list[Any] = []
    home = Tracker(moments.append, telemetry=here.telemetry, strict=True)
    stay = home.journey("s", type="stay")
    headers: dict[str, str] = {}
    stay.inject(headers)
    part = Tracker(telemetry=there.telemetry, strict=True).extract(headers)
    assert part is not None
    part.record(evolve(VALET, id="v"))
    part.record(evolve(DESK, id="d"))
    assert stay.include(part.journey.events) == 2 and stay.include(part.journey.events) == 0
    assert list(here.spans) == ["journey open stay"] and here.events == [] and moments == []
    assert here.points("journeyscore.touchpoints") == []
    card = stay.close()
    assert card is not None and card.tally == part.tally and moments == []
    told = here.spans["journey score stay"].attributes or {}
    assert (told["journeyscore.impression"], told["journeyscore.touchpoint.count"]) == (42.88, 2)


def test_a_provider_set_late_is_found_when_a_journey_arrives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = Host()
    tracker = Tracker(strict=True)
    sent: dict[str, str] = {}
    Tracker(telemetry=host.telemetry).journey("s").inject(sent)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: host.tracer_provider)
    arrived = tracker.extract(sent)
    assert arrived is not None and arrived.record(VALET)
    assert "touchpoint hotel.valet" in host.spans


def test_score_is_one_span_and_neither_metrics_nor_events(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host()
    monkeypatch.setattr(trace, "get_tracer", host.tracer_provider.get_tracer)
    score(Journey("j", [VALET, DESK], type="stay"))
    assert list(host.spans) == ["journey score stay"]
    assert host.events == [] and not any(True for _ in host.metrics())


def test_the_page_has_the_tables_of_the_registry() -> None:
    page = (
        Path(__file__).parents[2].joinpath("docs", "reference", "telemetry.md").read_text("utf-8")
    )
    assert semconv.tables() in page


def test_every_name_that_is_emitted_is_in_the_registry() -> None:
    host = Host(team=True, site=True, explanation=True)
    stay(host).close()
    told = [dict(span.attributes or {}) for span in host.span_exporter.get_finished_spans()]
    told += [attributes for _, attributes in host.events]
    types = {"string": str, "double": float, "int": int, "boolean": bool}
    for attributes in told:
        for name, value in attributes.items():
            assert type(value) is types[semconv.ATTRIBUTES[name].type], name
    assert {name for name, _ in host.events} == set(semconv.EVENTS)
    assert {name.rpartition(" ")[0] for name in host.spans} == set(semconv.SPANS)
    for metric in host.metrics():
        of = semconv.METRICS[metric.name]
        assert (metric.unit, metric.description) == (of.unit, of.meaning)
        for told_too, _ in host.points(metric.name):
            assert set(told_too) <= set(of.attributes)


def test_what_was_planned_and_nobody_did_is_told_at_the_close() -> None:
    host = Host()
    tracker = Tracker(telemetry=host.telemetry, strict=True)
    plan = ["hotel.valet", "hotel.spa", "hotel.front_desk"]
    journey = tracker.journey("reservation-78", type="stay", plan=plan)
    journey.record(DESK)
    journey.record(evolve(VALET, delivered=None, state="missed"))
    card = journey.close()
    assert card is not None and set(card.missed) == {"hotel.valet", "hotel.spa"}
    missed = [
        attributes["journeyscore.touchpoint.name"]
        for name, attributes in host.events
        if name == "journeyscore.touchpoint.scored"
        and attributes["journeyscore.touchpoint.outcome"] == "missed"
    ]
    assert sorted(missed) == ["hotel.spa", "hotel.valet"]
    counted = {
        point["journeyscore.touchpoint.name"]: count
        for point, count in host.points("journeyscore.touchpoints")
        if point["journeyscore.touchpoint.outcome"] == "missed"
    }
    assert counted == {"hotel.spa": 1, "hotel.valet": 1}
    span = host.spans["touchpoint hotel.spa"]
    assert [link.context for link in span.links] == [host.spans["journey open stay"].context]
    assert span.attributes is not None and span.attributes["journeyscore.moment.kind"] == "broke"
