"""Score: what a scorecard says, kept as a record: its numbers, not the events behind them."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from ..expectations import Basis
from ..extremes import Extremes
from ..findings import FindingKind
from ..handling import Act, NoticedBy
from ..loops import LoopKind
from ..moments import MomentKind, Outcome
from ..promises import PromiseState
from ..scorecard import Scorecard
from ..tally import Tally, Verdict
from ..touchpoints import State
from .strict import strict_converter, structured


@frozen(kw_only=True)
class ScoreOfTouchpoint:
    """A touchpoint as a score has it, every number in points; see `ScoredTouchpoint`.

    Attributes:
        touchpoint: its name.
        id, source: what identifies the event.
        at: when.
        team: opaque.
        state: delivered or missed.
        weight: its importance, 0 to 1000.
        basis: how the expectation is known.
        anticipated, delivered: the levels, 0 to 100.
        value: what it scored, 0 to 100, recovery included.
        effect: value less anticipated.
        contribution: by how much it moved the journey against par.
        outcome: where the delivery lies in the zone of tolerance.
        moment: what it did to the journey, if it is a moment that matters.
        intended: what the plan intends, or what was promised.
        adequate, desired: its zone of tolerance.
        act: what was done beyond the service itself.
        noticed_by: who noticed first.
    """

    touchpoint: str
    id: str | None = None
    source: str | None = None
    at: datetime | None = None
    team: str | None = None
    state: State
    weight: float
    basis: Basis
    anticipated: float
    delivered: float
    value: float
    effect: float
    contribution: float
    outcome: Outcome
    moment: MomentKind | None = None
    intended: float | None = None
    adequate: float | None = None
    desired: float | None = None
    act: Act | None = None
    noticed_by: NoticedBy | None = None


@frozen(kw_only=True)
class ScoreOfLoop:
    """Something about a failure that is still to be done; see `journeyscore.loops.OpenLoop`.

    Attributes:
        touchpoint: the name of what fell short.
        id: of the event.
        since: when it became open.
        kind: failure, recovery, follow_up or cause.
        due: until when a follow-up is owed.
        cause: the code of the cause.
    """

    touchpoint: str
    id: str | None = None
    since: datetime | None = None
    kind: LoopKind = LoopKind.FAILURE
    due: datetime | None = None
    cause: str | None = None


@frozen(kw_only=True)
class ScoreOfFailure:
    """A touchpoint that fell short, and what was done; see `journeyscore.loops.Failure`.

    Attributes:
        touchpoint: its name.
        id: of the event.
        recovered, acknowledged, excuse, followed_up: what was done about it.
        owner: the role or team that owned it.
        response: seconds to the first acknowledgement or recovery.
        cause: the code of its root cause.
        noticed_by: who noticed first.
        attempted: when it was first tried to put it right.
    """

    touchpoint: str
    id: str | None = None
    recovered: bool
    acknowledged: bool
    owner: str | None = None
    excuse: bool
    response: float | None = None
    followed_up: bool
    cause: str | None = None
    noticed_by: NoticedBy | None = None
    attempted: datetime | None = None


@frozen(kw_only=True)
class ScoreOfPromise:
    """A promise and what came of it; see `journeyscore.promises.Promise`.

    Attributes:
        touchpoint: its name.
        id: of the event.
        factor: of which of its readings.
        promised, delivered: levels, 0 to 100.
        made, due: when it was promised, and by when it is to be kept.
        state: kept, broken, empty or pending.
    """

    touchpoint: str
    id: str | None = None
    factor: str | None = None
    promised: float
    delivered: float | None = None
    made: datetime | None = None
    due: datetime | None = None
    state: PromiseState


@frozen(kw_only=True)
class ScoreOfNeeds:
    """The codes of the needs of a journey.

    Attributes:
        taken, met, unmet: in the order in which they were taken down.
    """

    taken: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()


@frozen(kw_only=True)
class ScoreOfFinding:
    """Something a reader should know of a touchpoint.

    Attributes:
        kind: what was found.
        touchpoint: its name.
        id: of the event.
        words: what it means.
    """

    kind: FindingKind
    touchpoint: str
    id: str | None = None
    words: str


@frozen(kw_only=True)
class Score:
    """What a journey came to, as a record to keep or to send; points from 0 to 100.

    Attributes:
        journey: opaque id of the journey.
        version: the version of the model.
        policy_fingerprint: of the policy: scores with another are not comparable.
        impression: the overall impression.
        par: the impression had everything been exactly as anticipated.
        delivered: the mean of what was delivered.
        consistency: how alike the contacts were against what was anticipated.
        known_share: the part, 0 to 1, whose expectation was asked, promised or experienced.
        verdict: dissatisfied, satisfied or delighted.
        tally: the sums from which the read-outs follow.
        extremes: first, last, best and worst values.
        touchpoints: what was folded, in order.
        missed: names planned, due and not done.
        extra, out_of_order, pending, cancelled: names against the plan.
        open_loops: what is still to be done about failures.
        failures: what fell short, and what was done about it.
        promises: what was promised, and what came of it.
        longest_silence: seconds without a contact while a promise was pending.
        needs: the needs taken down, and which were met.
        findings: unmet needs, stale and unreasonable expectations, other answers, excuses.
        unmatched_recoveries: recoveries whose failure is not in the journey.
        conflicts, duplicates: how many events were kept out.
        feedback: what the customer said.
        notes: what a reader should know.

    >>> from journeyscore import Journey, Touchpoint, score
    >>> card = score(Journey("stay-1", [Touchpoint("hotel.valet", delivered=0.7)]))
    >>> Score.of(card).impression
    70.0
    """

    journey: str
    version: int
    policy_fingerprint: str
    impression: float | None = None
    par: float | None = None
    delivered: float | None = None
    consistency: float | None = None
    known_share: float | None = None
    verdict: Verdict | None = None
    tally: Tally = field(factory=Tally)
    extremes: Extremes = field(factory=Extremes)
    touchpoints: tuple[ScoreOfTouchpoint, ...] = ()
    missed: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    out_of_order: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    open_loops: tuple[ScoreOfLoop, ...] = ()
    failures: tuple[ScoreOfFailure, ...] = ()
    promises: tuple[ScoreOfPromise, ...] = ()
    longest_silence: float | None = None
    needs: ScoreOfNeeds = field(factory=ScoreOfNeeds)
    findings: tuple[ScoreOfFinding, ...] = ()
    unmatched_recoveries: tuple[str, ...] = ()
    conflicts: int = 0
    duplicates: int = 0
    _feedback: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def feedback(self) -> dict[str, float]:
        """What the customer said, by the name of the question."""
        return dict(self._feedback)

    @classmethod
    def of(cls, card: Scorecard) -> Score:
        """The record of a scorecard."""
        return structured(_converter, card.to_dict(), cls)


_converter = strict_converter()
