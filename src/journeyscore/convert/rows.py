"""Rows of a journey log as journeys in memory: one stay out of a season, to look at closely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve, fields, frozen

from ..checks import moment, number
from ..errors import InvalidValue, JourneyScoreError, described
from ..expectations import Basis, Expectation, Unreasonable
from ..factors import canonical
from ..handling import FACTS, Act, Handling, NoticedBy, Obstacle, joined
from ..journey import Journey, content_order
from ..readings import GAP_SCALE, Reading
from ..scales import Scale, level
from ..touchpoints import EventKey, State, Touchpoint
from ..valuation import Valuer
from .strict import strict_converter, structured, unicode_text

FEEDBACK = ("csat", "nps", "ces")
"""Columns with what the customer said; any row of a journey may hold them."""


@frozen
class Reference:
    """Another event of the journey: its id, of the same source unless one is named."""

    id: str
    source: str | None = None
    same_source: bool = False

    def key(self, source: str | None) -> EventKey:
        """What identifies the event, named by one of this source."""
        return (source if self.same_source else self.source, self.id)


@frozen(kw_only=True)
class Row:
    """One row of a log: the columns of a journey log, under the library's names."""

    journey: str
    touchpoint: str
    anticipated: float | None = None
    delivered: float | None = None
    at: datetime | None = None
    basis: Basis | None = None
    weight: float | None = None
    gap_scale: float | None = None
    factor: str | None = None
    factor_weight: float | None = None
    id: str | None = None
    source: str | None = None
    customer: str | None = None
    team: str | None = None
    site: str | None = None
    channel: str | None = None
    stage: str | None = None
    proactive: bool | None = None
    adequate: float | None = None
    desired: float | None = None
    state: State | None = None
    recovers: Reference | None = None
    supersedes: Reference | None = None
    retracts: Reference | None = None
    as_of: datetime | None = None
    unreasonable: Unreasonable | None = None
    need: str | None = None
    meets: str | None = None
    cause: str | None = None
    obstacle: Obstacle | None = None
    act: Act | None = None
    regards: Reference | None = None
    owner: str | None = None
    excuse: bool | None = None
    pitch: bool | None = None
    noticed_by: NoticedBy | None = None
    promised_at: datetime | None = None
    due: datetime | None = None
    segment: str | None = None
    worth: float | None = None
    csat: float | None = None
    nps: float | None = None
    ces: float | None = None


ABOUT_JOURNEY = {"customer": min, "site": min, "segment": min, "worth": max} | dict.fromkeys(
    FEEDBACK, min
)
"""Columns that say something of the whole journey, and which of several answers counts.

Whatever the order of the rows, and the same as in the doors for dataframes.
"""

COLUMNS = tuple(each.name for each in fields(Row))


def _time(given: object) -> datetime:
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            raise InvalidValue(
                f"{described(given)} is not an ISO 8601 time", path="", value=given
            ) from None
    return moment(given, "")


def _reference(given: object) -> Reference:
    if isinstance(given, Mapping):
        source = given.get("source")
        return Reference(
            unicode_text(given.get("id")), None if source is None else unicode_text(source)
        )
    return Reference(unicode_text(given), same_source=True)


_converter = strict_converter()
_converter.register_structure_hook(float, lambda given, _: number(given, ""))
_converter.register_structure_hook(datetime, lambda given, _: _time(given))
_converter.register_structure_hook(Reference, lambda given, _: _reference(given))


def row(given: Mapping[str, Any]) -> Row:
    """A row, checked: other columns than the library's are left aside.

    Raises:
        InvalidValue: the first field that is not what it must be; the path names it.

    >>> row({"journey": "stay-1", "touchpoint": "hotel.valet", "delivered": "0.9"})
    Traceback (most recent call last):
    journeyscore.errors.WrongType: delivered: str of length 3 is not a number
    """
    return structured(_converter, {name: given[name] for name in COLUMNS if name in given}, Row)


def journeys(
    rows: Iterable[Mapping[str, Any]],
    *,
    scales: Mapping[str, Scale] | None = None,
    rejected: list[tuple[int, JourneyScoreError]] | None = None,
    valuer: Valuer | None = None,
) -> dict[str, Journey]:
    """The journeys of a log, by id.

    Rows with a ``factor`` and the same (journey, source, id) become the readings of one
    touchpoint. A row with ``retracts`` and nothing delivered only retracts. A journey of which some
    rows have no time is taken in the order of its rows.

    Args:
        rows: dictionaries with the columns of a journey log.
        scales: scales by factor, or by touchpoint, where the rows hold raw measures.
        rejected: where given, rows that are wrong are put there with their number (from 1) and
            left out; else the first one raises.
        valuer: the policy, and what fills in, by which contradicting contents of one reading are
            told apart; the default policy's unless given.

    Raises:
        InvalidValue, WrongType: a row is wrong; the path names the row and the field.

    >>> stays = journeys([
    ...     {"journey": "a", "touchpoint": "hotel.valet", "anticipated": 0.6, "delivered": 0.9},
    ...     {"journey": "a", "touchpoint": "hotel.room", "anticipated": 0.8, "delivered": 0.5},
    ... ])
    >>> [each.name for each in stays["a"].touchpoints]
    ['hotel.valet', 'hotel.room']
    """
    found: dict[str, _Parts] = {}
    for place, given in enumerate(rows, start=1):
        try:
            read = row(given)
            event = _event(read, scales or {})
        except JourneyScoreError as error:
            error.path = f"row {place}, {error.path}"
            if rejected is None:
                raise
            rejected.append((place, error))
            continue
        parts = found.setdefault(read.journey, _Parts())
        for named in (read.retracts, read.supersedes):
            if named is not None:
                parts.retracted.append(named.key(read.source))
        for name, chosen in ABOUT_JOURNEY.items():
            if (said := getattr(read, name)) is not None:
                parts.about[name] = chosen(parts.about.get(name, said), said)
        if event.readings and event.key is not None:
            parts.readings[event.key].append((canonical(read.factor or read.touchpoint), event))
        elif read.retracts is None or event.state is not State.NOT_YET:
            parts.events.append(event)
    valuer = valuer or Valuer()
    return {id: parts.journey(id, valuer) for id, parts in found.items()}


class _Parts:
    """What is known of a journey while its rows are read."""

    def __init__(self) -> None:
        self.events: list[Touchpoint] = []
        self.readings: defaultdict[EventKey, list[tuple[str, Touchpoint]]] = defaultdict(list)
        self.retracted: list[EventKey] = []
        self.about: dict[str, Any] = {}

    def journey(self, id: str, valuer: Valuer) -> Journey:
        events = []
        for event in self.events:
            key = event.key
            if key is not None and key in self.readings and event.state.folded:
                self.readings[key].append((event.name, _as_reading(event)))
            else:
                events.append(event)
        events += [_joined(readings, valuer) for readings in self.readings.values()]
        if any(event.at is None for event in events):
            # a journey has all of its times or none: without one, the order given stands
            events = [evolve(event, at=None) for event in events]
        return Journey(
            id,
            events,
            feedback={name: self.about.pop(name) for name in FEEDBACK if name in self.about},
            **self.about,
            retracted=tuple(dict.fromkeys(self.retracted)),
        )


def _event(row: Row, scales: Mapping[str, Scale]) -> Touchpoint:
    """The touchpoint that a row says; of a row with a factor, as if it were the only reading."""
    scale = scales.get(row.touchpoint, level)
    if row.factor is not None:
        by_factor = {canonical(name): each for name, each in scales.items()}
        scale = by_factor.get(canonical(row.factor), scale)
    levels = {
        name: None if getattr(row, name) is None else scale.level(getattr(row, name), name)
        for name in ("anticipated", "delivered", "adequate", "desired")
    }
    anticipated, delivered = None, levels["delivered"]
    if (expected := levels["anticipated"]) is not None:
        basis = row.basis or Basis.ASSUMED
        anticipated = Expectation(expected, basis, row.as_of, row.unreasonable)
    zone: dict[str, Any] = {name: levels[name] for name in ("adequate", "desired")}
    common: dict[str, Any] = dict(
        at=row.at,
        weight=row.weight,
        state=row.state,
        id=row.id,
        source=row.source,
        team=row.team,
        channel=row.channel,
        stage=row.stage,
        proactive=bool(row.proactive),
        recovers=None if row.recovers is None else row.recovers.key(row.source),
        supersedes=None if row.supersedes is None else row.supersedes.key(row.source),
        handling=_handling(row),
    )
    if row.retracts is not None and delivered is None and row.state is State.DELIVERED:
        common["state"] = State.NOT_YET
    gap_scale = scale.gap_scale if row.gap_scale is None else row.gap_scale
    missed = row.state is State.MISSED
    plain = row.factor is None and row.factor_weight is None
    if plain and (scale is level or missed or delivered is None):
        return Touchpoint(
            row.touchpoint,
            anticipated=anticipated,
            delivered=delivered,
            gap_scale=gap_scale,
            **zone,
            **common,
        )
    if missed and delivered in (None, 0.0):
        common["state"] = None  # as a reading it is one at the worst level
        delivered = 0.0
    if delivered is None:
        return Touchpoint(
            row.touchpoint, anticipated=anticipated, gap_scale=gap_scale, **zone, **common
        )
    reading = Reading(
        anticipated=anticipated,
        delivered=delivered,
        # of no factor, no policy weighs it
        weight=1.0 if row.factor_weight is None and row.factor is None else row.factor_weight,
        gap_scale=gap_scale,
        tolerance=scale.tolerance,
        **zone,
    )
    return Touchpoint(row.touchpoint, readings={row.factor or row.touchpoint: reading}, **common)


def _handling(row: Row) -> Handling | None:
    """What the row says of a problem, a need or a promise; None if nothing."""
    said = {name: given for name in FACTS if (given := getattr(row, name)) is not None}
    if not said:
        return None
    if row.regards is not None:
        said["regards"] = row.regards.key(row.source)
    return Handling(**said)


def _as_reading(event: Touchpoint) -> Touchpoint:
    """A touchpoint of one level as one of a single reading, to be joined with others of its id."""
    reading = Reading(
        anticipated=event.anticipated,
        delivered=event.delivered or 0.0,
        weight=1.0,
        gap_scale=event.gap_scale,
        adequate=event.adequate,
        desired=event.desired,
    )
    return evolve(
        event,
        state=State.DELIVERED,
        anticipated=None,
        delivered=None,
        gap_scale=GAP_SCALE,
        adequate=None,
        desired=None,
        readings={event.name: reading},
    )


def _joined(readings: list[tuple[str, Touchpoint]], valuer: Valuer) -> Touchpoint:
    """One touchpoint of the readings under one id: of each factor the smallest content."""
    chosen: dict[str, Touchpoint] = {}
    for factor, event in readings:
        held = chosen.get(factor)
        if held is None or _reading_order(event, valuer) < _reading_order(held, valuer):
            chosen[factor] = event
    # a reading without weight says nothing of the touchpoint, unless none has any
    counting = {factor: event for factor, event in chosen.items() if _counts(event, valuer)}
    chosen = counting or chosen
    said = [event for event in chosen.values() if event.weight_is_said]
    first = min(said or chosen.values(), key=lambda event: event.units)
    merged = {factor: event.readings[factor] for factor, event in chosen.items()}
    recovered = [key for event in chosen.values() if (key := event.recovered_key) is not None]
    return Touchpoint(
        first.name,
        readings=merged,
        at=min((event.at for _, event in readings if event.at is not None), default=None),
        weight=first.weight if said else None,
        id=first.id,
        source=first.source,
        team=first.team,
        channel=first.channel,
        stage=first.stage,
        proactive=any(event.proactive for _, event in readings),
        # by the id, and then by the source: whatever the order of the rows
        recovers=min(recovered, key=lambda key: (key[1], key[0] is None, key[0]), default=None),
        handling=joined(event.handling for event in chosen.values()),
    )


def _counts(event: Touchpoint, valuer: Valuer) -> bool:
    weights = (valuer.reading_units(*pair) for pair in event._readings)
    return valuer.units(event) > 0 and all(weights)


def _reading_order(event: Touchpoint, valuer: Valuer) -> tuple[Any, ...]:
    """As for events, with the factor weight before the adequate level."""
    order = content_order(event, valuer)
    (pair,) = event._readings
    return (*order[:6], valuer.reading_units(*pair), *order[6:]) if order[0] == 0 else order
