"""``journeyscore loops``: what fell short and is still open, the oldest first."""

from __future__ import annotations

import argparse
from typing import Any

import polars as pl
from rich.text import Text

from .. import frames
from .helping import HelpFormatter
from .now import add_now, length
from .output import add_output, console, deliver, print_table, progress, warn, writer
from .reading import add_reading, reading

COLUMNS = (
    "kind", "journey", "touchpoint", "id", "team", "site", "owner", "cause", "age", "overdue",
)  # fmt: skip
"""What the result says of each open loop; ages in whole seconds."""


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "loops",
        help="what fell short and is still open",
        description="Failures that were not put right, recoveries that nobody followed up, "
        "follow-ups that are owed, and causes that nothing prevents; the oldest first.",
        formatter_class=HelpFormatter,
        epilog="examples:\n"
        "  journeyscore loops stays.jsonl\n"
        "  journeyscore loops season.parquet --causes site --now 2026-05-01T12:00Z --out open.csv",
    )
    parser.set_defaults(run=run, quarantine=None)
    add_reading(parser)
    add_now(parser)
    parser.add_argument(
        "--causes", metavar="COLUMN", default=None,
        help="within what a prevention of a cause counts (default: site, else journey)",
    )  # fmt: skip
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Find, write, show."""
    writer(options)  # before anything is computed
    read = reading(options)
    with progress(options) as say:
        say("looking for what is open")
        failures = frames.loops(options.log, now=options.now, **read)
        by = options.causes or ("site" if "site" in failures.columns else "journey")
        causes = frames.causes(options.log, by=by, now=options.now, **read)
        owed = frames.follow_ups(options.log, now=options.now, **read)
        found = together(failures, causes, owed)
        faults = frames.check(options.log, **read)
    warn(options, faults)
    deliver(options, found, lambda: _show(options, found, failures))
    return 0


def together(failures: pl.DataFrame, causes: pl.DataFrame, owed: pl.DataFrame) -> pl.DataFrame:
    """Open loops of every kind in one frame, the oldest first."""
    parts = [
        failures.filter(pl.col("open").is_not_null()).rename({"open": "kind"}),
        owed.filter(~pl.col("made")).with_columns(kind=pl.lit("follow_up")),
        causes.filter(pl.col("open") > 0).with_columns(kind=pl.lit("cause")),
    ]
    kept = [part.select(name for name in COLUMNS if name in part.columns) for part in parts]
    every = pl.concat(kept, how="diagonal_relaxed")
    there = [name for name in COLUMNS if name in every.columns]
    return every.select(there).sort(
        "age", "kind", "touchpoint", descending=[True, False, False], nulls_last=True
    )


def _show(options: argparse.Namespace, found: pl.DataFrame, failures: pl.DataFrame) -> None:
    screen = console(options)
    counts = dict(found.group_by("kind").len().iter_rows())
    words = {
        "failure": "not put right", "recovery": "not followed up", "follow_up": "follow-ups owed",
        "cause": "causes not prevented",
    }  # fmt: skip
    told = ", ".join(f"{counts.get(kind, 0):,} {word}" for kind, word in words.items())
    screen.print(Text(f"{len(failures):,} failures: {told}; the oldest first\n"))
    shown = found.head(options.limit)
    columns = {
        name: (name, [_cell(name, value) for value in shown[name]])
        for name in shown.columns
        if shown[name].count()
    }
    print_table(screen, columns, numbers=("age",), spare=_SPARE)
    if len(found) > len(shown):
        screen.print(f"... and {len(found) - len(shown):,} more: --limit N", style="dim")


_SPARE = ("id", "owner", "site", "cause", "team", "overdue", "age")
"""What the table leaves out where the terminal is narrow, the first first."""


def _cell(name: str, value: Any) -> Text:
    if name == "age":
        return Text(length(value))
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, bool):
        return Text("overdue" if value else "")
    return Text(str(value).replace("_", " ") if name == "kind" else str(value))
