"""score(): a journey in, its scorecard out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import asdict, field, frozen

from .errors import UnknownName, WrongType, described
from .extremes import Extremes
from .folding import against_plan, folded_touchpoints, takes_place, timed_values
from .journey import Conflict, Journey, JourneyState
from .moments import Folded, MomentKind, Outcome, ScoredTouchpoint, scored_touchpoints
from .names import slips, unknown_names
from .notebook import mimebundle
from .policy import DEFAULT_POLICY, MODEL_VERSION, Policy
from .recovery import attempts_at
from .tally import Readouts, Tally, Verdict
from .telemetry import Attributes, semconv, span, spanned
from .touchpoints import State, Touchpoint
from .valuation import Valuer

if TYPE_CHECKING:
    from .findings import Finding, Needs
    from .loops import Failure, OpenLoop
    from .promises import Promise


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
        extra, out_of_order, pending, cancelled: names against the plan; empty without one.
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
    pending: tuple[str, ...]
    cancelled: tuple[str, ...]
    unmatched_recoveries: tuple[Touchpoint, ...]
    conflicts: tuple[Conflict, ...]
    duplicates: tuple[Touchpoint, ...]
    _valuer: Valuer = field(repr=False, eq=False)
    _live: tuple[Touchpoint, ...] = field(repr=False, eq=False)
    _held: tuple[Touchpoint, ...] = field(repr=False, eq=False)
    _folded: tuple[Folded, ...] = field(repr=False, eq=False)
    version: int = field(default=MODEL_VERSION)
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
    def failures(self) -> tuple[Failure, ...]:
        """What fell short, and what was done about it: see `journeyscore.loops.Failure`."""
        from .loops import failures

        return failures(self._folded, self._live)

    @property
    def open_loops(self) -> tuple[OpenLoop, ...]:
        """What is still to be done: failures, recoveries, follow-ups and causes, each by its kind.

        >>> card = score(Journey("stay-1", [Touchpoint("hotel.valet", delivered=0.2)]))
        >>> [(loop.touchpoint, loop.kind.value) for loop in card.open_loops]
        [('hotel.valet', 'failure')]
        """
        from .loops import open_loops

        return open_loops(self.failures, self._live)

    @property
    def promises(self) -> tuple[Promise, ...]:
        """The ledger of promises: see `journeyscore.promises.Promise`."""
        from .promises import ledger

        return ledger(self._held, self.now)

    @property
    def longest_silence(self) -> timedelta | None:
        """The longest time without a contact while a promise was pending; None if none was."""
        from .promises import longest_silence

        return longest_silence(self._live, self._now)

    @property
    def needs(self) -> Needs:
        """The needs that were taken down, and which of them were met."""
        from .findings import needs

        return needs(self._live)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a reader should know: unmet needs, stale and unreasonable expectations, and so on.

        A need that is not met is a finding once the journey is closed.
        """
        from .findings import findings

        closed = self.journey.state is not JourneyState.OPEN
        return findings(self._live, self._folded, self.policy, closed=closed)

    @property
    def now(self) -> datetime | None:
        """The time up to which things are due: as given, else that of the latest event."""
        if self._now is not None:
            return self._now
        return max((event.at for event in self._live if event.at is not None), default=None)

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
        """What a reader should know: names outside every catalogue, with the closest known.

        Of names in the policy those that look misspelt, unless the journey has them.
        """
        met = self.journey.touchpoints
        here = {each.name for each in met}.union(*(each.readings for each in met))
        named = {*self.policy.core_factors, *self.policy.weights} - here
        return (*unknown_names(met), *slips(sorted(named)))

    def what_if(self, id: str, *, source: str | None = None, **changes: Any) -> Scorecard:
        """The scorecard had one touchpoint been otherwise, see `Journey.what_if`.

        >>> card = score(Journey("stay-1", [Touchpoint("hotel.valet", delivered=0.2)]))
        >>> card.what_if("hotel.valet", delivered=0.7).impression
        70.0
        """
        valuer = self._valuer
        try:
            journey = self.journey.what_if_under(valuer, id, source=source, **changes)
        except UnknownName:  # planned and not done, it is in no event
            planned = [each.touchpoint for each in self.touchpoints if each.touchpoint.name == id]
            if len(planned) != 1 or planned[0].state is not State.MISSED:
                raise
            journey = self.journey.add(planned[0]).what_if_under(valuer, id, **changes)
        return evaluate(journey, valuer, now=self._now)

    def to_dict(self) -> dict[str, Any]:
        """The scorecard as plain data that JSON can hold.

        >>> score(Journey("stay-1")).to_dict()["impression"] is None
        True
        """
        silence = self.longest_silence
        return {
            "journey": self.journey.id,
            "version": self.version,
            "policy_fingerprint": self.policy_fingerprint,
            **self._readouts._asdict(),
            "tally": asdict(self.tally),
            "extremes": asdict(self.extremes),
            "touchpoints": [each.to_dict() for each in self.touchpoints],
            "missed": list(self.missed),
            "extra": list(self.extra),
            "out_of_order": list(self.out_of_order),
            "pending": list(self.pending),
            "cancelled": list(self.cancelled),
            "open_loops": [loop.to_dict() for loop in self.open_loops],
            "failures": [failure.to_dict() for failure in self.failures],
            "promises": [promise.to_dict() for promise in self.promises],
            "longest_silence": silence and silence.total_seconds(),
            "needs": {name: list(codes) for name, codes in self.needs._asdict().items()},
            "findings": [finding._asdict() for finding in self.findings],
            "unmatched_recoveries": [each.name for each in self.unmatched_recoveries],
            "conflicts": len(self.conflicts),
            "duplicates": len(self.duplicates),
            "feedback": self.feedback,
            "notes": list(self.notes),
        }

    def attributes(self) -> Attributes:
        """What telemetry tells of the score: no id but the journey's ``ref``.

        >>> score(Journey("stay-1", ref="a1b2")).attributes()["journeyscore.journey.id"]
        'a1b2'
        """
        return {
            semconv.JOURNEY_ID: self.journey.ref,
            semconv.JOURNEY_TYPE: self.journey.type,
            semconv.JOURNEY_STATE: self.journey.state.value,
            semconv.IMPRESSION: self.impression,
            semconv.PAR: self.par,
            semconv.DELIVERED: self.delivered,
            semconv.CONSISTENCY: self.consistency,
            semconv.KNOWN_SHARE: self.known_share,
            semconv.VERDICT: self.verdict,
            semconv.POLICY_FINGERPRINT: self.policy_fingerprint,
            semconv.TOUCHPOINT_COUNT: self.tally.count,
        }

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: the journey map where it can be drawn, and the words."""
        return {"text/plain": str(self), **mimebundle(self)}

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
            rest = [
                each
                for each in self.touchpoints
                if each.contribution * sign > 0 and each.moment is None  # moments are told already
            ]
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
    experience: Any = None,
    now: datetime | None = None,
    strict: bool = False,
    traces: bool = True,
) -> Scorecard:
    """The scorecard of a journey; emits one short span ``journey score {type}``.

    Args:
        journey: its events, in any order.
        policy: the parameters of the model.
        market: what customers in general meet, for touchpoints that nobody had an expectation
            of: the frame of ``frames.market(log)``, or ``{touchpoint: (sum of D, count)}``; by
            segment, ``{(segment, touchpoint): (sum of D, count)}``.
        experience: what this customer met before, which comes first: the frame of
            ``frames.experience(log)``, or ``{(customer, touchpoint): (sum of D, count)}``.
        now: in an open journey, what was due until now is missed; the latest event by default.
        strict: refuse names outside every catalogue, instead of noting them.
        traces: whether the span is emitted, where the host has an OpenTelemetry SDK.

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
    if not isinstance(journey, Journey):
        raise WrongType(f"{described(journey)} is not a Journey", path="journey", value=journey)
    if not isinstance(policy, Policy):
        raise WrongType(f"{described(policy)} is not a Policy", path="policy", value=policy)
    card = evaluate(journey, Valuer(policy, market, experience), now=now, strict=strict)
    if traces:
        span(spanned(semconv.JOURNEY_SCORE, journey.type), card.attributes)
    return card


def evaluate(
    journey: Journey, valuer: Valuer, *, now: datetime | None = None, strict: bool = False
) -> Scorecard:
    """The scorecard of a journey, in silence: `score` without its span.

    >>> evaluate(Journey("stay-1", [Touchpoint("hotel.valet", delivered=0.7)]), Valuer()).impression
    70.0
    """
    valuer = valuer.of(journey.customer, journey.segment)
    resolved = journey.resolve(valuer)
    if strict and (unknown := next(iter(unknown_names(resolved.live)), None)):
        raise UnknownName(unknown, path="touchpoints")
    recoveries = [event for event in resolved.live if event.recovers is not None]
    happened = tuple(event for event in resolved.live if takes_place(event))
    compared = against_plan(journey, happened, now)
    attempts, unmatched = attempts_at(recoveries, compared.touchpoints, valuer)
    folded = folded_touchpoints(compared.touchpoints, attempts, valuer, dict(compared.intended))
    tally = Tally.of(each.worth for each in folded)
    scored = scored_touchpoints(folded, tally, valuer.policy)
    return Scorecard(
        journey=journey,
        policy=valuer.policy,
        tally=tally,
        extremes=Extremes.of(timed_values(folded)),
        touchpoints=scored,
        missed=tuple(
            each.touchpoint.name for each in scored if each.touchpoint.state is State.MISSED
        ),
        extra=compared.extra,
        out_of_order=compared.out_of_order,
        pending=compared.pending,
        cancelled=compared.cancelled,
        unmatched_recoveries=unmatched,
        conflicts=resolved.conflicts,
        duplicates=resolved.duplicates,
        valuer=valuer,
        live=resolved.live,
        held=(*compared.touchpoints, *(each for each in resolved.live if not takes_place(each))),
        folded=tuple(folded),
        now=now,
    )
