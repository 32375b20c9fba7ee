"""Failures, loops, causes and follow-ups of a log: frames against scorecards."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parity.test_engines import ENGINES
from parity.test_frames import frame_of
from strategies import START, handled_logs

from journeyscore import Scorecard, frames, score
from journeyscore.convert import journeys
from journeyscore.frames.loops import counted
from journeyscore.loops import LoopKind

NOW = START + timedelta(days=200)


def cards(rows: list[dict[str, Any]]) -> dict[str, Scorecard]:
    return {id: score(journey, now=NOW) for id, journey in journeys(rows).items()}


def seconds(length: timedelta | None) -> int | None:
    return None if length is None else length // timedelta(seconds=1)


def plain_loops(rows: list[dict[str, Any]]) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for id, card in cards(rows).items():
        open_: dict[Any, Any] = defaultdict(lambda: (None, None))
        for loop in card.open_loops:
            if loop.kind in (LoopKind.FAILURE, LoopKind.RECOVERY):
                open_[loop.id] = (loop.kind.value, seconds(loop.age(NOW)))
        for each in card.failures:
            found[
                id, each.touchpoint.source, each.touchpoint.id, each.touchpoint.name,
                each.touchpoint.at, each.cause, each.owner, each.noticed_by and each.noticed_by.value,
                each.acknowledged, each.excuse, seconds(each.response), each.recovered,
                each.followed_up, *open_[each.touchpoint.id],
            ] += 1  # fmt: skip
    return found


def test_a_follow_up_that_regards_nothing_regards_the_journey_whoever_made_it() -> None:
    """The source of the row was taken for that of the event it regards. Found by Hypothesis."""
    row = {"journey": "a", "touchpoint": "b", "anticipated": None, "delivered": None}
    rows = [
        row | {"id": "e1", "act": "follow_up", "due": START, "source": None, "regards": None},
        row | {"id": "e2", "act": "follow_up", "due": None, "source": "pos", "regards": None},
    ]
    assert frames.follow_ups(frame_of(rows), now=NOW)["made"].to_list() == [True]
    assert cards(rows)["a"].open_loops == ()


@settings(max_examples=15)
@given(handled_logs(), st.sampled_from(["touchpoint", "team"]))
def test_loops_counted_are_loops_added_up(rows: list[dict[str, Any]], by: str) -> None:
    plain = Counter(frames.loops(frame_of(rows)).select(by, "open").rows())
    assert {row[:2]: row[2] for row in counted(frame_of(rows), by).rows()} == plain


COLUMNS = [
    "journey", "source", "id", "touchpoint", "at", "cause", "owner", "noticed_by", "acknowledged",
    "excuse", "response", "recovered", "followed_up", "open", "age",
]  # fmt: skip


@settings(max_examples=80)
@given(handled_logs())
def test_failures_are_those_of_the_scorecards(rows: list[dict[str, Any]]) -> None:
    found = frames.loops(frame_of(rows), now=NOW)
    columns = [name for name in COLUMNS if name in found.columns]
    plain = plain_loops(rows)
    if "at" not in columns:
        plain = Counter({(*row[:4], *row[5:]): n for row, n in plain.items()})
    assert Counter(found.select(columns).rows()) == plain


@settings(max_examples=50)
@given(handled_logs())
def test_causes_and_follow_ups_are_those_of_the_scorecards(rows: list[dict[str, Any]]) -> None:
    causes = frames.causes(frame_of(rows), by="journey", now=NOW)
    found = {
        (row["journey"], row["cause"]): row["age"] for row in causes.rows(named=True) if row["open"]
    }
    follow_ups = frames.follow_ups(frame_of(rows), now=NOW)
    owed = Counter(
        (row["journey"], row["id"], row["due"], row["overdue"])
        for row in follow_ups.rows(named=True)
        if not row["made"]
    )
    plain, plainly_owed = {}, Counter[Any]()
    for id, card in cards(rows).items():
        for loop in card.open_loops:
            if loop.kind is LoopKind.CAUSE:
                plain[id, loop.cause] = seconds(loop.age(NOW))
            if loop.kind is LoopKind.FOLLOW_UP:
                plainly_owed[id, loop.id, loop.due, loop.is_overdue(NOW)] += 1
    assert found == plain
    assert owed == plainly_owed


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=5)
@given(rows=handled_logs())
def test_every_engine_finds_the_same(engine: str, rows: list[dict[str, Any]]) -> None:
    _, there, back = ENGINES[engine]
    frame = frame_of(rows)
    by_journey = partial(frames.causes, by="journey")
    for asked in (frames.loops, by_journey, frames.follow_ups):
        found, reference = back(asked(there(frame), now=NOW)), asked(frame, now=NOW)
        assert found.columns == reference.columns
        assert Counter(_plain(found.rows())) == Counter(_plain(reference.rows()))


def _plain(rows: list[Any]) -> list[Any]:
    """Times as moments, whatever the engine's zone."""
    return [
        tuple(each.timestamp() if isinstance(each, datetime) else each for each in row)
        for row in rows
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_log_that_names_no_acts_has_open_failures_and_owes_no_follow_up(engine: str) -> None:
    """Narwhals filters by no expression without a column: the command ``loops`` failed."""
    _, there, back = ENGINES[engine]
    rows = [{"journey": "a", "touchpoint": "hotel.room", "anticipated": 0.8, "delivered": 0.3}]
    log = there(frame_of(rows))
    assert back(frames.follow_ups(log, now=NOW)).rows() == []
    assert back(frames.loops(log))["open"].to_list() == ["failure"]
