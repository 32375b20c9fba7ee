"""One period against another, or one group of journeys against another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import narwhals as nw

from ..errors import WrongType
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from .averages import added, difference, journey_sums
from .columns import RESULTS, group_keys
from .filling import Known
from .formula import tallies, whole
from .kinds import of_its_kind
from .preparing import prepared
from .scoring import folded

SIDES = ("before", "after")
SUMS = ("_n", "_s", "_q", "_rejected")


@of_its_kind
def compare(
    before: Any,
    after: Any,
    by: str | Iterable[str] = (),
    *,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    strict: bool = False,
) -> Any:
    """How impressions differ between two logs: last season and this, one site and another.

    Each journey counts once. The interval covers the true difference of the means in 95 of 100
    such comparisons, if journeys are independent: where it holds 0, the logs do not tell the two
    apart. A log for each side may be a filtered frame of one.

    Args:
        before, after: journey logs of one engine, as `score` takes them; of text without lines
            that cannot be read.
        by: columns to compare group by group; without, all journeys of a log are one group.
        policy, columns, timezone, scales, market, strict: as for `score`.

    Returns:
        A dataframe of the kind of `before`, in no order: the grouping columns, for either side
        ``journeys_before``, ``impression_before`` (points) and ``rejected_before``, and the same
        with ``_after``; then ``difference`` (after - before) and its 95% interval ``low``,
        ``high`` (Welch, the degrees of freedom rounded down; null below two journeys on
        either side).

    Raises:
        WrongType: the logs are of two engines.
        As `score` does.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "b", "c", "d"], "touchpoint": ["hotel.valet"] * 4,
    ...     "anticipated": [0.5] * 4, "delivered": [0.5, 0.5, 0.7, 0.8], "year": [1, 1, 2, 2]})
    >>> is_new = pl.col("year") == 2
    >>> compare(log.filter(~is_new), log.filter(is_new)).select("difference", "low", "high").row(0)
    (27.37, -32.54, 87.27)
    """
    keys = group_keys(by, results=(*RESULTS, *_RESULTS)) if by else []
    known = Known.of(market)
    each = [*keys, *(["journey"] if "journey" not in keys else [])]
    logs = [
        prepared(log, keys, policy, columns, timezone, scales, known, strict)
        for log in (before, after)
    ]
    first, second = (opened.frame.implementation for opened, _ in logs)
    if first is not second:
        raise WrongType(f"a log on {second}, the other on {first}", path="after", value=after)
    sums = []
    for side, (opened, rows) in zip(SIDES, logs, strict=True):
        of_journeys = journey_sums(tallies(folded(opened, rows, each, known), each), keys)
        sums.append(of_journeys.select(*keys, *_on_its_side(side)))
    return logs[0][0].restore(difference(added(nw.concat(sums), keys), keys))


_RESULTS = (
    "difference",
    *(f"{name}_{side}" for side in SIDES for name in ("journeys", "impression", "rejected")),
)


def _on_its_side(mine: str) -> list[nw.Expr]:
    """The sums of one log beside zeros for the other, so that adding up puts both in one row."""
    return [
        (nw.col(name) if side == mine else whole(0)).alias(f"{name}_{side}")
        for side in SIDES
        for name in SUMS
    ]
