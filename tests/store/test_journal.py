"""What the journal does with events and journeys, on both databases."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql
from sqlalchemy import update

from journeyscore import Journey, Plan, PlannedTouchpoint, Policy, Touchpoint, asked, score
from journeyscore.errors import (
    InvalidValue,
    JournalError,
    JournalUnavailable,
    OtherPolicy,
    UnknownName,
    WrongType,
)
from journeyscore.handling import Handling
from journeyscore.journey import JourneyState
from journeyscore.store import AsyncJournal, Journal, Outcome
from journeyscore.store import tables as t
from journeyscore.telemetry.origin import Origin

from .events import NOON, Clock, valet


def test_each_outcome(journal):
    assert journal.append("s", valet()).outcome is Outcome.APPENDED
    assert journal.append("s", valet()).outcome is Outcome.DUPLICATE
    assert journal.append("s", valet(delivered=0.5)).outcome is Outcome.CONFLICT
    assert journal.append("s", valet(delivered=0.5)).outcome is Outcome.DUPLICATE
    assert journal.append("s", valet("v2")).outcome is Outcome.REFOLDED
    assert journal.retract("s", "v2").outcome is Outcome.RETRACTED
    assert journal.retract("s", "v2").outcome is Outcome.DUPLICATE
    assert journal.retract("s", "v3").outcome is Outcome.AWAITED
    assert journal.append("s", valet("v3")).outcome is Outcome.RETRACTED
    assert journal.tally("s") == score(Journey("s", [valet(delivered=0.5)])).tally
    found = journal.verify()
    assert found.sound
    assert (found.events, found.retracted, found.conflicts) == (4, 2, 1)
    assert len(journal.journey("s").conflicts) == 1


def test_a_retraction_is_a_subtraction(journal):
    journal.append_all([("s", valet("v1")), ("s", valet("v2", 0.3))])
    assert journal.retract("s", "v1").outcome is Outcome.RETRACTED
    assert journal.append("s", valet("v4", 0.4)).outcome is Outcome.APPENDED  # not entangled
    events = [valet("v2", 0.3), valet("v4", 0.4)]
    assert journal.tally("s") == score(Journey("s", events)).tally


def test_what_supersedes_takes_its_place_and_is_retracted_by_its_own_id(journal):
    journal.append("s", valet("v1"))
    assert journal.append("s", valet("v2", 0.1, supersedes="v1")).outcome is Outcome.APPENDED
    assert journal.tally("s").delivered == 100 * 1000
    assert journal.retract("s", "v1").outcome is Outcome.RETRACTED
    assert journal.tally("s").delivered == 100 * 1000
    assert journal.retract("s", "v2").outcome is Outcome.RETRACTED
    assert journal.tally("s").count == 0


def test_an_event_without_an_id_is_given_one_and_counts_each_time(journal):
    one, other = (journal.append("s", valet(None)) for _ in range(2))
    assert one.id != other.id
    assert journal.tally("s").count == 2
    assert journal.retract("s", one.id).outcome is Outcome.RETRACTED


def test_a_batch_of_new_and_known_events_says_what_became_of_each(journal):
    """More than are looked up at once; of known ones and of new ones that come twice in it."""
    first = [(f"s{n % 7}", valet(f"e{n}")) for n in range(250)]
    assert {told.outcome for told in journal.append_all(first)} == {Outcome.APPENDED}
    again = [
        (id, evolve(event, delivered=0.2) if n % 5 == 0 else event)
        for n, (id, event) in enumerate(first)
    ]
    new = [("s0", valet(f"f{n}")) for n in range(3)]
    told = journal.append_all([*new, *again, *new, *again])
    conflicts = [Outcome.CONFLICT if n % 5 == 0 else Outcome.DUPLICATE for n in range(250)]
    repeated = [Outcome.DUPLICATE] * 253
    outcomes = [each.outcome for each in told]
    assert set(outcomes[:3]) == {Outcome.REFOLDED}  # "s0" has conflicts now
    assert outcomes[3:] == [*conflicts, *repeated]
    found = journal.verify()
    assert found.sound and (found.events, found.conflicts) == (303, 50)


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_superseded_in_its_own_batch_does_not_count_whatever_the_order(journal, order):
    old, new = ("s", valet("v1")), ("s", valet("v2", 0.1, supersedes="v1"))
    told = {each.id: each.outcome for each in journal.append_all([old, new][::order])}
    assert told == {"v1": Outcome.RETRACTED, "v2": Outcome.APPENDED}
    assert journal.tally("s") == score(Journey("s", [valet("v2", 0.1)])).tally
    assert journal.verify().sound


def test_what_says_nothing_of_how_it_was_handled_is_the_same_when_it_comes_again(journal):
    event = valet(handling=Handling())
    assert event == valet()
    assert journal.append("s", event).outcome is Outcome.APPENDED
    assert journal.append("s", event).outcome is Outcome.DUPLICATE
    assert journal.journey("s").events == (event,)


def test_a_batch_is_kept_whole_or_not_at_all(journal):
    with pytest.raises(WrongType):
        journal.append_all([("s", valet()), ("s", "a word")])
    with pytest.raises(UnknownName):
        journal.tally("s")
    told = journal.append_all([("s", valet()), ("r", valet()), ("s", valet()), ("s", valet("v2"))])
    assert [each.outcome.value for each in told] == [
        "appended",
        "appended",
        "duplicate",
        "appended",
    ]
    assert journal.append_all([]) == []
    many = [("m", valet(f"e{n}")) for n in range(250)]
    assert {each.outcome for each in journal.append_all(many)} == {Outcome.APPENDED}
    again = journal.append_all([*many[:120], ("m", valet("e999"))])
    assert [each.outcome for each in again].count(Outcome.DUPLICATE) == 120
    assert journal.tally("m").count == 251


HOSTILE = ["'; DROP TABLE event; --", '"', "%s", ":id", "?", "\\", "Ü\u202e", "a\nb", "*", "{}"]


@pytest.mark.parametrize("word", HOSTILE)
def test_sql_in_every_string(journal, word):
    event = valet(word, source=word, team=word, supersedes=f"{word}0")
    journal.open(Journey(word, customer=word, site=word, type=word), guests=[f"{word}2"])
    assert journal.append(word, event).id == word
    assert journal.journey(word).events == (event,)
    assert journal.export(word)["journeys"][0]["journey"] == word
    assert journal.tallies("site")[word].count == 1
    assert journal.verify().sound
    assert journal.forget(word).left == 1


@pytest.mark.parametrize("id", ["", "a\0b", "\ud800", "x" * 401, 7, None])
def test_what_no_database_can_keep_is_refused(journal, id):
    with pytest.raises(InvalidValue):
        journal.append(id, valet())
    if id is not None:
        with pytest.raises(InvalidValue):
            journal.append("s", evolve(valet(), source=id))
    assert journal.count() == 0


def test_tenants_do_not_meet(database):
    with Journal(database, tenant="a") as one, Journal(database, tenant="b") as other:
        one.append("s", valet())
        with pytest.raises(UnknownName):
            other.tally("s")
        assert other.append("s", valet(delivered=0.1)).outcome is Outcome.APPENDED
        one.open(Journey("s", customer="c"))
        assert other.forget("c").journeys == 0
        assert len(other.frame()) == len(one.frame()) == 1


def test_a_journey_is_opened_completed_and_closed(journal):
    origin = Origin("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    due = PlannedTouchpoint("hotel.spa", anticipated=0.5)
    journal.append("s", valet())
    known = journal.open(Journey("s", type="stay", customer="c1", plan=Plan([due])), origin=origin)
    assert (known.type, known.customer, known.origin, known.state) == ("stay", "c1", origin, "open")
    ref = known.ref
    known = journal.open(Journey("s", site="lake", feedback={"csat": 4.0}), guests=["c2", "c1"])
    assert (known.ref, known.guests, known.site) == (ref, ("c1", "c2"), "lake")
    with pytest.raises(InvalidValue, match="another"):
        journal.open(Journey("s", customer="c3"))
    with pytest.raises(InvalidValue, match="another"):
        journal.open(Journey("s", plan=["hotel.valet"]))
    assert journal.score("s").missed == ()
    card = journal.close("s")
    assert card.missed == ("hotel.spa",)
    assert card.feedback == {"csat": 4.0}
    assert journal.close("s") == evolve(card)
    (recorded,) = journal.scores("s")
    assert (recorded.tally, recorded.impression) == (card.tally, card.impression)
    assert (recorded.version, recorded.policy_fingerprint) == (1, Policy().fingerprint)
    assert journal.tally("s").count == 1  # the sums are of what took place
    with pytest.raises(UnknownName):
        journal.close("nobody's")


def test_late_events_count_and_leave_what_was_recorded(journal):
    journal.append("s", valet())
    first = journal.close("s").impression
    assert journal.append("s", valet("late", 0.1)).outcome is Outcome.APPENDED
    assert journal.scores("s")[0].impression == first
    assert journal.record("s").impression < first
    assert [each.n for each in journal.scores("s")] == [0, 1]


def test_idle_journeys_are_abandoned(database):
    clock = Clock()
    with Journal(database, now=clock) as journal:
        journal.append("old", valet())
        clock.time += timedelta(days=4)
        journal.append("new", valet())
        assert journal.abandon(timedelta(days=3)) == ["old"]
        assert journal.abandon(timedelta(days=3)) == []
        assert journal.known("old").state is JourneyState.ABANDONED
        assert len(journal.scores("old")) == 1


def test_another_policy_adds_scores_and_changes_none(database):
    with Journal(database) as journal:
        journal.append("s", valet())
        journal.append("r", valet())
        journal.close("s")
        before = journal.scores("s")
        assert journal.rescore(Policy(share=0.9)) == 1
        assert journal.rescore(Policy(share=0.9)) == 0
        assert journal.scores("s")[:1] == before
        assert journal.scores("s")[1].policy_fingerprint == Policy(share=0.9).fingerprint
        assert journal.scores("r") == []
    with pytest.raises(OtherPolicy, match="adopt"):
        Journal(database, policy=Policy(share=0.9))
    with Journal(database) as stale:
        with Journal(database, policy=Policy(share=0.9), adopt=True) as adopted:
            assert adopted.scores("s")[:1] == before
            assert adopted.tally("s") == score(Journey("s", [valet()]), Policy(share=0.9)).tally
            assert adopted.verify().sound
        with pytest.raises(OtherPolicy):
            stale.append("s", valet("v2"))
    with Journal(database) as journal:
        assert journal.policy == Policy(share=0.9)
        assert journal.verify().sound


def test_verify_finds_what_is_wrong(journal):
    journal.append_all([("a", valet()), ("b", valet()), ("c", valet())])
    with journal._engine.begin() as connection:
        connection.execute(update(t.journey).where(t.journey.c.id == "a").values(value=1))
        connection.execute(t.event.delete().where(t.event.c.journey == "b"))
        connection.execute(t.journey.delete().where(t.journey.c.id == "c"))
    assert sorted(each.journey for each in journal.verify().differences) == ["a", "b", "c"]


def test_sums_that_no_longer_fit_are_refused(journal):
    journal.append("s", valet())
    with journal._engine.begin() as connection:
        connection.execute(update(t.journey).values(squares=2**63 - 1))
    with pytest.raises(JournalUnavailable):
        journal.append("s", valet("v2", 0.1))
    assert journal.count() == 1


def test_errors_do_not_say_what_is_stored(journal):
    with journal._engine.begin() as connection:
        connection.execute(sql("DROP TABLE event"))
    with pytest.raises(JournalError) as caught:
        journal.append("stay of Mr Smith", valet("secret"))
    assert "Smith" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_who_is_not_a_journal(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not a database" * 100)
    with pytest.raises(JournalUnavailable, match="not a database"):
        Journal(file)
    for wrong in ("mysql://x/y", ":memory:", "sqlite://", "://"):
        with pytest.raises(InvalidValue):
            Journal(wrong)
    with pytest.raises(WrongType):
        Journal(7)


def test_the_asynchronous_journal_is_the_same(database):
    async def work():
        async with AsyncJournal(_asynchronous(database), durable=False) as journal:
            told = await asyncio.gather(
                *(journal.append(f"s{n % 3}", valet(f"e{n}", n / 30)) for n in range(30)),
                *(journal.append(f"s{n % 3}", valet(f"e{n}", n / 30)) for n in range(30)),
            )
            counts = [each.outcome for each in told]
            assert counts.count(Outcome.APPENDED) == counts.count(Outcome.DUPLICATE) == 30
            await journal.append_all([("s0", valet("e99")), ("s0", valet("e98"))])
            await journal.retract("s0", "e99")
            await journal.open(Journey("s0", customer="c"))
            card = await journal.close("s0")
            assert (await journal.record("s0")).tally == card.tally == await journal.tally("s0")
            assert len(await journal.scores("s0")) == 2
            assert await journal.rescore(Policy(share=0.1)) == 1
            assert (await journal.score("s1")).tally.count == 10
            assert (await journal.journey("s1")).id == (await journal.known("s1")).id
            assert await journal.abandon(timedelta(days=1)) == []
            await journal.merge("c9", of="c")
            assert await journal.journeys_of("c9") == ["s0"]
            assert await journal.separate("c9")
            assert (await journal.export("c"))["customer"] == "c"
            assert len(await journal.frame()) == await journal.count() - 1
            before = await journal.tallies()
            assert (await journal.forget("c")).journeys == 1
            assert (await journal.retain(NOON)).journeys == 0
            assert await journal.tallies() == before
            assert await journal.policy() == Policy()
            return await journal.verify()

    assert asyncio.run(work()).sound


def _asynchronous(database):
    if isinstance(database, str):
        return database
    socket = database.query["unix_sock"].rpartition("/")[0]
    return database.set(drivername="postgresql+asyncpg", query={"host": socket})


@settings(max_examples=20)
@given(order=st.permutations(range(12)), size=st.integers(1, 12))
def test_any_order_and_any_batches_give_the_same_sums(tmp_path_factory, order, size):
    events = [
        valet(f"e{n}", n / 12, **({"recovers": f"e{n - 1}"} if n % 5 == 4 else {}))
        for n in range(10)
    ]
    events += [valet("e3", 0.11), valet("e10", 0.2, supersedes="e2")]
    wanted = score(Journey("s", events)).tally
    with Journal(tmp_path_factory.mktemp("order") / "journal.db", durable=False) as journal:
        shuffled = [("s", events[place]) for place in order]
        for start in range(0, 12, size):
            journal.append_all(shuffled[start : start + size])
        assert journal.tally("s") == wanted
        assert journal.verify().sound


def test_an_expectation_that_was_asked_is_known(journal):
    journal.append("s", Touchpoint("gym.desk", anticipated=asked(0.5), delivered=0.5, id="d"))
    assert journal.score("s").known_share == 1.0
