"""CSV in blocks: lines that are whole records go to the engine, the rest is read one by one.

A record is as RFC 4180 has it: as many fields as the header, a field in quotes may hold commas,
newlines and doubled quotes. What cannot be read as one is a fault of its first line, and reading
goes on with the next: a quote that is never closed does not swallow the rest of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import LogError
from .columns import PLACE
from .text import (
    BLOCK,
    NOT_UTF8,
    TEXT,
    Block,
    Fault,
    Wanted,
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


def blocks(path: Path, wanted: Wanted, size: int = BLOCK) -> Iterator[Block]:
    """A CSV file with a header, block by block.

    Text in a column of numbers becomes NaN, which no range admits: the record can be read, and the
    row is rejected by its rule, under its key.

    Args:
        path: the file.
        wanted: the columns to read; others are left aside.
        size: about how many bytes a block takes.

    Raises:
        LogError: there is no header, or two columns have one name.
    """
    names: list[str] = []
    kept = pl.DataFrame(schema={PLACE: pl.Int64, TEXT: pl.String})
    for first, chunk in chunks(path, size):
        lines = pl.concat([kept, lines_of(chunk, first)])
        if not names:
            names, lines = _header(path, lines)
        block, kept = _block(lines, names, wanted, last=False)
        yield block
    if not names:
        raise LogError("no header", path=str(path), hint="the first line names the columns")
    if len(kept):
        yield _block(kept, names, wanted, last=True)[0]


def _header(path: Path, lines: pl.DataFrame) -> tuple[list[str], pl.DataFrame]:
    """The names of the columns, and the lines below."""
    texts = lines[TEXT].to_list()
    record, taken = _record(texts, 0)
    if isinstance(record, Fault):
        raise LogError(f"not {record.expected}", path=f"{path}, line 1")
    names = ["" if name is None else name for name in record]
    for name in names:
        if name and names.count(name) > 1:
            raise LogError("two columns of one name", path=str(path), value=name)
    return names, lines.slice(taken)


def _block(
    lines: pl.DataFrame, names: list[str], wanted: Wanted, *, last: bool
) -> tuple[Block, pl.DataFrame]:
    """A block, and the lines of a record that may go on in the next."""
    text = pl.col(TEXT)
    record = rf"^{_FIELD}(?:,{_FIELD}){{{len(names) - 1}}}$"
    whole = text.str.contains(record) & ~text.str.contains(_BLANK)
    fits = lines.select(whole.fill_null(False)).to_series()
    odd: dict[int, list[str | None]] = {}
    faults: list[tuple[int, Fault]] = []
    kept = lines.clear()
    blank = 0
    if not fits.all():
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
                kept = lines.slice(place)
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
        sound = fits.scatter(within, False) if within else fits
        lines = lines.head(len(lines) - len(kept)).filter(sound.head(len(lines) - len(kept)))
    rows = pl.concat([_parsed(lines, names, wanted), _as_frame(odd, names, wanted)])
    rows, unread = _typed(rows.sort(PLACE) if odd else rows, wanted)
    every = pl.concat([faults_frame(faults), unread]).sort("line")
    return Block(rows, every, blank), kept


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


def _parsed(lines: pl.DataFrame, names: list[str], wanted: Wanted) -> pl.DataFrame:
    """Lines that are records, in columns of text."""
    places = [place for place, name in enumerate(names) if name in wanted.types]
    texts = [names[place] for place in places]
    if not len(lines):
        return pl.DataFrame(schema={**dict.fromkeys(texts, pl.String), PLACE: pl.Int64})
    if not places:
        return lines.select(PLACE)
    content = joined(lines[TEXT])
    read = pl.read_csv(content, has_header=False, infer_schema=False, columns=places)
    read.columns = texts
    return read.with_columns(lines[PLACE])


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
        if dtype == pl.Float64:
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
