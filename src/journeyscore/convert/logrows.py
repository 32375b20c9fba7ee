"""Journeys as the rows of a journey log: what `journeys` reads, written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from ..expectations import Expectation, usable
from ..journey import Journey
from ..readings import TOLERANCE, Reading
from ..touchpoints import EventKey, State, Touchpoint
from . import jsontext
from .documents import REFERENCE, converter
from .rows import COLUMNS, FEEDBACK, Reference, Row
from .strict import is_optional, resolved

__all__ = [
    "log_rows",
]


REFERENCES = tuple(
    each.name for each in attrs.fields(resolved(Row)) if is_optional(each.type) is Reference
)
"""The columns that name another event."""

_SPECIAL = {
    Journey: ("id", "state"),  # of the journey, where the columns are the event's
    Touchpoint: ("name", "anticipated", "readings", "state"),
    Reading: ("anticipated",),
}
"""Fields that are no columns, or not as they are."""


def log_rows(journeys: Iterable[Journey]) -> list[dict[str, Any]]:
    """The rows of a journey log, with plain values: a JSON object each, scored as the journeys are.

    A touchpoint of several readings is a row for each, under one id, made of its content where it
    has none. What a log has no column for is left out: the plan, the state and the type of the
    journey, answers but ``csat``, ``nps`` and ``ces``, and the tolerance of a reading of which
    nobody anticipated anything that can be used.

    >>> stay = Journey("stay-1", [Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9)])
    >>> log_rows([stay])[0]["delivered"]
    0.9
    """
    return [row for journey in journeys for row in _rows(journey)]


def _rows(journey: Journey) -> list[dict[str, Any]]:
    common = {"journey": journey.id, **_columns(journey)}
    rows = [
        common | row
        for place, event in enumerate(journey.events)
        for row in _of_touchpoint(event, journey.id, place)
    ]
    timed = next((event.at for event in journey.events if event.at is not None), None)
    for key in journey.retracted:
        retracted = next((event for event in journey.events if event.key == key), None)
        row = {"touchpoint": retracted.name if retracted else "retracted", "retracts": _key(key)}
        if timed is not None:  # a journey has all of its times or none
            row["at"] = timed.isoformat()
        rows.append(common | row)
    said = {name: value for name, value in journey.feedback.items() if name in FEEDBACK}
    if said and rows:
        rows[0] |= said
    return rows


def _of_touchpoint(event: Touchpoint, journey: str, place: int) -> list[dict[str, Any]]:
    row: dict[str, Any] = {"touchpoint": event.name}
    if event.state is not State.DELIVERED:
        row["state"] = event.state.value
    row |= _columns(event)
    row |= _expected(event.anticipated)
    if not event.readings:
        return [row]
    if event.id is None:
        row["id"] = jsontext.digest([journey, place, converter.unstructure(event)])
    return [row | _of_reading(factor, each) for factor, each in event.readings.items()]


def _of_reading(factor: str, reading: Reading) -> dict[str, Any]:
    row = {"factor": factor, **_columns(reading), **_expected(reading.anticipated)}
    if "weight" in row:
        row["factor_weight"] = row.pop("weight")
    expected = usable(reading.anticipated)
    if reading.tolerance != TOLERANCE and expected is not None:  # a log has no column for it
        if reading.adequate is None:
            row["adequate"] = max(0.0, expected.value - reading.tolerance)
        if reading.desired is None:
            row["desired"] = min(1.0, expected.value + reading.tolerance)
    return row


def _columns(thing: Any) -> dict[str, Any]:
    """The fields that are columns and do not have their default.

    A record within a record, which groups facts of one kind, gives its columns likewise.
    """
    found: dict[str, Any] = {}
    for each in attrs.fields(resolved(type(thing))):
        value = getattr(thing, each.name)
        if not each.init or value == each.default or each.alias in _SPECIAL.get(type(thing), ()):
            continue
        if each.alias in COLUMNS:
            is_pair = each.type == REFERENCE and not isinstance(value, str)
            found[each.alias] = _key(value) if is_pair else converter.unstructure(value)
        elif attrs.has(type(value)):
            found |= _columns(value)
    return found


def _expected(expectation: Expectation | None) -> dict[str, Any]:
    if expectation is None:
        return {}
    said = {"anticipated": expectation.value, "basis": expectation.basis.value}
    return _columns(expectation) | said


def _key(key: EventKey) -> dict[str, Any]:
    return {"source": key[0], "id": key[1]}
