"""Append and retract: an event and its sums in one transaction.

An append is an INSERT of the event and a ``SET value = value + ...`` of its journey. Writers meet
at the row of the journey, and there only for the rest of their transaction; whoever locks several
rows does so in the order of their keys, events before journeys, so that no two wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from secrets import token_hex
from typing import Any

from attrs import evolve, field, mutable
from sqlalchemy import Connection, delete, select, update

from ..errors import WrongType, described
from ..tally import Tally
from ..touchpoints import EventKey, Touchpoint
from ..valuation import Worth
from . import forgetting
from .content import VERSION, written
from .folding import EVENT, EventRow, event_of, refold
from .ledgers import HUNDRED, POLICY, Ledger, key_text, optional_key
from .outcomes import Appended, Outcome
from .tables import dead, event, journey, sums_of

Given = tuple[str, Touchpoint]
"""A journey's id, and something that happened in it."""


@mutable(eq=False)
class _Entry:
    """An event on its way into the journal."""

    key: tuple[str, str, str]
    touchpoint: Touchpoint
    outcome: Outcome = Outcome.APPENDED

    @property
    def journey(self) -> str:
        return self.key[0]

    @property
    def appended(self) -> Appended:
        journey, source, id = self.key
        return Appended(journey, source or None, id, self.outcome)


@mutable(eq=False)
class _Change:
    """What a transaction does to one journey."""

    worths: list[Worth] = field(factory=list)
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
    first: dict[tuple[str, str, str], _Entry] = {}
    repeated = [entry for entry in entries if first.setdefault(entry.key, entry) is not entry]
    fresh = _insert(connection, ledger, first, now)
    known = [entry for key, entry in first.items() if key not in fresh]
    changes: dict[str, _Change] = {}
    for key in fresh:
        if (change := changes.get(key[0])) is None:
            change = changes[key[0]] = _Change()
        worth = ledger.valuer.worth(first[key].touchpoint)
        if worth is not None:
            change.worths.append(worth)
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
    kept = [first[key] for key in fresh if key[0] not in refused]
    kept += [each for each in contradicting if each.journey not in refused]
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
    if touchpoint.supersedes is not None and (old := touchpoint.superseded_key) is not None:
        key_text(old[1], "supersedes")
        optional_key(old[0], "supersedes")
    source = optional_key(touchpoint.source, "source")
    return _Entry((id, source, key_text(touchpoint.id, "id")), touchpoint)


def _row(ledger: Ledger, entry: _Entry, now: int, n: int = 0) -> dict[str, Any]:
    journey, source, id = entry.key
    return {
        "tenant": ledger.tenant, "journey": journey, "source": source, "id": id, "n": n,
        "recorded": now, "version": VERSION,
        "content": written(entry.touchpoint),
    }  # fmt: skip


def _insert(
    connection: Connection, ledger: Ledger, first: dict[tuple[str, str, str], _Entry], now: int
) -> set[tuple[str, str, str]]:
    """Insert what is not there yet; the keys of what was not."""
    rows = [_row(ledger, first[key], now) for key in sorted(first)]
    if len(rows) == 1:
        result = connection.execute(ledger.add_event, rows[0])
        return set(first) if result.rowcount else set()
    fresh: set[tuple[str, str, str]] = set()
    if ledger.dialect == "sqlite":
        # half of the time goes into what SQLAlchemy does for each of many rows; here it need not
        statement, values = ledger.add_hundred_events
        while len(rows) >= HUNDRED:
            some, rows = rows[:HUNDRED], rows[HUNDRED:]
            parameters = tuple(chain.from_iterable(map(values, some)))
            fresh.update(map(tuple, connection.exec_driver_sql(statement, parameters)))
        if not rows:
            return fresh
    return fresh | {tuple(row) for row in connection.execute(ledger.add_events, rows)}


def _contradicting(
    connection: Connection, ledger: Ledger, entries: Sequence[_Entry]
) -> list[_Entry]:
    """Those that say something else than what is there under their id; the others repeat it."""
    found = []
    for entry in entries:
        rows = _under(connection, ledger, entry.journey, entry.key[1:])
        if any(entry.touchpoint == event_of(row) for row in rows):
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
    connection.execute(event.insert(), _row(ledger, entry, now, n))


def _add(
    connection: Connection, ledger: Ledger, changes: dict[str, _Change], now: int
) -> list[str]:
    """Add what came to each journey, and lock it; those that are new."""
    rows = [ledger.opened(id, now, sums_of(Tally.of(changes[id].worths))) for id in sorted(changes)]
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
    connection: Connection, ledger: Ledger, entries: Iterable[_Entry], changes: dict[str, _Change],
    now: int,
) -> None:  # fmt: skip
    """Take back what the events supersede."""
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
        else:
            change.lost += lost


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
    was_dead = connection.scalar(select(dead.c.id).where(*of_key).limit(1)) is not None
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
        is_dead = connection.scalar(select(dead.c.id).where(*of_key).limit(1)) is not None
        entry.outcome = Outcome.RETRACTED if is_dead else Outcome.REFOLDED


def retract(
    connection: Connection, ledger: Ledger, id: str, event_id: str, source: str | None
) -> Appended:
    """Take an event back for good, and whatever superseded it, come or not."""
    key = (optional_key(source, "source"), key_text(event_id, "id"))
    key_text(id, "journey")
    now = ledger.ticks()
    change = _Change()
    opened = _add(connection, ledger, {id: change}, now)
    if refused := forgetting.forgotten(connection, ledger, opened):
        _withdraw(connection, ledger, refused)
        return Appended(id, source, event_id, Outcome.REFUSED)
    outcome = Outcome.DUPLICATE
    for each in _successors(connection, ledger, id, key):
        retracted = (
            dead.c.tenant == ledger.tenant, dead.c.journey == id, dead.c.source == each[0],
            dead.c.id == each[1], dead.c.by_source == "", dead.c.by_id == "",
        )  # fmt: skip
        if connection.scalar(select(dead.c.id).where(*retracted)) is not None:
            continue
        lost = take_back(connection, ledger, id, (each[0] or None, each[1]), ("", ""), now)
        if lost is None:
            change.refold = True
            outcome = Outcome.AWAITED if outcome is Outcome.DUPLICATE else outcome
        else:
            change.lost += lost
            outcome = Outcome.RETRACTED
    _settle(connection, ledger, {id: change})
    return Appended(id, source, event_id, outcome)


def _successors(
    connection: Connection, ledger: Ledger, id: str, key: tuple[str, str]
) -> list[tuple[str, str]]:
    """The key, those of the events that superseded it, and so on."""
    found = [key]
    for source, each in found:
        rows = connection.execute(
            select(dead.c.by_source, dead.c.by_id)
            .where(
                dead.c.tenant == ledger.tenant, dead.c.journey == id,
                dead.c.source == source, dead.c.id == each, dead.c.by_id != "",
            )
            .order_by(dead.c.by_source, dead.c.by_id)
        )  # fmt: skip
        found += [tuple(row) for row in rows if tuple(row) not in found]
    return found
