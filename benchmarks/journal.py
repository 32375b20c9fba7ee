"""Appends to the journal, against a bare INSERT of the same row.

The baseline is an INSERT of the row that the journal keeps of an event, content and all made
beforehand, through the same SQLAlchemy Core engine into a table of the same columns and key; the
journal makes that content, tells duplicates, and adds to the sums of the journey in the same
transaction. Singly each has a transaction of its own, batched one for many. The two are
interleaved, transaction by transaction. ``--million N`` adds a load of N million events,
batched, into SQLite.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, time_ns
from typing import Any

from sqlalchemy import URL, Engine, MetaData, Table

from journeyscore import Touchpoint
from journeyscore.expectations import Basis, Expectation
from journeyscore.store import Journal
from journeyscore.store.content import VERSION, written
from journeyscore.store.tables import event
from journeyscore.touchpoints.hotel import HOTEL

from .report import Goal, Report

Given = tuple[str, Touchpoint]

BARE, JOURNAL = "bare INSERT", "journal"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The sizes of the workload."""
    parser.add_argument("--events", type=int, default=300, help="single appends in a round")
    parser.add_argument("--batch", type=int, default=1000, help="events in a batch")
    parser.add_argument("--batches", type=int, default=5, help="batches in a round")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--postgresql", metavar="URL", help="a server; else one out of a package")
    parser.add_argument("--million", type=float, default=0, help="events of a load, in millions")


def run(options: argparse.Namespace) -> Report:
    """Both databases, singly and batched; then the load, if one is asked for."""
    rows: list[dict[str, Any]] = []
    goals: list[Goal] = []
    latencies: list[dict[str, Any]] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, place in _databases(Path(folder), options.postgresql, notes):
            with Journal(place) as journal:
                bare = _Bare(journal)
                for how, size, count in (
                    ("singly", 1, options.events),
                    ("batched", options.batch, options.batches),
                ):
                    costs = _rounds(journal, bare, size, count, options.repeat)
                    rows += _rows(kind, how, size, costs)
                    ratio = _ratio(costs)
                    goals.append(
                        Goal(f"{kind}, {how}: part of the bare speed", ratio, 0.5, at_least=True)
                    )
                    latencies += _percentiles(kind, how, costs)
                assert journal.verify().sound
        tables = {"Events a second": rows, "A transaction, in milliseconds": latencies}
        if options.million:
            tables["A load of many events, batched, into SQLite"] = [_load(Path(folder), options)]
    settings = {
        name: getattr(options, name) for name in ("events", "batch", "batches", "repeat", "million")
    }
    return Report("journal", settings, tables, goals, notes)


def _databases(
    folder: Path, given: str | None, notes: list[str]
) -> Iterator[tuple[str, str | Path | URL]]:
    yield "SQLite", folder / "journal.db"
    if given is not None:
        yield "PostgreSQL", given
        return
    from tests.postgres import new_database

    yield "PostgreSQL", new_database()
    notes.append("PostgreSQL out of a package, on the same machine, over a Unix socket, by pg8000")


class _Bare:
    """The baseline: a table like that of the events, and an INSERT into it."""

    def __init__(self, journal: Journal) -> None:
        self.engine: Engine = journal._engine
        self.table = event.to_metadata(MetaData(), name="bare")
        self.table.create(self.engine)

        # of many rows pg8000 sends one after the other, unless they are to give something back
        many = self.engine.dialect.name == "postgresql"
        self.many = self.table.insert().returning(self.table.c.id) if many else self.table.insert()

    def insert(self, rows: Sequence[dict[str, Any]]) -> None:
        with self.engine.begin() as connection:
            if len(rows) > 1:
                connection.execute(self.many, rows)
            else:
                connection.execute(self.table.insert(), rows[0])


def _rounds(
    journal: Journal, bare: _Bare, size: int, count: int, repeat: int
) -> dict[str, list[list[float]]]:
    """The seconds of every transaction, by round; a first round is not counted."""
    costs: dict[str, list[list[float]]] = {BARE: [], JOURNAL: []}
    for turn in range(repeat + 1):
        stamp = f"{size}-{turn}"
        batches = [list(events(size, stamp, n)) for n in range(count)]
        stored = [[_row(bare.table, each) for each in batch] for batch in batches]
        work: dict[str, Callable[[int], object]] = {
            BARE: lambda n, stored=stored: bare.insert(stored[n]),  # type: ignore[misc]
            JOURNAL: lambda n, batches=batches: journal.append_all(batches[n]),  # type: ignore[misc]
        }
        took: dict[str, list[float]] = {BARE: [], JOURNAL: []}
        for n in range(count):  # one after the other: a disk has its moods
            for name in (BARE, JOURNAL) if n % 2 else (JOURNAL, BARE):
                took[name].append(_seconds(work[name], n))
        if turn:
            for name in costs:
                costs[name].append(took[name])
    return costs


def _seconds(work: Callable[[int], object], n: int) -> float:
    start = perf_counter()
    work(n)
    return perf_counter() - start


def events(size: int, stamp: str, n: int) -> Iterator[Given]:
    """Events of a feed: 40 of them a journey, whose events are spread over some batches."""
    chance = random.Random(f"{stamp}-{n}")
    for place in range(size):
        journey = f"stay-{stamp}-{(n * size + place) // 40}"
        yield (
            journey,
            Touchpoint(
                chance.choice(HOTEL.entries).name,
                anticipated=Expectation(
                    chance.randrange(10001) / 10000, chance.choice(list(Basis))
                ),
                delivered=chance.randrange(10001) / 10000,
                id=f"{n}-{place}",
                source="pms",
                team=chance.choice(["north", "south"]),
            ),
        )


def _row(table: Table, given: Given) -> dict[str, Any]:
    journey, touchpoint = given
    return {
        "tenant": "default", "journey": journey, "source": touchpoint.source,
        "id": touchpoint.id, "n": 0, "recorded": time_ns() // 1000, "version": VERSION,
        "content": written(touchpoint),
    }  # fmt: skip


def _ratio(costs: dict[str, list[list[float]]]) -> float:
    """The speed of the journal as a part of the bare one: the median over rounds."""
    pairs = zip(costs[BARE], costs[JOURNAL], strict=True)
    return median(sum(bare) / sum(ours) for bare, ours in pairs)


def _rows(
    kind: str, how: str, size: int, costs: dict[str, list[list[float]]]
) -> list[dict[str, Any]]:
    return [
        {
            "database": kind,
            "how": how,
            "item": name,
            "events/s, median": median(size * len(each) / sum(each) for each in rounds),
            "events/s, best": max(size * len(each) / sum(each) for each in rounds),
            "of bare": _ratio(costs) if name == JOURNAL else None,
        }
        for name, rounds in costs.items()
    ]


def _percentiles(kind: str, how: str, costs: dict[str, list[list[float]]]) -> list[dict[str, Any]]:
    rows = []
    for name, rounds in costs.items():
        cuts = _cuts([took for each in rounds for took in each])
        row = {"database": kind, "how": how, "item": name}
        rows.append(row | {f"p{p}": cuts[p - 1] for p in (50, 90, 99)})
    return rows


def _cuts(seconds: Sequence[float]) -> list[float]:
    """The percentiles, in milliseconds."""
    return quantiles([took * 1000 for took in seconds], n=100)


def _load(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Millions of events into one file, then all of it folded again and compared."""
    many, size = int(options.million * 1_000_000), 10_000
    place = folder / "load.db"
    with Journal(place) as journal:
        touchpoints = [touchpoint for _, touchpoint in events(size, "load", 0)]
        took = []
        for n in range(many // size):
            named = (f"stay-{(n * size + place) // 40}" for place in range(size))
            batch = list(zip(named, touchpoints, strict=True))
            took.append(_seconds(lambda _, batch=batch: journal.append_all(batch), n))  # type: ignore[misc]
        start = perf_counter()
        found = journal.verify()
        verified = perf_counter() - start
    assert found.sound
    return {
        "events": found.events,
        "journeys": found.journeys,
        "events/s": many / sum(took),
        **{f"ms a batch of {size}, p{p}": _cuts(took)[p - 1] for p in (50, 90, 99)},
        "verified/s": found.events / verified,
        "bytes/event": place.stat().st_size / found.events,
        "differences": len(found.differences),
    }
