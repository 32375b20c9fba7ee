"""Capabilities R1 to R4: failures, what was done about them, and what is still open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
from parity.test_frames import frame_of
from strategies import START

from journeyscore import Handling, Journey, Scorecard, Touchpoint, frames, score
from journeyscore.loops import LoopKind


def at(hours: float) -> Any:
    return START + timedelta(hours=hours)


FAILURE = Touchpoint("hotel.room", anticipated=0.8, delivered=0.2, id="f", at=at(0))


def amends(delivered: float = 0.9) -> Touchpoint:
    return Touchpoint(
        "hotel.maintenance", anticipated=0.7, delivered=delivered, recovers="f", at=at(2)
    )


def note(hours: float, **said: Any) -> Touchpoint:
    return Touchpoint("hotel.front_desk", at=at(hours), handling=Handling(**said))


def card_of(*events: Touchpoint) -> Scorecard:
    return score(Journey("j", list(events)))


def kinds(card: Scorecard) -> list[LoopKind]:
    return [loop.kind for loop in card.open_loops]


def test_R1_recovery_and_double_deviation_are_in_the_score_and_capped() -> None:
    plain, good, bad = (card_of(FAILURE, *more) for more in ((), (amends(),), (amends(0.1),)))
    assert bad.impression < plain.impression < good.impression <= good.par  # type: ignore[operator]
    assert (kinds(plain), kinds(bad)) == ([LoopKind.FAILURE], [LoopKind.FAILURE])


def test_R2_two_fixes_for_every_problem_and_a_cause_that_recurs_is_open_again() -> None:
    caused = Touchpoint(
        "hotel.room", anticipated=0.8, delivered=0.2, id="f", at=at(0),
        handling=Handling(cause="boiler"),
    )  # fmt: skip
    follow_up = note(3, act="follow_up", regards="f")
    mended = card_of(caused, amends(), follow_up)
    assert kinds(mended) == [LoopKind.CAUSE]  # the customer is content, the boiler is not
    loop = mended.open_loops[0]
    assert (loop.cause, loop.age(at(10))) == ("boiler", timedelta(hours=10))
    prevented = note(4, act="prevention", cause="boiler")
    assert kinds(card_of(caused, amends(), follow_up, prevented)) == []
    again = Touchpoint(
        "hotel.bath", anticipated=0.8, delivered=0.2, at=at(5), handling=Handling(cause="boiler")
    )
    recurred = card_of(caused, amends(), follow_up, prevented, again)
    assert kinds(recurred) == [LoopKind.FAILURE, LoopKind.CAUSE]
    rows = [
        {"journey": j, "site": "lake", "touchpoint": "hotel.room", "anticipated": 0.8,
         "delivered": d, "at": at(h), "act": act, "cause": "boiler"}
        for j, h, d, act in (("a", 0, 0.2, None), ("b", 1, None, "prevention"), ("c", 2, 0.3, None))
    ]  # fmt: skip
    found = frames.causes(frame_of(rows), by="site", now=at(3)).row(0)
    assert found == ("lake", "boiler", 2, 1, True, 1, 3600)


def test_R3_follow_ups_are_owed_overdue_and_a_sales_pitch_closes_nothing() -> None:
    recovered = card_of(FAILURE, amends())
    assert kinds(recovered) == [LoopKind.RECOVERY]
    sold = note(3, act="follow_up", regards="f", pitch=True)
    assert kinds(card_of(FAILURE, amends(), sold)) == [LoopKind.RECOVERY]
    asked = note(3, act="follow_up", regards="f")
    assert kinds(card_of(FAILURE, amends(), asked)) == []
    owed = note(1, act="follow_up", regards="f", due=at(24))
    card = card_of(FAILURE, amends(), owed)
    assert kinds(card) == [LoopKind.RECOVERY, LoopKind.FOLLOW_UP]
    assert [card.open_loops[1].is_overdue(at(h)) for h in (12, 36)] == [False, True]
    assert kinds(card_of(FAILURE, amends(), owed, sold)) == kinds(card)
    assert kinds(card_of(FAILURE, amends(), owed, asked)) == []
    rows = [
        {"journey": "a", "touchpoint": "hotel.front_desk", "anticipated": None, "delivered": None,
         "at": at(1), "act": "follow_up", "regards": "f", "due": due, "pitch": pitch}
        for due, pitch in ((at(24), False), (None, True))
    ]  # fmt: skip
    assert frames.follow_ups(frame_of(rows), now=at(36)).row(0)[-2:] == (False, True)
    rows[1]["pitch"] = False
    assert frames.follow_ups(frame_of(rows), now=at(36)).row(0)[-2:] == (True, False)


def test_R4_acknowledged_owned_without_excuses_and_promptly() -> None:
    said = note(0.5, act="acknowledgement", regards="f", owner="duty")
    (failure,) = card_of(FAILURE, said, amends()).failures
    assert (failure.acknowledged, failure.owner, failure.excuse) == (True, "duty", False)
    assert failure.response == timedelta(minutes=30)
    sorry = card_of(FAILURE, note(0.5, regards="f", excuse=True))
    (alone,) = sorry.failures
    assert (alone.acknowledged, alone.excuse, alone.response) == (False, True, None)
    assert [each.kind.value for each in sorry.findings] == ["excuse"]
    (unanswered,) = card_of(FAILURE).failures
    assert (unanswered.acknowledged, unanswered.owner) == (False, None)
    rows = [
        {"journey": "a", "touchpoint": "hotel.room", "id": "f", "at": at(0), "anticipated": 0.8,
         "delivered": 0.2},
        {"journey": "a", "touchpoint": "hotel.front_desk", "id": "n", "at": at(0.5),
         "act": "acknowledgement", "regards": "f", "owner": "duty"},
    ]  # fmt: skip
    found = frames.loops(frame_of(rows))
    told = found.select("acknowledged", "owner", "excuse", "response")
    assert told.rows() == [(True, "duty", False, 1800)]
    assert isinstance(found, pl.DataFrame)
