"""What commands write: tables for people, machine formats for pipes, files, progress, warnings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import polars as pl
from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)  # fmt: skip
from rich.table import Table
from rich.text import Text

from .. import frames
from ..errors import InvalidValue
from ..frames.paths import refuse_to_overwrite
from .wording import typed

FORMATS = ("table", "csv", "jsonl")
WRITERS = {
    ".parquet": "write_parquet", ".csv": "write_csv", ".jsonl": "write_ndjson",
    ".ndjson": "write_ndjson",
}  # fmt: skip


def add_output(parser: argparse.ArgumentParser) -> None:
    """Where the result goes, and how it looks.

    >>> parser = argparse.ArgumentParser()
    >>> add_output(parser)
    >>> parser.parse_args(["--out", "scores.parquet"]).limit
    20
    """
    add = parser.add_argument
    add("--out", metavar="FILE", help="write every row: .parquet, .csv, .jsonl or .ndjson")
    add(
        "--format",
        choices=FORMATS,
        help="of the output: table on a terminal, csv in a pipe unless said otherwise",
    )
    add("--limit", type=_positive, default=20, metavar="N", help="rows of the table (default: 20)")
    add("--no-color", action="store_true", help="no colour, as with NO_COLOR in the environment")


def _positive(given: str) -> int:
    if not given.isdecimal() or int(given) == 0:
        raise argparse.ArgumentTypeError("a whole number from 1")
    return int(given)


def console(options: argparse.Namespace, *, stderr: bool = False) -> Console:
    """The terminal, or the pipe, in colour unless that is not wanted; errors are not wrapped."""
    return Console(stderr=stderr, no_color=options.no_color or None, soft_wrap=stderr)


def deliver(options: argparse.Namespace, frame: pl.DataFrame, show: Callable[[], None]) -> None:
    """Write a result to its file, and to the screen or the pipe as it is wanted there.

    Args:
        options: those of `add_output`.
        frame: the result.
        show: draws it for a person.
    """
    write = writer(options)
    if write is not None:
        getattr(frame, write)(options.out)
    is_terminal = sys.stdout.isatty()
    form = options.format or ("table" if is_terminal else "csv")
    if write is not None and options.format is None and not is_terminal:
        return
    if form == "table":
        show()
    elif write is None or options.format:
        sys.stdout.write(frame.write_csv() if form == "csv" else frame.write_ndjson())


def tabulated(
    options: argparse.Namespace,
    frame: pl.DataFrame,
    headline: str,
    more: str = "",
    spare: Sequence[str] = (),
) -> None:
    """A result as a table for a person: a headline, then the first rows, as many as are wanted.

    Args:
        options: those of `add_output`.
        frame: the rows, in the order to be shown.
        headline: one line over it.
        more: what can be said of the rows that are not shown.
        spare: the columns that go first where the screen is narrow, before those on the right.
    """
    screen = console(options)
    shown = frame.head(options.limit)
    screen.print(Text(f"{headline}\n"))
    print_table(
        screen,
        {
            name: (name.replace("_", " "), [_cell(value) for value in shown[name]])
            for name in shown.columns
        },
        numbers=[name for name, dtype in shown.schema.items() if dtype.is_numeric()],
        spare=[*spare, *(name for name in reversed(shown.columns[1:]) if name not in spare)],
    )
    if len(frame) > len(shown):
        rest = f"... and {len(frame) - len(shown):,} more{more}: --limit N shows more"
        screen.print(rest, style="dim")


def print_table(
    screen: Console,
    columns: Mapping[str, tuple[str, Sequence[Text]]],
    *,
    numbers: Collection[str],
    spare: Iterable[str],
) -> None:
    """A table whose columns can all be read: those that there is no room for are named under it.

    Args:
        screen: where to print it.
        columns: the heading and the cells of each.
        numbers: the columns that are aligned on the right.
        spare: what may be left out where the screen is narrow, the first first.
    """
    gap = 2 if screen.width >= 100 else 1
    widths = {
        name: max(Text(heading).cell_len, *(cell.cell_len for cell in cells), 0)
        for name, (heading, cells) in columns.items()
    }
    without = []
    for name in spare:
        if sum(widths.values()) + gap * (len(widths) - 1) <= screen.width:
            break
        if widths.pop(name, None) is not None:
            without.append(name)
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    for name in widths:
        right = name in numbers
        justify: Literal["left", "right"] = "right" if right else "left"
        table.add_column(Text(columns[name][0]), justify=justify, no_wrap=right, overflow="fold")
    for row in zip(*(columns[name][1] for name in widths), strict=True):
        table.add_row(*row)
    screen.print(table)
    if without:
        named = ", ".join(columns[name][0] for name in columns if name in without)
        screen.print(f"no room for {named}: a wider terminal or --format csv has all", style="dim")


def _cell(value: Any) -> Text:
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, float):
        return Text(f"{value:,.2f}")
    return Text(f"{value:,}" if isinstance(value, int) else str(value))


def writer(options: argparse.Namespace) -> str | None:
    """The method that writes ``--out``, by its suffix; None if nothing is to be written.

    Raises:
        InvalidValue: no such folder, a kind of file that cannot be written, or the log itself.
    """
    if options.out is None:
        return None
    path = Path(options.out)
    refuse_to_overwrite(getattr(options, "log", None), path, "--out")
    if path.suffix not in WRITERS:
        raise InvalidValue(
            f"cannot write {path.suffix or 'a file without a suffix'}",
            path="--out",
            value=str(path),
            hint=f"one of {', '.join(WRITERS)}",
        )
    if not path.parent.is_dir():
        raise InvalidValue("no such folder", path=f"--out {path.parent}", value=str(path))
    return WRITERS[path.suffix]


@contextmanager
def progress(options: argparse.Namespace) -> Iterator[Any]:
    """A spinner with the time gone by, on a terminal; nothing in a pipe."""
    screen = console(options, stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(
        *columns, console=screen, transient=True, disable=not screen.is_terminal
    ) as shown:
        task = shown.add_task("opening the log", total=None)
        yield lambda what: shown.update(task, description=what)


@contextmanager
def meter(options: argparse.Namespace) -> Iterator[Callable[[frames.Progress], None]]:
    """How far each stage has come of how much, how fast, and the time left; nothing in a pipe."""
    screen = console(options, stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), _Amount(),
        TimeRemainingColumn(),
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as shown:

        def say(at: frames.Progress) -> None:
            if at.stage not in tasks:  # what was done before says nothing about the speed
                tasks[at.stage] = shown.add_task(
                    at.stage, total=at.total, completed=at.done, unit=at.unit
                )
            shown.update(tasks[at.stage], completed=at.done)

        yield say


class _Amount(ProgressColumn):
    """How much is done, of how much, and how much a second."""

    def render(self, task: Task) -> Text:
        unit = task.fields["unit"]

        def counted(amount: float) -> str:
            return decimal(int(amount)) if unit == "bytes" else f"{int(amount):,} {unit}"

        speed = task.finished_speed or task.speed
        rate = f", {counted(speed)}/s" if speed else ""
        return Text(f"{counted(task.completed)} of {counted(task.total or 0)}{rate}")


def warn(options: argparse.Namespace, faults: pl.DataFrame, *, rejected: int | None = None) -> None:
    """What was not folded, where and why: the first five.

    Args:
        options: of the command.
        faults: as `journeyscore.frames.check` lists them.
        rejected: how many rows were rejected, the rest being lines that are no rows; None where
            such lines are refused, so that all of them are rows.
    """
    if not len(faults):
        return
    screen = console(options, stderr=True)
    place = faults.columns[: faults.columns.index("field")]
    every = len(faults.unique(place))
    rejected = every if rejected is None else rejected
    told = not_scored(options, rejected, every - rejected)
    screen.print(Text(f"journeyscore: {told}:", style="yellow"))
    for fault in faults.head(5).rows(named=True):
        at = ", ".join(f"{name} {fault[name]}" for name in place)
        at += f", {fault['field']}" if fault["field"] else ""
        value = "" if fault["value"] is None else f"{fault['value']:g} is "
        screen.print(Text(f"  {at}: {value}not {typed(fault['expected'])}"))
    if len(faults) > 5:
        screen.print(Text(f"  ... and {len(faults) - 5:,} more faults"))
    if not options.scale and faults["expected"].str.contains("a level from 0 to 1").sum() > 1:
        screen.print(Text("  minutes, stars and the like need a scale: --scale speed=minutes:0:30"))


def not_scored(options: argparse.Namespace, rejected: int, unreadable: int) -> str:
    """How much was not folded, and where one may read why; nothing if all was."""
    told = [f"{counted(unreadable, 'line')} unreadable"] if unreadable else []
    told += [f"{counted(rejected, 'row')} rejected"] if rejected else []
    where = f" (see {options.quarantine})" if told and options.quarantine else ""
    return f"{', '.join(told)}{where}"


def counted(count: int, what: str) -> str:
    """What happened to how many.

    >>> counted(1, "row"), counted(2000, "line")
    ('1 row was', '2,000 lines were')
    """
    return f"1 {what} was" if count == 1 else f"{count:,} {what}s were"
