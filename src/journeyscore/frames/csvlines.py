"""CSV in blocks: lines that are whole records go to the engine, the rest is read one by one.

A record is as RFC 4180 has it: as many fields as the header, a field in quotes may hold commas,
newlines and doubled quotes. What cannot be read as one is a fault of its first line, and reading
goes on with the next: a quote that is never closed does not swallow the rest of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import LogError
from .columns import PLACE
from .text import (
    BLOCK,
    NOT_UTF8,
    START,
    TEXT,
    Block,
    Fault,
    Mark,
    Wanted,
    ahead,
    chunks,
    faults_frame,
    joined,
    lines_of,
)  # fmt: skip

LONGEST = 100
"""Lines of a record: one that seems longer has a quote that nobody closed."""

_FIELD = r'(?:[^",\x00]*|"(?:[^"\x00]|"")*")'
_RECORD = re.compile(rf"{_FIELD}(?:,{_FIELD})*")
_OPEN = re.compile(rf'(?:{_FIELD},)*"(?:[^"\x00]|"")*')
_CELL = re.compile(r'(?:(")((?:[^"]|"")*)"|([^,]*)),')
_BLANK = r"^[, \t\r]*$"
_TRUTH = {"true": True, "false": False, "1": True, "0": False}


def blocks(path: Path, wanted: Wanted, size: int = BLOCK, start: Mark = START) -> Iterator[Block]:
    """A CSV file with a header, block by block.

    Text in a column of numbers becomes NaN, which no range admits: the record can be read, and the
    row is rejected by its rule, under its key.

    Args:
        path: the file.
        wanted: the columns to read; others are left aside.
        size: about how many bytes a block takes.
        start: where to begin; at the beginning there is the header.

    Raises:
        LogError: there is no header, or two columns have one name.
    """
    names, below = _header(path)
    start = start if start.byte else below
    kept = b""  # a record that may go on in the next chunk

    def alone(placed: tuple[Mark, bytes]) -> tuple[Mark, bytes, Block]:
        return *placed, _block(*placed, names, wanted, last=False)

    for begun, chunk, block in ahead(chunks(path, size, start), alone):
        if kept:
            chunk = kept + chunk
            block = _block(start, chunk, names, wanted, last=False)
        else:
            start = begun
        kept = chunk[block.end.byte - start.byte :]
        start = block.end
        yield block
    if kept or start == below:  # a header alone has columns, too
        yield _block(start, kept, names, wanted, last=True)


def _header(path: Path) -> tuple[list[str], Mark]:
    """The names of the columns, and where the lines below begin."""
    start = START
    head: list[bytes] = []
    for begun, line in islice(chunks(path, 1), LONGEST):
        start = begun if not head else start
        head.append(line)
    if not head:
        raise LogError("no header", path=str(path), hint="the first line names the columns")
    record, taken = _record(lines_of(b"".join(head), 1)[TEXT].to_list(), 0)
    if isinstance(record, Fault):
        raise LogError(f"not {record.expected}", path=f"{path}, line 1")
    names = ["" if name is None else name for name in record]
    for name in names:
        if name and names.count(name) > 1:
            raise LogError("two columns of one name", path=str(path), value=name)
    return names, start.after(b"".join(head[:taken]))


def _block(start: Mark, chunk: bytes, names: list[str], wanted: Wanted, *, last: bool) -> Block:
    """A block, which ends before a record that may go on in the next chunk."""
    lines = lines_of(chunk, start.line)
    end = start.after(chunk)
    text = pl.col(TEXT)
    plain = b'"' not in chunk and b"\0" not in chunk  # then every comma parts two fields
    if plain:
        whole = text.str.count_matches(",", literal=True) == len(names) - 1
    else:
        whole = text.str.contains(rf"^{_FIELD}(?:,{_FIELD}){{{len(names) - 1}}}$")
    whole &= ~text.str.contains(_BLANK)
    fits = lines.select(whole.fill_null(False)).to_series()
    if fits.all():
        rows, unread = _read(chunk, lines[PLACE], names, wanted, plain=plain)
        return Block(rows, unread, 0, end)
    odd: dict[int, list[str | None]] = {}
    faults: list[tuple[int, Fault]] = []
    blank = 0
    within: list[int] = []  # lines that look whole, yet are the inside of a record
    texts = lines[TEXT]
    after = 0
    for place in (~fits).arg_true():
        if place < after:  # inside of a record
            continue
        window = texts.slice(place, LONGEST).to_list()
        if window[0] is not None and re.match(_BLANK, window[0]):
            blank += 1
            continue
        found, taken = _record(window, 0)
        if taken == 0 and not last and len(window) < LONGEST:
            end = start.after(_without_last(chunk, len(lines) - place))
            lines, fits = lines.head(place), fits.head(place)
            break
        taken = max(taken, 1)
        after = place + taken
        within += range(place + 1, after)
        line = lines[PLACE][place]
        if not isinstance(found, Fault) and len(found) != len(names):
            found = Fault(None, f"a record of {len(names)} fields", len(found))
        if not isinstance(found, Fault):
            odd[line] = found
        else:
            faults.append((line, found))
    lines = lines.filter(fits.scatter(within, False) if within else fits)
    rows, unread = _read(joined(lines[TEXT]), lines[PLACE], names, wanted, plain=plain)
    if odd:
        others, more = _typed(_as_frame(odd, names, wanted), wanted)
        rows, unread = pl.concat([rows, others]).sort(PLACE), pl.concat([unread, more])
    every = pl.concat([faults_frame(faults), unread]).sort("line")
    return Block(rows, every, blank, end)


def _without_last(chunk: bytes, count: int) -> bytes:
    """A chunk without its last lines."""
    end = len(chunk) - chunk.endswith(b"\n")
    for _ in range(count):
        end = chunk.rfind(b"\n", 0, end)
    return chunk[: end + 1]


def _record(lines: list[str | None], place: int) -> tuple[list[str | None] | Fault, int]:
    """The record that begins with a line, and how many lines it takes; 0 if it never ends."""
    text = ""
    for taken, line in enumerate(lines[place : place + LONGEST], start=1):
        if line is None:
            return (NOT_UTF8 if taken == 1 else _UNCLOSED), 1
        text = line if taken == 1 else f"{text}\n{line}"
        if _RECORD.fullmatch(text):
            return _fields(text), taken
        if not _OPEN.fullmatch(text):
            return (Fault(None, "text without null bytes") if "\0" in text else _UNCLOSED), 1
    return _UNCLOSED, 0


_UNCLOSED = Fault(None, "a record with every quote closed, and doubled within quotes")


def _fields(record: str) -> list[str | None]:
    """The fields of a record; null where there is nothing, not even quotes."""
    return [
        quoted.replace('""', '"') if quote else plain or None
        for quote, quoted, plain in _CELL.findall(record + ",")
    ]


def _read(
    content: bytes, place: pl.Series, names: list[str], wanted: Wanted, *, plain: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines that are records, in columns; and the faults, where that cannot be said in them."""
    places = [place for place, name in enumerate(names) if name in wanted.types]
    types = {names[place]: wanted.types[names[place]] for place in places}
    if not len(place):
        return pl.DataFrame(schema={**types, PLACE: pl.Int64}), faults_frame([])
    if not places:
        return place.to_frame(), faults_frame([])
    # the engine reads numbers as they are read from text, but for what only looks like one
    header = ",".join(map(str, range(len(names)))).encode() + b"\n"
    numbers = {
        str(place): pl.Float64 for place in places if wanted.types[names[place]] == pl.Float64
    }
    read = partial(
        pl.read_csv, header + content, infer_schema=False, columns=list(map(str, places)),
        quote_char=None if plain else '"',
    )  # fmt: skip
    try:
        rows = read(schema_overrides=numbers)
    except pl.exceptions.ComputeError:
        rows = read()
    rows.columns = list(types)
    return _typed(rows.with_columns(place), wanted)


def _as_frame(
    records: Mapping[int, list[str | None]], names: list[str], wanted: Wanted
) -> pl.DataFrame:
    """Records by their line, as columns of text."""
    columns: dict[str, Any] = {
        name: [record[place] for record in records.values()]
        for place, name in enumerate(names)
        if name in wanted.types
    }
    texts = dict.fromkeys(columns, pl.String)
    return pl.DataFrame({**columns, PLACE: list(records)}, schema={**texts, PLACE: pl.Int64})


def _typed(rows: pl.DataFrame, wanted: Wanted) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Columns of text as what they must be; and the faults, where that cannot be said in them."""
    reads, bad = [], []
    for name in rows.columns:
        text = pl.col(name)
        dtype = wanted.types.get(name)
        if dtype == pl.Float64 and rows.schema[name] == pl.String:
            number = text.str.strip_chars().cast(pl.Float64, strict=False)
            unreadable = text.is_not_null() & number.is_null()
            reads.append(pl.when(unreadable).then(float("nan")).otherwise(number).alias(name))
        elif dtype == pl.Boolean:
            lower = text.str.to_lowercase()
            truth = lower.replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean)
            reads.append(truth.alias(name))
            bad.append(pl.when(text.is_not_null() & truth.is_null()).then(pl.lit(name)))
    if not bad:
        return rows.with_columns(reads), faults_frame([])
    rows = rows.with_columns(*reads, pl.coalesce(bad).alias(_BAD))
    wrong = rows.filter(pl.col(_BAD).is_not_null()).select(PLACE, _BAD).iter_rows()
    faults = [(line, Fault(name, "true or false")) for line, name in wrong]
    return rows.filter(pl.col(_BAD).is_null()).drop(_BAD), faults_frame(faults)


_BAD = "_bad"
"""The first column of a record in which truth is told by neither true nor false."""
