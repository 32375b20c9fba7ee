"""``journeyscore report``: one page on a log, for people who read no tables of numbers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.text import Text

from .. import frames
from ..errors import InvalidValue
from .drawing import drawing
from .helping import HelpFormatter
from .output import console, progress, warn
from .reading import add_reading, reading


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "report",
        help="report on a journey log, on one page",
        description="Writes one page on a journey log: how journeys ended, what broke them, teams, "
        "the worst and the best. The page is one file and needs no network.",
        formatter_class=HelpFormatter,
        epilog="examples:\n"
        "  journeyscore report season.jsonl --out report.html\n"
        "  journeyscore report 'season/*.parquet' --out report.html --title 'Summer 2025'",
    )
    parser.set_defaults(run=run)
    add_reading(parser)
    option = parser.add_argument
    option("--out", metavar="FILE", required=True, help="the page to write: .html")
    option("--title", metavar="TEXT", default="Customer journeys", help="of the page")
    option(
        "--extremes",
        type=int,
        choices=range(11),
        default=3,
        metavar="N",
        help="how many of the worst and of the best journeys to draw (default: 3)",
    )
    option(
        "--market", metavar="LOG", help="another log, whose means stand in for missing expectations"
    )
    option(
        "--feedback",
        nargs="*",
        metavar="COLUMN",
        help="what guests said (default: csat, nps and ces, as far as the log has them); the scale "
        "of another stands in --scale",
    )
    option("--strict", action="store_true", help="refuse a log with rows that cannot be scored")
    option(
        "--quarantine",
        metavar="FILE",
        help="put what cannot be scored there, as JSON Lines, and report on the rest",
    )
    option("--no-color", action="store_true", help="no colour, as with NO_COLOR in the environment")


def run(options: argparse.Namespace) -> int:
    """Add up the log, write the page, and warn of what was not scored."""
    out = Path(options.out)
    if out.suffix not in (".html", ".htm"):
        raise InvalidValue(
            f"cannot write {out.suffix or 'a file without a suffix'}",
            path="--out",
            value=str(out),
            hint="a page is .html",
        )
    if not out.parent.is_dir():
        raise InvalidValue("no such folder", path=f"--out {out.parent}", value=str(out))
    read = reading(options)
    make = drawing().report
    with progress(options) as say:
        market = None
        if options.market is not None:
            say("reading the market")
            market = frames.market(options.market, **read)
        read["market"] = market
        say("adding up the log")
        page = make(
            options.log,
            title=options.title,
            extremes=options.extremes,
            feedback=options.feedback,
            strict=options.strict,
            quarantine=options.quarantine,
            **read,
        )
        say("writing the page")
        page.save(out)
    if page.rejected or options.quarantine is not None:
        warn(options, frames.check(options.log, **read), rejected=page.rejected)
    screen = console(options, stderr=True)
    if screen.is_terminal:
        screen.print(Text(page.words))
    return 0
