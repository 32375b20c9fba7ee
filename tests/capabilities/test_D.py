"""D1, D5, D7: events one at a time and late; the journal; scores stamped and never rewritten."""

from __future__ import annotations

import random

import pytest

from journeyscore import Journey, Policy, Tally, Touchpoint, fold, promised, score
from journeyscore.store import Journal, Outcome

VALET = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, id="v", source="app")
BELLMAN = Touchpoint("hotel.bellman", anticipated=0.6, delivered=0.6, id="b", source="app")
DESK = Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5, id="d")
STAY = [VALET, BELLMAN, DESK]


def test_d1_events_come_one_at_a_time_late_twice_and_are_taken_back(tmp_path):
    with Journal(tmp_path / "stays.db") as journal:
        arrivals = STAY * 3
        random.Random(1).shuffle(arrivals)
        outcomes = [journal.append("stay", each).outcome for each in arrivals]
        assert outcomes.count(Outcome.APPENDED) == 3
        assert outcomes.count(Outcome.DUPLICATE) == 6
        assert journal.tally("stay") == score(Journey("stay", STAY)).tally
        assert journal.retract("stay", "b", "app").outcome is Outcome.RETRACTED
        assert journal.tally("stay") == fold([VALET, DESK])
        journal.close("stay")
        late = Touchpoint("hotel.room", anticipated=0.7, delivered=0.2, id="r")
        assert journal.append("stay", late).outcome is Outcome.APPENDED
        contradicting = Touchpoint("hotel.room", anticipated=0.7, delivered=0.4, id="r")
        assert journal.append("stay", contradicting).outcome is Outcome.CONFLICT
        (conflict,) = journal.score("stay").conflicts
        assert conflict.folded == late


def test_d1_partial_states_merge():
    """Two systems folded what each saw: their tallies add up, and one is taken out again."""
    ours, theirs = fold([VALET]), fold([BELLMAN, DESK])
    assert ours + theirs == fold(STAY)
    assert ours + theirs - ours == theirs


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=[
    pytest.mark.xdist_group("postgres")])])  # fmt: skip
def test_d5_the_journal_of_two_houses(kind, tmp_path):
    from postgres import new_database

    database = tmp_path / "stays.db" if kind == "sqlite" else new_database()
    with Journal(database, tenant="lake") as lake, Journal(database, tenant="town") as town:
        for number in range(20):
            lake.append_all((f"stay-{number}", each) for each in STAY)
        town.append_all(("stay-1", each) for each in STAY)
        lake.open(Journey("stay-1", customer="ann"))
        assert lake.tallies()[None] == sum([fold(STAY)] * 20, Tally())
        assert town.tallies()[None] == fold(STAY)
        assert [each["journey"] for each in lake.export("ann")["journeys"]] == ["stay-1"]
        assert lake.forget("ann").journeys == 1
        assert lake.tallies()[None] == sum([fold(STAY)] * 20, Tally())
        assert town.tally("stay-1") == fold(STAY)
        assert lake.append("stay-1", VALET).outcome is Outcome.REFUSED
        assert lake.verify().sound and town.verify().sound


def test_d7_a_score_is_stamped_and_a_changed_policy_leaves_it(tmp_path):
    with Journal(tmp_path / "stays.db") as journal:
        journal.append_all(("stay", each) for each in STAY)
        card = journal.close("stay")
        (before,) = journal.scores("stay")
        assert (before.impression, before.version) == (card.impression, card.version)
        assert before.policy_fingerprint == card.policy_fingerprint
        harsher = Policy(loss_aversion=4)
        assert journal.rescore(harsher) == 1
        kept, added = journal.scores("stay")
        assert kept == before
        assert added.policy_fingerprint == harsher.fingerprint
        assert added.impression == score(Journey("stay", STAY), harsher).impression
