"""Every engine against the plain path: what comes in goes out, with the same bits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parity.plain import folded
from parity.test_frames import as_dict, frame_of, markets
from strategies import START, logs, weighing

from journeyscore import Policy, Tally, frames
from journeyscore.frames.engines import proven_empty

ENGINES: dict[str, tuple[type, Callable[[pl.DataFrame], Any], Callable[[Any], pl.DataFrame]]] = {
    "polars lazy": (pl.LazyFrame, pl.DataFrame.lazy, pl.LazyFrame.collect),
    "duckdb": (
        duckdb.DuckDBPyRelation,
        lambda frame: duckdb.from_arrow(frame.to_arrow()),
        lambda relation: relation.pl(),
    ),
    "pandas": (pd.DataFrame, pl.DataFrame.to_pandas, pl.from_pandas),
    "pyarrow": (pa.Table, pl.DataFrame.to_arrow, pl.from_arrow),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=8)
@given(
    log=logs(max_size=12), policy=weighing, market=markets, key=st.sampled_from(["journey", "team"])
)
def test_the_integers_and_the_read_outs_are_equal(
    engine: str, log: list[dict[str, Any]], policy: Policy, market: Any, key: str
) -> None:
    if engine == "pandas":  # where NaN is how a missing value is written
        log = [{k: 5.0 if v != v else v for k, v in row.items()} for row in log]
    kind, there, back = ENGINES[engine]
    frame = frame_of(log)
    given_, options = there(frame), {"policy": policy, "market": market}
    result = frames.fold(given_, key, **options)
    assert isinstance(result, kind)
    found = back(result)
    assert as_dict(found) == as_dict(frames.fold(frame, key, **options))
    if key == "journey":
        assert as_dict(found) == folded(log, key, **options)
    scored = back(frames.score(given_, key, **options))
    reference = frames.score(frame, key, **options)
    assert scored.columns == reference.columns
    assert set(scored.rows()) == set(reference.rows())
    shards = [there(frame.filter(pl.col("journey").is_in(part))) for part in (["a"], ["b", "c"])]
    folds = [frames.fold(shard, key, **options) for shard in shards]
    merged = frames.merge(*folds)
    assert isinstance(merged, kind)
    assert as_dict(back(merged)) == as_dict(found)
    assert set(back(frames.read(merged, policy=policy)).rows()) == set(reference.rows())
    back_again = {k: v for k, v in as_dict(back(frames.merge(merged, minus=folds[1:]))).items()}
    assert {k: v for k, v in back_again.items() if v != (Tally(), 0)} == {
        k: v for k, v in as_dict(back(folds[0])).items() if v != (Tally(), 0)
    }
    averaged = back(frames.score(given_, "team", average="journeys", **options))
    assert set(averaged.rows()) == set(
        frames.score(frame, "team", average="journeys", **options).rows()
    )


PARQUET: dict[str, tuple[Callable[[Any, str], Any], Callable[[str], Any]]] = {
    "polars lazy": (pl.LazyFrame.sink_parquet, pl.scan_parquet),
    "duckdb": (duckdb.DuckDBPyRelation.write_parquet, duckdb.read_parquet),
    "pandas": (pd.DataFrame.to_parquet, pd.read_parquet),
    "pyarrow": (pq.write_table, pq.read_table),
}
"""How each engine writes its own kind, and reads it back."""


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=4)
@given(log=logs(max_size=12), key=st.sampled_from(["journey", "team", "day"]))
def test_tallies_merge_after_they_were_in_parquet(
    engine: str, log: list[dict[str, Any]], key: str
) -> None:
    log = [{"at": START, **row} for row in log]
    if engine == "pandas":  # where NaN is how a missing value is written
        log = [{k: 5.0 if v != v else v for k, v in row.items()} for row in log]
    there, back = ENGINES[engine][1:]
    write, read = PARQUET[engine]
    frame = frame_of(log)
    read_back = []
    with TemporaryDirectory() as folder:
        for journey in ("a", "b", "c"):
            path = f"{folder}/{journey}.parquet"
            write(frames.fold(there(frame.filter(journey=journey)), key), path)
            read_back.append(read(path))
        merged = frames.merge(*read_back)
        scored, left = frames.read(merged), frames.merge(merged, minus=read_back[1:])
        found, scores, first = (back(each) for each in (merged, scored, left))
    reference = frames.fold(frame, key)
    assert [str(kind) for kind in found.dtypes[1:]] == ["Int64"] * 8
    assert told(found) == told(reference)
    assert told(scores) == told(frames.score(frame, key))
    one = told(frames.fold(frame.filter(journey="a"), key))
    assert {row for row in told(first) if any(row[1:])} == {row for row in one if any(row[1:])}


def told(frame: pl.DataFrame) -> set[tuple[Any, ...]]:
    """The rows; days as days, of which pandas makes times, and null where it has NaN."""
    rows = frame.fill_nan(None).rows()
    return {tuple(v.date() if isinstance(v, datetime) else v for v in row) for row in rows}


@pytest.mark.parametrize("engine", ENGINES)
def test_markets_checks_and_days(engine: str) -> None:
    markets_checks_and_days(*ENGINES[engine][1:])


def markets_checks_and_days(
    there: Callable[[pl.DataFrame], Any], back: Callable[[Any], pl.DataFrame]
) -> None:
    """The three of them on an engine, given how a frame gets there and back."""
    frame = pl.DataFrame(
        {
            "journey": ["a", "b", "c", "d"],
            "touchpoint": ["hotel.valet", "hotel.valet", "hotel.spa", "hotel.spa"],
            "anticipated": [None, 0.5, 0.5, 1.5],
            "delivered": [0.9, 0.6, 0.3, 0.3],
            "at": ["2026-05-01T23:30:00Z", "2026-05-01T23:30", "2026-03-29 02:30:00", None],
        }
    )
    log = there(frame)
    market = frames.market(log, timezone="Europe/Zurich")
    assert sorted(back(market).rows()) == [("hotel.spa", 0, 0), ("hotel.valet", 15000, 2)]
    filled = back(frames.score(log, market=market)).sort("journey")
    assert filled["par"].to_list() == [75.0, None, None, None]
    days = back(frames.fold(log, by="day", timezone="Europe/Zurich"))
    assert {(str(row[0])[:10], row[1]) for row in days.rows()} == {
        ("2026-05-02", 1), ("2026-05-01", 1), ("None", 0),
    }  # fmt: skip
    faults = back(frames.check(log)).select("row", "field").rows()
    assert faults == [(2, "at"), (3, "at"), (4, "anticipated")]


def test_other_frames_are_refused_with_the_kinds_that_are_not() -> None:
    with pytest.raises(TypeError, match="log: a Series is not a journey log; give a path"):
        frames.score(pd.Series([1]))


def test_a_pandas_column_of_none_is_of_no_type() -> None:
    log = pd.DataFrame(
        {"journey": ["a"], "touchpoint": ["hotel.valet"], "anticipated": [None],
         "delivered": [0.5], "proactive": [None]}
    )  # fmt: skip
    (row,) = pl.from_pandas(frames.fold(log)).rows(named=True)
    assert (row["count"], row["par"]) == (1, 100 * 7000)
    with pytest.raises(ValueError, match="^anticipated: a column of String"):
        frames.fold(log.assign(anticipated=["high"]))


@pytest.mark.parametrize("door", [frames.score, frames.loops, frames.touchpoints])
def test_a_log_is_read_once_however_many_parts_of_a_query_want_it(
    door: Callable[[Any], pl.LazyFrame], tmp_path: Path
) -> None:
    path = tmp_path / "log.parquet"
    pl.DataFrame(
        {"journey": ["a", "a"], "id": ["e1", "e2"], "touchpoint": ["hotel.valet"] * 2,
         "anticipated": [0.9, 0.5], "delivered": [0.1, 0.8], "recovers": [None, "e1"]}
    ).write_parquet(path)  # fmt: skip
    plan = door(pl.scan_parquet(path)).explain(engine="streaming")
    assert plan.count(path.name) == 1


@pytest.mark.parametrize("levels", [[0.9, 0.5], [0.9, None], [None, None]])
def test_duckdb_looks_expectations_up_only_where_statistics_do_not_rule_nulls_out(
    levels: list[float | None], tmp_path: Path
) -> None:
    path = tmp_path / "log.parquet"
    frame = pl.DataFrame(
        {"journey": ["a", "b"], "touchpoint": ["hotel.valet", "hotel.room"],
         "anticipated": levels, "delivered": [0.1, 0.8], "basis": ["promised", "vowed"]},
        schema_overrides={"anticipated": pl.Float64},
    )  # fmt: skip
    frame.write_parquet(path)
    scored = frames.score(duckdb.read_parquet(str(path)))
    assert ("hotel.concierge" in scored.sql_query()) is (None in levels)
    assert set(scored.pl().rows()) == set(frames.score(path).rows())


def test_an_operator_named_otherwise_proves_nothing_empty() -> None:
    rows = duckdb.values([1]).project('col0 AS "Empty Result"')
    assert not proven_empty(nw.from_native(rows))
    assert proven_empty(nw.from_native(rows.filter("1 = 0")))
