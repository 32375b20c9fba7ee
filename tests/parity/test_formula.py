"""The model as expressions against the model in plain Python, formula by formula, on one engine.

Whole logs and the other engines have their own tests; these are quick, and say which formula.
"""

from __future__ import annotations

import math
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from attrs import astuple
from hypothesis import given
from hypothesis import strategies as st
from strategies import bases, gap_scales, levels, policies, weights

from journeyscore import Policy, Tally, readings
from journeyscore import valuation as plain
from journeyscore.expectations import Basis
from journeyscore.frames import formula
from journeyscore.tally import verdict
from journeyscore.valuation import Worth
from journeyscore.value import value_under


def computed(columns: dict[str, Any], **expressions: nw.Expr) -> dict[str, list[Any]]:
    """What expressions come to over columns."""
    return nw.from_native(pl.DataFrame(columns)).select(**expressions).to_dict(as_series=False)


@given(st.lists(st.tuples(levels(), levels(), gap_scales, st.booleans()), min_size=1), policies)
def test_a_value(rows: list[tuple[float, float, float, bool]], policy: Policy) -> None:
    delivered, anticipated, scales, promised = map(list, zip(*rows, strict=True))
    columns = {
        "_d": delivered, "_a": anticipated, "p": promised, "per": [1 / scale for scale in scales],
    }  # fmt: skip
    rows_ = formula.with_gap(nw.from_native(pl.LazyFrame(columns)), nw.col("per"))
    gap, level = nw.col("_gap"), nw.col("_d")
    found = (
        rows_.select(
            gap=gap,
            value=formula.value(level, gap, nw.col("p"), policy),
            unpromised=formula.value(level, gap, None, policy),
            hundredths=formula.hundredths(level),
        )
        .collect()
        .to_dict(as_series=False)
    )
    gaps = [readings.saturated(d, a, scale) for d, a, scale, _ in rows]
    value = value_under(policy)
    assert found["gap"] == gaps
    assert found["value"] == [
        value(d, g, p) for d, g, p in zip(delivered, gaps, promised, strict=True)
    ]
    assert found["unpromised"] == [value(d, g, False) for d, g in zip(delivered, gaps, strict=True)]
    assert found["hundredths"] == list(map(readings.hundredths, delivered))


@given(st.lists(weights.filter(bool), min_size=1))
def test_weights(said: list[float]) -> None:
    assert computed({"w": said}, w=formula.weight_units(nw.col("w")))["w"] == list(
        map(readings.weight_units, said)
    )


def test_a_division_is_rounded_once() -> None:
    whole = [float(n) for n in range(10001)]
    found = computed(
        {"n": whole}, points=formula.points(nw.col("n")), share=formula.share_of(nw.col("n"))
    )
    assert found["points"] == [n / 100 for n in range(10001)]
    assert found["share"] == [n / 10000 for n in range(10001)]


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10000)), min_size=1))
def test_a_mean_of_whole_numbers(rows: list[tuple[int, int]]) -> None:
    weights, values = map(list, zip(*rows, strict=True))
    columns = {"total": [sum(w * v for w, v in rows)], "weight": [sum(weights)]}
    (found,) = computed(columns, m=formula.weighted_mean(nw.col("total"), nw.col("weight")))["m"]
    assert (found, type(found)) == (plain.weighted_mean(weights, values), int)


WORTHS = st.tuples(st.sampled_from(["a", "b"]), st.one_of(st.none(), st.builds(
    Worth, st.integers(1, 10**5), *[st.integers(0, 10000)] * 3, st.booleans(), bases,
)), st.integers(0, 1))  # fmt: skip


@given(st.lists(WORTHS, min_size=1), policies)
def test_sums_tallies_and_readouts(
    rows: list[tuple[str, Worth | None, int]], policy: Policy
) -> None:
    nothing = Worth(0, 0, 0, 0, False, Basis.ASSUMED)
    log = pl.LazyFrame(
        [
            (key, *(None,) * 5, rejected) if worth is None else (key, *worth[:5], rejected)
            for key, worth, rejected in rows
        ],
        schema={"key": pl.String, "_w": pl.Float64, "_V": pl.Float64, "_A": pl.Float64,
                "_D": pl.Float64, "_known": pl.Boolean, "rejected": pl.Int64},
        orient="row",
    )  # fmt: skip
    summed = formula.sums(nw.from_native(log), ["key"])
    tallied = formula.tallies(summed, ["key"]).collect().to_native()
    assert tallied.columns == ["key", *formula.SUMS, "rejected"]
    assert set(tallied.dtypes[1:]) == {pl.Int64}
    read = formula.readouts(summed, ["key"], policy).collect().to_native()
    both = {row["key"]: row for row in read.iter_rows(named=True)}
    assert sorted(tallied["key"]) == sorted(both) == sorted({key for key, _, _ in rows})
    for key, *fields, rejected in tallied.iter_rows():
        tally = Tally.of(worth or nothing for owner, worth, _ in rows if owner == key)
        assert tuple(fields) == astuple(tally)
        assert rejected == sum(each for owner, _, each in rows if owner == key)
        assert both[key] == {
            "key": key, "touchpoints": tally.count, "rejected": rejected,
            **tally.readouts(policy)._asdict(),
        }  # fmt: skip


def test_the_ends_of_a_column_are_those_of_each_group() -> None:
    columns = {"key": ["a", "a", "b"], "first": [3, 1, 2], "second": [5, 6, 4]}
    terms = {"_w": 1.0, "_V": 0.0, "_A": 0.0, "_D": 0.0, "_known": True, "rejected": 0}
    log = pl.LazyFrame(columns | {name: [each] * 3 for name, each in terms.items()})
    found = formula.sums(nw.from_native(log), ["key"], ["first", "second"]).collect().to_native()
    ends = [f"{name}_{end}" for name in ("first", "second") for end in ("low", "high")]
    assert found.sort("key").select("key", *ends).rows() == [("a", 1, 3, 5, 6), ("b", 2, 2, 4, 4)]


def read(tally: Tally) -> dict[str, Any]:
    """What the expressions say of one tally."""
    columns = {name: [getattr(tally, name)] for name in formula.SUMS} | {"rejected": [0]}
    summed = nw.from_native(pl.LazyFrame(columns))
    (row,) = formula.readouts(summed, [], Policy()).collect().to_native().iter_rows(named=True)
    return {name: row[name] for name in tally.readouts()._fields}


def test_the_least_weight_and_a_variance_that_rounds_below_nothing() -> None:
    least = Tally(1, 1, 5000, 6000, 1000000, 5000, 1)
    assert read(least) == least.readouts()._asdict()
    heavy, effect = 33_566_033_259, 7957  # and one hundredth that differs by one hundredth
    value, squares = heavy * effect + effect + 1, heavy * effect**2 + (effect + 1) ** 2
    alike = Tally(2, heavy + 1, value, 0, squares, value, 0)
    mean = float(value) / float(alike.weight)
    assert float(squares) / float(alike.weight) - mean * mean < 0
    assert read(alike) == alike.readouts()._asdict() and read(alike)["consistency"] == 100.0


def test_the_largest_weight_is_the_one_whose_squares_fit() -> None:
    assert formula.MAX_WEIGHT * 10_000**2 < 2**63 <= (formula.MAX_WEIGHT + 1) * 10_000**2


@pytest.mark.parametrize("over", [0, 1])
def test_past_the_largest_weight_there_are_nulls(over: int) -> None:
    weight = formula.MAX_WEIGHT + over
    columns = {"weight": [float(weight)], "count": [2], "rejected": [1], "squares": [0]} | {
        name: [0.0] for name in ("value", "par", "delivered", "known")
    }
    summed = nw.from_native(pl.LazyFrame(columns))
    (row,) = formula.tallies(summed, []).collect().to_native().iter_rows(named=True)
    names = ("value", "par", "squares", "delivered", "known")
    assert [row[name] for name in names] == [None if over else 0] * 5
    assert (row["count"], row["weight"], row["rejected"]) == (2, weight, 1)
    (read,) = formula.readouts(summed, [], Policy()).collect().to_native().iter_rows(named=True)
    assert read["impression"] == (None if over else 0.0)
    assert read["consistency"] == (None if over else 100.0)
    assert (read["touchpoints"], read["rejected"]) == (2, 1)


def test_verdicts_turn_at_their_thresholds() -> None:
    pairs = [(n, par) for n in (0, 5499, 5500, 7999, 8000, 10000) for par in (0, 8000, 8001)]
    columns = {"i": [float(n) for n, _ in pairs], "p": [float(par) for _, par in pairs]}
    found = computed(columns, v=formula.verdict(nw.col("i"), nw.col("p"), Policy()))["v"]
    assert found == [verdict(n, par, Policy()) for n, par in pairs]
    empty = computed({"i": [None, 1.0]}, v=formula.verdict(nw.col("i"), nw.col("i"), Policy()))
    assert empty["v"] == [None, "dissatisfied"]


def test_literals_have_the_width_that_engines_agree_on() -> None:
    found = pl.DataFrame(computed({"x": [1]}, r=formula.real(2), w=formula.whole(2)))
    assert found.rows() == [(2.0, 2)] and math.isclose(found["r"][0], 2.0)
    native = nw.from_native(pl.DataFrame({"x": [1]})).select(r=formula.real(2), w=formula.whole(2))
    assert native.to_native().dtypes == [pl.Float64, pl.Int64]
