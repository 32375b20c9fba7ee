"""Opening logs: files of three kinds, times, scales, and errors that teach."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from journeyscore import Policy, frames, minutes, rating, yes_no
from journeyscore.convert import journeys
from journeyscore.errors import (
    JourneyScoreError,
    LogError,
    LogNotFound,
    MissingColumn,
    RejectedRows,
    UnknownName,
    WrongType,
)

ROWS: list[dict[str, Any]] = [
    {"journey": "a", "touchpoint": "hotel.valet", "anticipated": 0.6, "delivered": 0.9,
     "basis": None, "at": "2026-05-01T10:00:00+02:00", "team": "north"},
    {"journey": "a", "touchpoint": "hotel.room", "anticipated": 0.8, "delivered": 0.5,
     "basis": "promised", "at": "2026-05-01T23:30:00Z", "team": "south"},
    {"journey": "007", "touchpoint": "hotel.room", "anticipated": None, "delivered": 0.5,
     "basis": None, "at": None, "team": "south"},
]  # fmt: skip
EXPECTED = [
    ("007", 1, 39.6, 80.0, 50.0, None, 0.0, "dissatisfied", 0),
    ("a", 2, 54.92, 70.0, 70.0, 53.88, 0.5, "dissatisfied", 0),
]


def write(rows: list[dict[str, Any]], folder: Path, suffix: str) -> Path:
    file = folder / f"log{suffix}"
    frame = pl.DataFrame(rows, infer_schema_length=None)
    if suffix == ".parquet":
        frame.write_parquet(file)
    elif suffix == ".csv":
        frame.write_csv(file)
    else:
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl", ".ndjson"])
def test_every_kind_of_file_scores_the_same(tmp_path: Path, suffix: str) -> None:
    file = write(ROWS, tmp_path, suffix)
    for log in (file, str(file), str(tmp_path / "*")):
        assert frames.score(log, by="journey").sort("journey").rows() == EXPECTED


def test_what_comes_in_goes_out() -> None:
    frame = pl.DataFrame(ROWS)
    assert isinstance(frames.score(frame), pl.DataFrame)
    lazy = frames.score(frame.lazy())
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().sort("journey").rows() == EXPECTED
    for call in (frames.fold, frames.market, frames.check):
        assert isinstance(call(frame.lazy()), pl.LazyFrame)
        assert isinstance(call(frame), pl.DataFrame)


def test_a_lazy_log_is_not_read_before_its_owner_says_so() -> None:
    def read(_: pl.DataFrame) -> pl.DataFrame:
        raise AssertionError("the log was read")

    frame = pl.DataFrame(ROWS)
    lazy = frame.lazy().map_batches(read, schema=frame.schema)
    frames.score(lazy, by=["team", "day"])
    frames.check(lazy)
    with pytest.raises(AssertionError):
        frames.score(lazy, strict=True)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_days_are_days_of_the_timezone(tmp_path: Path, suffix: str) -> None:
    file = write(ROWS, tmp_path, suffix)
    utc = frames.score(file, by="day").sort("day", nulls_last=True)["day"].to_list()
    assert utc == [date(2026, 5, 1), None]
    zurich = frames.score(file, by="day", timezone="Europe/Zurich").sort("day", nulls_last=True)
    assert zurich["day"].to_list() == [date(2026, 5, 1), date(2026, 5, 2), None]


def test_naive_times_are_rejected_unless_a_timezone_says_what_they_mean() -> None:
    texts = [
        "2026-05-01T10:00", "2026-05-01 10:00:00.5", "2026-03-29T02:30:00", "2025-10-26T02:30:00",
        "yesterday", "2026-05-01T10:00+02:00", "2026-05-01T08:00Z", None,
    ]  # fmt: skip
    log = pl.DataFrame(
        {
            "journey": [str(i) for i in range(len(texts))],
            "touchpoint": ["hotel.valet"] * len(texts),
            "anticipated": [0.5] * len(texts),
            "delivered": [0.5] * len(texts),
            "at": texts,
        }
    )
    assert frames.score(log).sort("journey")["rejected"].to_list() == [1, 1, 1, 1, 1, 0, 0, 0]
    local = frames.score(log, timezone="Europe/Zurich").sort("journey")
    # the clocks go forward over the third and back over the fourth: no moment, and two
    assert local["rejected"].to_list() == [0, 0, 1, 1, 1, 0, 0, 0]
    naive = log.head(2).with_columns(at=pl.datetime(2026, 5, 1))
    assert frames.score(naive)["rejected"].sum() == 2
    assert frames.score(naive, timezone="Europe/Zurich")["rejected"].sum() == 0
    with pytest.raises(UnknownName, match="timezone"):
        frames.score(log, timezone="Europe/Zurigo")


def test_columns_and_scales_of_a_host(tmp_path: Path) -> None:
    file = tmp_path / "pos.csv"
    file.write_text(
        "stay_no,touchpoint,factor,anticipated,delivered,basis,id\n"
        "a,hotel.front_desk,speed,5,12,promised,1\n"
        "a,hotel.front_desk,friendliness,4,5,,1\n"
        "a,hotel.front_desk,recognition,1,0,asked,1\n"
        "b,hotel.front_desk,speed,5,45,promised,2\n"
        "b,hotel.front_desk,friendliness,4,7,,3\n"
        "b,hotel.front_desk,recognition,1,0.5,asked,4\n"
    )
    scales = {
        "speed": minutes(best=0, worst=30),
        "courtesy": rating(1, 5),
        "recognition": yes_no,
    }
    columns = {"stay_no": "journey"}
    scored = frames.score(file, columns=columns, scales=scales).sort("journey")
    assert scored["touchpoints"].to_list() == [1, 1]
    assert scored["impression"].to_list() == [41.94, 0.0]
    assert scored["rejected"].to_list() == [0, 2]
    faults = frames.check(file, columns=columns, scales=scales)
    assert faults.select("line", "field", "value").rows() == [
        (6, "delivered", 7.0),
        (7, "delivered", 0.5),
    ]
    plain = journeys(
        [
            {"journey": "a", "touchpoint": "hotel.front_desk", "factor": factor, "id": "1",
             "anticipated": anticipated, "delivered": delivered, "basis": basis}
            for factor, anticipated, delivered, basis in (
                ("speed", 5, 12, "promised"), ("courtesy", 4, 5, None), ("recognition", 1, 0, "asked"),
            )
        ],
        scales=scales,
    )  # fmt: skip
    from journeyscore import score

    assert score(plain["a"]).impression == 41.94


def test_check_tells_where_and_what_would_be_right(tmp_path: Path) -> None:
    bad = [
        ROWS[0],
        {**ROWS[0], "delivered": 1.2},
        {**ROWS[0], "basis": "hoped"},
        {**ROWS[0], "at": "2026-05-01T10:00:00"},
    ]
    for suffix, place, first in (
        (".jsonl", "line", 2),
        (".csv", "line", 3),
        (".parquet", "row", 2),
    ):
        file = write(bad, tmp_path, suffix)
        faults = frames.check(file)
        assert faults.columns == [place, "field", "value", "expected"]
        assert faults.rows() == [
            (first, "delivered", 1.2, "a level from 0 to 1"),
            (first + 1, "basis", None, "one of asked, promised, experienced, market, assumed"),
            (
                first + 2,
                "at",
                None,
                "a moment: an ISO time (2026-05-01 14:30) with its offset, or timezone=",
            ),
        ]
        assert frames.score(file)["rejected"].sum() == 3
        with pytest.raises(
            RejectedRows, match=rf"{file}, {place} {first}, delivered: 1.2 is not a"
        ):
            frames.score(file, strict=True)


def test_text_in_a_number_of_a_csv_is_rejected_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text(
        "journey,touchpoint,anticipated,delivered\na,x,0.5,good\na,x,0.5, 0.7 \na,x,,1\n"
    )
    assert frames.check(file).select("line", "field").rows() == [(2, "delivered")]
    assert frames.score(file)["touchpoints"].to_list() == [2]


def test_a_damaged_line_of_json_is_named(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    for line, match in (
        ("{bad", "line 2: not a JSON object"),
        (
            '{"journey": "a", "delivered": "0.5"}',
            "line 2, delivered: str of length 3 is not a number",
        ),
        ('{"journey": "a", "delivered": true}', "line 2, delivered: True is not a number"),
        ('{"journey": "a", "proactive": 1}', "line 2, proactive: 1 is not true or false"),
    ):
        file.write_text(json.dumps(ROWS[0]) + "\n" + line + "\n")
        with pytest.raises(LogError, match=match):
            frames.score(file)


def test_references_may_name_a_source(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    common = {"journey": "a", "touchpoint": "hotel.room", "anticipated": 0.5}
    rows = [
        {**common, "delivered": 0.5, "id": "1", "source": "pos"},
        {**common, "delivered": 0.5, "id": "1", "source": "app"},
        {**common, "delivered": None, "id": "2", "source": "app",
         "retracts": {"source": "pos", "id": "1"}},
        {**common, "delivered": 0.1, "id": "3", "source": "app"},
        {**common, "delivered": 0.2, "id": "4", "source": "app", "supersedes": "3"},
    ]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    from journeyscore import Tally, score

    (row,) = frames.fold(file).rows()
    assert Tally(*row[1:8]) == score(journeys(rows)["a"]).tally
    assert row[1] == 2


def test_errors_teach(tmp_path: Path) -> None:
    frame = pl.DataFrame(ROWS)
    cases: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
        (tmp_path / "none.parquet", {}, FileNotFoundError, "no such file"),
        (str(tmp_path / "*.parquet"), {}, LogNotFound, "no such file"),
        (42, {}, TypeError, "log: 42 is not a journey log; give a path, a glob"),
        (frame.rename({"delivered": "deliverd"}), {}, LookupError,
         "no column delivered; the closest is deliverd, columns="),
        (frame, {"by": "teem"}, MissingColumn, "by: no column teem; the closest is team"),
        (frame, {"by": []}, LogError, "by: name each grouping column once"),
        (frame, {"by": "impression"}, LogError, "by: a column of the result"),
        (frame, {"columns": {"no": "journey"}}, MissingColumn, "columns: no column no"),
        (frame.rename({"touchpoint": "step"}), {"columns": {"step": "touchpoint"}, "by": "step"},
         MissingColumn, "by: no column step; it was renamed touchpoint"),
        (frame, {"columns": {"team": "journey"}}, LogError, "two columns would be called journey"),
        (frame.with_columns(delivered=pl.lit("x")), {}, LogError, "delivered: a column of String"),
        (frame.with_columns(delivered=pl.lit(True)), {}, LogError, "delivered: a column of Boolean"),
        (frame.with_columns(at=1), {}, LogError, "at: a column of Int"),
        (frame, {"scales": {"speed": 5}}, WrongType, "scales: 5 is not a scale"),
        (frame, {"policy": {}}, WrongType, "policy: dict of length 0 is not a Policy"),
        (frame, {"market": 5}, WrongType, "market: 5 is no market"),
        (frame, {"average": "days"}, ValueError, "average: str of length 4 is neither"),
    ]  # fmt: skip
    for log, options, error, match in cases:
        with pytest.raises(error, match=match) as caught:
            frames.score(log, **options)
        assert isinstance(caught.value, JourneyScoreError)


def test_a_market_is_made_once_and_merges_by_adding() -> None:
    last = pl.DataFrame(
        {
            "journey": ["a", "b", "c"],
            "touchpoint": ["hotel.valet", "hotel.valet", "hotel.spa"],
            "delivered": [0.9, 0.6, 0.3],
        }
    )
    market = frames.market(last)
    assert sorted(market.rows()) == [("hotel.spa", 3000, 1), ("hotel.valet", 15000, 2)]
    parts = pl.concat([frames.market(last.head(1)), frames.market(last.tail(2))])
    assert parts.group_by("touchpoint").sum().sort("touchpoint").rows() == sorted(market.rows())
    now = pl.DataFrame(
        {"journey": ["z"], "touchpoint": ["hotel.valet"], "delivered": [0.5]}
    ).with_columns(anticipated=pl.lit(None, pl.Float64))
    assert frames.score(now, market=market)["par"].item() == 75.0
    assert frames.score(now, market=market.lazy())["par"].item() == 75.0
    assert frames.score(now, market={"hotel.valet": (15000, 2)})["par"].item() == 75.0
    assert frames.score(now)["par"].item() == 70.0
    from journeyscore import Journey, Touchpoint, score

    stay = Journey("z", [Touchpoint("hotel.valet", delivered=0.5)])
    for given in (market, market.lazy(), {"hotel.valet": (15000, 2)}):
        assert score(stay, market=given).par == 75.0


def test_a_group_too_heavy_for_64_bits_is_null_and_never_wraps() -> None:
    from journeyscore.frames.formula import MAX_WEIGHT

    n = MAX_WEIGHT // 100_000 + 1
    log = pl.select(
        journey=pl.repeat("a", n), touchpoint=pl.lit("x"), anticipated=1.0, delivered=0.0,
        weight=1000.0,
    )  # fmt: skip
    (row,) = frames.fold(log).rows(named=True)
    assert (row["count"], row["weight"], row["squares"]) == (n, n * 100_000, None)
    (scored,) = frames.score(log).rows(named=True)
    assert scored["impression"] is None and scored["verdict"] is None
    (fits,) = frames.fold(log.tail(n - 1)).rows(named=True)
    assert fits["squares"] == (n - 1) * 100_000 * 10**8


def test_the_policy_reaches_the_frames() -> None:
    frame = pl.DataFrame(ROWS)
    strict = frames.score(frame, policy=Policy(dissatisfied_below=39)).sort("journey")
    assert strict["verdict"].to_list() == ["satisfied", "satisfied"]


def test_ids_without_a_name_are_rejected_not_thrown_together() -> None:
    log = pl.DataFrame(
        {
            "journey": ["a"] * 3,
            "touchpoint": ["x"] * 3,
            "anticipated": [0.5] * 3,
            "delivered": [0.1, 0.5, 0.9],
            "id": ["", "", None],
        }
    )
    assert frames.fold(log).row(0)[1] == 1
    assert frames.check(log).select("row", "field").rows() == [(1, "id"), (2, "id")]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["hotel.valet", "x"])])
def test_text_may_be_of_any_kind(dtype: Any) -> None:
    log = pl.DataFrame(
        {"journey": [1, 1], "touchpoint": ["hotel.valet", "x"], "anticipated": [None, None],
         "delivered": [0.5, 0.5], "id": [7, 8], "retracts": [None, 7]}
    )  # fmt: skip
    log = log.with_columns(
        anticipated=pl.col("anticipated").cast(pl.Float64),
        touchpoint=pl.col("touchpoint").cast(dtype),
    )
    (row,) = frames.fold(log).rows(named=True)
    assert (row["journey"], row["count"], row["par"]) == (1, 1, 100 * 7000)
    with pytest.raises(LogError, match="basis: a column of Float64, where text is wanted"):
        frames.fold(log.with_columns(basis=0.5))


def test_damaged_files_are_named(tmp_path: Path) -> None:
    cases = {
        "empty.csv": b"",
        "bytes.csv": b"journey,touchpoint,anticipated,delivered\na,x,0.5,0.5\n\xff\xfe,x,1,1\n",
        "ragged.csv": b"journey,touchpoint,anticipated,delivered\na,x,1,0,0,5\n",
        "twice.csv": b"journey,touchpoint,anticipated,delivered,delivered\na,x,1,0,0\n",
        "broken.parquet": b"PAR1 no more",
        "nan.jsonl": b'{"journey": "a", "touchpoint": "x", "anticipated": 1, "delivered": NaN}\n',
    }
    for name, content in cases.items():
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(LogError, match=name.replace(".", "[.]")):
            frames.score(file)
    with pytest.raises(LogError, match="a folder"):
        frames.score(tmp_path)
    odd = tmp_path / "odd[1].csv"
    odd.write_text("journey,touchpoint,anticipated,delivered\na,x,0.5,0.5\n")
    assert frames.score(odd)["touchpoints"].to_list() == [1]


def test_blank_lines_are_nothing_and_shift_no_numbers(tmp_path: Path) -> None:
    bad = {**ROWS[0], "delivered": 7}
    lines = tmp_path / "log.jsonl"
    lines.write_text("\n" + json.dumps(ROWS[0]) + "\n\n" + json.dumps(bad) + "\n\n")
    assert frames.check(lines).select("line").rows() == [(4,)]
    table = tmp_path / "log.csv"
    table.write_text("journey,touchpoint,anticipated,delivered\n\na,x,0.5,0.5\n\na,x,0.5,7\n")
    assert frames.score(table).select("journey", "touchpoints", "rejected").rows() == [("a", 1, 1)]


def test_arguments_of_the_wrong_kind_are_named() -> None:
    frame = pl.DataFrame(ROWS)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"by": None}, "by"), ({"by": 5}, "by"), ({"by": [5]}, "by"), ({"columns": ["a"]}, "columns"),
        ({"columns": {"x": 5}}, "columns"), ({"scales": ["a"]}, "scales"), ({"timezone": 5}, "timezone"),
        ({"market": {"x": (20000, 1)}}, "market"),
    ]  # fmt: skip
    for options, where in cases:
        with pytest.raises(JourneyScoreError, match=f"^{where}: "):
            frames.score(frame, **options)
    with pytest.raises(LogError, match="by: readings of one id"):
        frames.score(frame.with_columns(id=pl.lit("1"), factor=pl.lit("speed")), by="factor")
    from zoneinfo import ZoneInfo

    assert frames.score(frame, timezone=ZoneInfo("Europe/Zurich")).height == 2  # type: ignore[arg-type]


def test_a_bound_of_the_zone_that_is_wrong_is_called_by_its_name() -> None:
    """Where a log had both bounds, ``adequate`` was blamed for ``desired``."""
    bounds = {
        "anticipated": [0.5, 0.5, 0.5, None],
        "adequate": [0.6, 0.4, 0.4, 0.6],
        "desired": [0.7, 0.3, 0.6, 0.2],
    }
    log = pl.DataFrame(
        {"journey": ["a"] * 4, "touchpoint": ["b"] * 4, "delivered": [0.5] * 4, **bounds}
    )
    found = frames.check(log).select("row", "field", "value").rows()
    assert found == [(1, "adequate", 0.6), (2, "desired", 0.3), (4, "adequate", 0.6)]
    assert frames.fold(log)["rejected"].to_list() == [3]


def test_a_market_can_be_made_of_a_log_with_bounds_and_no_expectations() -> None:
    said = {"delivered": [0.5, 0.7, 0.9], "adequate": [0.4, 0.4, 0.8], "desired": [0.6, None, 0.7]}
    log = pl.DataFrame({"journey": ["a"] * 3, "touchpoint": ["b"] * 3, **said})
    assert frames.market(log).rows() == [("b", 12000, 2)]
    duckdb = pytest.importorskip("duckdb")
    assert frames.market(duckdb.from_arrow(log.to_arrow())).fetchall() == [("b", 12000, 2)]
