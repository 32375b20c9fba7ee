"""``journeyscore convert``: feeds of other systems as journey logs, journey logs as event logs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from rich.text import Text

from ..convert import Event, from_data, journeys, journeys_of, jsontext, row
from ..convert.cloudevents import from_cloudevent, from_structured
from ..convert.logrows import log_rows
from ..errors import InvalidValue, JourneyScoreError, LogNotFound
from .helping import HelpFormatter
from .output import console, progress

Rows = list[dict[str, Any]]


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "convert",
        help="make a journey log of a feed, or an event log of a journey log",
        description="Makes a journey log of what other systems send, and event logs for process "
        "mining of journey logs.",
        formatter_class=HelpFormatter,
        epilog="examples:\n"
        "  journeyscore convert webhooks.jsonl --mapping square --out stays.jsonl\n"
        "  journeyscore convert kitchen.xes --mapping kitchen.toml --out visits.jsonl\n"
        "  journeyscore convert stays.jsonl --out stays.xes",
    )
    parser.set_defaults(run=run)
    option = parser.add_argument
    option(
        "feed",
        metavar="FEED",
        help=".jsonl, .ndjson or .json: payloads, CloudEvents, documents or rows of a journey log; "
        ".xes, .xes.gz: an event log; .ocel.json, .jsonocel: an object-centric one",
    )
    option(
        "--mapping",
        metavar="NAME",
        help="what makes rows of payloads: square, opera_cloud, or a file .toml; without it the "
        "feed is of our own",
    )
    option(
        "--out",
        metavar="FILE",
        help=".jsonl or .ndjson: a journey log (on the standard output unless said otherwise); "
        ".xes, .xes.gz, .ocel.json, .jsonocel: an event log",
    )
    option(
        "--quarantine",
        metavar="FILE",
        help="put what cannot be read there, as JSON Lines with its place and the reason, and "
        "convert the rest; without it the first such thing ends the command",
    )
    option("--no-color", action="store_true", help="no colour, as with NO_COLOR in the environment")


def run(options: argparse.Namespace) -> int:
    """Convert, write, and tell of what made no row."""
    write = _writer(options.out)
    place, payloads, read = _reader(options)
    rows: Rows = []
    refused: Rows = []
    count = unread = blank = 0
    with progress(options) as say:
        say("converting")
        for count, payload in enumerate(payloads, start=1):
            if payload is BLANK:
                blank += 1
                continue
            try:
                made = read(payload() if callable(payload) else payload)
            except JourneyScoreError as error:
                where = f"{place} {count}"
                if options.quarantine is None:
                    error.path = f"{options.feed}, {where}{', ' if error.path else ''}{error.path}"
                    raise
                refused.append({place: count, "field": error.path, "reason": error.problem})
                continue
            unread += not made
            rows += made
        write(rows)
    if options.quarantine is not None:
        lines = [jsontext.written(each) + "\n" for each in refused]
        Path(options.quarantine).write_text("".join(lines), encoding="utf-8")
    told = [f"{count - blank:,} read", f"{len(rows):,} rows made"]
    told += [f"{unread:,} that no rule is for"] if unread else []
    told += [f"{len(refused):,} refused (see {options.quarantine})"] if refused else []
    if unread or refused or sys.stderr.isatty():
        console(options, stderr=True).print(Text(f"journeyscore: {', '.join(told)}"))
    return 0


def _reader(
    options: argparse.Namespace,
) -> tuple[str, Iterator[Any], Callable[[Any], Rows]]:
    """What a thing in the feed is called, those things, and what makes rows of one."""
    mapping = None
    if options.mapping is not None:
        from ..convert.mapping import Mapping

        mapping = Mapping.load(options.mapping)
    path = str(options.feed)
    if path.endswith((".xes", ".xes.gz")):
        from ..convert.xes import read_xes, xes_mapping

        return "event", read_xes(path), (mapping or xes_mapping()).rows
    if path.endswith((".ocel.json", ".jsonocel")):
        from ..convert.ocel import ocel_mapping, read_ocel

        return "event", read_ocel(path), (mapping or ocel_mapping()).rows
    read = _own if mapping is None else mapping.rows
    if path.endswith((".csv", ".parquet")):
        raise InvalidValue(
            f"cannot convert {Path(path).suffix}",
            path=path,
            hint="one of .jsonl, .ndjson, .json, .xes, .xes.gz, .ocel.json, .jsonocel",
        )
    if path.endswith(".json"):
        return "payload", _of_json(path), read
    return "line", _lines(path), read


def _of_json(path: str) -> Iterator[Any]:
    content = jsontext.parsed(_file(path).read_bytes())
    yield from content if isinstance(content, list) else [content]


def _lines(path: str) -> Iterator[Any]:
    """Each line, to be parsed where what is wrong with it is caught; or that it is blank."""
    with _file(path).open("rb") as file:
        for line in file:
            yield partial(jsontext.parsed, line) if line.strip() else BLANK


BLANK = object()
"""A line with nothing in it."""


def _file(path: str) -> Path:
    file = Path(path)
    if not file.exists():
        raise LogNotFound("no such file", path=path, value=path)
    return file


def _own(payload: Any) -> Rows:
    """The rows of a CloudEvent or a document of ours, or of a journey log itself."""
    if isinstance(payload, dict) and "specversion" in payload:
        event = from_cloudevent(from_structured(jsontext.written(payload)))
    elif isinstance(payload, dict) and "format" in payload:
        event = from_data(payload, Event)
    elif isinstance(payload, dict):
        row(payload)
        return [payload]
    else:
        raise InvalidValue("not an event", hint="of another system? --mapping says how to read it")
    return log_rows(journeys_of([event]).values())


def _writer(out: str | None) -> Callable[[Rows], None]:
    """What writes the rows, by the suffix of the file."""
    if out is None:
        return lambda rows: sys.stdout.writelines(_written(rows))
    if not Path(out).parent.is_dir():
        raise InvalidValue("no such folder", path=f"--out {Path(out).parent}", value=out)
    if out.endswith((".xes", ".xes.gz")):
        from ..convert.xes import write_xes

        return lambda rows: write_xes(journeys(rows).values(), out)
    if out.endswith((".ocel.json", ".jsonocel")):
        from ..convert.ocel import write_ocel

        return lambda rows: write_ocel(journeys(rows).values(), out)
    if out.endswith((".jsonl", ".ndjson")):
        return lambda rows: _save(out, rows)
    raise InvalidValue(
        f"cannot write {Path(out).suffix or 'a file without a suffix'}",
        path="--out",
        value=out,
        hint="one of .jsonl, .ndjson, .xes, .xes.gz, .ocel.json, .jsonocel",
    )


def _written(rows: Rows) -> Iterator[str]:
    return (jsontext.written(each) + "\n" for each in rows)


def _save(out: str, rows: Rows) -> None:
    with Path(out).open("w", encoding="utf-8") as file:
        file.writelines(_written(rows))
