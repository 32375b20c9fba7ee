"""The valet: delivers what the front desk promised, and makes a promise of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp

from journeyscore import rating
from journeyscore.convert import to_data

from . import house
from .house import WAIT


def app() -> ASGIApp:
    """The process."""
    tracker = house.tracker()
    promised: dict[str, str] = {}  # by stay, the token of what the front desk promised for us

    async def fetch(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Somebody rings: from here on this process knows the journey, out of the headers."""
        tracker.extract(request.headers, id=body["stay"])
        promised[body["stay"]] = body["token"]
        return {"said": "On my way."}

    async def at_the_door(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Deliver the front desk's promise, and promise the bags. The bellman gets that token."""
        warm = rating(1, 5)(anticipated=4, delivered=5)
        tracker.deliver(promised.pop(body["stay"]), readings={"courtesy": warm})
        stay = tracker.journey(body["stay"])
        token = stay.promise("hotel.bellman", within=timedelta(minutes=10), scale=WAIT)
        await house.call("bellman", "/bags", stay, token=token)
        return {"said": "Your bags will be in your room within 10 minutes."}

    async def part(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """What was recorded here of a stay."""
        return {
            "events": [to_data(event) for event in tracker.journey(body["stay"]).journey.events]
        }

    return house.application("valet", {"/fetch": fetch, "/at-the-door": at_the_door, "/part": part})
