"""What stands in for a missing expectation: the market's level, the catalogue's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from ..errors import WrongType, described
from ..touchpoints import catalogued_levels
from .formula import real, share_of
from .rows import Rows


def filled(frame: nw.LazyFrame[Any], rows: Rows, market: Any) -> nw.LazyFrame[Any]:
    """The log with the levels that stand in for a missing expectation, if any may be missing."""
    if not rows.fill:
        return frame
    if market is None:
        frame = frame.with_columns(_market=nw.lit(None, nw.Float64()))
    else:
        level = share_of((nw.col("_sum") / nw.col("_count") + real(0.5)).floor())
        levels = (
            _market_frame(market)
            .filter(nw.col("count") > 0)
            .select("touchpoint", _sum=nw.col("delivered"), _count=nw.col("count"))
            .select("touchpoint", _market=level)
        )
        frame = frame.join(levels, on="touchpoint", how="left")
    known = catalogued_levels()
    table = nw.from_dict(
        {"touchpoint": list(known), "_catalogue": list(known.values())}, backend="polars"
    ).lazy()
    return frame.join(table, on="touchpoint", how="left")


def _market_frame(market: Any) -> nw.LazyFrame[Any]:
    """A market as a lazy frame: what `market` returned, or ``{touchpoint: (sum, count)}``."""
    if isinstance(market, Mapping):
        rows = list(market.items())
        return nw.from_dict(
            {
                "touchpoint": [name for name, _ in rows],
                "delivered": [total for _, (total, _) in rows],
                "count": [count for _, (_, count) in rows],
            },
            schema={"touchpoint": nw.String(), "delivered": nw.Int64(), "count": nw.Int64()},
            backend="polars",
        ).lazy()
    frame: Any = nw.from_native(market, pass_through=True)
    if not isinstance(frame, (nw.DataFrame, nw.LazyFrame)):
        raise WrongType(
            f"{described(market)} is no market",
            path="market",
            value=market,
            hint="give what market(log) returned, or {touchpoint: (sum, count)}",
        )
    lazy: nw.LazyFrame[Any] = frame.lazy()
    return lazy
