"""What a piece of work takes, in counts that no machine changes: a regression here is one.

Times are for `benchmarks`; a busy machine is not a wrong program. What is counted here is the same
on every run of one version of Python and of an engine: modules, calls, bytes, passes over the
data, statements. Each bound is what was counted when it was written. Below it is an improvement:
then lower the bound. Above it, something costs more than it did: say in the change why it must.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from sqlalchemy import Engine
from sqlalchemy import event as events

from journeyscore import Journey, Touchpoint, Tracker, fold, frames, score
from journeyscore.store import Journal

VALET = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9)


# -- modules ---------------------------------------------------------------------------------------

MODULES = 31
"""Those that ``import journeyscore`` adds to attrs and the API of OpenTelemetry."""


def test_importing_loads_no_more_modules() -> None:
    code = (
        "import sys, attrs, opentelemetry.trace; before = len(sys.modules); import journeyscore;"
        "print(len(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= MODULES


# -- calls and memory ------------------------------------------------------------------------------


def calls(work: Callable[[], object]) -> int:
    """The functions, in Python and in C, that a piece of work calls."""
    count = 0

    def seen(frame: object, what: str, argument: object) -> None:
        nonlocal count
        count += what in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()  # what others hang on a collection is not our work
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


def each(work: Callable[[int], object]) -> float:
    """The calls for one more of many: what it takes at all is left out."""
    work(3)  # what is done once only
    return (calls(lambda: work(200)) - calls(lambda: work(100))) / 100


def build(count: int) -> None:
    for _ in range(count):
        Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9)


def test_a_touchpoint_is_built_and_folded_in_few_calls() -> None:
    assert each(build) <= 12
    assert each(lambda count: fold([VALET] * count)) <= 1


def test_a_journey_is_scored_in_few_calls_a_touchpoint() -> None:
    assert each(lambda count: score(Journey("stay", [VALET] * count))) <= 82


def test_a_tracker_takes_few_calls_a_touchpoint_where_nobody_listens() -> None:
    stay = Tracker().journey("stay")

    def record(count: int) -> None:
        for _ in range(count):
            stay.record(VALET)

    assert each(record) <= 12


def test_folding_keeps_nothing() -> None:
    """However long the stream, the same memory."""

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            fold(VALET for _ in range(count))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(10_000) <= peak(100) + 1000


# -- passes over a log -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs with nothing but levels; with ids; with recoveries too, which the full path takes."""
    folder = tmp_path_factory.mktemp("logs")
    plain = pl.DataFrame(
        {
            "journey": ["a", "b"] * 50,
            "touchpoint": "hotel.valet",
            "anticipated": 0.5,
            "delivered": 0.7,
        }
    )
    ids = plain.with_columns(id=pl.int_range(100).cast(pl.String), source=pl.lit("pos"))
    full = ids.with_columns(recovers=pl.lit(None, pl.String))
    for name, log in {"plain": plain, "ids": ids, "full": full}.items():
        log.write_parquet(folder / f"{name}.parquet")
    return folder


@pytest.mark.parametrize(
    ("log", "scans", "groupings"), [("plain", 1, 1), ("ids", 2, 2), ("full", 1, 4)]
)
def test_polars_passes_over_a_log(folder: Path, log: str, scans: int, groupings: int) -> None:
    plan = frames.score(pl.scan_parquet(folder / f"{log}.parquet")).explain()
    assert 1 <= plan.count("Parquet SCAN") <= scans
    assert 1 <= plan.count("AGGREGATE") <= groupings


@pytest.mark.parametrize(("log", "scans"), [("plain", 1), ("ids", 1), ("full", 5)])
def test_duckdb_passes_over_a_log(folder: Path, log: str, scans: int) -> None:
    """Of five, two count rows of an id: a window that DuckDB plans as a join, which is faster."""
    with duckdb.connect() as connection:
        read = connection.sql(f"SELECT * FROM read_parquet('{folder / log}.parquet')")
        plan = frames.score(read).explain()
    assert 1 <= plan.count("READ_PARQUET") + plan.count("PARQUET_SCAN") <= scans


@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize(
    ("log", "scans", "shuffles", "sorts"),
    [("plain", 1, 1, 0), ("ids", 2, 2, 0), ("full", 7, 9, 6)],
)
def test_spark_passes_over_a_log(
    spark: Any, folder: Path, log: str, scans: int, shuffles: int, sorts: int
) -> None:
    """How often rows are read, travel, and are put in order within a partition."""
    read = spark.read.parquet(str(folder / f"{log}.parquet"))
    plan = planned(frames.score(read))
    assert 1 <= plan.count("FileScan") <= scans
    assert 1 <= plan.count("Exchange hashpartitioning") <= shuffles
    assert plan.count("Sort [") <= sorts
    for result in (plan, planned(frames.score(read, by="touchpoint", average="journeys"))):
        for never in ("SinglePartition", "rangepartitioning", "Python", "Arrow"):
            assert never not in result


def planned(result: Any) -> str:
    """The physical plan of a result on Spark, before any of it has run."""
    text: str = result._jdf.queryExecution().executedPlan().toString()
    return text


@pytest.mark.parametrize(("log", "jobs"), [("plain", 2), ("ids", 3), ("full", 5)])
def test_a_path_is_scored_in_few_jobs(
    folder: Path, log: str, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect, count = pl.LazyFrame.collect, 0

    def counted(self: pl.LazyFrame, *arguments: object, **options: object) -> object:
        nonlocal count
        count += 1
        return collect(self, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(pl.LazyFrame, "collect", counted)
    frames.score(folder / f"{log}.parquet")
    assert 1 <= count <= jobs


# -- statements ------------------------------------------------------------------------------------


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What is sent to the database."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    events.listen(Engine, "before_cursor_execute", note)
    yield sent
    events.remove(Engine, "before_cursor_execute", note)


def test_an_append_is_few_statements(tmp_path: Path, statements: list[str]) -> None:
    """BEGIN among them; a journey that is new is looked up among the forgotten, for one more."""
    identified = Touchpoint("hotel.valet", delivered=0.5, id="v1")
    with Journal(tmp_path / "stays.db") as journal:
        for work, bound in (
            (lambda: journal.append("stay", VALET), 4),
            (lambda: journal.append("stay", VALET), 3),
            (lambda: journal.append("stay", identified), 3),
            (lambda: journal.append("stay", identified), 3),
            (lambda: journal.append_all([(f"stay-{n}", VALET) for n in range(50)]), 5),
            (lambda: journal.append_all([(f"stay-{n}", VALET) for n in range(250)]), 5),
            (lambda: journal.tally("stay"), 3),
        ):
            statements.clear()
            work()
            assert 1 <= len(statements) <= bound, statements
