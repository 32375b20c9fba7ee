"""What a score says: S1 to S4."""

from __future__ import annotations

import pytest

from journeyscore import Journey, Touchpoint, asked, promised, score

STAY = Journey("stay", [
    Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9),
    Touchpoint("hotel.bellman", anticipated=asked(0.6), delivered=0.6),
    Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5),
])  # fmt: skip


def test_S1_impression_beside_par_consistency_delivered_and_how_much_is_known() -> None:
    card = score(STAY)
    assert (card.impression, card.par, card.delivered) == (56.61, 66.67, 66.67)
    assert (card.consistency, card.known_share) == (61.68, 0.6667)


def test_S1_without_evidence_it_abstains() -> None:
    card = score(Journey("stay", [Touchpoint("hotel.valet", anticipated=0.6)]))
    readouts = (card.impression, card.par, card.delivered, card.consistency, card.known_share)
    assert {*readouts, card.verdict} == {None}
    assert "nothing was delivered" in str(card)


@pytest.mark.parametrize(
    ("anticipated", "delivered", "verdict"),
    [(0.5, 0.5, "dissatisfied"), (0.6, 0.6, "satisfied"), (0.7, 0.9, "delighted"),
     (0.95, 0.9, "satisfied")],
)  # fmt: skip
def test_S2_the_verdict(anticipated: float, delivered: float, verdict: str) -> None:
    """Well above the threshold and yet below what was anticipated is not delight."""
    stay = Touchpoint("hotel.room", anticipated=anticipated, delivered=delivered)
    assert score(Journey("stay", [stay])).verdict == verdict


def test_S3_effects_add_up_and_moments_have_their_reason_in_words() -> None:
    card = score(STAY)
    assert card.impression is not None and card.par is not None
    assert sum(round(100 * effect) for effect in card.effects) == round(
        100 * card.impression
    ) - round(100 * card.par)
    (broke,) = card.moments
    assert (broke.moment, broke.words) == (
        "broke", "front desk, promised 80, delivered 50 (-20.40)",
    )  # fmt: skip
    assert f"broke it: {broke.words}" in str(card)


def test_S4_what_if_the_front_desk_had_kept_its_promise() -> None:
    card = score(STAY)
    assert card.what_if("hotel.front_desk", delivered=0.8).impression == 77.01
    assert score(STAY) == card  # nothing is recorded
