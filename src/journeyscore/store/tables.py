"""The tables of the journal.

Keys are text, compared byte by byte on both databases; a missing source is the empty string, as
neither database has a unique key over nulls. Times are microseconds since 1970. Whatever an event
or a journey may say besides its key stands in one column of JSON, so that a field that the model
gains needs no migration.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

from ..tally import Tally

METADATA: MetaData = MetaData()

AnyRow = Any
"""A row of a result; the type of SQLAlchemy has other parameters in 2.0 than in 2.1."""

SUMS = ("count", "weight", "value", "par", "squares", "delivered", "known")
"""The columns of a tally; whole numbers of 64 bits, and past them an error, never a wrong sum."""


def _big() -> TypeEngine[int]:
    return BigInteger().with_variant(Integer(), "sqlite")


def _truth() -> TypeEngine[bool]:
    # strict tables of SQLite know no other type for a boolean
    return Boolean().with_variant(Integer(), "sqlite")


def _key(name: str) -> Column[str]:
    # byte order: both databases, and Python, then sort alike
    return Column(name, Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True)


def _sums() -> list[Column[int]]:
    return [Column(name, _big(), nullable=False) for name in SUMS]


def _table(name: str, *columns: Any) -> Table:
    # one tree, in the order of the key: what is read together lies together
    return Table(name, METADATA, *columns, sqlite_strict=True, sqlite_with_rowid=False)


setting: Table = _table(
    "setting",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""The version of these tables, the fingerprint of the policy in force, a secret for tombstones."""

policy: Table = _table(
    "policy",
    Column("fingerprint", Text, primary_key=True),
    Column("content", Text, nullable=False),
)
"""Every policy that was ever in force, so that an old score can be explained."""

journey: Table = _table(
    "journey",
    _key("tenant"),
    _key("id"),
    Column("ref", Text, nullable=False),
    Column("type", Text),
    Column("state", Text, nullable=False),
    Column("customer", Text),
    Column("site", Text),
    Column("opened", _big(), nullable=False),
    Column("touched", _big(), nullable=False),
    Column("ended", _big()),
    Column("facts", Text),
    Column("entangled", _truth(), nullable=False),
    *_sums(),
    Index("journey_of_customer", "tenant", "customer"),
)
"""A journey: what is known of it, and the sum of what its events come to.

``entangled``: events concern each other, so that another one is no mere addition.
"""

Index(
    "journey_open",
    journey.c.tenant,
    journey.c.id,
    sqlite_where=journey.c.state == "open",
    postgresql_where=journey.c.state == "open",
)

event: Table = _table(
    "event",
    _key("tenant"),
    _key("journey"),
    _key("source"),
    _key("id"),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("recorded", _big(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", Text, nullable=False),
)
"""What happened. ``n`` is 0; further contents under the same id, conflicts, count from there."""

dead: Table = _table(
    "dead",
    _key("tenant"),
    _key("journey"),
    _key("source"),
    _key("id"),
    _key("by_source"),
    _key("by_id"),
    Column("recorded", _big(), nullable=False),
)
"""Events taken back, come or not: by the event that supersedes them, or by nobody in particular."""

guest: Table = _table("guest", _key("tenant"), _key("journey"), _key("customer"))
"""Further customers on a journey, beside the one that it is booked for."""

alias: Table = _table("alias", _key("tenant"), _key("customer"), Column("of", Text, nullable=False))
"""Customers found to be another one; ``of`` is never an alias itself."""

score: Table = _table(
    "score",
    _key("tenant"),
    _key("journey"),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("recorded", _big(), nullable=False),
    Column("state", Text, nullable=False),
    Column("model", Integer, nullable=False),
    Column("policy", Text, nullable=False),
    Column("verdict", Text),
    *_sums(),
)
"""Scores as they were recorded: added to, never changed."""

kept: Table = _table("kept", _key("tenant"), _key("site"), _key("type"), *_sums())
"""The sums of journeys that were forgotten, by site and type: nobody's any more."""

tombstone: Table = _table("tombstone", _key("tenant"), _key("digest"))
"""Journeys that were forgotten, so that a feed that resends them does not bring them back."""


def tally_of(row: Any) -> Tally:
    """The tally in a row that has the columns of one; an aggregate may hold decimals or nulls."""
    return Tally(*(int(getattr(row, name) or 0) for name in SUMS))


def sums_of(tally: Tally) -> dict[str, int]:
    """A tally as the columns of a row."""
    return {name: getattr(tally, name) for name in SUMS}
