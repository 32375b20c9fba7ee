"""W1, W2 and S5 over teams: what teams have, what stands in their way, whether they are aligned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from journeyscore import frames
from journeyscore.cli import main
from journeyscore.errors import InvalidValue, LogNotFound, OutOfScale, UnknownName, WrongType
from journeyscore.team import ALIGNED, TRAITS, Need, Team, alignment, load, obstacles, teams

HOTEL = Path(__file__).parents[2] / "examples" / "hotel"


def told(people: int = 9, difference: float = 0.9, valued: float = 0.2, paid: float = 1) -> Team:
    needs = {"making_a_difference": difference, "valued": valued, "compensated": paid}
    return Team(people=people, needs=needs, traits={"anticipates_problems": 0.4})


def log(**more: Any) -> pl.DataFrame:
    rows = {
        "journey": [f"j{n}" for n in range(40)], "touchpoint": "hotel.bellman",
        "anticipated": 0.7, "delivered": [0.8, 0.3] * 20, "team": ["east", "west"] * 20,
    }  # fmt: skip
    return pl.DataFrame({**rows, **more})


# -- W1: two of three ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "met", "enough"),
    [((1, 1, 1), 3, True), ((0.8, 0.79, 0.8), 2, True), ((0, 0.9, 0.5), 1, False)],
)
def test_W1_two_of_three_needs_are_enough(
    levels: tuple[float, float, float], met: int, enough: bool
) -> None:
    team = told(9, *levels)
    assert (len(team.met), team.enough) == (met, enough)


def test_W1_needs_stand_beside_the_impression_of_the_team() -> None:
    found = teams(log(), {"east": told(), "west": told(valued=0.1, difference=0.3)}).sort("team")
    scored = frames.score(log(), by="team", average="journeys").sort("team")
    columns = ["team", "journeys", "impression", "low", "high"]
    assert found.select(columns).equals(scored.select(columns))
    assert found["needs_met"].to_list() == [2, 1]
    assert found["enough"].to_list() == [True, False]
    assert found["weakest_trait"].to_list() == ["anticipates_problems"] * 2


def test_W1_a_small_team_says_nothing_and_no_person_is_told_from_it() -> None:
    found = teams(log(), {"east": told(people=4), "west": told(people=5)}).sort("team")
    east, west = found.rows(named=True)
    assert set(east.values()) == {"east", None}
    assert west["people"] == 5 and west["impression"] is not None
    unknown = teams(log(), {"west": told()}).sort("team").row(0, named=True)
    assert unknown["impression"] is not None and unknown["people"] is None
    with pytest.raises(InvalidValue, match="minimum"):
        teams(log(), {"east": told()}, minimum=1)


def test_W1_the_eight_traits_and_three_needs_are_closed_lists() -> None:
    assert len(TRAITS) == 8 and len(Need) == 3
    with pytest.raises(UnknownName, match="did you mean anticipates_problems"):
        Team(people=9, needs=told().needs, traits={"anticipates_problem": 1})
    with pytest.raises(InvalidValue, match="nothing is told of compensated"):
        Team(people=9, needs={"making_a_difference": 1, "valued": 1})
    with pytest.raises(OutOfScale):
        told(paid=40)
    with pytest.raises(WrongType):
        teams(log(), {})


def test_W1_staff_is_read_from_a_file(tmp_path: Path) -> None:
    staff = load(HOTEL / "staff.json")
    assert staff["old-town-bell"].weakest_trait == "empowered_with_solutions"
    bad = tmp_path / "staff.json"
    for content, error in (
        ("{", InvalidValue), ("[]", WrongType), ('{"a": 1}', InvalidValue),
        (json.dumps({"a": {"people": 0, "needs": {}}}), InvalidValue),
    ):  # fmt: skip
        bad.write_text(content)
        with pytest.raises(error, match="staff.json"):
            load(bad)
    with pytest.raises(LogNotFound):
        load(tmp_path / "none.json")


# -- W2: obstacles -------------------------------------------------------------------------------


def test_W2_obstacles_are_counted_where_a_touchpoint_fell_short() -> None:
    names = [None, "attitude", "skill", "policy"] * 10  # the east met what was anticipated
    found = obstacles(log(obstacle=names)).sort("team")
    assert found.rows(named=True) == [
        {"team": "west", "failures": 20, "policy": 10, "resource": 0, "skill": 0, "authority": 0,
         "attitude": 10, "unnamed": 0}
    ]  # fmt: skip


def test_W2_few_failures_and_small_teams_say_nothing() -> None:
    few = log(obstacle="skill").head(8)
    assert set(obstacles(few).row(0)) == {"west", None}
    small = obstacles(log(obstacle="skill"), {"west": told(people=4)})
    assert set(small.row(0)) == {"west", None}
    by_site = obstacles(log(obstacle="skill", site="lake"), by="site")
    assert by_site.row(0)[:2] == ("lake", 20)


# -- S5: over teams and sites --------------------------------------------------------------------


def test_S5_teams_are_aligned_in_message_energy_and_responsiveness_or_lie_apart() -> None:
    rows = []
    for n in range(60):
        for factor in ALIGNED:
            level = {"east": 0.9, "west": 0.5 if factor == "attitude" else 0.85}
            team = "east" if n % 2 else "west"
            rows.append(
                {"journey": f"j{n}", "touchpoint": "hotel.front_desk", "id": f"e{n}",
                 "factor": factor, "anticipated": 0.8, "delivered": level[team], "team": team}
            )  # fmt: skip
    found = alignment(pl.DataFrame(rows)).sort("factor")
    assert found.rows() == [
        ("attitude", 2, 70.0, 40.0, "west", "east"),
        ("communication", 2, 87.5, 5.0, "west", "east"),
        ("responsiveness", 2, 87.5, 5.0, "west", "east"),
    ]


def test_S5_duplicates_dead_readings_aliases_and_small_teams_do_not_count() -> None:
    good = [
        {"journey": f"j{n}", "touchpoint": "hotel.front_desk", "id": f"e{n}", "retracts": None,
         "factor": "enthusiasm" if n % 2 else "attitude", "anticipated": 0.8,
         "delivered": 0.9 if n % 4 < 2 else 0.6, "team": "east" if n % 4 < 2 else "west"}
        for n in range(40)
    ]  # fmt: skip
    wrong = good[0] | {"id": "w", "delivered": 0.0}
    gone = good[0] | {"id": "v", "delivered": None, "retracts": "w"}
    tiny = [good[0] | {"id": f"t{n}", "team": "tiny", "delivered": 0.0} for n in range(9)]
    log = pl.DataFrame([*good, *good, wrong, gone, *tiny], infer_schema_length=None)
    assert alignment(log).rows() == [("attitude", 2, 75.0, 30.0, "west", "east")]


def test_S5_over_sites_without_readings() -> None:
    found = alignment(HOTEL / "season.jsonl", "touchpoint", "site")
    spread = dict(found.select("touchpoint", "spread").rows())
    assert spread["hotel.bellman"] > 30 > 15 > spread["hotel.checkout"]  # the weak bell desk
    one = alignment(log(), "touchpoint", minimum=30)
    assert one.is_empty()
    with pytest.raises(InvalidValue, match="none of factor"):
        alignment(log(), "mood")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--staff", str(HOTEL / "staff.json")], "old-town-bell"),
        (["--show", "obstacles"], "attitude"),
        (["--show", "alignment", "--of", "touchpoint", "--between", "site"], "hotel.bellman"),
    ],
)
def test_W1_W2_S5_of_the_season_from_the_command(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    season = str(HOTEL / "season.jsonl")
    assert main(["teams", season, "--format", "table", *arguments]) == 0
    assert told in capsys.readouterr().out
    assert main(["teams", season]) == 1
    assert "--staff" in capsys.readouterr().err
