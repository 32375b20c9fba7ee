"""``--now``: the moment up to which things are due, for commands about what is open."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from ..checks import moment


def add_now(parser: argparse.ArgumentParser) -> None:
    """Add the option.

    >>> parser = argparse.ArgumentParser()
    >>> add_now(parser)
    >>> parser.parse_args(["--now", "2026-05-01T12:00Z"]).now.year
    2026
    """
    parser.add_argument(
        "--now",
        metavar="TIME",
        type=moment_of,
        default=datetime.now(UTC),
        help="the time up to which things are due, ISO 8601 with an offset (default: now)",
    )


def moment_of(given: str) -> datetime:
    """A moment as one types it.

    >>> moment_of("2026-05-01T12:00Z").hour
    12
    """
    try:
        return moment(datetime.fromisoformat(given), "")
    except ValueError:  # of which an InvalidValue is one
        raise argparse.ArgumentTypeError(
            "an ISO 8601 time with its offset, such as 2026-05-01T12:00Z"
        ) from None


def length(seconds: int | None) -> str:
    """A time in the largest unit that says it well.

    >>> length(90), length(7200), length(864000), length(None)
    ('2 min', '2.0 h', '10.0 d', '-')
    """
    if seconds is None:
        return "-"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 86400 else f"{seconds / 86400:.1f} d"
