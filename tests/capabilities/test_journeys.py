"""Capabilities S5 over visits, S6, T3 and F2."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from parity.test_frames import frame_of
from strategies import START

from journeyscore import (
    Handling,
    Journey,
    PlannedTouchpoint,
    Touchpoint,
    count,
    frames,
    minutes,
    promised,
    rating,
    score,
    yes_no,
)
from journeyscore.errors import InvalidValue, OutOfScale


def water(journey: str, customer: str, delivered: float) -> dict[str, Any]:
    return {"journey": journey, "customer": customer, "touchpoint": "airline.cabin",
            "anticipated": 0.8, "delivered": delivered}  # fmt: skip


def test_S5_the_bottle_of_water_one_request_two_answers() -> None:
    rows = [water("out", "c-1", 0.9), water("back", "c-1", 0.1), water("out", "c-2", 0.8),
            water("back", "c-2", 0.85)]  # fmt: skip
    log = pl.DataFrame(rows)
    found = {row["customer"]: row for row in frames.answers(log).rows(named=True)}
    assert (found["c-1"]["low"], found["c-1"]["high"]) == (10.0, 90.0)
    assert (found["c-1"]["alike"], found["c-2"]["alike"]) == (False, True)


def test_S5_other_answers_in_a_journey() -> None:
    yes, no = (Touchpoint("airline.cabin", delivered=level) for level in (0.9, 0.1))
    kinds = [each.kind.value for each in score(Journey("j", [yes, no])).findings]
    assert kinds == ["other_answer"]
    assert score(Journey("j", [yes, yes])).findings == ()
    alike = frames.answers(frame_of([water("j", "c", 0.9), water("j", "c", 0.1)]
                                    ), by=["journey", "touchpoint"])["alike"]  # fmt: skip
    assert alike.to_list() == [False]


def test_S6_missing_extra_out_of_order_pending_and_cancelled_are_visible() -> None:
    plan = [
        PlannedTouchpoint("hotel.booking", due=START),
        PlannedTouchpoint("hotel.valet"),
        PlannedTouchpoint("hotel.room"),
        PlannedTouchpoint("hotel.spa"),
        PlannedTouchpoint("hotel.check_out", due=START + timedelta(days=2)),
    ]
    at = START + timedelta(hours=1)
    events = [
        Touchpoint("hotel.room", delivered=0.8, at=at),
        Touchpoint("hotel.valet", delivered=0.8, at=at + timedelta(hours=1)),
        Touchpoint("hotel.bar", delivered=0.8, at=at),
        Touchpoint("hotel.spa", state="not_applicable", at=at),
    ]
    card = score(Journey("j", events, plan=plan, state="open"))
    assert card.missed == ("hotel.booking",)
    assert card.extra == ("hotel.bar",)
    assert len(card.out_of_order) == 1
    assert card.pending == ("hotel.check_out",)
    assert card.cancelled == ("hotel.spa",)
    assert score(Journey("j", events, plan=plan)).pending == ()


def test_T3_outcomes_the_act_and_who_noticed_first() -> None:
    def outcome(delivered: float, **given: Any) -> str:
        touchpoint = Touchpoint("hotel.valet", anticipated=0.6, delivered=delivered, **given)
        return score(Journey("j", [touchpoint])).touchpoints[0].outcome.value

    told = [outcome(0.5), outcome(0.6), outcome(0.9), outcome(0.9, proactive=True)]
    assert told == ["fell_short", "met", "extra_mile", "proactive"]
    gift = Handling(act="gift", noticed_by="house")
    (each,) = score(
        Journey("j", [Touchpoint("hotel.bar", delivered=0.9, handling=gift)])
    ).touchpoints
    assert (each.act, each.noticed_by) == ("gift", "house")
    assert each.to_dict()["act"] == "gift"
    row = {"journey": "j", "touchpoint": "hotel.bar", "anticipated": 0.6, "delivered": 0.9,
           "act": "gift", "noticed_by": "house"}  # fmt: skip
    by_act = frames.score(frame_of([row]), by=["act", "noticed_by"])
    assert by_act.rows()[0][:3] == ("gift", "house", 1)
    with pytest.raises(InvalidValue, match="act: str of length 3 is none of gift"):
        Handling(act="hug")  # type: ignore[arg-type]


def test_F2_raw_measures_of_every_kind_and_channels() -> None:
    wait, stars, calls = minutes(best=0, worst=30), rating(1, 5), count(best=0, worst=4)
    call = Touchpoint(
        "contact_centre.call",
        channel="telephone",
        readings={
            "speed": wait(anticipated=promised(5), delivered=15),
            "smile": yes_no(anticipated=True, delivered=True),
            "courtesy": stars(anticipated=4, delivered=5),
            "effort": calls(anticipated=1, delivered=3),
        },
    )
    levels = {name: reading.delivered for name, reading in call.readings.items()}
    assert levels == {"speed": 0.5, "smile": 1.0, "courtesy": 1.0, "effort": 0.25}
    assert call.channel == "telephone"
    with pytest.raises(OutOfScale):
        stars(anticipated=4, delivered=7)
    unseen = Touchpoint("hotel.valet", state="not_applicable", channel="web")
    assert score(Journey("j", [unseen])).impression is None  # not applicable is not zero
