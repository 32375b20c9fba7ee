"""What the tests of the journal append, and the clock by which it arrives."""

from datetime import UTC, datetime, timedelta

from journeyscore import Touchpoint

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def valet(id="v1", delivered=0.9, **more):
    return Touchpoint("hotel.valet", anticipated=0.6, delivered=delivered, id=id, **more)


class Clock:
    """A second later each time it is read."""

    def __init__(self):
        self.time = NOON

    def __call__(self):
        self.time += timedelta(seconds=1)
        return self.time
