"""A log cut into pieces: slices of its files, or its rows dealt out so that journeys are whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import narwhals as nw
import polars as pl
from attrs import evolve

from .columns import KNOWN, PLACE, REFERENCES, TIMES
from .engines import numbered
from .faults import refuse
from .log import Log, blocks_of, collecting, open_log, refused, understood
from .paths import damage_named
from .task import Progress, Task
from .text import START, Mark, Wanted, faults_frame
from .work import Stage, Work, whole


def in_pieces(task: Task, work: Work) -> tuple[Log, list[tuple[Log, int]]]:
    """The log as a whole, and its pieces with their number of rows; a journey's where they must be.

    In a log of Parquet in which rows are touchpoints of their own a piece is a slice. Elsewhere the
    rows are dealt out by journey, into the stage ``rows``.
    """
    dealt = work.stage("rows")
    if task.is_text:
        opened = _text(task, work, dealt)
        return opened, list(_shares(task, opened, dealt))
    opened = open_log(task.paths, keys=task.keys, columns=task.columns, timezone=task.timezone)
    if not opened.has("id", *REFERENCES):
        return opened, list(_slices(task, opened))
    opened = _dealt(task, opened, dealt)
    return opened, list(_shares(task, opened, dealt))


def _slices(task: Task, opened: Log) -> Iterator[tuple[Log, int]]:
    """A log in Parquet, as it stands in its files."""
    native = opened.frame.to_native()
    with damage_named(task.name):
        total = pl.scan_parquet(task.paths, glob=False).select(pl.len()).collect().item()
    for first in range(0, max(total, 1), task.piece):
        frame: nw.LazyFrame[Any] = nw.from_native(native.slice(first, task.piece))
        if task.looks_for_faults:
            frame = numbered(frame, PLACE, first + 1)
        yield _with(opened, frame), min(task.piece, total - first)


def _shares(task: Task, opened: Log, dealt: Stage) -> Iterator[tuple[Log, int]]:
    """A log that was dealt out by journey."""
    native = opened.frame.to_native()
    for rows, count in dealt.pieces(task.piece):
        yield _with(opened, nw.from_native(native.filter(rows))), count


def _dealt(task: Task, opened: Log, stage: Stage) -> Log:
    """The rows of a log in Parquet, dealt out by journey."""
    if not stage.done:
        keep = {*KNOWN, *task.keys, PLACE, *(f"_unreadable_{name}" for name in TIMES)}

        def compute(number: int, log: Log) -> pl.DataFrame:
            names = [name for name in log.schema if name in keep]
            return task.collected(log.frame.select(*names))

        task.steps("dealing out", stage, _slices(task, opened), compute, ["journey"])
    return _with(opened, nw.from_native(pl.scan_parquet(stage.files())))


def _text(task: Task, work: Work, stage: Stage) -> Log:
    """The rows of a log in text, dealt out by journey."""
    wanted = Wanted.of(task.keys, task.columns)
    if not stage.done:
        _read(task, work, stage, wanted)
    parts = [pl.scan_parquet(file) for file in stage.files()]
    filled = [part for part in parts if len(part.head(1).collect())] or parts[:1]
    opened = understood(
        nw.from_native(wanted.aligned(filled)),
        collecting(task.name),
        keys=task.keys,
        columns=task.columns,
        timezone=task.timezone,
    )
    return evolve(opened, place=task.place, path=task.name)


def _read(task: Task, work: Work, stage: Stage, wanted: Wanted) -> None:
    """Read what is left of the files; beside each step stands where the next begins."""
    journey = next((name for name, ours in task.columns.items() if ours == "journey"), "journey")
    sizes = [path.stat().st_size for path in task.paths]

    def say(at: Place) -> None:
        task.say(Progress("reading", sum(sizes[: at[0]]) + at[1].byte, sum(sizes), "bytes"))

    def step() -> None:
        beside = json.dumps([at[0], at[1].byte, at[1].line]).encode()
        whole(stage.path(number, ".json"), lambda path: path.write_bytes(beside))
        work.stage("unreadable").write(number, pl.concat([*faults, no_faults]))
        stage.write(number, wanted.together(blocks or [no_rows]), [journey])

    no_rows = pl.DataFrame(schema={PLACE: pl.Int64})
    no_faults = faults_frame([]).with_columns(file=pl.lit(""))
    number, at = _reached(stage)
    blocks: list[pl.DataFrame] = []
    faults: list[pl.DataFrame] = []
    say(at)
    for block, wrong, at in _blocks(task, wanted, at):  # noqa: B020 - from where it is, on
        if len(wrong) and task.strict:
            refuse(wrong, task.place, task.name)
        if len(wrong) and task.quarantine is None:
            raise refused(wrong)
        blocks.append(block)
        faults.append(wrong)
        if sum(map(len, blocks)) >= task.piece:
            step()
            number, blocks, faults = number + 1, [], []
        say(at)
    if blocks or number == 0:
        step()
    stage.finish()


Place = tuple[int, Mark]
"""Which file, and where in it."""


def _reached(stage: Stage) -> tuple[int, Place]:
    """How many steps are done, and where the next begins."""
    number = sum(1 for _ in stage.numbers())
    if not number:
        return 0, (0, START)
    file, byte, line = json.loads(stage.path(number - 1, ".json").read_text())
    return number, (file, Mark(byte, line))


def _blocks(
    task: Task, wanted: Wanted, first: Place
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, Place]]:
    """The rows and the faults of the files, block by block, and where the next begins."""
    several = len(task.paths) > 1
    for file in range(first[0], len(task.paths)):
        start = first[1] if file == first[0] else START
        read = blocks_of(task.paths[file], wanted, task.columns, several=several, start=start)
        for rows, faults, end in read:
            yield rows, faults, (file, end)


def _with(opened: Log, frame: nw.LazyFrame[Any]) -> Log:
    """A log with other rows; these may have a place."""
    return evolve(opened, frame=frame, schema=dict(frame.collect_schema()))
