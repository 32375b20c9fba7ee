"""Opening a journey log, a path, a glob or a dataframe, as one lazy frame; giving back its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
from attrs import evolve, frozen

from ..errors import LogError, WrongType, described
from . import csvlines, jsonlines
from .columns import (
    FILE,
    FLAGS,
    NUMBERS,
    PLACE,
    REFERENCES,
    REQUIRED,
    as_text,
    checked_schema,
    renamed,
)
from .engines import Restore, collected, numbered, opened, proven_empty
from .paths import damage_named, is_text, named, paths_of, place_in
from .text import START, Mark, Wanted, faults_frame
from .times import checked_timezone, with_moments


@frozen
class Log:
    """A journey log that is open.

    Attributes:
        frame: its rows under the library's column names, with aware times.
        schema: the types of its columns.
        restore: makes a result the kind of dataframe that came in; lazy stays lazy.
        nulls: the columns that hold nulls, of those it matters for; None: not looked yet.
        place: what tells where a row stands: its ``row``, or of text its ``line``, or of several
            files of text the ``file`` and the ``line``.
        unreadable: the lines that are no rows, with the columns of `text.FAULTS` and ``file``;
            None if the log is not text.
        path: the path that was given, None of a dataframe.
    """

    frame: nw.LazyFrame[Any]
    schema: Mapping[str, Any]
    restore: Restore
    nulls: frozenset[str] | None
    place: tuple[str, ...] = ("row",)
    unreadable: pl.DataFrame | None = None
    path: str | None = None

    def has(self, *names: str) -> bool:
        """Whether the log has one of these columns."""
        return any(name in self.schema for name in names)

    def numbered(self) -> Log:
        """The log with ``_place``, the line or the row, before anything can change their order."""
        if PLACE in self.schema:
            return self
        return evolve(self, frame=numbered(self.frame, PLACE, 1))

    def may_be_null(self, name: str) -> bool:
        """Whether the column may hold nulls, as far as is known."""
        return self.nulls is None or name in self.nulls


def open_log(
    log: Any,
    *,
    keys: Iterable[str],
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    required: Iterable[str] = REQUIRED,
    numbers: Iterable[str] = (),
    feedback: Iterable[str] = (),
    unreadable: bool = False,
    every_column: bool = False,
) -> Log:
    """A log from a path, a glob, or a dataframe, checked as far as its columns go.

    Args:
        log: a path, a glob, a list of paths or a dataframe.
        keys: the grouping columns.
        columns: the host's names for columns.
        timezone: what naive times mean.
        required: the columns that must be there.
        numbers: further columns that must be there, of numbers.
        feedback: further columns of numbers that may be there.
        unreadable: whether lines of text that are no rows are set aside; else they raise.
        every_column: whether columns that hold nothing stay.

    Raises:
        LogNotFound: no such file.
        LogError: a file of an unknown kind, damaged, or with columns or lines that cannot be read.
        MissingColumn: a required or grouping column is not there.
        WrongType: neither a path nor a dataframe.
    """
    keys, numbers, columns = list(keys), list(numbers), checked_columns(columns)
    feedback = list(feedback)
    checked_timezone(timezone)  # before a file is read
    read = partial(
        understood, keys=keys, columns=columns, timezone=timezone, required=required,
        numbers=numbers, feedback=feedback, every_column=every_column,
    )  # fmt: skip
    paths = paths_of(log)
    if paths is None:
        return read(*opened(log))
    path = named(log)
    faults: pl.DataFrame | None = None
    with damage_named(path):
        if is_text(paths[0]):
            rows, faults = _read(paths, Wanted.of(keys, columns, [*numbers, *feedback]), columns)
            native = rows.lazy()
        else:
            native = pl.scan_parquet(paths, glob=False)
        native.collect_schema()
    if faults is not None and len(faults) and not unreadable:
        raise refused(faults)
    found = read(nw.from_native(native), collecting(path))
    return evolve(found, place=place_in(paths), unreadable=faults, path=path)


def understood(
    frame: nw.LazyFrame[Any],
    restore: Restore,
    *,
    keys: list[str],
    columns: Mapping[str, str],
    timezone: str | None,
    required: Iterable[str] = REQUIRED,
    numbers: Sequence[str] = (),
    feedback: Sequence[str] = (),
    every_column: bool = False,
) -> Log:
    """Rows as a log: under the library's names, checked as far as columns go, with moments."""
    timezone = checked_timezone(timezone)
    frame = renamed(frame, columns)
    if restore is not nw.to_native:
        frame = _without_types_of_nothing(frame, restore)
    there = [name for name in feedback if name in frame.collect_schema().names()]
    checked_schema(frame, keys, required, [*numbers, *there], columns)
    frame = as_text(frame)
    frame = with_moments(frame, timezone, day="day" in keys)
    nulls = None
    if restore is not nw.to_native and not every_column:
        frame, nulls = _without_empty_columns(frame, keys, restore)
    elif frame.implementation.is_duckdb():
        nulls = frozenset(name for name in _costly(frame) if not _never_null(frame, name))
    return Log(frame, dict(frame.collect_schema()), restore, nulls)


def checked_columns(columns: Mapping[str, str] | None) -> dict[str, str]:
    """``columns=`` as a dictionary.

    Raises:
        WrongType: it is no mapping.
    """
    if columns is not None and not isinstance(columns, Mapping):
        raise WrongType(f"{described(columns)} is not a mapping", path="columns", value=columns)
    return dict(columns or {})


def collecting(path: str) -> Restore:
    """Computes a result, in which damage in the middle of a file comes to light."""

    def restore(result: nw.LazyFrame[Any]) -> pl.DataFrame:
        with damage_named(path):
            return collected(result)

    return restore


def _without_empty_columns(
    frame: nw.LazyFrame[Any], keys: list[str], compute: Restore
) -> tuple[nw.LazyFrame[Any], frozenset[str]]:
    """The log without columns that hold nothing and would cost a whole one; and who has nulls.

    One row is asked for, with or without a null: the statistics of Parquet answer without reading
    the column. A lazy log is not read before its owner says so, and takes the longer way.
    """
    nulls = {
        name for name in _costly(frame) if _holds(frame, name, nw.col(name).is_null(), compute)
    }
    optional = nulls - {*REQUIRED, *keys}
    empty = _empty(frame, optional, compute)
    return frame.drop(empty), frozenset(nulls - set(empty))


def _without_types_of_nothing(frame: nw.LazyFrame[Any], compute: Restore) -> nw.LazyFrame[Any]:
    """The log, in which a column of nothing but null is of no type.

    pandas keeps None as an object, which comes here as text, where numbers or truths are wanted.
    """
    wanted = (*NUMBERS, *FLAGS)
    texts = [
        name
        for name, dtype in frame.collect_schema().items()
        if name in wanted and isinstance(dtype, nw.String)
    ]
    empty = _empty(frame, texts, compute)
    return frame.with_columns(nw.lit(None).alias(name) for name in empty) if empty else frame


def _empty(frame: nw.LazyFrame[Any], names: Iterable[str], compute: Restore) -> list[str]:
    return [name for name in names if not _holds(frame, name, ~nw.col(name).is_null(), compute)]


def _holds(frame: nw.LazyFrame[Any], name: str, wanted: nw.Expr, compute: Restore) -> bool:
    return len(compute(frame.filter(wanted).select(name).head(1))) > 0


def _never_null(frame: nw.LazyFrame[Any], name: str) -> bool:
    return proven_empty(frame.filter(nw.col(name).is_null()).select(name))


def _costly(frame: nw.LazyFrame[Any]) -> list[str]:
    """The columns whose nulls cost, of those that are there."""
    return [name for name in frame.collect_schema().names() if name in _COSTLY]


_COSTLY = ("anticipated", "id", "factor", *REFERENCES)


READERS = {
    ".csv": csvlines.blocks,
    ".jsonl": jsonlines.blocks,
    ".ndjson": jsonlines.blocks,
}
"""What reads a file of text in blocks, by its suffix."""


def _read(
    paths: list[Path], wanted: Wanted, columns: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows and the faults of files of text."""
    none = pl.DataFrame(schema={PLACE: pl.Int64})
    read = [
        (rows, faults)
        for path in paths
        for rows, faults, _ in blocks_of(path, wanted, columns, several=len(paths) > 1)
    ] or [(none, faults_frame([]))]
    return wanted.together(rows for rows, _ in read), pl.concat(faults for _, faults in read)


def blocks_of(
    path: Path,
    wanted: Wanted,
    columns: Mapping[str, str],
    *,
    several: bool,
    start: Mark = START,
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, Mark]]:
    """The rows and the faults of a file of text, block by block, and where the next begins.

    Args:
        path: the file.
        wanted: the columns to read, by their names there.
        columns: what the library calls them.
        several: whether rows of other files stand beside: then each has its ``_file``.
        start: where to begin.
    """
    file = pl.lit(str(path))
    for block in READERS[path.suffix.lower()](path, wanted, start=start):
        of = {FILE: file} if several else {}
        faults = block.faults.with_columns(pl.col("field").replace(dict(columns)), file=file)
        yield block.frame.with_columns(**of), faults, block.end


def refused(faults: pl.DataFrame) -> LogError:
    """The error for lines that cannot be read: the first of them, and how many there are."""
    first = faults.row(0, named=True)
    field = f", {first['field']}" if first["field"] else ""
    what = f"{first['found']} is " if first["found"] else ""
    return LogError(
        f"{what}not {first['expected']} (lines that cannot be read: {len(faults)})",
        path=f"{first['file']}, line {first['line']}{field}",
        value=first["value"],
        hint="score(..., quarantine='bad.jsonl') sets them aside and scores the rest",
    )
