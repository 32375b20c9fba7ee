"""Opening a journey log, a path, a glob or a dataframe, as one lazy frame; giving back its kind."""

from __future__ import annotations

import json
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
from .columns import NUMBERS, REFERENCES, REQUIRED, TEXTS, as_text, checked_schema, renamed
from .engines import Restore, collected, numbered, opened
from .times import checked_timezone, with_moments

_CSV_TRUTH = {"true": True, "false": False, "1": True, "0": False}


@frozen
class Log:
    """A journey log that is open.

    Attributes:
        frame: its rows under the library's column names, with aware times.
        schema: the types of its columns.
        restore: makes a result the kind of dataframe that came in; lazy stays lazy.
        nulls: the columns that hold nulls, of those it matters for; None: not looked yet.
        first_line: the line of the file on which its first row stands; None for dataframes.
    """

    frame: nw.LazyFrame[Any]
    schema: Mapping[str, Any]
    restore: Restore
    nulls: frozenset[str] | None
    first_line: int | None

    def has(self, *names: str) -> bool:
        """Whether the log has one of these columns."""
        return any(name in self.schema for name in names)

    def numbered(self) -> Log:
        """The log with ``_place``, the line or the row, before anything can change their order."""
        if PLACE in self.schema:
            return self
        offset = 1 if self.first_line is None else self.first_line
        return evolve(self, frame=numbered(self.frame, PLACE, offset))

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
) -> Log:
    """A log from a path, a glob, or a dataframe, checked as far as its columns go.

    Raises:
        LogNotFound: no such file.
        LogError: a file of an unknown kind, damaged, or with columns that cannot be read.
        MissingColumn: a required or grouping column is not there.
        WrongType: neither a path nor a dataframe.
    """
    keys = list(keys)
    if columns is not None and not isinstance(columns, Mapping):
        raise WrongType(f"{described(columns)} is not a mapping", path="columns", value=columns)
    columns = dict(columns or {})
    timezone = checked_timezone(timezone)
    first_line = None
    frame: nw.LazyFrame[Any]
    restore: Restore
    if isinstance(log, (str, PathLike)):
        path = Path(fspath(log))
        with damage_named(path):
            native, first_line = _scan(path, keys, columns)
            native.collect_schema()
        frame, restore = nw.from_native(native), _collecting(path)
    else:
        frame, restore = opened(log)
    frame = renamed(frame, columns)
    checked_schema(frame, keys, required)
    frame = as_text(frame)
    frame = with_moments(frame, timezone, day="day" in keys)
    nulls = None
    if restore is not nw.to_native:
        frame, nulls = _without_empty_columns(frame, keys, restore)
    return Log(frame, dict(frame.collect_schema()), restore, nulls, first_line)


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

    def holds(name: str, predicate: nw.Expr) -> bool:
        return len(compute(frame.filter(predicate).select(name).head(1))) > 0

    names = [name for name in frame.collect_schema().names() if name in _COSTLY]
    nulls = {name for name in names if holds(name, nw.col(name).is_null())}
    optional = nulls - {*REQUIRED, *keys}
    empty = [name for name in optional if not holds(name, ~nw.col(name).is_null())]
    return frame.drop(empty), frozenset(nulls - set(empty))


PLACE = "_place"
"""The column with the line or the number of a row."""

_COSTLY = ("anticipated", "id", "factor", *REFERENCES)


def _scan(
    path: Path, keys: list[str], columns: Mapping[str, str]
) -> tuple[pl.LazyFrame, int | None]:
    """The file or files at a path, lazily, and the line on which the first row stands."""
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
    suffix = suffixes.pop()
    if suffix in (".parquet", ".pq"):
        return pl.scan_parquet(paths, glob=False), None
    if suffix == ".csv":
        return _scan_csv(paths, columns), 2 if len(paths) == 1 else None
    if suffix in (".jsonl", ".ndjson"):
        return _read_ndjson(paths, keys, columns), 1 if len(paths) == 1 else None
    raise LogError(
        f"cannot tell the kind of file by {suffix or 'a name without a suffix'}",
        path=str(path),
        value=suffix,
        hint=".parquet, .csv, .jsonl or .ndjson",
    )


def _scan_csv(paths: list[Path], columns: Mapping[str, str]) -> pl.LazyFrame:
    """CSV: everything is text there, so each column is read as what it must be.

    Text where a number is wanted becomes NaN, which no range admits: the row is rejected, with
    its line, and the rest is scored.
    """
    log = pl.scan_csv(
        paths,
        infer_schema=False,
        truncate_ragged_lines=False,
        glob=False,
        row_index_name=PLACE,
        row_index_offset=2,
    )
    for name in log.collect_schema().names():
        if name.endswith("_duplicated_0"):
            raise LogError("two columns of one name", path=str(paths[0]), value=name[:-13])
    reads = []
    for theirs in log.collect_schema().names():
        ours = columns.get(theirs, theirs)
        text = pl.col(theirs)
        if ours in NUMBERS:
            number = text.str.strip_chars().cast(pl.Float64, strict=False)
            unreadable = text.is_not_null() & number.is_null()
            reads.append(pl.when(unreadable).then(float("nan")).otherwise(number).alias(theirs))
        elif ours == "proactive":
            lower = text.str.to_lowercase()
            reads.append(
                lower.replace_strict(_CSV_TRUTH, default=None, return_dtype=pl.Boolean).alias(
                    theirs
                )
            )
    names = [name for name in log.collect_schema().names() if name != PLACE]
    blank = pl.all_horizontal(pl.col(name).is_null() for name in names)
    return log.filter(~blank).with_columns(reads)


_NDJSON_TYPES: dict[str, Any] = {
    **dict.fromkeys(NUMBERS, pl.Float64),
    **dict.fromkeys((*TEXTS, *REFERENCES), pl.String),
    "at": pl.String,
    "proactive": pl.Boolean,
}


def _read_ndjson(paths: list[Path], keys: list[str], columns: Mapping[str, str]) -> pl.LazyFrame:
    """JSON Lines, every column with the type it must have: nothing is guessed from a few rows."""
    theirs = {ours: name for name, ours in columns.items()}
    schema = {theirs.get(name, name): dtype for name, dtype in _NDJSON_TYPES.items()}
    schema |= {name: pl.String for name in (*keys, *columns) if name not in (*schema, "day")}
    try:
        log = pl.concat([pl.read_ndjson(path, schema=schema) for path in paths])
    except pl.exceptions.PolarsError as error:
        raise _explained(paths, schema) or LogError(str(error), path=str(paths[0])) from error
    empty = [
        name for name, nulls in log.null_count().row(0, named=True).items() if nulls == len(log)
    ]
    wanted = [*keys, *(theirs.get(name, name) for name in REQUIRED)]
    log = log.drop([name for name in empty if name not in wanted or not _occurs(name, paths)])
    if len(paths) == 1 and len(lines := _filled_lines(paths[0])) == len(log):
        log = log.with_columns(pl.Series(PLACE, lines, dtype=pl.UInt32))
    return log.with_columns(
        _reference(name, theirs.get("source", "source"), log)
        for name in (theirs.get(name, name) for name in REFERENCES)
        if name in log.columns
    ).lazy()


def _filled_lines(path: Path) -> list[int]:
    """The numbers of the lines that are not blank."""
    with path.open("rb") as file:
        return [number for number, line in enumerate(file, start=1) if line.strip()]


def _occurs(name: str, paths: Iterable[Path]) -> bool:
    """Whether a file has this name at all: a column of nulls is there, a missing one is not."""
    quoted = json.dumps(name).encode()
    for path in paths:
        with path.open("rb") as file:
            if any(quoted in line for line in file):
                return True
    return False


def _reference(name: str, source: str, log: pl.DataFrame) -> pl.Expr:
    """A reference to another event, where any is written as an object of source and id."""
    given = pl.col(name)
    is_object = given.str.starts_with("{")
    if not log.select(is_object.any()).item():
        return given
    pair = pl.Struct({"source": pl.String, "id": pl.String})
    same = pl.col(source) if source in log.columns else pl.lit(None, pl.String)
    return (
        pl.when(is_object)
        .then(pl.when(is_object).then(given).str.json_decode(pair))
        .otherwise(pl.struct(source=same, id=given))
        .alias(name)
    )


def _explained(paths: list[Path], schema: Mapping[str, Any]) -> LogError | None:
    """The first line that the fast reader would not take, and why: read again, slowly."""
    for path in paths:
        for number, row in _lines(path):
            where = f"{path}, line {number}"
            if not isinstance(row, dict):
                return LogError("not a JSON object", path=where)
            for name, given in row.items():
                wanted = schema.get(name)
                if given is None or wanted is None:
                    continue
                if wanted == pl.Float64 and isinstance(given, (int, float)):
                    if not isinstance(given, bool) and abs(given) <= 1.7976931348623157e308:
                        continue
                elif isinstance(given, _PYTHON[wanted]):
                    continue
                what = {pl.Float64: "a number", pl.String: "text", pl.Boolean: "true or false"}
                return LogError(
                    f"{described(given)} is not {what[wanted]}",
                    path=f"{where}, {name}",
                    value=given,
                )
    return None


_PYTHON: dict[Any, Any] = {
    pl.Float64: (int, float),
    pl.String: (str, int, float),
    pl.Boolean: bool,
}


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield number, json.loads(line, parse_constant=_no_constant)
                except ValueError:
                    yield number, None
