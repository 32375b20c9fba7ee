"""The tables, made as they are now, or brought to that from any earlier version.

Whatever an event or a journey may say is JSON, so most changes of the model need no step here.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from ..errors import JournalError
from .tables import METADATA, setting

Step = Callable[[Connection], None]

UPGRADES: list[Step] = []
"""What leads from version 1 to version 2, from 2 to 3, ...: never changed once it is out.

A journal of version 1 is kept in the tests, and each step is tried on it.
"""

_LOCK = 0x6A6F7572  # one number for all journals of a PostgreSQL database


def migrate(connection: Connection) -> None:
    """Make the tables where there are none, or bring them to the present version.

    In one transaction, and safe when several processes open a journal at once: they wait for
    each other.

    Raises:
        JournalError: the journal was made by a newer library.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    found, present = version(connection), len(UPGRADES) + 1
    if found > present:
        raise JournalError(
            f"tables of version {found}, where this library knows {present}",
            path="database",
            value=found,
            hint="update journeyscore",
        )
    if found == 0:
        METADATA.create_all(connection)
    for step in UPGRADES[found - 1 :] if found else ():
        step(connection)
    if found < present:
        put(connection, "version", str(present))


def version(connection: Connection) -> int:
    """The version of the tables; 0 where there are none."""
    if not inspect(connection).has_table(setting.name):
        return 0
    return int(get(connection, "version") or 0)


def get(connection: Connection, name: str) -> str | None:
    """A setting, None if it was never made."""
    return connection.scalar(select(setting.c.value).where(setting.c.name == name))


def put(connection: Connection, name: str, value: str) -> None:
    """Make a setting, or make it another."""
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    made = insert(setting).values(name=name, value=value)
    connection.execute(
        made.on_conflict_do_update(index_elements=["name"], set_={"value": made.excluded.value})
    )
