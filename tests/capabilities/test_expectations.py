"""Capabilities E1 to E5, E7 and E8: what was anticipated, how it is known, how it changes."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from strategies import START

from journeyscore import (
    Expectation,
    Handling,
    Journey,
    PlannedTouchpoint,
    Policy,
    Touchpoint,
    asked,
    experienced,
    frames,
    minutes,
    promised,
    rating,
    score,
)
from journeyscore.errors import InvalidValue, NaiveTime
from journeyscore.expectations import market_levels
from journeyscore.findings import FindingKind


def card_of(*touchpoints: Touchpoint, **given: object):  # type: ignore[no-untyped-def]
    options = {name: given.pop(name) for name in ("market", "experience") if name in given}
    return score(Journey("j", list(touchpoints), **given), **options)  # type: ignore[arg-type]


def test_E1_anticipated_against_delivered_by_touchpoint_and_by_factor() -> None:
    wait, stars = minutes(best=0, worst=30), rating(1, 5)
    desk = Touchpoint(
        "hotel.front_desk",
        readings={
            "speed": wait(anticipated=promised(5), delivered=20),
            "courtesy": stars(anticipated=4, delivered=5),
        },
    )
    valet = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9)
    first, second = card_of(desk, valet).touchpoints
    assert first.effect < 0 < second.effect
    later = card_of(desk, valet).what_if("hotel.front_desk", readings={
        "speed": wait(anticipated=promised(5), delivered=5)
    })  # fmt: skip
    assert later.touchpoints[0].effect > first.effect


def test_E2_intended_probable_and_desired_are_visible() -> None:
    desk = Touchpoint("hotel.front_desk", anticipated=0.7, adequate=0.6, desired=0.9, delivered=0.8)
    valet = Touchpoint("hotel.valet", anticipated=promised(0.8), delivered=0.8)
    plan = [PlannedTouchpoint("hotel.front_desk", anticipated=0.85)]
    one, other = card_of(desk, valet, plan=plan).touchpoints
    assert (one.intended, one.anticipated, one.adequate, one.desired) == (85, 70, 60, 90)
    assert other.intended == 80  # what was promised is intended
    assert one.to_dict()["intended"] == 85
    assert one.outcome == "met"


def test_E3_the_known_share_stands_beside_every_score() -> None:
    known = [asked(0.6), promised(0.6), experienced(0.6)]
    touchpoints = [Touchpoint("hotel.room", anticipated=each, delivered=0.6) for each in known]
    assert card_of(*touchpoints).known_share == 1.0
    guess = Touchpoint("hotel.room", anticipated=0.6, delivered=0.6)
    assert card_of(*touchpoints, guess).known_share == 0.75


def test_E4_an_expectation_that_was_learned_long_ago_is_stale_and_scores_the_same() -> None:
    old = asked(0.6, as_of=START - timedelta(days=400))
    room = Touchpoint("hotel.room", anticipated=old, delivered=0.9, at=START)
    card = card_of(room)
    assert [each.kind for each in card.findings] == [FindingKind.STALE]
    assert "ask again" in card.findings[0].words
    assert (
        card.tally == card_of(Touchpoint("hotel.room", anticipated=asked(0.6), delivered=0.9)).tally
    )
    patient = Policy(fresh_days=401)
    assert score(Journey("j", [room]), patient).findings == ()
    log = pl.DataFrame(
        {"journey": ["j"], "touchpoint": ["hotel.room"], "anticipated": [0.6], "delivered": [0.9],
         "basis": ["asked"], "at": [START], "as_of": [START - timedelta(days=400)]}
    )  # fmt: skip
    assert frames.ask_again(log)["days"].to_list() == [400]
    assert len(frames.ask_again(log, policy=patient)) == 0
    with pytest.raises(NaiveTime):
        asked(0.6, as_of=START.replace(tzinfo=None))


LOG = pl.DataFrame(
    {
        "journey": ["a", "b", "c", "d"],
        "customer": ["c-1", "c-2", "c-3", None],
        "segment": ["families", "families", "singles", "singles"],
        "touchpoint": ["hotel.valet"] * 4,
        "anticipated": pl.Series([None] * 4, dtype=pl.Float64),
        "delivered": [0.9, 0.5, 0.3, 0.3],
    }
)


def test_E4_each_visit_teaches_what_the_next_one_will_expect() -> None:
    past = frames.experience(LOG)
    again = frames.experience(LOG.with_columns(delivered=pl.lit(0.1)))
    merged = pl.concat([past, again])  # shards are added up
    second = card_of(Touchpoint("hotel.valet", delivered=0.5), customer="c-1", experience=merged)
    assert (second.par, second.known_share) == (50.0, 1.0)
    scored = frames.score(LOG, experience=merged).sort("journey")
    assert scored["par"].to_list()[:3] == [50.0, 30.0, 20.0]
    assert scored["known_share"].to_list() == [1.0, 1.0, 1.0, 0.0]


def test_E5_customer_then_segment_then_market_then_catalogue() -> None:
    market = frames.market(LOG, by_segment=True)
    past = {("c-1", "hotel.valet"): (9000, 1)}
    valet = Touchpoint("hotel.valet", delivered=0.5)

    def par(customer: str, segment: str | None) -> float | None:
        journey = Journey("j", [valet], customer=customer, segment=segment)
        return score(journey, market=market, experience=past).par

    assert par("c-1", "families") == 90.0  # this customer's own past
    assert par("c-9", "families") == 70.0  # customers of the segment
    assert par("c-9", None) == par("c-9", "other") == 50.0  # customers in general
    assert card_of(valet).par == 70.0  # the catalogue
    said = valet.__class__("hotel.valet", anticipated=0.2, delivered=0.5)
    assert card_of(said, customer="c-1", experience=past).par == 20.0
    one, other = (score(Journey("j", [valet], customer=c), experience={
        ("c-1", "hotel.valet"): (9000, 1), ("c-2", "hotel.valet"): (1000, 1)}) for c in ("c-1", "c-2"))  # fmt: skip
    assert one.impression != other.impression  # two guests, one delivery, two scores
    filled = frames.score(LOG, by="journey", market=market).sort("journey")
    assert filled["par"].to_list() == [70.0, 70.0, 30.0, 30.0]


def test_E5_a_market_made_a_mapping_once_is_the_same_market() -> None:
    """Its segments were added up again, beside customers of no segment, who were not."""
    log = pl.DataFrame(
        {
            "journey": ["a", "b", "c"],
            "touchpoint": ["hotel.valet"] * 3,
            "segment": ["regular", "regular", None],
            "delivered": [1.0, 0.8, 0.1],
        }
    )
    met = frames.market(log, by_segment=True)
    once = market_levels(met)
    assert market_levels(once) == once
    valet = Touchpoint("hotel.valet", delivered=0.5)
    assert card_of(valet, market=once).par == card_of(valet, market=met).par == 63.33
    unsaid = log.with_columns(anticipated=pl.lit(None, pl.Float64))
    found, made = (frames.score(unsaid, market=each).sort("journey") for each in (met, once))
    assert found.equals(made)


def test_E7_an_unreasonable_expectation_is_kept_listed_and_not_used() -> None:
    wish = asked(1.0, unreasonable="impossible")
    room = Touchpoint("hotel.room", anticipated=wish, delivered=0.75)
    card = card_of(room)
    unasked = card_of(Touchpoint("hotel.room", delivered=0.75))
    assert card.tally == unasked.tally and card.known_share == 0.0
    assert [(each.kind, each.words) for each in card.findings] == [
        (FindingKind.UNREASONABLE, "an expectation left out: impossible")
    ]
    log = pl.DataFrame(
        {"journey": ["j"], "touchpoint": ["hotel.room"], "anticipated": [1.0], "basis": ["asked"],
         "delivered": [0.75], "unreasonable": ["impossible"]}
    )  # fmt: skip
    assert frames.score(log)["impression"].item() == unasked.impression
    assert frames.ask_again(log)["reason"].to_list() == ["impossible"]
    with pytest.raises(InvalidValue, match="none of impossible"):
        Expectation(1.0, unreasonable="rude")  # type: ignore[arg-type]
    faults = frames.check(log.with_columns(unreasonable=pl.lit("rude")))
    assert faults["field"].to_list() == ["unreasonable"]


def test_E8_needs_are_taken_reviewed_and_unmet_ones_are_findings() -> None:
    came = Touchpoint("hotel.booking", handling=Handling(need="crib"))
    also = Touchpoint("hotel.booking", handling=Handling(need="quiet"))
    room = Touchpoint("hotel.room", delivered=0.9, handling=Handling(meets="crib"))
    card = card_of(came, also, room)
    assert card.needs == (("crib", "quiet"), ("crib",), ("quiet",))
    assert [each.kind for each in card.findings] == [FindingKind.UNMET_NEED]
    assert card_of(came, also, room, state="open").findings == ()  # it may be met yet
    log = pl.DataFrame(
        {"journey": ["j"] * 3, "touchpoint": ["hotel.booking", "hotel.booking", "hotel.room"],
         "anticipated": [None, None, 0.8], "delivered": [None, None, 0.9],
         "need": ["crib", "quiet", None], "meets": [None, None, "crib"]}
    )  # fmt: skip
    assert set(frames.needs(log).rows()) == {("j", "crib", 1, 1, 0), ("j", "quiet", 1, 0, 1)}
