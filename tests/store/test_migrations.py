"""Journals made by any version: the first one is kept here, as SQLite wrote it down."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from journeyscore import Touchpoint
from journeyscore.errors import JournalError
from journeyscore.store import Journal, Outcome, migrations
from journeyscore.store.tables import METADATA

FIRST = Path(__file__).parent / "version_1.sql"


def _as_it_was(place):
    connection = sqlite3.connect(place)
    connection.executescript(FIRST.read_text(encoding="utf-8"))
    connection.close()


def test_a_journal_of_the_first_version_is_read_and_goes_on(tmp_path):
    _as_it_was(tmp_path / "journal.db")
    with Journal(tmp_path / "journal.db") as journal:
        assert journal.verify().sound
        assert journal.count() == 5
        valet = Touchpoint("hotel.valet", delivered=0.9, id="v1")
        assert journal.append("stay-9", valet).outcome is Outcome.APPENDED
        assert journal.journey("stay-1").customer == "c1"
        assert len(journal.scores("stay-1")) == 1


def test_tables_are_those_of_the_first_version_or_there_is_an_upgrade(tmp_path):
    """Whoever changes a table must write the step that changes it in old journals too."""
    _as_it_was(tmp_path / "old.db")
    Journal(tmp_path / "new.db").dispose()

    def tables(name):
        connection = sqlite3.connect(tmp_path / name)
        found = {
            table: connection.execute(f"PRAGMA table_info({table})").fetchall()
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        }
        connection.close()
        return found

    Journal(tmp_path / "old.db").dispose()
    assert tables("old.db") == tables("new.db")


def test_an_upgrade_is_made_once_by_whoever_comes_first(database, monkeypatch):
    Journal(database).dispose()
    monkeypatch.setattr(
        migrations,
        "UPGRADES",
        [lambda connection: connection.execute(text("ALTER TABLE journey ADD COLUMN room TEXT"))],
    )
    failed = []

    def come():
        try:
            Journal(database).dispose()
        except Exception as error:
            failed.append(error)

    comers = [threading.Thread(target=come) for _ in range(4)]
    for comer in comers:
        comer.start()
    for comer in comers:
        comer.join()
    assert failed == []
    with Journal(database) as journal:
        assert "room" in {each["name"] for each in inspect(journal._engine).get_columns("journey")}
        with journal._reader.begin() as connection:
            assert migrations.version(connection) == 2
    monkeypatch.undo()
    with pytest.raises(JournalError, match="version 2"):
        Journal(database)


def test_an_upgrade_that_fails_leaves_what_was(database, monkeypatch):
    with Journal(database) as journal:
        journal.append("s", Touchpoint("hotel.valet", delivered=0.9, id="v1"))

    def fail(connection):
        connection.execute(text("DELETE FROM event"))
        raise RuntimeError

    monkeypatch.setattr(migrations, "UPGRADES", [fail])
    with pytest.raises(RuntimeError):
        Journal(database)
    monkeypatch.undo()
    with Journal(database) as journal:
        assert journal.count() == 1


def test_every_table_is_of_the_journal_alone():
    assert set(METADATA.tables) == {
        "setting", "policy", "journey", "event", "dead", "guest", "alias", "score", "kept",
        "tombstone",
    }  # fmt: skip
