"""Books: the journeys that are going on in one process, and those idle for longest."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock

from .journey import TrackedJourney


class Books:
    """Journeys by their ref, and by the host's id where that is known. Safe under threads.

    >>> from journeyscore import Tracker
    >>> books, stay = Books(), Tracker().journey("stay-1042")
    >>> books.enter(stay) is books.of_id("stay-1042") is books.of_ref(stay.ref) is stay
    True
    >>> books.forget(stay)
    >>> len(books)
    0
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_ref: OrderedDict[str, TrackedJourney] = OrderedDict()
        self._by_id: dict[str, TrackedJourney] = {}

    def __len__(self) -> int:
        """The number of journeys going on."""
        return len(self._by_ref)

    def of_id(self, id: str) -> TrackedJourney | None:
        """The journey with this id of the host's."""
        return self._by_id.get(id)

    def of_ref(self, ref: str) -> TrackedJourney | None:
        """The journey with this ref."""
        return self._by_ref.get(ref)

    def enter(self, new: TrackedJourney) -> TrackedJourney:
        """Enter a journey, unless it is there: the one that is in the books from now on."""
        with self._lock:
            journey = self._by_id.get(new.id) or self._by_ref.setdefault(new.ref, new)
            if new.id != new.ref:
                self._by_id[new.id] = journey
        return journey

    def name(self, journey: TrackedJourney, id: str) -> None:
        """Find a journey by this id too."""
        with self._lock:
            self._by_id[id] = journey

    def forget(self, journey: TrackedJourney) -> None:
        """Strike a journey out."""
        with self._lock:
            if self._by_ref.get(journey.ref) is journey:
                del self._by_ref[journey.ref]
            if self._by_id.get(journey.id) is journey:
                del self._by_id[journey.id]

    def idle(self, since: datetime, many: int) -> list[TrackedJourney]:
        """Look at so many journeys, those first that were not looked at for longest.

        Returns:
            Those of which nothing was recorded since.
        """
        found = []
        with self._lock:
            for _ in range(min(many, len(self._by_ref))):
                ref, journey = next(iter(self._by_ref.items()))
                self._by_ref.move_to_end(ref)
                if journey.idle(since):
                    found.append(journey)
        return found
