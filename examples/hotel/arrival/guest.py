"""The guest: what a stay looks like from outside, one request after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx

from .house import CLOCK

STAY = "stay-1042"

STEPS = (
    (0, "front_desk", "/ring", "I am at the door, with a car and two bags."),
    (3, "valet", "/at-the-door", "Here are my keys."),
    (6, "front_desk", "/check-in", "We have a reservation."),
    (20, "bellman", "/in-the-room", "A quarter of an hour later somebody knocks."),
    (1440, "front_desk", "/departure", "I would like to check out."),
)
"""Minute of the stay, process, path, and what the guest says."""


class Step(NamedTuple):
    """What the guest said to whom, and what came back."""

    minute: int
    process: str
    guest: str
    answer: dict[str, Any]


def stays(
    addresses: Mapping[str, str],
    *,
    since: datetime | None = None,
    stay: str = STAY,
    bags_at: int | None = None,
) -> Iterator[Step]:
    """Have the guest stay, step by step.

    Args:
        addresses: of the processes.
        since: when the guest rings; now, unless given.
        stay: the hotel's own id of the stay, which no telemetry sees.
        bags_at: the minute in which the bags come, if not that of the story.
    """
    start = since or datetime.now(UTC)
    with httpx.Client(trust_env=False, timeout=30) as client:
        for minute, process, path, said in STEPS:
            if process == "bellman" and bags_at is not None:
                minute = bags_at
            answer = client.post(
                addresses[process] + path,
                headers={CLOCK: (start + timedelta(minutes=minute)).isoformat()},
                json={"stay": stay},
            ).raise_for_status()
            yield Step(minute, process, said, answer.json())
