"""``journeyscore journal``: a journal made, filled, scored, verified, exported, forgotten."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve
from rich.text import Text

from .. import frames
from ..convert import journeys
from ..convert.rows import FEEDBACK
from ..errors import JournalError, JourneyScoreError, LogNotFound
from ..frames.log import open_log
from ..journey import Journey
from ..policy import Policy
from ..touchpoints import Touchpoint
from .output import add_output, console, counted, deliver, progress, writer
from .reading import add_reading, reading
from .score import _show

if TYPE_CHECKING:
    from ..store import Journal

BATCH = 2000
"""Events that are appended in one transaction."""


def add(commands: Any) -> None:
    """Add the command to the subparsers."""
    parser = commands.add_parser(
        "journal",
        help="keep journeys in a database",
        description="Keeps journeys in SQLite or PostgreSQL. DATABASE is the path of a file, or a "
        "URL: postgresql://user@host/name.",
    )
    of = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, what, run, more in (
        ("init", "make a journal, or bring it to this version", _init, _options_of_init),
        ("append", "append the events of a log", _append, _options_of_append),
        ("score", "score what is in it", _score, _options_of_score),
        ("verify", "fold everything again, and compare", _verify, _options),
        ("export", "all there is on a customer, as JSON", _export, _options_of_customer),
        ("forget", "erase a customer", _forget, _options_of_forget),
    ):
        command = of.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
        command.add_argument("database", metavar="DATABASE")
        command.add_argument("--tenant", default="default", help="whose journeys")
        more(command)
        command.set_defaults(run=run)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-color", action="store_true", help="no colour")


def _options_of_init(parser: argparse.ArgumentParser) -> None:
    _options(parser)
    parser.add_argument("--policy", metavar="FILE", help="under which the sums are folded")
    parser.add_argument(
        "--adopt", action="store_true", help="fold the sums anew, if they are under another policy"
    )


def _options_of_append(parser: argparse.ArgumentParser) -> None:
    _options(parser)
    add_reading(parser)
    parser.add_argument("--strict", action="store_true", help="nothing, if any row is wrong")


def _options_of_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", nargs="+", action="extend", metavar="COLUMN", help="group by these")
    parser.add_argument("--average", choices=("touchpoints", "journeys"), default="touchpoints")
    add_output(parser)


def _options_of_customer(parser: argparse.ArgumentParser) -> None:
    _options(parser)
    parser.add_argument("customer", metavar="CUSTOMER", help="any of their ids")


def _options_of_forget(parser: argparse.ArgumentParser) -> None:
    _options_of_customer(parser)
    parser.add_argument(
        "--drop-sums", action="store_true", help="take what they came to out of the totals as well"
    )


def _opened(options: argparse.Namespace, *, new: bool = False, **settings: Any) -> Journal:
    """The journal; one that is not there is not made on the way."""
    try:
        from ..store import Journal
    except ModuleNotFoundError as error:
        raise JournalError(str(error)) from error
    if not new and "://" not in options.database and not Path(options.database).is_file():
        raise LogNotFound(
            "no such journal", path=options.database, hint="journeyscore journal init makes one"
        )
    return Journal(options.database, tenant=options.tenant, **settings)


def _init(options: argparse.Namespace) -> int:
    policy = None if options.policy is None else Policy.load(options.policy)
    with (
        progress(options) as say,
        _opened(
            options,
            new=True,
            policy=policy,
            adopt=options.adopt,
            progress=lambda events: say(f"folding anew: {events:,} events"),
        ) as journal,
    ):
        fingerprint = journal.policy.fingerprint
    console(options).print(Text(f"a journal under the policy {fingerprint}"))
    return 0


def _append(options: argparse.Namespace) -> int:
    """Append a log; what was appended before, by its ids or else by what it says, is not again."""
    from collections import Counter

    from ..store import with_ids

    read = reading(options)
    outcomes: Counter[str] = Counter()
    rejected: list[tuple[int, JourneyScoreError]] = []
    with progress(options) as say, _opened(options) as journal:
        log = open_log(
            options.log,
            keys=(),
            columns=read["columns"],
            timezone=read["timezone"],
            required=("journey", "touchpoint"),
            feedback=FEEDBACK,
        )
        rows = log.frame.collect().rows(named=True)
        found = journeys(
            ({name: value for name, value in row.items() if value is not None} for row in rows),
            scales=read["scales"],
            rejected=rejected,
        )
        if rejected and options.strict:
            raise rejected[0][1]
        events = (
            (journey.id, event) for journey in found.values() for event in with_ids(journey.events)
        )
        for batch in _batches(events):
            outcomes.update(each.outcome.value for each in journal.append_all(batch))
            say(f"appending: {outcomes.total():,} events")
        for journey in found.values():
            if _says_more(journey):
                journal.open(evolve(journey, touchpoints=(), retracted=()))
            superseded = {each.superseded_key for each in journey.events}
            for source, id in journey.retracted:
                if (source, id) not in superseded:
                    outcomes[journal.retract(journey.id, id, source).outcome.value] += 1
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
    console(options).print(Text(f"{len(found):,} journeys: {told or 'nothing'}"))
    _warn(options, rejected)
    return 0


def _batches(events: Iterator[tuple[str, Touchpoint]]) -> Iterator[list[tuple[str, Touchpoint]]]:
    while batch := list(islice(events, BATCH)):
        yield batch


def _says_more(journey: Journey) -> bool:
    """Whether more is known of a journey than its events."""
    said = (journey.customer, journey.site, journey.segment, journey.worth)
    return bool(journey.feedback) or any(each is not None for each in said)


def _warn(options: argparse.Namespace, rejected: list[tuple[int, JourneyScoreError]]) -> None:
    if not rejected:
        return
    screen = console(options, stderr=True)
    told = counted(len(rejected), "row")
    screen.print(Text(f"journeyscore: {told} not appended:", style="yellow"))
    for _, error in rejected[:5]:
        screen.print(Text(f"  {error}"))


def _score(options: argparse.Namespace) -> int:
    writer(options)
    keys = options.by or ["journey"]
    with progress(options) as say, _opened(options) as journal:
        say("reading the journal")
        log = journal.frame()
        say("scoring")
        scored = frames.score(log, by=keys, average=options.average, policy=journal.policy)
    scored = scored.sort(keys, nulls_last=True)
    deliver(options, scored, lambda: _show(options, scored, keys))
    return 0


def _verify(options: argparse.Namespace) -> int:
    """Exit code 1 where the sums of a journey are not what its events come to."""
    with progress(options) as say, _opened(options) as journal:
        count = journal.count()
        found = journal.verify(progress=lambda done: say(f"folding: {done:,} of {count:,} events"))
    screen = console(options)
    screen.print(
        Text(
            f"{found.journeys:,} journeys, {found.events:,} events, {found.retracted:,} retracted, "
            f"{found.conflicts:,} conflicts: "
        ).append(
            "sound" if found.sound else f"{len(found.differences):,} journeys differ",
            style="green" if found.sound else "red",
        )
    )
    for each in found.differences[:20]:  # on the screen of whoever asks for them, ids are theirs
        screen.print(Text(f"  {each.journey}"))
    return 0 if found.sound else 1


def _export(options: argparse.Namespace) -> int:
    with _opened(options) as journal:
        found = journal.export(options.customer)
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return 0


def _forget(options: argparse.Namespace) -> int:
    with _opened(options) as journal:
        found = journal.forget(options.customer, keep_sums=not options.drop_sums)
    console(options).print(
        Text(
            f"journeys erased: {found.journeys:,}; "
            f"that go on with their other guests: {found.left:,}"
        )
    )
    return 0
