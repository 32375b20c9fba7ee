"""``journeyscore relationships``: customers over all their visits, many of them together."""

from __future__ import annotations

import argparse
from typing import Any

import polars as pl
from rich.text import Text

from .. import relationship
from ..errors import InvalidValue
from ..relationship import Band, Segment
from .helping import HelpFormatter
from .now import moment_of
from .output import add_output, console, deliver, progress, tabulated, writer
from .reading import add_reading, reading

VIEWS = ("segments", "risk", "knowledge", "needs")


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "relationships",
        help="customers over all their visits",
        description="What the journeys of customers come to over all visits: segments by "
        "satisfaction and value, the risk that they do not return, what to know of them, what "
        "they need. Always of many customers together: small groups say nothing.",
        formatter_class=HelpFormatter,
        epilog="examples:\n"
        "  journeyscore relationships stays.jsonl --valuable-from 500\n"
        "  journeyscore relationships stays.jsonl --show risk --by site\n"
        "  journeyscore relationships stays.jsonl --show knowledge --by segment \\\n"
        "      --since 2025-08-01T00:00+02:00\n"
        "  journeyscore relationships stays.jsonl --show needs",
    )
    parser.set_defaults(run=run)
    add_reading(parser)
    option = parser.add_argument
    option("--show", choices=VIEWS, default="segments", help="what of them (default: segments)")
    option("--by", nargs="+", action="extend", metavar="COLUMN", help="group by these columns")
    option(
        "--valuable-from",
        type=float,
        metavar="WORTH",
        help="the worth from which a customer is of high value; for segments",
    )
    option("--since", type=moment_of, metavar="TIME", help="for growth: worth since, less before")
    option(
        "--minimum",
        type=int,
        default=10,
        metavar="N",
        help="customers below which a group says nothing, from 5 (default: 10)",
    )
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Roll up, write, show."""
    writer(options)
    keys = options.by or (["segment"] if options.show == "knowledge" else [])
    with progress(options) as say:
        say("scoring")
        found = _found(options, keys).sort("customers", descending=True, nulls_last=True)
    deliver(options, found, lambda: _show(options, found))
    return 0


def _found(options: argparse.Namespace, keys: list[str]) -> pl.DataFrame:
    read = reading(options)
    more: dict[str, Any] = {"minimum": options.minimum}
    if options.show == "segments":
        if options.valuable_from is None:
            raise InvalidValue(
                "segments need the worth from which a customer is of high value",
                path="--valuable-from",
                hint="--valuable-from 500, in the unit of the column worth",
            )
        more["valuable_from"] = options.valuable_from
    elif options.show == "knowledge":
        more["since"] = options.since
    elif options.show == "needs":
        read = {name: read[name] for name in ("columns", "timezone")}
    found: pl.DataFrame = getattr(relationship, options.show)(options.log, keys, **read, **more)
    return found


def _show(options: argparse.Namespace, found: pl.DataFrame) -> None:
    """The table; of segments with how to treat them, in order of bands of risk."""
    small = found["customers"].null_count()
    headline = f"{int(found['customers'].sum()):,} customers"
    if options.show == "needs":  # a customer has several
        headline = f"{len(found)} needs"
    if small:
        groups = "a group is" if small == 1 else f"{small} groups are"
        headline += f"; {groups} too small to say anything"
    if options.show == "risk":
        order = {each.value: place for place, each in enumerate(Band)}
        found = found.sort(pl.col("band").replace_strict(order), descending=True)
    tabulated(options, found, headline, spare=("visits", "returning", "trust"))
    if options.show == "segments":
        hints = {each.value: each.hint for each in Segment}
        screen = console(options)
        screen.print()
        for segment in found["segment"].unique(maintain_order=True):
            screen.print(Text(f"{segment}: {hints[segment]}"))
