"""The kit for the tests of hosts: its laws hold here, and find what is planted."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import journeyscore
from journeyscore import (
    Journey,
    Policy,
    Scorecard,
    Tally,
    Touchpoint,
    fold,
    journey,
    score,
    testing,
)
from journeyscore import valuation as valuation_module
from journeyscore.errors import BrokenLaw, JourneyScoreError, UnknownName
from journeyscore.handling import Handling
from journeyscore.testing import LAWS, check_scorer
from journeyscore.touchpoints import CATALOGUES, Catalogue
from journeyscore.value import ValueOf, value_under

FEW = settings(testing.DEFAULT, max_examples=20)
QUICK = settings(testing.DEFAULT, phases=[Phase.generate])  # found is enough, it need not be small

POLICIES = [
    Policy(loss_aversion=1, share=1, promised_share=1, recovery_credit=1),
    Policy(loss_aversion=5, share=0, promised_share=0.5, recovery_credit=0.3, core_factors=()),
]


@pytest.mark.parametrize("law", LAWS)
def test_the_library_keeps_every_law_under_any_policy(law: str) -> None:
    check_scorer(laws=[law])
    for policy in POLICIES:
        check_scorer(policy=policy, laws=[law], settings=FEW)


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_catalogue_can_be_checked(name: str) -> None:
    check_scorer(catalogue=name, settings=settings(FEW, max_examples=5))


def test_a_catalogue_of_the_host() -> None:
    ferry = Catalogue.of("ferry", [("ramp", "boarding", 0.7, "speed"), ("deck", "aboard", 0.8, "")])
    seen: set[str] = set()

    def scorer(stay: Journey) -> Scorecard:
        seen.update(event.name for event in stay.events)
        return score(stay)

    check_scorer(scorer, catalogue=ferry, settings=FEW)
    assert seen == {"ferry.ramp", "ferry.deck"}


# -- faults planted in a scorer of the host --------------------------------------------------------


def delivered(stay: Journey) -> list[tuple[float, float]]:
    """Pairs of weight and level of what was delivered, in order."""
    folded = (each for each in stay.touchpoints if each.state.folded and each.weight > 0)
    return [(each.weight, fold([each]).readouts().delivered or 0.0) for each in folded]


def mean(pairs: list[tuple[float, float]]) -> float | None:
    total = sum(weight for weight, _ in pairs)
    return sum(weight * level for weight, level in pairs) / total if total else None


def swapped(stay: Journey) -> float | None:
    """The margin inverted: what was anticipated in the place of what was delivered."""
    turned = [
        evolve(
            event,
            anticipated=event.delivered,
            delivered=event.anticipated.value,
            adequate=None,
            desired=None,
        )
        if event.anticipated is not None and event.delivered is not None
        else event
        for event in stay.events
    ]
    return score(evolve(stay, touchpoints=turned)).impression


def costly_ties(stay: Journey) -> Any:
    """A touchpoint just met taken for one that fell short."""
    card = score(stay)
    met = any(each.effect == 0 for each in card.touchpoints)
    impression = max(0.0, card.impression - 1) if met and card.impression else card.impression
    return SimpleNamespace(impression=impression, par=card.par)


def recency(stay: Journey) -> float | None:
    """A moving average in the order of arrival."""
    impression = None
    for _, level in delivered(evolve(stay, plan=None)):
        impression = level if impression is None else 0.7 * impression + 0.3 * level
    return impression


def counts_repetitions(stay: Journey) -> float | None:
    return mean(delivered(Journey("j", [evolve(event, id=None) for event in stay.events])))


def counts_every_event(stay: Journey) -> float:
    return min(100.0, 5.0 * len(stay.touchpoints))


def never_forgets(stay: Journey) -> float | None:
    return score(evolve(stay, retracted=())).impression


def forgives_what_is_missing(stay: Journey) -> float | None:
    return score(evolve(stay, plan=None)).impression


def leans_to_the_middle(stay: Journey) -> float | None:
    """A Bayesian prior, which small weights cannot move."""
    return mean([*delivered(stay), (3.0, 50.0)])


def distrusts_promises(stay: Journey) -> float | None:
    promised = any(
        event.anticipated and event.anticipated.basis == "promised" for event in stay.events
    )
    impression = score(stay).impression
    return impression if impression is None or not promised else impression / 2


def rewards_failing_first(stay: Journey) -> float | None:
    recovered = any(event.recovers for event in stay.events)
    impression = score(stay).impression
    return impression if impression is None or not recovered else min(100.0, impression + 30)


def resents_recovery(stay: Journey) -> float | None:
    recovered = any(event.recovers for event in stay.events)
    impression = score(stay).impression
    return impression if impression is None or not recovered else impression / 2


@pytest.mark.parametrize(
    ("scorer", "law"),
    [
        (swapped, "better_delivery_never_hurts"),
        (swapped, "higher_expectation_never_helps"),
        (costly_ties, "met_expectation_is_par"),
        (recency, "order_changes_nothing"),
        (counts_repetitions, "duplicates_change_nothing"),
        (never_forgets, "retracting_undoes_adding"),
        (forgives_what_is_missing, "leaving_out_what_was_planned_never_helps"),
        (leans_to_the_middle, "scaling_weights_changes_nothing"),
        (counts_every_event, "weight_zero_changes_nothing"),
        (counts_every_event, "what_did_not_happen_changes_nothing"),
        (distrusts_promises, "kept_promise_never_costs"),
        (rewards_failing_first, "failing_first_never_pays"),
        (rewards_failing_first, "failed_recovery_never_helps"),
        (resents_recovery, "recovery_never_hurts"),
    ],
)
def test_a_planted_fault_is_found(scorer: Callable[[Journey], Any], law: str) -> None:
    with pytest.raises(BrokenLaw, match=f"^{law}: "):
        check_scorer(scorer, laws=[law], settings=QUICK)


def test_a_scorer_that_changes_its_mind_is_found() -> None:
    turn = itertools.count()
    with pytest.raises(BrokenLaw, match="the same journey scored 0.0, then 1.0"):
        check_scorer(
            lambda stay: float(next(turn) % 2), laws=["order_changes_nothing"], settings=QUICK
        )


def test_what_is_no_impression_is_refused() -> None:
    for wrong in (101.0, -1.0, float("nan"), "fifty", True):
        with pytest.raises(BrokenLaw, match="is no impression; a number from 0 to 100, or None"):
            check_scorer(lambda stay, wrong=wrong: wrong, settings=QUICK)  # type: ignore[misc]


def test_a_scorer_that_changes_its_input_is_refused() -> None:
    def scorer(stay: Journey) -> float:
        object.__setattr__(stay, "site", "changed")
        return 50.0

    with pytest.raises(BrokenLaw, match="scoring changed the journey"):
        check_scorer(scorer, settings=QUICK)


def test_no_such_law() -> None:
    with pytest.raises(UnknownName, match="did you mean order_changes_nothing"):
        check_scorer(laws=["order_change_nothing"])


# -- faults planted in the library -----------------------------------------------------------------


def inverted(delivered: float, anticipated: float, gap_scale: float) -> float:
    u = (anticipated - delivered) * (1 / gap_scale)
    return float(u / (1 + u * u) ** 0.5)


def tied(policy: Policy) -> ValueOf:
    right = value_under(policy)
    return lambda level, gap, promised: right(level, gap or -0.1, promised)


def test_an_inverted_margin_in_the_library_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valuation_module, "saturated", inverted)
    with pytest.raises(BrokenLaw):
        check_scorer(settings=QUICK)


def test_a_tie_error_in_the_library_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valuation_module, "value_under", tied)
    with pytest.raises(BrokenLaw, match="met_expectation_is_par"):
        check_scorer(laws=["met_expectation_is_par"], settings=QUICK)


def test_dependence_on_the_order_of_arrival_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journey, "content_order", lambda event, valuer: 0)
    with pytest.raises(BrokenLaw, match="order_changes_nothing"):
        check_scorer(laws=["order_changes_nothing"], settings=QUICK)


# -- strategies ------------------------------------------------------------------------------------


@given(testing.invalid_touchpoints())
def test_what_is_invalid_is_refused_by_the_name_of_its_field(
    case: tuple[str, dict[str, Any]],
) -> None:
    field, arguments = case
    with pytest.raises(JourneyScoreError) as error:
        Touchpoint(**arguments)
    assert error.value.path == field


@given(testing.journeys(hostile=True, plan=False), testing.policies())
def test_hostile_journeys_are_scored(stay: Journey, policy: Policy) -> None:
    card = score(stay, policy)
    if card.impression is not None:
        assert 0 <= card.impression <= 100
    str(card), card.to_dict()


@given(testing.scales(), st.data())
def test_scales_make_readings(scale: Any, data: st.DataObject) -> None:
    raw = data.draw(st.floats(scale.low, scale.high)) if not scale.yes_no else 1
    assert 0 <= scale(delivered=raw).delivered <= 1


@given(testing.plans(min_size=1), testing.extremes(), testing.tallies(), testing.readings())
def test_the_other_types(plan: Any, extremes: Any, tally: Any, reading: Any) -> None:
    assert plan.items and extremes | extremes == extremes and tally - tally == Tally()
    assert 0 <= reading.delivered <= 1


def test_every_public_type_has_a_strategy() -> None:
    """The types of the facade; a tracker is a service, and errors are what is raised."""
    strategies: list[st.SearchStrategy[Any]] = [
        testing.bases(), testing.expectations(), testing.extremes(), testing.handlings(),
        testing.journeys(), testing.plans(), testing.planned_touchpoints(), testing.policies(),
        testing.readings(), testing.scales(), testing.scorecards(), testing.tallies(),
        testing.touchpoints(), testing.catalogues(),
    ]  # fmt: skip
    drawn = {type(find(each, lambda _: True, settings=QUICK)) for each in strategies}
    public = {getattr(journeyscore, name) for name in journeyscore.__all__}
    types = {each for each in public if isinstance(each, type)}
    others = {journeyscore.JourneyScoreError, journeyscore.Outcome, journeyscore.Tracker}
    assert types - drawn == others


@pytest.mark.parametrize("outcome", ["fell_short", "met", "extra_mile", "proactive", "missed"])
def test_scorecards_come_to_every_outcome(outcome: str) -> None:
    def has_it(card: Scorecard) -> bool:
        return bool(card.missed) if outcome == "missed" else outcome in card.outcomes

    find(testing.scorecards(), has_it, settings=settings(QUICK, derandomize=True))


@given(testing.catalogues(), testing.handlings(hostile=True), st.data())
def test_a_catalogue_drawn_is_one_to_draw_from(
    catalogue: Catalogue, handling: Any, data: st.DataObject
) -> None:
    card = data.draw(testing.scorecards(catalogue=catalogue))
    assert {each.name for each in card.journey.events} <= {entry.name for entry in catalogue}
    event = data.draw(testing.touchpoints(catalogue=catalogue, handling=handling))
    assert event.handling == (None if handling == Handling() else handling)  # it says nothing


def test_hostile_strategies_reach_the_edges() -> None:
    find(testing.texts(hostile=True), lambda text: "DROP TABLE" in text)
    find(testing.times(hostile=True), lambda at: at.year == 9999 and at.tzinfo is UTC)
    find(testing.levels(hostile=True), lambda level: 0 < level < 1e-300)
    find(testing.weights(hostile=True), lambda weight: weight == 1000)
    find(testing.logs(hostile=True), lambda rows: any(row.get("delivered") == 1.2 for row in rows))
