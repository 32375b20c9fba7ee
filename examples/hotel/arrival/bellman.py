"""The bellman: brings the bags later than the valet promised, and has somebody act on it."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp

from journeyscore.convert import to_data
from journeyscore.live import Moment

from . import house


def app() -> ASGIApp:
    """The process."""
    promised: dict[str, str] = {}  # by stay, the token of what the valet promised for us
    acting: list[asyncio.Task[dict[str, Any]]] = []

    def act(moment: Moment) -> None:
        """A moment broke the stay: have the front desk put it right, while the guest is here.

        This is called in the midst of `deliver`, so it only begins what takes time.
        """
        if moment.kind.value == "broke":
            broken = [to_data(moment.touchpoint.touchpoint)]
            acting.append(
                asyncio.create_task(
                    house.call("front_desk", "/amends", moment.journey, broken=broken)
                )
            )

    tracker = house.tracker(act)

    async def bags(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """The valet hands over the bags, and what was promised of them."""
        tracker.extract(request.headers, id=body["stay"])
        promised[body["stay"]] = body["token"]
        return {"said": "I have the bags."}

    async def in_the_room(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """The bags are there: the wait since the valet's promise is measured against it."""
        tracker.deliver(promised.pop(body["stay"]))
        answers = [await task for task in acting]
        acting.clear()
        return {"said": " ".join(["Your bags.", *(answer["said"] for answer in answers)])}

    async def part(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """What was recorded here of a stay."""
        return {
            "events": [to_data(event) for event in tracker.journey(body["stay"]).journey.events]
        }

    return house.application("bellman", {"/bags": bags, "/in-the-room": in_the_room, "/part": part})
