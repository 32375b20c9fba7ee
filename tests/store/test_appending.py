"""What an append and a retraction say, refuse, add up and leave alone, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from journeyscore import Journey, Tally, Touchpoint, score
from journeyscore.errors import InvalidValue, WrongType
from journeyscore.store import Journal, Outcome
from journeyscore.store import tables as t

from .events import NOON, Clock, valet


def in_s(*events):
    return [("s", event) for event in events]


def come_to(journal, *events, id="s", retracted=()):
    """Whether the sums are those of these events, and the journal is sound."""
    wanted = score(Journey(id, events, retracted=retracted)).tally
    return journal.tally(id) == wanted and journal.verify().sound


# -- what is said ----------------------------------------------------------------------------------


def test_what_is_told_names_the_event(journal):
    told = journal.append_all([("s", valet("a", source="pos")), ("r", valet("b"))])
    assert [each[:3] for each in told] == [("s", "pos", "a"), ("r", None, "b")]
    for outcome in (Outcome.RETRACTED, Outcome.DUPLICATE):
        assert journal.retract("s", "a", "pos") == ("s", "pos", "a", outcome)
    journal.open(Journey("s", customer="c"))
    journal.forget("c")
    assert journal.append("s", valet("a", source="pos")) == ("s", "pos", "a", Outcome.REFUSED)
    assert journal.retract("s", "a", "pos") == ("s", "pos", "a", Outcome.REFUSED)


@pytest.mark.parametrize(
    ("event", "path"),
    [
        (valet("a\0b"), "id"),
        (valet(source="a\0b"), "source"),
        (valet(supersedes="a\0b"), "supersedes"),
        (valet(supersedes=("a\0b", "v0")), "supersedes"),
    ],
)
def test_an_id_that_no_database_keeps_is_refused_by_its_name(journal, event, path):
    with pytest.raises(InvalidValue, match=f"^{path}: a null character"):
        journal.append("s", event)
    assert journal.count() == 0


def test_a_journey_or_a_retraction_that_no_database_keeps_is_refused_by_its_name(journal):
    with pytest.raises(InvalidValue, match="^journey: "):
        journal.append("a\0b", valet())
    for given, path in (
        (("a\0b", "v1"), "journey"),
        (("s", "a\0b"), "id"),
        (("s", "v1", "a\0b"), "source"),
    ):
        with pytest.raises(InvalidValue, match=f"^{path}: "):
            journal.retract(*given)
    assert journal.tallies()[None] == Tally()


def test_what_is_given_is_a_pair(journal):
    for wrong in (["s", valet()], ("s", valet(), 1), "sv", None):
        with pytest.raises(WrongType, match=r"is not \(journey, touchpoint\)"):
            journal.append_all([wrong])


def test_what_becomes_of_an_event_is_told_for_its_own_journey_and_id(journal):
    """In a journey of which an event is awaited, others are folded anew and not retracted."""
    journal.retract("s", "later")
    told = journal.append_all([("a", valet("v1")), *in_s(valet("v1"), valet("later"))])
    assert [each.outcome for each in told] == [
        Outcome.APPENDED, Outcome.REFOLDED, Outcome.RETRACTED,
    ]  # fmt: skip


# -- what is left alone ----------------------------------------------------------------------------


def test_what_is_sent_again_writes_nothing_so_that_an_idle_journey_stays_idle(database):
    clock = Clock()
    with Journal(database, durable=False, now=clock) as journal:
        events = in_s(valet("v1"), valet("v2"), valet("v2", 0.1))
        journal.append_all(events)
        clock.time += timedelta(days=4)
        assert journal.append(*events[0]).outcome is Outcome.DUPLICATE
        again = journal.append_all(events)
        assert {each.outcome for each in again} == {Outcome.DUPLICATE}
        assert journal.abandon(timedelta(days=3)) == ["s"]


def test_more_than_two_contents_under_an_id_are_kept(journal):
    levels = [0.5, 0.1, 0.9, 0.3]
    told = [journal.append("s", valet(delivered=level)).outcome for level in levels]
    assert told == [Outcome.APPENDED, *[Outcome.CONFLICT] * 3]
    assert {each.delivered for each in journal.journey("s").events} == set(levels)
    assert journal.verify().conflicts == 3
    assert come_to(journal, *[valet(delivered=level) for level in levels])


# -- what adds up ----------------------------------------------------------------------------------


def test_a_recovery_is_folded_with_what_it_puts_right(journal):
    failure, recovery = valet("v1", 0.1), valet("v2", 0.9, recovers="v1")
    for event in (failure, recovery):
        journal.append("s", event)
    assert come_to(journal, failure, recovery)
    other = valet("v3", 0.2, supersedes="v1")  # then there is nothing that it puts right
    journal.append("s", other)
    assert come_to(journal, failure, recovery, other)


def test_several_corrections_in_a_batch_take_back_each_its_own(journal):
    old = [valet(f"v{n}", n / 10) for n in range(4)]
    new = [valet(f"w{n}", n / 20, supersedes=f"v{n}") for n in range(4)]
    journal.append_all(in_s(*old))
    told = journal.append_all(in_s(*new))
    assert {each.outcome for each in told} == {Outcome.APPENDED}
    assert come_to(journal, *old, *new)


def test_a_batch_goes_on_after_a_recovery_and_after_what_corrects_nothing_yet(journal):
    old = [valet("v1", 0.1), valet("v2", 0.2)]
    journal.append_all(in_s(*old))
    new = [
        valet("w1", 0.3, recovers="v2"),
        valet("w2", 0.4, supersedes="later"),
        valet("w3", 0.5, supersedes="v1"),
    ]
    journal.append_all(in_s(*new))
    assert come_to(journal, *old, *new)
    again = [new[1], valet("w4", 0.6, supersedes="v2")]  # known, and new
    journal.append_all(in_s(*again))
    assert come_to(journal, *old, *new, again[1])
    assert journal.append("s", valet("later")).outcome is Outcome.RETRACTED


def test_an_event_that_was_taken_back_before_it_came_does_not_count(journal):
    assert journal.retract("s", "v1", "pos").outcome is Outcome.AWAITED
    assert journal.append("s", valet(source="pos")).outcome is Outcome.RETRACTED
    assert journal.tally("s") == Tally()
    assert journal.verify().sound


def test_what_delivered_nothing_is_taken_back_from_nothing(journal):
    announced = Touchpoint("hotel.spa", id="spa")
    journal.append_all(in_s(valet(), announced))
    assert journal.retract("s", "spa").outcome is Outcome.RETRACTED
    assert come_to(journal, valet())


def test_by_whom_an_event_was_superseded_is_kept(journal):
    journal.append_all(
        in_s(valet(source="app"), valet("v2", source="pos", supersedes=("app", "v1")))
    )
    journal.retract("s", "v9")
    with journal._engine.connect() as connection:
        columns = [t.dead.c[name] for name in ("source", "id", "by_source", "by_id")]
        found = connection.execute(select(*columns).order_by(t.dead.c.id)).all()
    assert found == [("app", "v1", "pos", "v2"), ("", "v9", "", "")]


# -- a journey out of its rows ---------------------------------------------------------------------


def test_a_journey_is_given_back_as_it_was_opened(journal):
    given = Journey("s", type="stay", customer="c", site="lake", ref="a1b2")
    journal.open(given)
    found = journal.journey("s")
    assert (found.type, found.customer, found.site, found.ref) == ("stay", "c", "lake", "a1b2")


def test_events_without_times_are_in_the_order_in_which_they_came(journal):
    events = [valet("c"), valet("a"), valet("b")]
    for event in events:
        journal.append("s", event)
    assert journal.journey("s").events == tuple(events)


def test_an_event_without_a_time_has_that_of_its_arrival_where_another_has_one(database):
    clock = Clock()
    with Journal(database, durable=False, now=clock) as journal:
        at = NOON - timedelta(hours=1)
        journal.append("s", valet("v1"))
        arrived = clock.time
        journal.append("s", valet("v2", at=at))
        found = {each.id: each.at for each in journal.journey("s").events}
        assert found == {"v1": arrived, "v2": at}
        journal.append_all([("r", valet("v1", at=at)), ("r", valet("v2", at=at))])
        assert [each.at for each in journal.journey("r").events] == [at, at]


def test_keys_that_were_taken_back_are_in_the_order_of_source_and_id(journal):
    for source, id in (("pos", "a"), (None, "c"), ("app", "b"), (None, "b")):
        journal.retract("s", id, source)
    assert journal.journey("s").retracted == (
        (None, "b"), (None, "c"), ("app", "b"), ("pos", "a"),
    )  # fmt: skip


def test_a_journey_that_was_taken_back_whole_is_sound(journal):
    journal.append("s", valet())
    journal.retract("s", "v1")
    assert journal.tally("s") == Tally()
    assert journal.verify().sound
    assert journal.append("s", valet("v2")).outcome is Outcome.APPENDED
