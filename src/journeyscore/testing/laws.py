"""The laws of scoring, each as pairs of journeys and how their impressions must compare.

They hold for the model of this library under every policy, and say what any fair score of
journeys should: it rises with what was delivered, cannot be gamed, and does not depend on how
events came in (docs/explanation/model.md). *Gaming* is what users of scores complain of most:
lowering expectations, and leaving out what went wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from attrs import evolve
from hypothesis import strategies as st

from ..expectations import Expectation, promised
from ..journey import Journey
from ..plan import Plan, PlannedTouchpoint
from ..touchpoints import Catalogue, State, Touchpoint
from .strategies import START, bases, expectations, levels, names, touchpoints

Pair = tuple[Journey, Journey]
Relation = Literal["same", "no lower", "no higher"]


class Law(NamedTuple):
    """One law of scoring.

    Attributes:
        name: how `check_scorer` calls it.
        meaning: what it says, in a sentence.
        pairs: journeys before and after, out of a catalogue.
        relation: how the impression after must compare with that before.
        to_par: whether both impressions must also equal their par, where the scorer gives one.
    """

    name: str
    meaning: str
    pairs: Callable[[Catalogue | str], st.SearchStrategy[Pair]]
    relation: Relation
    to_par: bool = False


LAWS: dict[str, Law] = {}
"""The laws, by name."""


def _law(
    meaning: str, relation: Relation, *, to_par: bool = False
) -> Callable[[Callable[..., Pair]], Callable[..., Pair]]:
    """Enter a law: the function draws its pairs, its name is that of the law."""

    def enter(draws: Callable[..., Pair]) -> Callable[..., Pair]:
        LAWS[draws.__name__] = Law(draws.__name__, meaning, st.composite(draws), relation, to_par)
        return draws

    return enter


def _stay(*events: Touchpoint, plan: Plan | None = None) -> Journey:
    return Journey("journey", events, plan=plan, ref="journey")


def _some(draw: st.DrawFn, catalogue: Catalogue | str, **fields: Any) -> list[Touchpoint]:
    return draw(st.lists(touchpoints(catalogue=catalogue, **fields), max_size=5))


def _identified(draw: st.DrawFn, catalogue: Catalogue | str) -> list[Touchpoint]:
    """Touchpoints with times and ids, of which some coincide: repetitions and contradictions."""
    minute = st.integers(0, 1).map(lambda minutes: START + timedelta(minutes=minutes))
    some = touchpoints(catalogue=catalogue, id=st.sampled_from([None, None, "e1", "e2"]), at=minute)
    return draw(st.lists(some, min_size=1, max_size=6))


# -- what was delivered, what was anticipated ------------------------------------------------------


@_law("more delivered never lowers the impression", "no lower")
def better_delivery_never_hurts(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """One delivery raised."""
    low, high = sorted((draw(levels()), draw(levels())))
    event = draw(touchpoints(catalogue=catalogue, delivered=low))
    rest = _some(draw, catalogue)
    return _stay(*rest, event), _stay(*rest, evolve(event, delivered=high))


@_law("more anticipated never raises the impression", "no higher")
def higher_expectation_never_helps(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """One expectation raised, its basis standing."""
    low, high = sorted((draw(levels()), draw(levels())))
    basis = draw(bases())
    event = draw(touchpoints(catalogue=catalogue, anticipated=Expectation(low, basis)))
    rest = _some(draw, catalogue)
    raised = evolve(event, anticipated=Expectation(high, basis))
    return _stay(*rest, event), _stay(*rest, raised)


@_law("an expectation just met scores what was delivered, however it is known", "same", to_par=True)
def met_expectation_is_par(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """Everything exactly as anticipated, on one basis and on another."""
    some = draw(st.lists(st.tuples(levels(), names(catalogue)), min_size=1, max_size=5))
    stays = []
    for basis in (draw(bases()), draw(bases())):
        met = (
            Touchpoint(name, anticipated=Expectation(level, basis), delivered=level)
            for level, name in some
        )
        stays.append(_stay(*met))
    return stays[0], stays[1]


# -- what cannot be gamed --------------------------------------------------------------------------


@_law("a promise that is kept never costs", "no lower")
def kept_promise_never_costs(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """The same delivery, at least as good as anticipated: assumed, and promised."""
    low, high = sorted((draw(levels()), draw(levels())))
    event = draw(touchpoints(catalogue=catalogue, anticipated=low, delivered=high))
    rest = _some(draw, catalogue)
    return _stay(*rest, event), _stay(*rest, evolve(event, anticipated=promised(low)))


@_law("leaving out what was planned never helps", "no higher")
def leaving_out_what_was_planned_never_helps(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """A journey with its plan, and the same with one event never told."""
    weight = draw(st.sampled_from([0.5, 1.0, 2.0]))
    event = draw(touchpoints(catalogue=catalogue, anticipated=draw(expectations()), weight=weight))
    planned = PlannedTouchpoint(event.name, anticipated=event.anticipated, weight=weight)
    rest = [each for each in _some(draw, catalogue) if each.name != event.name]
    plan = Plan([planned])
    return _stay(*rest, event, plan=plan), _stay(*rest, plan=plan)


@_law("a recovery that succeeds never hurts", "no lower")
def recovery_never_hurts(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """A failure alone, and the same put right."""
    failure, rest = _failure(draw, catalogue)
    right = _recovery(draw, catalogue, good=True)
    return _stay(*rest, failure), _stay(*rest, failure, right)


@_law("a recovered failure never beats the expectation met at once", "no higher")
def failing_first_never_pays(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """What was anticipated, delivered at once, and the failure put right."""
    failure, rest = _failure(draw, catalogue)
    assert failure.anticipated is not None
    met = evolve(failure, delivered=failure.anticipated.value)
    right = _recovery(draw, catalogue, good=True)
    return _stay(*rest, met), _stay(*rest, failure, right)


@_law("a recovery that fails too never helps", "no higher")
def failed_recovery_never_helps(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """A failure alone, and the same failed again."""
    failure, rest = _failure(draw, catalogue)
    again = _recovery(draw, catalogue, good=False)
    return _stay(*rest, failure), _stay(*rest, failure, again)


def _failure(draw: st.DrawFn, catalogue: Catalogue | str) -> tuple[Touchpoint, list[Touchpoint]]:
    low, high = sorted((draw(levels()), draw(levels())))
    expected = Expectation(high, draw(bases()))
    failure = draw(
        touchpoints(catalogue=catalogue, anticipated=expected, delivered=low, id="failure")
    )
    return failure, _some(draw, catalogue)


def _recovery(draw: st.DrawFn, catalogue: Catalogue | str, *, good: bool) -> Touchpoint:
    """One that does not fall short of what is anticipated of it, or one far below it."""
    delivered = draw(levels(min_value=0.5) if good else levels(max_value=0.5))
    expected = Expectation(0.5 if good else 1.0)
    return Touchpoint(
        draw(names(catalogue)), anticipated=expected, delivered=delivered, recovers="failure"
    )


# -- what does not matter --------------------------------------------------------------------------


@_law("the order in which events come in changes nothing", "same")
def order_changes_nothing(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """Events with times, some under one id, in another order."""
    events = _identified(draw, catalogue)
    turned = st.just(events[::-1])  # likelier to show a dependence than most orders
    return _stay(*events), _stay(*draw(st.one_of(turned, st.permutations(events))))


@_law("an event that comes twice counts once", "same")
def duplicates_change_nothing(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """Events with an id, sent again."""
    events = _identified(draw, catalogue)
    again = [event for event in events if event.id is not None]
    return _stay(*events), _stay(*events, *again)


@_law("an event taken back was never there", "same")
def retracting_undoes_adding(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """One more event, and its retraction before or after it."""
    events = _identified(draw, catalogue)
    more = draw(touchpoints(catalogue=catalogue, id="more", at=START))
    stay = _stay(*events)
    first = draw(st.booleans())
    return stay, stay.retract("more").add(more) if first else stay.add(more).retract("more")


@_law("every weight times the same whole number changes nothing", "same")
def scaling_weights_changes_nothing(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """Weights in whole hundredths, scaled."""
    hundredths = st.integers(1, 1000).map(lambda n: n / 100)
    events = _some(draw, catalogue, weight=hundredths)
    by = draw(st.integers(2, 50))
    scaled = (evolve(each, weight=by * round(each.weight * 100) / 100) for each in events)
    return _stay(*events), _stay(*scaled)


@_law("what has no weight changes nothing", "same")
def weight_zero_changes_nothing(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """One more touchpoint, of weight 0."""
    events = _some(draw, catalogue)
    return _stay(*events), _stay(*events, draw(touchpoints(catalogue=catalogue, weight=0.0)))


@_law("what did not take place changes nothing", "same")
def what_did_not_happen_changes_nothing(draw: st.DrawFn, catalogue: Catalogue | str) -> Pair:
    """One more touchpoint, announced or called off."""
    events = _some(draw, catalogue)
    state = draw(st.sampled_from([State.NOT_YET, State.NOT_APPLICABLE]))
    return _stay(*events), _stay(*events, draw(touchpoints(catalogue=catalogue, state=state)))
