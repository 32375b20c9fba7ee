"""Journeys: opened, closed, abandoned, and what is known of them besides their events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from attrs import fields
from sqlalchemy import ColumnElement, Connection, func, select, update

from ..errors import InvalidValue, WrongType, described
from ..journey import Journey, JourneyState
from ..policy import Policy
from ..scorecard import Scorecard
from ..tally import Tally
from ..telemetry.origin import Origin
from . import appending, folding, forgetting, scores
from .content import moment_of, plan_as_data, ticks
from .ledgers import Ledger, key_text
from .tables import SUMS, AnyRow, guest, journey, kept, sums_of, tally_of

COLUMNS = ("type", "customer", "site")
"""What is known of a journey in columns of their own; all else is in ``facts``."""

_NO_FACTS = frozenset(
    {"id", "touchpoints", "state", "ref", "plan", "feedback", "retracted", *COLUMNS}
)


Scored = tuple[Scorecard, Origin | None]
"""A scorecard, and the origin that the span which tells of it is linked to."""


class Known(NamedTuple):
    """What is known of a journey without looking at its events.

    Attributes:
        id, type, state, ref, customer, site: as in `Journey`.
        guests: everyone on it, the one it is booked for first.
        origin: the trace context of its first span, for links; None where nothing traces.
        opened, touched, ended: when; the last time that something was recorded.
        tally: the sums so far.
    """

    id: str
    type: str | None
    state: JourneyState
    ref: str
    customer: str | None
    site: str | None
    guests: tuple[str, ...]
    origin: Origin | None
    opened: datetime
    touched: datetime
    ended: datetime | None
    tally: Tally


def open_journey(
    connection: Connection,
    ledger: Ledger,
    given: Journey,
    guests: Iterable[str],
    origin: Origin | None,
) -> Known:
    """Open a journey, or complete what is known of one; its events are appended.

    Raises:
        InvalidValue: something else is known already, or the journey was forgotten.
    """
    id = key_text(given.id, "journey")
    now = ledger.ticks()
    made = ledger.opened(id, now, sums_of(Tally())) | {"ref": key_text(given.ref, "ref")}
    found = connection.execute(ledger.add_sums, made).one()
    ledger.check_policy(found.policy)
    if forgetting.forgotten(connection, ledger, [id] if found.ref == given.ref else []):
        raise InvalidValue("this journey was forgotten", path="journey", value=id)
    row = folding.journey_row(connection, ledger, id)
    changes: dict[str, Any] = {
        name: _completed(name, getattr(row, name), getattr(given, name))
        for name in COLUMNS
        if getattr(given, name) is not None
    }
    facts = _facts(folding.facts_of(row), given, origin)
    connection.execute(
        update(journey)
        .where(journey.c.tenant == ledger.tenant, journey.c.id == id)
        .values(facts=json.dumps(facts) if facts else None, **changes)
    )
    booked = changes.get("customer", row.customer)
    for customer in guests:
        if key_text(customer, "guests") != booked:
            row_of_guest = {"tenant": ledger.tenant, "journey": id, "customer": customer}
            connection.execute(ledger.insert_once(guest), row_of_guest)
    if given.events:
        appending.append(connection, ledger, [(id, each) for each in given.events])
    for source, event_id in given.retracted:
        appending.retract(connection, ledger, id, event_id, source)
    return known(connection, ledger, id)


def _completed(name: str, before: str | None, said: str) -> str:
    key_text(said, name)
    if before not in (None, said):
        raise InvalidValue(
            "this journey is known with another",
            path=name,
            value=said,
            hint="guests= for further ones, merge() for two ids" if name == "customer" else "",
        )
    return said


def _facts(before: Mapping[str, Any], given: Journey, origin: Origin | None) -> dict[str, Any]:
    """What is known besides the columns: what was known before stays, answers are added."""
    facts = dict(before)
    said: dict[str, Any] = {
        each.alias: getattr(given, each.name)
        for each in fields(Journey)
        if each.init and each.alias and each.alias not in _NO_FACTS
    }
    if given.plan is not None:
        said["plan"] = plan_as_data(given.plan)
    for name, value in said.items():
        if value is None:
            continue
        if facts.setdefault(name, value) != value:
            raise InvalidValue("this journey is known with another", path=name)
    if given.feedback:
        facts["feedback"] = {**facts.get("feedback", {}), **given.feedback}
    if origin is not None:
        facts.setdefault("origin", list(origin))
    return facts


def known(connection: Connection, ledger: Ledger, id: str) -> Known:
    """What is known of a journey.

    Raises:
        UnknownName: the journal has no such journey.
    """
    row = folding.journey_row(connection, ledger, id)
    origin = folding.facts_of(row).get("origin")
    return Known(
        id=id,
        type=row.type,
        state=JourneyState(row.state),
        ref=row.ref,
        customer=row.customer,
        site=row.site,
        guests=tuple(forgetting.guests_of(connection, ledger, row)),
        origin=None if origin is None else Origin(*origin),
        opened=moment_of(row.opened),
        touched=moment_of(row.touched),
        ended=None if row.ended is None else moment_of(row.ended),
        tally=tally_of(row),
    )


def scored(
    connection: Connection,
    ledger: Ledger,
    id: str,
    policy: Policy | None,
    market: Any,
    now: datetime | None,
) -> Scored:
    """The scorecard of a journey as it is now."""
    card = scores.card_of(connection, ledger, id, policy, market, now)
    return card, known(connection, ledger, id).origin


def close(connection: Connection, ledger: Ledger, id: str) -> Scored:
    """End a journey and record its score; of one that had ended, its score as it is now.

    Raises:
        UnknownName: the journal has no such journey.
    """
    ended = _end(connection, ledger, id, JourneyState.CLOSED)
    return ended or scored(connection, ledger, id, None, None, None)


def abandon(connection: Connection, ledger: Ledger, idle: timedelta) -> list[Scored]:
    """End the open journeys in which nothing was recorded for this long; their scores.

    Raises:
        WrongType: it is no duration.
    """
    if not isinstance(idle, timedelta):
        raise WrongType(f"{described(idle)} is not a duration", path="idle", value=idle)
    since = ticks(ledger.now() - idle)
    ids = connection.scalars(
        select(journey.c.id)
        .where(
            journey.c.tenant == ledger.tenant,
            journey.c.state == JourneyState.OPEN.value,
            journey.c.touched < since,
        )
        .order_by(journey.c.id)
    ).all()
    ended = (_end(connection, ledger, id, JourneyState.ABANDONED, since) for id in ids)
    return [each for each in ended if each is not None]


def _end(
    connection: Connection,
    ledger: Ledger,
    id: str,
    state: JourneyState,
    idle_since: int | None = None,
) -> Scored | None:
    """End a journey and record its score; None if it had ended, or was not idle after all."""
    now = ledger.ticks()
    changed = connection.execute(
        update(journey)
        .where(
            journey.c.tenant == ledger.tenant,
            journey.c.id == id,
            journey.c.state == JourneyState.OPEN.value,
            *([] if idle_since is None else [journey.c.touched < idle_since]),
        )
        .values(state=state.value, ended=now)
    )
    if not changed.rowcount:
        return None
    ended = scored(connection, ledger, id, None, None, None)
    scores.put(connection, ledger, ended[0])
    return ended


def tallies(connection: Connection, ledger: Ledger, by: str | None) -> dict[str | None, Tally]:
    """The sums of all journeys, by site or type; those of forgotten ones are among them.

    Raises:
        InvalidValue: neither of the two.
    """
    if by not in (None, "site", "type"):
        raise InvalidValue(f"{described(by)} is neither site nor type", path="by", value=by)
    found: dict[str | None, Tally] = {}
    for table in (journey, kept):
        key = table.c[by] if by is not None else None
        summed = select(*(func.sum(table.c[name]).label(name) for name in SUMS))
        summed = summed.where(table.c.tenant == ledger.tenant)
        if key is not None:
            summed = summed.add_columns(key.label("key")).group_by(key)
        for row in connection.execute(summed):
            group: str | None = (row.key or None) if by is not None else None
            found[group] = found.get(group, Tally()) + tally_of(row)
    return found


def pages(connection: Connection, ledger: Ledger, size: int) -> Iterator[list[AnyRow]]:
    """The rows of all journeys, in the order of their ids, so many at a time."""
    after = ""
    while True:
        rows = list(
            connection.execute(
                select(journey)
                .where(journey.c.tenant == ledger.tenant, journey.c.id > after)
                .order_by(journey.c.id)
                .limit(size)
            )
        )
        if not rows:
            return
        yield rows
        after = rows[-1].id


def between(column: ColumnElement[str], first: str, last: str) -> tuple[ColumnElement[bool], ...]:
    """That a key is from the first to the last; BETWEEN takes no collation in PostgreSQL."""
    return (column >= first, column <= last)
