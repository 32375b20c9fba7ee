"""What a scorecard says: in words, in its order, at its time, as data."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from journeyscore import Handling, Journey, Scorecard, Touchpoint, promised, score
from journeyscore.errors import NaiveTime
from journeyscore.promises import PromiseState

START = datetime.fromisoformat("2026-01-01T12:00Z")
LATER = START + timedelta(days=1)


def touchpoint(delivered: float, anticipated: float = 0.5, name: str = "valet") -> Touchpoint:
    return Touchpoint(f"hotel.{name}", anticipated=anticipated, delivered=delivered)


def card_of(*touchpoints: Touchpoint, **given: Any) -> Scorecard:
    return score(Journey("stay", touchpoints, **given))


# -- in words --------------------------------------------------------------------------------------


def test_what_was_just_as_anticipated_is_said_in_one_line() -> None:
    said = "50.00 of 100, par 50.00 (just what was anticipated); dissatisfied"
    assert str(card_of(touchpoint(0.5))) == said


def test_less_than_a_point_is_said_too() -> None:
    above = str(card_of(touchpoint(0.5), touchpoint(0.51)))
    assert above.startswith("50.66 of 100, par 50.00 (0.66 above what was anticipated)")
    assert above.endswith("\nlifted it: valet (+0.66)")
    below = str(card_of(touchpoint(0.5), touchpoint(0.49)))
    assert "(0.80 below what was anticipated)" in below
    assert below.endswith("\nweighed on it: valet (-0.80)")


def test_on_each_side_the_largest_contribution_is_named() -> None:
    names = [("bar", 0.55), ("room", 0.6), ("spa", 0.45), ("bellman", 0.4), ("pool", 0.5)]
    said = str(card_of(*(touchpoint(level, name=name) for name, level in names)))
    weighed, lifted = said.splitlines()[1].split("   ")
    assert weighed.startswith("weighed on it: bellman (-")
    assert lifted.startswith("lifted it: room (+")


def test_what_was_recovered_is_said_to_be() -> None:
    failure = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.3, id="v1")
    apology = Touchpoint("hotel.desk", anticipated=0.5, delivered=1.0, recovers="v1")
    card = card_of(failure, apology)
    assert [str(each.moment) for each in card.moments] == ["recovered"]
    assert str(card).splitlines()[1].startswith("recovered: valet, ")


def test_a_notebook_shows_the_words() -> None:
    card = card_of(touchpoint(0.6))
    assert card._repr_mimebundle_()["text/plain"] == str(card)


# -- in its order ----------------------------------------------------------------------------------


def test_the_moments_that_moved_the_journey_most_come_first() -> None:
    levels = [0.6, 0.0, 1.0, 0.3]
    moments = card_of(*(touchpoint(level, 0.9 - level / 2) for level in levels)).moments
    moved = [abs(each.contribution) for each in moments]
    assert len(set(moved)) > 1 and moved == sorted(moved, reverse=True)


# -- at its time -----------------------------------------------------------------------------------


def test_a_promise_is_empty_once_it_was_due() -> None:
    given = Handling(promised_at=START, due=START + timedelta(hours=1))
    pending = Touchpoint("hotel.spa", anticipated=promised(0.8), at=START, handling=given)
    stay = Journey("stay", [pending], state="open")
    states = [score(stay, now=now).promises[0].state for now in (START, LATER)]
    assert states == [PromiseState.PENDING, PromiseState.EMPTY]
    assert score(stay.add(Touchpoint("hotel.bar", delivered=0.5, at=LATER))).promises[0].state is (
        PromiseState.EMPTY  # the latest event tells the time
    )


def test_the_longest_silence_lasts_until_now() -> None:
    given = Handling(promised_at=START)
    pending = Touchpoint("hotel.spa", anticipated=promised(0.8), at=START, handling=given)
    card = score(Journey("stay", [pending]), now=LATER)
    assert card.longest_silence == timedelta(days=1)
    assert card.to_dict()["longest_silence"] == 86400
    assert card_of(touchpoint(0.5)).to_dict()["longest_silence"] is None


def test_a_time_without_a_timezone_is_refused_by_its_name() -> None:
    with pytest.raises(NaiveTime, match="^now: "):
        score(Journey("stay"), now=START.replace(tzinfo=None))


# -- what takes place ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [Handling(act="acknowledgement", regards="v1"), Handling(need="quiet"),
     Handling(act="gift", need="quiet")],
)  # fmt: skip
def test_what_is_written_down_about_a_touchpoint_is_not_one_that_was_planned(
    said: Handling,
) -> None:
    note = Touchpoint("hotel.spa", channel="email", handling=said)
    card = card_of(note, plan=["hotel.spa"])
    assert card.missed == ("hotel.spa",)
    assert card.touchpoints[0].touchpoint.channel is None  # it is not the note


def test_what_is_promised_or_owned_is_announced_and_missed_as_such() -> None:
    announced = Touchpoint("hotel.spa", channel="email", handling=Handling(owner="spa"))
    card = card_of(announced, plan=["hotel.spa"])
    assert card.missed == ("hotel.spa",)
    assert card.touchpoints[0].touchpoint.channel == "email"
