"""Touchpoint: one contact of a customer with the service, anticipated and delivered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Union

from attrs import field, frozen

from ..checks import moment, one_of, text, within
from ..errors import InvalidValue, WrongType, described
from ..expectations import Basis, Expectation
from ..factors import canonical
from ..readings import (
    GAP_SCALE,
    GAP_SCALES,
    HEAVIEST,
    LIGHTEST,
    TOLERANCE,
    Reading,
    anticipated_level,
    check_zone,
    checked_level,
    optional_level,
    saturated,
    weight_units,
)

if TYPE_CHECKING:
    from ..handling import Handling

EventKey = tuple[Union[str, None], str]
"""What identifies an event within its journey: its source, if any, and its id."""

Terms = tuple[float, float, bool, int, int, int, int, int]
"""(delivered, gap, promised, A, w, w*A, w*D, w if known): a touchpoint ready to be folded."""


class State(StrEnum):
    """Whether a touchpoint took place; only ``delivered`` and ``missed`` ones are folded."""

    DELIVERED = "delivered"
    MISSED = "missed"
    NOT_APPLICABLE = "not_applicable"
    NOT_YET = "not_yet"

    @property
    def folded(self) -> bool:
        """Whether a touchpoint in this state counts in the score."""
        return self is State.DELIVERED or self is State.MISSED


_DELIVERED = State.DELIVERED  # an enum's member is slower to look up than a global
_PROMISED, _MARKET, _ASSUMED = Basis.PROMISED, Basis.MARKET, Basis.ASSUMED


def _readings(
    given: Mapping[str, Reading] | tuple[tuple[str, Reading], ...] | None,
) -> tuple[tuple[str, Reading], ...]:
    """Readings by canonical factor; one quality under two names is refused: it counts once."""
    if given is None:
        return ()
    if isinstance(given, tuple):
        given = dict(given)  # what attrs.evolve() hands back
        if not given:
            return ()
    if not isinstance(given, Mapping) or not given:
        raise WrongType(
            f"{described(given)} is not a mapping of factors to readings",
            path="readings",
            value=given,
            hint='readings={"courtesy": rating(1, 5)(anticipated=4, delivered=5)}',
        )
    named: dict[str, Reading] = {}
    for name, reading in given.items():
        factor = canonical(text(name, "readings"))
        if not isinstance(reading, Reading):
            raise WrongType(
                f"{described(reading)} is not a reading",
                path="readings",
                value=reading,
                hint="call a scale, or Reading(anticipated=..., delivered=...)",
            )
        if factor in named:
            raise InvalidValue(
                "two names of one factor: it counts once", path="readings", value=factor
            )
        named[factor] = reading
    return tuple(named.items())


if TYPE_CHECKING:

    def _state(given: State | str | None) -> State: ...

else:  # what may be given is for type checkers to know; at run time it is checked below, for less
    _state = None


@frozen
class Touchpoint:
    """One contact with the service: what was anticipated, and what was delivered.

    Give either ``delivered`` (a level from 0 to 1) or ``readings`` by factor, made by scales.
    Without either it is *not yet*, unless ``state`` says otherwise.

    Attributes:
        name: as in a catalogue: ``"hotel.valet"``.
        anticipated: the level anticipated, with its basis; a bare number is assumed. None: taken
            from the plan, the market or the catalogue when it is scored.
        delivered: the level delivered, 0 to 1.
        readings: several measured things, by factor.
        at: when, timezone-aware. A journey has times for all of its touchpoints or for none.
        weight: importance in the journey, 0 to 1000; 0 takes the touchpoint out of the fold.
            None: as the policy weighs the touchpoint, else 1, as which it reads.
        gap_scale: the difference in level at which a gap is clearly felt, 0.001 to 10.
        adequate, desired: the zone of tolerance, levels; None: 0.05 on either side.
        state: delivered, missed, not_applicable or not_yet.
        id, source: what identifies the event; the same id of a source twice is a duplicate.
        team, channel, stage: for grouping.
        proactive: done before the customer asked.
        recovers: the id of the touchpoint that this one puts right, or the name of a missed one;
            a pair (source, id) for one of another source.
        supersedes: the id of an earlier event that this one replaces, likewise.
        handling: what else it says of a problem, a need or a promise: see `Handling`.

    Raises:
        OutOfScale, NotFinite, WrongType: a number that is not in its range.
        NaiveTime: ``at`` has no timezone.
        InvalidValue: fields that contradict each other.

    >>> Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9).state.value
    'delivered'
    >>> Touchpoint("hotel.valet", delivered=1.2)
    Traceback (most recent call last):
    journeyscore.errors.OutOfScale: delivered: 1.2 is outside level 0 to 1
    """

    name: str
    anticipated: Expectation | None = field(default=None, converter=anticipated_level, kw_only=True)
    delivered: float | None = field(default=None, kw_only=True)
    _readings: tuple[tuple[str, Reading], ...] = field(
        default=None, converter=_readings, kw_only=True, alias="readings"
    )
    at: datetime | None = field(default=None, kw_only=True)
    _weight: float | None = field(default=None, kw_only=True, alias="weight")
    gap_scale: float = field(default=GAP_SCALE, kw_only=True)
    adequate: float | None = field(default=None, kw_only=True)
    desired: float | None = field(default=None, kw_only=True)
    state: State = field(default=None, converter=_state, kw_only=True)
    id: str | None = field(default=None, kw_only=True)
    source: str | None = field(default=None, kw_only=True)
    team: str | None = field(default=None, kw_only=True)
    channel: str | None = field(default=None, kw_only=True)
    stage: str | None = field(default=None, kw_only=True)
    proactive: bool = field(default=False, kw_only=True)
    recovers: str | EventKey | None = field(default=None, kw_only=True)
    supersedes: str | EventKey | None = field(default=None, kw_only=True)
    handling: Handling | None = field(default=None, kw_only=True)
    units: int = field(init=False, eq=False, repr=False)
    terms: Terms | None = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        # Each check is skipped where a field has its default: building a touchpoint is part of
        # every measurement of the host's.
        put = object.__setattr__
        name, level, expected = self.name, self.delivered, self.anticipated
        if type(name) is not str or not name:
            text(name, "name")
        if level is not None and (type(level) is not float or not 0.0 <= level <= 1.0):
            level = checked_level(level, "delivered")
            put(self, "delivered", level)
        if self.state is None and level is not None:
            put(self, "state", _DELIVERED)
        else:
            put(self, "state", self._state())
        units = 100
        if (weight := self._weight) is not None:
            if weight != 1.0 or type(weight) is not float:
                weight = within(weight, LIGHTEST, HEAVIEST, "weight")
                put(self, "_weight", weight)
                units = weight_units(weight)
        put(self, "units", units)
        if self.gap_scale is not GAP_SCALE:
            put(self, "gap_scale", within(self.gap_scale, *GAP_SCALES, "gap_scale"))
        if self.adequate is not None or self.desired is not None:
            put(self, "adequate", optional_level(self.adequate, "adequate"))
            put(self, "desired", optional_level(self.desired, "desired"))
            check_zone(expected, self.adequate, self.desired, TOLERANCE)
        if self.at is not None:
            put(self, "at", moment(self.at, "at"))
        if self.id is not None:
            text(self.id, "id")
        if self.source is not None:
            text(self.source, "source")
        if self.team is not None:
            text(self.team, "team")
        if self.channel is not None:
            text(self.channel, "channel")
        if self.stage is not None:
            text(self.stage, "stage")
        if self.proactive is not False and self.proactive is not True:
            raise WrongType(
                f"{described(self.proactive)} is neither True nor False",
                path="proactive",
                value=self.proactive,
            )
        for path in ("recovers", "supersedes"):
            given = getattr(self, path)
            if given is not None and self._key_of(given, path) == self.key:
                raise InvalidValue("an event cannot name itself", path=path, value=given)
        if self.handling is not None:
            self._check_handling()
        if self._readings:
            self._check_readings()
        if level is None or expected is None or expected.unreasonable is not None:
            put(self, "terms", None)
            return
        anticipated, basis = expected.value, expected.basis
        par = int(anticipated * 10000 + 0.5)
        terms = (
            level,
            saturated(level, anticipated, self.gap_scale),
            basis is _PROMISED,
            par,
            units,
            units * par,
            units * int(level * 10000 + 0.5),
            0 if basis is _ASSUMED or basis is _MARKET else units,
        )
        put(self, "terms", terms)

    def _state(self) -> State:
        """The state given, or the one that follows from what was delivered; checked."""
        measured = self.delivered is not None or bool(self._readings)
        if self.state is None:
            return State.DELIVERED if measured else State.NOT_YET
        state = one_of(self.state, State, "state")
        if state is State.DELIVERED and not measured:
            raise InvalidValue("delivered, but not what", path="state", hint="give delivered=")
        if state is not State.DELIVERED and measured:
            if not (state is State.MISSED and self.delivered == 0.0):
                raise InvalidValue(
                    f"a touchpoint that is {state.value} delivered nothing",
                    path="delivered",
                    value=self.delivered,
                    hint="leave delivered and readings out",
                )
        return state

    def _check_readings(self) -> None:
        for name, empty in _OF_READINGS.items():
            if getattr(self, name) != empty:
                raise InvalidValue(f"{name} is said by each reading of this touchpoint", path=name)

    def _check_handling(self) -> None:
        from ..handling import Handling

        if not isinstance(self.handling, Handling):
            raise WrongType(
                f"{described(self.handling)} is not a Handling",
                path="handling",
                value=self.handling,
                hint='handling=Handling(act="acknowledgement", regards="v1")',
            )
        if self.handling == Handling():  # which says nothing
            object.__setattr__(self, "handling", None)
            return
        if self.handling.regards is not None and self.regarded_key == self.key:
            raise InvalidValue("an event cannot name itself", path="regards")

    def _key_of(self, given: str | EventKey | None, path: str) -> EventKey | None:
        """The event that is named: an id of the same source, or a source and an id."""
        if given is None:
            return None
        if isinstance(given, tuple):
            if len(given) != 2:
                raise InvalidValue("not a pair (source, id)", path=path, value=given)
            source, id = given
            return (None if source is None else text(source, path), text(id, path))
        return (self.source, text(given, path))

    @property
    def readings(self) -> dict[str, Reading]:
        """The readings by canonical factor; empty where one level was given."""
        return dict(self._readings)

    @property
    def key(self) -> EventKey | None:
        """What identifies the event in its journey; None: it is never a duplicate."""
        return None if self.id is None else (self.source, self.id)

    @property
    def superseded_key(self) -> EventKey | None:
        """The key of the event that this one replaces."""
        return self._key_of(self.supersedes, "supersedes")

    @property
    def recovered_key(self) -> EventKey | None:
        """The key of the touchpoint that this one recovers."""
        return self._key_of(self.recovers, "recovers")

    @property
    def regarded_key(self) -> EventKey | None:
        """The key of the touchpoint that an acknowledgement or a follow-up is about."""
        return None if self.handling is None else self._key_of(self.handling.regards, "regards")

    @property
    def weight(self) -> float:
        """Importance in the journey; 1 where nobody said."""
        return 1.0 if self._weight is None else self._weight

    @property
    def weight_is_said(self) -> bool:
        """Whether the event says its weight, so that no policy weighs it otherwise."""
        return self._weight is not None

    @property
    def label(self) -> str:
        """The name as people say it.

        >>> Touchpoint("hotel.front_desk").label
        'front desk'
        """
        return self.name.rpartition(".")[2].replace("_", " ")


_OF_READINGS = {
    "anticipated": None,
    "delivered": None,
    "adequate": None,
    "desired": None,
    "gap_scale": GAP_SCALE,
}
"""What each reading says for itself, with the value that means the touchpoint does not say it."""
