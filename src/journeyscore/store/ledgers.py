"""Ledger: what every piece of work on a journal needs to know, and the statements it shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from secrets import token_hex
from typing import Any

from attrs import evolve, frozen
from sqlalchemy import Connection, Insert, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from ..checks import text
from ..convert import from_json, to_json
from ..errors import InvalidValue, JourneyScoreError, OtherPolicy
from ..policy import DEFAULT_POLICY, Policy
from ..valuation import Valuer
from . import migrations, tables
from .content import ticks
from .tables import SUMS, event, journey, setting

LONGEST = 400
"""Bytes of an id: what an index of PostgreSQL can hold of six of them."""

COLUMNS = tuple(event.c.keys())
"""What an event is in the journal, in this order."""

POLICY, SECRET = "policy", "secret"
"""Names of settings: the fingerprint of the policy in force; the key of the tombstones."""


def system_time() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def key_text(given: object, path: str) -> str:
    """A text that may be a key in both databases.

    Raises:
        InvalidValue: it is empty, too long, or holds what is no text to a database.

    >>> key_text("stay-1042", "journey")
    'stay-1042'
    """
    if type(given) is str and 0 < len(given) <= LONGEST and given.isascii() and "\0" not in given:
        return given  # as nearly all are
    found = text(given, path)
    try:
        size = len(found.encode())
    except UnicodeEncodeError:
        raise InvalidValue("half a character (a lone surrogate)", path=path, value=given) from None
    if size > LONGEST:
        raise InvalidValue(f"{size} bytes, of at most {LONGEST}", path=path, value=given)
    if "\0" in found:
        raise InvalidValue("a null character, which no database keeps", path=path, value=given)
    return found


def optional_key(given: object, path: str) -> str:
    """The same of what may be missing: None is the empty string."""
    return "" if given is None else key_text(given, path)


@frozen(kw_only=True, slots=False)
class Ledger:
    """Whose journeys, under which policy, on which kind of database.

    Attributes:
        tenant: only its rows are read and written.
        policy: under which the sums are folded.
        dialect: ``sqlite`` or ``postgresql``.
        secret: the key of the tombstones.
        now: tells the time.
    """

    tenant: str
    policy: Policy
    dialect: str
    secret: str
    now: Callable[[], datetime] = system_time

    @cached_property
    def valuer(self) -> Valuer:
        """What values touchpoints, under the policy."""
        return Valuer(self.policy)

    @cached_property
    def fingerprint(self) -> str:
        """That of the policy."""
        return self.policy.fingerprint

    def of(self, tenant: str) -> Ledger:
        """The same for another tenant."""
        return evolve(self, tenant=tenant)

    def ticks(self) -> int:
        """The time now, in microseconds since 1970."""
        return ticks(self.now())

    def insert(self, table: Any) -> Any:
        """An insert of this dialect, which knows ``ON CONFLICT``."""
        return (insert_sqlite if self.dialect == "sqlite" else insert_postgresql)(table)

    def insert_once(self, table: Any) -> Insert:
        """An insert that leaves alone what is there."""
        made: Insert = self.insert(table).on_conflict_do_nothing()
        return made

    @cached_property
    def add_event(self) -> Insert:
        """An event, unless there is one under its id."""
        return self.insert_once(event)

    @cached_property
    def add_events(self) -> Insert:
        """Events; the keys of those that are new come back."""
        return self.add_event.returning(event.c.journey, event.c.source, event.c.id)

    @cached_property
    def add_rows(self) -> str:
        """`add_event` as text for SQLite, which takes the values of rows as they are."""
        values = ", ".join("?" * len(COLUMNS))
        return (
            f"INSERT INTO {event.name} ({', '.join(COLUMNS)}) VALUES ({values}) "
            "ON CONFLICT DO NOTHING"
        )

    @cached_property
    def add_sums(self) -> Insert:
        """``SET value = value + ...``: what came to a journey, which is opened if it is new.

        Until the transaction ends the journey is this one's alone. What comes back says whether
        it is new (the ``ref`` is the one given), whether addition is enough, and whether the
        policy is still in force.
        """
        made = self.insert(journey)
        added = {name: journey.c[name] + made.excluded[name] for name in SUMS}
        upserted: Insert = made.on_conflict_do_update(
            index_elements=["tenant", "id"],
            set_={**added, "touched": made.excluded.touched},
        )
        in_force = select(setting.c.value).where(setting.c.name == POLICY).scalar_subquery()
        return upserted.returning(
            journey.c.id, journey.c.ref, journey.c.entangled, in_force.label(POLICY)
        )

    def opened(self, id: str, now: int, sums: Mapping[str, int]) -> dict[str, Any]:
        """The row of a journey of which nothing is known but that something happened in it."""
        return {
            "tenant": self.tenant, "id": id, "ref": token_hex(8), "type": None, "state": "open",
            "customer": None, "site": None, "opened": now, "touched": now, "ended": None,
            "facts": None, "entangled": False, **sums,
        }  # fmt: skip

    def check_policy(self, in_force: str | None) -> None:
        """Refuse to add to sums that are folded under another policy.

        Raises:
            OtherPolicy: someone made the journal adopt another since this one was opened.
        """
        if in_force != self.fingerprint:
            raise OtherPolicy(
                "the journal has adopted another policy since it was opened",
                path="policy",
                value=in_force,
                hint="open it again",
            )


def set_up(
    connection: Connection, tenant: str, given: Policy | None, now: Callable[[], datetime]
) -> tuple[Ledger, bool]:
    """Make or migrate the tables.

    Returns:
        The ledger, under the policy given or else the one in force, which in a new journal is
        made so; and whether the sums are folded under another policy, or an older model.

    Raises:
        JournalError: a newer library made the journal.
    """
    migrations.migrate(connection)
    in_force = migrations.get(connection, POLICY)
    policy = given
    if in_force is None:
        policy = DEFAULT_POLICY if given is None else given
        in_force = policy.fingerprint
        enforce(connection, policy)
        migrations.put(connection, SECRET, token_hex(16))
    if policy is None:
        policy = stored_policy(connection, in_force)
    secret = migrations.get(connection, SECRET)
    assert secret is not None
    ledger = Ledger(
        tenant=key_text(tenant, "tenant"),
        policy=policy,
        dialect=connection.dialect.name,
        secret=secret,
        now=now,
    )
    return ledger, policy.fingerprint != in_force


def enforce(connection: Connection, policy: Policy) -> None:
    """Write a policy down, and that it is in force."""
    keep_policy(connection, policy)
    migrations.put(connection, POLICY, policy.fingerprint)


def keep_policy(connection: Connection, policy: Policy) -> None:
    """Write a policy down, unless it was before."""
    fingerprint = policy.fingerprint
    known = select(tables.policy.c.content).where(tables.policy.c.fingerprint == fingerprint)
    if connection.scalar(known) is None:
        row = {"fingerprint": fingerprint, "content": to_json(policy)}
        connection.execute(tables.policy.insert(), row)


def stored_policy(connection: Connection, fingerprint: str) -> Policy:
    """A policy that was written down.

    Raises:
        OtherPolicy: it is one of an older model.
    """
    known = select(tables.policy.c.content).where(tables.policy.c.fingerprint == fingerprint)
    try:
        return from_json(connection.execute(known).scalar_one(), Policy)
    except JourneyScoreError as error:
        raise OtherPolicy(
            "the sums of this journal are folded under a policy of another model",
            path="policy",
            value=fingerprint,
            hint="give policy= and adopt=True, which folds them anew; recorded scores stay",
        ) from error
