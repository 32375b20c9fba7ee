"""The canary: marked private text in every field of every input, and none of it anywhere."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from telemetry.hosts import Host

from journeyscore import Journey, Touchpoint, Tracker, minutes, promised, rating
from journeyscore.handling import Handling
from journeyscore.live import Moment

CANARY = "CANARY"
WAIT = minutes(best=0, worst=30)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def marked(field: str) -> str:
    return f"{CANARY} {field} Mr Smith, room 12"


class Guest(Exception):
    """An error of the host's whose text names the guest."""


def page(moment: Moment) -> None:
    raise Guest(marked("callback"))


def use(tracker: Tracker) -> list[str]:
    """Everything a host does, with marked text wherever a host has text of its own."""
    stay = tracker.journey(
        marked("id"), type="stay", customer=marked("customer"), site=marked("site"),
        plan=["hotel.valet", "hotel.bellman", "hotel.front_desk"],
    )  # fmt: skip
    said = {name: marked(name) for name in ("need", "meets", "cause", "owner")}
    private: dict[str, Any] = {
        "source": marked("source"), "team": marked("team"), "handling": Handling(**said),
    }  # fmt: skip
    event = Touchpoint(
        "hotel.valet", anticipated=promised(0.9), delivered=0.1, id=marked("event"), at=NOON,
        **private,
    )  # fmt: skip
    stay.record(event)
    stay.record(event)
    stay.record(
        Touchpoint("hotel.valet", anticipated=0.9, delivered=0.2, id=marked("correction"),
                   supersedes=marked("event"), **private)
    )  # fmt: skip
    stay.record(
        Touchpoint("hotel.bellman", delivered=1, id=marked("recovery"),
                   recovers=(marked("source"), marked("correction")))
    )  # fmt: skip
    stay.retract(marked("never"), marked("source"))
    stay.include([evolve(event, id=marked("included"), name="hotel.room")])
    stay.include([event, marked("included")])  # type: ignore[list-item]
    made = [stay.promise("hotel.front_desk", within=timedelta(minutes=5), scale=WAIT)]
    tracker.deliver(made[0], team=marked("team"), readings={"courtesy": rating(1, 5)(delivered=1)})
    tracker.deliver(made[0], colour=marked("field"))
    headers: dict[str, str] = {}
    stay.inject(headers)
    tracker.extract({**headers, marked("header"): marked("value")})
    tracker.extract({"journeyscore-journey": marked("header")})
    tracker.deliver(marked("token"))
    for error in (Guest(marked("handler")), asyncio.CancelledError(marked("cancelled"))):
        with pytest.raises(type(error)), tracker.touchpoint(
            stay, "hotel.bellman", scale=WAIT, id=marked("wait"), **private
        ):  # fmt: skip
            raise error
    tracker.record(marked("id"), marked("touchpoint"))  # type: ignore[arg-type]
    tracker.record(marked("id"), Touchpoint("hotel.valet", delivered=0.5, team=marked("team")))
    tracker.journey(marked("id"), site=marked("another site"))
    stay.score()
    stay.close(marked("state"))
    stay.close()
    stay.record(event)
    tracker.journey(marked("other"), type=None).close("abandoned")
    return [*made, *headers.values()]


@pytest.mark.parametrize("key", [None, b"0123456789abcdef"])
def test_nothing_private_leaves(key: bytes | None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    host = Host(explanation=True)
    broken = {"clock": lambda: marked("clock")}
    trackers = [
        Tracker(page, telemetry=host.telemetry, key=key),
        Tracker(page, telemetry=host.telemetry, key=key, **broken),  # type: ignore[arg-type]
    ]
    carried = [each for tracker in trackers for each in use(tracker)]
    exported = host.exported()
    assert "hotel.front_desk" in exported and "journeyscore.explanation" in exported
    assert len(host.spans) >= 5 and len(host.events) >= 5
    assert caplog.records and "Guest" in caplog.text
    for text in (exported, caplog.text, *carried, *_decoded(carried)):
        assert CANARY not in text and "Smith" not in text
    for tracker in trackers:
        assert CANARY not in str(tracker.failures)


def _decoded(tokens: list[str]) -> list[str]:
    from base64 import urlsafe_b64decode

    bodies = [token.split(".")[1] for token in tokens if token.startswith("js1")]
    assert bodies
    return [urlsafe_b64decode(body + "==").decode() for body in bodies]


def test_errors_do_not_quote_it_either() -> None:
    tracker = Tracker(strict=True, ref=lambda id: id)
    attempts: list[Any] = [
        lambda: tracker.journey(marked("id")),
        lambda: tracker.record(Journey(marked("id")), marked("event")),  # type: ignore[arg-type]
        lambda: tracker.deliver(marked("token")),
        lambda: tracker.extract({"journeyscore-journey": marked("header")}),
        lambda: tracker.touchpoint("s", marked("name"), scale=marked("scale")),  # type: ignore[arg-type]
        lambda: Tracker(strict=True).journey("s").close(marked("state")),
        lambda: Tracker(strict=True).journey("s").record(marked("event")),  # type: ignore[arg-type]
        lambda: Tracker(key=marked("key")),  # type: ignore[arg-type]
    ]
    for attempt in attempts:
        with pytest.raises(Exception) as caught:
            attempt()
        assert CANARY not in str(caught.value), attempt
