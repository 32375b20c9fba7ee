"""The page says what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from examples.hotel.arrival.__main__ import main


def test_the_page_shows_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    page = Path(__file__).with_name("README.md").read_text("utf-8")
    (shown,) = re.findall(r"```\n(THE STAY.*?)```", page, re.DOTALL)
    main()
    assert capsys.readouterr().out == shown
