"""Promises and silences of a log: frames against ledgers in memory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parity.test_engines import ENGINES
from parity.test_frames import frame_of
from strategies import START, handled_logs

from journeyscore import frames, score
from journeyscore.convert import journeys
from journeyscore.promises import Promise, calibrate

rates = st.sampled_from([0.0, 0.5, 0.9, 1.0])
nows = st.one_of(st.none(), st.integers(0, 10**7).map(lambda s: START + timedelta(seconds=s)))


def ledgers(rows: list[dict[str, Any]], now: datetime | None) -> dict[str, list[Promise]]:
    """The promises of scorecards by team; without ``now`` nothing is past its date."""
    found: dict[str, list[Promise]] = {}
    early = datetime.min.replace(tzinfo=START.tzinfo)
    for journey in journeys(rows).values():
        for promise in score(journey, now=now or early).promises:
            found.setdefault(promise.touchpoint.team or "", []).append(promise)
    return found


@settings(max_examples=80)
@given(handled_logs(), nows, rates)
def test_promises_are_calibrated_as_in_memory(
    rows: list[dict[str, Any]], now: datetime | None, rate: float
) -> None:
    found = frames.promises(frame_of(rows), now=now, rate=rate)
    plain = {team: calibrate(of, rate) for team, of in ledgers(rows, now).items()}
    assert {row[0]: row[1:] for row in found.rows()} == plain


@given(handled_logs(), nows, rates)
def test_ledgers_of_shards_are_read_as_one(
    rows: list[dict[str, Any]], now: datetime | None, rate: float
) -> None:
    frame = frame_of(rows)
    shards = [frame.filter(pl.col("journey") == name) for name in ("a", "b")]
    merged = frames.read_ledger(*(frames.ledger(shard, now=now) for shard in shards), rate=rate)
    assert set(merged.rows()) == set(frames.promises(frame, now=now, rate=rate).rows())


@settings(max_examples=80)
@given(handled_logs(), nows)
def test_silences_are_those_of_the_scorecards(
    rows: list[dict[str, Any]], now: datetime | None
) -> None:
    if "at" not in rows[0]:
        return
    found = frames.silences(frame_of(rows), now=now)
    plain = {
        id: silence // timedelta(seconds=1)
        for id, journey in journeys(rows).items()
        if (silence := score(journey, now=now).longest_silence) is not None
    }
    assert dict(found.rows()) == plain


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=5)
@given(rows=handled_logs(), now=nows)
def test_every_engine_says_the_same(
    engine: str, rows: list[dict[str, Any]], now: datetime | None
) -> None:
    _, there, back = ENGINES[engine]
    frame = frame_of(rows)
    asked = [frames.promises, frames.ledger, *([frames.silences] if "at" in rows[0] else [])]
    for each in asked:
        found, reference = back(each(there(frame), now=now)), each(frame, now=now)
        assert found.columns == reference.columns
        assert Counter(found.rows()) == Counter(reference.rows())


def test_a_lazy_log_in_which_nothing_has_a_time_has_no_silence() -> None:
    """DuckDB has a type of nothing for such a column, and makes no milliseconds of it."""
    duckdb = pytest.importorskip("duckdb")
    said = "'a' AS journey, 'b' AS touchpoint, 0.6::DOUBLE AS anticipated, 0.2::DOUBLE AS delivered"
    log = duckdb.sql(f"SELECT {said}, NULL AS at, NULL AS promised_at")
    assert frames.silences(log).fetchall() == []
