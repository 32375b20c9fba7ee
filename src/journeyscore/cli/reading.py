"""The options of every command that reads a journey log, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale, count, days, level, minutes, rating, yes_no


def add_reading(parser: argparse.ArgumentParser) -> None:
    """The log, and how its columns are to be read.

    >>> parser = argparse.ArgumentParser()
    >>> add_reading(parser)
    >>> reading(parser.parse_args(["stays.csv", "--columns", "stay_no=journey"]))["columns"]
    {'stay_no': 'journey'}
    """
    add = parser.add_argument
    add("log", metavar="LOG", help="a file, or a quoted glob: .parquet, .csv, .jsonl, .ndjson")
    add("--policy", metavar="FILE", help="the parameters of the model, as Policy.save wrote them")
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


def reading(options: argparse.Namespace) -> dict[str, Any]:
    """What was said about the log, as the keyword arguments of `journeyscore.frames`."""
    return {
        "columns": dict(options.columns),
        "timezone": options.timezone,
        "scales": dict(options.scale),
        "policy": DEFAULT_POLICY if options.policy is None else Policy.load(options.policy),
    }


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
