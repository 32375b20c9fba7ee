"""The command ``journeyscore``: a journey log in, scores out, for people and for pipes.

Exit codes: 0 scored; 1 the log cannot be scored, or under ``--strict`` has rows that cannot; 2 the
command was not understood; 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import __version__
from .errors import InvalidValue, JourneyScoreError
from .policy import DEFAULT_POLICY, Policy
from .scales import Scale, count, days, level, minutes, rating, yes_no

try:
    import polars as pl
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Table
    from rich.text import Text

    from . import frames
except ModuleNotFoundError as error:  # pragma: no cover - needs an environment without the extra
    raise SystemExit(
        f"journeyscore: the command needs {error.name}: pip install 'journeyscore[cli]'"
    ) from error

FORMATS = ("table", "csv", "jsonl")
WRITERS = {
    ".parquet": "write_parquet", ".csv": "write_csv", ".jsonl": "write_ndjson",
    ".ndjson": "write_ndjson",
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; what it returns is the exit code.

    >>> main(["score", "no-such-log.jsonl"])
    1
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except JourneyScoreError as error:
        Console(stderr=True, soft_wrap=True).print(Text(f"journeyscore: {error}"))
        return 1
    except BrokenPipeError:  # the reader of the pipe, such as head, has seen enough
        sys.stderr.close()
        return 0
    except OSError as error:
        Console(stderr=True, soft_wrap=True).print(Text(f"journeyscore: {error}"))
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="journeyscore", description="Scores customer journeys out of a log of touchpoints."
    )
    parser.add_argument("--version", action="version", version=f"journeyscore {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    scoring = commands.add_parser(
        "score",
        help="score a journey log",
        description="Scores a journey log, by journey or by whatever else it is grouped by.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n"
        "  journeyscore score stays.jsonl\n"
        "  journeyscore score 'season/*.parquet' --by team --average journeys\n"
        "  journeyscore score pos.csv --columns stay_no=journey --timezone Europe/Zurich \\\n"
        "      --scale speed=minutes:0:30 --out scores.parquet",
    )
    scoring.set_defaults(run=_score)
    add = scoring.add_argument
    add("log", metavar="LOG", help="a file, or a quoted glob: .parquet, .csv, .jsonl, .ndjson")
    add(
        "--by",
        nargs="+",
        action="extend",
        metavar="COLUMN",
        help="group by these columns (default: journey); day is the day of at",
    )
    add(
        "--average",
        choices=("touchpoints", "journeys"),
        default="touchpoints",
        help="over touchpoints, or over journeys with a 95%% interval",
    )
    add("--out", metavar="FILE", help="write every row: .parquet, .csv, .jsonl or .ndjson")
    add(
        "--format",
        choices=FORMATS,
        help="of the output: table on a terminal, csv in a pipe unless said otherwise",
    )
    add("--limit", type=_positive, default=20, metavar="N", help="rows of the table (default: 20)")
    add("--policy", metavar="FILE", help="the parameters of the model, as Policy.save wrote them")
    add(
        "--market", metavar="LOG", help="another log, whose means stand in for missing expectations"
    )
    add(
        "--columns",
        nargs="+",
        action="extend",
        default=[],
        metavar="THEIRS=OURS",
        type=_pair,
        help="what the log calls a column: stay_no=journey",
    )
    add(
        "--scale",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=SCALE",
        type=_scale,
        help="a factor's or touchpoint's scale: speed=minutes:BEST:WORST, days:BEST:WORST, "
        "count:BEST:WORST, rating:WORST:BEST, yes_no, level",
    )
    add("--timezone", metavar="NAME", help="what times without an offset mean: Europe/Zurich")
    add("--strict", action="store_true", help="refuse a log with rows that cannot be scored")
    add(
        "--quarantine",
        metavar="FILE",
        help="put what cannot be scored there, as JSON Lines with line, field and reason, and "
        "score the rest; without it a log with lines that cannot be read is refused",
    )
    add("--no-color", action="store_true", help="no colour, as with NO_COLOR in the environment")
    return parser  # fmt: skip


def _positive(given: str) -> int:
    if not given.isdecimal() or int(given) == 0:
        raise argparse.ArgumentTypeError("a whole number from 1")
    return int(given)


def _pair(given: str) -> tuple[str, str]:
    theirs, equals, ours = given.partition("=")
    if not (theirs and equals and ours):
        raise argparse.ArgumentTypeError("THEIRS=OURS, such as stay_no=journey")
    return theirs, ours


_SCALES: dict[str, Callable[[float, float], Scale]] = {
    "minutes": lambda best, worst: minutes(best=best, worst=worst),
    "days": lambda best, worst: days(best=best, worst=worst),
    "count": lambda best, worst: count(best=best, worst=worst),
    "rating": lambda worst, best: rating(worst, best),
}


def _scale(given: str) -> tuple[str, Scale]:
    """``speed=minutes:0:30`` as a factor and its scale."""
    name, written = _pair(given)
    kind, *ends = written.split(":")
    if kind in ("yes_no", "level") and not ends:
        return name, {"yes_no": yes_no, "level": level}[kind]
    try:
        one, other = (float(end) for end in ends)
        return name, _SCALES[kind](one, other)
    except (KeyError, ValueError) as error:
        detail = f" ({error})" if isinstance(error, InvalidValue) else ""
        raise argparse.ArgumentTypeError(
            f"a scale such as minutes:0:30, rating:1:5 or yes_no{detail}"
        ) from None


def _score(options: argparse.Namespace) -> int:
    keys = options.by or ["journey"]
    writer = None if options.out is None else _writer(Path(options.out))
    policy = DEFAULT_POLICY if options.policy is None else Policy.load(options.policy)
    reading: dict[str, Any] = {
        "columns": dict(options.columns),
        "timezone": options.timezone,
        "scales": dict(options.scale),
        "policy": policy,
    }
    with _progress(options) as say:
        market = None
        if options.market is not None:
            say("reading the market")
            market = frames.market(options.market, **reading)
        say("scoring")
        reading["market"] = market
        scored = frames.score(
            options.log,
            by=keys,
            average=options.average,
            strict=options.strict,
            quarantine=options.quarantine,
            **reading,
        )
        scored = scored.sort(keys, nulls_last=True)
        if writer is not None:
            say(f"writing {options.out}")
            getattr(scored, writer)(options.out)
    rejected = int(scored["rejected"].sum())
    if rejected or options.quarantine is not None:
        _warn(options, rejected, frames.check(options.log, **reading))
    form = options.format or ("table" if sys.stdout.isatty() else "csv")
    if form == "table" and (writer is None or options.format or sys.stdout.isatty()):
        _show(options, scored, keys)
    elif writer is None or options.format:
        sys.stdout.write(scored.write_csv() if form == "csv" else scored.write_ndjson())
    return 0


def _writer(path: Path) -> str:
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
def _progress(options: argparse.Namespace) -> Iterator[Any]:
    """A spinner with the time gone by, on a terminal; nothing in a pipe."""
    console = Console(stderr=True, no_color=options.no_color or None)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("opening the log", total=None)
        yield lambda what: progress.update(task, description=what)


def _warn(options: argparse.Namespace, rejected: int, faults: pl.DataFrame) -> None:
    """What was not folded, where and why: the first five."""
    if not len(faults):
        return
    console = Console(stderr=True, no_color=options.no_color or None, soft_wrap=True)
    place = faults.columns[: faults.columns.index("field")]
    unreadable = len(faults.unique(place)) - rejected
    told = [f"{_counted(unreadable, 'line')} unreadable"] if unreadable else []
    told += [f"{_counted(rejected, 'row')} rejected"] if rejected else []
    where = f" (see {options.quarantine})" if options.quarantine else ""
    console.print(Text(f"journeyscore: {', '.join(told)}{where}:", style="yellow"))
    for fault in faults.head(5).rows(named=True):
        at = ", ".join(f"{name} {fault[name]}" for name in place)
        at += f", {fault['field']}" if fault["field"] else ""
        value = "" if fault["value"] is None else f"{fault['value']:g} is "
        console.print(Text(f"  {at}: {value}not {fault['expected']}"))
    if len(faults) > 5:
        console.print(Text(f"  ... and {len(faults) - 5:,} more faults"))


def _counted(count: int, what: str) -> str:
    return f"1 {what} was" if count == 1 else f"{count:,} {what}s were"


_HEADINGS = {"touchpoints": "n", "known_share": "known", "consistency": "consist."}
"""Short names, so that the table fits a terminal of 80 columns."""

_VERDICT_STYLES = {"dissatisfied": "red", "satisfied": "", "delighted": "green"}


def _show(options: argparse.Namespace, scored: pl.DataFrame, keys: Sequence[str]) -> None:
    """The table a person reads: the lowest impressions first, then how many more there are."""
    console = Console(no_color=options.no_color or None)
    worst_first = scored.sort("impression", *keys, nulls_last=True)
    shown = worst_first.head(options.limit)
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2 if console.width >= 100 else 1, 0, 0),
        header_style="bold",
    )
    for name, dtype in shown.schema.items():
        if name == "rejected" and not scored["rejected"].sum():
            continue
        heading = _HEADINGS.get(name, name)
        number = dtype.is_numeric()
        fixed = number or name == "verdict"
        table.add_column(Text(heading), justify="right" if number else "left", no_wrap=fixed)
    wanted = [column.header for column in table.columns]
    for row in shown.rows(named=True):
        cells = {_HEADINGS.get(name, name): _cell(name, value) for name, value in row.items()}
        table.add_row(*(cells[str(name)] for name in wanted))
    console.print(_headline(scored, keys))
    console.print(table)
    if len(scored) > len(shown):
        console.print(
            f"... and {len(scored) - len(shown):,} more, all with higher impressions: "
            "--limit N shows more, --out FILE writes every row",
            style="dim",
        )


def _headline(scored: pl.DataFrame, keys: Sequence[str]) -> Text:
    """One line over all: how many groups, how they were judged."""
    what = "journey" if list(keys) == ["journey"] else f"group by {' and '.join(keys)}"
    groups = what if len(scored) == 1 else what.replace("journey", "journeys", 1)
    if what.startswith("group") and len(scored) != 1:
        groups = what.replace("group", "groups", 1)
    text = Text(f"{len(scored):,} {groups}, {int(scored['touchpoints'].sum()):,} touchpoints")
    if "verdict" in scored.columns and (measured := scored["verdict"].count()):
        for verdict, style in _VERDICT_STYLES.items():
            n = int((scored["verdict"] == verdict).sum())
            text.append(f"; {verdict} ").append(f"{n / measured:.0%}", style=style)
    text.append("; the lowest impressions first\n")
    return text


def _cell(name: str, value: Any) -> Text:
    if value is None:
        return Text("-", style="dim")
    if name == "verdict":
        return Text(value, style=_VERDICT_STYLES[value])
    if isinstance(value, float):
        return Text(f"{value:.0%}" if name == "known_share" else f"{value:.2f}")
    return Text(f"{value:,}" if isinstance(value, int) else str(value))
