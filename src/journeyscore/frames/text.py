"""Journey logs in text, JSON Lines and CSV, read in blocks of lines.

Lines are taken in columns, at the speed of the dataframe engine, where it is proven that this loses
and coerces nothing. A block is proven at once if its punctuation adds up: if it holds as many
commas, quotes and line ends as what was read of it needs, and so none that stands for anything
else. Otherwise each of its lines is held against a pattern, and what does not fit is read by
itself, in Python, which accepts it or says what is wrong with it. So each line is a row, or a
fault, or blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from sys import float_info
from typing import Any, TypeVar

import polars as pl
from attrs import frozen

from ..errors import described
from .columns import FLAGS, NUMBERS, PLACE, REFERENCES, TEXTS, TIMES

BLOCK = 8_000_000
"""Bytes of a block, to the next line end: little enough that its memory is soon used again."""

TEXT = "_text"
"""The column with a line as it stands in the file; null where it is not UTF-8."""

FAULTS: dict[str, Any] = {
    "line": pl.Int64,
    "field": pl.String,
    "value": pl.Float64,
    "expected": pl.String,
    "found": pl.String,
}
"""Columns of the faults: no text of the log is in them, and of text columns no number either."""

PAIR = pl.Struct({"source": pl.String, "id": pl.String})
"""A reference that names the source of the other event as well."""

T = TypeVar("T")
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


@frozen
class Mark:
    """A place in a file of text, at the beginning of a line.

    Attributes:
        byte: how many bytes come before.
        line: the number of the line, from 1.
    """

    byte: int = 0
    line: int = 1


START = Mark()

PUNCTUATION = '\n,"{'
"""The characters that are counted."""

_NEAR = 1_000_000
"""Bytes that stay near the processor while they are counted."""


@frozen
class Chunk:
    """Some whole lines of a file, as they stand there.

    Attributes:
        start: where they begin.
        content: their bytes; the last line of a file may end without a newline.
    """

    start: Mark
    content: bytes

    @cached_property
    def counts(self) -> dict[str, int]:
        """How often each character of `PUNCTUATION` occurs.

        A column is compared many bytes at a time; ``bytes.count`` looks at one after the other.
        """
        counts = dict.fromkeys(PUNCTUATION, 0)
        for first in range(0, len(self.content), _NEAR):
            piece = pl.Series([self.content[first : first + _NEAR]], dtype=pl.Binary)
            each = piece.cast(pl.List(pl.UInt8)).explode()
            for character in PUNCTUATION:
                counts[character] += int((each == ord(character)).sum())
        return counts

    @cached_property
    def end(self) -> Mark:
        """Where the next line begins."""
        return Mark(self.start.byte + len(self.content), self.start.line + self.counts["\n"])

    @property
    def lines(self) -> int:
        """How many lines there are, with a last one that does not end."""
        goes_on = self.content != b"" and not self.content.endswith(b"\n")
        return self.counts["\n"] + goes_on

    @property
    def place(self) -> pl.Series:
        """The number of each line."""
        first = self.start.line
        return pl.int_range(first, first + self.lines, dtype=pl.Int64, eager=True).alias(PLACE)


@frozen
class Block:
    """Some lines of a file, one after the other.

    Attributes:
        frame: the rows, in the order of the file, with the columns that occur in these lines, each
            of its type, and ``_place``, the line of each row (of several, the first).
        faults: the lines that are no rows, a row each, with the columns of `FAULTS`; ``field`` is
            null where the whole line is at fault.
        blank: how many lines are blank, and so neither.
        end: where the next block begins.
    """

    frame: pl.DataFrame
    faults: pl.DataFrame
    blank: int
    end: Mark

    @property
    def lines(self) -> int:
        """How many lines are rows or faults."""
        return len(self.frame) + len(self.faults)


@frozen
class Fault:
    """Why a line is not a row.

    Attributes:
        field: the column at fault, None if it is the whole line.
        expected: what would be right, after "... is not".
        given: what stands there, where it is not an id.
    """

    field: str | None
    expected: str
    given: Any = None

    def row(self, line: int) -> tuple[int, str | None, float | None, str, str | None]:
        """The fault as a row of `FAULTS`: numbers are kept, of all else the type and length."""
        is_number = type(self.given) in (int, float) and is_finite(self.given)
        number = float(self.given) if is_number else None
        found = None if self.given is None else described(self.given)
        return line, self.field, number, self.expected, found


def is_finite(given: float) -> bool:
    """Whether a float can hold a number; a whole number of Python may be too large for that."""
    return abs(given) <= float_info.max


@frozen
class Wanted:
    """The columns that are read of a log in text, by their names there.

    Attributes:
        types: the type of each.
        references: those that name another event.
        source: the one with the source of the row.
    """

    types: Mapping[str, Any]
    references: frozenset[str]
    source: str

    @classmethod
    def of(
        cls,
        keys: Iterable[str] = (),
        columns: Mapping[str, str] | None = None,
        numbers: Iterable[str] = (),
    ) -> Wanted:
        """The library's columns, and those grouped by, which are text.

        Args:
            keys: the grouping columns.
            columns: the host's names for columns.
            numbers: further columns, of numbers.

        >>> wanted = Wanted.of(["region"], {"stay_no": "journey"})
        >>> [name in wanted.types for name in ("stay_no", "journey", "region", "day")]
        [True, False, True, False]
        """
        columns = columns or {}
        types: dict[str, Any] = {
            **dict.fromkeys(NUMBERS, pl.Float64),
            **dict.fromkeys((*TEXTS, *REFERENCES, *TIMES), pl.String),
            **dict.fromkeys(FLAGS, pl.Boolean),
        }
        types |= dict.fromkeys(numbers, pl.Float64)
        others = {*keys, *columns.values()} - {*types, "day"}
        types |= dict.fromkeys(others, pl.String)
        theirs = {ours: name for name, ours in columns.items()}
        return cls(
            {theirs.get(name, name): dtype for name, dtype in types.items()},
            frozenset(theirs.get(name, name) for name in REFERENCES),
            theirs.get("source", "source"),
        )

    def together(self, parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
        """Rows read in parts as one frame; what one lacks is null.

        A reference is text, the id of an event of the same source, unless it is a struct of source
        and id in any part: then it is one in all.
        """
        parts = list(parts)
        filled = [part for part in parts if len(part)] or parts[:1]
        return self.aligned(filled)

    def aligned(self, parts: list[Frame]) -> Frame:
        """Parts, lazy or not, one below the other, as in `together`."""
        if len(parts) == 1:
            return parts[0]
        for name in self.references:
            if any(isinstance(part.collect_schema().get(name), pl.Struct) for part in parts):
                parts = [self._with_source(part, name) for part in parts]
        return pl.concat(parts, how="diagonal")

    def _with_source(self, part: Frame, name: str) -> Frame:
        schema = part.collect_schema()
        if schema.get(name) != pl.String:
            return part
        none = pl.lit(None, pl.String)
        source = pl.col(self.source) if self.source in schema else none
        return part.with_columns(pl.struct(source=source, id=pl.col(name)).alias(name))


def chunks(path: Path, size: int, start: Mark = START) -> Iterator[Chunk]:
    """A file from a mark on, cut at line ends.

    A byte order mark is left out.
    """
    with path.open("rb") as file:
        if start == START and file.read(3) == b"\xef\xbb\xbf":
            start = Mark(3)
        file.seek(start.byte)
        while content := file.read(size):
            if not content.endswith(b"\n"):
                content += file.readline()
            chunk = Chunk(start, content)
            start = chunk.end
            yield chunk


def lines_of(chunk: Chunk) -> pl.DataFrame:
    """The lines of a chunk: their numbers in ``_place`` and what they say in ``_text``."""
    try:
        text = pl.read_lines(chunk.content, name=TEXT)[TEXT]
    except pl.exceptions.ComputeError:  # bytes that are no UTF-8: find the lines
        lines = [_decoded(line) for line in _split(chunk.content)]
        text = pl.Series(TEXT, lines, dtype=pl.String)
    return pl.DataFrame([chunk.place, text])


def _split(chunk: bytes) -> list[bytes]:
    return chunk.removesuffix(b"\n").split(b"\n")


def _decoded(line: bytes) -> str | None:
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        return None


NOT_UTF8 = Fault(None, "text in UTF-8")


def faults_frame(faults: Iterable[tuple[int, Fault]]) -> pl.DataFrame:
    """Faults by their line, as a frame."""
    return pl.DataFrame([fault.row(line) for line, fault in faults], schema=FAULTS, orient="row")


def joined(text: pl.Series) -> bytes:
    """Lines as the bytes of a file."""
    return str(text.str.join("\n").item() or "").encode()


def ahead(items: Iterator[T], work: Callable[[T], Any]) -> Iterator[Any]:
    """The work done on each item, on one while the next is under way: in order, never far ahead."""
    with ThreadPoolExecutor(2) as pool:
        under_way = [pool.submit(work, item) for _, item in zip(range(2), items, strict=False)]
        while under_way:
            done = under_way.pop(0).result()
            under_way += [pool.submit(work, item) for _, item in zip(range(1), items, strict=False)]
            yield done
