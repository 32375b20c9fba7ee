"""A report on a whole log: one page that a general manager reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..calibration import SCALES
from ..frames import Overview, journeys, overview
from ..frames.columns import missing
from ..frames.preparing import Quarantine, read_once
from ..journey import Journey
from ..policy import DEFAULT_POLICY, MODEL_VERSION, Policy
from ..scales import Scale
from ..scorecard import evaluate
from ..valuation import Valuer
from .evidence import Evidence
from .page import Page, Panel
from .panels import PANELS
from .words import counted, points, share


def report(
    log: Any,
    *,
    title: str = "Customer journeys",
    panels: Sequence[Callable[[Evidence], Panel | None]] = PANELS,
    extremes: int = 3,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    feedback: Iterable[str] | None = None,
    strict: bool = False,
    quarantine: Quarantine | None = None,
    quarantine_rows: bool = False,
) -> Page:
    """One page on a log: verdicts, touchpoints by harm and by joy, teams, the worst and the best.

    Args:
        title: of the page.
        panels: what it is made of, see `PANELS`.
        extremes: how many of the worst and of the best journeys are drawn.
        feedback: the columns with what guests said; ``csat``, ``nps`` and ``ces``, as far as the
            log has them, unless said otherwise. The scale of another stands in `scales`.
        log, policy, columns, timezone, scales, market, strict, quarantine, quarantine_rows: as
            for `journeyscore.frames.score`.

    Raises:
        MissingColumn: the log has no such column of `feedback`.
        As `journeyscore.frames.score` does.

    >>> page = report("examples/hotel/season.jsonl", title="The season")
    >>> [panel.id for panel in page.panels][:3]
    ['verdicts', 'touchpoints', 'breaking']
    """
    answered = list(SCALES if feedback is None else feedback)
    asked = {name: scale for name, scale in (scales or {}).items() if name in answered}
    measures = {name: scale for name, scale in (scales or {}).items() if name not in answered}
    given = {"policy": policy, "scales": measures, "market": market}
    log, named = read_once(
        log, columns=columns, timezone=timezone, strict=strict, quarantine=quarantine,
        quarantine_rows=quarantine_rows, feedback=answered, **given,
    )  # fmt: skip
    reading = {**given, **named}
    seen = overview(log, extremes=extremes, feedback=answered, **reading)
    for name in answered:
        if feedback is not None and name not in seen.answers:
            raise missing(name, seen.columns, path="feedback")
    ids = dict.fromkeys((*seen.worst, *seen.best, *seen.longest))
    found = journeys(log, ids, scales=measures, **named)
    valuer = Valuer(policy, market)
    cards = {id: evaluate(journey, valuer) for id, journey in found.items()}
    known = Evidence(seen, cards, in_order(found.values()), asked, log, reading)
    drawn = tuple(panel for make in panels if (panel := make(known)) is not None)
    return Page(title, _headline(seen), drawn, _notes(seen), seen.rejected)


def in_order(journeys: Iterable[Journey]) -> list[str]:
    """The names of touchpoints in the order in which they come, on average over journeys.

    >>> from journeyscore import Touchpoint
    >>> stay = [Touchpoint(name, delivered=0.5) for name in ("hotel.valet", "hotel.room")]
    >>> in_order([Journey("stay-1", stay)])
    ['hotel.valet', 'hotel.room']
    """
    places: dict[str, list[float]] = {}
    for journey in journeys:
        names = [each.name for each in journey.touchpoints if each.recovers is None]
        for place, name in enumerate(names):
            places.setdefault(name, []).append(place / max(1, len(names) - 1))
    means = {name: sum(found) / len(found) for name, found in places.items()}
    return sorted(means, key=lambda name: (means[name], name))


def _headline(seen: Overview) -> str:
    """What a log comes to, in two sentences."""
    read = seen.tally.readouts(seen.policy)
    if read.impression is None or read.par is None:
        return "Nothing in this log was delivered yet: there is no score."
    number = int(seen.journeys["journeys"][0])
    difference = round(read.impression * 100 - read.par * 100) / 100
    side = "above" if difference > 0 else "below"
    against = (
        f"{points(abs(difference), 2)} {side} what was anticipated"
        if difference
        else "just what was anticipated"
    )
    return (
        f"{counted(number, 'journey')} with {counted(seen.tally.count, 'contact')} came to an "
        f"impression of {points(read.impression)} of 100, {against}."
    )


def _notes(seen: Overview) -> tuple[str, ...]:
    """The small print: how sure this is, and under what it holds."""
    known = seen.tally.readouts().known_share
    notes = []
    if known is not None:
        notes.append(
            f"What was anticipated is known (asked, promised or experienced) for "
            f"{share(known, 1)} of the weight of all contacts; for the rest it is the market's "
            f"level or an assumption."
        )
    if seen.rejected:
        notes.append(f"{counted(seen.rejected, 'row')} of the log could not be scored.")
    notes.append(
        "Par is what the impression would have been had all been delivered just as anticipated."
    )
    notes.append(
        f"Points from 0 to 100. Model version {MODEL_VERSION}, policy {seen.policy.fingerprint}: "
        f"only scores with the same two can be compared."
    )
    return tuple(notes)
