"""E6 and U6: importance fitted to what guests said, and impressions held against it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from journeyscore import Journey, Policy, Touchpoint, frames, score
from journeyscore.calibration import calibrate
from journeyscore.cli import main
from journeyscore.convert import journeys
from journeyscore.drivers import Drivers, fit
from journeyscore.errors import InvalidValue, LogError, MissingColumn

TRUE = {"hotel.room": 3.0, "hotel.front_desk": 1.0, "hotel.valet": 0.0}
"""What guests think of, in the made-up log; the bellman has a weight that the log states."""


def made_up(journeys: int = 600, seed: int = 1) -> list[dict[str, Any]]:
    dice = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for number in range(journeys):
        levels = {name: dice.randint(0, 100) / 100 for name in (*TRUE, "hotel.bellman")}
        felt = sum(weight * levels[name] for name, weight in TRUE.items()) / 4
        said = 1 + 4 * min(1.0, max(0.0, felt + dice.uniform(-0.05, 0.05)))
        for name, level in levels.items():
            row: dict[str, Any] = {
                "journey": f"j{number}", "touchpoint": name, "anticipated": 0.7,
                "delivered": level, "weight": 2.0 if name == "hotel.bellman" else None,
            }  # fmt: skip
            rows.append(row)
        if number % 3:  # the others did not answer
            rows[-1]["csat"] = round(said, 2)
    return rows


@pytest.fixture(scope="module")
def log() -> pl.DataFrame:
    return pl.DataFrame(made_up(), infer_schema_length=None)


@pytest.fixture(scope="module")
def found(log: pl.DataFrame) -> Drivers:
    return fit(log)


def test_E6_fitted_weights_find_what_guests_think_of(found: Drivers) -> None:
    assert found.journeys == 400
    assert list(found.weights) == ["hotel.room", "hotel.front_desk", "hotel.valet"]
    room, desk, valet = found.drivers
    assert room.low <= room.weight <= room.high
    assert room.weight == pytest.approx(3 * desk.weight, rel=0.25)
    assert valet.weight < 0.2
    assert found.better and found.fitted > found.equal + 0.05


def test_E6_fitted_weights_are_never_negative_and_their_mean_is_one(found: Drivers) -> None:
    weights = found.weights.values()
    assert min(weights) >= 0.01
    assert sum(weights) / len(weights) == pytest.approx(1, abs=0.02)


def test_E6_no_order_of_rows_matters_and_the_seed_decides(
    log: pl.DataFrame, found: Drivers
) -> None:
    assert fit(log.sample(fraction=1, shuffle=True, seed=5)) == found
    other = fit(log, seed=1)
    assert other.weights == found.weights  # only folds and intervals are left to chance
    assert other != found


def test_E6_weights_that_tell_nothing_do_not_win(log: pl.DataFrame) -> None:
    dice = random.Random(3)
    answers = pl.Series([dice.randint(1, 5) for _ in range(len(log))])
    found = fit(log.with_columns(csat=pl.when(pl.col("csat").is_not_null()).then(answers)))
    assert not found.better
    assert "no more than equal ones" in str(found)


def test_E6_asked_weights_are_never_overwritten(found: Drivers, log: pl.DataFrame) -> None:
    assert "hotel.bellman" not in found.weights
    insisting = Policy(weights={**found.weights, "hotel.bellman": 9})
    both = [frames.score(log, policy=each).sort("journey") for each in (found.policy(), insisting)]
    assert both[0].equals(both[1])  # every row of the bellman states its weight
    assert not both[0].equals(frames.score(log).sort("journey"))
    asked = Touchpoint("hotel.room", anticipated=0.7, delivered=0.2, weight=1)
    other = Touchpoint("hotel.dining", anticipated=0.7, delivered=0.9)
    stay = Journey("j", [asked, other])
    assert score(stay, found.policy()).tally == score(stay).tally


def test_E6_the_policy_file_scores_alike_in_memory_and_in_frames(
    found: Drivers, log: pl.DataFrame, tmp_path: Path
) -> None:
    file = tmp_path / "policy.json"
    found.policy(Policy(broke=30)).save(file)
    policy = Policy.load(file)
    assert policy.broke == 30 and policy.weights == found.weights
    assert policy.fingerprint != Policy(broke=30).fingerprint
    of_frames = dict(frames.score(log, policy=policy).select("journey", "impression").rows())
    of_memory = {id: score(stay, policy).impression for id, stay in journeys(made_up()).items()}
    assert of_frames == of_memory


def test_E6_what_cannot_be_fitted_is_told(log: pl.DataFrame) -> None:
    with pytest.raises(MissingColumn, match="no column nps"):
        fit(log, "nps")
    with pytest.raises(LogError, match="1 different answers"):
        fit(log.with_columns(csat=3.0))
    with pytest.raises(LogError, match="0 touchpoints that enough of them met"):
        fit(log.head(80))
    turned = log.with_columns(csat=-pl.col("csat").max().over("journey"))
    turned = turned.filter(pl.col("touchpoint").is_in(["hotel.room", "hotel.front_desk"]))
    with pytest.raises(LogError, match="no touchpoint goes with what guests said"):
        fit(turned)


def test_E6_the_command_saves_a_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    season = Path(__file__).parents[2] / "examples" / "hotel" / "season.jsonl"
    file = tmp_path / "policy.json"
    assert main(["drivers", str(season), "--save", str(file), "--format", "table"]) == 0
    out = capsys.readouterr().out
    assert "no more than equal ones" in out  # its guests weigh every contact alike
    assert Policy.load(file).weights["hotel.bellman"] > 1
    assert main(["score", str(season), "--policy", str(file)]) == 0


# -- calibration ---------------------------------------------------------------------------------


def test_U6_answers_stand_beside_impressions_bin_by_bin(log: pl.DataFrame) -> None:
    bins = calibrate(log).sort("from")
    assert bins["journeys"].sum() == 400
    scores = frames.score(log).join(log.drop_nulls("csat").select("journey", "csat"), on="journey")
    for row in bins.drop_nulls("said").rows(named=True):
        upper = pl.col("impression") < row["to"]
        mine = scores.filter((pl.col("impression") >= row["from"]) & upper)
        said = (mine["csat"] - 1) * 25
        assert row["journeys"] == len(mine)
        assert row["impression"] == pytest.approx(mine["impression"].to_numpy().mean(), abs=0.01)
        assert row["said"] == pytest.approx(said.to_numpy().mean(), abs=0.01)
        assert row["low"] <= row["said"] <= row["high"]
        assert row["difference"] == pytest.approx(row["said"] - row["impression"], abs=0.011)


def test_U6_what_guests_said_is_never_mixed_in(log: pl.DataFrame) -> None:
    turned = log.with_columns(csat=6 - pl.col("csat"))
    assert frames.fold(log).sort("journey").equals(frames.fold(turned).sort("journey"))
    assert not calibrate(log).sort("from").equals(calibrate(turned).sort("from"))


def test_U6_few_answers_show_their_number_only(log: pl.DataFrame) -> None:
    bins = calibrate(log, width=2, minimum=20)
    few = bins.filter(pl.col("journeys") < 20)
    assert len(few) > 0
    assert few.select("impression", "said", "low", "high", "difference").null_count().row(0) == (
        (len(few),) * 5
    )


@pytest.mark.parametrize(
    ("feedback", "given", "said"), [("csat", 4, 75.0), ("nps", 9, 90.0), ("ces", 7, 100.0)]
)
def test_U6_each_question_has_its_scale(feedback: str, given: float, said: float) -> None:
    rows = {"journey": range(6), "touchpoint": "hotel.room", "anticipated": 0.7, "delivered": 0.7}
    answers = pl.DataFrame(rows).with_columns(pl.lit(float(given)).alias(feedback))
    [row] = calibrate(answers, feedback).rows(named=True)
    assert (row["journeys"], row["said"], row["low"], row["high"]) == (6, said, said, said)
    outside = calibrate(answers.with_columns(pl.lit(11.0).alias(feedback)), feedback)
    assert outside.select("journeys", "rejected").row(0) == (0, 6)


def test_U6_of_several_answers_the_lowest_counts_and_scales_are_asked_for() -> None:
    rows = {"journey": [1] * 2, "touchpoint": "hotel.room", "anticipated": 0.7, "delivered": 0.7}
    log = pl.DataFrame(rows).with_columns(stars=pl.Series([9.0, 2.0]))
    with pytest.raises(InvalidValue, match="not a scale"):
        calibrate(log, "stars")
    with pytest.raises(InvalidValue, match="minimum"):
        calibrate(log, "csat", minimum=1)


def test_U6_the_command_shows_a_table_and_a_curve(capsys: pytest.CaptureFixture[str]) -> None:
    season = Path(__file__).parents[2] / "examples" / "hotel" / "season.jsonl"
    assert main(["calibration", str(season), "--format", "table"]) == 0
    out = capsys.readouterr().out
    assert "165 journeys with an answer" in out
    assert "-o-" in out
