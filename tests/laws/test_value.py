"""Laws of a single value (model, section 9)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from strategies import bases, gap_scales, levels, policies

from journeyscore import Policy, Touchpoint, fold
from journeyscore.expectations import Basis, Expectation
from journeyscore.readings import hundredths, saturated, weight_units
from journeyscore.valuation import Valuer
from journeyscore.value import value_under


def value(
    anticipated: float, delivered: float, basis: Basis, gap_scale: float, policy: Policy
) -> int:
    """V of one touchpoint."""
    worth = Valuer(policy).worth(
        Touchpoint(
            "hotel.valet",
            anticipated=Expectation(anticipated, basis),
            delivered=delivered,
            gap_scale=gap_scale,
        )
    )
    assert worth is not None
    return worth.value


@given(levels(), levels(), bases, gap_scales, policies)
def test_a_value_is_a_score(a: float, d: float, basis: Basis, gap: float, policy: Policy) -> None:
    assert 0 <= value(a, d, basis, gap, policy) <= 10000


@given(levels(), levels(), levels(), bases, gap_scales, policies)
def test_it_never_falls_when_delivered_rises(
    a: float, one: float, other: float, basis: Basis, gap: float, policy: Policy
) -> None:
    low, high = sorted((one, other))
    assert value(a, low, basis, gap, policy) <= value(a, high, basis, gap, policy)


@given(levels(), levels(), levels(), bases, gap_scales, policies)
def test_it_never_rises_when_anticipated_rises(
    one: float, other: float, d: float, basis: Basis, gap: float, policy: Policy
) -> None:
    low, high = sorted((one, other))
    assert value(high, d, basis, gap, policy) <= value(low, d, basis, gap, policy)


@given(levels(), bases, gap_scales, policies)
def test_a_met_expectation_scores_what_was_delivered(
    d: float, basis: Basis, gap: float, policy: Policy
) -> None:
    assert value(d, d, basis, gap, policy) == hundredths(d)


@given(levels(min_value=0.0001, max_value=0.5), gap_scales, policies)
def test_a_shortfall_weighs_at_least_the_equal_surplus(
    half: float, gap_scale: float, policy: Policy
) -> None:
    """At a delivery of one half, where as much is to win as to lose; within a float's rounding."""
    gap = saturated(0.5, 0.5 - half, gap_scale)
    value_of = value_under(policy)
    gained, lost = value_of(0.5, gap, False) - 0.5, 0.5 - value_of(0.5, -gap, False)
    assert lost >= gained - 1e-15


@given(levels(), levels(), bases, gap_scales, policies)
def test_no_expectation_is_low_enough_to_beat_the_bound(
    a: float, d: float, basis: Basis, gap: float, policy: Policy
) -> None:
    share = policy.promised_share if basis is Basis.PROMISED else policy.share
    bound = d + share / policy.loss_aversion * (1 - d)
    assert value(a, d, basis, gap, policy) <= hundredths(bound) + 1  # rounding of the bound


@given(levels(), levels(), gap_scales)
def test_a_broken_promise_costs_more_and_a_kept_one_never_costs(
    a: float, d: float, gap: float
) -> None:
    promised = value(a, d, Basis.PROMISED, gap, Policy())
    assumed = value(a, d, Basis.ASSUMED, gap, Policy())
    assert promised <= assumed if d < a else promised >= assumed


@given(st.floats(0, 1), st.floats(0, 1), bases, gap_scales, policies)
def test_the_fast_fold_has_the_bits_of_the_plain_value(
    a: float, d: float, basis: Basis, gap: float, policy: Policy
) -> None:
    """Levels of any float: `fold` uses terms prepared when the touchpoint was built."""
    touchpoint = Touchpoint(
        "hotel.valet", anticipated=Expectation(a, basis), delivered=d, gap_scale=gap
    )
    tally = fold([touchpoint], policy)
    weight = weight_units(policy.weights.get("hotel.valet", 1.0))
    assert tally.weight == weight
    assert tally.value == weight * value(a, d, basis, gap, policy)
    assert tally.par == weight * hundredths(a)
    assert tally.delivered == weight * hundredths(d)
