"""``journeyscore promises``: kept and broken, and what can be promised and kept."""

from __future__ import annotations

import argparse
from typing import Any

import polars as pl
from rich.text import Text

from .. import frames
from .helping import HelpFormatter
from .now import add_now
from .output import add_output, console, deliver, print_table, progress, warn, writer
from .reading import add_reading, reading


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "promises",
        help="promises kept and broken, and what can be promised and kept",
        description="The ledger of promises by team or touchpoint: kept, broken, empty; over- and "
        "under-promising; the level that can be promised and kept; the lowest kept rate first.",
        formatter_class=HelpFormatter,
        epilog="examples:\n"
        "  journeyscore promises stays.jsonl\n"
        "  journeyscore promises 'season/*.parquet' --by touchpoint team --rate 0.95",
    )
    parser.set_defaults(run=run, quarantine=None)
    add_reading(parser)
    add_now(parser)
    parser.add_argument(
        "--by", nargs="+", action="extend", metavar="COLUMN",
        help="group by these columns (default: team)",
    )  # fmt: skip
    parser.add_argument(
        "--rate", type=_rate, default=0.9,
        help="how often a promise is to be kept, 0 to 1 (default: 0.9)",
    )  # fmt: skip
    add_output(parser)


def _rate(given: str) -> float:
    try:
        if 0 <= (rate := float(given)) <= 1:
            return rate
    except ValueError:
        pass
    raise argparse.ArgumentTypeError("a number from 0 to 1")


def run(options: argparse.Namespace) -> int:
    """Count, write, show."""
    keys = options.by or ["team"]
    writer(options)  # before anything is computed
    read = reading(options)
    with progress(options) as say:
        say("reading the promises")
        found = frames.promises(options.log, by=keys, rate=options.rate, now=options.now, **read)
        found = found.sort("kept_rate", *keys, nulls_last=True)
        faults = frames.check(options.log, **read)
    warn(options, faults)
    deliver(options, found, lambda: _show(options, found))
    return 0


_SHOWN = {
    "due": "due", "kept": "kept", "broken": "broken", "empty": "empty", "kept_rate": "rate",
    "gap": "gap", "gap_low": "low", "gap_high": "high", "keepable": "keepable",
}  # fmt: skip
"""The columns of the table, beside the keys, and what heads them."""


def _show(options: argparse.Namespace, found: pl.DataFrame) -> None:
    screen = console(options)
    due, kept = int(found["due"].sum()), int(found["kept"].sum())
    rate = f" ({kept / due:.0%} kept)" if due else ""
    told = f"{int(found['made'].sum()):,} promises, {due:,} due{rate}"
    screen.print(Text(f"{told}; gap is delivered - promised, with its low and high tenth;"))
    screen.print(Text(f"keepable is what {options.rate:.0%} of them came to\n"))
    shown = found.head(options.limit)
    keys = shown.columns[: shown.columns.index("made")]
    rows = shown.rows(named=True)
    columns = {name: (name, [_key(row[name]) for row in rows]) for name in keys}
    for name, heading in _SHOWN.items():
        columns[name] = (heading, [_cell(name, row[name]) for row in rows])
    columns["flag"] = ("flag", [_flag(row) for row in rows])
    print_table(screen, columns, numbers=_SHOWN, spare=_SPARE)
    if len(found) > len(shown):
        screen.print(f"... and {len(found) - len(shown):,} more: --limit N", style="dim")


_SPARE = ("empty", "gap_low", "gap_high", "due", "kept", "broken", "gap", "flag", "keepable")
"""What the table leaves out where the terminal is narrow, the first first."""


def _key(value: Any) -> Text:
    return Text("-" if value is None else str(value))


def _flag(row: dict[str, Any]) -> Text:
    """What most promises of a group are: unrealistic, or sandbagged; nothing otherwise."""
    if 2 * row["unrealistic"] > row["due"]:
        return Text("unrealistic", style="red")
    return Text("sandbagged" if 2 * row["sandbagged"] > row["due"] else "", style="yellow")


def _cell(name: str, value: Any) -> Text:
    if value is None:
        return Text("-", style="dim")
    if name == "kept_rate":
        return Text(f"{value:.0%}")
    return Text(f"{value:.1f}" if isinstance(value, float) else f"{value}")
