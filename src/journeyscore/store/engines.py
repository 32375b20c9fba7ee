"""The database of a journal: its engine, its transactions, what is tried again, what went wrong.

All work is written once, as functions of a SQLAlchemy ``Connection``. A synchronous journal runs
them as they are, an asynchronous one through ``run_sync``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from os import PathLike, fspath
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .._extras import needed
from ..errors import InvalidValue, JournalUnavailable, WrongType, described

DRIVERS = {
    ("sqlite", False): "sqlite+pysqlite",
    ("sqlite", True): "sqlite+aiosqlite",
    ("postgresql", False): "postgresql+pg8000",
    ("postgresql", True): "postgresql+asyncpg",
}
"""The driver of a database, and whether it is for asynchronous use, where the URL names none."""

ATTEMPTS = 6
"""How often work is tried that met a lock, a deadlock or a lost connection."""

_PASSING = frozenset({"40001", "40P01", "55P03"})
"""Conflicts of PostgreSQL that go by: serialization, deadlock, a lock not had."""

_GONE = ("08", "57P")
"""Connections lost: classes of SQLSTATE."""


def url_of(database: str | PathLike[str] | URL, *, asynchronous: bool) -> URL:
    """Where a journal is: the path of a file for SQLite, or a URL of SQLAlchemy.

    Raises:
        InvalidValue: a database that is neither SQLite nor PostgreSQL, or no file.

    >>> url_of("stays.db", asynchronous=False).drivername
    'sqlite+pysqlite'
    >>> url_of("postgresql://reception@localhost/stays", asynchronous=True).drivername
    'postgresql+asyncpg'
    """
    if not isinstance(database, (str, PathLike, URL)):
        raise WrongType(
            f"{described(database)} is neither a path nor a URL", path="database", value=database
        )
    if isinstance(database, PathLike) or (isinstance(database, str) and "://" not in database):
        url = URL.create("sqlite", database=fspath(database))
    else:
        try:
            url = make_url(database)
        except ArgumentError:
            raise InvalidValue("not a URL", path="database") from None
    kind, _, driver = url.drivername.partition("+")
    kind = "postgresql" if kind == "postgres" else kind
    if (kind, asynchronous) not in DRIVERS:
        raise InvalidValue(
            "neither SQLite nor PostgreSQL",
            path="database",
            hint="a path, or postgresql://user@host/name",
        )
    if kind == "sqlite" and url.database in (None, "", ":memory:"):
        raise InvalidValue(
            "a journal in memory survives nothing", path="database", hint="the path of a file"
        )
    return url.set(drivername=f"{kind}+{driver}" if driver else DRIVERS[kind, asynchronous])


def engine_of(url: URL, *, durable: bool = True) -> Engine:
    """The engine of a journal.

    Args:
        url: from `url_of`.
        durable: of SQLite, whether a commit waits for the disk, as it always does in PostgreSQL.
            Without, a power cut may lose the last commits; a killed process never does.
    """
    return _set_up(_made(create_engine, url), durable)


def async_engine_of(url: URL, *, durable: bool = True) -> AsyncEngine:
    """The same for asynchronous use."""
    engine: AsyncEngine = _made(create_async_engine, url)
    _set_up(engine.sync_engine, durable)
    return engine


def _made(create: Any, url: URL) -> Any:
    try:
        # errors never quote what is in the journal; writers of one journal meet at its rows
        options = (
            {"isolation_level": "READ COMMITTED"} if url.get_backend_name() != "sqlite" else {}
        )
        with needed("the journal needs", "store-postgres"):
            return create(url, hide_parameters=True, **options)
    except NoSuchModuleError:
        raise InvalidValue("no such driver", path="database", value=url.drivername) from None


def _set_up(engine: Engine, durable: bool) -> Engine:
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        for pragma in (
            "busy_timeout = 10000",
            "journal_mode = WAL",
            "secure_delete = ON",  # what is forgotten is overwritten
            f"synchronous = {'FULL' if durable else 'NORMAL'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a transaction that writes takes its place in the queue at once: one that began by
        # reading could not be completed if another wrote in between
        if beginning := connection.get_execution_options().get(BEGINNING, "BEGIN IMMEDIATE"):
            connection.exec_driver_sql(beginning)

    return engine


def outside(engine: Any) -> Any:
    """The same engine for what SQLite does outside of transactions."""
    return engine.execution_options(**{BEGINNING: ""})


def emptied(connection: Connection) -> None:
    """Leave nothing of what was forgotten in the write-ahead log of SQLite, unless it is read."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()


BEGINNING = "journeyscore_beginning"
"""The option of an engine that says how its transactions begin in SQLite."""


def reading(engine: Any) -> Any:
    """The same engine for transactions that only read, all of them in one state of the database."""
    options: dict[str, Any] = {BEGINNING: "BEGIN"}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    return engine.execution_options(**options)


def pauses() -> Iterator[float]:
    """How long to wait before each further attempt, in seconds; apart from one another."""
    for attempt in range(ATTEMPTS - 1):
        yield random.uniform(0.5, 1.0) * 0.02 * 4**attempt


def failures(engine: Any) -> tuple[type[Exception], ...]:
    """What a database may raise: some errors of drivers and of the network come as they are."""
    return (DBAPIError, ConnectionError, FileNotFoundError, engine.dialect.loaded_dbapi.Error)


def passes(error: Exception) -> bool:
    """Whether the same work may succeed when it is tried again."""
    if not isinstance(error, DBAPIError):
        return is_gone(error)
    state = _sqlstate(error)
    return state in _PASSING or is_gone(error) or "database is locked" in str(error.orig)


def is_gone(error: Exception) -> bool:
    """Whether the connection was lost, and with it perhaps all others to this server."""
    if not isinstance(error, DBAPIError):
        return not isinstance(error, FileNotFoundError)
    return error.connection_invalidated or (_sqlstate(error) or "").startswith(_GONE)


def unavailable(error: Exception) -> JournalUnavailable:
    """What went wrong, without what was in the statement."""
    if not isinstance(error, DBAPIError):
        return JournalUnavailable(f"no connection ({type(error).__name__})", path="database")
    state = _sqlstate(error)
    what = f"SQLSTATE {state}" if state else _first_line(error.orig)
    return JournalUnavailable(f"the database refused ({what})", path="database")


def _sqlstate(error: DBAPIError) -> str | None:
    for found in (error.orig, getattr(error.orig, "__cause__", None)):
        for name in ("sqlstate", "pgcode"):
            if isinstance(state := getattr(found, name, None), str):
                return state
        told = getattr(found, "args", None) or (None,)
        if isinstance(told[0], dict) and "C" in told[0]:  # pg8000
            return str(told[0]["C"])
    return None


_PLAIN = ("database is locked", "database or disk is full", "disk I/O error", "readonly database",
          "unable to open database file", "file is not a database", "malformed",
          "Can't create a connection")  # fmt: skip


def _first_line(error: object) -> str:
    """What a database says, if it is known to name nothing that is stored; else the type alone."""
    said = str(error)
    return next((each for each in _PLAIN if each in said), type(error).__name__)
