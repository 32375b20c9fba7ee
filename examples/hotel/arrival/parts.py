"""What one process recorded of a stay, as rows of JSON that another process reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from journeyscore import Touchpoint
from journeyscore.convert import journeys


def packed(events: Iterable[Touchpoint]) -> list[dict[str, Any]]:
    """Events as rows of a journey log, a reading a row."""
    return [
        {
            "journey": "stay",
            "touchpoint": event.name,
            "factor": factor,
            "anticipated": reading.anticipated and reading.anticipated.value,
            "basis": reading.anticipated and reading.anticipated.basis.value,
            "delivered": reading.delivered,
            "gap_scale": reading.gap_scale,
            "factor_weight": reading.weight,
            "id": event.id,
            "at": event.at and event.at.isoformat(),
            "weight": event.weight,
            "recovers": event.recovers,
        }
        for event in events
        for factor, reading in event.readings.items()
    ]


def unpacked(rows: list[dict[str, Any]]) -> tuple[Touchpoint, ...]:
    """The events in such rows."""
    return journeys(rows)["stay"].events if rows else ()
