"""Verify: everything folded again from the events, and compared with the sums in the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, exists, func, not_, select, text

from ..errors import JourneyScoreError
from ..tally import Tally
from ..touchpoints import EventKey
from .folding import EVENT, EventRow, Folded, fold, key_of, write
from .journeys import between, pages
from .ledgers import Ledger, enforce
from .tables import AnyRow, dead, event, journey, tally_of

Progress = Callable[[int], None]
"""Told how many events have been gone through so far."""

PAGE = 500
"""Journeys that are looked at together."""


class Difference(NamedTuple):
    """A journey whose sums are not what its events come to.

    Attributes:
        journey: its id.
        stored: the sums in the journal; None if the journey has no row.
        folded: what its events come to; None if they cannot be read.
    """

    journey: str
    stored: Tally | None
    folded: Tally | None


class Verification(NamedTuple):
    """What was found.

    Attributes:
        journeys, events: how many were gone through; contents under one id count each.
        retracted: events that are retracted or superseded.
        conflicts: contents kept out by others under their id.
        differences: journeys whose sums are wrong; empty in a sound journal.
    """

    journeys: int
    events: int
    retracted: int
    conflicts: int
    differences: tuple[Difference, ...]

    @property
    def sound(self) -> bool:
        """Whether all sums are what the events come to."""
        return not self.differences


def verify(connection: Connection, ledger: Ledger, progress: Progress | None) -> Verification:
    """Fold everything again from the events, and compare; in one snapshot."""
    journeys = events = retracted = conflicts = 0
    differences: list[Difference] = []
    for row, rows, taken_back in contents(connection, ledger):
        journeys += 1
        events += len(rows)
        retracted += len(taken_back & {key_of(each) for each in rows})
        conflicts += sum(1 for each in rows if each.n)
        found = _folded(ledger, row.id, rows, taken_back)
        if found is None or _differs(row, found):
            folded = None if found is None else found.tally
            differences.append(Difference(row.id, tally_of(row), folded))
        if progress is not None:
            progress(events)
    for id in _without_row(connection, ledger):
        differences.append(Difference(id, None, None))
    return Verification(journeys, events, retracted, conflicts, tuple(differences))


def _differs(row: AnyRow, found: Folded) -> bool:
    # to be called entangled without need costs time, and nothing else
    return tally_of(row) != found.tally or (found.entangled and not row.entangled)


def _folded(
    ledger: Ledger, id: str, rows: Sequence[EventRow], taken_back: set[EventKey]
) -> Folded | None:
    try:
        return fold(ledger, id, rows, taken_back)
    except JourneyScoreError:
        return None


def contents(
    connection: Connection, ledger: Ledger
) -> Iterator[tuple[AnyRow, list[EventRow], set[EventKey]]]:
    """Each journey in order: its row, its events, the keys that are dead."""
    for page in pages(connection, ledger, PAGE):
        first, last = page[0].id, page[-1].id
        rows: defaultdict[str, list[EventRow]] = defaultdict(list)
        for each in connection.execute(
            select(*EVENT).where(
                event.c.tenant == ledger.tenant, *between(event.c.journey, first, last)
            )
        ):
            rows[each.journey].append(each)
        taken_back: defaultdict[str, set[EventKey]] = defaultdict(set)
        for key in connection.execute(
            select(dead.c.journey, dead.c.source, dead.c.id).where(
                dead.c.tenant == ledger.tenant, *between(dead.c.journey, first, last)
            )
        ):
            taken_back[key.journey].add(key_of(key))
        for row in page:
            yield row, rows[row.id], taken_back[row.id]


def _without_row(connection: Connection, ledger: Ledger) -> Sequence[str]:
    """Journeys that have events and no row."""
    same = and_(journey.c.tenant == event.c.tenant, journey.c.id == event.c.journey)
    has_row = exists().where(same)
    orphans = select(event.c.journey).where(event.c.tenant == ledger.tenant, not_(has_row))
    return connection.scalars(orphans.distinct()).all()


def adopt(connection: Connection, ledger: Ledger, progress: Progress | None) -> None:
    """Fold the sums of every tenant anew, under the policy of the ledger, which is then in force.

    In one transaction; nobody appends meanwhile. Recorded scores stay as they are.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {journey.name} IN EXCLUSIVE MODE"))
    enforce(connection, ledger.policy)
    events = 0
    tenants = connection.scalars(select(journey.c.tenant).distinct()).all()
    for tenant in tenants:
        theirs = ledger.of(tenant)
        for row, rows, taken_back in contents(connection, theirs):
            write(connection, theirs, row.id, fold(theirs, row.id, rows, taken_back))
            events += len(rows)
            if progress is not None:
                progress(events)


def counted(connection: Connection, ledger: Ledger) -> int:
    """How many events there are, for a progress that knows its end."""
    found = connection.scalar(
        select(func.count()).select_from(event).where(event.c.tenant == ledger.tenant)
    )
    return int(found or 0)
