"""F1, T1, T2 and S7: packs of factors, catalogues of touchpoints, the four stories, competence."""

from __future__ import annotations

import pytest
from examples.hotel import stories

from journeyscore import Journey, Touchpoint, rating, score
from journeyscore.factors import (
    CHANNELS,
    FACTORS,
    PACKS,
    aliases,
    applies,
    canonical,
    is_known,
)
from journeyscore.touchpoints import CATALOGUES, catalogued

LISTED = {
    "nine_characteristics": (
        "reliability", "responsiveness", "accessibility", "safety", "courtesy", "consideration",
        "communication", "recognition", "competence",
    ),
    "four_elements_of_excellence": (
        "courtesy", "professionalism", "competence", "communication",
    ),
    "four_wants": ("reliability", "respect", "consideration", "commitment"),
    "seven_factors_that_make_a_customer_feel_special": (
        "speed", "personalisation", "recognition", "expectation_setting", "reliability",
        "courtesy", "competence", "information", "attitude", "loyalty_reward",
    ),
    "eight_traits_of_the_employee": (
        "expectation_setting", "proactivity", "resourcefulness", "responsiveness", "empowerment",
        "attitude", "consideration",
    ),
}  # fmt: skip
"""The factors of each published list, in its order; an item may mean two, two items the same."""

ITEMS = {
    "nine_characteristics": 9,
    "four_elements_of_excellence": 4,
    "four_wants": 4,
    "seven_factors_that_make_a_customer_feel_special": 7,
    "eight_traits_of_the_employee": 8,
}


def test_F1_the_five_packs_are_whole() -> None:
    assert {name: len(pack.items) for name, pack in PACKS.items()} == ITEMS
    assert {name: pack.factors for name, pack in PACKS.items()} == LISTED
    for pack in PACKS.values():
        assert all(is_known(name) and canonical(name) == name for name in pack.factors)


def test_F1_a_quality_counts_once_whatever_it_is_called() -> None:
    names = [name for factor in FACTORS for name in (factor.name, *factor.aliases)]
    assert len(names) == len(set(names)) == len(aliases())
    stars = rating(1, 5)
    reading = stars(anticipated=4, delivered=5)
    polite = Touchpoint("hotel.valet", readings={"politeness": reading})
    assert list(polite.readings) == ["courtesy"]
    packs = [name for name, pack in PACKS.items() if "courtesy" in pack.factors]
    assert len(packs) == 3
    assert score(Journey("a", [polite])).impression == score(
        Journey("b", [Touchpoint("hotel.valet", readings={"courtesy": reading})])
    ).impression  # fmt: skip


def test_T1_six_trades_have_catalogues_with_factors_and_expectations() -> None:
    assert set(CATALOGUES) == {"hotel", "airline", "retail", "dining", "gym", "contact_centre"}
    for trade, catalogue in CATALOGUES.items():
        assert len(catalogue) >= 8
        for entry in catalogue:
            assert entry.name.startswith(f"{trade}.") and catalogued(entry.name) is entry
            assert 0 < entry.anticipated < 1 and entry.stage
            assert entry.factors and all(canonical(each) == each for each in entry.factors)
            assert all(map(is_known, entry.factors))
    for name in ("hotel.valet", "hotel.bellman", "hotel.front_desk", "gym.greeting",
                 "retail.help", "airline.water"):  # fmt: skip
        assert catalogued(name) is not None


@pytest.mark.parametrize("trade", CATALOGUES)
def test_T1_where_nobody_says_the_catalogue_does(trade: str) -> None:
    for entry in CATALOGUES[trade]:
        card = score(Journey("j", [Touchpoint(entry.name, delivered=0.5)]))
        assert card.par == round(entry.anticipated * 100, 2)
        assert card.known_share == 0


def test_T1_factors_know_their_channel() -> None:
    greeting = CATALOGUES["contact_centre"]["contact_centre.greeting"]
    assert "smile" in greeting.judged_on("phone")  # heard
    assert "smile" not in greeting.judged_on("email")
    room = CATALOGUES["hotel"]["hotel.room"]
    assert room.judged_on("in_person") == room.factors
    assert "cleanliness" not in room.judged_on("phone")
    assert room.judged_on(None) == room.judged_on("drone") == room.factors
    assert all(applies("courtesy", channel) for channel in CHANNELS)
    for factor in FACTORS:
        assert set(factor.channels) <= set(CHANNELS)


def test_T1_what_does_not_apply_is_not_a_zero() -> None:
    stars = rating(1, 5)
    courtesy = {"courtesy": stars(anticipated=4, delivered=4)}
    with_zero = {**courtesy, "smile": stars(anticipated=4, delivered=1)}
    mail, call = (
        score(Journey("j", [Touchpoint("hotel.follow_up", readings=readings, channel="email")]))
        for readings in (with_zero, courtesy)
    )
    assert call.notes == () and call.impression == 75.0
    [note] = mail.notes
    assert note == "smile cannot be judged on the channel email; leave it out: " \
                   "not applicable is not zero"  # fmt: skip
    on_phone = Touchpoint("hotel.follow_up", readings=with_zero, channel="phone")
    assert score(Journey("j", [on_phone])).notes == ()


def test_T2_the_four_stories_are_shipped_with_their_scores() -> None:
    given, refused = stories.bottle_of_water()
    scores = [
        (score(each).impression, score(each).par)
        for each in (stories.hotel_arrival(), stories.gym_smile(), stories.home_store(),
                     given, refused)
    ]  # fmt: skip
    assert scores == [(94.61, 75.0), (43.79, 85.0), (77.07, 50.0), (85.19, 77.5), (39.39, 85.0)]


def test_S7_under_a_floor_on_core_factors_extras_earn_nothing() -> None:
    stars = rating(1, 5)

    def desk(competence: int, smile: int) -> float:
        readings = {
            "competence": stars(anticipated=4, delivered=competence),
            "smile": stars(anticipated=3, delivered=smile),
        }
        card = score(Journey("j", [Touchpoint("hotel.front_desk", readings=readings)]))
        assert card.impression is not None
        return card.impression

    assert desk(4, 5) > (75 + 100) / 2 - 0.01
    delivered = (50 + 100) / 2
    assert desk(3, 5) < delivered  # the smile counts for what it is, its surprise for nothing
    expected = {"smile": stars(anticipated=5, delivered=5),
                "competence": stars(anticipated=4, delivered=3)}  # fmt: skip
    unsurprised = score(Journey("j", [Touchpoint("hotel.front_desk", readings=expected)]))
    assert desk(3, 5) == unsurprised.impression
