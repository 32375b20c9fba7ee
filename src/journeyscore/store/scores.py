"""Scores: of a journey at any time, and as they were recorded, which nothing ever changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from attrs import asdict
from sqlalchemy import Connection, func, select

from ..journey import JourneyState
from ..policy import Policy
from ..scorecard import Scorecard, evaluate
from ..tally import Tally
from ..valuation import Valuer
from . import folding
from .content import moment_of
from .ledgers import Ledger, keep_policy
from .tables import journey, score, sums_of, tally_of


class RecordedScore(NamedTuple):
    """A score as it was recorded.

    Attributes:
        journey: its id.
        n: 0 for the first score of the journey, and counting.
        recorded: when.
        state: of the journey then: open, closed, abandoned.
        version: of the model.
        policy_fingerprint: of the policy; scores with another are not comparable.
        tally: the sums, what was planned and missed among them.
        impression, par, delivered, consistency, known_share, verdict: as in `Scorecard`.
    """

    journey: str
    n: int
    recorded: datetime
    state: JourneyState
    version: int
    policy_fingerprint: str
    tally: Tally
    impression: float | None
    par: float | None
    delivered: float | None
    consistency: float | None
    known_share: float | None
    verdict: str | None

    def to_dict(self) -> dict[str, Any]:
        """The score as plain data that JSON can hold."""
        return {
            **self._asdict(),
            "recorded": self.recorded.isoformat(),
            "state": self.state.value,
            "tally": asdict(self.tally),
        }


def card_of(
    connection: Connection,
    ledger: Ledger,
    id: str,
    policy: Policy | None = None,
    market: Any = None,
    now: datetime | None = None,
) -> Scorecard:
    """The scorecard of a journey as it is now."""
    valuer = Valuer(policy or ledger.policy, market)
    found = folding.journey_of(connection, ledger, id)
    return evaluate(found, valuer, now=ledger.now() if now is None else now)


def record(
    connection: Connection, ledger: Ledger, id: str, policy: Policy | None = None
) -> RecordedScore:
    """Record the score of a journey as it is now, beside those recorded before.

    Raises:
        UnknownName: the journal has no such journey.
    """
    connection.execute(
        select(journey.c.id)
        .where(journey.c.tenant == ledger.tenant, journey.c.id == id)
        .with_for_update()
    )
    return put(connection, ledger, card_of(connection, ledger, id, policy))


def put(connection: Connection, ledger: Ledger, card: Scorecard) -> RecordedScore:
    """Record a scorecard. The transaction holds the row of its journey."""
    fingerprint = card.policy_fingerprint
    keep_policy(connection, card.policy)
    of_journey = (score.c.tenant == ledger.tenant, score.c.journey == card.journey.id)
    last = connection.scalar(select(func.max(score.c.n)).where(*of_journey))
    connection.execute(
        score.insert(),
        {
            "tenant": ledger.tenant, "journey": card.journey.id,
            "n": 0 if last is None else last + 1, "recorded": ledger.ticks(),
            "state": card.journey.state.value, "model": card.version, "policy": fingerprint,
            "verdict": card.verdict, **sums_of(card.tally),
        },
    )  # fmt: skip
    return recorded(connection, ledger, card.journey.id)[-1]


def recorded(connection: Connection, ledger: Ledger, id: str) -> list[RecordedScore]:
    """The scores of a journey as they were recorded, in that order."""
    rows = connection.execute(
        select(score)
        .where(score.c.tenant == ledger.tenant, score.c.journey == id)
        .order_by(score.c.n)
    )
    return [_recorded(row) for row in rows]


def _recorded(row: Any) -> RecordedScore:
    tally = tally_of(row)
    read = tally.readouts()  # of these only the verdict depends on the policy
    return RecordedScore(
        journey=row.journey,
        n=row.n,
        recorded=moment_of(row.recorded),
        state=JourneyState(row.state),
        version=row.model,
        policy_fingerprint=row.policy,
        tally=tally,
        **{**read._asdict(), "verdict": row.verdict},
    )


def rescored(connection: Connection, ledger: Ledger, ids: Sequence[str], policy: Policy) -> int:
    """Record scores of journeys under another policy, of those that have none under it yet."""
    count = 0
    for id in ids:
        row = connection.execute(
            select(journey.c.state)
            .where(journey.c.tenant == ledger.tenant, journey.c.id == id)
            .with_for_update()
        ).one_or_none()
        if row is None:
            continue  # forgotten in the meantime
        if all(
            each.policy_fingerprint != policy.fingerprint
            for each in recorded(connection, ledger, id)
        ):
            put(connection, ledger, card_of(connection, ledger, id, policy))
            count += 1
    return count


def with_scores(connection: Connection, ledger: Ledger, after: str, size: int) -> list[str]:
    """The next ids, in order, of journeys that have a recorded score."""
    return list(
        connection.scalars(
            select(score.c.journey)
            .where(score.c.tenant == ledger.tenant, score.c.journey > after, score.c.n == 0)
            .order_by(score.c.journey)
            .limit(size)
        )
    )
