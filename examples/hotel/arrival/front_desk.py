"""The front desk: opens the stay when the guest rings, and closes it at the departure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp

from journeyscore import Touchpoint, asked, promised, rating, yes_no
from journeyscore.convert import from_data, to_data

from . import house
from .house import WAIT


def app() -> ASGIApp:
    """The process."""
    tracker = house.tracker()

    async def guest_rings(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Open the journey, and promise a valet. The token goes to the valet's process."""
        stay = tracker.journey(body["stay"], type="stay")
        token = stay.promise("hotel.valet", within=timedelta(minutes=5), scale=WAIT)
        await house.call("valet", "/fetch", stay, token=token)
        return {"said": "A valet will be with you within 5 minutes."}

    async def check_in(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """The service is the wait: it takes as long as the block takes."""
        async with tracker.touchpoint(
            body["stay"], "hotel.front_desk", scale=WAIT, anticipated=promised(5), id="check-in"
        ) as desk:
            house.pass_minutes(4)
            desk.reading("recognition", yes_no(anticipated=asked(True), delivered=True))
        return {"said": "Welcome back. Your key, after 4 minutes."}

    async def make_amends(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """A moment broke the stay, in another process: put it right while the guest is here."""
        stay = tracker.extract(request.headers)
        assert stay is not None
        broken = [from_data(each, Touchpoint) for each in body["broken"]]
        stay.include(broken)
        stay.record(
            Touchpoint(
                "hotel.front_desk",
                readings={"apology": rating(1, 5)(anticipated=4, delivered=5)},
                id="amends",
                recovers=broken[0].id,
            )
        )
        return {"said": "With our apologies: dinner is on the house tonight."}

    async def departure(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Fetch what the others recorded, score the whole stay, close it."""
        stay = tracker.journey(body["stay"])
        stay.record(
            Touchpoint(
                "hotel.checkout",
                readings={"courtesy": rating(1, 5)(anticipated=4, delivered=4)},
                id="checkout",
            )
        )
        for process in ("valet", "bellman"):
            part = await house.call(process, "/part", stay)
            stay.include(from_data(each, Touchpoint) for each in part["events"])
        card = stay.close()
        return {
            "said": "Have a safe journey home.",
            "card": str(card),
            "events": [to_data(event) for event in (card.journey.events if card else ())],
        }

    return house.application(
        "front_desk",
        {
            "/ring": guest_rings,
            "/check-in": check_in,
            "/amends": make_amends,
            "/departure": departure,
        },
    )
