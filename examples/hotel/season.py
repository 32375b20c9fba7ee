"""Makes a season of a believable hotel: a journey log in JSON Lines, one touchpoint a line.

``python -m examples.hotel.season --seed 7 --stays 300 --out season.jsonl`` writes it.

The same seed gives the same bytes, on every machine: the only source of chance is a seeded
``Random``, no clock is read, and nothing but arithmetic and square roots is asked of it. Nobody
in the log can be recognised: customers and stays are opaque, rooms and staff do not occur.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import fsum
from pathlib import Path
from random import Random
from typing import Any

from journeyscore import minutes

from .handling import FACTS, handled
from .house import HABITS, LAUNDRY_DOWN, OPENING, SITES, SKILL, Habit, Job, Site

Row = dict[str, Any]

COLUMNS = (
    "journey", "touchpoint", "anticipated", "basis", "delivered", "adequate", "desired", "state",
    "weight", "proactive", "recovers", "supersedes", "retracts", "at", "id", "source", "customer",
    "team", "site", "channel", "stage", *FACTS, "csat",
)  # fmt: skip
"""The columns of the log. A line leaves out what it has nothing to say about."""

TIMES = ("at", "as_of", "promised_at", "due")
DAYS = 120
FILE = Path(__file__).with_name("season.jsonl")

RETURNS = 0.35  # of the stays, are those of a guest who was here before and left content
REMEMBERS = 0.8  # of the touchpoints of the last visit, are expected to be the same again
ASKED = 0.3  # of the other expectations, are known because somebody asked
PROMISED = 0.8  # of the jobs, are promised in minutes
SLIPS = 0.08  # of the deliveries of a team of usual skill, go wrong
ANSWERS = 0.55  # of the guests, say how satisfied they were
CLERICAL = 0.01  # of the lines, each: sent twice, corrected, taken back


@dataclass
class Guest:
    """A customer over all visits.

    Attributes:
        id: opaque.
        standard: how much more than others the guest wants, as a level.
        memory: what was last delivered, by touchpoint: what is expected of the next visit.
        left: the end of the last visit.
        content: whether it was a good one, so that there may be a next.
    """

    id: str
    standard: float
    memory: dict[str, float] = field(default_factory=dict)
    left: datetime = OPENING
    content: bool = False


# -- what happened -------------------------------------------------------------------------------


def as_it_was(seed: int, stays: int) -> list[Row]:
    """What truly happened in the season, in the order of time."""
    dice = Random(seed)
    ids = dice.sample(range(1, max(10_000, 10 * stays)), stays)
    days = sorted(dice.randrange(DAYS) for _ in range(stays))
    guests: list[Guest] = []
    rows: list[Row] = []
    for number, (id, day) in enumerate(zip(ids, days, strict=True), start=1):
        arrival = OPENING + timedelta(days=day, hours=14, minutes=dice.randrange(0, 180, 5))
        guest = _returning(dice, guests, arrival)
        if guest is None:
            guest = Guest(f"c-{id:04}", standard=dice.triangular(-0.1, 0.1))
            guests.append(guest)
        rows += stay(dice, f"stay-{number:04}", guest, arrival)
    return _in_time(rows)


def _returning(dice: Random, guests: list[Guest], arrival: datetime) -> Guest | None:
    willing = [guest for guest in guests if guest.content and guest.left < arrival]
    return dice.choice(willing) if willing and _chance(dice, RETURNS) else None


def stay(dice: Random, journey: str, guest: Guest, arrival: datetime) -> list[Row]:
    """One stay: every contact, what was put right, and sometimes what the guest said of it."""
    site = dice.choices(SITES, [each.guests for each in SITES])[0]
    nights = dice.choice((1, 1, 2, 2, 2, 3, 4))
    rows: list[Row] = []
    for number, (habit, at) in enumerate(_contacts(dice, arrival, nights), start=1):
        row: Row = {"journey": journey, "id": f"{journey[5:]}-{number:02}", "customer": guest.id}
        row |= contact(dice, habit, guest, site, at)
        rows.append(row)
        if _fell_short(row) and _chance(dice, site.amends):
            rows.append(amends(dice, row))
    rows = _in_time(rows)
    felt = _felt(rows)
    if _chance(dice, ANSWERS):
        rows[-1]["csat"] = min(5, max(1, round(11 * felt - 4.9 + dice.triangular(-1.2, 1.2))))
    guest.memory |= {row["touchpoint"]: row["delivered"] for row in rows if "delivered" in row}
    guest.left, guest.content = arrival + timedelta(days=nights), felt > 0.75
    return rows


def _contacts(dice: Random, arrival: datetime, nights: int) -> list[tuple[Habit, datetime]]:
    """What the house does for this guest, and when; in the order of time."""
    midnight = arrival.replace(hour=0, minute=0)
    midnights = [midnight + timedelta(days=night) for night in range(1, nights + 1)]
    departure = midnights[-1] + timedelta(hours=10, minutes=dice.randrange(0, 120, 5))
    anchors = {"arrival": [arrival], "night": midnights, "departure": [departure]}
    contacts = [
        (habit, anchor + timedelta(minutes=round(60 * habit.hours * dice.triangular(0.9, 1.1))))
        for habit in HABITS
        for anchor in anchors[habit.anchor]
        if _chance(dice, habit.often)
    ]
    return sorted(contacts, key=lambda contact: contact[1])


def contact(dice: Random, habit: Habit, guest: Guest, site: Site, at: datetime) -> Row:
    """One touchpoint: called off, missed, a job with its promise, or a level delivered."""
    team = f"{site.name}-{habit.team}"
    row: Row = {
        "touchpoint": habit.touchpoint, "at": at, "source": habit.source, "team": team,
        "site": site.name, "channel": habit.channel, "stage": habit.stage,
    }  # fmt: skip
    if habit.weight != 1:
        row["weight"] = habit.weight
    if _chance(dice, habit.cancelled):
        return row | {"state": "not_applicable"}
    skill = SKILL.get(team, 0.0)
    if habit.team == "housekeeping" and (at - OPENING).days in LAUNDRY_DOWN:
        skill -= 0.35
    if _chance(dice, habit.missed - skill / 10):
        return row | expectation(dice, habit, guest) | {"state": "missed"}
    slipped = _chance(dice, SLIPS - skill / 2)
    if habit.job is not None and _chance(dice, PROMISED):
        return row | promise(dice, habit.job, site, skill, slipped)
    delivered = habit.level + skill + dice.triangular(-0.18, 0.18) - 0.45 * slipped
    if _chance(dice, habit.ahead):
        row["proactive"] = True
        delivered += 0.15
    return row | expectation(dice, habit, guest) | {"delivered": _level(delivered)}


def expectation(dice: Random, habit: Habit, guest: Guest) -> Row:
    """What this guest expects, of experience or when asked; else the catalogue steps in."""
    remembered = guest.memory.get(habit.touchpoint)
    if remembered is not None and _chance(dice, REMEMBERS):
        return {"anticipated": remembered, "basis": "experienced"}
    if not _chance(dice, ASKED):
        return {}
    wish = habit.level - 0.05 + guest.standard + dice.triangular(-0.1, 0.1)
    asked: Row = {"anticipated": _level(wish), "basis": "asked"}
    if _chance(dice, 0.1):  # few are also asked what would do, and what they dream of
        asked |= {"adequate": _level(wish - 0.15), "desired": _level(wish + 0.1)}
    return asked


def promise(dice: Random, job: Job, site: Site, skill: float, slipped: bool) -> Row:
    """A job promised in minutes and done in minutes, both as levels on the same scale."""
    wait = minutes(best=0, worst=job.worst)
    said = round(job.takes * site.pledge)
    took = job.takes * (1 - skill) * dice.triangular(0.5, 1.6, 0.8) * (2.5 if slipped else 1)
    return {
        "anticipated": round(wait.level(said), 4),
        "basis": "promised",
        "delivered": round(wait.level(round(took)), 4),
    }


def amends(dice: Random, failure: Row) -> Row:
    """What was done about a failure: mostly well, sometimes it only adds to the injury.

    What never took place has no team to come back: the front desk answers for it, and names it
    by its touchpoint. Anything else is put right where it went wrong, by the id of the failure.
    """
    same = ("journey", "customer", "touchpoint", "source", "team", "site", "stage")
    row = {name: failure[name] for name in same}
    row |= {"recovers": failure["id"], "channel": "in_person"}
    if failure.get("state") == "missed":
        row |= {"touchpoint": "hotel.front_desk", "source": "front-desk"}
        row |= {"team": f"{failure['site']}-front-desk", "recovers": failure["touchpoint"]}
    well = _chance(dice, 0.8)
    delivered = dice.triangular(0.86, 1.0) if well else dice.triangular(0.2, 0.5)
    at = failure["at"] + timedelta(minutes=dice.randrange(15, 90))
    return row | {"id": f"{failure['id']}r", "at": at, "delivered": _level(delivered)}


def _fell_short(row: Row) -> bool:
    """Whether a contact was bad enough for somebody to notice."""
    if "delivered" not in row:
        return row.get("state") == "missed"
    return bool(row["delivered"] < row.get("anticipated", 0.75) - 0.2)


def _felt(rows: Iterable[Row]) -> float:
    """How the guest feels about it all: amends count, and what never came counts as nothing."""
    counted = [row for row in rows if row.get("state") != "not_applicable"]
    weights = [row.get("weight", 1.0) for row in counted]
    levels = [row.get("delivered", 0.0) for row in counted]
    # not sum(), whose last bits differ between versions of Python
    return fsum(w * d for w, d in zip(weights, levels, strict=True)) / fsum(weights)


def _chance(dice: Random, probability: float) -> bool:
    return dice.random() < probability


def _level(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


def _in_time(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["at"])


# -- what was written down -----------------------------------------------------------------------


def as_logged(rows: Iterable[Row], seed: int) -> Iterator[Row]:
    """The same season as its systems wrote it down: some lines twice, corrected, or taken back.

    Clerical errors change the log and never what happened, so no score may differ.
    """
    dice = Random(f"clerical {seed}")
    for row in rows:
        error = dice.random() // CLERICAL  # 0, 1 and 2: a kind of error each
        if "delivered" not in row or "csat" in row or error > 2:
            yield row
        elif error == 0:
            yield row
            yield row
        else:
            wrong = row | {"id": f"{row['id']}x", "delivered": _level(dice.random())}
            yield {name: wrong[name] for name in wrong if name not in ("adequate", "desired")}
            if error == 1:
                yield row | {"supersedes": wrong["id"]}
            else:
                taken_back = {name: wrong[name] for name in wrong if name not in _SAID}
                yield taken_back | {"id": f"{row['id']}v", "retracts": wrong["id"]}
                yield row


_SAID = {"anticipated", "basis", "delivered", "adequate", "desired", "recovers", *FACTS} - {
    "segment"
}
"""What a line says of its touchpoint, which one that takes back says nothing of."""


def season(seed: int = 7, stays: int = 300) -> list[Row]:
    """The log of a season, in the order of time."""
    return list(as_logged(handled(as_it_was(seed, stays), seed), seed))


def line(row: Row) -> str:
    """A row as a line of JSON."""
    row = row | {name: row[name].isoformat() for name in TIMES if name in row}
    return json.dumps({name: row[name] for name in COLUMNS if name in row}) + "\n"


def text(seed: int = 7, stays: int = 300) -> str:
    """The log as JSON Lines."""
    return "".join(map(line, season(seed, stays)))


def main(arguments: list[str] | None = None) -> None:
    """Write the log."""
    parser = argparse.ArgumentParser(description="Makes a season of a hotel: a journey log.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--stays", type=int, default=300)
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args(arguments)
    options.out.write_bytes(text(options.seed, options.stays).encode())


if __name__ == "__main__":
    main()
