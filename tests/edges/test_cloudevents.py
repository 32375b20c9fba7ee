"""CloudEvents: in every mode there and back, identified by source and id, and as the SDK has them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_binary, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as SdkEvent
from hypothesis import given, settings
from strategies import documented_journeys

from journeyscore import JourneyScoreError, Touchpoint, asked
from journeyscore.convert import Event, events_of, journeys_of
from journeyscore.convert import cloudevents as ce
from journeyscore.errors import InvalidValue, UnknownName, WrongType

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VALET = Touchpoint(
    "hotel.valet", anticipated=asked(0.6), delivered=0.9, id="v1", source="/lakeside/valet", at=NOON
)
EVENT = Event(journey="stay-1042", touchpoint=VALET, customer="c7", feedback={"csat": 4})
ENVELOPE = {"specversion": "1.0", "id": "v1", "source": "/lakeside/valet", "type": ce.TYPE}
DATA = {"touchpoint": {"name": "hotel.valet", "delivered": 0.9}}


@pytest.mark.parametrize("mode", ["structured", "batch", "binary"])
def test_there_and_back(mode: str) -> None:
    envelope = ce.to_cloudevent(EVENT)
    if mode == "structured":
        found = [ce.from_structured(ce.to_structured(envelope))]
        headers = {"Content-Type": f"{ce.STRUCTURED}; charset=utf-8"}
        assert ce.from_http(headers, ce.to_structured(envelope).encode()) == found
    elif mode == "batch":
        found = ce.from_batch(ce.to_batch([envelope]))
        assert ce.from_http({"content-type": ce.BATCH}, ce.to_batch([envelope]).encode()) == found
    else:
        headers, body = ce.to_http(envelope)
        found = ce.from_http([(k.encode(), v.encode()) for k, v in headers.items()], body)
    assert [ce.from_cloudevent(each) for each in found] == [EVENT]


@settings(max_examples=50)
@given(documented_journeys())
def test_every_event_goes_through_binary_mode(journey: Any) -> None:
    for event in events_of(journey):
        source = event.touchpoint.source if event.touchpoint is not None else None
        if source is not None and not ce._URI_REFERENCE.fullmatch(source):
            with pytest.raises(InvalidValue, match="URI"):
                ce.to_cloudevent(event, source="/feed")
            continue
        envelope = ce.to_cloudevent(event, source="/feed")
        (again,) = ce.from_http(*ce.to_http(envelope))
        read = ce.from_cloudevent(again)
        assert (read.journey, read.retracts, read.feedback) == (
            event.journey, event.retracts, event.feedback,
        )  # fmt: skip
        if event.touchpoint is not None and event.touchpoint.key is not None:
            if event.touchpoint.source is not None:
                assert read.touchpoint == event.touchpoint


def test_the_envelope_identifies_the_event() -> None:
    attributes = ce.to_cloudevent(EVENT).attributes
    assert (attributes["source"], attributes["id"]) == VALET.key
    assert attributes["subject"] == "stay-1042"
    assert attributes["time"] == "2026-01-01T12:00:00+00:00"
    read = ce.from_cloudevent(ce.to_cloudevent(EVENT)).touchpoint
    assert read is not None and read.key == VALET.key


def test_an_event_without_an_id_has_that_of_its_content() -> None:
    plain = Event(journey="a", touchpoint=Touchpoint("hotel.valet", delivered=0.9))
    one, two = (ce.to_cloudevent(plain, source="/x") for _ in range(2))
    other = Event(journey="b", touchpoint=plain.touchpoint)
    assert one == two != ce.to_cloudevent(other, source="/x")
    told = [ce.from_cloudevent(one), ce.from_cloudevent(two)]
    assert len(journeys_of(told)["a"].touchpoints) == 1


def test_a_retraction_takes_back_what_another_event_said() -> None:
    taken = Event(journey="stay-1042", retracts=("/lakeside/valet", "v1"))
    told = [ce.from_cloudevent(ce.to_cloudevent(each, source="/desk")) for each in (EVENT, taken)]
    assert journeys_of(told)["stay-1042"].touchpoints == ()


@pytest.mark.parametrize("source", [None, "with space", "é", "", "a%b"])
def test_a_source_is_a_uri_reference(source: str | None) -> None:
    with pytest.raises(InvalidValue) as caught:
        ce.to_cloudevent(Event(journey="a", retracts=(None, "x")), source=source)
    assert caught.value.path == "source"


# -- as the SDK has it -----------------------------------------------------------------------------


def test_the_sdk_reads_what_is_written() -> None:
    headers, body = ce.to_http(ce.to_cloudevent(EVENT))
    read = from_binary(HTTPMessage(headers, body), JSONFormat(), SdkEvent)
    assert (read.get_id(), read.get_source(), read.get_subject()) == (
        "v1",
        VALET.source,
        "stay-1042",
    )
    assert read.get_time() == NOON
    assert read.get_data() == json.loads(body)
    again = JSONFormat().read(SdkEvent, ce.to_structured(ce.to_cloudevent(EVENT)).encode())
    assert again.get_data() == read.get_data()


def test_what_the_sdk_writes_is_read() -> None:
    attributes = {**ENVELOPE, "subject": "a b/é%", "time": NOON, "datacontenttype": ce.JSON}
    theirs = SdkEvent(attributes, DATA)
    for message in (to_binary(theirs, JSONFormat()), to_structured(theirs, JSONFormat())):
        (found,) = ce.from_http(message.headers, message.body)
        event = ce.from_cloudevent(found)
        assert event.journey == "a b/é%" and event.touchpoint is not None
        assert event.touchpoint.key == VALET.key and event.touchpoint.at == NOON


# -- what comes in ---------------------------------------------------------------------------------


def test_data_in_base64_is_read() -> None:
    encoded = "eyJ0b3VjaHBvaW50Ijp7Im5hbWUiOiJhIn19"
    found = ce.from_structured(json.dumps({**ENVELOPE, "subject": "s", "data_base64": encoded}))
    assert found.data == {"touchpoint": {"name": "a"}}


def test_times_finer_than_a_microsecond_are_those_of_other_languages() -> None:
    at = "2026-01-01T12:00:00.123456789Z"
    found = ce.CloudEvent(attributes={**ENVELOPE, "subject": "s", "time": at}, data=DATA)
    touchpoint = ce.from_cloudevent(found).touchpoint
    assert touchpoint is not None and touchpoint.at == NOON.replace(microsecond=123456)


def test_extensions_are_left_to_whoever_knows_them() -> None:
    traced = {**ENVELOPE, "subject": "s", "traceparent": "00-x", "sequence": 7, "sampled": True}
    found = ce.from_structured(json.dumps({**traced, "data": DATA}))
    assert found.attributes["traceparent"] == "00-x"
    assert ce.from_cloudevent(found).journey == "s"
    headers, _ = ce.to_http(found)
    assert (headers["ce-sequence"], headers["ce-sampled"]) == ("7", "true")


@pytest.mark.parametrize(
    ("change", "path", "kind"),
    [
        ({"id": None}, "id", InvalidValue),
        ({"id": ""}, "id", InvalidValue),
        ({"id": 7}, "id", WrongType),
        ({"source": None}, "source", InvalidValue),
        ({"specversion": "0.3"}, "specversion", InvalidValue),
        ({"specversion": 1.0}, "specversion", InvalidValue),
        ({"time": "yesterday"}, "time", InvalidValue),
        ({"time": "2026-01-01T12:00:00"}, "time", InvalidValue),
        ({"Upper": "x"}, "attributes", InvalidValue),
        ({"nested": {}}, "nested", WrongType),
        ({"type": "other.event"}, "type", InvalidValue),
        ({"dataschema": "urn:journeyscore:event:2"}, "dataschema", InvalidValue),
        ({"subject": None}, "subject", InvalidValue),
        ({"subject": 7}, "subject", WrongType),
        ({"data": None}, "data", WrongType),
        ({"data": {}}, "data.touchpoint", InvalidValue),
        ({"data": {"journey": "x"}}, "data.journey", UnknownName),
        ({"data": {"touchpoint": {"name": "a", "id": "other"}}}, "data.touchpoint.id", UnknownName),
        ({"data": {"touchpoint": {"name": "a", "delivered": "1"}}}, "data.touchpoint.delivered", WrongType),
        ({"data_base64": "e30="}, "data_base64", InvalidValue),
        ({"data": None, "data_base64": "?"}, "data_base64", InvalidValue),
        ({"data": None, "data_base64": "////"}, "data", InvalidValue),
        ({"data": None, "data_base64": 3}, "data_base64", WrongType),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(change: dict[str, Any], path: str, kind: type) -> None:
    whole = {**ENVELOPE, "subject": "s", "data": DATA, **change}
    with pytest.raises(kind) as caught:
        ce.from_cloudevent(ce.from_structured(json.dumps(whole)))
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b""),
        ({"content-type": "text/plain"}, b"hello"),
        ({"ce-id": "1", "ce-source": "s", "ce-type": "t"}, b""),
        ({"ce-specversion": "1.0", "ce-id": "%ff", "ce-source": "s", "ce-type": "t"}, b""),
        ([("ce-id", "1"), ("CE-ID", "2")], b""),
        ([("ce-id", 1)], b""),
        ({"content-type": ce.BATCH}, b"{}"),
        ({"content-type": ce.BATCH}, b"[7]"),
        ({"content-type": ce.STRUCTURED}, b"[]"),
        ({"content-type": ce.STRUCTURED}, b'{"id": "a", "id": "b"}'),
        ({"content-type": ce.STRUCTURED}, b'{"a":' * 50_000),
        ({"ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": "t"}, b"{'a': 1}"),
        ({"ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": "t"}, b"NaN"),
        # found by fuzzing: in JSON such an attribute takes the place of the data
        ({"ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": "t", "ce-data": "x"}, b""),
        ({"ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": "t",
          "content-type": "text/plain"}, b"x"),
    ],
)  # fmt: skip
def test_a_request_that_holds_none_is_refused(headers: Any, body: bytes) -> None:
    with pytest.raises(JourneyScoreError):
        ce.from_http(headers, body)
