"""JSON Lines in blocks: what is proven goes to the engine, the rest to Python's json.

The engine's parser is strict in much: it takes a line for one object or refuses the block, and
numbers and truths for nothing else. But it makes text of numbers and objects, takes the first of
two equal keys, leaves unknown ones aside, skips blank lines, and has its own idea of half a
surrogate pair. Whether it did any of that can be counted.

*A block at once.* Its keys and their types are those of its first lines. Say that it has no
backslash, so that every quote begins or ends a string; no bracket, and one brace for each line, so
that objects hold neither objects nor lists; and as many rows as lines. Then

* members <= commas + lines, not counting commas within strings: those between members are one
  fewer than the members of their line;
* filled cells <= members: a cell is filled by a member of its own row and key.

If cells = commas + lines, then all three are equal, and each member fills a cell of its own: no
key is there twice or unknown, and nothing is null. Each member then has one string for its key and
at most one for its value, the latter only in a column of text. So if the strings, of two quotes
each, are as many as the filled cells and the filled cells of text together, no cell of text holds
anything that was none.

*Line by line.* Where a block does not add up, its lines are held against a pattern made of those
keys: each at most once, each with a value of its type, no escape that is not text. A line that
fits is what the engine reads; one that does not may still be right (keys in another order, say),
which Python decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from .columns import PLACE
from .jsonrow import read
from .text import (
    BLOCK,
    NOT_UTF8,
    PAIR,
    START,
    TEXT,
    Block,
    Chunk,
    Fault,
    Mark,
    Wanted,
    ahead,
    chunks,
    faults_frame,
    joined,
    lines_of,
)  # fmt: skip

SAMPLE = 100
"""Lines of a block whose keys are taken for those of all."""

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

_KINDS = {str: pl.String, int: pl.Float64, float: pl.Float64, bool: pl.Boolean}
"""The type of a column by that of a value."""


def blocks(path: Path, wanted: Wanted, size: int = BLOCK, start: Mark = START) -> Iterator[Block]:
    """A JSON Lines file, block by block.

    Args:
        path: the file.
        wanted: the columns to read; other keys are left aside.
        size: about how many bytes a block takes.
        start: where to begin.
    """
    return ahead(chunks(path, size, start), partial(_block, wanted=wanted))


def _block(chunk: Chunk, wanted: Wanted) -> Block:
    keys = _keys(chunk)
    whole = _at_once(chunk, keys, wanted)
    if whole is not None:
        return Block(whole, faults_frame([]), 0, chunk.end)
    types = {name: wanted.types[name] for name in keys if name in wanted.types}
    lines = lines_of(chunk)
    fits = lines.select(_fits(keys, types)).to_series()
    sound = lines.filter(fits)
    odd, faults, blank = _one_by_one(lines.filter(~fits), wanted)
    rows = wanted.together([_parsed(joined(sound[TEXT]), sound[PLACE], types), odd])
    return Block(rows.sort(PLACE) if len(odd) else rows, faults_frame(faults), blank, chunk.end)


def _keys(chunk: Chunk) -> dict[str, Any]:
    """The keys of the first lines, in an order that all of them keep, as far as there is one.

    Each with the type that a column of its values has; None if one is null, an object or a list, or
    they are of several types.
    """
    kinds: dict[str, Any] = {}
    keys: list[str] = []
    for line in islice(BytesIO(chunk.content), SAMPLE):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        place = 0
        for key, value in row.items() if isinstance(row, dict) else ():
            kind = _KINDS.get(type(value))
            if key not in keys:
                keys.insert(place, key)
                kinds[key] = kind
            elif kind != kinds[key]:
                kinds[key] = None
            place = keys.index(key) + 1
        if len(keys) > MAX_KEYS:
            break
    plain = (key for key in keys if key.isprintable() and not {'"', "\\"} & set(key))
    return {key: kinds[key] for key in islice(plain, MAX_KEYS)}


# -- a block at once -------------------------------------------------------------------------------


def _at_once(chunk: Chunk, types: Mapping[str, Any], wanted: Wanted) -> pl.DataFrame | None:
    """The lines as rows, if it adds up that nothing was lost and nothing coerced, else None."""
    as_wanted = all(kind == wanted.types.get(name, kind) for name, kind in types.items())
    if not types or None in types.values() or not as_wanted:
        return None
    if b"\\" in chunk.content or b"[" in chunk.content:
        return None
    try:
        rows = pl.read_ndjson(chunk.content, schema=types)
    except pl.exceptions.ComputeError:
        return None
    lines = chunk.lines
    if len(rows) != lines or chunk.counts["{"] != lines:
        return None
    texts = rows.select(pl.col(pl.String))
    cells = _filled(rows)
    commas = chunk.counts[","]
    if cells < commas + lines:  # some may be within strings
        commas -= sum(int(text.str.count_matches(",", literal=True).sum()) for text in texts)
    if cells != commas + lines or chunk.counts['"'] != 2 * (cells + _filled(texts)):
        return None
    names = [name for name in types if name in wanted.types]
    return rows.with_columns(chunk.place).select(*names, PLACE)


def _filled(rows: pl.DataFrame) -> int:
    """How many cells are not null."""
    return sum(len(column) - column.null_count() for column in rows)


# -- line by line ----------------------------------------------------------------------------------


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
