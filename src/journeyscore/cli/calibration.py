"""``journeyscore calibration``: impressions beside what guests said, as a table and a curve."""

from __future__ import annotations

import argparse
from typing import Any

import polars as pl

from ..calibration import calibrate
from .helping import HelpFormatter
from .output import add_output, deliver, progress, tabulated, writer
from .reading import add_reading, reading


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "calibration",
        help="hold impressions against what guests said",
        description="Holds impressions against what guests said of the same journeys: by bins of "
        "impression, the mean of the answers, 0 to 100, with its 95% interval. In the curve o is "
        "what was said, - its interval, and | the impression.",
        formatter_class=HelpFormatter,
        epilog="examples:\n"
        "  journeyscore calibration stays.jsonl\n"
        "  journeyscore calibration stays.jsonl --feedback nps --width 5\n"
        "  journeyscore calibration stays.jsonl --feedback stars --scale stars=rating:1:10",
    )
    parser.set_defaults(run=run)
    add_reading(parser)
    option = parser.add_argument
    option("--feedback", metavar="COLUMN", default="csat", help="what guests said (default: csat)")
    option("--width", type=float, default=10, metavar="POINTS", help="of a bin (default: 10)")
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Calibrate, write, show."""
    writer(options)
    read = reading(options)
    scale = read["scales"].pop(options.feedback, None)
    with progress(options) as say:
        say("scoring")
        found = calibrate(
            options.log, options.feedback, scale=scale, width=options.width, **read
        ).sort("from")
    deliver(options, found, lambda: _show(options, found))
    return 0


def _show(options: argparse.Namespace, found: pl.DataFrame) -> None:
    answers, rejected = int(found["journeys"].sum()), int(found["rejected"].sum())
    told = found.drop_nulls("difference")
    headline = f"{answers:,} journeys with an answer"
    if told.height:
        weighted = (pl.col("difference").abs() * pl.col("journeys")).sum()
        gap = told.select(weighted / pl.col("journeys").sum()).item()
        headline += f"; impressions and answers lie {gap:.1f} points apart on the mean"
    if rejected:
        headline += f"; {rejected:,} answers outside the scale are left out"
    curve = [_line(row) for row in found.iter_rows(named=True)]
    shown = found.drop("rejected").with_columns(pl.Series("0 to 100", curve, pl.String))
    tabulated(options, shown, headline, spare=("difference", "low", "high"))


_STEPS = 40


def _line(row: dict[str, Any]) -> str:
    """One bin as a line of the curve."""
    if row["said"] is None:
        return ""
    places = {
        name: round(row[name] / 100 * _STEPS) for name in ("low", "high", "impression", "said")
    }
    line = [" "] * (_STEPS + 1)
    for place in range(places["low"], places["high"] + 1):
        line[place] = "-"
    line[places["impression"]] = "|"
    line[places["said"]] = "o"
    return "".join(line).rstrip()
