"""What the panels of a report are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from ..frames import Overview
from ..frames.formula import SUMS
from ..scales import Scale
from ..scorecard import Scorecard
from ..tally import Tally
from .words import points

ROWS = 200
"""Rows of a table; a page is to be read."""


@frozen(eq=False)
class Evidence:
    """What is known of a log.

    Attributes:
        seen: the log at a glance.
        cards: the scorecards of a few journeys, by their ids.
        order: the names of touchpoints in the order of the journeys.
        asked: the scales of what guests said, by the column, where they are not the usual ones.
        log, reading: the log itself and how it is read, for panels that ask more of it: the
            arguments of the functions of `journeyscore.frames`.
    """

    seen: Overview
    cards: Mapping[str, Scorecard]
    order: Sequence[str]
    asked: Mapping[str, Scale]
    log: Any
    reading: Mapping[str, Any]


def tally(row: Mapping[str, Any]) -> Tally:
    """The sums of a row as a Tally."""
    return Tally(*(row[name] for name in SUMS))


def readouts(row: Mapping[str, Any]) -> tuple[str, str]:
    """The impression and the par of a row of sums, as they are shown."""
    read = tally(row).readouts()
    return points(read.impression), points(read.par)
