"""Laws of the fold and its read-outs (model, sections 4, 5 and 9)."""

from __future__ import annotations

import random

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import expectations, journeys, levels, policies, tallies, touchpoints

from journeyscore import Extremes, Journey, Policy, Tally, Touchpoint, fold, score
from journeyscore.expectations import Basis
from journeyscore.valuation import Valuer, Worth

several = st.lists(touchpoints(), max_size=10)


@given(tallies, tallies, tallies)
def test_tallies_are_a_commutative_group(a: Tally, b: Tally, c: Tally) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Tally() == a == Tally() + a
    assert a + b - b == a
    assert sum([a, b, c]) == a + b + c  # type: ignore[arg-type]


@given(several, policies, st.randoms(use_true_random=False))
def test_no_order_no_split_and_no_merge_tree_matters(
    events: list[Touchpoint], policy: Policy, dice: random.Random
) -> None:
    whole = fold(events, policy)
    shuffled = dice.sample(events, len(events))
    parts = [fold([event], policy) for event in shuffled]
    while len(parts) > 1:
        one = parts.pop(dice.randrange(len(parts)))
        other = parts.pop(dice.randrange(len(parts)))
        parts.append(one + other)
    assert sum(parts, Tally()) == whole == fold(shuffled, policy)


@given(several, policies)
def test_one_touchpoint_at_a_time_is_the_plain_path(
    events: list[Touchpoint], policy: Policy
) -> None:
    valuer = Valuer(policy)
    worths = [worth for event in events if (worth := valuer.worth(event)) is not None]
    assert fold(iter(events), policy) == Tally.of(worths)
    assert fold(events, policy) == score(Journey("j", events), policy).tally


@given(several, touchpoints(weight=0.0), policies)
def test_weight_zero_has_no_effect(
    events: list[Touchpoint], weightless: Touchpoint, policy: Policy
) -> None:
    assert fold([*events, weightless], policy) == fold(events, policy)


@given(journeys, policies)
def test_read_outs_are_scores(journey: Journey, policy: Policy) -> None:
    card = score(journey, policy)
    if card.tally.count == 0:
        assert {card.impression, card.par, card.delivered, card.verdict} == {None}
        assert card.consistency is None and card.known_share is None
        return
    assert card.impression is not None and 0 <= card.impression <= 100
    assert card.par is not None and 0 <= card.par <= 100
    assert card.delivered is not None and 0 <= card.delivered <= 100
    assert card.known_share is not None and 0 <= card.known_share <= 1
    assert (card.consistency is None) == (card.tally.count < 2)
    assert card.consistency is None or 0 <= card.consistency <= 100


worths = st.builds(
    Worth,
    st.integers(1, 100000),
    st.integers(0, 10000),
    st.integers(0, 10000),
    st.integers(0, 10000),
    st.booleans(),
    st.just(Basis.ASSUMED),
)


@given(st.lists(worths, min_size=1, max_size=8), st.integers(1, 1000))
def test_scaling_the_weights_changes_no_read_out(some: list[Worth], factor: int) -> None:
    scaled = [worth._replace(weight=worth.weight * factor) for worth in some]
    tally = Tally.of(scaled)
    assume(tally.squares < 2**53)
    assert tally.readouts() == Tally.of(some).readouts()


@given(st.lists(st.integers(1, 100000), min_size=2, max_size=8), st.integers(0, 5000), levels())
def test_equal_effects_are_consistent(weights: list[int], effect: int, level: float) -> None:
    par = round(level * 5000)
    some = [Worth(w, par + effect, par, par, False, Basis.ASSUMED) for w in weights]
    assert Tally.of(some).readouts().consistency == 100


@given(st.lists(worths, min_size=2, max_size=8), st.integers(0, 5000))
def test_a_constant_added_to_every_effect_leaves_consistency(some: list[Worth], by: int) -> None:
    halved = [worth._replace(value=worth.value // 2, par=worth.par // 2) for worth in some]
    moved = [worth._replace(value=worth.value + by) for worth in halved]
    before = Tally.of(halved).readouts().consistency
    after = Tally.of(moved).readouts().consistency
    assert before is not None and after is not None
    assert abs(round(100 * before) - round(100 * after)) <= 1


@given(journeys, policies)
def test_effects_add_up_to_impression_minus_par(journey: Journey, policy: Policy) -> None:
    card = score(journey, policy)
    assume(card.impression is not None and card.par is not None)
    assert card.impression is not None and card.par is not None
    whole = sum(round(100 * effect) for effect in card.effects)
    assert whole == round(100 * card.impression) - round(100 * card.par)
    for each in card.touchpoints:
        share = each.touchpoint.units * each.effect / card.tally.weight
        assert abs(each.contribution - share) < 0.01 + 1e-9


@given(st.lists(touchpoints(), min_size=1, max_size=6), levels(), st.data())
def test_a_journey_never_falls_when_a_delivery_rises(
    events: list[Touchpoint], level: float, data: st.DataObject
) -> None:
    plain = [event for event in events if event.delivered is not None]
    assume(plain)
    event = data.draw(st.sampled_from(plain))
    assume(event.delivered is not None and level >= event.delivered)
    better = [evolve(each, delivered=level) if each is event else each for each in events]
    before, after = score(Journey("j", events)), score(Journey("j", better))
    if before.impression is not None and after.impression is not None:
        assert before.impression <= after.impression


@given(st.lists(expectations, min_size=1, max_size=6), policies)
def test_all_as_anticipated_is_par(expected: list[object], policy: Policy) -> None:
    events = [
        Touchpoint("hotel.valet", anticipated=each, delivered=each.value)  # type: ignore[attr-defined, arg-type]
        for each in expected
    ]
    card = score(Journey("j", events), policy)
    assert card.impression == card.par == card.delivered


values = st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10000)), max_size=8)


@given(values, values)
def test_extremes_merge_in_any_order_and_twice(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    a, b = Extremes.of(one), Extremes.of(other)
    assert a | b == b | a == Extremes.of([*one, *other])
    assert a | a == a
    if one:
        first = min(one)
        last = max(time for time, _ in one)
        assert a.first_impression == first[1] / 100
        assert a.lasting_impression == min(v for time, v in one if time == last) / 100
        assert a.worst_moment == min(v for _, v in one) / 100
