"""The season is what it says it is, and the four stories score what they should."""

from __future__ import annotations

import doctest
import json
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from examples.hotel import season, stories
from examples.hotel.handling import FACTS
from examples.hotel.house import LAUNDRY_DOWN
from journeyscore import Journey, Scorecard, asked, experienced, frames, score, yes_no
from journeyscore.convert import journeys

HERE = Path(__file__).parent


def table(rows: list[season.Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


@cache
def log() -> pl.DataFrame:
    return table(season.season())


@cache
def by(*keys: str) -> pl.DataFrame:
    scored: pl.DataFrame = frames.score(log(), by=list(keys))
    return scored


@cache
def cards() -> dict[str, Scorecard]:
    lines = season.FILE.read_text(encoding="utf-8").splitlines()
    return {id: score(stay) for id, stay in journeys(map(json.loads, lines)).items()}


def test_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE.parents[1])
    assert doctest.testfile(str(HERE / "README.md"), module_relative=False).failed == 0


# -- the log -------------------------------------------------------------------------------------


def test_the_season_in_the_folder_is_the_one_its_generator_makes() -> None:
    assert season.FILE.read_text(encoding="utf-8") == season.text(), (
        "season.jsonl is stale: python -m examples.hotel.season"
    )
    assert [file.name for file in HERE.glob("*.jsonl")] == ["season.jsonl"]


def test_a_seed_is_a_season_and_another_seed_another() -> None:
    assert season.text(3, stays=20) == season.text(3, stays=20) != season.text(4, stays=20)


def test_the_command_line_writes_the_season_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "small.jsonl"
    season.main(["--seed", "3", "--stays", "20", "--out", str(file)])
    assert file.read_bytes() == season.text(3, stays=20).encode()
    assert frames.score(file).height == 20


def test_no_row_is_rejected_neither_by_frames_nor_in_memory() -> None:
    assert frames.check(season.FILE).is_empty()
    assert len(cards()) == 300


def test_a_file_a_frame_and_journeys_in_memory_score_the_same() -> None:
    of_file = frames.score(season.FILE).sort("journey")
    assert of_file.equals(by("journey").sort("journey"))
    for name, impression in of_file.select("journey", "impression").rows():
        assert cards()[name].impression == impression


def test_clerical_errors_change_the_log_and_no_score() -> None:
    truth = table(season.as_it_was(7, 300))
    assert len(log()) > len(truth)
    keys = ["journey", "touchpoint", "team"]
    as_logged, as_it_was = (frames.fold(each, by=keys).sort(keys) for each in (log(), truth))
    assert as_logged.equals(as_it_was)


def test_every_kind_of_thing_occurs() -> None:
    rows = log()
    for column in ("recovers", "supersedes", "retracts", "proactive", "adequate", "desired"):
        assert rows[column].count() >= 10, column
    for column in set(FACTS) - {"unreasonable"}:
        assert rows[column].count() >= 10, column
    assert rows["unreasonable"].count() >= 5
    assert set(rows["basis"]) == {"promised", "asked", "experienced", None}
    assert set(rows["state"]) == {"missed", "not_applicable", "not_yet", None}
    assert set(rows["csat"]) == {1, 2, 3, 4, 5, None}
    assert rows.is_duplicated().sum() >= 20
    assert rows.filter(pl.col("anticipated").is_null() & pl.col("delivered").is_not_null()).height
    by_name = rows.filter(pl.col("recovers").str.starts_with("hotel."))
    assert 0 < by_name.height < rows["recovers"].count()


def test_promises_are_kept_and_broken_and_kept_less_where_too_much_is_promised() -> None:
    promises = log().filter(basis="promised")
    kept = promises.group_by("site").agg((pl.col("delivered") >= pl.col("anticipated")).mean())
    share = dict(kept.select("site", "delivered").rows())
    assert share["airport"] < 0.3 < 0.7 < share["lakeside"]


def test_guests_return_and_expect_what_they_met() -> None:
    visits = log().group_by("customer").agg(pl.col("journey").n_unique())
    assert visits.filter(pl.col("journey") > 1).height >= 30
    first = log().filter(pl.col("journey") == pl.col("journey").min().over("customer"))
    assert "experienced" not in set(first["basis"])


def test_every_recovery_names_a_failure_that_is_there() -> None:
    assert not any(card.unmatched_recoveries for card in cards().values())
    moments = {str(each.moment) for card in cards().values() for each in card.moments}
    assert moments == {"broke", "recovered", "made"}


def test_no_id_has_two_contents_and_what_was_sent_twice_counts_once() -> None:
    assert not any(card.conflicts for card in cards().values())
    assert sum(len(card.duplicates) for card in cards().values()) >= 20


def test_what_the_guest_said_stands_on_the_last_line_of_a_journey() -> None:
    last = log().with_row_index().group_by("journey").agg(pl.col("csat").last())
    assert last["csat"].count() == log()["csat"].count() > 100


def test_nobody_can_be_recognised() -> None:
    rows = pl.read_ndjson(season.FILE, infer_schema_length=None)
    assert set(rows.columns) == set(season.COLUMNS)
    assert rows["customer"].str.contains(r"^c-\d{4}$").all()
    assert rows["journey"].str.contains(r"^stay-\d{4}$").all()
    assert rows["id"].str.contains(r"^\d{4}-\d{2}r?[vxafpu]?$").all()


def test_what_is_written_down_beside_the_levels_changes_no_score() -> None:
    plain = table(season.as_it_was(7, 300))
    handled = table(season.handled(season.as_it_was(7, 300), 7))
    assert len(handled) > len(plain)
    assert frames.score(plain).sort("journey").equals(frames.score(handled).sort("journey"))


# -- the stories the season tells ----------------------------------------------------------------


def test_the_weak_team_scores_lowest_and_well_below_its_peers() -> None:
    teams = frames.score(log(), by="team", average="journeys").sort("impression")
    weakest = teams.row(0, named=True)
    assert weakest["team"] == "old-town-bell"
    peers = teams.filter(pl.col("team").is_in(["lakeside-bell", "airport-bell"]))
    assert weakest["high"] < peers["low"].min()


def test_who_promises_too_much_scores_less_for_the_same_work() -> None:
    valets = by("site", "touchpoint").filter(touchpoint="hotel.valet")
    of = {row["site"]: row for row in valets.rows(named=True)}
    airport, lakeside = of["airport"], of["lakeside"]
    assert abs(airport["delivered"] - lakeside["delivered"]) < 3
    assert airport["impression"] < lakeside["impression"] - 15


def test_the_week_without_laundry_shows_in_housekeeping_alone() -> None:
    down = season.OPENING + timedelta(days=LAUNDRY_DOWN.start)
    up = season.OPENING + timedelta(days=LAUNDRY_DOWN.stop)
    week = log().with_columns(week=pl.col("at").is_between(down, up, closed="left"))
    scored = frames.score(week, by=["touchpoint", "week"])
    impression = {
        (name, bad): n for name, bad, n in scored.select("touchpoint", "week", "impression").rows()
    }
    fall = {
        name: impression[name, False] - impression[name, True]
        for name in ("hotel.housekeeping", "hotel.room", "hotel.front_desk", "hotel.checkout")
    }
    assert min(fall["hotel.housekeeping"], fall["hotel.room"]) > 25
    assert max(fall["hotel.front_desk"], fall["hotel.checkout"]) < 10


def test_the_house_that_makes_amends_has_the_better_season() -> None:
    sites = frames.score(log(), by="site", average="journeys").sort("impression")
    assert sites["site"][-1] == "lakeside"
    assert sites["low"][-1] > sites["high"][:-1].max()


def test_what_guests_said_agrees_with_the_impression() -> None:
    said = log().filter(pl.col("csat").is_not_null()).select("journey", "csat")
    both = said.join(by("journey"), on="journey").select(
        pl.col("csat").rank(), pl.col("impression").rank()
    )
    assert both.select(pl.corr("csat", "impression")).item() > 0.5  # Spearman's rho


# -- the four stories ----------------------------------------------------------------------------


def card(journey: Journey) -> Any:
    return score(journey, strict=True)


def test_hotel_arrival_is_one_impression_of_every_contact() -> None:
    arrival = card(stories.hotel_arrival())
    assert (arrival.impression, arrival.par, arrival.verdict) == (94.61, 75.0, "delighted")
    assert len(arrival.effects) == 3
    assert min(arrival.effects) > 0


def test_a_smile_does_not_make_up_for_a_lost_reservation() -> None:
    lost = {"reliability": yes_no(anticipated=asked(True), delivered=False)}
    arrival = stories.hotel_arrival()
    without = card(arrival.what_if("hotel.front_desk", readings=lost))
    assert without.moments[0].touchpoint.name == "hotel.front_desk"
    assert without.moments[0].moment == "broke"
    assert without.impression < 85 < card(arrival).impression


def test_a_surly_face_breaks_the_visit_for_who_always_met_a_smile() -> None:
    visit = card(stories.gym_smile())
    assert (visit.impression, visit.par, visit.verdict) == (43.79, 85.0, "dissatisfied")
    assert [(each.touchpoint.name, each.moment) for each in visit.moments] == [
        ("gym.greeting", "broke")
    ]
    assert visit.what_if("gym.greeting", delivered=0.9).impression == visit.par
    elsewhere = visit.what_if("gym.greeting", anticipated=experienced(0.1))
    assert elsewhere.impression > visit.impression  # the same face, where none smiled before
    assert elsewhere.moments == ()


def test_help_that_nobody_expected_makes_the_visit() -> None:
    visit = card(stories.home_store())
    assert (visit.impression, visit.par) == (77.07, 50.0)
    [moment] = visit.moments
    assert (moment.touchpoint.name, moment.moment) == ("retail.help", "made")
    assert moment.outcome == "proactive"
    assert visit.known_share == 1.0


def test_water_refused_is_worse_for_having_been_given_before() -> None:
    given, refused = map(card, stories.bottle_of_water())
    assert (given.impression, given.verdict) == (85.19, "delighted")
    assert (refused.impression, refused.verdict) == (39.39, "dissatisfied")
    assert [each.moment for each in refused.moments] == ["broke"]
    assert given.moments == ()
    never = refused.what_if("airline.water", anticipated=given.touchpoints[1].anticipated / 100)
    assert never.impression > refused.impression


def test_the_stories_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    stories.main()
    told = capsys.readouterr().out
    assert told.count(" of 100, par ") == 5
    assert "broke it: water, experienced 95, delivered 5" in told
