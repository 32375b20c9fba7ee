"""``journeyscore show``: one journey of a log, in words and as a small map of characters."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .. import frames
from ..errors import UnknownName, described
from ..moments import MomentKind, Outcome, ScoredTouchpoint
from ..scorecard import Scorecard, evaluate
from ..touchpoints import State
from ..valuation import Valuer
from .drawing import save_drawing
from .helping import HelpFormatter
from .output import console, progress
from .reading import add_reading, reading


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "show",
        help="show one journey of a log",
        description="Shows one journey of a log: its score in words, its touchpoints, their map.",
        formatter_class=HelpFormatter,
        epilog="examples:\n"
        "  journeyscore show stay-0177 season.jsonl\n"
        "  journeyscore show stay-0177 season.jsonl --out stay.svg\n"
        "  journeyscore show stay-0177 season.jsonl --format json",
    )
    parser.set_defaults(run=run)
    option = parser.add_argument
    option("journey", metavar="JOURNEY", help="the id of the journey")
    add_reading(parser)
    option(
        "--market", metavar="LOG", help="another log, whose means stand in for missing expectations"
    )
    option("--out", metavar="FILE", help="draw the map: .svg, .png, or an .html page")
    option("--format", choices=("text", "json"), default="text", help="of the output")
    option("--no-color", action="store_true", help="no colour, as with NO_COLOR in the environment")


def run(options: argparse.Namespace) -> int:
    """Find the journey, score it, show it."""
    read = reading(options)
    policy = read.pop("policy")
    with progress(options) as say:
        say("looking for the journey")
        found = frames.journeys(options.log, [options.journey], **read)
        market = None
        if options.market is not None:
            say("reading the market")
            market = frames.market(options.market, policy=policy, **read)
    if options.journey not in found:
        raise UnknownName(
            f"no journey of the log has this id ({described(options.journey)}), "
            "or none of its rows can be scored",
            path="JOURNEY",
            value=options.journey,
        )
    card = evaluate(found[options.journey], Valuer(policy, market))
    if options.out is not None:
        save_drawing(card, options.out)
    if options.format == "json":
        sys.stdout.write(json.dumps(card.to_dict(), indent=2) + "\n")
    else:
        show(console(options), card)
    return 0


def show(screen: Console, card: Scorecard) -> None:
    """A scorecard on a terminal of any width: words, touchpoints, map."""
    screen.print(Text(card.journey.id, style="bold"))
    for line in str(card).replace("   ", "\n").splitlines():
        screen.print(Text(line))
    for said, names in (("missed", card.missed), ("out of order", card.out_of_order)):
        if names:
            screen.print(Text(f"{said}: {', '.join(names)}"))
    if card.touchpoints:
        screen.print()
        screen.print(_table(screen, card))


class Signs(NamedTuple):
    """The characters of a map."""

    zone: str
    anticipated: str
    stroke: str
    delivered: str
    broke: str
    made: str
    recovered: str


SIGNS = Signs("░", "│", "─", "●", "▼", "▲", "◉")
PLAIN = Signs(".", "|", "-", "o", "v", "^", "@")
"""Where the terminal cannot write the others."""

STYLES = {
    Outcome.FELL_SHORT: "red",
    Outcome.MET: "",
    Outcome.EXTRA_MILE: "green",
    Outcome.PROACTIVE: "green",
}


def _table(screen: Console, card: Scorecard) -> Table:
    """The columns that fit: always the name, the map and the effect; then numbers, then words."""
    plain = not screen.encoding.lower().startswith("utf")
    signs = PLAIN if plain else SIGNS
    with_numbers, with_words = screen.width >= 66, screen.width >= 96
    gap = 2 if with_words else 1
    labels = [each.touchpoint.label for each in card.touchpoints]
    name = min(max(map(len, labels)), max(10, screen.width // 4))
    expected = [_anticipated(each, with_words) for each in card.touchpoints]
    taken = [name, 7]
    taken += [max(map(len, [*expected, "anticipated"])), len("delivered")] if with_numbers else []
    taken += [len("recovered")] if with_words else []
    width = max(12, min(61, screen.width - sum(taken) - gap * len(taken) - 1))
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
    table.add_column("", width=name, no_wrap=True, overflow="crop" if plain else "ellipsis")
    if with_numbers:
        table.add_column("anticipated", justify="right", no_wrap=True)
        table.add_column("delivered", justify="right", no_wrap=True)
    table.add_column("effect", justify="right", no_wrap=True, width=7)
    table.add_column(_scale(width), width=width, no_wrap=True)
    if with_words:
        table.add_column("", no_wrap=True)
    for each, label, said in zip(card.touchpoints, labels, expected, strict=True):
        style = STYLES[each.outcome]
        missed = each.touchpoint.state is State.MISSED
        numbers = [said, "missed" if missed else f"{each.delivered:g}"] if with_numbers else []
        effect = Text(f"{each.contribution:+.2f}", style=style)
        words = [each.moment.value if each.moment else ""] if with_words else []
        table.add_row(label, *numbers, effect, drawn(each, width, signs), *words)
    return table


def _anticipated(each: ScoredTouchpoint, with_words: bool) -> str:
    return f"{each.basis} {each.anticipated:g}" if with_words else f"{each.anticipated:g}"


def _scale(width: int) -> str:
    """0, 50 and 100 over the places where they lie.

    >>> _scale(21)
    '0         50      100'
    """
    middle = (width - 1) // 2
    return f"{'0':<{middle}}{'50':<{width - middle - 3}}100"


def drawn(each: ScoredTouchpoint, width: int, signs: Signs = SIGNS) -> Text:
    """A touchpoint from 0 to 100 in so many characters.

    >>> from journeyscore import Journey, Touchpoint, score
    >>> card = score(Journey("a", [Touchpoint("hotel.valet", anticipated=0.5, delivered=0.8)]))
    >>> str(drawn(card.touchpoints[0], 21, PLAIN))
    '         .|-----o    '
    """
    low, high, anticipated, delivered = (
        int(points * (width - 1) / 100 + 0.5)
        for points in (each.adequate, each.desired, each.anticipated, each.delivered)
    )
    style = STYLES[each.outcome]
    cells = [(" ", "")] * width
    cells[low : high + 1] = [(signs.zone, "dim")] * (high + 1 - low)
    start, end = sorted((anticipated, delivered))
    cells[start : end + 1] = [(signs.stroke, style)] * (end + 1 - start)
    cells[anticipated] = (signs.anticipated, "")
    sign = {
        None: signs.delivered,
        MomentKind.BROKE: signs.broke,
        MomentKind.MADE: signs.made,
        MomentKind.RECOVERED: signs.recovered,
    }[each.moment]
    cells[delivered] = (sign, style or "bold")
    return Text.assemble(*cells)
