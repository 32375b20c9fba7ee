"""Capabilities P1 to P3: promises kept and broken, what can be promised, and silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from parity.test_frames import frame_of
from strategies import START

from journeyscore import Handling, Journey, Touchpoint, asked, frames, promised, score
from journeyscore.promises import Promise, calibrate, keepable_level, kept_rate, ledger


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def promise(level: float, delivered: float | None, **given: Any) -> Touchpoint:
    return Touchpoint("hotel.valet", anticipated=promised(level), delivered=delivered, **given)


def test_P1_made_due_kept_broken_empty() -> None:
    in_an_hour = Handling(promised_at=at(0), due=at(1))
    events = [
        promise(0.8, 0.8),
        promise(0.8, 0.7),
        promise(0.8, 0.9, at=at(2), handling=in_an_hour),  # late
        promise(0.8, None, state="missed"),
        promise(0.8, None, handling=in_an_hour),
        Touchpoint("hotel.room", anticipated=asked(0.8), delivered=0.1),  # nobody promised
    ]
    early = [each.state.value for each in ledger(events, at(0.5))]
    assert early == ["kept", "broken", "broken", "empty", "pending"]
    late = ledger(events, at(3))
    assert [each.state.value for each in late][-1] == "empty"
    assert kept_rate(late) == 0.2
    assert late[0].due is None and late[2].made == at(0)
    (only,) = score(Journey("j", [promise(0.8, 0.7)])).promises
    assert (only.state.value, only.gap) == ("broken", -1000)


LEVELS = [0.5, 0.6, 0.7, 0.8, 0.9]


def rows(promises: list[tuple[float, float]], team: str) -> list[dict[str, Any]]:
    return [
        {"journey": "j", "touchpoint": "hotel.valet", "team": team, "anticipated": a,
         "delivered": d, "basis": "promised"}
        for a, d in promises
    ]  # fmt: skip


def test_P2_over_and_under_promising_what_can_be_kept_and_flags() -> None:
    over = rows([(0.9, level) for level in LEVELS], "valets")
    under = rows([(0.2, level) for level in LEVELS], "porters")
    found = {row["team"]: row for row in frames.promises(frame_of(over + under)).rows(named=True)}
    assert (found["valets"]["gap"], found["porters"]["gap"]) == (-20.0, 50.0)
    assert (found["valets"]["gap_low"], found["valets"]["gap_high"]) == (-40.0, 0.0)
    assert found["valets"]["keepable"] == found["porters"]["keepable"] == 50.0
    assert [found["valets"][name] for name in ("unrealistic", "sandbagged")] == [5, 0]
    assert [found["porters"][name] for name in ("unrealistic", "sandbagged")] == [0, 5]
    often = frames.promises(frame_of(over), rate=0.6)
    assert often["keepable"].item() == 70.0


@given(st.lists(st.integers(0, 10000), min_size=1), st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_P2_what_is_called_keepable_would_have_been_kept(came: list[int], rate: float) -> None:
    promises: list[Promise] = [
        made for level in came for made in ledger([promise(0.5, level / 10000)])
    ]
    keepable = calibrate(promises, rate).keepable
    assert keepable is not None
    had_it_been = ledger([promise(keepable / 100, level / 10000) for level in came])
    kept = sum(each.state == "kept" for each in had_it_been)
    assert kept >= rate * len(came)
    higher = [level for level in came if level > round(keepable * 100)]
    assert len(higher) < rate * len(came)  # and nothing higher would have been
    assert keepable_level({}, rate) is None


def test_P3_the_longest_silence_while_something_was_pending() -> None:
    pending = Handling(promised_at=at(0), due=at(9))
    quiet = promise(0.8, 0.8, at=at(8), handling=pending)
    card = score(Journey("j", [quiet]))
    assert card.longest_silence == timedelta(hours=8)
    word = Touchpoint("hotel.front_desk", at=at(3), handling=Handling(act="education"))
    assert score(Journey("j", [quiet, word])).longest_silence == timedelta(hours=5)
    after = Touchpoint("hotel.room", delivered=0.8, at=at(30))  # nothing pends any more
    assert score(Journey("j", [quiet, word, after])).longest_silence == timedelta(hours=5)
    assert score(Journey("j", [after])).longest_silence is None
    log = frame_of(
        [{"journey": "j", "touchpoint": "hotel.valet", "anticipated": 0.8, "delivered": 0.8,
          "at": at(8), "promised_at": at(0)}]
    )  # fmt: skip
    assert frames.silences(log).rows() == [("j", 8 * 3600)]
