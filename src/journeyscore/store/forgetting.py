"""Forget a customer, let go of old journeys, hand a customer what there is on them.

What is forgotten leaves the sums it came to, as nobody's, so that the totals of a site stay what
they were; and a tombstone, a keyed hash of the journey's id, so that a feed that resends its events
does not bring it back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from hmac import digest as hmac
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from ..checks import moment
from ..errors import InvalidValue
from ..tally import Tally
from . import folding, scores
from .content import moment_of, ticks
from .ledgers import Ledger, key_text
from .rows import log_rows
from .tables import (
    SUMS,
    AnyRow,
    alias,
    dead,
    event,
    guest,
    journey,
    kept,
    score,
    sums_of,
    tally_of,
    tombstone,
)


class Forgotten(NamedTuple):
    """What was forgotten.

    Attributes:
        journeys: how many were erased, with their events and scores.
        left: how many go on with their other guests.
        kept: the sums that stay, as nobody's.
    """

    journeys: int
    left: int
    kept: Tally


def forgotten(connection: Connection, ledger: Ledger, ids: Sequence[str]) -> set[str]:
    """Which of these journeys were forgotten before."""
    if not ids:
        return set()
    by_digest = {_digest(ledger, id): id for id in ids}
    given = {"tenant": ledger.tenant, "digests": list(by_digest)}
    found = connection.scalars(_TOMBSTONES, given)
    return {by_digest[digest] for digest in found}


_TOMBSTONES = select(tombstone.c.digest).where(
    tombstone.c.tenant == bindparam("tenant"),
    tombstone.c.digest.in_(bindparam("digests", expanding=True)),
)


def _digest(ledger: Ledger, id: str) -> str:
    return hmac(ledger.secret.encode(), id.encode(), "sha256").hex()[:32]


def forget(connection: Connection, ledger: Ledger, customer: str, *, keep_sums: bool) -> Forgotten:
    """Erase a customer under every name, and the journeys that were theirs alone."""
    names = known_as(connection, ledger, customer)
    erased, left = [], 0
    for row in _locked(connection, ledger, journeys_of(connection, ledger, names)):
        others = sorted(set(guests_of(connection, ledger, row)) - set(names))
        if not others:
            erased.append(row)
            continue
        left += 1
        _leave(connection, ledger, row, names, others)
    connection.execute(
        delete(alias).where(
            alias.c.tenant == ledger.tenant, or_(alias.c.customer.in_(names), alias.c.of.in_(names))
        )
    )
    sums = _erase(connection, ledger, erased, keep_sums=keep_sums)
    return Forgotten(len(erased), left, sums)


def _leave(
    connection: Connection, ledger: Ledger, row: AnyRow, names: Sequence[str], others: list[str]
) -> None:
    """Take a customer off a journey that goes on with its other guests."""
    of_journey = (guest.c.tenant == ledger.tenant, guest.c.journey == row.id)
    connection.execute(delete(guest).where(*of_journey, guest.c.customer.in_(names)))
    if row.customer in names:  # the next guest takes their place
        connection.execute(delete(guest).where(*of_journey, guest.c.customer == others[0]))
        connection.execute(
            update(journey)
            .where(journey.c.tenant == ledger.tenant, journey.c.id == row.id)
            .values(customer=others[0])
        )


def retain(
    connection: Connection, ledger: Ledger, since: datetime, *, keep_sums: bool
) -> Forgotten:
    """Erase the journeys that have ended, and in which nothing was recorded since.

    Raises:
        WrongType, NaiveTime: it is no moment.
    """
    before = ticks(moment(since, "since"))
    ids = connection.scalars(
        select(journey.c.id).where(
            journey.c.tenant == ledger.tenant,
            journey.c.state != "open",
            journey.c.touched < before,
        )
    ).all()
    rows = [row for row in _locked(connection, ledger, ids) if row.touched < before]
    return Forgotten(len(rows), 0, _erase(connection, ledger, rows, keep_sums=keep_sums))


def _locked(connection: Connection, ledger: Ledger, ids: Iterable[str]) -> list[AnyRow]:
    """The rows of journeys, locked in the order of their keys."""
    found = []
    for id in sorted(ids):
        row = connection.execute(
            select(journey)
            .where(journey.c.tenant == ledger.tenant, journey.c.id == id)
            .with_for_update()
        ).one_or_none()
        if row is not None:
            found.append(row)
    return found


def _erase(
    connection: Connection, ledger: Ledger, rows: Sequence[AnyRow], *, keep_sums: bool
) -> Tally:
    """Erase journeys whose rows are locked; the sums that stay."""
    sums: defaultdict[tuple[str, str], Tally] = defaultdict(Tally)
    for row in rows:
        sums[row.site or "", row.type or ""] += tally_of(row)
        for table in (event, dead, guest, score):
            connection.execute(
                delete(table).where(table.c.tenant == ledger.tenant, table.c.journey == row.id)
            )
        connection.execute(
            delete(journey).where(journey.c.tenant == ledger.tenant, journey.c.id == row.id)
        )
        connection.execute(
            ledger.insert_once(tombstone),
            {"tenant": ledger.tenant, "digest": _digest(ledger, row.id)},
        )
    if not keep_sums:
        return Tally()
    for (site, kind), tally in sorted(sums.items()):
        made = ledger.insert(kept)
        connection.execute(
            made.on_conflict_do_update(
                index_elements=["tenant", "site", "type"],
                set_={name: kept.c[name] + made.excluded[name] for name in SUMS},
            ),
            {"tenant": ledger.tenant, "site": site, "type": kind, **sums_of(tally)},
        )
    return sum(sums.values(), Tally())


# -- who is who ----------------------------------------------------------------------------------


def merge(connection: Connection, ledger: Ledger, customer: str, of: str) -> None:
    """Remember that a customer is found to be another one.

    Raises:
        InvalidValue: they are already the same, the other way round.
    """
    key_text(customer, "customer")
    target = canonical(connection, ledger, key_text(of, "of"))
    if target == customer:
        if of == customer:
            raise InvalidValue("a customer is no alias of themselves", path="of", value=of)
        raise InvalidValue("they are merged already, the other way round", path="of", value=of)
    connection.execute(
        update(alias)
        .where(alias.c.tenant == ledger.tenant, alias.c.of == customer)
        .values(of=target)
    )
    made = ledger.insert(alias)
    connection.execute(
        made.on_conflict_do_update(
            index_elements=["tenant", "customer"], set_={"of": made.excluded.of}
        ),
        {"tenant": ledger.tenant, "customer": customer, "of": target},
    )


def separate(connection: Connection, ledger: Ledger, customer: str) -> bool:
    """Take a merge back; whether there was one."""
    of_alias = (alias.c.tenant == ledger.tenant, alias.c.customer == customer)
    return connection.execute(delete(alias).where(*of_alias)).rowcount > 0


def canonical(connection: Connection, ledger: Ledger, customer: str) -> str:
    """The customer that this one is an alias of, or else themselves."""
    found = connection.scalar(
        select(alias.c.of).where(alias.c.tenant == ledger.tenant, alias.c.customer == customer)
    )
    return customer if found is None else found


def known_as(connection: Connection, ledger: Ledger, customer: str) -> list[str]:
    """Every name of a customer, the one they are merged under first."""
    main = canonical(connection, ledger, key_text(customer, "customer"))
    others = connection.scalars(
        select(alias.c.customer)
        .where(alias.c.tenant == ledger.tenant, alias.c.of == main)
        .order_by(alias.c.customer)
    )
    return [main, *others]


def journeys_of(connection: Connection, ledger: Ledger, names: Sequence[str]) -> list[str]:
    """The journeys of a customer under any of these names, in order."""
    booked = select(journey.c.id).where(
        journey.c.tenant == ledger.tenant, journey.c.customer.in_(names)
    )
    joined = select(guest.c.journey).where(
        guest.c.tenant == ledger.tenant, guest.c.customer.in_(names)
    )
    return sorted({*connection.scalars(booked), *connection.scalars(joined)})


def all_journeys_of(connection: Connection, ledger: Ledger, customer: str) -> list[str]:
    """The journeys of a customer under every name."""
    return journeys_of(connection, ledger, known_as(connection, ledger, customer))


def guests_of(connection: Connection, ledger: Ledger, row: AnyRow) -> list[str]:
    """Everyone on a journey, the one it is booked for first."""
    others = connection.scalars(
        select(guest.c.customer)
        .where(guest.c.tenant == ledger.tenant, guest.c.journey == row.id)
        .order_by(guest.c.customer)
    )
    return [*([] if row.customer is None else [row.customer]), *others]


def export(connection: Connection, ledger: Ledger, customer: str) -> dict[str, Any]:
    """All there is on a customer, as plain data: journeys, events as rows of a log, scores."""
    names = known_as(connection, ledger, customer)
    return {
        "customer": names[0],
        "aliases": names[1:],
        "journeys": [
            _exported(connection, ledger, id) for id in journeys_of(connection, ledger, names)
        ],
    }


def _exported(connection: Connection, ledger: Ledger, id: str) -> dict[str, Any]:
    row = folding.journey_row(connection, ledger, id)
    taken_back = folding.dead_of(connection, ledger, id)
    return {
        "journey": id,
        "type": row.type,
        "state": row.state,
        "site": row.site,
        "opened": moment_of(row.opened).isoformat(),
        "ended": None if row.ended is None else moment_of(row.ended).isoformat(),
        **folding.facts_of(row),
        "tally": sums_of(tally_of(row)),
        "events": [
            {**told, "recorded": moment_of(each.recorded).isoformat()}
            for each in folding.event_rows(connection, ledger, id)
            for told in log_rows(each)
        ],
        "retracted": [
            {"source": source, "id": key} for source, key in folding.in_order(taken_back)
        ],
        "scores": [each.to_dict() for each in scores.recorded(connection, ledger, id)],
    }
