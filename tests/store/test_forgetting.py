"""Forgetting, exporting, letting go: what is gone, what stays, and that it does not come back."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from journeyscore import Journey, Tally, Touchpoint
from journeyscore.convert import journeys
from journeyscore.errors import InvalidValue, NaiveTime, WrongType
from journeyscore.store import Journal, Outcome


def event(id, delivered=0.9, **more):
    return Touchpoint("hotel.valet", anticipated=0.6, delivered=delivered, id=id, **more)


@pytest.fixture
def journal(database):
    with Journal(database, durable=False) as made:
        for number, customer in enumerate(["ann", "bob", "ann", "ann-again"]):
            id = f"stay-{number}"
            site = "lake" if number % 2 else "town"
            made.open(Journey(id, [event(f"e{number}")], customer=customer, site=site))
        made.merge("ann-again", of="ann")
        yield made


def test_a_customer_is_forgotten_under_every_name(journal):
    before = journal.tallies("site")
    journal.close("stay-0")
    assert journal.journeys_of("ann-again") == ["stay-0", "stay-2", "stay-3"]
    told = journal.forget("ann-again")
    assert (told.journeys, told.left, told.kept.count) == (3, 0, 3)
    assert journal.journeys_of("ann") == []
    assert journal.export("ann")["journeys"] == []
    assert journal.tallies("site") == before
    assert sum(journal.tallies("type").values(), Tally()) == journal.tallies()[None]
    assert journal.verify().sound
    assert journal.count() == 1


def test_sums_go_too_where_that_is_wanted(journal):
    assert journal.forget("ann", keep_sums=False).kept == Tally()
    assert journal.tallies()[None] == journal.tally("stay-1")


def test_a_feed_that_is_sent_again_does_not_bring_them_back(journal):
    journal.forget("ann")
    told = journal.append_all(
        [("stay-0", event("e0")), ("stay-1", event("e1")), ("stay-9", event("e"))]
    )
    assert [each.outcome for each in told] == [
        Outcome.REFUSED, Outcome.DUPLICATE, Outcome.APPENDED,
    ]  # fmt: skip
    assert journal.append("stay-2", event("new")).outcome is Outcome.REFUSED
    assert journal.retract("stay-2", "e2").outcome is Outcome.REFUSED
    with pytest.raises(InvalidValue, match="forgotten"):
        journal.open(Journey("stay-2", customer="ann"))
    assert journal.count() == 2
    assert journal.verify().sound


def test_a_journey_goes_on_with_its_other_guests(journal):
    journal.open("stay-0", guests=["eve", "bob"])
    told = journal.forget("ann")
    assert (told.journeys, told.left) == (2, 1)
    assert journal.known("stay-0").guests == ("bob", "eve")
    assert journal.tally("stay-0").count == 1
    assert journal.forget("eve").left == 1
    assert journal.forget("bob").journeys == 2


def test_nothing_of_them_is_left_in_the_file(tmp_path):
    place = tmp_path / "journal.db"
    with Journal(place) as journal:
        journal.open(
            Journey("stay-xq17", [event("ev-xq17", team="team-xq17")], customer="cust-xq17")
        )
        journal.open("stay-xq17", guests=["cust-xq17-b"])
        journal.merge("cust-xq17-c", of="cust-xq17")
        journal.close("stay-xq17")
        journal.forget("cust-xq17")
        journal.forget("cust-xq17-b")
        assert journal.count() == 0
    for file in tmp_path.iterdir():
        assert b"xq17" not in file.read_bytes(), file.name


def test_merging_is_taken_back_and_not_turned_round(journal):
    with pytest.raises(InvalidValue):
        journal.merge("ann", of="ann-again")
    with pytest.raises(InvalidValue):
        journal.merge("ann", of="ann")
    journal.merge("ann", of="bob")
    assert len(journal.journeys_of("ann-again")) == 4
    assert journal.separate("ann-again")
    assert not journal.separate("ann-again")
    assert journal.journeys_of("ann-again") == ["stay-3"]


def test_an_export_is_a_log_that_says_the_same(journal):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    journal.append("stay-0", event("x", 0.2, at=at, recovers=("pos", "e0")))
    found = json.loads(json.dumps(journal.export("ann")))
    assert found["aliases"] == ["ann-again"]
    rows = [row for each in found["journeys"] for row in each["events"]]
    assert len(rows) == 4
    stay = journeys(rows)["stay-0"]
    assert {each.id for each in stay.events} == {"e0", "x"}
    assert stay.events[1].recovers == ("pos", "e0")


def test_what_no_journal_can_tell_is_refused_by_its_name(journal):
    """The errors of Python and SQLAlchemy came through, which name neither argument nor value."""
    with pytest.raises(NaiveTime, match="^since: a time without a timezone"):
        journal.retain(datetime(2026, 1, 1))
    with pytest.raises(WrongType, match="^idle: 5 is not a duration$"):
        journal.abandon(5)
    with pytest.raises(InvalidValue, match="^by: str of length 8 is neither site nor type$"):
        journal.tallies("customer")


def test_what_ended_long_ago_is_let_go(journal):
    journal.close("stay-0")
    before = journal.tallies()
    assert journal.retain(datetime.now(UTC) - timedelta(days=1)).journeys == 0
    assert journal.retain(datetime.now(UTC) + timedelta(days=1)).journeys == 1
    assert journal.tallies() == before
    assert journal.verify().journeys == 3
