"""JSON Lines in blocks: what a pattern proves goes to the engine, the rest to Python's json.

The engine's parser alone would make text of numbers and objects, take one of two equal keys, and
refuse a whole block for one bad line. So a block's lines are first held against a pattern made of
the keys of its first lines: each key at most once, each with a value of its type, no escape that
is not text. A line that fits is what the engine reads; one that does not may still be right (keys
in another order, say), which Python decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from .columns import PLACE
from .text import (
    BLOCK,
    NOT_UTF8,
    PAIR,
    START,
    TEXT,
    Block,
    Fault,
    Mark,
    Wanted,
    ahead,
    chunks,
    faults_frame,
    is_finite,
    joined,
    lines_of,
)  # fmt: skip

SAMPLE = 100
"""Lines of a block whose keys make its pattern."""

MAX_KEYS = 100
"""Keys in a pattern; lines with more are read by Python."""

# JSON, a little narrower: no space but one after a colon or a comma, no number that a float might
# not hold, no surrogates, of which the engine makes something else where they are not in pairs
_STRING = (
    r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|'
    r'\\u(?:[0-9a-ce-fA-CE-F][0-9a-fA-F]|[dD][0-7])[0-9a-fA-F]{2})*"'
)
_WHOLE = r"-?(?:0|[1-9][0-9]{0,17})"
_NUMBER = rf"{_WHOLE}(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{{1,2}})?"
_SCALAR = rf"{_STRING}|{_NUMBER}|true|false|null"
_FLAT = rf"{_SCALAR}|\[(?:(?:{_SCALAR})(?:, ?(?:{_SCALAR}))*)?\]"
_ANY = rf"{_FLAT}|\{{(?:{_STRING}: ?(?:{_FLAT})(?:, ?{_STRING}: ?(?:{_FLAT}))*)?\}}"


def blocks(path: Path, wanted: Wanted, size: int = BLOCK, start: Mark = START) -> Iterator[Block]:
    """A JSON Lines file, block by block.

    Args:
        path: the file.
        wanted: the columns to read; other keys are left aside.
        size: about how many bytes a block takes.
        start: where to begin.
    """
    return ahead(chunks(path, size, start), partial(_block, wanted=wanted))


def _block(placed: tuple[Mark, bytes], wanted: Wanted) -> Block:
    start, chunk = placed
    end = start.after(chunk)
    lines = lines_of(chunk, start.line)
    keys = _keys(islice(lines[TEXT], SAMPLE))
    types = {name: wanted.types[name] for name in keys if name in wanted.types}
    fits = lines.select(_fits(keys, types)).to_series()
    if fits.all():
        return Block(_parsed(chunk, lines[PLACE], types), faults_frame([]), 0, end)
    sound = lines.filter(fits)
    odd, faults, blank = _one_by_one(lines.filter(~fits), wanted)
    rows = wanted.together([_parsed(joined(sound[TEXT]), sound[PLACE], types), odd])
    return Block(rows.sort(PLACE) if len(odd) else rows, faults_frame(faults), blank, end)


def _keys(lines: Iterable[str | None]) -> list[str]:
    """The keys of some lines, in an order that all of them keep, as far as there is one."""
    keys: list[str] = []
    for line in lines:
        try:
            row = json.loads(line or "")
        except (ValueError, RecursionError):
            continue
        place = 0
        for key in row if isinstance(row, dict) else ():
            if key not in keys:
                keys.insert(place, key)
            place = keys.index(key) + 1
        if len(keys) > MAX_KEYS:
            break
    plain = (key for key in keys if key.isprintable() and not {'"', "\\"} & set(key))
    return list(islice(plain, MAX_KEYS))


def _fits(keys: Iterable[str], types: Mapping[str, Any]) -> pl.Expr:
    """Whether a line is an object of these keys, each once at most and of its type, or null."""
    members = (
        rf'(?:"{pl.escape_regex(key)}": ?(?:{_pattern(key, types)})(?:, ?|\}}$))?' for key in keys
    )
    line = pl.col(TEXT)
    fits = line.str.contains(rf"^\{{{''.join(members)}$") & line.str.ends_with("}")
    return fits.fill_null(False)


def _pattern(key: str, types: Mapping[str, Any]) -> str:
    if key not in types:
        return _ANY
    if types[key] == pl.Float64:
        return f"{_NUMBER}|null"
    if types[key] == pl.Boolean:
        return "true|false|null"
    return f"{_STRING}|{_WHOLE}|null"


def _parsed(content: bytes, place: pl.Series, types: Mapping[str, Any]) -> pl.DataFrame:
    """Lines that fit, in columns."""
    if not len(place):
        return pl.DataFrame(schema={**types, PLACE: pl.Int64})
    if not types:
        return place.to_frame()
    return pl.read_ndjson(content, schema=types).with_columns(place)


# -- one line at a time ----------------------------------------------------------------------------


class _Members(list[tuple[str, Any]]):
    """An object as pairs: a dictionary would keep one of two equal keys."""


def _refused(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_Members, parse_constant=_refused)


def _one_by_one(
    lines: pl.DataFrame, wanted: Wanted
) -> tuple[pl.DataFrame, list[tuple[int, Fault]], int]:
    """Lines that did not fit: those that are rows, those that are faults, how many are blank."""
    rows: list[dict[str, Any]] = []
    faults: list[tuple[int, Fault]] = []
    blank = 0
    for place, line in lines.iter_rows():
        if line is not None and not line.strip(" \t\r"):
            blank += 1
            continue
        row = NOT_UTF8 if line is None else read(line, wanted)
        if isinstance(row, Fault):
            faults.append((place, row))
        else:
            rows.append({**row, PLACE: place})
    return _as_frame(rows, wanted), faults, blank


def _as_frame(rows: list[dict[str, Any]], wanted: Wanted) -> pl.DataFrame:
    """Rows with the columns that occur in them; a reference is a struct if any is an object."""
    occurring = dict.fromkeys(name for row in rows for name in row if name != PLACE)
    schema: dict[str, Any] = {name: wanted.types[name] for name in occurring}
    for name in wanted.references & schema.keys():
        if any(isinstance(row.get(name), dict) for row in rows):
            schema[name] = PAIR
            for row in rows:
                if not isinstance(given := row.get(name), dict):
                    row[name] = {"source": row.get(wanted.source), "id": given}
    return pl.DataFrame(rows, schema={**schema, PLACE: pl.Int64})


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
