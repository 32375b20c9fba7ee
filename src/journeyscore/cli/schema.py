"""``journeyscore schema``: the JSON Schema of a format, for whoever sends or checks documents."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ..convert import jsontext
from ..convert.documents import KINDS
from ..convert.schema import json_schema


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "schema",
        help="print the JSON Schema of a format",
        description="Prints the JSON Schema (2020-12) of a format of documents.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("name", choices=tuple(KINDS), help="the format")


def run(options: argparse.Namespace) -> int:
    """Print it."""
    sys.stdout.write(jsontext.written(json_schema(KINDS[options.name]), indent=2) + "\n")
    return 0
