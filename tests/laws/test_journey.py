"""Laws of events, plans and recoveries (model, sections 7 to 9)."""

from __future__ import annotations

import random
from datetime import timedelta

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import NAMES, START, journeys, levels, policies, touchpoints

from journeyscore import Journey, Policy, Touchpoint, asked, score
from journeyscore.recovery import Attempt, recovered_value

ids = st.sampled_from(["e1", "e2", "e3"])


@st.composite
def identified(draw: st.DrawFn) -> list[Touchpoint]:
    """Touchpoints with times and ids, of which some coincide."""
    some = draw(st.lists(touchpoints(), max_size=8))
    return [
        evolve(
            each,
            id=draw(st.one_of(st.none(), ids)),
            at=START + timedelta(minutes=draw(st.integers(0, 5))),
        )
        for each in some
    ]


@given(identified(), policies, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(
    events: list[Touchpoint], policy: Policy, dice: random.Random
) -> None:
    shuffled = dice.sample(events, len(events))
    one, other = score(Journey("j", events), policy), score(Journey("j", shuffled), policy)
    assert one.tally == other.tally
    assert one.extremes == other.extremes
    assert {conflict.folded for conflict in map(_key, one.conflicts)} == {
        conflict.folded for conflict in map(_key, other.conflicts)
    }


def _key(conflict: object) -> object:
    """A conflict whose touchpoint can be put in a set."""
    from types import SimpleNamespace

    return SimpleNamespace(folded=repr(conflict.folded))  # type: ignore[attr-defined]


@given(identified(), st.data(), st.randoms(use_true_random=False))
def test_events_corrections_and_retractions_come_in_any_order(
    events: list[Touchpoint], data: st.DataObject, dice: random.Random
) -> None:
    """Dead is what an event or a retraction names, and nothing else: not what replaced it."""
    others = [
        evolve(
            each, supersedes=data.draw(st.none() | ids.filter(lambda id, own=each.id: id != own))
        )
        for each in events
    ]
    steps = [*others, *data.draw(st.lists(ids, max_size=2))]

    def after(told: list[Touchpoint | str]) -> Journey:
        journey = Journey("j")
        for each in told:
            journey = journey.retract(each) if isinstance(each, str) else journey.add(each)
        return journey

    one, other = after(steps), after(dice.sample(steps, len(steps)))
    assert score(one).tally == score(other).tally
    named = {each.supersedes for each in others} | {each for each in steps if isinstance(each, str)}
    alive = {each.id for each in others} - named - {None}
    assert {each.id for each in one.touchpoints} - {None} == alive


@given(identified(), policies, st.integers(1, 3))
def test_duplicates_change_nothing(events: list[Touchpoint], policy: Policy, times: int) -> None:
    named = [event for event in events if event.id is not None]
    journey = Journey("j", events)
    again = journey.add(*named * times)
    assert score(again, policy).tally == score(journey, policy).tally
    assert len(again.duplicates) - len(journey.duplicates) == len(named) * times


@given(identified(), touchpoints(id="new"), policies)
def test_add_and_retract_equals_never_added(
    events: list[Touchpoint], event: Touchpoint, policy: Policy
) -> None:
    event = evolve(event, at=START)
    journey = Journey("j", events)
    never = score(journey, policy).tally
    assert score(journey.add(event).retract("new"), policy).tally == never
    assert score(journey.retract("new").add(event), policy).tally == never


@given(identified(), touchpoints(id="old"), touchpoints(), policies)
def test_replaced_equals_the_new_one_alone(
    events: list[Touchpoint], old: Touchpoint, new: Touchpoint, policy: Policy
) -> None:
    old, new = evolve(old, at=START), evolve(new, at=START)
    journey = Journey("j", events)
    replaced = journey.add(old).replace("old", new)
    assert score(replaced, policy).tally == score(journey.add(new), policy).tally
    assert score(replaced.add(old), policy).tally == score(replaced, policy).tally


@given(journeys, policies)
def test_inputs_are_never_mutated(journey: Journey, policy: Policy) -> None:
    before = repr(journey)
    card = score(journey, policy)
    journey.retract("x").add(Touchpoint("hotel.valet", delivered=0.5))
    for each in card.touchpoints[:1]:
        if each.touchpoint.delivered is not None and len(card.touchpoints) == 1:
            card.what_if(each.touchpoint.name, delivered=0.1)
    assert repr(journey) == before


@given(st.lists(st.sampled_from(NAMES[:5]), min_size=1, max_size=5, unique=True), st.data())
def test_leaving_out_a_planned_touchpoint_never_helps(
    names: list[str], data: st.DataObject
) -> None:
    done = [Touchpoint(name, delivered=data.draw(levels())) for name in names]
    left_out = data.draw(st.sampled_from(done))
    rest = [each for each in done if each is not left_out]
    whole = score(Journey("j", done, plan=names))
    less = score(Journey("j", rest, plan=names))
    assert whole.impression is not None and less.impression is not None
    assert less.impression <= whole.impression
    assert less.missed == (left_out.name,)
    assert whole.missed == ()


hundredth = st.integers(0, 10000)


@given(hundredth, hundredth, hundredth, hundredth, st.floats(0, 1))
def test_the_order_of_recoveries(v: int, a: int, low: int, high: int, credit: float) -> None:
    low, high = sorted((low, high))
    assume(v <= a)
    tried = {
        (ok, d): recovered_value(v, a, [Attempt(ok, d)], credit)
        for ok in (True, False)
        for d in (low, high)
    }
    assert v <= tried[True, low] <= tried[True, high] <= a  # never worse, never above anticipated
    assert 0 <= tried[False, low] <= tried[False, high] <= v  # a failed one is never better
    both = recovered_value(v, a, [Attempt(True, low), Attempt(False, high)], credit)
    assert both == tried[True, low]  # the best of several counts


@given(levels(), levels(), levels(), levels(), policies)
def test_recoveries_in_a_journey(
    anticipated: float, delivered: float, hoped: float, put_right: float, policy: Policy
) -> None:
    assume(delivered < anticipated)
    failure = Touchpoint("hotel.room", anticipated=asked(anticipated), delivered=delivered, id="f")
    recovery = Touchpoint(
        "hotel.maintenance", anticipated=asked(hoped), delivered=put_right, recovers="f"
    )
    plain = score(Journey("j", [failure]), policy)
    recovered = score(Journey("j", [failure, recovery]), policy)
    assert recovered.tally.count == 1
    assert plain.impression is not None and recovered.impression is not None
    fell_short = round(put_right * 10000) < max(0, round(hoped * 10000) - 500)
    if fell_short:
        assert recovered.impression <= plain.impression
        assert len(recovered.open_loops) == len(plain.open_loops)
    else:
        assert plain.impression <= recovered.impression
        assert recovered.par is not None and recovered.impression <= recovered.par
        assert all(loop.kind == "recovery" for loop in recovered.open_loops)
