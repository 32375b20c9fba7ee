"""CSV in blocks: lines that are whole records go to the engine, the rest is read one by one.

In a block without quotes every comma parts two fields. The engine refuses a line with more fields
than the header has; so if the block has as many commas as all its lines need, each has its own.
Otherwise each line is held against a pattern.

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
    kept = Chunk(start, b"")  # a record that may go on in the next chunk

    def alone(chunk: Chunk) -> tuple[Chunk, Block]:
        return chunk, _block(chunk, names, wanted, last=False)

    for chunk, block in ahead(chunks(path, size, start), alone):
        if kept.content:
            chunk = Chunk(kept.start, kept.content + chunk.content)
            block = _block(chunk, names, wanted, last=False)
        kept = Chunk(block.end, chunk.content[block.end.byte - chunk.start.byte :])
        yield block
    if kept.content or kept.start == below:  # a header alone has columns, too
        yield _block(kept, names, wanted, last=True)


def _header(path: Path) -> tuple[list[str], Mark]:
    """The names of the columns, and where the lines below begin."""
    head = list(islice(chunks(path, 1), LONGEST))
    if not head:
        raise LogError("no header", path=str(path), hint="the first line names the columns")
    record, taken = _record([lines_of(line)[TEXT].item() for line in head])
    if isinstance(record, Fault):
        raise LogError(f"not {record.expected}", path=f"{path}, line 1")
    names = ["" if name is None else name for name in record]
    if len(names) == 1 and (mark := next((each for each in ";\t|" if each in names[0]), "")):
        said = "tabs" if mark == "\t" else f"'{mark}'"
        raise LogError(
            f"fields separated by {said}",
            path=f"{path}, line 1",
            value=mark,
            hint="write them with commas",
        )
    for name in names:
        if name and names.count(name) > 1:
            raise LogError("two columns of one name", path=str(path), value=name)
    return names, head[taken - 1].end


def _block(chunk: Chunk, names: list[str], wanted: Wanted, *, last: bool) -> Block:
    """A block, which ends before a record that may go on in the next chunk."""
    plain = b'"' not in chunk.content and b"\0" not in chunk.content
    if plain and (proven := _at_once(chunk, names, wanted)) is not None:
        return Block(*proven, 0, chunk.end)
    lines = lines_of(chunk)
    end = chunk.end
    text = pl.col(TEXT)
    if plain:
        whole = text.str.count_matches(",", literal=True) == len(names) - 1
    else:
        whole = text.str.contains(rf"^{_FIELD}(?:,{_FIELD}){{{len(names) - 1}}}$")
    whole &= ~text.str.contains(_BLANK)
    fits = lines.select(whole.fill_null(False)).to_series()
    if fits.all():
        rows, unread = _read(chunk.content, lines[PLACE], names, wanted, plain=plain)
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
        found, taken = _record(window)
        if taken == 0 and not last and len(window) < LONGEST:
            end = Chunk(chunk.start, _without_last(chunk.content, len(lines) - place)).end
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


def _at_once(
    chunk: Chunk, names: list[str], wanted: Wanted
) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """The lines of a chunk without quotes, as `_read` has them, if each is a record, else None."""
    if chunk.counts[","] != chunk.lines * (len(names) - 1):
        return None
    if chunk.content.endswith(b","):  # at the very end the engine lets one too many pass
        return None
    try:
        rows, unread = _read(chunk.content, chunk.place, names, wanted, plain=True, every=True)
    except pl.exceptions.ComputeError:
        return None
    texts = (column for column in rows if column.dtype == pl.String)
    return (rows, unread) if any(_never_blank(column) for column in texts) else None


def _never_blank(texts: pl.Series) -> bool:
    """Whether each text begins with more than a blank: then no line is blank."""
    return texts.null_count() == 0 and bool((texts >= "!").all())


def _without_last(content: bytes, count: int) -> bytes:
    """Lines without the last ones."""
    end = len(content) - content.endswith(b"\n")
    for _ in range(count):
        end = content.rfind(b"\n", 0, end)
    return content[: end + 1]


def _record(lines: list[str | None]) -> tuple[list[str | None] | Fault, int]:
    """The record that some lines begin with, and how many it takes; 0 if it never ends."""
    text = ""
    for taken, line in enumerate(lines, start=1):
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
    content: bytes,
    place: pl.Series,
    names: list[str],
    wanted: Wanted,
    *,
    plain: bool,
    every: bool = False,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines that are records, in columns; and the faults, where that cannot be said in them.

    Args:
        content: the lines.
        place: their numbers.
        names: the columns.
        wanted: those to read.
        plain: whether there are no quotes.
        every: whether the engine counts the fields of each line, which it does if it reads all.
    """
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
    read_from = list(map(str, places))
    read = partial(
        pl.read_csv, header + content, infer_schema=False, columns=None if every else read_from,
        quote_char=None if plain else '"',
    )  # fmt: skip
    try:
        rows = read(schema_overrides=numbers)
    except pl.exceptions.ComputeError:
        rows = read()
    rows = rows.select(read_from)
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
            said = text.str.strip_chars()
            number = said.cast(pl.Float64, strict=False)
            unreadable = (said != "") & number.is_null()  # the engine reads blanks as nothing, too
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
