"""What the design shows a user typing, typed: names, numbers, words."""

from __future__ import annotations

import pytest

from journeyscore import (
    Journey,
    Policy,
    Tally,
    Touchpoint,
    asked,
    minutes,
    promised,
    rating,
    score,
    yes_no,
)
from journeyscore.errors import OutOfScale

STAY = Journey(
    "stay-1042",
    [
        Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9),
        Touchpoint("hotel.bellman", anticipated=asked(0.6), delivered=0.6),
        Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5),
    ],
)


def test_the_first_example_to_the_letter() -> None:
    card = score(STAY, policy=Policy())
    assert str(card) == (
        "56.61 of 100, par 66.67 (10.06 below what was anticipated); consistency 61.68; satisfied\n"
        "broke it: front desk, promised 80, delivered 50 (-20.40)   lifted it: valet (+10.34)"
    )
    assert (card.impression, card.par, card.delivered) == (56.61, 66.67, 66.67)
    assert (card.consistency, card.known_share, card.verdict) == (61.68, 0.6667, "satisfied")
    assert card.effects == (10.34, 0.0, -20.40)
    assert [str(outcome) for outcome in card.outcomes] == ["extra_mile", "met", "fell_short"]
    (moment,) = card.moments
    assert moment.touchpoint.name == "hotel.front_desk"
    assert moment.effect == -61.2
    assert [loop.touchpoint for loop in card.open_loops] == ["hotel.front_desk"]
    assert card.tally == Tally(3, 300, 1698400, 2000000, 4708921600, 2000000, 200)


def test_what_if_and_plain_data() -> None:
    card = score(STAY)
    on_time = card.what_if("hotel.front_desk", delivered=0.8)
    assert (on_time.impression, on_time.verdict, on_time.moments) == (77.01, "satisfied", ())
    data = card.to_dict()
    assert data["impression"] == 56.61
    assert data["tally"]["value"] == 1698400
    assert data["touchpoints"][2]["moment"] == "broke"
    assert data["policy_fingerprint"] == card.policy_fingerprint == Policy().fingerprint
    assert card.version == 1


def test_readings_on_scales() -> None:
    wait, stars = minutes(best=0, worst=30), rating(1, 5)
    desk = Touchpoint(
        "hotel.front_desk",
        readings={
            "speed": wait(anticipated=promised(5), delivered=12),
            "courtesy": stars(anticipated=4, delivered=5),
            "recognition": yes_no(anticipated=asked(True), delivered=False),
        },
    )
    card = score(Journey("stay-1", [desk]))
    # speed: 0.8333 promised, 0.6 delivered; courtesy 0.75, 1; recognition 1, 0
    assert (card.delivered, card.par) == (53.33, 86.11)
    assert card.known_share == 0  # courtesy was only assumed
    with pytest.raises(OutOfScale, match=r"^delivered: 7 is outside rating 1 to 5$"):
        stars(anticipated=4, delivered=7)


def test_competence_comes_first() -> None:
    """While a core factor is below adequate, a surprise elsewhere counts nothing."""
    stars = rating(1, 5)

    def visit(competence: int) -> float | None:
        readings = {
            "competence": stars(anticipated=4, delivered=competence),
            "courtesy": stars(anticipated=3, delivered=5),
        }
        return score(Journey("j", [Touchpoint("hotel.concierge", readings=readings)])).impression

    capable, lacking = visit(4), visit(3)
    assert capable == (75 + 100) / 2
    delivered = (50 + 100) / 2
    assert lacking is not None and lacking < delivered  # the courtesy earns no credit of its own
    plain = score(
        Journey(
            "j",
            [
                Touchpoint(
                    "hotel.concierge",
                    readings={
                        "competence": stars(anticipated=4, delivered=3),
                        "courtesy": stars(anticipated=5, delivered=5),
                    },
                )
            ],
        )
    )
    assert lacking == plain.impression


def test_the_facade_has_the_names_of_the_design() -> None:
    import journeyscore

    named = "Journey Touchpoint Policy Tally score promised asked experienced market assumed"
    for name in [*named.split(), "days", "minutes", "rating", "yes_no"]:
        assert name in journeyscore.__all__
        assert hasattr(journeyscore, name)
