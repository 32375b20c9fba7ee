"""The files of a log: a path, a glob, or a list of both; what is wrong with them by their name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from glob import glob, has_magic
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import polars as pl

from ..errors import InvalidValue, LogError, LogNotFound, WrongType, described

TEXT_SUFFIXES = (".csv", ".jsonl", ".ndjson")


def paths_of(log: Any) -> list[Path] | None:
    """The files at a path, a glob, or in a list of both, all of one kind; None of a dataframe.

    Raises:
        LogNotFound: no such file.
        LogError: a folder, or files of several kinds.
    """
    if isinstance(log, (str, PathLike)):
        paths = _paths(Path(fspath(log)))
    elif isinstance(log, (list, tuple)):
        if not log or not all(isinstance(each, (str, PathLike)) for each in log):
            raise WrongType(f"{described(log)} is not a list of paths", path="log", value=log)
        paths = [path for each in log for path in _paths(Path(fspath(each)))]
    else:
        return None
    suffixes = {each.suffix.lower() for each in paths}
    if len(suffixes) > 1:
        raise LogError("files of several kinds", path=named(log), value=sorted(suffixes))
    return paths


def place_in(paths: Sequence[Path]) -> tuple[str, ...]:
    """What tells where a row of files stands: its ``row``, or of text its ``line``; of several
    files of text the ``file`` as well.

    >>> place_in([Path("may.csv"), Path("june.csv")]), place_in([Path("may.parquet")])
    (('file', 'line'), ('row',))
    """
    if not is_text(paths[0]):
        return ("row",)
    return ("line",) if len(paths) == 1 else ("file", "line")


def named(log: Any) -> str:
    """A path or a list of paths as an error names it."""
    if isinstance(log, (str, PathLike)):
        return str(Path(fspath(log)))
    more = f" and {len(log) - 1} more" if len(log) > 1 else ""
    return f"{fspath(log[0])}{more}"


def refuse_to_overwrite(log: Any, file: Path, path: str) -> None:
    """Refuse a file of results that is the log itself, or one of its files.

    Args:
        log: as for `paths_of`.
        file: where results are to go.
        path: the argument that says so.

    Raises:
        InvalidValue: writing there would destroy the log.
    """
    if file.exists() and any(file.samefile(each) for each in paths_of(log) or ()):
        raise InvalidValue("this is the log itself", path=path, value=str(file))


def _paths(path: Path) -> list[Path]:
    paths = [path]
    if not path.exists() and has_magic(str(path)):
        paths = sorted(Path(each) for each in glob(str(path), recursive=True))
    if path.is_dir():
        raise LogError("a folder", path=str(path), value=str(path), hint=f"{path}/*.parquet")
    if not paths or not all(each.exists() for each in paths):
        raise LogNotFound("no such file", path=str(path), value=str(path))
    if not all(each.is_file() for each in paths):
        raise LogError("a pipe or a device: a log is a file", path=str(path), value=str(path))
    return paths


def is_text(path: Path) -> bool:
    """Whether a file is text, rather than Parquet."""
    suffix = path.suffix.lower()
    if suffix in TEXT_SUFFIXES:
        return True
    if suffix in (".parquet", ".pq"):
        return False
    raise LogError(
        f"cannot tell the kind of file by {suffix or 'a name without a suffix'}",
        path=str(path),
        value=suffix,
        hint=".parquet, .csv, .jsonl or .ndjson",
    )


@contextmanager
def damage_named(path: str) -> Iterator[None]:
    """What the engine says of a damaged file, as an error that names the file."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        if isinstance(error, LogError):
            raise
        problem = str(error).partition("\n")[0]
        raise LogError(f"cannot be read: {problem}", path=path, value=path) from error
