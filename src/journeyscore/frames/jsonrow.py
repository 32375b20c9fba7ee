"""One line of JSON as a row, read by Python's json: what is accepted, and what is wrong with it.

These are the rules. What is read of many lines at once, in columns, must be what is read here.
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from .text import Fault, Wanted, is_finite


class _Members(list[tuple[str, Any]]):
    """An object as pairs: a dictionary would keep one of two equal keys."""


def _refused(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_Members, parse_constant=_refused)


def read(line: str, wanted: Wanted) -> dict[str, Any] | Fault:
    """One line as a row of the columns wanted, or what is wrong with it.

    >>> read('{"journey": "a", "delivered": "0.5"}', Wanted.of())
    Fault(field='delivered', expected='a number', given='0.5')
    """
    try:
        members = _decoder.decode(line)
    except (ValueError, RecursionError):
        return Fault(None, "a JSON object")
    if not isinstance(members, _Members):
        return Fault(None, "a JSON object")
    row: dict[str, Any] = {}
    for name, given in members:
        if name not in wanted.types:
            continue
        if name in row:
            return Fault(name, "there once")
        row[name] = value = _checked(name, given, wanted)
        if isinstance(value, Fault):
            return value
    return row


def _checked(name: str, given: Any, wanted: Wanted) -> Any:
    """A value as its column holds it, or the fault that it is."""
    kind, dtype = type(given), wanted.types[name]
    plain = dict(given) if kind is _Members else given
    if given is None:
        return None
    if dtype == pl.Float64:
        if kind not in (int, float):
            return Fault(name, "a number", plain)
        return float(given) if is_finite(given) else Fault(name, "a number that a float holds")
    if dtype == pl.Boolean:
        return given if kind is bool else Fault(name, "true or false", plain)
    if kind is str:
        return given if _is_unicode(given) else Fault(name, "text in Unicode", given)
    if kind is int:
        return str(given)
    if kind is _Members and name in wanted.references:
        pair = _pair(given)
        return Fault(name, "an id, or an object of source and id") if pair is None else pair
    # a fraction is not told: it stands where an id is wanted
    return Fault(name, "text or a whole number", None if kind is float else plain)


def _is_unicode(text: str) -> bool:
    """Whether there is no half of a surrogate pair in it."""
    return text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)


def _pair(members: _Members) -> dict[str, str | None] | None:
    """The source and the id that an object names; None if it does not."""
    given = dict(members)
    parts = {name: _checked(name, given.get(name), _PAIR) for name in ("source", "id")}
    if len(given) < len(members) or parts["id"] is None:
        return None
    return None if any(isinstance(part, Fault) for part in parts.values()) else parts


_PAIR = Wanted({"source": pl.String, "id": pl.String}, frozenset(), "source")
