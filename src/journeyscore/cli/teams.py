"""``journeyscore teams``: what teams have and lack, beside the impressions they leave."""

from __future__ import annotations

import argparse
from typing import Any

import polars as pl

from .. import team
from ..errors import InvalidValue, MissingColumn
from .helping import HelpFormatter
from .output import add_output, deliver, progress, tabulated, writer
from .reading import add_reading, reading

VIEWS = ("needs", "obstacles", "alignment")


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "teams",
        help="what teams have and what stands in their way",
        description="The impression each team leaves beside the needs of its people; what stood in "
        "the way where a touchpoint fell short; and how far teams or sites lie apart in what they "
        "deliver. Always by team: of one that is too small nothing is said.",
        formatter_class=HelpFormatter,
        epilog="examples:\n"
        "  journeyscore teams stays.jsonl --staff staff.json\n"
        "  journeyscore teams stays.jsonl --staff staff.json --show obstacles\n"
        "  journeyscore teams stays.jsonl --show alignment --of touchpoint --between site\n\n"
        "staff.json: {\"bell\": {\"people\": 9, \"needs\": {\"making_a_difference\": 0.9,\n"
        "  \"valued\": 0.3, \"compensated\": 1}, \"traits\": {\"anticipates_problems\": 0.4}}}",
    )  # fmt: skip
    parser.set_defaults(run=run)
    add_reading(parser)
    option = parser.add_argument
    option("--staff", metavar="FILE", help="what the host knows of its teams, as JSON")
    option("--show", choices=VIEWS, default="needs", help="what of them (default: needs)")
    option(
        "--of",
        choices=("factor", "touchpoint", "stage", "channel"),
        default="factor",
        help="what is compared, for alignment (default: factor)",
    )
    option(
        "--between",
        metavar="COLUMN",
        default="team",
        help="who delivers, for alignment (default: team)",
    )
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Roll up, write, show."""
    writer(options)
    with progress(options) as say:
        say("scoring")
        found = _found(options)
    shown = found.rename(_SHORT, strict=False)
    headline = _HEADLINES[options.show]
    deliver(options, found, lambda: tabulated(options, shown, headline, spare=_SPARE))
    return 0


_SHORT = {
    "making_a_difference": "difference",
    "compensated": "paid",
    "needs_met": "met",
    "weakest_trait": "weakest",
}
"""Short names, so that the table fits a terminal."""


_SPARE = ("difference", "valued", "paid", "low", "high", "people", "journeys")
"""What the table leaves out where the terminal is narrow, the first first."""

_HEADLINES = {
    "needs": "the lowest impressions first; of three needs at least two should be met",
    "obstacles": "what stood in the way where touchpoints fell short; the most failures first",
    "alignment": "how far apart the best and the worst lie, in points; the widest first",
}


def _found(options: argparse.Namespace) -> pl.DataFrame:
    read = reading(options)
    staff = None if options.staff is None else team.load(options.staff)
    found: pl.DataFrame
    if options.show == "alignment":
        try:
            found = team.alignment(options.log, options.of, options.between, **read)
        except MissingColumn as error:
            if not options.of == error.value == "factor":
                raise
            error.hint = "--of touchpoint compares touchpoints, of which every log has some"
            raise
        return found.sort("spread", options.of, descending=[True, False], nulls_last=True)
    if options.show == "obstacles":
        found = team.obstacles(options.log, staff, **read)
        return found.sort("failures", "team", descending=[True, False], nulls_last=True)
    if staff is None:
        raise InvalidValue(
            "needs are what you know of each team, from a file",
            path="--staff",
            hint="--staff staff.json, journeyscore teams --help shows one; "
            "--show obstacles and --show alignment go without",
        )
    found = team.teams(options.log, staff, **read)
    return found.sort("impression", "team", nulls_last=True)
