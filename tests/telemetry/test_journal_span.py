"""What the journal tells of a score: one span, linked to the origin that is stored with the journey."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve
from opentelemetry import trace
from telemetry.hosts import Host
from telemetry.test_canary import CANARY, marked

from journeyscore import Journey, Touchpoint, Tracker
from journeyscore.errors import UnknownName
from journeyscore.store import AsyncJournal, Journal
from journeyscore.telemetry import told
from journeyscore.telemetry.origin import Origin

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VALET = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, id="v1")


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    host = Host()
    monkeypatch.setattr(trace, "get_tracer", host.tracer_provider.get_tracer)
    return host


def test_a_tracked_journey_is_kept_with_its_origin_and_every_score_links_to_it(
    host: Host, tmp_path: Path
) -> None:
    stay = Tracker(telemetry=host.telemetry, strict=True).journey("reservation-77", type="stay")
    stay.record(VALET)
    origin = host.spans["journey open stay"].context
    with Journal(tmp_path / "stays.db", durable=False) as journal:
        known = journal.open(stay.journey, origin=stay.reference.origin)
        assert (known.ref, known.origin) == (stay.ref, stay.reference.origin)
        for work in (journal.score, journal.close, journal.close):
            host.span_exporter.clear()
            card = work("reservation-77")
            (span,) = host.span_exporter.get_finished_spans()
            assert span.name == "journey score stay"
            assert dict(span.attributes or {}) == told(card.attributes())
            (link,) = span.links
            assert link.context.is_remote  # as whatever comes out of a store does
            assert Origin.of(link.context) == Origin.of(origin) == known.origin
        assert (span.attributes or {})["journeyscore.journey.id"] == stay.ref
        assert (span.attributes or {})["journeyscore.journey.state"] == "closed"


def test_abandoned_journeys_are_told_of_as_that(host: Host, tmp_path: Path) -> None:
    time = [NOON]
    with Journal(tmp_path / "stays.db", durable=False, now=lambda: time[0]) as journal:
        journal.append_all([("s1", VALET), ("s2", VALET)])
        time[0] += timedelta(days=9)
        assert journal.abandon(timedelta(days=3)) == ["s1", "s2"]
    spans = host.span_exporter.get_finished_spans()
    states = [(span.attributes or {})["journeyscore.journey.state"] for span in spans]
    assert states == ["abandoned", "abandoned"]


def test_the_asynchronous_journal_tells_the_same(host: Host, tmp_path: Path) -> None:
    async def main() -> None:
        async with AsyncJournal(tmp_path / "stays.db", durable=False) as journal:
            await journal.append("s1", VALET)
            await journal.close("s1")
            await journal.append("s2", VALET)
            assert await journal.abandon(timedelta(seconds=-9)) == ["s2"]

    asyncio.run(main())
    assert len(host.span_exporter.get_finished_spans()) == 2


def test_nothing_private_leaves_the_journal(host: Host, tmp_path: Path) -> None:
    event = evolve(VALET, id=marked("event"), source=marked("source"), team=marked("team"))
    with Journal(tmp_path / "stays.db", durable=False, tenant=marked("tenant")) as journal:
        known = Journey(
            marked("id"), [event], type="stay", customer=marked("customer"), site=marked("site"),
            segment=marked("segment"), feedback={marked("question"): 4.0},
        )  # fmt: skip
        journal.open(known, guests=[marked("guest")])
        journal.score(marked("id"))
        journal.retract(marked("id"), marked("event"), marked("source"))
        journal.close(marked("id"))
        with pytest.raises(UnknownName) as caught:
            journal.score(marked("other"))
    assert len(host.span_exporter.get_finished_spans()) == 2
    assert CANARY not in host.exported() and CANARY not in str(caught.value)
