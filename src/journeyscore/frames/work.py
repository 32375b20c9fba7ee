"""Work under way in a folder, step by step: what is done stays done, whatever happens then.

A step writes one file, under another name first: it is there whole or not at all. So a run that
was killed goes on with the first step that has no file. What a folder belongs to (files, policy,
arguments) stands in its manifest; other work is refused.

Rows are dealt out to `SHARES` by a hash of some columns, and a file is in the order of its shares.
So the rows of some shares are read from all files of a stage without reading the rest, and how many
shares make one piece of work is decided when it is known how many rows there are.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from ..errors import LogError, OtherWork

SHARE = "_share"
"""The column with the share of a row."""

SHARES = 4096
"""So many that a share is small beside memory."""

_ROW_GROUP = 50_000
"""Rows that are read together: few, so that little is read of other shares."""

_MANIFEST = "manifest.json"


@frozen
class Work:
    """A folder with work under way.

    Attributes:
        folder: the folder.
    """

    folder: Path

    @classmethod
    def begun(cls, folder: Path, manifest: Mapping[str, Any], *, resume: bool) -> Work:
        """New work in a folder that is empty or not there; or the same work, resumed.

        Args:
            folder: where.
            manifest: what the work belongs to, as JSON has it.
            resume: whether work that is there already goes on.

        Raises:
            OtherWork: the folder holds something else, or the same and it is not to be resumed.
        """
        path = folder / _MANIFEST
        where = f"work, {folder}"
        if path.exists():
            differing = _differing(json.loads(path.read_text()), json.loads(json.dumps(manifest)))
            if differing:
                raise OtherWork(
                    f"work of other {' and '.join(differing)}",
                    path=where,
                    value=differing,
                    hint="give another folder, or remove this one to begin again",
                )
            if not resume:
                raise OtherWork(
                    "this work was begun before", path=where, hint="resume=True goes on with it"
                )
            return cls(folder)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OtherWork("not an empty folder, and no work of ours", path=where)
        folder.mkdir(exist_ok=True)
        work = cls(folder)
        work.write(_MANIFEST, json.dumps(manifest, indent=1).encode())
        return work

    def write(self, name: str, content: bytes) -> None:
        """A file, whole or not at all."""
        whole(self.folder / name, lambda path: path.write_bytes(content))

    def stage(self, name: str) -> Stage:
        """The files of a stage."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return Stage(folder)


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [name for name in {**one, **other} if one.get(name) != other.get(name)]


def whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Write a file under another name, on the disk, then give it its own."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        write(part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@frozen
class Stage:
    """The files that a stage of the work has written, a number each."""

    folder: Path

    def path(self, number: int, suffix: str = ".parquet") -> Path:
        """A file of the stage."""
        return self.folder / f"{number:06}{suffix}"

    @property
    def done(self) -> bool:
        """Whether all its files are written; those that were read since may be gone."""
        return (self.folder / "done").exists()

    def finish(self) -> None:
        """Say that all files are written."""
        (self.folder / "done").touch()

    def numbers(self) -> Iterator[int]:
        """The steps that are done, up to the first that is not."""
        number = 0
        while self.path(number).exists():
            yield number
            number += 1

    def files(self) -> list[Path]:
        """The files that are there, in order."""
        return sorted(self.folder.glob("*.parquet"))

    def clear(self) -> None:
        """Remove what nobody will read any more."""
        for file in self.files():
            file.unlink()

    def write(self, number: int, frame: pl.DataFrame, by: Sequence[str] = ()) -> None:
        """The result of a step, dealt out to shares by some columns, if any are given."""
        if by:
            frame = frame.with_columns(_share(frame, by).alias(SHARE)).sort(SHARE)

        def write(path: Path) -> None:
            frame.write_parquet(path, compression="lz4", row_group_size=_ROW_GROUP)

        whole(self.path(number), write)

    def pieces(self, rows: int) -> list[tuple[pl.Expr, int]]:
        """Which rows make a piece of about so many, and how many they are.

        All rows with the same values in the columns they were dealt out by are in one piece.
        """
        every = pl.concat(pl.scan_parquet(file).select(SHARE) for file in self.files())
        shares = every.group_by(SHARE).len().sort(SHARE).collect(engine="streaming")
        pieces: list[tuple[pl.Expr, int]] = []
        first, gathered = 0, 0
        for share, count in [*shares.iter_rows(), (SHARES, 0)]:
            if gathered and (gathered + count > rows or share == SHARES):
                pieces.append((pl.col(SHARE).is_between(first, share, closed="left"), gathered))
                first, gathered = share, 0
            gathered += count
        return pieces or [(pl.lit(True), 0)]


def _share(frame: pl.DataFrame, by: Sequence[str]) -> pl.Expr:
    """The share of each row: the same for the same values, in every file and every process."""
    here = [name for name in by if name in frame.columns]
    if not here:  # of a column that is nowhere in these rows all values are null
        return pl.lit(0, pl.UInt16)
    # the codes of categories are those of one process
    coded = (pl.Categorical, pl.Enum)
    columns = [
        pl.col(name).cast(pl.String) if isinstance(frame.schema[name], coded) else pl.col(name)
        for name in here
    ]
    return (pl.struct(columns).hash(seed=0) % SHARES).cast(pl.UInt16)


def removed(folder: Path) -> None:
    """Remove the stages of finished work; the manifest stays."""
    for stage in folder.iterdir():
        if stage.is_dir():
            for file in stage.iterdir():
                file.unlink()
            stage.rmdir()


def refuse_unless_parquet(out: Path) -> None:
    """Check that a result can be written.

    Raises:
        LogError: it would not be Parquet, or in a folder that is not there.
    """
    if out.suffix.lower() not in (".parquet", ".pq"):
        raise LogError("scores are written as Parquet", path=f"out, {out}", hint=".parquet")
    if not out.parent.is_dir():
        raise LogError("no such folder", path=f"out, {out.parent}", value=str(out))
