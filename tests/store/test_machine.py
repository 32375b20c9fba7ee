"""The journal driven against a model in memory: dictionaries, and the journey that they make."""

from __future__ import annotations

from collections import defaultdict

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from postgres import new_database
from strategies import live_events

from journeyscore import Journey, Policy, Tally
from journeyscore.scorecard import evaluate
from journeyscore.store import Journal, Outcome
from journeyscore.valuation import Valuer

JOURNEYS = st.sampled_from(["a", "b", "c"])
IDS = st.sampled_from(["e1", "e2", "e3", "e4"])
SOURCES = st.sampled_from([None, "pos"])
CUSTOMERS = {"a": "x", "b": "y", "c": "x"}
POLICY = Policy(share=0.5)


class JournalMachine(RuleBasedStateMachine):
    """What the journal holds, and what it should."""

    database: object
    tenants = 0

    def __init__(self) -> None:
        super().__init__()
        JournalMachine.tenants += 1
        self.tenant = f"tenant-{JournalMachine.tenants}"
        self.events: defaultdict[str, list] = defaultdict(list)
        self.dead: defaultdict[str, set] = defaultdict(set)
        self.known: set[str] = set()
        self.forgotten: set[str] = set()
        self.kept = Tally()
        self.journal = self.opened()

    def opened(self) -> Journal:
        return Journal(self.database, tenant=self.tenant, policy=POLICY, durable=False)

    def teardown(self) -> None:
        found = self.journal.verify()
        assert found.sound
        assert found.events == sum(len(events) for events in self.events.values())
        self.journal.dispose()

    # -- the model -------------------------------------------------------------------------------

    def expected(self, id: str) -> Tally:
        events = [evolve(event, at=None) for event in self.events[id]]  # no sum depends on it
        journey = Journey(id, events, retracted=tuple(self.dead[id]))
        return evaluate(journey, Valuer(POLICY)).tally

    def taken(self, id: str, event) -> set[Outcome]:
        """Take an event in; what may be said of it."""
        if id in self.forgotten:
            return {Outcome.REFUSED}
        self.known.add(id)
        same_id = [each for each in self.events[id] if each.key == event.key]
        if event in same_id:
            return {Outcome.DUPLICATE}
        self.events[id].append(event)
        was_dead = event.key in self.dead[id]
        if event.superseded_key is not None:
            self.dead[id].add(event.superseded_key)
        if same_id:
            return {Outcome.CONFLICT}
        return {Outcome.RETRACTED} if was_dead else {Outcome.APPENDED, Outcome.REFOLDED}

    # -- what may happen -------------------------------------------------------------------------

    @rule(id=JOURNEYS, events=live_events(max_size=3))
    def append_one_by_one(self, id, events):
        for event in events:
            told = self.journal.append(id, event)
            event = evolve(event, id=told.id)
            assert (told.source, told.id) == event.key
            assert told.outcome in self.taken(id, event)

    @rule(given=st.lists(st.tuples(JOURNEYS, live_events(max_size=3)), max_size=3))
    def append_a_batch(self, given):
        batch = [(id, event) for id, events in given for event in events]
        told = self.journal.append_all(batch)
        taken = [
            self.taken(id, evolve(event, id=each.id))
            for (id, event), each in zip(batch, told, strict=True)
        ]
        for (id, event), each, outcomes in zip(batch, told, taken, strict=True):
            is_dead = outcomes & {Outcome.APPENDED} and (event.source, each.id) in self.dead[id]
            assert each.outcome in ({Outcome.RETRACTED} if is_dead else outcomes)

    @rule(id=JOURNEYS, event_id=IDS, source=SOURCES)
    def retract(self, id, event_id, source):
        told = self.journal.retract(id, event_id, source)
        if id in self.forgotten:
            assert told.outcome is Outcome.REFUSED
            return
        self.known.add(id)
        self.dead[id].add((source, event_id))

    @rule(id=JOURNEYS)
    @precondition(lambda self: self.known)
    def close_and_record(self, id):
        if id not in self.known:
            return
        before = self.journal.scores(id)
        card = self.journal.close(id)
        assert card.tally == self.expected(id)
        after = self.journal.record(id)
        assert self.journal.scores(id)[: len(before)] == before
        assert after.tally == card.tally
        assert after.impression == card.impression
        assert after.policy_fingerprint == POLICY.fingerprint

    @rule(customer=st.sampled_from(["x", "y"]))
    def forget(self, customer):
        theirs = {id for id in self.known if CUSTOMERS[id] == customer}
        for id in theirs:
            self.journal.open(Journey(id, customer=customer))
        self.kept += sum((self.expected(id) for id in theirs), Tally())
        assert self.journal.forget(customer).journeys == len(theirs)
        self.known -= theirs
        self.forgotten |= theirs
        for id in theirs:
            del self.events[id]
            self.dead.pop(id, None)

    @rule()
    def another_process_takes_over(self):
        self.journal.dispose()
        self.journal = self.opened()

    @invariant()
    def the_sums_are_the_folds(self):
        total = self.kept
        for id in self.known:
            assert self.journal.tally(id) == self.expected(id)
            total += self.expected(id)
        assert self.journal.tallies()[None] == total


def _machine(place: object) -> type:
    return type("Machine", (JournalMachine,), {"database": place}).TestCase


def _run(place: object) -> None:
    case = _machine(place)
    case.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
    case().runTest()


def test_sqlite(tmp_path):
    _run(tmp_path / "journal.db")


@pytest.mark.xdist_group("postgres")
def test_postgresql():
    _run(new_database())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_for_long(kind, tmp_path):
    case = _machine(tmp_path / "journal.db" if kind == "sqlite" else new_database())
    case.settings = settings(max_examples=400, stateful_step_count=40, deadline=None)
    case().runTest()
