"""The whole numbers of the core at the places where rounding and bounds decide."""

from __future__ import annotations

import pytest

from journeyscore import Policy, Tally, Touchpoint, fold
from journeyscore.recovery import Attempt, attempts_at, recovered_value
from journeyscore.tally import threshold, verdict
from journeyscore.valuation import Valuer


def test_a_verdict_turns_at_its_threshold() -> None:
    policy = Policy()
    assert [verdict(n, 0, policy) for n in (5499, 5500)] == ["dissatisfied", "satisfied"]
    assert [verdict(n, 0, policy) for n in (7999, 8000)] == ["satisfied", "delighted"]
    assert [verdict(8000, par, policy) for par in (8000, 8001)] == ["delighted", "satisfied"]


@pytest.mark.parametrize(
    ("points", "hundredths"), [(55.0, 5500), (0.004, 0), (0.005, 1), (54.999, 5500)]
)
def test_a_threshold_is_rounded_to_hundredths(points: float, hundredths: int) -> None:
    assert threshold(points) == hundredths


def test_a_fold_takes_the_market_for_what_nobody_said() -> None:
    event = Touchpoint("hotel.valet", delivered=0.5)
    market = {"hotel.valet": (9000, 1)}
    assert fold([event], market=market).par == 100 * 9000
    assert fold([event], Policy(weights={"hotel.valet": 2}), market=market).par == 200 * 9000


def test_readouts_round_half_up() -> None:
    half = Tally(2, 200, 100, 300, 20000, 500, 1)
    readouts = half.readouts()
    assert (readouts.impression, readouts.par, readouts.delivered) == (0.01, 0.02, 0.03)
    assert readouts.known_share == 0.005
    assert readouts.consistency == 99.9  # the square root of 100 - 1, rounded: 10
    assert Tally(1, 100, 100, 100, 0, 100, 100).readouts().consistency is None


@pytest.mark.parametrize(
    ("value", "par", "attempts", "credit", "after"),
    [
        (0, 10000, [Attempt(True, 10000)], 1.0, 10000),
        (2000, 8000, [Attempt(True, 5000)], 0.5, 3500),
        (8000, 2000, [Attempt(True, 10000)], 1.0, 8000),
        (2000, 8000, [Attempt(False, 5000)], 0.5, 1500),
        (2000, 8000, [Attempt(False, 9999), Attempt(True, 0)], 0.5, 2000),
        (2000, 8000, [Attempt(False, 0), Attempt(False, 10000)], 1.0, 2000),
        (1, 2, [Attempt(True, 10000)], 0.5, 2),
        (1, 2, [Attempt(False, 0)], 0.5, 0),
        (2000, 8000, [], 1.0, 2000),
    ],
)
def test_what_a_recovery_is_worth(
    value: int, par: int, attempts: list[Attempt], credit: float, after: int
) -> None:
    assert recovered_value(value, par, iter(attempts), credit) == after


def test_only_what_was_done_is_an_attempt() -> None:
    failure = Touchpoint("hotel.valet", anticipated=0.5, delivered=0.1, id="v1")
    said = {"recovers": "v1", "anticipated": 0.5}
    announced = Touchpoint("hotel.valet", state="not_yet", **said)
    weightless = Touchpoint("hotel.valet", delivered=0.9, weight=0, **said)
    light = Touchpoint("hotel.valet", delivered=0.45, weight=0.01, **said)
    short = Touchpoint("hotel.valet", delivered=0.4499, **said)
    attempts, unmatched = attempts_at([announced, weightless, light, short], [failure], Valuer())
    assert attempts == {0: [Attempt(True, 4500), Attempt(False, 4499)]}
    assert unmatched == ()
    assert attempts_at([light], [], Valuer()) == ({}, (light,))
