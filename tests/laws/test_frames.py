"""The laws of the fold, asked of dataframes."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from parity.test_frames import as_dict, frame_of
from strategies import logs

from journeyscore import Tally, frames

some = settings(max_examples=40)


@some
@given(logs(), st.randoms(use_true_random=False))
def test_no_order_and_no_repetition_matters(
    rows: list[dict[str, Any]], dice: random.Random
) -> None:
    sent_twice = [row for row in rows if row.get("id") is not None]
    shuffled = dice.sample([*rows, *sent_twice], len(rows) + len(sent_twice))
    tallies = {key: tally for key, (tally, _) in as_dict(frames.fold(frame_of(rows))).items()}
    again = {key: tally for key, (tally, _) in as_dict(frames.fold(frame_of(shuffled))).items()}
    assert tallies == again


@some
@given(logs(), st.data())
def test_splits_by_journey_merge_by_adding(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    part = {row["journey"]: data.draw(st.booleans()) for row in rows}
    frame = frame_of(rows)
    whole = as_dict(frames.fold(frame, by="team"))
    merged: dict[Any, tuple[Tally, int]] = {}
    for side in (True, False):
        shard = frame.filter(
            pl.col("journey").is_in([j for j, where in part.items() if where is side])
        )
        for key, (tally, rejected) in as_dict(frames.fold(shard, by="team")).items():
            before, also = merged.get(key, (Tally(), 0))
            merged[key] = (before + tally, also + rejected)
    assert merged == whole


@some
@given(logs())
def test_every_key_appears_and_every_rejected_row_is_counted_once(
    rows: list[dict[str, Any]],
) -> None:
    frame = frame_of(rows)
    folded = frames.fold(frame)
    assert set(folded["journey"]) == {row["journey"] for row in rows}
    assert folded["rejected"].sum() == frames.check(frame)["row"].n_unique()


@some
@given(logs())
def test_an_average_over_journeys_is_the_mean_of_their_impressions(
    rows: list[dict[str, Any]],
) -> None:
    frame = frame_of(rows).with_columns(all=pl.lit("all"))
    each = frames.score(frame, by="journey")["impression"].drop_nulls()
    (row,) = frames.score(frame, by="all", average="journeys").rows(named=True)
    assert row["journeys"] == len(each)
    if len(each) == 0:
        assert row["impression"] is None
        return
    whole = [round(100 * impression) for impression in each]
    assert round(100 * row["impression"]) == int(sum(whole) / len(whole) + 0.5)
    if len(each) == 1:
        assert row["low"] is None and row["high"] is None
    else:
        assert 0 <= row["low"] <= row["impression"] <= row["high"] <= 100
