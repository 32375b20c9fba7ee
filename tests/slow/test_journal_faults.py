"""Writers killed at random, disks full, databases locked, connections cut: nothing is lost.

Run with ``-s`` for the figures. JOURNEYSCORE_KILLS says how many kills there are to be.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from postgres import new_database
from sqlalchemy import create_engine, text
from sqlalchemy import event as sqlalchemy_event

from journeyscore.errors import JournalUnavailable
from journeyscore.store import Journal, Outcome

pytestmark = pytest.mark.slow

WRITER = Path(__file__).parents[1] / "store" / "writer.py"
WRITERS = 8
PATH = [*sys.path]
sys.path.insert(0, str(WRITER.parent))
from writer import event  # noqa: E402

KILLS = int(os.environ.get("JOURNEYSCORE_KILLS", "1000"))
"""Of each database."""


def _start(what, database, place, *numbers):
    return subprocess.Popen(
        [sys.executable, str(WRITER), what, str(database), str(place), *map(str, numbers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(PATH)},
    )


def _acknowledged(folder):
    """The numbers that writers were told were kept; the last line may be cut short."""
    return {
        int(line)
        for file in folder.glob("log-*")
        for line in file.read_text().splitlines(keepends=True)
        if line.endswith("\n")
    }


def _check(journal, acknowledged, seed):
    """Every acknowledged event is there once, and the sums are what the plain path folds."""
    found = journal.verify()
    assert found.sound, found.differences[:3]
    frame = journal.frame()
    ids = frame["id"].to_list() if len(frame) else []
    assert len(ids) == len(set(ids))
    there = set(ids)
    for id in {event(number)[0] for number in acknowledged}:
        there |= {event.id for event in journal.journey(id).events}
    lost = [number for number in acknowledged if f"e{number}" not in there]
    assert not lost, f"{len(lost)} of {len(acknowledged)} events lost (seed {seed})"
    return found


def _kill_at_random(database, folder, seed):
    """Eight writers over overlapping feeds, killed and forked again until enough were."""
    Journal(database, durable=False).dispose()
    nursery = _start("kill", database, folder, KILLS, seed)
    looks = 0
    while nursery.poll() is None:
        with Journal(database, durable=False) as journal:
            assert journal.verify().sound  # while they write
        looks += 1
        time.sleep(5)
    told, errors = nursery.communicate()
    assert nursery.returncode == 0, errors.decode()[-2000:]
    kills, writers = map(int, told.split())
    acknowledged = _acknowledged(folder)
    with Journal(database, durable=False) as journal:
        found = _check(journal, acknowledged, seed)
    print(
        f"\n{kills} of {writers} writers killed, {len(acknowledged)} events acknowledged, "
        f"{found.events} kept in {found.journeys} journeys ({found.retracted} superseded), "
        f"0 lost, 0 twice; verified {looks} times in between"
    )
    assert kills >= KILLS
    assert len(acknowledged) > KILLS


def test_writers_killed_sqlite(tmp_path):
    _kill_at_random(str(tmp_path / "journal.db"), tmp_path, seed=1)


def test_writers_killed_postgresql(tmp_path):
    _kill_at_random(new_database().render_as_string(hide_password=False), tmp_path, seed=2)


def _feed(journal, first, last, *, size=1):
    """Append events until it fails; the numbers of those that were acknowledged, and the error."""
    kept = []
    for start in range(first, last, size):
        numbers = range(start, start + size)
        try:
            journal.append_all(event(number) for number in numbers)
        except JournalUnavailable as error:
            return kept, error
        kept += numbers
    return kept, None


def test_a_full_disk(tmp_path):
    """SQLite told that its file may grow no more, in the middle of a feed, time after time."""
    place = str(tmp_path / "journal.db")
    acknowledged, refused = set(), 0
    chance = random.Random(3)
    with Journal(place, durable=False) as journal:
        for start in range(0, 6000, 200):
            with sqlite3.connect(place) as connection:
                pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.close()
            event_limit = pages + chance.randint(0, 4)

            def limit(connection, _, most=event_limit):
                connection.execute(f"PRAGMA max_page_count = {most}")

            listened = ("connect", limit)
            journal._engine.dispose()
            sqlalchemy_event.listen(journal._engine, *listened)
            kept, error = _feed(journal, start, start + 200, size=chance.choice([1, 7, 50]))
            acknowledged.update(kept)
            refused += error is not None
            assert error is None or "full" in str(error)
            _check(journal, acknowledged, 3)
            sqlalchemy_event.remove(journal._engine, *listened)
            journal._engine.dispose()
            kept, error = _feed(journal, start, start + 200, size=50)  # sent again, with room
            assert error is None
            acknowledged.update(kept)
        found = _check(journal, acknowledged, 3)
    print(f"\n{refused} times full, {found.events} events, 0 lost")
    assert refused > 5


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 16 MB in memory, mounted for the test."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"no file system can be mounted here ({error})")
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here ({mounted.stderr.strip()})")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full(small_disk):
    """ENOSPC of a real file system, time after time: somebody else takes what is free."""
    place, hog = small_disk / "journal.db", small_disk / "hog"
    chance = random.Random(8)
    acknowledged, refused = set(), 0
    with Journal(place, durable=False) as journal:
        for start in range(0, 6000, 100):
            free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
            hog.write_bytes(bytes(max(0, free - chance.randrange(300_000))))
            kept, error = _feed(journal, start, start + 100, size=chance.choice([1, 4, 20]))
            acknowledged.update(kept)
            refused += error is not None
            assert error is None or "full" in str(error) or "disk I/O" in str(error)
            if chance.random() < 0.5:
                journal._engine.dispose()  # whoever comes next finds it as it was left
            hog.unlink()
            _check(journal, acknowledged, 8)
            kept, error = _feed(journal, start, start + 100, size=50)  # sent again, with room
            assert error is None
            acknowledged.update(kept)
        found = _check(journal, acknowledged, 8)
    print(f"\n{refused} times no space left, {found.events} events, 0 lost")
    assert refused > 10
    assert found.events == 6000


def test_a_file_that_may_not_grow(tmp_path):
    """The operating system refuses to write (RLIMIT_FSIZE), in a process of its own."""
    place, acknowledged = tmp_path / "journal.db", tmp_path / "log-1"
    Journal(place).dispose()
    code = (
        "import resource, signal, sys, runpy\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        f"sys.argv = ['writer', 'write', {str(place)!r}, {str(acknowledged)!r}, '0', '3000', '4']\n"
        f"runpy.run_path({str(WRITER)!r}, run_name='__main__')\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.pathsep.join(PATH)}
    )
    time.sleep(20)  # it goes on asking: no event fits any more
    writer.kill()
    writer.communicate()
    kept = _acknowledged(tmp_path)
    with Journal(place) as journal:
        found = _check(journal, kept, 4)
        for number in range(3000):
            journal.append(*event(number)) if number not in kept else None
        assert len(journal.frame()) == journal.verify().events - journal.verify().retracted
    print(
        f"\n{len(kept)} events acknowledged of 3000 before the file was full, {found.events} kept"
    )
    assert 0 < len(kept) < 3000


def test_a_database_that_is_locked(tmp_path):
    """Another program holds SQLite's lock: appends wait for it, and say so if it is too long."""
    place = str(tmp_path / "journal.db")
    with Journal(place, durable=False) as journal:
        journal.append(*event(1))
        other = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        assert journal.tally("stay-1").count == 1  # reading goes on
        threading.Timer(2, lambda: other.execute("COMMIT")).start()
        assert journal.append(*event(2)).outcome is Outcome.APPENDED
        other.execute("BEGIN IMMEDIATE")
        sqlalchemy_event.listen(
            journal._engine, "connect", lambda it, _: it.execute("PRAGMA busy_timeout = 50")
        )
        journal._engine.dispose()
        with pytest.raises(JournalUnavailable, match="locked"):
            journal.append(*event(3))
        other.execute("ROLLBACK")
        other.close()
        assert journal.append(*event(3)).outcome is Outcome.APPENDED
        _check(journal, {1, 2, 3}, 5)


# pg8000 leaves the sockets of connections that were cut to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_connections_cut():
    """An administrator ends every connection, at random moments, for as long as a feed runs."""
    url = new_database()
    done = threading.Event()
    cuts = [0]

    def cut():
        chance = random.Random(6)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            while not done.is_set():
                time.sleep(chance.uniform(0, 0.2))
                found = connection.execute(
                    text(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
                cuts[0] += found.scalar_one()
        engine.dispose()

    cutter = threading.Thread(target=cut)
    with Journal(url) as journal:
        cutter.start()
        acknowledged, waiting, refused = set(), list(range(1000)), 0
        try:
            while waiting:
                number = waiting.pop(0)
                try:
                    journal.append(*event(number))
                    acknowledged.add(number)
                except JournalUnavailable:
                    refused += 1
                    waiting.append(number)
        finally:
            done.set()
            cutter.join()
        found = _check(journal, acknowledged, 6)
    print(f"\n{cuts[0]} connections cut, {refused} appends refused, {found.events} events, 0 lost")
    assert cuts[0] > 10
    assert found.events == 1000


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_eight_writers_of_the_same_events(kind, tmp_path):
    """The same feed, shuffled and with duplicates, by eight processes at once."""
    place = tmp_path / "journal.db"
    database = str(place) if kind == "sqlite" else str(new_database().render_as_string(False))
    Journal(database, durable=False).dispose()
    writers = [_start("write", database, tmp_path / f"log-{n}", 0, 600, n) for n in range(WRITERS)]
    for writer in writers:
        assert writer.communicate()[1] == b""
        assert writer.returncode == 0
    with Journal(database) as journal:
        found = _check(journal, set(range(600)), 7)
    assert found.events == 600
    assert found.conflicts == 0
