"""OCEL 2.0 in JSON: object-centric event logs of process mining, in and out.

An event of such a log is a payload that a `Mapping` reads::

    {"id": "e1", "type": "Check in", "time": "2026-01-01T12:00:00Z", "attributes": {"desk": 3},
     "objects": {"reservation": [{"id": "r1", "qualifier": "of", "attributes": {...}}]}}

so that ``objects.reservation[0].id`` may be the journey. An object's attributes are those that hold
at the time of the event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any

from ..errors import InvalidValue, LogNotFound, NaiveTime, UnknownName, WrongType, described
from ..journey import Journey
from . import jsontext
from .logrows import REFERENCES, log_rows
from .mapping import Mapping
from .rows import COLUMNS
from .strict import elements, members, time, unicode_text

__all__ = [
    "ocel_mapping",
    "read_ocel",
    "write_ocel",
]


OBJECTS = ("journey", "customer", "site", "team")
"""Columns that are objects in a log that is written here."""

_TYPES = {bool: "boolean", int: "integer", float: "float"}


def read_ocel(path: str | PathLike[str]) -> Iterator[dict[str, Any]]:
    """The events of a log in OCEL 2.0, ``.json`` or ``.jsonocel``, one payload after the other.

    Raises:
        LogNotFound: there is no such file.
        InvalidValue, WrongType: it is not JSON, or not as OCEL 2.0 has it; the path leads there.
        UnknownName: an event is related to an object that is not there.

    >>> import tempfile, pathlib
    >>> from datetime import datetime, UTC
    >>> from journeyscore import Touchpoint
    >>> file = pathlib.Path(tempfile.mkdtemp(), "stays.json")
    >>> valet = Touchpoint("hotel.valet", delivered=0.9, at=datetime(2026, 1, 1, tzinfo=UTC))
    >>> write_ocel([Journey("stay-1", [valet])], file)
    >>> next(read_ocel(file))["objects"]["journey"][0]["attributes"]
    {'id': 'stay-1'}
    """
    file = Path(path)
    if not file.is_file():
        raise LogNotFound("no such file", path=str(file), value=str(file))
    try:
        log = members(jsontext.parsed(file.read_bytes()))
        objects = _objects(elements(log.get("objects", []), "objects"))
        events = elements(log.get("events", []), "events")
        seen: set[str] = set()
        for place, each in enumerate(events):
            event = _event(each, objects, f"events[{place}]")
            if event["id"] in seen:
                raise InvalidValue("an id that is there twice", path=f"events[{place}].id")
            seen.add(event["id"])
            yield event
    except (InvalidValue, UnknownName) as error:
        error.path = f"{file}, {error.path}" if error.path else str(file)
        raise


Values = list[tuple[datetime | None, str, Any]]
"""Values of attributes, each from when on it holds; None: always."""


def _objects(given: list[Any]) -> dict[str, tuple[str, Values]]:
    """The type of each object, and its attributes in the order of their times."""
    found: dict[str, tuple[str, Values]] = {}
    for place, each in enumerate(given):
        path = f"objects[{place}]"
        fields = members(each, path)
        id = unicode_text(fields.get("id"), f"{path}.id")
        if id in found:
            raise InvalidValue("an id that is there twice", path=f"{path}.id", value=id)
        values = _values(fields, path)
        values.sort(key=lambda value: value[0] or _ALWAYS)
        found[id] = (unicode_text(fields.get("type"), f"{path}.type"), values)
    return found


def _event(given: Any, objects: dict[str, tuple[str, Values]], path: str) -> dict[str, Any]:
    fields = members(given, path)
    at = time(fields.get("time"), f"{path}.time", foreign=True)
    related: dict[str, list[dict[str, Any]]] = {}
    relations = elements(fields.get("relationships", []), f"{path}.relationships")
    for place, each in enumerate(relations):
        where = f"{path}.relationships[{place}]"
        relation = members(each, where)
        id = unicode_text(relation.get("objectId"), f"{where}.objectId")
        if id not in objects:
            raise UnknownName(f"no object has this id ({described(id)})", path=where, value=id)
        kind, values = objects[id]
        related.setdefault(kind, []).append({
            "id": id,
            "qualifier": relation.get("qualifier"),
            "attributes": {name: said for since, name, said in values if not since or since <= at},
        })  # fmt: skip
    return {
        "id": unicode_text(fields.get("id"), f"{path}.id"),
        "type": unicode_text(fields.get("type"), f"{path}.type"),
        "time": at.isoformat(),
        "attributes": {name: value for _, name, value in _values(fields, path)},
        "objects": related,
    }


def _values(fields: dict[str, Any], path: str) -> Values:
    values: Values = []
    for place, each in enumerate(elements(fields.get("attributes", []), f"{path}.attributes")):
        where = f"{path}.attributes[{place}]"
        attribute = members(each, where)
        value = attribute.get("value")
        if not isinstance(value, (str, int, float, bool)):
            raise WrongType(f"{described(value)} is not a value", path=f"{where}.value")
        since = attribute.get("time")
        moment = None if since is None else time(since, f"{where}.time", foreign=True)
        values.append((moment, unicode_text(attribute.get("name"), f"{where}.name"), value))
    names = [(since, name) for since, name, _ in values]
    if len(set(names)) < len(names):
        raise InvalidValue("an attribute that is there twice", path=f"{path}.attributes")
    return values


def ocel_mapping() -> Mapping:
    """The mapping that reads what `write_ocel` writes; of other logs write one of your own.

    >>> ocel_mapping().name
    'ocel'
    """
    own = {name: f'attributes."{name}"' for name in COLUMNS if name not in OBJECTS}
    for name in REFERENCES:
        source, id = f'attributes."{name}_source"', own[name]
        own[name] = f"{source} && {{source: {source}, id: {id}}} || {id}"
    objects = {name: f"objects.{name}[0].attributes.id" for name in OBJECTS}
    rule = {**own, **objects, "touchpoint": "type", "at": "time"}
    return Mapping.of({"name": "ocel", "rules": [rule]})


def write_ocel(journeys: Iterable[Journey], path: str | PathLike[str]) -> None:
    """Write journeys as a log in OCEL 2.0: an event for each touchpoint and factor.

    Journeys, customers, sites and teams are its objects.

    Raises:
        NaiveTime: a touchpoint has no time, which every event of OCEL has.
    """
    types: dict[str, dict[str, str]] = {}
    objects: dict[str, dict[str, Any]] = {}
    events = []
    for place, row in enumerate(log_rows(journeys)):
        if "at" not in row:
            raise NaiveTime("a touchpoint without a time", path="at", hint="XES has such events")
        relationships = []
        for name in OBJECTS:
            if name in row:
                id = f"{name}:{row[name]}"
                said = {"name": "id", "value": row[name], "time": _ALWAYS.isoformat()}
                objects[id] = {"id": id, "type": name, "attributes": [said]}
                relationships.append({"objectId": id, "qualifier": name})
        attributes = dict(_flat(row))
        declared = types.setdefault(row["touchpoint"], {})
        declared |= {name: _TYPES.get(type(value), "string") for name, value in attributes.items()}
        events.append({
            "id": f"e{place + 1}",
            "type": row["touchpoint"],
            "time": row["at"],
            "attributes": [{"name": name, "value": value} for name, value in attributes.items()],
            "relationships": relationships,
        })  # fmt: skip
    log = {
        "eventTypes": [_type(name, attributes) for name, attributes in types.items()],
        "objectTypes": [_type(name, {"id": "string"}) for name in OBJECTS],
        "events": events,
        "objects": list(objects.values()),
    }
    Path(path).write_text(jsontext.written(log, indent=1) + "\n", encoding="utf-8")


_ALWAYS = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _type(name: str, attributes: dict[str, str]) -> dict[str, Any]:
    declared = [{"name": each, "type": kind} for each, kind in attributes.items()]
    return {"name": name, "attributes": declared}


def _flat(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The columns that are attributes of an event; another event is its id, and its source."""
    for name, value in row.items():
        if name in (*OBJECTS, "touchpoint", "at"):
            continue
        if isinstance(value, dict):
            if value["source"] is None:
                raise InvalidValue("an event log cannot name an event without a source", path=name)
            yield f"{name}_source", value["source"]
            value = value["id"]
        yield name, value
