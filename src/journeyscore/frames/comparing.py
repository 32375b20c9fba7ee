"""One period against another, or one group of journeys against another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals as nw

from ..expectations import market_levels
from ..policy import DEFAULT_POLICY
from .averages import JOURNEY_SUMS, added, difference, journey_sums
from .columns import group_keys
from .engines import Restore
from .formula import whole
from .scoring import folded, prepared


def compare(before: Any, after: Any, by: str | Iterable[str] = (), **reading: Any) -> Any:
    """How impressions differ between two logs: last season and this, one site and another.

    Each journey counts once. The interval covers the true difference of the means in 95 of 100
    such comparisons, if journeys are independent: where it holds 0, the logs do not tell the two
    apart. A log for each side may be a filtered frame of one.

    Args:
        before, after: journey logs of one engine, as `score` takes them.
        by: columns to compare group by group; without, all journeys of a log are one group.
        reading: ``policy, columns, timezone, scales, market, strict``, as for `score`.

    Returns:
        A dataframe of the kind of `before`, in no order: the grouping columns,
        ``journeys_before``, ``impression_before``, ``journeys_after``, ``impression_after``
        (points), ``difference`` (after - before) and its 95% interval ``low``, ``high`` (Welch;
        null below two journeys on either side).

    Raises:
        As `score` does.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "b", "c", "d"], "touchpoint": ["hotel.valet"] * 4,
    ...     "anticipated": [0.5] * 4, "delivered": [0.5, 0.5, 0.7, 0.8], "year": [1, 1, 2, 2]})
    >>> is_new = pl.col("year") == 2
    >>> compare(log.filter(~is_new), log.filter(is_new)).row(0)
    (2, 50.0, 2, 77.37, 27.37, -32.54, 87.27)
    """
    keys = group_keys(by) if by else []
    sides: list[nw.LazyFrame[Any]] = []
    restore: Restore | None = None
    for log, suffix in ((before, "_before"), (after, "_after")):
        sums, back = _sums(log, keys, suffix, **reading)
        restore = restore or back
        sides.append(sums)
    names = [f"{name}{suffix}" for suffix in ("_before", "_after") for name in JOURNEY_SUMS]
    aligned = [side.select(*keys, *(_there(side, name) for name in names)) for side in sides]
    assert restore is not None
    return restore(difference(added(nw.concat(aligned), keys), keys))


def _there(sums: nw.LazyFrame[Any], name: str) -> nw.Expr:
    """A column of sums, or zeros."""
    column = nw.col(name) if name in sums.collect_schema().names() else whole(0)
    return column.alias(name)


def _sums(
    log: Any, keys: list[str], suffix: str, **reading: Any
) -> tuple[nw.LazyFrame[Any], Restore]:
    market = reading.pop("market", None)
    levels = market_levels({} if market is None else market)
    options = {"policy": DEFAULT_POLICY, "columns": None, "timezone": None, "scales": None}
    opened, rows = prepared(log, keys, market=levels, **{**options, "strict": False, **reading})
    each = [*keys, *(["journey"] if "journey" not in keys else [])]
    return journey_sums(folded(opened, rows, each, levels), keys, suffix), opened.restore
