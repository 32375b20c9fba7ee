"""Append and retract: an event and its sums in one transaction.

An append is an INSERT of the event and a ``SET value = value + ...`` of its journey. Writers meet
at the row of the journey, and there only for the rest of their transaction; whoever locks several
rows does so in the order of their keys, events before journeys, so that no two wait for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from secrets import token_hex
from typing import Any

from attrs import evolve, field, mutable
from sqlalchemy import Connection, delete, select, tuple_, update

from .. import tally
from ..errors import WrongType, described
from ..tally import Tally
from ..touchpoints import EventKey, Touchpoint
from . import forgetting
from .content import VERSION, written
from .folding import EVENT, EventRow, event_of, refold
from .ledgers import COLUMNS, POLICY, Ledger, key_text, optional_key
from .outcomes import Appended, Outcome
from .tables import dead, event, journey, sums_of

Given = tuple[str, Touchpoint]
"""A journey's id, and something that happened in it."""

Key = tuple[str, str, str]
"""Journey, source and id of an event, as the tables have them."""

HUNDRED = 100
"""Events that are looked up at once."""

_KEY = tuple_(event.c.journey, event.c.source, event.c.id)


@mutable(eq=False)
class _Entry:
    """An event on its way into the journal."""

    journey: str
    key: Key
    touchpoint: Touchpoint
    outcome: Outcome = Outcome.APPENDED

    @property
    def appended(self) -> Appended:
        return Appended(self.journey, self.touchpoint.source, self.key[2], self.outcome)


@mutable(eq=False)
class _Change:
    """What a transaction does to one journey."""

    came: list[Touchpoint] = field(factory=list)
    lost: Tally = field(factory=Tally)
    refold: bool = False


def append(connection: Connection, ledger: Ledger, given: Sequence[Given]) -> list[Appended]:
    """Append events, in one transaction; what became of each, in the order given.

    Raises:
        WrongType, InvalidValue: something is no touchpoint, or an id that cannot be a key.
        OtherPolicy: the journal has adopted another policy.
    """
    entries = [_entry(each) for each in given]
    if not entries:
        return []
    now = ledger.ticks()
    first: dict[Key, _Entry] = {}
    repeated = [entry for entry in entries if first.setdefault(entry.key, entry) is not entry]
    fresh, known = _insert(connection, ledger, first, now)
    changes: dict[str, _Change] = {}
    for entry in fresh:
        if (change := changes.get(entry.journey)) is None:
            change = changes[entry.journey] = _Change()
        change.came.append(entry.touchpoint)
    contradicting = _contradicting(connection, ledger, [*known, *repeated])
    for entry in contradicting:
        changes.setdefault(entry.journey, _Change())
    if not changes:
        return [entry.appended for entry in entries]
    opened = _add(connection, ledger, changes, now)
    refused = forgetting.forgotten(connection, ledger, opened)
    _withdraw(connection, ledger, refused)
    for entry in contradicting:
        if entry.journey not in refused:
            _keep_beside(connection, ledger, entry, now)
            changes[entry.journey].refold |= entry.outcome is Outcome.CONFLICT
    kept = [each for each in chain(fresh, contradicting) if each.journey not in refused]
    _supersede(connection, ledger, kept, changes, now)
    _settle(connection, ledger, {id: each for id, each in changes.items() if id not in refused})
    _tell(connection, ledger, kept, changes)
    if refused:
        for entry in entries:
            if entry.journey in refused:
                entry.outcome = Outcome.REFUSED
    return [entry.appended for entry in entries]


def _entry(given: Given) -> _Entry:
    if not isinstance(given, tuple) or len(given) != 2:
        raise WrongType(f"{described(given)} is not (journey, touchpoint)", value=given)
    id, touchpoint = given
    if not isinstance(touchpoint, Touchpoint):
        raise WrongType(
            f"{described(touchpoint)} is not a Touchpoint", path="touchpoint", value=touchpoint
        )
    key_text(id, "journey")
    if touchpoint.id is None:
        touchpoint = evolve(touchpoint, id=f"~{token_hex(8)}")
    assert touchpoint.id is not None
    if (old := touchpoint.superseded_key) is not None:
        key_text(old[1], "supersedes")
        optional_key(old[0], "supersedes")
    source = optional_key(touchpoint.source, "source")
    return _Entry(id, (id, source, key_text(touchpoint.id, "id")), touchpoint)


def _values(ledger: Ledger, entry: _Entry, now: int, n: int = 0) -> tuple[Any, ...]:
    """An event as the values of a row."""
    return (ledger.tenant, *entry.key, n, now, VERSION, written(entry.touchpoint))


def _row(values: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(COLUMNS, values, strict=True))


def _insert(
    connection: Connection, ledger: Ledger, first: dict[Key, _Entry], now: int
) -> tuple[list[_Entry], list[_Entry]]:
    """Insert what is not there yet; the entries that were not, and those that were."""
    entries = [first[key] for key in sorted(first)]
    rows = [_values(ledger, entry, now) for entry in entries]
    if len(rows) == 1:
        is_new = connection.execute(ledger.add_event, _row(rows[0])).rowcount
        return (entries, []) if is_new else ([], entries)
    if ledger.dialect == "sqlite":
        # what SQLAlchemy does for each of many rows, and SQLite to give something back for each,
        # takes longer than all the rest; and nearly always everything is new
        connection.exec_driver_sql("SAVEPOINT batch")
        if connection.exec_driver_sql(ledger.add_rows, rows).rowcount == len(rows):
            return entries, []
        connection.exec_driver_sql("ROLLBACK TO batch")
    found = connection.execute(ledger.add_events, [_row(values) for values in rows])
    added = set(map(tuple, found))
    fresh: list[_Entry] = []
    known: list[_Entry] = []
    for entry in entries:
        (fresh if entry.key in added else known).append(entry)
    return fresh, known


def _contradicting(
    connection: Connection, ledger: Ledger, entries: Sequence[_Entry]
) -> list[_Entry]:
    """Those that say something else than what is there under their id; the others repeat it."""
    contents: defaultdict[Key, list[Touchpoint]] = defaultdict(list)
    for start in range(0, len(entries), HUNDRED):
        keys = {entry.key for entry in entries[start : start + HUNDRED]}
        for row in connection.execute(
            select(*EVENT).where(event.c.tenant == ledger.tenant, _KEY.in_(sorted(keys)))
        ):
            contents[row.journey, row.source, row.id].append(event_of(row))
    found = []
    for entry in entries:
        if entry.touchpoint in contents[entry.key]:
            entry.outcome = Outcome.DUPLICATE
        else:
            found.append(entry)
    return found


def _under(
    connection: Connection, ledger: Ledger, id: str, key: tuple[str, str]
) -> Sequence[EventRow]:
    """All contents under one id."""
    return connection.execute(
        select(*EVENT).where(
            event.c.tenant == ledger.tenant,
            event.c.journey == id,
            event.c.source == key[0],
            event.c.id == key[1],
        )
    ).all()


def _keep_beside(connection: Connection, ledger: Ledger, entry: _Entry, now: int) -> None:
    """Keep a further content under an id; looked at again, now that the journey is locked."""
    contents = _under(connection, ledger, entry.journey, entry.key[1:])
    if any(entry.touchpoint == event_of(row) for row in contents):
        entry.outcome = Outcome.DUPLICATE
        return
    entry.outcome = Outcome.CONFLICT
    n = max(row.n for row in contents) + 1
    connection.execute(event.insert(), _row(_values(ledger, entry, now, n)))


def _add(
    connection: Connection, ledger: Ledger, changes: dict[str, _Change], now: int
) -> list[str]:
    """Add what came to each journey, and lock it; those that are new."""
    sums = {id: tally.fold(changes[id].came, ledger.policy) for id in sorted(changes)}
    rows = [ledger.opened(id, now, sums_of(each)) for id, each in sums.items()]
    refs = {row["id"]: row["ref"] for row in rows}
    opened = []
    for found in connection.execute(ledger.add_sums, rows if len(rows) > 1 else rows[0]):
        ledger.check_policy(getattr(found, POLICY))
        changes[found.id].refold = bool(found.entangled)
        if found.ref == refs[found.id]:
            opened.append(found.id)
    return opened


def _withdraw(connection: Connection, ledger: Ledger, refused: Iterable[str]) -> None:
    """Take out what was put in for journeys that are forgotten."""
    for id in refused:
        for table, column in ((event, event.c.journey), (journey, journey.c.id)):
            mine = (table.c.tenant == ledger.tenant, column == id)
            connection.execute(delete(table).where(*mine))


def _supersede(
    connection: Connection,
    ledger: Ledger,
    entries: Sequence[_Entry],
    changes: dict[str, _Change],
    now: int,
) -> None:
    """Take back what the events supersede, others of the same batch too, in whatever order."""
    came = {entry.key: entry for entry in entries if entry.outcome is Outcome.APPENDED}
    for entry in entries:
        touchpoint = entry.touchpoint
        if touchpoint.supersedes is None and touchpoint.recovers is None:
            continue
        change = changes[entry.journey]
        change.refold |= touchpoint.recovers is not None
        key = touchpoint.superseded_key
        if key is None or entry.outcome is Outcome.DUPLICATE:
            continue
        lost = take_back(connection, ledger, entry.journey, key, entry.key[1:], now)
        if lost is None:
            change.refold = True
            continue
        change.lost += lost
        taken = came.get((entry.journey, key[0] or "", key[1]))
        if taken is not None:
            taken.outcome = Outcome.RETRACTED


def take_back(
    connection: Connection,
    ledger: Ledger,
    id: str,
    key: EventKey,
    by: tuple[str, str],
    now: int,
) -> Tally | None:
    """Remember that an event is dead.

    Returns:
        What it came to, to be subtracted: nothing if it was dead before. None if it has not come
        yet: then the journey cannot go on by mere addition.
    """
    of_key = (
        dead.c.tenant == ledger.tenant, dead.c.journey == id,
        dead.c.source == (key[0] or ""), dead.c.id == key[1],
    )  # fmt: skip
    was_dead = connection.scalar(select(dead.c.id).where(*of_key)) is not None
    connection.execute(
        ledger.insert_once(dead),
        {
            "tenant": ledger.tenant, "journey": id, "source": key[0] or "", "id": key[1],
            "by_source": by[0], "by_id": by[1], "recorded": now,
        },
    )  # fmt: skip
    if was_dead:
        return Tally()
    contents = _under(connection, ledger, id, (key[0] or "", key[1]))
    if not contents:
        return None
    worth = ledger.valuer.worth(event_of(contents[0]))
    return Tally() if worth is None else Tally.of((worth,))


def _settle(connection: Connection, ledger: Ledger, changes: dict[str, _Change]) -> None:
    """Subtract what was lost, or fold anew where events concern each other."""
    for id, change in sorted(changes.items()):
        if change.refold:
            refold(connection, ledger, id)
        elif change.lost != Tally():
            subtract(connection, ledger, id, change.lost)


def subtract(connection: Connection, ledger: Ledger, id: str, lost: Tally) -> None:
    """``SET value = value - ...``."""
    less = {name: journey.c[name] - value for name, value in sums_of(lost).items()}
    connection.execute(
        update(journey).where(journey.c.tenant == ledger.tenant, journey.c.id == id).values(less)
    )


def _tell(
    connection: Connection, ledger: Ledger, new: Sequence[_Entry], changes: dict[str, _Change]
) -> None:
    """What became of events in journeys that were folded anew."""
    for entry in new:
        if not changes[entry.journey].refold or entry.outcome is not Outcome.APPENDED:
            continue
        of_key = (
            dead.c.tenant == ledger.tenant, dead.c.journey == entry.journey,
            dead.c.source == entry.key[1], dead.c.id == entry.key[2],
        )  # fmt: skip
        is_dead = connection.scalar(select(dead.c.id).where(*of_key)) is not None
        entry.outcome = Outcome.RETRACTED if is_dead else Outcome.REFOLDED


def retract(
    connection: Connection, ledger: Ledger, id: str, event_id: str, source: str | None
) -> Appended:
    """Take an event back for good, come or not; what superseded it stays."""
    key = (optional_key(source, "source"), key_text(event_id, "id"))
    key_text(id, "journey")
    now = ledger.ticks()
    change = _Change()
    opened = _add(connection, ledger, {id: change}, now)
    if refused := forgetting.forgotten(connection, ledger, opened):
        _withdraw(connection, ledger, refused)
        return Appended(id, source, event_id, Outcome.REFUSED)
    retracted = (
        dead.c.tenant == ledger.tenant, dead.c.journey == id, dead.c.source == key[0],
        dead.c.id == key[1], dead.c.by_source == "", dead.c.by_id == "",
    )  # fmt: skip
    if connection.scalar(select(dead.c.id).where(*retracted)) is not None:
        return Appended(id, source, event_id, Outcome.DUPLICATE)
    lost = take_back(connection, ledger, id, (source, event_id), ("", ""), now)
    if lost is None:
        change.refold = True
        outcome = Outcome.AWAITED
    else:
        change.lost = lost
        outcome = Outcome.RETRACTED
    _settle(connection, ledger, {id: change})
    return Appended(id, source, event_id, outcome)
