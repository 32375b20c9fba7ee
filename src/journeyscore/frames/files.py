"""Logs of many files, larger than memory: scored piece by piece, interrupted and resumed.

Tallies are a group: what pieces fold to apart, merged, is what one fold would have given. So a log
is folded in pieces of some million rows, and their tallies, which may be too many for memory as
well, are merged share by share. Where rows are more than touchpoints of their own (ids, readings,
recoveries), and in text, whose columns are known only when all is read, the rows of a journey must
come together first: then the rows are dealt out before they are folded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Literal

import narwhals as nw
import polars as pl
from attrs import frozen

from ..errors import WrongType, described
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from ..telemetry import Attributes, semconv, span
from . import averages, merging
from .columns import checked_scales, group_keys
from .faults import COLUMNS, listed, refuse
from .filling import Known
from .formula import readouts, tallies
from .log import Log, checked_columns
from .paths import named, paths_of, refuse_to_overwrite
from .pieces import in_pieces
from .preparing import Quarantine, quarantine_of, rows_of
from .scoring import By, checked_average, folded
from .task import Progress, Task
from .work import Stage, Work, refuse_unless_parquet, removed, whole

PIECE = 2_000_000
"""Rows that are scored together: well under a gigabyte of memory."""

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]


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
    traces: bool = True,
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
        traces: whether one span ``journey score`` is emitted, as by `score`, at the end.

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
    task = Task(
        paths=paths,
        name=named(log),
        out=Path(fspath(out)),
        keys=group_keys(by),
        average=checked_average(average),
        policy=policy,
        columns=checked_columns(columns),
        timezone=timezone,
        scales=checked_scales(scales),
        known=Known.of(market),
        strict=strict,
        quarantine=None if aside is None else aside[0],
        say=progress or (lambda _: None),
        piece=piece,
    )
    refuse_unless_parquet(task.out)
    for name, file in (("out", task.out), ("quarantine", task.quarantine)):
        if file is not None:
            refuse_to_overwrite(paths, file, name)
    begun = Work.begun(Path(fspath(work)), task.manifest(), resume=resume)
    written = _done(task, begun)
    if traces:
        told: Attributes = {
            semconv.POLICY_FINGERPRINT: policy.fingerprint,
            semconv.TOUCHPOINT_COUNT: written.touchpoints,
        }
        span(semconv.JOURNEY_SCORE, lambda: told)
    return written


def _done(task: Task, work: Work) -> Written:
    """Every stage, or what is left of them, and the account."""
    account = work.folder / "account.json"
    if account.exists() and not task.out.exists():  # taken away: all is done again
        removed(work.folder)
        account.unlink()
    if not account.exists():
        final = _merged(task, work, _tallies(task, work))
        unreadable = sum(
            pl.scan_parquet(file).select(pl.len()).collect().item()
            for file in work.stage("unreadable").files()
        )
        _write(task, work, final)
        scores = pl.scan_parquet(task.out)
        totals = scores.select(pl.len(), pl.sum("touchpoints", "rejected")).collect()
        groups, touchpoints, rejected = totals.row(0)
        counts = [groups, int(touchpoints), int(rejected), unreadable]
        work.write(account.name, json.dumps(counts).encode())
    removed(work.folder)
    return Written(task.out, *json.loads(account.read_text()))


def _tallies(task: Task, work: Work) -> Stage:
    """The tallies of all pieces of the log."""
    stage = work.stage("tallies")
    if stage.done:
        return stage
    opened, pieces = in_pieces(task, work)
    rows = rows_of(opened, task.keys, task.policy, task.scales)
    faults = work.stage("faults")

    def compute(number: int, log: Log) -> pl.DataFrame:
        sums = folded(log, rows, task.each, task.known)
        found = task.collected(tallies(sums, task.each))
        if task.looks_for_faults and found["rejected"].sum():
            wrong = listed(log, rows, task.known)
            if task.strict:
                refuse(wrong, task.place, task.name)
            faults.write(number, wrong)
        return found

    task.steps("scoring", stage, pieces, compute, task.each)
    work.stage("rows").clear()
    return stage


def _merged(task: Task, work: Work, before: Stage) -> Stage:
    """The scores of all shares of the tallies."""

    def merged(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        return merging.added(frame, task.each)

    if task.average == "touchpoints":
        return _next(task,
            "merging", before, work.stage("scores"),
            lambda frame: readouts(merged(frame), task.keys, task.policy),
        )  # fmt: skip
    sums = _next(task,
        "merging", before, work.stage("sums"),
        lambda frame: averages.journey_sums(merged(frame), task.keys), task.keys,
    )  # fmt: skip
    return _next(task,
        "averaging", sums, work.stage("scores"),
        lambda frame: averages.over_journeys(averages.added(frame, task.keys), task.keys),
    )  # fmt: skip


def _next(
    task: Task,
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
        return task.collected(query(nw.from_native(read)))

    task.steps(name, stage, before.pieces(task.piece), compute, by)
    before.clear()
    return stage


def _write(task: Task, work: Work, scores: Stage) -> None:
    """The result, and what is not scored, in their files."""
    files = scores.files()
    whole(task.out, lambda path: pl.scan_parquet(files).sink_parquet(path))
    if task.quarantine is None:
        return
    found = [
        pl.scan_parquet(file).select(*task.place, *COLUMNS)
        for name in ("unreadable", "faults")
        for file in work.stage(name).files()
    ]
    none = pl.LazyFrame(schema=[*task.place, *COLUMNS])
    # of one row its faults stay in their order; they are few, or the log is not worth scoring
    faults = pl.concat(found or [none]).sort(task.place, maintain_order=True).collect()
    whole(task.quarantine, faults.write_ndjson)
