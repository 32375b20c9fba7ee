"""One journey out of its rows: as an object, and what it folds to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from attrs import evolve
from sqlalchemy import Connection, select, update

from ..errors import UnknownName
from ..journey import Journey, JourneyState
from ..scorecard import evaluate
from ..tally import Tally
from ..touchpoints import EventKey, Touchpoint
from .content import moment_of, plan_of, read
from .ledgers import Ledger
from .tables import AnyRow, dead, event, journey, sums_of

EventRow = AnyRow
"""journey, source, id, n, recorded, version, content."""

EVENT = (
    event.c.journey, event.c.source, event.c.id, event.c.n,
    event.c.recorded, event.c.version, event.c.content,
)  # fmt: skip


class Folded(NamedTuple):
    """What the events of a journey come to.

    Attributes:
        tally: their sums, without what a plan adds: that depends on the time, and is in scores.
        entangled: whether events concern each other, so that another is no mere addition.
    """

    tally: Tally
    entangled: bool


def event_of(row: EventRow) -> Touchpoint:
    """The event in a row."""
    return read(row.content, row.version, row.source or None, row.id)


def key_of(row: Any) -> EventKey:
    """Source and id, as events have them."""
    return (row.source or None, row.id)


def events(rows: Iterable[EventRow]) -> list[Touchpoint]:
    """The events in the order in which they came.

    A journey has times for all of its events or for none: an event without one has that of its
    arrival, if another has one.
    """
    arrived = sorted(rows, key=lambda row: (row.recorded, row.source, row.id, row.n))
    found = [event_of(row) for row in arrived]
    if any(each.at is not None for each in found):
        return [
            each if each.at is not None else evolve(each, at=moment_of(row.recorded))
            for each, row in zip(found, arrived, strict=True)
        ]
    return found


def fold(
    ledger: Ledger, id: str, rows: Iterable[EventRow], dead_keys: Iterable[EventKey]
) -> Folded:
    """What a journey comes to, folded from its events.

    Where events concern each other, by the library's own `evaluate`; else each is a term of the
    sums, and those that are dead are none.
    """
    rows, taken_back = list(rows), frozenset(dead_keys)
    keys = [key_of(row) for row in rows]
    found = [event_of(row) for row in rows]
    entangled = (
        any(row.n for row in rows)
        or any(each.recovers is not None for each in found)
        or not taken_back <= set(keys)
    )
    if entangled:
        journey = Journey(id, events(rows), retracted=tuple(taken_back))
        return Folded(evaluate(journey, ledger.valuer).tally, True)
    worth = ledger.valuer.worth
    live = (each for each, key in zip(found, keys, strict=True) if key not in taken_back)
    worths = (worth(each) for each in live)
    return Folded(Tally.of(each for each in worths if each is not None), False)


def refold(connection: Connection, ledger: Ledger, id: str) -> None:
    """Fold one journey anew. The transaction holds its row."""
    folded = fold(ledger, id, event_rows(connection, ledger, id), dead_of(connection, ledger, id))
    write(connection, ledger, id, folded)


def write(connection: Connection, ledger: Ledger, id: str, folded: Folded) -> None:
    """Put a journey's sums in its row."""
    connection.execute(
        update(journey)
        .where(journey.c.tenant == ledger.tenant, journey.c.id == id)
        .values(entangled=folded.entangled, **sums_of(folded.tally))
    )


def event_rows(connection: Connection, ledger: Ledger, id: str) -> list[EventRow]:
    """The events of a journey, contradicting contents and dead ones too."""
    of_journey = (event.c.tenant == ledger.tenant, event.c.journey == id)
    return list(connection.execute(select(*EVENT).where(*of_journey)))


def dead_of(connection: Connection, ledger: Ledger, id: str) -> set[EventKey]:
    """The keys of a journey that are retracted or superseded."""
    of_journey = (dead.c.tenant == ledger.tenant, dead.c.journey == id)
    rows = connection.execute(select(dead.c.source, dead.c.id).where(*of_journey))
    return {key_of(row) for row in rows}


def in_order(keys: Iterable[EventKey]) -> list[EventKey]:
    """Keys of events in the order in which the database has them."""
    return sorted(keys, key=lambda key: (key[0] or "", key[1]))


def journey_row(connection: Connection, ledger: Ledger, id: str) -> AnyRow:
    """The row of a journey.

    Raises:
        UnknownName: the journal has no such journey.
    """
    row = connection.execute(
        select(journey).where(journey.c.tenant == ledger.tenant, journey.c.id == id)
    ).one_or_none()
    if row is None:
        raise UnknownName("no such journey", path="journey", value=id)
    return row


def journey_of(connection: Connection, ledger: Ledger, id: str) -> Journey:
    """A journey with all that is known of it.

    Raises:
        UnknownName: the journal has no such journey.
    """
    row = journey_row(connection, ledger, id)
    facts = facts_of(row)
    if "plan" in facts:
        facts["plan"] = plan_of(facts["plan"])
    facts.pop("origin", None)
    return Journey(
        id,
        events(event_rows(connection, ledger, id)),
        type=row.type,
        state=JourneyState(row.state),
        ref=row.ref,
        customer=row.customer,
        site=row.site,
        retracted=tuple(in_order(dead_of(connection, ledger, id))),
        **facts,
    )


def facts_of(row: AnyRow) -> dict[str, Any]:
    """What is known of a journey besides its columns."""
    facts: dict[str, Any] = json.loads(row.facts) if row.facts else {}
    return facts
