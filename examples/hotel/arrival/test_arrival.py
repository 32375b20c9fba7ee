"""The page says what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from examples.hotel.arrival import parts
from examples.hotel.arrival.__main__ import main
from examples.hotel.arrival.house import WAIT
from journeyscore import Journey, Touchpoint, promised, rating, score


def test_the_page_shows_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    page = Path(__file__).with_name("README.md").read_text("utf-8")
    (shown,) = re.findall(r"```\n(THE STAY.*?)```", page, re.DOTALL)
    main()
    assert capsys.readouterr().out == shown


def test_what_is_packed_is_unpacked_the_same() -> None:
    late = WAIT(anticipated=promised(10), delivered=17)
    warm = rating(1, 5)(anticipated=4, delivered=5, weight=2)
    events = (
        Touchpoint("hotel.bellman", readings={"speed": late, "courtesy": warm}, id="b"),
        Touchpoint("hotel.front_desk", readings={"apology": warm}, id="d", recovers="b"),
    )
    again = parts.unpacked(parts.packed(events))
    assert score(Journey("s", again)).tally == score(Journey("s", events)).tally
    assert {each.key for each in again} == {each.key for each in events}
    assert parts.unpacked([]) == ()
