"""Drawings: valid under the schema, complete in themselves, and what the journey says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair as alt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import touchpoints

from journeyscore import Journey, Touchpoint, frames, promised, score
from journeyscore.errors import InvalidValue, MissingColumn, WrongType
from journeyscore.report import PANELS, Figure, journey_map, journeys_map, report, vega
from journeyscore.report.colours import DARK, LIGHT
from journeyscore.report.evidence import Evidence
from journeyscore.report.words import signed

STAY = Journey(
    "stay-1042",
    [
        Touchpoint("hotel.valet", anticipated=0.3, delivered=0.95, id="v"),
        Touchpoint("hotel.bellman", anticipated=0.6, delivered=0.6, id="b"),
        Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5, id="d"),
        Touchpoint("hotel.room", anticipated=0.9, delivered=0.55, id="r"),
        Touchpoint("hotel.manager", delivered=1.0, recovers="r"),
    ],
    plan=["hotel.valet", "hotel.checkout"],
)
SEASON = "examples/hotel/season.jsonl"


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return [each.text for each in root.iter("{http://www.w3.org/2000/svg}text") if each.text]


def test_a_map_says_what_the_scorecard_says() -> None:
    card = score(STAY)
    assert {each.touchpoint.label: each.moment for each in card.touchpoints} == {
        "valet": "made", "bellman": None, "front desk": "broke", "room": "recovered",
        "checkout": "broke",
    }  # fmt: skip
    said = texts(journey_map(card).svg())
    for each in card.touchpoints:
        assert each.touchpoint.label in said
        assert signed(each.contribution) in said
    for words in ("made it", "broke it", "recovered", "missed"):
        assert words in said
    assert [tick for tick in said if tick.isdigit()] == ["0", "25", "50", "75", "100"]
    assert journey_map(STAY).spec == journey_map(card).spec


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_drawing_that_stands_alone_has_its_colours(theme: dict[str, str]) -> None:
    svg = journey_map(STAY).svg(theme="light" if theme is LIGHT else "dark")
    assert "var(" not in svg
    for name in ("paper", "ink", "better", "worse", "zone"):
        assert theme[name] in svg
    assert "href" not in svg.replace("xlink", "")


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_and_accents_stand_out_from_paper(theme: dict[str, str]) -> None:
    for name in ("ink", "muted", "better", "worse"):
        assert contrast(theme[name], theme["paper"]) >= 4.5
    assert contrast(theme["shade"], theme["zone"]) >= 1.2


def test_files_by_their_suffix(tmp_path: Path) -> None:
    figure = journey_map(STAY)
    figure.save(tmp_path / "stay.png", theme="dark")
    assert (tmp_path / "stay.png").read_bytes().startswith(b"\x89PNG")
    figure.save(tmp_path / "stay.svg")
    assert (tmp_path / "stay.svg").read_text("utf-8") == figure.svg()
    figure.save(tmp_path / "stay.html")
    assert "</html>" in (tmp_path / "stay.html").read_text("utf-8")
    with pytest.raises(InvalidValue, match="cannot draw .gif; one of .svg, .png, .html"):
        figure.save(tmp_path / "stay.gif")
    with pytest.raises(InvalidValue, match="no such folder"):
        figure.save(tmp_path / "none" / "stay.svg")
    with pytest.raises(WrongType, match="neither a Scorecard nor a Journey"):
        journey_map("stay-1042")  # type: ignore[arg-type]


def test_a_journey_of_nothing_has_a_map_and_a_page() -> None:
    empty = journey_map(Journey("stay-1"))
    assert empty.svg().startswith("<svg")
    assert empty.words == "no score: nothing was delivered yet"
    log = pl.DataFrame(
        {
            "journey": ["a"],
            "touchpoint": ["hotel.valet"],
            "anticipated": [0.5],
            "delivered": [None],
        },
        schema_overrides={"delivered": pl.Float64},
    )
    page = report(log)
    assert page.words.startswith("Nothing in this log was delivered yet")
    assert "</html>" in page.html()


def valid(figure: Figure) -> None:
    """The schema of Vega-Lite, as Altair ships it, has nothing against it."""
    alt.Chart.from_dict(figure.spec, validate=True)


@settings(max_examples=5)
@given(st.lists(touchpoints(), max_size=6))
def test_every_map_is_valid_under_the_schema(found: list[Touchpoint]) -> None:
    valid(journey_map(Journey("a", found)))


def test_every_drawing_of_a_report_is_valid_and_has_words() -> None:
    page = report(SEASON, extremes=1)
    figures = [each for panel in page.panels for each in panel.blocks if isinstance(each, Figure)]
    assert len(figures) == 12
    for figure in figures:
        valid(figure)
        assert figure.title and figure.key
    assert all(panel.words and panel.title for panel in page.panels)


def test_the_report_says_what_the_log_says() -> None:
    page = report(SEASON, title="The season")
    by_id = {panel.id: panel for panel in page.panels}
    assert page.words == (
        "300 journeys with 3,271 contacts came to an impression of 76.6 of 100, "
        "1.40 below what was anticipated."
    )
    assert "3 (1%) ended dissatisfied" in by_id["verdicts"].words
    assert "old-town-bell is lowest with 41.9 over 83 journeys" in by_id["by-team"].words
    table = by_id["touchpoints"].blocks[1]
    gains = [sum(_number(row[place]) for row in table.rows) for place in (2, 3)]  # type: ignore[union-attr]
    assert sum(gains) == pytest.approx(-1.40, abs=0.02 * len(table.rows))  # type: ignore[union-attr]
    worst = [block for block in by_id["worst"].blocks if isinstance(block, Figure)]
    assert [figure.title for figure in worst] == [
        "Journey stay-0177", "Journey stay-0186", "Journey stay-0169",
    ]  # fmt: skip
    assert len(page.html()) < 2_000_000


def _number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))


@pytest.mark.parametrize(
    ("recoveries", "words"),
    [
        (0, "2 contacts broke a journey, 25 points or more below what was anticipated. 0"),
        (1, "1 contact broke a journey, 25 points or more below what was anticipated; "
            "1 more would have, and was recovered. 0"),
        (2, "0 contacts broke a journey, 25 points or more below what was anticipated; "
            "2 more would have, and were recovered. 0"),
    ],
)  # fmt: skip
def test_recoveries_are_told_where_there_are_any(recoveries: int, words: str) -> None:
    bad = {"touchpoint": "hotel.room", "anticipated": 0.8, "delivered": 0.5}
    log = [{**bad, "journey": f"{i}", "id": "room"} for i in range(2)]
    log += [
        {"journey": f"{i}", "touchpoint": "hotel.front_desk", "anticipated": 0.9, "delivered": 1.0,
         "id": "sorry", "recovers": "room"}
        for i in range(recoveries)
    ]  # fmt: skip
    page = report(pl.DataFrame(log, infer_schema_length=None))
    (breaking,) = (panel for panel in page.panels if panel.id == "breaking")
    assert breaking.words.startswith(words)


def test_what_the_page_calls_par_is_said_on_it() -> None:
    assert any(note.startswith("Par is what") for note in report(SEASON).notes)


def test_what_guests_said_is_asked_of_columns_that_are_there() -> None:
    with pytest.raises(MissingColumn, match="feedback: no column stars"):
        report(SEASON, feedback=["stars"])
    assert "calibration" not in [panel.id for panel in report(SEASON, feedback=[]).panels]


def test_the_script_that_draws_is_what_vl_convert_makes() -> None:
    if not vega.script().startswith(vega.heading()):
        pytest.skip("another version of vl-convert: python -m journeyscore.report.vega")
    assert vega.script() == vega.made()


def test_a_panel_more_is_a_function_more() -> None:
    from journeyscore.report import Panel

    def sites(known: Evidence) -> Panel | None:
        found = frames.score(known.log, by="site", **known.reading)
        return Panel("mine", "Mine", f"There are {len(found)} sites.")

    page = report(SEASON, panels=[*PANELS[:1], sites, lambda known: None])
    assert [panel.id for panel in page.panels] == ["verdicts", "mine"]
    assert "There are 3 sites." in page.html()


def test_the_map_of_many_journeys_follows_their_order() -> None:
    seen = frames.overview(SEASON)
    order = ["hotel.valet", "hotel.room", "hotel.checkout"]
    said = texts(journeys_map(seen, order).svg())
    names = [each for each in said if each in ("valet", "room", "checkout", "bellman")]
    assert names == ["valet", "room", "checkout", "bellman"]


# -- notebooks -----------------------------------------------------------------------------------


def test_a_notebook_shows_the_map_and_the_words() -> None:
    card = score(STAY)
    shown = card._repr_mimebundle_()
    assert shown["text/plain"] == str(card)
    for html in (shown["text/html"], STAY._repr_mimebundle_()["text/html"]):
        assert html.startswith("<figure") and "<svg" in html and "front desk" in html
        assert "broke it: " in html and "<script" not in html


def test_without_the_extra_a_notebook_shows_text() -> None:
    code = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "vl_convert":
            raise ModuleNotFoundError("No module named 'vl_convert'", name="vl_convert")
sys.meta_path.insert(0, Absent())
from journeyscore import Journey, Touchpoint, score
stay = Journey("a", [Touchpoint("hotel.valet", delivered=0.7)])
card = score(stay)
assert card._repr_mimebundle_() == {"text/plain": str(card)}, card._repr_mimebundle_()
assert stay._repr_mimebundle_() == {}
from journeyscore.cli import main
sys.exit(main(["report", "examples/hotel/season.jsonl", "--out", "never.html"]))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        "journeyscore: drawing needs vl_convert; pip install 'journeyscore[report]'\n"
    )
    assert not Path("never.html").exists()


def test_displaying_tells_no_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that shows a journey is not the house that scored it: no span."""
    from journeyscore import scorecard

    def told(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(scorecard, "span", told)
    assert STAY._repr_mimebundle_()


def test_specifications_hold_no_address() -> None:
    page = report(SEASON, extremes=1)
    for panel in page.panels:
        for block in panel.blocks:
            if isinstance(block, Figure):
                assert "http" not in json.dumps(block.spec)
