"""Opening a journey log, a path, a glob or a dataframe, as one lazy frame; giving back its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from glob import glob, has_magic
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
from attrs import evolve, frozen

from ..errors import LogError, LogNotFound, WrongType, described
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
from .engines import Restore, collected, numbered, opened
from .text import Wanted, faults_frame
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
    unreadable: bool = False,
    every_column: bool = False,
) -> Log:
    """A log from a path, a glob, or a dataframe, checked as far as its columns go.

    Args:
        log: a path, a glob or a dataframe.
        keys: the grouping columns.
        columns: the host's names for columns.
        timezone: what naive times mean.
        required: the columns that must be there.
        numbers: further columns that must be there, of numbers.
        unreadable: whether lines of text that are no rows are set aside; else they raise.
        every_column: whether columns that hold nothing stay.

    Raises:
        LogNotFound: no such file.
        LogError: a file of an unknown kind, damaged, or with columns or lines that cannot be read.
        MissingColumn: a required or grouping column is not there.
        WrongType: neither a path nor a dataframe.
    """
    keys, numbers = list(keys), list(numbers)
    if columns is not None and not isinstance(columns, Mapping):
        raise WrongType(f"{described(columns)} is not a mapping", path="columns", value=columns)
    columns = dict(columns or {})
    timezone = checked_timezone(timezone)
    place: tuple[str, ...] = ("row",)
    path, faults = None, None
    frame: nw.LazyFrame[Any]
    restore: Restore
    if isinstance(log, (str, PathLike)):
        path = Path(fspath(log))
        with damage_named(path):
            paths = _paths(path)
            if _is_text(paths[0]):
                rows, faults = _read(paths, Wanted.of(keys, columns, numbers), columns)
                place = ("line",) if len(paths) == 1 else ("file", "line")
                native = rows.lazy()
            else:
                native = pl.scan_parquet(paths, glob=False)
            native.collect_schema()
        if faults is not None and len(faults) and not unreadable:
            raise _refused(faults)
        frame, restore = nw.from_native(native), _collecting(path)
    else:
        frame, restore = opened(log)
    frame = renamed(frame, columns)
    if restore is not nw.to_native:
        frame = _without_types_of_nothing(frame, restore)
    checked_schema(frame, keys, required, numbers)
    frame = as_text(frame)
    frame = with_moments(frame, timezone, day="day" in keys)
    nulls = None
    if restore is not nw.to_native and not every_column:
        frame, nulls = _without_empty_columns(frame, keys, restore)
    schema = dict(frame.collect_schema())
    where = None if path is None else str(path)
    return Log(frame, schema, restore, nulls, place, faults, where)


def _collecting(path: Path) -> Restore:
    """Computes a result, in which damage in the middle of a file comes to light."""

    def restore(result: nw.LazyFrame[Any]) -> pl.DataFrame:
        with damage_named(path):
            return collected(result)

    return restore


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """What the engine says of a damaged file, as an error that names the file."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        if isinstance(error, LogError):
            raise
        problem = str(error).partition("\n")[0]
        raise LogError(f"cannot be read: {problem}", path=str(path), value=str(path)) from error


def _without_empty_columns(
    frame: nw.LazyFrame[Any], keys: list[str], compute: Restore
) -> tuple[nw.LazyFrame[Any], frozenset[str]]:
    """The log without columns that hold nothing and would cost a whole one; and who has nulls.

    One row is asked for, with or without a null: the statistics of Parquet answer without reading
    the column. A lazy log is not read before its owner says so, and takes the longer way.
    """
    names = [name for name in frame.collect_schema().names() if name in _COSTLY]
    nulls = {name for name in names if _holds(frame, name, nw.col(name).is_null(), compute)}
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


_COSTLY = ("anticipated", "id", "factor", *REFERENCES)


def _paths(path: Path) -> list[Path]:
    """The file or the files at a path, all of one kind."""
    paths = [path]
    if not path.exists() and has_magic(str(path)):
        paths = sorted(Path(each) for each in glob(str(path), recursive=True))
    if path.is_dir():
        raise LogError("a folder", path=str(path), value=str(path), hint=f"{path}/*.parquet")
    if not paths or not all(each.is_file() for each in paths):
        raise LogNotFound("no such file", path=str(path), value=str(path))
    suffixes = {each.suffix.lower() for each in paths}
    if len(suffixes) > 1:
        raise LogError("files of several kinds", path=str(path), value=sorted(suffixes))
    return paths


def _is_text(path: Path) -> bool:
    """Whether a file is text, rather than Parquet."""
    suffix = path.suffix.lower()
    if suffix in READERS:
        return True
    if suffix in (".parquet", ".pq"):
        return False
    raise LogError(
        f"cannot tell the kind of file by {suffix or 'a name without a suffix'}",
        path=str(path),
        value=suffix,
        hint=".parquet, .csv, .jsonl or .ndjson",
    )


READERS = {
    ".csv": csvlines.blocks,
    ".jsonl": jsonlines.blocks,
    ".ndjson": jsonlines.blocks,
}
"""What reads a file of text in blocks, by its suffix."""


def _read(
    paths: list[Path], wanted: Wanted, columns: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows and the faults of files of text; of several each row with its ``_file``."""
    frames, faults = [], []
    for path in paths:
        for block in READERS[path.suffix.lower()](path, wanted):
            of = {FILE: pl.lit(str(path))} if len(paths) > 1 else {}
            frames.append(block.frame.with_columns(**of))
            named = block.faults.with_columns(pl.col("field").replace(dict(columns)))
            faults.append(named.with_columns(file=pl.lit(str(path))))
    none = pl.DataFrame(schema={PLACE: pl.Int64})
    return wanted.together(frames or [none]), pl.concat(faults or [faults_frame([])])


def _refused(faults: pl.DataFrame) -> LogError:
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
