"""U1 to U3: one journey on the terminal, journey maps, a report over a log."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeyscore import frames, score
from journeyscore.cli import main
from journeyscore.report import journey_map, journeys_map, report

SEASON = str(Path(__file__).parents[2] / "examples" / "hotel" / "season.jsonl")


def test_U1_one_journey_on_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["show", "stay-0177", SEASON]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("50.42 of 100") and max(map(len, said)) <= 60
    assert any("▼" in line and "│" in line for line in said)


def test_U2_journey_maps_of_one_and_of_many(tmp_path: Path) -> None:
    card = score(frames.journeys(SEASON, ["stay-0177"])["stay-0177"])
    for name in ("map.svg", "map.png", "map.html"):
        journey_map(card).save(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1000
    assert "broke it" in journey_map(card).svg()
    assert "<svg" in card._repr_mimebundle_()["text/html"]
    assert "housekeeping" in journeys_map(frames.overview(SEASON)).svg()


def test_U3_a_report_that_a_general_manager_reads() -> None:
    page = report(SEASON)
    assert [panel.id for panel in page.panels] == [
        "verdicts", "touchpoints", "breaking", "by-team", "by-site", "consistency", "calibration", "promises",
        "loops", "worst", "best",
    ]  # fmt: skip
    assert all(panel.words for panel in page.panels)
