"""What was delivered before, as whole numbers that merge by adding: of the market, of customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from .filling import NOTHING, filled
from .formula import real, whole
from .identity import Identity
from .kinds import of_its_kind
from .preparing import Quarantine, prepared, quarantine_of


@of_its_kind
def market(
    log: Any,
    *,
    by_segment: bool = False,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    policy: Policy = DEFAULT_POLICY,
    strict: bool = False,
    quarantine: Quarantine | None = None,
    quarantine_rows: bool = False,
) -> Any:
    """What customers in general meet at each touchpoint, as whole numbers that merge by adding.

    An input for scoring (another season, another shard), never a by-product of it: a log must
    not fill its gaps with its own mean.

    Args:
        by_segment: of each ``segment`` of customers as well; what is known of the segment stands in
            before what is known of all, which is its segments added up.
        log, columns, timezone, scales, policy, strict, quarantine, quarantine_rows: as for `score`;
            a log without expectations will do.

    Returns:
        ``segment`` where asked for, ``touchpoint``, ``delivered`` (sum of D, hundredths of a
        point), ``count``.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "b"], "touchpoint": ["hotel.valet"] * 2,
    ...                     "delivered": [0.9, 0.6]})
    >>> market(log).row(0)
    ('hotel.valet', 15000, 2)
    """
    keys = ["segment", "touchpoint"] if by_segment else ["touchpoint"]
    aside = quarantine_of(quarantine, quarantine_rows)
    return _delivered(log, keys, policy, columns, timezone, scales, strict, aside)


@of_its_kind
def experience(
    log: Any,
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    policy: Policy = DEFAULT_POLICY,
    strict: bool = False,
    quarantine: Quarantine | None = None,
    quarantine_rows: bool = False,
) -> Any:
    """What each customer met at each touchpoint, likewise: what will be expected the next time.

    Of earlier visits: give ``score`` a later log. Shards merge by putting one after the other.

    Args: as for `market`; the log has a column ``customer``.

    Returns:
        ``customer``, ``touchpoint``, ``delivered`` (sum of D, hundredths of a point), ``count``.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "b"], "customer": ["c-1", "c-1"],
    ...                     "touchpoint": ["hotel.valet"] * 2, "delivered": [0.9, 0.6]})
    >>> experience(log).row(0)
    ('c-1', 'hotel.valet', 15000, 2)
    """
    keys = ["customer", "touchpoint"]
    aside = quarantine_of(quarantine, quarantine_rows)
    return _delivered(log, keys, policy, columns, timezone, scales, strict, aside)


def _delivered(
    log: Any,
    keys: list[str],
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
    strict: bool,
    aside: Any,
) -> Any:
    """Sums of D and counts of touchpoints, by keys."""
    required = ("journey", "touchpoint", "delivered")
    opened, rows = prepared(
        log, keys, policy, columns, timezone, scales, NOTHING, strict, aside, required=required
    )
    touchpoints = Identity(rows, keys, opened.may_be_null("id")).touchpoints(
        filled(opened.frame, rows, NOTHING)
    )
    counts = nw.col("_w") > 0
    levels = touchpoints.select(
        *keys,
        delivered=nw.when(counts).then(nw.col("_D").cast(nw.Float64())).otherwise(real(0.0)),
        count=nw.when(counts).then(whole(1)).otherwise(whole(0)),
    )
    summed = levels.group_by(*keys).agg(nw.col("delivered").sum(), nw.col("count").sum())
    return opened.restore(summed.with_columns(nw.col("delivered", "count").cast(nw.Int64())))
