"""Events as rows of a journey log, as `journeyscore.convert.journeys` and `frames` read them."""

from __future__ import annotations

import json
from typing import Any

from .content import REFERENCES, TIMES, moment_of
from .folding import EventRow


def log_rows(row: EventRow) -> list[dict[str, Any]]:
    """An event as one row of a log, or as one for each of its readings; times as ISO 8601."""
    content: dict[str, Any] = json.loads(row.content)
    told = {"journey": row.journey, **{name: _told(name, each) for name, each in content.items()}}
    if row.source:
        told["source"] = row.source
    told["id"] = row.id
    readings = told.pop("readings", None)
    if readings is None:
        return [told]
    return [
        {**told, **{name: _told(name, each) for name, each in reading.items()}}
        for reading in readings
    ]


def _told(name: str, value: Any) -> Any:
    if name in TIMES:
        return moment_of(value).isoformat()
    if name in REFERENCES:
        same = "same_source" in value
        return value["id"] if same else {"source": value["source"], "id": value["id"]}
    return value
