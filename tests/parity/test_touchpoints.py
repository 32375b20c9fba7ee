"""Each touchpoint by itself: frames against scorecards, and against their own folds."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from parity.test_engines import ENGINES
from parity.test_frames import frame_of, markets
from strategies import logs, weighing

from journeyscore import Policy, frames, score
from journeyscore.convert import journeys
from journeyscore.errors import JourneyScoreError, LogError
from journeyscore.valuation import Valuer

NUMBERS = [
    "weight", "basis", "anticipated", "delivered", "value", "effect", "contribution", "outcome",
    "moment",
]  # fmt: skip


def explained(rows: list[dict[str, Any]], policy: Policy, market: Any) -> Counter[Any]:
    """What scorecards say of each touchpoint."""
    rejected: list[tuple[int, JourneyScoreError]] = []
    found: Counter[Any] = Counter()
    valuer = Valuer(policy, market)
    for id, journey in journeys(rows, rejected=rejected, valuer=valuer).items():
        card = score(journey, policy, market=market)
        for each in card.touchpoints:
            moved = round(each.weight * 100) * round(each.effect * 100)
            exactly = float(moved) / (card.tally.weight * 100)
            assert abs(exactly - each.contribution) < 0.01 + 1e-9
            found[
                id, each.touchpoint.name, each.weight, each.basis, each.anticipated,
                each.delivered, each.value, each.effect, exactly, each.outcome.value,
                None if each.moment is None else each.moment.value,
            ] += 1  # fmt: skip
    return found


def without_ties(rows: list[dict[str, Any]]) -> bool:
    """No two contents of one id that fold alike and differ in the rest: either may be named."""
    seen: dict[Any, Any] = {}
    for row in rows:
        if row.get("id") is not None:
            id = (row["journey"], row.get("source"), row["id"], row.get("factor"))
            rest = (row["touchpoint"], row.get("desired"), row.get("proactive"))
            if seen.setdefault(id, rest) != rest:
                return False
            if "factor" in row and seen.setdefault((id[:3], "name"), rest) != rest:
                return False
    return True


@settings(max_examples=50)
@given(logs(), weighing, markets)
def test_each_touchpoint_is_what_its_scorecard_says(
    log: list[dict[str, Any]], policy: Policy, market: Any
) -> None:
    found = frames.touchpoints(frame_of(log), policy=policy, market=market)
    gap = found["value"] - found["anticipated"]
    assert (gap - found["effect"]).abs().le(1e-9).all()
    names = found.select("journey", "touchpoint", *NUMBERS)
    if without_ties(log):
        assert Counter(names.rows()) == explained(log, policy, market)
    folded = frames.fold(frame_of(log), policy=policy, market=market)
    summed = found.group_by("journey").agg(
        pl.len(), ((pl.col("weight") * 100).round() * (pl.col("value") * 100).round()).sum()
    )
    assert {row[0]: row[1:] for row in summed.rows()} == {
        row[0]: (row[1], row[3]) for row in folded.rows() if row[1]
    }


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=8)
@given(log=logs(max_size=12), policy=weighing)
def test_every_engine_says_the_same(engine: str, log: list[dict[str, Any]], policy: Policy) -> None:
    if engine == "pandas":  # where NaN is how a missing value is written
        log = [{k: 5.0 if v != v else v for k, v in row.items()} for row in log]
    kind, there, back = ENGINES[engine]
    frame = frame_of(log).drop("at", strict=False)
    found = frames.touchpoints(there(frame), policy=policy, keep=["team"])
    assert isinstance(found, kind)
    reference = frames.touchpoints(frame, policy=policy, keep=["team"])
    native = back(found)
    assert native.columns == reference.columns
    assert Counter(native.rows()) == Counter(reference.rows())


@pytest.mark.parametrize("engine", ENGINES)
def test_of_two_contents_the_lower_counts_whatever_was_promised(engine: str) -> None:
    log = pl.DataFrame(
        {
            "journey": ["a", "a"], "id": ["e1", "e1"], "touchpoint": ["hotel.valet"] * 2,
            "anticipated": [0.9, 0.3], "delivered": [0.1, 0.2], "basis": ["promised"] * 2,
        }
    )  # fmt: skip
    _, there, back = ENGINES[engine]
    assert back(frames.touchpoints(there(log)))["delivered"].to_list() == [10.0]


def test_the_columns_that_describe_a_touchpoint_stay() -> None:
    log = pl.DataFrame(
        {
            "journey": ["a"], "touchpoint": ["hotel.valet"], "anticipated": [0.5],
            "delivered": [0.9], "proactive": [True], "team": ["north"], "till": [7],
        }
    )  # fmt: skip
    row = frames.touchpoints(log, keep=["till"]).row(0, named=True)
    assert (row["team"], row["till"], row["outcome"], row["moment"]) == (
        "north", 7, "proactive", "made",
    )  # fmt: skip
    assert isinstance(frames.touchpoints(log.lazy()), pl.LazyFrame)


def test_columns_of_the_result_cannot_be_kept() -> None:
    log = frame_of([{"journey": "a", "touchpoint": "x", "anticipated": 0.5, "delivered": 0.5}])
    for name in ("value", "basis", "moment", "anticipated"):
        with pytest.raises(LogError, match="^keep: a column of the result has this name"):
            frames.touchpoints(log, keep=[name])


def test_lines_that_cannot_be_read_go_to_the_quarantine(tmp_path: Path) -> None:
    log, bad = tmp_path / "log.jsonl", tmp_path / "bad.jsonl"
    row = '{"journey": "a", "touchpoint": "hotel.valet", "anticipated": 0.5, "delivered": 0.5}'
    log.write_text(f"{row}\n{row[:40]}\n")
    with pytest.raises(LogError, match="line 2"):
        frames.touchpoints(log)
    assert len(frames.touchpoints(log, quarantine=bad)) == 1
    assert json.loads(bad.read_text())["line"] == 2
