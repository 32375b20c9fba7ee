"""The plain path: what a log folds to, through journeys in memory, one touchpoint at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from journeyscore import Policy, Tally, score
from journeyscore.convert import journeys
from journeyscore.errors import JourneyScoreError
from journeyscore.moments import ScoredTouchpoint
from journeyscore.valuation import Valuer


def tally_of(each: ScoredTouchpoint) -> Tally:
    """The tally of one touchpoint, out of its points."""
    w = round(100 * each.weight)
    value, par, delivered = (
        round(100 * points) for points in (each.value, each.anticipated, each.delivered)
    )
    known = w if each.basis in ("asked", "promised", "experienced") else 0
    return Tally(1, w, w * value, w * par, w * (value - par) ** 2, w * delivered, known)


def folded(
    rows: Sequence[dict[str, Any]],
    key: str,
    *,
    policy: Policy,
    market: Any = None,
    scales: Any = None,
) -> dict[Any, tuple[Tally, int]]:
    """Tally and number of rejected rows by journey, touchpoint or team."""
    rejected: list[tuple[int, JourneyScoreError]] = []
    tallies: defaultdict[Any, Tally] = defaultdict(Tally)
    counts: defaultdict[Any, int] = defaultdict(int)
    valuer = Valuer(policy, market)
    found = journeys(rows, rejected=rejected, scales=scales, valuer=valuer)
    for row in rows:
        tallies[row[key]] += Tally()
    for place, _ in rejected:
        counts[rows[place - 1][key]] += 1
    for id, journey in found.items():
        card = score(journey, policy, market=market)
        if key == "journey":
            tallies[id] += card.tally
            assert card.tally == sum((tally_of(each) for each in card.touchpoints), Tally())
            continue
        for each in card.touchpoints:
            of = each.touchpoint.name if key == "touchpoint" else each.touchpoint.team
            tallies[of] += tally_of(each)
    return {of: (tally, counts[of]) for of, tally in tallies.items()}
