"""Logs of many files, larger than memory: scored piece by piece, interrupted and resumed.

Tallies are a group: what pieces fold to apart, merged, is what one fold would have given. So a log
is folded in pieces of some million rows, and their tallies, which may be too many for memory as
well, are merged share by share. Where rows are more than touchpoints of their own (ids, readings,
recoveries), and in text, whose columns are known only when all is read, the rows of a journey must
come together first: then the rows are dealt out before they are folded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Literal

import narwhals as nw
import polars as pl
from attrs import asdict, evolve, frozen

from .. import __version__
from ..errors import LogError, WrongType, described
from ..expectations import MarketLevels, market_levels
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from . import averages, merging
from .columns import FILE, KNOWN, PLACE, REFERENCES, checked_scales, group_keys
from .engines import collected, numbered
from .faults import COLUMNS, listed, refuse
from .formula import readouts
from .log import (
    Log, blocks_of, checked_columns, collecting, damage_named, is_text, named, open_log, paths_of,
    refused, understood,
)  # fmt: skip
from .preparing import Quarantine, quarantine_of, rows_of
from .rows import Rows
from .scoring import By, checked_average, folded
from .text import START, Mark, Wanted, faults_frame
from .work import Stage, Work, refuse_unless_parquet, removed, whole

PIECE = 2_000_000
"""Rows that are scored together: about a gigabyte of memory."""

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]


@frozen
class Progress:
    """How far a stage of the work has come, what was done before it was resumed included.

    Attributes:
        stage: what is being done.
        done: how much of it is done.
        total: how much there is.
        unit: of both: ``bytes`` of text, or ``rows``.
    """

    stage: str
    done: int
    total: int
    unit: Literal["bytes", "rows"]


@frozen
class Written:
    """What was written, and what was not scored.

    Attributes:
        out: the file of scores.
        groups: how many there are.
        touchpoints: how many were folded.
        rejected: rows that a rule rejects.
        unreadable: lines of text that are no rows.
    """

    out: Path
    groups: int
    touchpoints: int
    rejected: int
    unreadable: int


def score_files(
    log: Paths,
    out: str | PathLike[str],
    by: By = "journey",
    *,
    work: str | PathLike[str],
    resume: bool = False,
    average: Literal["touchpoints", "journeys"] = "touchpoints",
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    strict: bool = False,
    quarantine: Quarantine | None = None,
    progress: Callable[[Progress], object] | None = None,
    piece: int = PIECE,
) -> Written:
    """Score a log of any size into a Parquet file, with bounded memory: the bits of `score`.

    What is done is kept in the folder ``work``, so that a run that was interrupted, by whatever it
    may be, goes on where it was. On disk that takes about as much as the log itself in Parquet,
    until the scores are written.

    Args:
        log: a path, a glob, or a list of them; files of one kind.
        out: the Parquet file of scores.
        by, average, policy, columns, timezone, scales, market: as for `score`.
        work: a folder for what is under way, made where there is none; it must be empty, or hold
            this work. What was being done is removed when the scores are written, and a manifest
            stays.
        resume: whether work that was begun goes on; when it is done already, nothing is.
        strict: refuse the log at the first piece in which a row would be rejected.
        quarantine: a file for what is not scored, as for `score`.
        progress: called after each step.
        piece: how many rows are scored together, which bounds the memory.

    Returns:
        How much was scored, and how much was not.

    Raises:
        OtherWork: the folder holds work of other files, another policy or other arguments, or work
            was begun in it and is not to be resumed.
        LogNotFound, MissingColumn, LogError, RejectedRows: as for `score`.
        UnknownName, WrongType, InvalidValue: an argument is wrong.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> log = pl.DataFrame({"journey": ["a", "b"], "touchpoint": ["hotel.valet"] * 2,
    ...                     "anticipated": [0.6, 0.6], "delivered": [0.9, 0.5]})
    >>> with TemporaryDirectory() as folder:
    ...     log.write_parquet(f"{folder}/stays.parquet")
    ...     written = score_files(f"{folder}/*.parquet", f"{folder}/scores.parquet",
    ...                           work=f"{folder}/work")
    ...     scores = pl.read_parquet(written.out).sort("journey")
    >>> written.groups, written.rejected, scores.row(0)[:3]
    (2, 0, ('a', 1, 91.04))
    """
    paths = paths_of(log)
    if paths is None:
        raise WrongType(f"{described(log)} is neither a path nor a list of paths", path="log")
    if not isinstance(policy, Policy):
        raise WrongType(f"{described(policy)} is not a Policy", path="policy", value=policy)
    if isinstance(piece, bool) or not isinstance(piece, int) or piece < 1:
        raise WrongType(f"{described(piece)} is not a number of rows", path="piece", value=piece)
    aside = quarantine_of(quarantine, False)
    task = _Task(
        paths=paths,
        name=named(log),
        out=Path(fspath(out)),
        keys=group_keys(by),
        average=checked_average(average),
        policy=policy,
        columns=checked_columns(columns),
        timezone=timezone,
        scales=checked_scales(scales),
        market=market_levels({} if market is None else market),
        strict=strict,
        quarantine=None if aside is None else aside[0],
        say=progress or (lambda _: None),
        piece=piece,
    )
    refuse_unless_parquet(task.out)
    begun = Work.begun(Path(fspath(work)), task.manifest(), resume=resume)
    return task.done(begun)


@frozen
class _Task:
    """All that was asked for, checked."""

    paths: list[Path]
    name: str
    out: Path
    keys: list[str]
    average: str
    policy: Policy
    columns: dict[str, str]
    timezone: str | None
    scales: dict[str, Scale]
    market: MarketLevels
    strict: bool
    quarantine: Path | None
    say: Callable[[Progress], object]
    piece: int

    @property
    def each(self) -> list[str]:
        """What tallies are grouped by."""
        by_journey = self.average == "journeys" and "journey" not in self.keys
        return [*self.keys, *(["journey"] if by_journey else [])]

    @property
    def is_text(self) -> bool:
        return is_text(self.paths[0])

    @property
    def place(self) -> tuple[str, ...]:
        if not self.is_text:
            return ("row",)
        return ("line",) if len(self.paths) == 1 else ("file", "line")

    @property
    def looks_for_faults(self) -> bool:
        return self.strict or self.quarantine is not None

    def manifest(self) -> dict[str, Any]:
        """What the work belongs to. Hashes and files of one version mean nothing to another."""
        market = json.dumps(sorted(self.market.items())).encode()
        return {
            "files": [
                [str(path.resolve()), (stat := path.stat()).st_size, stat.st_mtime_ns]
                for path in self.paths
            ],
            "policy": self.policy.fingerprint,
            "market": sha256(market).hexdigest(),
            "arguments": {
                "out": str(self.out.resolve()),
                "by": self.keys,
                "average": self.average,
                "columns": self.columns,
                "timezone": self.timezone,
                "scales": {name: asdict(scale) for name, scale in sorted(self.scales.items())},
                "strict": self.strict,
                "quarantine": self.quarantine and str(self.quarantine.resolve()),
                "piece": self.piece,
            },
            "versions": {"journeyscore": __version__, "polars": pl.__version__},
        }

    # -- stages --------------------------------------------------------------------------------

    def done(self, work: Work) -> Written:
        """Every stage, or what is left of them, and the account."""
        account = work.folder / "account.json"
        if account.exists() and not self.out.exists():  # taken away: all is done again
            removed(work.folder)
            account.unlink()
        if not account.exists():
            tallies = self._tallies(work)
            final = self._merged(work, tallies)
            unreadable = sum(
                pl.scan_parquet(file).select(pl.len()).collect().item()
                for file in work.stage("unreadable").files()
            )
            self._write(work, final)
            scores = pl.scan_parquet(self.out)
            totals = scores.select(pl.len(), pl.sum("touchpoints", "rejected")).collect()
            groups, touchpoints, rejected = totals.row(0)
            counts = [groups, int(touchpoints), int(rejected), unreadable]
            work.write(account.name, json.dumps(counts).encode())
        removed(work.folder)
        return Written(self.out, *json.loads(account.read_text()))

    def _tallies(self, work: Work) -> Stage:
        """The tallies of all pieces of the log."""
        stage = work.stage("tallies")
        if stage.done:
            return stage
        dealt = work.stage("rows")
        if self.is_text:
            opened = self._text(work, dealt)
        else:
            opened = open_log(
                self.paths, keys=self.keys, columns=self.columns, timezone=self.timezone
            )
            opened = evolve(opened, path=self.name)
            if opened.has("id", *REFERENCES):
                opened = self._dealt(opened, dealt)
        rows = rows_of(opened, self.keys, self.policy, self.scales)
        pieces = list(self._filters(opened, dealt) if dealt.done else self._slices(opened))
        faults = work.stage("faults")

        def compute(number: int, log: Log) -> pl.DataFrame:
            tallies = self._collected(folded(log, rows, self.each, self.market))
            if self.looks_for_faults and tallies["rejected"].sum():
                found = listed(log, rows, self.market)
                if self.strict:
                    refuse(found, self.place, self.name)
                faults.write(number, found)
            return tallies

        self._steps("scoring", stage, pieces, compute, self.each)
        dealt.clear()
        return stage

    def _merged(self, work: Work, tallies: Stage) -> Stage:
        """The scores of all shares of the tallies."""

        def merged(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
            return merging.added(frame, self.each)

        if self.average == "touchpoints":
            return self._next(
                "merging", tallies, work.stage("scores"),
                lambda frame: readouts(merged(frame), self.keys, self.policy),
            )  # fmt: skip
        sums = self._next(
            "merging", tallies, work.stage("sums"),
            lambda frame: averages.journey_sums(merged(frame), self.keys), self.keys,
        )  # fmt: skip
        return self._next(
            "averaging", sums, work.stage("scores"),
            lambda frame: averages.over_journeys(averages.added(frame, self.keys), self.keys),
        )  # fmt: skip

    def _next(
        self,
        name: str,
        before: Stage,
        stage: Stage,
        query: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]],
        by: Sequence[str] = (),
    ) -> Stage:
        """A stage that makes a query on pieces of the one before."""
        if stage.done:
            return stage
        files = before.files()

        def compute(number: int, rows: pl.Expr) -> pl.DataFrame:
            read = pl.scan_parquet(files).filter(rows)
            return self._collected(query(nw.from_native(read)))

        self._steps(name, stage, before.pieces(self.piece), compute, by)
        before.clear()
        return stage

    def _steps(
        self,
        name: str,
        stage: Stage,
        pieces: Iterable[tuple[Any, int]],
        compute: Callable[[int, Any], pl.DataFrame],
        by: Sequence[str],
    ) -> None:
        """What is not done yet of a stage, step by step."""
        pieces = list(pieces)
        total = sum(count for _, count in pieces)
        first = sum(1 for _ in stage.numbers())
        done = sum(count for _, count in pieces[:first])
        for number, (piece, count) in enumerate(pieces[first:], start=first):
            self.say(Progress(name, done, total, "rows"))
            stage.write(number, compute(number, piece), by)
            done += count
        self.say(Progress(name, total, total, "rows"))
        stage.finish()

    def _collected(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        with damage_named(self.name):
            return collected(frame)

    def _write(self, work: Work, scores: Stage) -> None:
        """The result, and what is not scored, in their files."""
        files = scores.files()
        whole(self.out, lambda path: pl.scan_parquet(files).sink_parquet(path))
        if self.quarantine is None:
            return
        found = [
            pl.scan_parquet(file).select(*self.place, *COLUMNS)
            for name in ("unreadable", "faults")
            for file in work.stage(name).files()
        ]
        none = pl.LazyFrame(schema=[*self.place, *COLUMNS])
        # of one row its faults stay in their order; they are few, or the log is not worth scoring
        faults = pl.concat(found or [none]).sort(self.place, maintain_order=True).collect()
        whole(self.quarantine, faults.write_ndjson)

    # -- pieces of a log -----------------------------------------------------------------------

    def _slices(self, opened: Log) -> Iterator[tuple[Log, int]]:
        """A log in Parquet, as it stands in its files."""
        native = opened.frame.to_native()
        with damage_named(self.name):
            total = pl.scan_parquet(self.paths, glob=False).select(pl.len()).collect().item()
        for first in range(0, max(total, 1), self.piece):
            frame: nw.LazyFrame[Any] = nw.from_native(native.slice(first, self.piece))
            if self.looks_for_faults:
                frame = numbered(frame, PLACE, first + 1)
            yield _with(opened, frame), min(self.piece, total - first)

    def _filters(self, opened: Log, dealt: Stage) -> Iterator[tuple[Log, int]]:
        """A log that was dealt out by journey."""
        native = opened.frame.to_native()
        for rows, count in dealt.pieces(self.piece):
            yield _with(opened, nw.from_native(native.filter(rows))), count

    def _dealt(self, opened: Log, stage: Stage) -> Log:
        """The rows of a log in Parquet, dealt out by journey."""
        if not stage.done:
            keep = {*KNOWN, *self.keys, PLACE, "_unreadable"}

            def compute(number: int, log: Log) -> pl.DataFrame:
                names = [name for name in log.schema if name in keep]
                return self._collected(log.frame.select(*names))

            self._steps("dealing out", stage, self._slices(opened), compute, ["journey"])
        return _with(opened, nw.from_native(pl.scan_parquet(stage.files())))

    def _text(self, work: Work, stage: Stage) -> Log:
        """The rows of a log in text, dealt out by journey."""
        wanted = Wanted.of(self.keys, self.columns)
        if not stage.done:
            self._read(work, stage, wanted)
        parts = [pl.scan_parquet(file) for file in stage.files()]
        filled = [part for part in parts if len(part.head(1).collect())] or parts[:1]
        opened = understood(
            nw.from_native(wanted.aligned(filled)),
            collecting(self.name),
            keys=self.keys,
            columns=self.columns,
            timezone=self.timezone,
        )
        return evolve(opened, place=self.place, path=self.name)

    def _read(self, work: Work, stage: Stage, wanted: Wanted) -> None:
        """Read what is left of the files; beside each step stands where the next begins."""
        journey = next((name for name, ours in self.columns.items() if ours == "journey"), "journey")
        sizes = [path.stat().st_size for path in self.paths]

        def say() -> None:
            self.say(Progress("reading", sum(sizes[:place]) + mark.byte, sum(sizes), "bytes"))

        number, place, mark = 0, 0, START
        for number, _ in enumerate(stage.numbers(), start=1):
            place, *at = json.loads(stage.path(number - 1, ".json").read_text())
            mark = Mark(*at)
        blocks: list[pl.DataFrame] = []
        faults: list[pl.DataFrame] = []
        none = faults_frame([]).with_columns(file=pl.lit(""))
        gathered = 0

        def step() -> None:
            whole(
                stage.path(number, ".json"),
                lambda path: path.write_text(json.dumps([place, mark.byte, mark.line])),
            )
            work.stage("unreadable").write(number, pl.concat([*faults, none]))
            stage.write(number, wanted.together(blocks), [journey])

        say()
        for place in range(place, len(self.paths)):
            path = self.paths[place]
            for block, wrong, mark in blocks_of(
                path, wanted, self.columns, several=len(self.paths) > 1, start=mark
            ):
                if len(wrong) and self.strict:
                    refuse(wrong, self.place, self.name)
                if len(wrong) and self.quarantine is None:
                    raise refused(wrong)
                blocks.append(block)
                faults.append(wrong)
                gathered += len(block)
                if gathered >= self.piece:
                    step()
                    number, gathered = number + 1, 0
                    blocks, faults = [], []
                say()
            mark = START
        if blocks or number == 0:
            place, mark = len(self.paths), START
            blocks = blocks or [pl.DataFrame(schema={PLACE: pl.Int64})]
            step()
        stage.finish()


def _with(opened: Log, frame: nw.LazyFrame[Any]) -> Log:
    """A log with other rows; these may have a place."""
    return evolve(opened, frame=frame, schema=dict(frame.collect_schema()))
