"""The page of a report, as a browser shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from chromium import browser
from playwright.sync_api import Browser, Page

from journeyscore import Journey, Policy, Touchpoint, score
from journeyscore.report import journey_map, report

ROOT = Path(__file__).parents[2]
SEASON = ROOT / "examples" / "hotel" / "season.jsonl"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
PANELS = (
    "verdicts", "touchpoints", "breaking", "by-team", "by-site", "consistency", "drivers",
    "calibration", "promises", "loops", "worst", "best",
)  # fmt: skip

pytestmark = pytest.mark.xdist_group("chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    weighed = Policy(weights={"hotel.room": 2, "hotel.housekeeping": 1.5, "smile": 3})
    report(SEASON, title="The season", policy=weighed).save(file)
    return file


class Shown:
    """A page that is open, with all it asked of the network and all it said on the console."""

    def __init__(self, chromium: Browser, file: Path, **context: Any) -> None:
        self.context = chromium.new_context(**{"viewport": DESKTOP, **context})
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("html[data-drawn]")


@pytest.fixture
def shown(chromium: Browser) -> Iterator[Any]:
    opened: list[Shown] = []

    def show(file: Path, **context: Any) -> Shown:
        opened.append(Shown(chromium, file, **context))
        return opened[-1]

    yield show
    for each in opened:
        each.context.close()


def test_it_asks_nothing_of_the_network_and_says_nothing_on_the_console(
    shown: Any, season: Path
) -> None:
    it = shown(season)
    assert it.requests == [season.as_uri()]
    assert it.said == []
    addresses = it.page.evaluate(
        """[...document.querySelectorAll("*")].flatMap((each) =>
             ["src", "href", "xlink:href", "srcset", "action", "data", "poster"]
               .map((name) => each.getAttribute(name)).filter(Boolean))"""
    )
    assert addresses and all(address.startswith("#") for address in addresses)
    policy = it.page.get_attribute("meta[http-equiv=Content-Security-Policy]", "content")
    assert policy.startswith("default-src 'none'")
    assert it.page.evaluate("fetch('http://localhost:9').then(() => 1, () => 0)") == 0
    assert season.stat().st_size < 5_000_000


def test_every_panel_is_there_and_every_drawing_is_drawn(shown: Any, season: Path) -> None:
    page = shown(season).page
    assert page.eval_on_selector_all("section", "all => all.map(each => each.id)") == [*PANELS]
    links = page.eval_on_selector_all("nav a", "all => all.map(each => each.hash.slice(1))")
    assert links == [*PANELS]
    marks = page.eval_on_selector_all(
        "[data-chart]",
        "all => all.map(each => each.querySelectorAll('svg .mark-rect path, svg .mark-symbol path').length)",
    )
    assert len(marks) == 17 and min(marks) >= 3
    assert page.get_attribute("html", "data-drawn") == "17"
    assert "300 journeys with 3,271 contacts" in page.inner_text("header")
    rows = page.locator("#touchpoints tbody tr")
    assert rows.count() == 17
    assert rows.first.inner_text().startswith("housekeeping\t541")


def told(page: Page, chart: str, name: str) -> str:
    """What a reader is told who points at the row of this name."""
    drawing = page.locator(chart)
    drawing.scroll_into_view_if_needed()
    label = drawing.locator(".role-axis-label text").filter(has_text=name).first.bounding_box()
    box = drawing.bounding_box()
    assert label is not None and box is not None
    page.mouse.move(box["x"] + box["width"] / 2, label["y"] + label["height"] / 2)
    tooltip = page.locator("#vg-tooltip-element.visible")
    tooltip.wait_for(timeout=5000)
    said = tooltip.inner_text()
    page.mouse.move(1, 1)
    return said


def test_tooltips_answer(shown: Any, season: Path) -> None:
    page = shown(season).page
    for chart, name, said in (
        ("#touchpoints .chart", "housekeeping", "541"),
        ("#breaking .chart", "wake up call", "12 of 59"),
        ("#by-team .chart", "old-town-bell", "38.2 to 45.6"),
        ("#drivers .chart", "housekeeping", "1.5"),
        ("#calibration .chart", "80 to 90", "81.4 to 88.6"),
        ("#worst .chart >> nth=0", "bellman", "fell short, broke it"),
    ):
        assert name in (words := told(page, chart, name)) and said in words


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_bars_a_reader(shown: Any, season: Path, viewport: Any, scheme: str) -> None:
    page = shown(season, viewport=viewport, color_scheme=scheme).page
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    page.evaluate(axe)
    found = page.evaluate("axe.run()")
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert len(found["passes"]) > 20
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    wide = page.eval_on_selector_all(
        ".chart svg", "all => Math.max(...all.map(each => each.getBoundingClientRect().right))"
    )
    assert wide <= viewport["width"]


def test_on_a_phone_words_are_whole_and_nothing_lies_on_them(shown: Any, season: Path) -> None:
    """Short names stand on one line of a table; the words of marks stand above the bars."""
    page = shown(season, viewport=PHONE).page
    heights = page.evaluate(
        """[...document.querySelectorAll("#by-site tbody th")].map((each) => each.offsetHeight)"""
    )
    assert len(heights) == 3
    assert max(heights) < 40
    apart = page.evaluate(
        """[...document.querySelectorAll("#verdicts .chart")].flatMap((chart) => {
             const words = [...chart.querySelectorAll(".mark-text text")]
               .filter((each) => /below|from/.test(each.textContent));
             const bars = [...chart.querySelectorAll(".mark-rect path")];
             return words.map((word) => Math.min(...bars.map((bar) =>
               bar.getBoundingClientRect().top - word.getBoundingClientRect().bottom)));
           })"""
    )
    assert len(apart) == 2
    assert min(apart) > 0


def test_it_is_dark_in_the_dark_and_white_on_paper(shown: Any, season: Path) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    label = "getComputedStyle(document.querySelector('.role-axis-label text')).fill"
    colours = {}
    for scheme in ("light", "dark"):
        page = shown(season, color_scheme=scheme).page
        colours[scheme] = page.evaluate(f"[{paper}, {label}]")
        page.emulate_media(media="print")
        assert page.evaluate(f"[{paper}, {label}]") == colours["light"]
        assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert colours["light"] == ["rgb(255, 255, 255)", "rgb(89, 98, 108)"]
    assert colours["dark"] == ["rgb(21, 24, 27)", "rgb(164, 173, 182)"]


def test_the_keyboard_reaches_everything(shown: Any, season: Path) -> None:
    page = shown(season).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") > 0
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.tagName + document.activeElement.className")
        )
    assert {"A", "DIVtable", "SUMMARY"} <= reached
    page.locator("details").first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("details table").first.is_visible()


HOSTILE = "</script><img src=x onerror=alert(1)>'\"];alert(2)//{{7*7}}${1}"


def test_names_are_words_and_nothing_else(shown: Any, tmp_path: Path) -> None:
    """Whatever a log is called, its journeys, touchpoints and teams."""
    log, out = tmp_path / "log.jsonl", tmp_path / "out.html"
    rows = [
        {"journey": f"{HOSTILE}{number}", "touchpoint": f"{HOSTILE}{place}", "team": f"{HOSTILE}{number}",
         "anticipated": 0.8, "delivered": 0.1 + 0.4 * number + 0.1 * place}
        for number in range(3) for place in range(3) if number < 2 or place < 1
    ]  # fmt: skip
    log.write_text("\n".join(map(json.dumps, rows)))
    report(log, title=HOSTILE).save(out)
    it = shown(out)
    assert it.said == [] and it.requests == [out.as_uri()]
    assert it.page.locator("img").count() == 0
    assert it.page.title() == HOSTILE
    assert it.page.inner_text("h1") == HOSTILE
    assert "alert(1)" in told(it.page, "#by-team .chart", HOSTILE[:12])
    assert it.page.locator("img").count() == 0 and it.said == []


def test_the_map_of_one_journey_is_a_page_as_well(shown: Any, tmp_path: Path) -> None:
    stay = Journey(
        "stay-1042",
        [
            Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9),
            Touchpoint("hotel.front_desk", anticipated=0.8, delivered=0.2),
        ],
    )
    out = tmp_path / "stay.html"
    journey_map(score(stay)).save(out)
    it = shown(out, viewport=PHONE)
    assert it.said == [] and it.requests == [out.as_uri()]
    assert "weighed" not in it.page.inner_text("header") and "broke it" in it.page.inner_text(
        "header"
    )
    assert "60 (assumed)" in told(it.page, ".chart", "valet")
