"""``journeyscore drivers``: weights of touchpoints, fitted to what guests said."""

from __future__ import annotations

import argparse
from typing import Any

from ..errors import InvalidValue
from .helping import HelpFormatter
from .output import add_output, deliver, progress, tabulated, writer
from .reading import add_reading, reading


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "drivers",
        help="fit weights of touchpoints to what guests said",
        description="Fits weights of touchpoints to what guests said of their journeys, and holds "
        "them against equal ones on journeys that the fit did not see. Weights that the log "
        "states are never overwritten. Needs journeyscore[drivers].",
        formatter_class=HelpFormatter,
        epilog="examples:\n"
        "  journeyscore drivers stays.jsonl\n"
        "  journeyscore drivers stays.jsonl --feedback nps --save policy.json\n"
        "  journeyscore score stays.jsonl --policy policy.json",
    )
    parser.set_defaults(run=run)
    add_reading(parser)
    option = parser.add_argument
    option("--feedback", metavar="COLUMN", default="csat", help="what guests said (default: csat)")
    option("--save", metavar="FILE", help="write a policy with these weights, as JSON")
    option("--seed", type=int, default=0, metavar="N", help="of the cross-validation (default: 0)")
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Fit, write, show."""
    try:
        from ..drivers import fit
    except ModuleNotFoundError as error:
        raise InvalidValue(
            f"drivers need {error.name}", hint="pip install 'journeyscore[drivers]'"
        ) from error
    writer(options)
    read = reading(options)
    with progress(options) as say:
        say("fitting")
        found = fit(options.log, options.feedback, seed=options.seed, **read)
    if options.save is not None:
        found.policy(read["policy"]).save(options.save)
    headline = str(found)
    if found.unfitted:
        headline += f"; too few answers for {', '.join(found.unfitted)}"
    table = found.to_frame()
    deliver(options, table, lambda: tabulated(options, table, headline))
    return 0
