"""What the house wrote down beside the levels: needs, promises, problems and what became of them.

A second reading of the same season: it adds facts and rows that are not scored, and changes no
level, so that every score stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

from .house import (
    CAUSES,
    HABITS,
    LAUNDRY_DOWN,
    MANNERS,
    NEEDS,
    OPENING,
    PREVENTED,
    RATES,
    SEGMENTS,
    Manners,
)

Row = dict[str, Any]

MINUTE = timedelta(minutes=1)

_SAME = ("journey", "customer", "touchpoint", "source", "team", "site", "stage", "segment")

FACTS = (
    "as_of", "unreasonable", "segment", "worth", "need", "meets", "promised_at", "due", "cause",
    "obstacle", "noticed_by", "act", "regards", "owner", "excuse", "pitch",
)  # fmt: skip
"""The columns that it fills."""

ASKED_LATELY = 0.8  # of the expectations asked, were asked within the last year
UNREASONABLE = 0.05  # of the guests, ask the front desk for what no hotel can do
FOLLOWED = 0.7  # of the calls after a stay in which something failed, ask about it
PITCHED = 0.2  # of those, try to sell something as well


def handled(rows: Iterable[Row], seed: int) -> list[Row]:
    """The rows of a season, in the order of time, with what was written down beside them."""
    dice = Random(f"handling {seed}")
    result: list[Row] = []
    for _, stay in groupby(sorted(rows, key=lambda row: row["journey"]), _journey):
        result += _stay(dice, sorted(stay, key=_time))
    for cause, day in PREVENTED.items():
        until = OPENING + timedelta(days=day)
        failures = [row for row in result if row.get("cause") == cause and row["at"] < until]
        if failures:
            result.append(_prevented(result, max(failures, key=_time), until))
    return sorted(result, key=_time)


def _time(row: Row) -> datetime:
    at: datetime = row["at"]
    return at


def _prevented(rows: list[Row], failure: Row, until: datetime) -> Row:
    """That the cause of a failure is done away with, written down with the last that it made."""
    end = max(row["at"] for row in rows if row["journey"] == failure["journey"])
    return {name: failure[name] for name in _SAME} | {
        "id": f"{failure['id']}p", "state": "not_yet", "at": min(until, end - MINUTE),
        "act": "prevention", "cause": failure["cause"], "owner": f"{failure['site']}-duty-desk",
    }  # fmt: skip


def _journey(row: Row) -> str:
    journey: str = row["journey"]
    return journey


def _stay(dice: Random, rows: list[Row]) -> list[Row]:
    first = rows[0]
    # of a guest always the same, whichever stay it is
    segment = Random(first["customer"]).choice(SEGMENTS)
    nights = max(1, sum(row["touchpoint"] == "hotel.housekeeping" for row in rows))
    worth = round(RATES[first["site"]] * nights * dice.triangular(0.8, 1.6, 1.0))
    rows = [_as_known(dice, row) | {"segment": segment} for row in rows]
    rows[-1]["worth"] = worth
    _needs(dice, rows)
    added = [_asked_too_much(dice, row) for row in rows if _is_arrival(row, dice)]
    recovered = {row["recovers"] for row in rows if "recovers" in row}
    failures = [row for row in rows if _named(row) and _failed(row, recovered)]
    for row in failures:
        manners = MANNERS[row["site"]]
        row |= _reasons(dice, row)
        if row is not rows[-1] and dice.random() < manners.owns_up:
            added.append(_acknowledged(dice, row, manners, before=rows[-1]))
    calls = [row for row in rows if row["touchpoint"] == "hotel.follow_up" and "delivered" in row]
    if calls:
        added += [
            _followed_up(dice, row, before=calls[0])
            for row in failures
            if row["at"] < calls[0]["at"] and dice.random() < FOLLOWED
        ]
    return rows + added


def _named(row: Row) -> Any:
    """What other events call this one, as far as they can."""
    return row["touchpoint"] if row.get("state") == "missed" else row["id"]


def _failed(row: Row, recovered: set[str]) -> bool:
    if "recovers" in row:
        return False
    return row.get("state") == "missed" or _named(row) in recovered or _short(row)


def _short(row: Row) -> bool:
    return bool(row.get("delivered", 1.0) < row.get("anticipated", 0.75) - 0.2)


def _as_known(dice: Random, row: Row) -> Row:
    """Since when an expectation is known, when a promise was made, and when it is due."""
    if row.get("basis") == "asked":
        days = 300 * dice.random() if dice.random() < ASKED_LATELY else 400 + 300 * dice.random()
        return row | {"as_of": row["at"] - timedelta(days=int(days))}
    if row.get("basis") == "promised":
        said, took = (
            timedelta(minutes=round(_WORST[row["touchpoint"]] * (1 - row[name])))
            for name in ("anticipated", "delivered")
        )
        promised_at = row["at"] - took
        return row | {"promised_at": promised_at, "due": promised_at + said}
    return row


_WORST = {habit.touchpoint: habit.job.worst for habit in HABITS if habit.job is not None}


def _is_arrival(row: Row, dice: Random) -> bool:
    return row["touchpoint"] == "hotel.front_desk" and dice.random() < UNREASONABLE


def _asked_too_much(dice: Random, arrival: Row) -> Row:
    """What a guest asked for that the house does not answer for: kept, with the reason."""
    reasons = ("impossible", "outside_offer", "outside_offer", "unsafe")
    return {name: arrival[name] for name in (*_SAME, "at", "channel")} | {
        "id": f"{arrival['id']}u", "state": "not_applicable", "anticipated": 1.0,
        "basis": "asked", "unreasonable": dice.choice(reasons),
    }  # fmt: skip


def _needs(dice: Random, rows: list[Row]) -> None:
    """A need taken at the first contact with a person, and the contact that should meet it."""
    need, touchpoint = dice.choice(NEEDS)
    takes = next((row for row in rows if row["stage"] in ("before", "arrival")), None)
    if takes is None or dice.random() > 0.4:
        return
    takes["need"] = need
    meets = next((row for row in rows if row["touchpoint"] == touchpoint), None)
    if meets is not None and meets.get("delivered", 0.0) > 0.7:
        meets["meets"] = need


def _reasons(dice: Random, row: Row) -> Row:
    """Why it failed, what stood in the way, and who noticed first."""
    down = (row["at"] - OPENING).days in LAUNDRY_DOWN
    for team, cause, obstacle in CAUSES:
        if (cause == "laundry") > down:
            continue
        if row["team"].endswith(team) and dice.random() < 0.6:
            seen = "customer" if dice.random() < 0.7 else "house"
            return {"cause": cause, "obstacle": obstacle, "noticed_by": seen}
    return {}


def _followed_up(dice: Random, failure: Row, before: Row) -> Row:
    """That the call after the stay asked how a problem had turned out."""
    row = {name: failure[name] for name in _SAME} | {
        "id": f"{failure['id']}f", "state": "not_yet", "channel": before["channel"],
        "at": before["at"] - MINUTE, "act": "follow_up", "regards": _named(failure),
        "owner": f"{failure['site']}-duty-desk",
    }  # fmt: skip
    return row | ({"pitch": True} if dice.random() < PITCHED else {})


def _acknowledged(dice: Random, failure: Row, manners: Manners, before: Row) -> Row:
    """What the house said when it noticed: whose problem it is now, and when they will hear."""
    at = failure["at"] + timedelta(minutes=round(manners.minutes * dice.triangular(0.3, 2.0, 1.0)))
    row = {name: failure[name] for name in _SAME} | {
        "id": f"{failure['id']}a", "state": "not_yet", "channel": "in_person",
        "at": min(at, before["at"] - MINUTE), "act": "acknowledgement", "regards": _named(failure),
        "owner": f"{failure['site']}-duty-desk",
        "due": failure["at"] + timedelta(days=3),
    }  # fmt: skip
    return row | ({"excuse": True} if dice.random() < manners.excuses else {})
