"""``journeyscore score``: the score of each journey, or of whatever a log is grouped by."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import polars as pl
from rich.text import Text

from .. import frames
from ..errors import InvalidValue
from .helping import HelpFormatter
from .output import (
    add_output,
    console,
    deliver,
    meter,
    not_scored,
    print_table,
    progress,
    warn,
    writer,
)  # fmt: skip
from .reading import add_reading, reading


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "score",
        help="score a journey log",
        description="Scores a journey log, by journey or by whatever else it is grouped by.",
        formatter_class=HelpFormatter,
        epilog="examples:\n"
        "  journeyscore score stays.jsonl\n"
        "  journeyscore score 'season/*.parquet' --by team --average journeys\n"
        "  journeyscore score 'years/*.parquet' --out scores.parquet --work work --resume\n"
        "  journeyscore score pos.csv --columns stay_no=journey --timezone Europe/Zurich \\\n"
        "      --scale speed=minutes:0:30 --out scores.parquet",
    )
    parser.set_defaults(run=run)
    add_reading(parser)
    option = parser.add_argument
    option(
        "--by",
        nargs="+",
        action="extend",
        metavar="COLUMN",
        help="group by these columns (default: journey); day is the day of at",
    )
    option(
        "--average",
        choices=("touchpoints", "journeys"),
        default="touchpoints",
        help="over touchpoints, or over journeys with a 95%% interval",
    )
    option(
        "--market", metavar="LOG", help="another log, whose means stand in for missing expectations"
    )
    option("--strict", action="store_true", help="refuse a log with rows that cannot be scored")
    option(
        "--quarantine",
        metavar="FILE",
        help="put what cannot be scored there, as JSON Lines with line, field and reason, and "
        "score the rest; without it a log with lines that cannot be read is refused",
    )
    option(
        "--work",
        metavar="DIR",
        help="for logs larger than memory: go piece by piece, keep there what is done, and write "
        "the scores to --out FILE.parquet",
    )
    option("--resume", action="store_true", help="go on with the work in --work that was begun")
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Score, write, show, and warn of what was not scored."""
    if options.work is not None or options.resume:
        return _in_pieces(options)
    keys = options.by or ["journey"]
    writer(options)  # before anything is computed
    read = reading(options)
    with progress(options) as say:
        market = None
        if options.market is not None:
            say("reading the market")
            market = frames.market(options.market, **read)
        say("scoring")
        read["market"] = market
        scored = frames.score(
            options.log,
            by=keys,
            average=options.average,
            strict=options.strict,
            quarantine=options.quarantine,
            **read,
        )
        scored = scored.sort(keys, nulls_last=True)
    rejected = int(scored["rejected"].sum())
    if rejected or options.quarantine is not None:
        warn(options, frames.check(options.log, **read), rejected=rejected)
    deliver(options, scored, lambda: _show(options, scored, keys))
    return 0


def _in_pieces(options: argparse.Namespace) -> int:
    """Score a log that may be larger than memory; the scores go to their file alone."""
    if options.work is None:
        raise InvalidValue("there is no work to go on with", path="--resume", hint="--work DIR")
    if options.out is None or options.format is not None:
        raise InvalidValue("the scores go to a file", path="--work", hint="--out FILE.parquet")
    read = reading(options)
    with meter(options) as say:
        if options.market is not None:
            read["market"] = frames.market(options.market, **read)
        written = frames.score_files(
            options.log,
            options.out,
            by=options.by or ["journey"],
            work=options.work,
            resume=options.resume,
            average=options.average,
            strict=options.strict,
            quarantine=options.quarantine,
            progress=say,
            **read,
        )
    screen = console(options, stderr=True)
    groups = _groups(written.groups, options.by or ["journey"])
    if screen.is_terminal:
        screen.print(Text(f"{groups}, {written.touchpoints:,} touchpoints in {written.out}"))
    if told := not_scored(options, written.rejected, written.unreadable):
        screen.print(Text(f"journeyscore: {told}", style="yellow"))
    return 0


_HEADINGS = {"touchpoints": "n", "known_share": "known", "consistency": "consist."}
"""Short names, so that the table fits a terminal of 80 columns."""

_SPARE = ("consistency", "known_share", "delivered", "touchpoints", "verdict", "par")
"""What the table leaves out where the terminal is narrow, the first first."""

_VERDICT_STYLES = {"dissatisfied": "red", "satisfied": "", "delighted": "green"}


def _show(options: argparse.Namespace, scored: pl.DataFrame, keys: Sequence[str]) -> None:
    """The table a person reads: the lowest impressions first, then how many more there are."""
    screen = console(options)
    worst_first = scored.sort("impression", *keys, nulls_last=True)
    shown = worst_first.head(options.limit)
    hidden = () if scored["rejected"].sum() else ("rejected",)
    screen.print(_headline(scored, keys))
    print_table(
        screen,
        {
            name: (_HEADINGS.get(name, name), [_cell(name, value) for value in shown[name]])
            for name in shown.columns
            if name not in hidden
        },
        numbers=[name for name, dtype in shown.schema.items() if dtype.is_numeric()],
        spare=_SPARE,
    )
    if len(scored) > len(shown):
        screen.print(
            f"... and {len(scored) - len(shown):,} more, all with higher impressions: "
            "--limit N shows more, --out FILE writes every row",
            style="dim",
        )


def _headline(scored: pl.DataFrame, keys: Sequence[str]) -> Text:
    """One line over all: how many groups, how they were judged."""
    groups = _groups(len(scored), keys)
    text = Text(f"{groups}, {int(scored['touchpoints'].sum()):,} touchpoints")
    if "verdict" in scored.columns and (measured := scored["verdict"].count()):
        for verdict, style in _VERDICT_STYLES.items():
            n = int((scored["verdict"] == verdict).sum())
            text.append(f"; {verdict} ").append(f"{n / measured:.0%}", style=style)
    text.append("; the lowest impressions first\n")
    return text


def _groups(count: int, keys: Sequence[str]) -> str:
    """How many groups, and of what: ``2 journeys``, ``1 group by team``."""
    plural = "" if count == 1 else "s"
    if list(keys) == ["journey"]:
        return f"{count:,} journey{plural}"
    return f"{count:,} group{plural} by {' and '.join(keys)}"


def _cell(name: str, value: Any) -> Text:
    if value is None:
        return Text("-", style="dim")
    if name == "verdict":
        return Text(value, style=_VERDICT_STYLES[value])
    if isinstance(value, float):
        return Text(f"{value:.0%}" if name == "known_share" else f"{value:.2f}")
    return Text(f"{value:,}" if isinstance(value, int) else str(value))
