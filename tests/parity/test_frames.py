"""The dataframe path against the plain path: every integer, every read-out, no tolerance."""

from __future__ import annotations

import random
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from attrs import astuple
from hypothesis import event, given, settings
from hypothesis import strategies as st
from parity.plain import folded
from strategies import NAMES, logs, weighing

from journeyscore import Policy, Tally, Touchpoint, fold, frames, promised
from journeyscore.frames.formula import points, readouts, share_of

COLUMNS: dict[str, Any] = {
    "journey": pl.String, "touchpoint": pl.String, "anticipated": pl.Float64, "site": pl.String,
    "delivered": pl.Float64, "at": pl.Datetime("us", "UTC"), "basis": pl.String,
    "weight": pl.Float64, "gap_scale": pl.Float64, "factor": pl.String,
    "factor_weight": pl.Float64, "id": pl.String, "source": pl.String, "team": pl.String,
    "adequate": pl.Float64, "desired": pl.Float64, "state": pl.String, "recovers": pl.String,
    "supersedes": pl.String, "retracts": pl.String, "proactive": pl.Boolean,
    "unreasonable": pl.String, "need": pl.String, "meets": pl.String, "cause": pl.String,
    "obstacle": pl.String, "act": pl.String, "regards": pl.String, "owner": pl.String,
    "excuse": pl.Boolean, "pitch": pl.Boolean, "noticed_by": pl.String, "segment": pl.String,
    "worth": pl.Float64, **dict.fromkeys(("as_of", "promised_at", "due"), pl.Datetime("us", "UTC")),
}  # fmt: skip


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """The rows as a dataframe with the columns that any of them has."""
    present = {name: COLUMNS[name] for name in COLUMNS if any(name in row for row in rows)}
    return pl.DataFrame(rows, schema=present)


def as_dict(frame: pl.DataFrame) -> dict[Any, tuple[Tally, int]]:
    """The result of ``frames.fold`` by its only key."""
    return {key: (Tally(*sums), rejected) for key, *sums, rejected in frame.rows()}


markets = st.one_of(
    st.none(),
    st.dictionaries(
        st.sampled_from(NAMES[:4]),
        st.integers(0, 9).flatmap(lambda n: st.tuples(st.integers(0, 10000 * n), st.just(n))),
    ),
)


@settings(max_examples=60)
@given(logs(), weighing, markets, st.sampled_from(["journey", "touchpoint", "team"]), st.booleans())
def test_frames_fold_to_the_integers_of_the_plain_path(
    rows: list[dict[str, Any]], policy: Policy, market: Any, key: str, lazy: bool
) -> None:
    plain = folded(rows, key, policy=policy, market=market)
    if key != "journey" and _by_key_is_ambiguous(rows, key):
        event("key ambiguous")
        plain = {}
    frame: Any = frame_of(rows)
    found = frames.fold(frame.lazy() if lazy else frame, key, policy=policy, market=market)
    found = as_dict(found.collect() if lazy else found)
    if plain:
        assert found == plain


def _by_key_is_ambiguous(rows: list[dict[str, Any]], key: str) -> bool:
    """Whether rows of one id differ in the key: then frames may choose among equals by the key."""
    seen: dict[Any, Any] = {}
    for row in rows:
        if row.get("id") is not None:
            id = (row["journey"], row.get("source"), row["id"])
            if seen.setdefault(id, row[key]) != row[key]:
                return True
    return False


@given(logs(), weighing)
def test_frames_read_out_what_the_tally_reads_out(
    rows: list[dict[str, Any]], policy: Policy
) -> None:
    frame = frame_of(rows)
    tallies = as_dict(frames.fold(frame, "journey", policy=policy))
    for key, count, *found, rejected in frames.score(frame, "journey", policy=policy).rows():
        tally, also_rejected = tallies[key]
        assert (count, rejected) == (tally.count, also_rejected)
        assert tuple(found) == tally.readouts(policy)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=50))
def test_read_outs_agree_on_any_sums(pairs: list[tuple[int, int]]) -> None:
    """Sums that few touchpoints would come to: whole numbers read out the same everywhere."""
    tallies = [
        Tally(
            i + 1, w := 1 + b, w * (a % 10001), w * (b % 10001), w * (a % 10**8), w * (a % 9973),
            min(a, w),
        )
        for i, (a, b) in enumerate(pairs)
    ]  # fmt: skip
    names = ["count", "weight", "value", "par", "squares", "delivered", "known"]
    folded = pl.DataFrame([astuple(tally) for tally in tallies], schema=names, orient="row")
    policy = Policy()
    frame = nw.from_native(folded.with_columns(rejected=0).lazy())
    scored = readouts(frame, [], policy).to_native().drop("touchpoints", "rejected").collect()
    assert scored.rows() == [tally.readouts(policy) for tally in tallies]


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_both_polars_engines_agree_on_random_floats(engine: Any) -> None:
    """Levels of any float, half a million of them: the formula has the same bits."""
    draw = random.Random(11).random
    pairs = [(draw(), draw()) for _ in range(50_000)]
    log = pl.LazyFrame(
        {
            "journey": ["a"] * len(pairs),
            "touchpoint": ["hotel.valet"] * len(pairs),
            "anticipated": [a for a, _ in pairs],
            "delivered": [d for _, d in pairs],
            "basis": ["promised"] * len(pairs),
            "row": range(len(pairs)),
        }
    )
    folded = frames.fold(log, by="row").sort("row").collect(engine=engine)
    for (a, d), row in zip(pairs, folded.rows(), strict=True):
        plain = fold([Touchpoint("hotel.valet", anticipated=promised(a), delivered=d)])
        assert row[1:8] == astuple(plain)


def test_points_and_shares_are_true_divisions() -> None:
    """Every whole number of hundredths there is, against Python's own division.

    Effects and differences are negative too, and an interval of two journeys is wide.
    """
    numbers = range(-(2**17), 2**17 + 1)
    frame = nw.from_native(pl.LazyFrame({"n": numbers}))
    n = nw.col("n").cast(nw.Float64())
    found = frame.select("n", points=points(n), shares=share_of(n)).to_native().collect()
    assert found["points"].to_list() == [n / 100 for n in numbers]
    shares = found.filter(pl.col("n").is_between(0, 10000))["shares"].to_list()
    assert shares == [n / 10000 for n in range(10001)]
