"""The laws of this folder find what is planted, within the number of examples they always have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, settings
from laws import test_fold as of_folds
from laws import test_journey as of_journeys
from laws import test_value as of_values

from journeyscore import Policy, journey, valuation
from journeyscore.value import ValueOf, value_under

Plant = Callable[[pytest.MonkeyPatch], None]


def inversion(patch: pytest.MonkeyPatch) -> None:
    """What was anticipated less what was delivered."""

    def saturated(delivered: float, anticipated: float, gap_scale: float) -> float:
        u = (anticipated - delivered) * (1 / gap_scale)
        return float(u / (1 + u * u) ** 0.5)

    patch.setattr(valuation, "saturated", saturated)


def tie(patch: pytest.MonkeyPatch) -> None:
    """What was just met taken for a little less."""

    def wrong(policy: Policy) -> ValueOf:
        right = value_under(policy)
        return lambda level, gap, promised: right(level, gap or -0.1, promised)

    patch.setattr(valuation, "value_under", wrong)


def order(patch: pytest.MonkeyPatch) -> None:
    """Of two contents under one id the one that came first."""
    patch.setattr(journey, "content_order", lambda event, valuer: 0)


@pytest.mark.parametrize(
    ("plant", "law"),
    [
        (inversion, of_values.test_it_never_rises_when_anticipated_rises),
        (inversion, of_values.test_it_never_falls_when_delivered_rises),
        (inversion, of_values.test_a_broken_promise_costs_more_and_a_kept_one_never_costs),
        (tie, of_values.test_a_met_expectation_scores_what_was_delivered),
        (tie, of_folds.test_all_as_anticipated_is_par),
        (order, of_journeys.test_the_order_of_arrival_does_not_matter),
    ],
    ids=lambda given: given.__name__,
)
def test_a_law_finds_what_is_planted(
    monkeypatch: pytest.MonkeyPatch, plant: Plant, law: Callable[..., Any]
) -> None:
    plant(monkeypatch)
    # whatever the profile, the number of examples that is Hypothesis' own; none need be small
    found = settings(max_examples=100, phases=[Phase.generate], database=None)(law)
    with pytest.raises(AssertionError):
        found()
