"""What an event says, as it is stored: one row of a journey log, in JSON.

The names are those of the columns of a log (the readings of a touchpoint are a list of such rows),
fields that have their default are left out, and times are microseconds since 1970. So a journal
becomes a dataframe without a line of Python for each event, and a field that the model gains is
stored without a migration.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, NamedTuple

from attrs import NOTHING, evolve, fields

from ..errors import InvalidValue, JournalError
from ..expectations import Expectation
from ..handling import Handling
from ..plan import Plan, PlannedTouchpoint
from ..readings import Reading
from ..touchpoints import EventKey, Touchpoint

VERSION = 1
"""The version of the format. Fields may be added to it; what else changes is a new version."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)

PARTS: dict[str, type] = {"anticipated": Expectation, "handling": Handling}
"""Fields that hold a record: its fields stand beside the others, as in a log."""

TIMES = frozenset({"at", "as_of", "promised_at", "due"})
REFERENCES = frozenset({"recovers", "supersedes", "regards"})

_RENAMED: dict[type, dict[str, str]] = {
    Touchpoint: {"name": "touchpoint"},
    Reading: {"weight": "factor_weight"},
    Expectation: {"value": "anticipated"},
}
_OF_THE_KEY = frozenset({"id", "source"})
_encode = json.JSONEncoder(separators=(",", ":")).encode


def ticks(at: datetime) -> int:
    """A moment in microseconds since 1970.

    >>> ticks(datetime(1970, 1, 1, 1, tzinfo=UTC))
    3600000000
    """
    return (at - EPOCH) // TICK


def moment_of(ticks: int) -> datetime:
    """The moment that so many microseconds after 1970 is.

    >>> moment_of(3_600_000_000).hour
    1
    """
    return EPOCH + ticks * TICK


def written(touchpoint: Touchpoint) -> str:
    """What an event says besides its source and id, as JSON.

    >>> written(Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, id="v1"))
    '{"touchpoint":"hotel.valet","anticipated":0.6,"delivered":0.9}'
    """
    return _encode(_row(touchpoint))


def read(content: str, version: int, source: str | None, id: str) -> Touchpoint:
    """The event that was written.

    Raises:
        JournalError: it was written by a newer version of the library, or is damaged.

    >>> valet = Touchpoint("hotel.valet", delivered=0.9, id="v1", team="north")
    >>> read(written(valet), VERSION, None, "v1") == valet
    True
    """
    if version != VERSION:
        raise JournalError(
            f"an event of format {version}, where this library knows {VERSION}",
            path="event",
            value=version,
            hint="update journeyscore",
        )
    try:
        found: Touchpoint = _object(Touchpoint, json.loads(content), source=source, id=id)
        return found
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        raise JournalError(
            f"an event that cannot be read ({type(error).__name__})", path="event"
        ) from error


def plan_as_data(plan: Plan) -> list[dict[str, Any]]:
    """A plan as plain data.

    >>> plan_as_data(Plan(["hotel.valet"]))
    [{'name': 'hotel.valet'}]
    """
    return [_row(item) for item in plan.items]


def plan_of(data: Iterable[Mapping[str, Any]]) -> Plan:
    """The plan in plain data.

    >>> plan_of([{"name": "hotel.valet"}]) == Plan(["hotel.valet"])
    True
    """
    return Plan([_object(PlannedTouchpoint, each) for each in data])


def with_ids(touchpoints: Iterable[Touchpoint]) -> list[Touchpoint]:
    """Events of one journey in which those without an id have one made of what they say.

    A feed without ids, sent again from its beginning, has the same ones. Events that say the same
    are counted through, so that three equal ones stay three.

    >>> smile = Touchpoint("gym.desk", delivered=0.9)
    >>> one, other = with_ids([smile, smile])
    >>> one.id != other.id, with_ids([smile])[0].id == one.id
    (True, True)
    """
    seen: dict[tuple[str | None, str], int] = {}
    identified = []
    for touchpoint in touchpoints:
        if touchpoint.id is None:
            content = (touchpoint.source, written(touchpoint))
            seen[content] = n = seen.get(content, 0) + 1
            digest = sha256(json.dumps([*content, n]).encode()).hexdigest()
            touchpoint = evolve(touchpoint, id=f"~{digest[:24]}")
        identified.append(touchpoint)
    return identified


# -- records as rows, and back -------------------------------------------------------------------


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is float:
        return value + 0.0  # -0.0, which equals 0.0, is written like it
    if kind is str or kind is bool or kind is int:
        return value
    if isinstance(value, Enum):
        return value.value
    raise InvalidValue(f"a {kind.__name__} is nothing that the journal stores", value=value)


def _readings(given: Iterable[tuple[str, Reading]]) -> list[dict[str, Any]]:
    return [{"factor": factor, **_row(reading)} for factor, reading in given]


def _named(reference: str | EventKey) -> dict[str, Any]:
    """A reference as an object, of one shape whether or not its event is of the same source."""
    if isinstance(reference, str):
        return {"id": reference, "same_source": True}
    return {"source": reference[0], "id": reference[1]}


def _reference(stored: Mapping[str, Any]) -> str | EventKey:
    return stored["id"] if "same_source" in stored else (stored["source"], stored["id"])


_WRITTEN: dict[str, Callable[[Any], Any] | None] = {
    "readings": _readings,
    **dict.fromkeys(PARTS),
    **dict.fromkeys(TIMES, ticks),
    **dict.fromkeys(REFERENCES, _named),
}
"""How fields are written that are no plain values; None: a record of fields."""


class _Field(NamedTuple):
    """A field that is stored: its argument, its column, its default, how it is written."""

    name: str
    column: str
    default: Any
    write: Callable[[Any], Any] | None


@cache
def _form(kind: Any) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[_Field, ...]]:
    """How a record is stored: what gets the values of all its fields at once, and the fields."""
    stored = [each for each in fields(kind) if each.init and each.alias not in _OF_THE_KEY]
    renamed = _RENAMED.get(kind, {})
    return attrgetter(*(each.name for each in stored)), tuple(
        _Field(
            name := str(each.alias),
            renamed.get(name, name),
            None if each.default is NOTHING else each.default,
            _WRITTEN.get(name, _plain),
        )
        for each in stored
    )


def _row(record: Any) -> dict[str, Any]:
    row: dict[str, Any] = {}
    values, stored = _form(record.__class__)
    for value, (_, column, default, write) in zip(values(record), stored):  # noqa: B905
        if value is default or value is None or value == default or value == ():
            continue
        if write is None:  # a record, whose fields stand beside the others
            row |= _row(value)
        else:
            row[column] = write(value)
    if type(record) is Touchpoint and row["state"] == _following(record):
        del row["state"]
    return row


def _following(touchpoint: Touchpoint) -> str:
    """The state that follows where none is stored."""
    measured = touchpoint.delivered is not None or touchpoint._readings
    return "delivered" if measured else "not_yet"


def _object(kind: type, row: Mapping[str, Any], **given: Any) -> Any:
    for name, column, _, write in _form(kind)[1]:
        if write is None:
            part = PARTS[name]
            if any(each.column in row for each in _form(part)[1]):
                given[name] = _object(part, row)
        elif column not in row:
            continue
        elif name == "readings":
            given[name] = {each["factor"]: _object(Reading, each) for each in row[name]}
        elif name in TIMES:
            given[name] = moment_of(row[column])
        elif name in REFERENCES:
            given[name] = _reference(row[column])
        else:
            given[name] = row[column]
    return kind(**given)
