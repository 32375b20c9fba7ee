"""PySpark against Polars and the plain path: the same bits, in local mode.

A query on Spark costs a second or more however short the log. So all drawn logs of a kind become one:
journeys are told apart by the number of their log, and whatever differs names it.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from parity.plain import folded
from parity.test_engines import markets_checks_and_days
from parity.test_frames import as_dict, frame_of, markets
from parity.test_overview import told
from strategies import logs, policies

from journeyscore import Tally, Touchpoint, fold, frames, promised, rating
from journeyscore.frames.engines import computed
from journeyscore.frames.formula import MAX_WEIGHT
from journeyscore.frames.log import open_log

pytestmark = pytest.mark.xdist_group("spark")  # one worker, one session


def back(result: Any) -> pl.DataFrame:
    """What Spark computes, as a frame of Polars."""
    assert type(result).__module__.startswith("pyspark.sql")
    found = pl.from_arrow(result.toArrow())
    assert isinstance(found, pl.DataFrame)
    return found


# -- many logs at once -----------------------------------------------------------------------------


class Batch(NamedTuple):
    """Logs of one kind as one, with the options they are all scored with."""

    rows: list[dict[str, Any]]
    options: dict[str, Any]

    @property
    def frame(self) -> pl.DataFrame:
        return frame_of(self.rows).with_columns(log=pl.col("journey").str.extract(r"^(\d+)"))

    def on(self, spark: Any) -> Any:
        """The log on Spark, in one partition, in which rows are numbered without gaps."""
        return spark.createDataFrame(self.frame.to_arrow()).coalesce(1)


def kind_of(log: list[dict[str, Any]]) -> str:
    """The way the log takes through ``frames``."""
    ids = "id" in log[0]
    if not {"recovers", "supersedes", "retracts"}.isdisjoint(log[0]):
        return "references" if ids else "references without ids"
    if ids:
        return "readings" if "factor" in log[0] else "ids"
    return "plain"


KINDS = ("plain", "ids", "readings", "references", "references without ids")


def drawn(strategy: Any, number: int) -> list[Any]:
    """Examples of a strategy, new ones in every run."""
    found = []

    @settings(
        max_examples=number, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def draw(example: Any) -> None:
        found.append(example)

    draw()
    return found


@cache
def batches() -> dict[str, Batch]:
    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    number = count()
    while not all(rows.values()):  # few logs are of the rarest kind
        for log, n in zip(drawn(logs(max_size=10), 250), number, strict=False):
            rows[kind_of(log)] += ({**row, "journey": f"{n}:{row['journey']}"} for row in log)
    policies_, markets_ = drawn(policies, 40)[-5:], drawn(markets, 40)[-5:]
    return {
        kind: Batch(rows[kind], {"policy": policy, "market": market})
        for kind, policy, market in zip(KINDS, policies_, markets_, strict=True)
    }


def assert_equal(found: dict[Any, Any], wanted: dict[Any, Any], batch: Batch) -> None:
    assert found.keys() == wanted.keys()
    wrong = [key for key, value in wanted.items() if found[key] != value]
    if wrong:
        rows = [row for row in batch.rows if row["journey"] == wrong[0]]
        raise AssertionError(
            f"{len(wrong)} keys differ; {wrong[0]}: {found[wrong[0]]} is not {wanted[wrong[0]]}, "
            f"with {batch.options} and {rows}"
        )


@pytest.mark.parametrize("kind", KINDS)
def test_journeys_fold_and_read_out_as_in_memory(spark: Any, kind: str) -> None:
    batch, policy = batches()[kind], batches()[kind].options["policy"]
    tallies = frames.fold(batch.on(spark), **batch.options).persist()
    plain = folded(batch.rows, "journey", **batch.options)
    assert_equal(as_dict(back(tallies)), plain, batch)

    scored, wanted = back(frames.read(tallies, policy=policy)), frames.score(batch.frame)
    assert scored.schema == wanted.schema
    readouts = {key: (count, *found, rejected) for key, count, *found, rejected in scored.rows()}
    assert_equal(
        readouts,
        {
            key: (tally.count, *tuple(tally.readouts(policy)), rejected)
            for key, (tally, rejected) in plain.items()
        },
        batch,
    )
    tallies.unpersist()


def test_tallies_merge_after_they_were_in_parquet_and_are_taken_back(
    spark: Any, tmp_path: Path
) -> None:
    batch = batches()["ids"]
    tallies = frames.fold(batch.on(spark), **batch.options).persist()
    plain = folded(batch.rows, "journey", **batch.options)
    one, other = (tallies.filter(f"hash(journey) % 2 {sign} 0") for sign in ("=", "<>"))
    for name, shard in (("one", one), ("other", other)):
        shard.write.parquet(f"{tmp_path}/{name}")
    one, other = (spark.read.parquet(f"{tmp_path}/{name}") for name in ("one", "other"))
    merged = frames.merge(one, other)
    assert_equal(as_dict(back(merged)), plain, batch)
    taken_back = as_dict(back(frames.merge(tallies, minus=[other])))
    assert {key for key, each in taken_back.items() if each != (Tally(), 0)} <= set(plain)
    assert_equal({**taken_back, **as_dict(back(other))}, plain, batch)
    tallies.unpersist()


@pytest.mark.parametrize("kind", KINDS)
def test_other_groupings_score_as_on_polars(spark: Any, kind: str) -> None:
    batch = batches()[kind]
    more: dict[str, Any] = {}
    by = "team" if kind in ("ids", "references") else "touchpoint"
    if by == "touchpoint":
        more = {"average": "journeys", "scales": {"speed": rating(0, 1)}}
    found = back(frames.score(batch.on(spark), ["log", by], **batch.options, **more))
    wanted = frames.score(batch.frame, ["log", by], **batch.options, **more)
    assert found.schema == wanted.schema
    assert set(found.rows()) == set(wanted.rows())


def test_rejected_rows_and_markets_are_those_of_polars(spark: Any) -> None:
    batch = batches()["references"]
    faults = back(frames.check(batch.on(spark), market=batch.options["market"]))
    wanted = frames.check(batch.frame, market=batch.options["market"])
    assert faults.schema == wanted.schema
    assert faults.equals(wanted)
    market = back(frames.market(batch.on(spark)))
    assert set(market.rows()) == set(frames.market(batch.frame).rows())


@pytest.mark.parametrize("segment", ["it's", "a\\'b", 'say "hi"', "\\u0041", "Zürich\n"])
def test_names_of_a_market_may_hold_anything(spark: Any, segment: str) -> None:
    log = pl.DataFrame([{"journey": "a", "touchpoint": "hotel.valet", "anticipated": None,
                         "delivered": 0.5, "segment": segment}],
                       schema_overrides={"anticipated": pl.Float64})  # fmt: skip
    market = {"hotel.valet": (9000, 1), (segment, "hotel.valet"): (1234, 1)}
    found = back(frames.score(spark.createDataFrame(log.to_arrow()), market=market))
    assert found["par"].to_list() == [12.34]
    assert found.equals(frames.score(log, market=market))


def test_a_log_at_a_glance_is_that_of_polars(spark: Any) -> None:
    """A log with all a log can have: planned step by step, or it would take minutes."""
    log = open_log("examples/hotel/season.jsonl", keys=[], every_column=True).frame
    season = computed(log).head(200).with_columns(factor=pl.lit("speed"))
    seen = frames.overview(spark.createDataFrame(season.to_arrow()))
    wanted = frames.overview(season)
    assert told(seen) == told(wanted)
    assert seen.promises is not None
    assert seen.promises.sort("team").equals(wanted.promises.sort("team"))
    assert seen.rejected == wanted.rejected
    assert seen.journeys.equals(wanted.journeys)
    assert all(seen.groups[name].equals(each) for name, each in wanted.groups.items())


@pytest.mark.parametrize("level", [inf, 1e300])
def test_bounds_that_are_no_numbers_are_rejected(spark: Any, level: float) -> None:
    log = pl.DataFrame([{"journey": "a", "touchpoint": "hotel.valet", "anticipated": level,
                         "delivered": 0.5, "adequate": 0.4, "desired": 0.9}])  # fmt: skip
    assert back(frames.fold(spark.createDataFrame(log.to_arrow())))["rejected"].to_list() == [1]


def test_random_floats_have_the_same_bits(spark: Any) -> None:
    """Levels of any float: the formula agrees with the plain path in each of 20,000."""
    draw = random.Random(17).random
    pairs = [(draw(), draw()) for _ in range(20_000)]
    log = pl.DataFrame(
        {
            "journey": [str(number) for number in range(len(pairs))],
            "touchpoint": ["hotel.valet"] * len(pairs),
            "anticipated": [a for a, _ in pairs],
            "delivered": [d for _, d in pairs],
            "basis": ["promised"] * len(pairs),
        }
    )
    found = as_dict(back(frames.fold(spark.createDataFrame(log.to_arrow()))))
    for number, (a, d) in enumerate(pairs):
        plain = fold([Touchpoint("hotel.valet", anticipated=promised(a), delivered=d)])
        assert found[str(number)] == (plain, 0)


# -- times ---------------------------------------------------------------------------------------


def on_one_partition(frame: pl.DataFrame) -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.active().createDataFrame(frame.to_arrow()).coalesce(1)


def test_markets_checks_and_days(spark: Any) -> None:
    markets_checks_and_days(on_one_partition, back)


@pytest.mark.parametrize("kind", ["text", "naive", "aware"])
def test_times_mean_what_they_mean_on_polars(spark: Any, kind: str) -> None:
    """Around the days on which clocks are turned, half an hour too, and long ago."""
    draw, turns = random.Random(23), (datetime(2026, 3, 29), datetime(2026, 4, 5, 2))
    times = [datetime(1890, 1, 1) + timedelta(days=draw.random() * 60_000) for _ in range(500)]
    for turn in (*turns, datetime(2026, 10, 4), datetime(2026, 10, 25)):
        times += [turn + timedelta(minutes=draw.randint(-300, 300)) for _ in range(200)]
    texts = [time.isoformat(draw.choice("T ")) + draw.choice(["", "", "Z", "-03:30"])
             for time in times]  # fmt: skip
    texts += [
        "2026-05-01T10:00Z", "2026-05-01 10:00", "2026-05-01t10:00:00.1234567z", "2026-05-01",
        "2026", "10:00", "T10:00Z", "2026-02-30T10:00", "2026-05-01T10:00:00+0200", "yesterday",
        "2026-05-01T24:00", " 2026-05-01T10:00", "2026-05-01T10:00 Europe/Zurich", "",
    ]  # fmt: skip
    at = pl.Series("at", texts)
    if kind != "text":
        at = pl.Series("at", times, dtype=pl.Datetime("us"))
    if kind == "aware":
        at = at.dt.replace_time_zone("UTC")
    log = pl.DataFrame({"journey": [str(number) for number in range(len(at))], "at": at}).select(
        "journey", "at", touchpoint=pl.lit("hotel.valet"), anticipated=0.5, delivered=0.5
    )
    there = spark.createDataFrame(log.with_columns(pl.col("at").cast(pl.String)).to_arrow())
    if kind != "text":
        there = there.withColumn("at", there["at"].cast("timestamp" + "_ntz" * (kind == "naive")))
    for timezone in (None, "Europe/Zurich", "Australia/Lord_Howe"):
        options: Any = {"by": ["journey", "day"], "timezone": timezone}
        wanted = frames.fold(log, **options)
        assert set(back(frames.fold(there, **options)).rows()) == set(wanted.rows())


# -- what large logs meet --------------------------------------------------------------------------


def repeated(spark: Any, rows: int, delivered: float) -> Any:
    """A journey of that many touchpoints of the greatest weight, where 1 was anticipated."""
    return spark.range(rows).selectExpr(
        "'a' AS journey", "'hotel.valet' AS touchpoint", "1D AS anticipated",
        f"{delivered}D AS delivered", "1000D AS weight",
    )  # fmt: skip


def test_nothing_wraps(spark: Any) -> None:
    """Up to the bound sums are exact, past it they are null, and past 64 bits Spark refuses."""
    from pyspark.errors import ArithmeticException

    most = MAX_WEIGHT // 100_000
    ((_, count, weight, _, par, squares, *_),) = frames.fold(repeated(spark, most, 0.0)).collect()
    assert (count, weight) == (most, most * 10**5)
    assert (par, squares) == (weight * 10**4, weight * 10**8)
    ((_, count, weight, *sums, rejected),) = frames.fold(repeated(spark, most + 1, 1.0)).collect()
    assert (count, weight, rejected) == (most + 1, (most + 1) * 10**5, 0)
    assert set(sums) == {None}
    with pytest.raises(ArithmeticException, match="overflow"):
        frames.fold(repeated(spark, most + 1, 0.0)).collect()


@pytest.mark.slow
def test_what_is_built_on_the_dataframe_door(spark: Any) -> None:
    from parity.test_edges import DOORS, log, sorted_

    few = log(stays=40)
    given_ = spark.createDataFrame(few.to_arrow())
    for name, door in DOORS.items():
        assert sorted_(back(door(given_))).equals(sorted_(door(few))), name
