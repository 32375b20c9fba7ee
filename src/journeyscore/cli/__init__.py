"""The command ``journeyscore``: a journey log in, scores out, for people and for pipes.

Exit codes: 0 done; 1 the log cannot be scored, or under ``--strict`` has rows that cannot; 2 the
command was not understood; 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .. import __version__
from ..errors import JourneyScoreError

try:
    from rich.console import Console
    from rich.text import Text

    from . import (
        calibration,
        convert,
        drivers,
        journal,
        loops,
        promises,
        relationships,
        report,
        schema,
        score,
        show,
        teams,
    )  # fmt: skip
    from .wording import typed
except ModuleNotFoundError as _error:
    raise SystemExit(
        f"journeyscore: the command needs {_error.name}: pip install 'journeyscore[cli]'"
    ) from _error

COMMANDS = (
    score, show, report, loops, promises, teams, relationships, drivers, calibration, convert,
    schema, journal,
)  # fmt: skip
"""Each has ``add(commands)``, which adds its parser to the subparsers and names what it runs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; what it returns is the exit code.

    >>> main(["score", "no-such-log.jsonl"])
    1
    """
    if sys.stdout is None:  # closed by whoever started it: what is written there goes nowhere
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - until the process ends
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except JourneyScoreError as error:
        told = typed(str(error), options.command)
        Console(stderr=True, soft_wrap=True).print(Text(f"journeyscore: {told}"))
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
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for command in COMMANDS:
        command.add(commands)
    return parser
