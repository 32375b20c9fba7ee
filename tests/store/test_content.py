"""What is stored of an event, and the journal as a dataframe: nothing is lost on the way."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import live_events, policies, touchpoints

from journeyscore import (
    Journey,
    Plan,
    PlannedTouchpoint,
    Touchpoint,
    asked,
    frames,
    minutes,
    rating,
    score,
)
from journeyscore.convert.logrows import log_rows
from journeyscore.errors import JournalError
from journeyscore.store import Journal, with_ids
from journeyscore.store.content import PARTS, VERSION, plan_as_data, plan_of, read, written
from journeyscore.tally import Tally


@given(st.one_of(touchpoints(id="e1", source="pos"), live_events().flatmap(
    lambda found: st.sampled_from(found or [Touchpoint("gym.desk", delivered=0.5)]))))  # fmt: skip
def test_an_event_is_read_as_it_was_written(event):
    event = event if event.id is not None else evolve(event, id="e9")
    found = read(written(event), VERSION, event.source, event.id)
    assert found == event
    assert repr(found) == repr(event) or event.at is not None


def test_a_scale_keeps_its_tolerance_and_a_time_its_moment():
    stars = rating(1, 5)
    noon = datetime(2026, 7, 1, 12, 0, 0, 123456, timezone(timedelta(hours=2)))
    event = Touchpoint(
        "hotel.front_desk",
        readings={"courtesy": stars(delivered=5), "speed": minutes(best=0, worst=30)(delivered=3)},
        at=noon,
        id="f1",
        recovers=(None, "v1"),
        supersedes="f0",
    )
    found = read(written(event), VERSION, None, "f1")
    assert found == event
    assert found.readings["courtesy"].tolerance == 0.125
    assert found.at == noon and found.at.tzinfo is UTC


def test_every_record_in_a_touchpoint_is_one_that_is_stored():
    """A field that holds a record of its own must be listed, or its fields would be refused."""
    known = {*PARTS, "readings"}
    for field in fields(Touchpoint):
        if field.init and ("Expectation" in str(field.type) or "Handling" in str(field.type)):
            assert field.alias in known, f"add {field.alias} to PARTS"


@pytest.mark.parametrize("content", ["{}", "[]", '{"touchpoint": 7}', "{", '{"touchpoint":"a","delivered":7}'])  # fmt: skip
def test_what_is_damaged_is_said_to_be(content):
    with pytest.raises(JournalError):
        read(content, VERSION, None, "e1")


def test_a_newer_format_is_refused():
    with pytest.raises(JournalError, match="format 2"):
        read("{}", VERSION + 1, None, "e1")


def test_a_plan_is_read_as_it_was_written():
    due = datetime(2026, 1, 1, 12, tzinfo=UTC)
    plan = Plan([PlannedTouchpoint("hotel.valet", anticipated=0.7, weight=2, due=due), "hotel.spa"])
    assert plan_of(json.loads(json.dumps(plan_as_data(plan)))) == plan


@given(st.lists(touchpoints(), max_size=6))
def test_ids_are_made_of_what_events_say(found):
    made = with_ids([*found, *found])
    assert len({event.key for event in made}) == len(made)
    assert with_ids([*found, *found]) == made
    assert [evolve(event, id=None) for event in made] == [*found, *found]


@settings(max_examples=25)
@given(log=st.lists(st.tuples(st.sampled_from("abc"), live_events()), max_size=4), policy=policies)
def test_the_frame_folds_to_the_stored_sums(tmp_path_factory, log, policy):
    folder = tmp_path_factory.mktemp("frame")
    with Journal(folder / "journal.db", policy=policy, durable=False) as journal:
        for id, found in log:
            journal.append_all((id, event) for event in found)
        assert journal.verify().sound
        frame = journal.frame()
        if not len(frame):
            return
        folded = frames.fold(frame, by="journey", policy=policy)
        names = [field.name for field in fields(Tally)]
        for row in folded.iter_rows(named=True):
            assert Tally(*(row[name] for name in names)) == journal.tally(row["journey"])
            assert row["rejected"] == 0


def test_the_frame_has_what_is_known_of_journeys(tmp_path):
    with Journal(tmp_path / "journal.db", durable=False) as journal:
        journal.open(Journey("stay-1", customer="c1", site="lake", feedback={"csat": 4.0}))
        valet = Touchpoint("hotel.valet", delivered=0.9, id="v1", recovers=("pos", "x"))
        journal.append("stay-1", valet)
        journal.append("stay-2", Touchpoint("hotel.valet", delivered=0.9, id="v1", recovers="v0"))
        one, other = journal.frame().sort("journey").rows(named=True)
    assert (one["customer"], one["site"], one["csat"]) == ("c1", "lake", 4.0)
    assert one["recovers"] == {"source": "pos", "id": "x"}
    assert other["recovers"] == {"source": None, "id": "v0"}
    assert "team" not in one


def test_the_zone_of_what_is_unreasonable_is_that_of_what_stands_in(tmp_path):
    """A guest asked the impossible of a kind of service that is usually half as good."""
    impossible = asked(3, unreasonable="impossible")
    call = Touchpoint(
        "hotel.follow_up",
        readings={
            "competence": rating(1, 3)(anticipated=impossible, delivered=1.8),
            "courtesy": rating(1, 5)(anticipated=2, delivered=4),
        },
        id="f1",
    )
    stay = Journey("s", [call])
    with Journal(tmp_path / "stays.db") as journal:
        journal.append("s", call)
        assert journal.tally("s") == score(stay).tally
        assert frames.score(journal.frame())["impression"].item() == score(stay).impression
    row = log_rows([stay])[0]
    assert row["factor"] == "competence" and "adequate" not in row
