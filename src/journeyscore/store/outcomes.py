"""What became of what was given to the journal."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What happened to an event, or to a retraction.

    Attributes:
        APPENDED: kept, and added to the sums of its journey.
        REFOLDED: kept; events of its journey concern each other (a recovery, a correction that
            came first), so its sums were folded anew.
        DUPLICATE: it had come before, content and all; nothing was written.
        CONFLICT: kept beside another content under the same id. The smallest in the order of
            `journeyscore.journey.content_order` counts.
        RETRACTED: of a retraction: the event was taken out of the sums. Of an event: kept, and
            taken back before it came or in the same batch, so it does not count.
        AWAITED: of a retraction: kept; its event has not come yet, and will not count.
        REFUSED: not kept: the journey was forgotten.
    """

    APPENDED = "appended"
    REFOLDED = "refolded"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    RETRACTED = "retracted"
    AWAITED = "awaited"
    REFUSED = "refused"


class Appended(NamedTuple):
    """An event or a retraction, and what became of it.

    Attributes:
        journey: its journey.
        source, id: what identifies it there; an event without an id was given one.
        outcome: what happened.
    """

    journey: str
    source: str | None
    id: str
    outcome: Outcome
