"""All that a tracker does, in an environment that has the API of OpenTelemetry and no SDK."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import Any

from opentelemetry import context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from journeyscore import Journey, Touchpoint, Tracker, minutes, promised, score

WAIT = minutes(best=0, worst=30)
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def main() -> None:
    """Promise, deliver, wait, tell, carry, include, retract, score, close."""
    try:
        import opentelemetry.sdk  # noqa: F401
    except ImportError:
        pass
    else:
        raise AssertionError("there is an SDK")
    told: list[Any] = []
    tracker = Tracker(told.append, strict=True)
    stay = tracker.journey("stay-1", type="stay")
    stay.record(Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5))
    tracker.deliver(stay.promise("hotel.valet", within=timedelta(minutes=10), scale=WAIT))
    with tracker.touchpoint(stay, "hotel.bellman", scale=WAIT):
        pass

    async def wait() -> None:
        async with tracker.touchpoint(stay, "hotel.concierge", scale=WAIT):
            await asyncio.sleep(0)

    asyncio.run(wait())
    headers: dict[str, str] = {}
    stay.inject(headers)
    elsewhere = Tracker(strict=True).extract(headers)
    assert elsewhere is not None and elsewhere.ref == stay.ref
    assert stay.reference.origin is None
    elsewhere.record(Touchpoint("hotel.room", delivered=0.7, id="room"))
    assert stay.include(elsewhere.journey.events) == 1
    stay.record(Touchpoint("hotel.room", delivered=0.7, id="mistake"))
    stay.retract("mistake")
    running = stay.score()
    card = stay.close()
    assert running is not None and card is not None and running.tally == card.tally
    assert card.tally.count == 5 and len(told) == 1, (card, told)
    again = Journey("j", card.journey.events, retracted=card.journey.retracted)
    assert score(again).tally == card.tally
    # a trace context that came with a request passes through, as it does through the API
    context.attach(TraceContextTextMapPropagator().extract({"traceparent": PARENT}))
    origin = tracker.journey("stay-2").reference.origin
    assert origin is not None and origin.traceparent == PARENT
    assert not [name for name in sys.modules if name.startswith("opentelemetry.sdk")]
    assert tracker.failures == {}, tracker.failures
    print("fine")


if __name__ == "__main__":
    main()
