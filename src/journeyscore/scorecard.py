"""score(): a journey in, its scorecard out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from attrs import asdict, field, frozen

from . import telemetry
from .checks import moment as checked_moment
from .errors import UnknownName, WrongType, described
from .extremes import Extremes, milliseconds
from .factors import closest_factor, is_known
from .journey import Conflict, Journey, JourneyState
from .plan import Comparison
from .policy import DEFAULT_POLICY, MODEL_VERSION, Policy
from .readings import Zone
from .recovery import Attempt, recovered_value
from .tally import Readouts, Tally, Verdict, threshold
from .touchpoints import EventKey, State, Touchpoint, catalogued, closest_touchpoint
from .valuation import Valuer, Worth


class Outcome(StrEnum):
    """How a delivery lies in the zone of tolerance (model, section 6)."""

    FELL_SHORT = "fell_short"
    MET = "met"
    EXTRA_MILE = "extra_mile"
    PROACTIVE = "proactive"


class MomentKind(StrEnum):
    """What a moment that matters did to the journey."""

    BROKE = "broke"
    RECOVERED = "recovered"
    MADE = "made"


def outcome(touchpoint: Touchpoint, delivered: int, zone: Zone) -> Outcome:
    """The outcome of what was delivered (hundredths of a point) in a zone of tolerance.

    >>> outcome(Touchpoint("hotel.valet"), 9000, Zone(5500, 6500)).value
    'extra_mile'
    """
    if delivered < zone.adequate:
        return Outcome.FELL_SHORT
    if delivered <= zone.desired:
        return Outcome.MET
    return Outcome.PROACTIVE if touchpoint.proactive else Outcome.EXTRA_MILE


@frozen
class ScoredTouchpoint:
    """A touchpoint as the score sees it; every number in points.

    Attributes:
        touchpoint: the event.
        value: what it scored, 0 to 100, recovery included.
        anticipated, delivered: the levels, 0 to 100.
        effect: value - anticipated, recovery included.
        contribution: by how much it moved the journey against par; they add up to
            ``impression - par`` exactly, in hundredths.
        basis: how the expectation is known.
        outcome: where the delivery lies in the zone of tolerance.
        moment: what it did to the journey, if it is a moment that matters.
    """

    touchpoint: Touchpoint
    value: float
    anticipated: float
    delivered: float
    effect: float
    contribution: float
    basis: str
    outcome: Outcome
    moment: MomentKind | None

    @property
    def words(self) -> str:
        """The touchpoint in words: ``front desk, promised 80, delivered 50 (-20.40)``."""
        missed = self.touchpoint.state is State.MISSED
        what = "missed" if missed else f"delivered {self.delivered:g}"
        return (
            f"{self.touchpoint.label}, {self.basis} {self.anticipated:g}, {what} "
            f"({self.contribution:+.2f})"
        )


class OpenLoop(NamedTuple):
    """A touchpoint that fell short and was not put right.

    Attributes:
        touchpoint: its name.
        id: its id, if it has one.
        since: when, if known.
    """

    touchpoint: str
    id: str | None
    since: datetime | None


@frozen
class Scorecard:
    """What a journey comes to. Points from 0 to 100 with two decimals; None without evidence.

    Attributes:
        journey: the journey scored.
        policy: under which policy.
        tally: the sums (see `Tally`), from which all read-outs follow.
        extremes: first, last, best and worst values (see `Extremes`).
        touchpoints: what was folded, in the order of (at, source, id).
        missed: names planned or expected, due, and not done.
        extra, out_of_order: names against the plan; empty without one.
        open_loops: what fell short and was not put right.
        unmatched_recoveries: recoveries whose failure is not in the journey.
        conflicts, duplicates: events kept out, see `Journey`.
        version: the version of the model, for comparing scores over time.
    """

    journey: Journey
    policy: Policy
    tally: Tally
    extremes: Extremes
    touchpoints: tuple[ScoredTouchpoint, ...]
    missed: tuple[str, ...]
    extra: tuple[str, ...]
    out_of_order: tuple[str, ...]
    open_loops: tuple[OpenLoop, ...]
    unmatched_recoveries: tuple[Touchpoint, ...]
    conflicts: tuple[Conflict, ...]
    duplicates: tuple[Touchpoint, ...]
    version: int = field(default=MODEL_VERSION)
    _market: Any = field(default=None, repr=False, eq=False)
    _now: datetime | None = field(default=None, repr=False, eq=False)
    _readouts: Readouts = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_readouts", self.tally.readouts(self.policy))

    @property
    def impression(self) -> float | None:
        """The overall impression, 0 to 100 points."""
        return self._readouts.impression

    @property
    def par(self) -> float | None:
        """The impression had everything been exactly as anticipated, 0 to 100 points."""
        return self._readouts.par

    @property
    def delivered(self) -> float | None:
        """The mean of what was delivered, 0 to 100 points."""
        return self._readouts.delivered

    @property
    def consistency(self) -> float | None:
        """How alike the contacts were against what was anticipated, 0 to 100 points."""
        return self._readouts.consistency

    @property
    def known_share(self) -> float | None:
        """The part, 0 to 1, whose expectation was asked, promised or experienced."""
        return self._readouts.known_share

    @property
    def verdict(self) -> Verdict | None:
        """dissatisfied, satisfied or delighted."""
        return self._readouts.verdict

    @property
    def effects(self) -> tuple[float, ...]:
        """What each of `touchpoints` moved the impression against par, in points.

        Rounded to hundredths by largest remainder, so that they add up to impression - par.
        """
        return tuple(each.contribution for each in self.touchpoints)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcome of each of `touchpoints`."""
        return tuple(each.outcome for each in self.touchpoints)

    @property
    def moments(self) -> tuple[ScoredTouchpoint, ...]:
        """The moments that matter, those that moved the journey most first."""
        found = [each for each in self.touchpoints if each.moment is not None]
        return tuple(sorted(found, key=lambda each: -abs(each.contribution)))

    @property
    def feedback(self) -> dict[str, float]:
        """What the customer said: beside the score, never in it."""
        return dict(self.journey.feedback)

    @property
    def policy_fingerprint(self) -> str:
        """The fingerprint of the policy: scores with another are not comparable."""
        return self.policy.fingerprint

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know: names outside every catalogue, with the closest known."""
        return tuple(_unknown_names(self.journey.touchpoints))

    def what_if(self, id: str, *, source: str | None = None, **changes: Any) -> Scorecard:
        """The scorecard had one touchpoint been otherwise, see `Journey.what_if`.

        >>> card = score(Journey("stay-1", [Touchpoint("hotel.valet", delivered=0.2)]))
        >>> card.what_if("hotel.valet", delivered=0.7).impression
        70.0
        """
        journey = self.journey.what_if(id, source=source, **changes)
        return _score(journey, self.policy, self._market, self._now, strict=False)

    def to_dict(self) -> dict[str, Any]:
        """The scorecard as plain data that JSON can hold.

        >>> score(Journey("stay-1")).to_dict()["impression"] is None
        True
        """
        return {
            "journey": self.journey.id,
            "version": self.version,
            "policy_fingerprint": self.policy_fingerprint,
            **asdict(self._readouts),
            "tally": asdict(self.tally),
            "extremes": asdict(self.extremes),
            "touchpoints": [_plain(each) for each in self.touchpoints],
            "missed": list(self.missed),
            "extra": list(self.extra),
            "out_of_order": list(self.out_of_order),
            "open_loops": [
                {"touchpoint": loop.touchpoint, "id": loop.id, "since": _iso(loop.since)}
                for loop in self.open_loops
            ],
            "feedback": self.feedback,
            "notes": list(self.notes),
        }

    def _attributes(self) -> telemetry.Attributes:
        """What the span says of the score."""
        return {
            telemetry.JOURNEY_ID: self.journey.ref,
            telemetry.JOURNEY_TYPE: self.journey.type,
            telemetry.JOURNEY_STATE: self.journey.state.value,
            telemetry.IMPRESSION: self.impression,
            telemetry.PAR: self.par,
            telemetry.DELIVERED: self.delivered,
            telemetry.CONSISTENCY: self.consistency,
            telemetry.KNOWN_SHARE: self.known_share,
            telemetry.VERDICT: self.verdict,
            telemetry.POLICY_FINGERPRINT: self.policy_fingerprint,
            telemetry.TOUCHPOINT_COUNT: self.tally.count,
        }

    def __str__(self) -> str:
        """The score in two lines of words."""
        if self.impression is None or self.par is None:
            return "no score: nothing was delivered yet"
        difference = (round(self.impression * 100) - round(self.par * 100)) / 100
        if difference:
            side = "above" if difference > 0 else "below"
            against = f"{abs(difference):.2f} {side} what was anticipated"
        else:
            against = "just what was anticipated"
        parts = [f"{self.impression:.2f} of 100, par {self.par:.2f} ({against})"]
        if self.consistency is not None:
            parts.append(f"consistency {self.consistency:.2f}")
        parts.append(f"{self.verdict}")
        because = self._because()
        return "; ".join(parts) + (f"\n{because}" if because else "")

    def _because(self) -> str:
        """The moments that matter by kind; on a side without any, the largest contribution."""
        phrases = []
        for kind, lesser, sign in (
            (MomentKind.BROKE, "weighed on it", -1),
            (MomentKind.RECOVERED, "", 0),
            (MomentKind.MADE, "lifted it", 1),
        ):
            moments = [each for each in self.moments if each.moment is kind]
            if moments:
                words = "; ".join(each.words for each in moments[:3])
                more = f" and {len(moments) - 3} more" if len(moments) > 3 else ""
                verb = "recovered" if kind is MomentKind.RECOVERED else f"{kind.value} it"
                phrases.append(f"{verb}: {words}{more}")
                continue
            rest = [each for each in self.touchpoints if each.contribution * sign > 0]
            if rest:
                most = max(rest, key=lambda each: abs(each.contribution))
                label = most.touchpoint.label
                phrases.append(f"{lesser}: {label} ({most.contribution:+.2f})")
        return "   ".join(phrases)


def score(
    journey: Journey,
    policy: Policy = DEFAULT_POLICY,
    *,
    market: Any = None,
    now: datetime | None = None,
    strict: bool = False,
) -> Scorecard:
    """The scorecard of a journey; emits one short span ``journey score {type}``.

    Args:
        journey: its events, in any order.
        policy: the parameters of the model.
        market: what customers in general meet, for touchpoints that nobody had an expectation
            of: the frame of ``frames.market(log)``, or ``{touchpoint: (sum of D, count)}``.
        now: in an open journey, what was due until now is missed; the latest event by default.
        strict: refuse names outside every catalogue, instead of noting them.

    Raises:
        UnknownName: ``strict``, and a touchpoint or factor is in no catalogue.
        NaiveTime: ``now`` has no timezone.
        InvalidValue: a zone of tolerance does not hold the expectation that was filled in.

    >>> from journeyscore import promised
    >>> stay = Journey("stay-1042", [
    ...     Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9),
    ...     Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5),
    ... ])
    >>> print(score(stay))
    54.92 of 100, par 70.00 (15.08 below what was anticipated); consistency 53.88; dissatisfied
    broke it: front desk, promised 80, delivered 50 (-30.60)   lifted it: valet (+15.52)
    """
    card = _score(journey, policy, market, now, strict)
    name = f"{telemetry.JOURNEY_SCORE} {journey.type}" if journey.type else telemetry.JOURNEY_SCORE
    telemetry.span(name, card._attributes)
    return card


def _score(
    journey: Journey, policy: Policy, market: Any, now: datetime | None, strict: bool
) -> Scorecard:
    """The scorecard, in silence."""
    if not isinstance(journey, Journey):
        raise WrongType(f"{described(journey)} is not a Journey", path="journey", value=journey)
    if not isinstance(policy, Policy):
        raise WrongType(f"{described(policy)} is not a Policy", path="policy", value=policy)
    valuer = Valuer(policy, market)
    resolved = journey.resolve(valuer)
    if strict and (unknown := next(iter(_unknown_names(resolved.live)), None)):
        raise UnknownName(unknown, path="touchpoints")
    recoveries = [event for event in resolved.live if event.recovers is not None]
    happened = tuple(event for event in resolved.live if event.recovers is None)
    compared = _against_plan(journey, happened, now)
    attempts, unmatched = _attempts(recoveries, compared.touchpoints, valuer)
    folded = _folded(compared.touchpoints, attempts, valuer)
    tally = Tally.of(each.worth for each in folded)
    scored = _scored(folded, tally, policy)
    return Scorecard(
        journey=journey,
        policy=policy,
        tally=tally,
        extremes=Extremes.of(_timed(folded)),
        touchpoints=scored,
        missed=tuple(
            each.touchpoint.name for each in scored if each.touchpoint.state is State.MISSED
        ),
        extra=compared.extra,
        out_of_order=compared.out_of_order,
        open_loops=tuple(
            OpenLoop(each.touchpoint.name, each.touchpoint.id, each.touchpoint.at)
            for each, how in zip(scored, folded, strict=True)
            if each.outcome is Outcome.FELL_SHORT and not how.put_right
        ),
        unmatched_recoveries=unmatched,
        conflicts=resolved.conflicts,
        duplicates=resolved.duplicates,
        market=market,
        now=now,
    )


class _Folded(NamedTuple):
    """A touchpoint that counts: its worth, before and after recovery."""

    touchpoint: Touchpoint
    worth: Worth
    effect_before: int
    zone: Zone
    put_right: bool


def _against_plan(
    journey: Journey, happened: tuple[Touchpoint, ...], now: datetime | None
) -> Comparison:
    if now is not None:
        checked_moment(now, "now")
    if journey.plan is None:
        return Comparison(happened)
    if now is None:
        now = max((event.at for event in happened if event.at is not None), default=None)
    everything_due = journey.state is not JourneyState.OPEN
    return journey.plan.compare(happened, everything_due=everything_due, now=now)


def _attempts(
    recoveries: Sequence[Touchpoint], touchpoints: Sequence[Touchpoint], valuer: Valuer
) -> tuple[dict[int, list[Attempt]], tuple[Touchpoint, ...]]:
    """The attempts at recovery of each touchpoint, by its place; and recoveries of nothing."""
    by_key: dict[EventKey, list[int]] = defaultdict(list)
    by_missed_name: dict[str, list[int]] = defaultdict(list)
    for place, touchpoint in enumerate(touchpoints):
        if touchpoint.key is not None:
            by_key[touchpoint.key].append(place)
        if touchpoint.state is State.MISSED:
            by_missed_name[touchpoint.name].append(place)
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    unmatched: list[Touchpoint] = []
    for recovery in recoveries:
        key = recovery.recovered_key
        assert key is not None
        places = {*by_key.get(key, ()), *by_missed_name.get(key[1], ())}
        if not places:
            unmatched.append(recovery)
        worth = valuer.worth(recovery)
        if worth is None or worth.weight == 0:
            continue  # announced and not yet done, or taken out
        fell_short = worth.delivered < valuer.zone(recovery).adequate
        for place in places:
            attempts[place].append(Attempt(not fell_short, worth.delivered))
    return attempts, tuple(unmatched)


def _folded(
    touchpoints: Sequence[Touchpoint], attempts: dict[int, list[Attempt]], valuer: Valuer
) -> list[_Folded]:
    folded = []
    for place, touchpoint in enumerate(touchpoints):
        worth = valuer.worth(touchpoint)
        if worth is None or worth.weight == 0:
            continue
        tried = attempts.get(place, [])
        value = recovered_value(worth.value, worth.par, tried, valuer.policy.recovery_credit)
        folded.append(
            _Folded(
                touchpoint=touchpoint,
                worth=worth._replace(value=value),
                effect_before=worth.effect,
                zone=valuer.zone(touchpoint),
                put_right=any(attempt.succeeded for attempt in tried),
            )
        )
    return folded


def _timed(folded: Sequence[_Folded]) -> list[tuple[int, int]]:
    """Pairs of time and V; a touchpoint without a time has that of the one before it."""
    pairs: list[tuple[int, int]] = []
    timed = any(each.touchpoint.at is not None for each in folded)
    times = [
        place if not timed else None if each.touchpoint.at is None else milliseconds(each.touchpoint.at)
        for place, each in enumerate(folded)
    ]
    current = next((time for time in times if time is not None), 0)
    for time, each in zip(times, folded, strict=True):
        current = current if time is None else time
        pairs.append((current, each.worth.value))
    return pairs


def _scored(
    folded: Sequence[_Folded], tally: Tally, policy: Policy
) -> tuple[ScoredTouchpoint, ...]:
    broke, made = threshold(policy.broke), threshold(policy.made)
    contributions = _contributions([each.worth for each in folded], tally)
    return tuple(
        ScoredTouchpoint(
            touchpoint=each.touchpoint,
            value=each.worth.value / 100,
            anticipated=each.worth.par / 100,
            delivered=each.worth.delivered / 100,
            effect=each.worth.effect / 100,
            contribution=contribution / 100,
            basis=each.worth.basis.value,
            outcome=outcome(each.touchpoint, each.worth.delivered, each.zone),
            moment=_moment(each.worth.effect, each.effect_before, broke, made),
        )
        for each, contribution in zip(folded, contributions, strict=True)
    )


def _moment(effect: int, effect_before: int, broke: int, made: int) -> MomentKind | None:
    """What an effect (hundredths of a point) does to the journey; recovered if it no longer broke it."""
    if effect <= -broke:
        return MomentKind.BROKE
    if effect >= made:
        return MomentKind.MADE
    return MomentKind.RECOVERED if effect_before <= -broke else None


def _contributions(worths: Sequence[Worth], tally: Tally) -> list[int]:
    """``w*E / weight`` of each, in whole hundredths that add up to impression - par.

    Largest remainder (Hare): each is rounded down, and what is then missing goes, a hundredth
    each, to those that lost most; ties to the earlier.
    """
    if not worths:
        return []
    readouts = tally.readouts()
    assert readouts.impression is not None and readouts.par is not None
    total = round(readouts.impression * 100) - round(readouts.par * 100)
    shares = [divmod(worth.weight * worth.effect, tally.weight) for worth in worths]
    contributions = [floor for floor, _ in shares]
    missing = total - sum(contributions)
    by_remainder = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    for place in by_remainder[:missing]:
        contributions[place] += 1
    return contributions


def _unknown_names(touchpoints: Sequence[Touchpoint]) -> list[str]:
    """A note for each name in no catalogue; of the name itself only its length."""
    notes: dict[str, None] = {}
    for touchpoint in touchpoints:
        if catalogued(touchpoint.name) is None:
            near = closest_touchpoint(touchpoint.name)
            notes[_note("touchpoint", touchpoint.name, near)] = None
        for factor in touchpoint.readings:
            if not is_known(factor):
                notes[_note("factor", factor, closest_factor(factor))] = None
    return list(notes)


def _note(what: str, name: str, near: str | None) -> str:
    like = f"; the closest known is {near}" if near else ""
    return f"a {what} outside every catalogue ({described(name)}){like}"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _plain(each: ScoredTouchpoint) -> dict[str, Any]:
    touchpoint = each.touchpoint
    return {
        "touchpoint": touchpoint.name,
        "id": touchpoint.id,
        "source": touchpoint.source,
        "at": _iso(touchpoint.at),
        "team": touchpoint.team,
        "state": touchpoint.state.value,
        "weight": touchpoint.weight,
        "basis": each.basis,
        "anticipated": each.anticipated,
        "delivered": each.delivered,
        "value": each.value,
        "effect": each.effect,
        "contribution": each.contribution,
        "outcome": each.outcome.value,
        "moment": None if each.moment is None else each.moment.value,
    }
