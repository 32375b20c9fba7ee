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
from functools import cache
from hashlib import sha256
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple, cast

from attrs import NOTHING, evolve, fields

from ..errors import InvalidValue, JournalError
from ..expectations import Expectation
from ..handling import Handling
from ..plan import Plan, PlannedTouchpoint
from ..readings import Reading
from ..touchpoints import EventKey, State, Touchpoint

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
_UNSAID: dict[str, tuple[Any, ...]] = {
    "readings": ((),),
    "state": (State.DELIVERED, State.NOT_YET),  # which follow from what was delivered
}
"""Values, besides its default, for which a field is left out."""


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
    return _object_of(touchpoint)


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
    return [json.loads(_object_of(item)) for item in plan.items]


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


# -- records as JSON, and back ---------------------------------------------------------------------


def _plain(value: Any) -> str:
    kind = type(value)
    if kind is float:
        return repr(value + 0.0)  # -0.0, which equals 0.0, is written like it
    if isinstance(value, str):  # the members of closed lists too
        return encode_basestring_ascii(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    raise InvalidValue(f"a {kind.__name__} is nothing that the journal stores", value=value)


def _time(at: datetime) -> str:
    return str(ticks(at))


def _readings(given: Iterable[tuple[str, Reading]]) -> str:
    objects = (f'{{"factor":{_plain(name)},{_members(reading)}}}' for name, reading in given)
    return f"[{','.join(objects)}]"


def _named(reference: str | EventKey) -> str:
    """A reference as an object, of one shape whether or not its event is of the same source."""
    if isinstance(reference, str):
        return f'{{"id":{_plain(reference)},"same_source":true}}'
    source, id = reference
    return f'{{"source":{"null" if source is None else _plain(source)},"id":{_plain(id)}}}'


def _reference(stored: Mapping[str, Any]) -> str | EventKey:
    return stored["id"] if "same_source" in stored else (stored["source"], stored["id"])


class _Field(NamedTuple):
    """A field that is stored: its attribute, its argument, its column, its default."""

    attribute: str
    name: str
    column: str
    default: Any


@cache
def _stored(kind: Any) -> tuple[_Field, ...]:
    renamed = _RENAMED.get(kind, {})
    return tuple(
        _Field(
            each.name,
            name := str(each.alias),
            renamed.get(name, name),
            None if each.default is NOTHING else each.default,
        )
        for each in fields(kind)
        if each.init and each.alias not in _OF_THE_KEY
    )


def _object_of(record: Any) -> str:
    return f"{{{_members(record)}}}"


def _members(record: Any) -> str:
    """The fields of a record as members of a JSON object; those of a part stand beside them."""
    return _writer(record.__class__)(record)


@cache
def _writer(kind: type) -> Callable[[Any], str]:
    """What writes the members of records of a class, as attrs makes its methods: out of source.

    A loop over the fields would take longer than all the rest of an append in a batch: most of
    them say nothing.
    """
    known: dict[str, Any] = {}
    lines = ["def write(record):", " members = []"]
    for n, (attribute, name, column, default) in enumerate(_stored(kind)):
        # a number that equals its default need not be the same object
        number = isinstance(default, (int, float))
        known[f"default_{n}"] = default
        known[f"unsaid_{n}"] = _UNSAID.get(name, (default,) if number else ())
        known[f"start_{n}"] = "" if name in PARTS else f'"{column}":'
        known[f"write_{n}"] = _WRITTEN.get(name, _plain)
        lines += [
            f" value = record.{attribute}",
            f" if value is not default_{n} and value not in unsaid_{n}:",
            f"  members.append(start_{n} + write_{n}(value))",
        ]
    lines += [" return ','.join(members)"]
    exec("\n".join(lines), known)
    return cast(Callable[[Any], str], known["write"])


_WRITTEN: dict[str, Callable[[Any], str]] = {
    "readings": _readings,
    **dict.fromkeys(PARTS, _members),
    **dict.fromkeys(TIMES, _time),
    **dict.fromkeys(REFERENCES, _named),
}
"""How fields are written that are no plain values."""


def _object(kind: type, row: Mapping[str, Any], **given: Any) -> Any:
    for _, name, column, _ in _stored(kind):
        if name in PARTS:
            part = PARTS[name]
            if any(each.column in row for each in _stored(part)):
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
