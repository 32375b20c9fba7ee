"""``journeyscore show`` and ``journeyscore report``, run as a user runs them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from journeyscore import Journey, Touchpoint, score
from journeyscore.cli import main
from journeyscore.cli.show import PLAIN, SIGNS, show

SEASON = str(Path(__file__).parents[2] / "examples" / "hotel" / "season.jsonl")
STAY = Journey(
    "stay-1",
    [
        Touchpoint("hotel.valet", anticipated=0.2, delivered=1.0),
        Touchpoint("hotel.a_touchpoint_with_a_very_long_name_indeed", anticipated=1.0, delivered=0.0),
        Touchpoint("hotel.room", delivered=0.8, id="r"),
    ],
)  # fmt: skip


def drawn(width: int, encoding: str = "utf-8") -> list[str]:
    written = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    show(Console(file=written, width=width, no_color=True), score(STAY))
    written.seek(0)
    return written.read().splitlines()


@pytest.mark.parametrize("width", [40, 60, 66, 80, 96, 200])
def test_it_fits_narrow_and_wide_terminals(width: int) -> None:
    lines = drawn(width)
    assert max(map(len, lines)) <= width
    body = "\n".join(lines)
    assert "valet" in body and "+26.67" in body and SIGNS.broke in body and SIGNS.made in body
    assert ("anticipated" in lines[-4]) == (width >= 66)
    assert ("assumed 20" in lines[-3]) == (width >= 96)
    assert lines[-4].rstrip().endswith("100")


def test_the_map_lies_under_its_scale() -> None:
    *_, scale, valet, long, room = drawn(80)
    zero, hundred = scale.index(" 0 ") + 1, scale.rindex("100") + 2
    assert long.index(SIGNS.broke) == zero
    assert valet.index(SIGNS.made) == hundred
    at = {level: zero + int(level * (hundred - zero) / 100 + 0.5) for level in (20, 80)}
    assert valet[at[20]] == SIGNS.anticipated
    assert room[at[80]] == SIGNS.delivered


def test_a_terminal_of_few_characters_gets_those_it_has() -> None:
    lines = drawn(80, encoding="ascii")
    assert any(PLAIN.broke + PLAIN.stroke in line for line in lines)
    assert all(line.isascii() for line in lines)


def test_one_journey_of_the_season(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    out = tmp_path / "stay.svg"
    assert main(["show", "stay-0177", SEASON, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("stay-0177\n50.42 of 100, par 77.95") and "\x1b" not in said
    assert max(map(len, said.splitlines())) <= 60
    assert out.read_text("utf-8").startswith("<svg")
    assert main(["show", "stay-0177", SEASON, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["impression"] == 50.42
    assert main(["show", "stay-9999", SEASON]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "JOURNEY: no journey of the log has this id (str of length 9)" in captured.err
    assert main(["show", "stay-0177", SEASON, "--out", "stay.gif"]) == 1
    assert "--out: cannot draw .gif" in capsys.readouterr().err


def test_no_colour_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal that has colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    red, green = "\x1b[31m", "\x1b[32m"
    assert main(["show", "stay-0177", SEASON]) == 0
    said = capsys.readouterr().out
    assert red in said and green in said
    assert main(["show", "stay-0177", SEASON, "--no-color"]) == 0
    said = capsys.readouterr().out
    assert red not in said and green not in said
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["show", "stay-0177", SEASON]) == 0
    assert red not in capsys.readouterr().out


def test_a_market_stands_in_for_what_nobody_anticipated(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log, last = tmp_path / "log.csv", tmp_path / "last.csv"
    log.write_text("stay,touchpoint,anticipated,delivered\na,hotel.room,,0.5\n")
    last.write_text("stay,touchpoint,delivered\nb,hotel.room,0.3\nc,hotel.room,0.5\n")
    columns = ["--columns", "stay=journey"]
    read = [*columns, "--market", str(last), "--format", "json"]
    assert main(["show", "a", str(log), *read]) == 0
    assert json.loads(capsys.readouterr().out)["par"] == 40.0


def test_a_report_is_one_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert (
        main(["report", SEASON, "--out", str(out), "--title", "Summer & sun", "--extremes", "1"])
        == 0
    )
    assert capsys.readouterr() == ("", "")
    page = out.read_text("utf-8")
    assert "<h1>Summer &amp; sun</h1>" in page and "stay-0177" in page
    assert "stay-0186" not in page


def test_what_cannot_be_scored_is_told_set_aside_or_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log, out, bad = (tmp_path / name for name in ("log.jsonl", "report.html", "bad.jsonl"))
    row = '{"journey": "a", "touchpoint": "hotel.room", "anticipated": 0.8, "delivered": %s}\n'
    log.write_text(row % "0.5" + row % "7")
    arguments = ["report", str(log), "--out", str(out)]
    assert main(arguments) == 0
    assert "line 2, delivered: 7 is not a level from 0 to 1" in capsys.readouterr().err
    assert "1 row of the log could not be scored." in out.read_text("utf-8")
    out.unlink()
    assert main([*arguments, "--strict"]) == 1
    assert "line 2" in capsys.readouterr().err and not out.exists()
    log.write_text(row % "0.5" + "{oops\n")
    assert main(arguments) == 1
    assert "line 2: not a JSON object" in capsys.readouterr().err
    assert main([*arguments, "--quarantine", str(bad)]) == 0
    assert json.loads(bad.read_text())["line"] == 2 and out.exists()
    for wrong, message in (
        ("report.pdf", "a page is .html"),
        ("none/report.html", "no such folder"),
    ):
        assert main(["report", str(log), "--out", str(tmp_path / wrong)]) == 1
        assert message in capsys.readouterr().err
