"""What stands in for a missing expectation: the market's level, else the catalogue's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from ..errors import WrongType, described
from ..expectations import Basis, MarketLevels, market_level
from ..touchpoints import catalogued_levels
from .engines import table_beside
from .rows import RANK, Rows


def filled(frame: nw.LazyFrame[Any], rows: Rows, market: Any) -> nw.LazyFrame[Any]:
    """The log with ``_level`` and ``_level_basis`` for rows that anticipate nothing, if any may."""
    if not rows.fill:
        return frame
    levels = {name: (level, Basis.ASSUMED) for name, level in catalogued_levels().items()}
    for name, (total, count) in _market(market).items():
        if count:
            levels[name] = (market_level(total, count), Basis.MARKET)
    table = table_beside(
        frame,
        {
            "touchpoint": list(levels),
            "_level": [level for level, _ in levels.values()],
            "_level_basis": [RANK[basis] for _, basis in levels.values()],
        },
    )
    return frame.join(table, on="touchpoint", how="left")


def _market(given: Any) -> MarketLevels:
    """A market as a mapping: what `market` returned, of any engine, or the mapping itself."""
    if given is None or isinstance(given, Mapping):
        return given or {}
    frame: Any = nw.from_native(given, pass_through=True)
    if not isinstance(frame, (nw.DataFrame, nw.LazyFrame)):
        raise WrongType(
            f"{described(given)} is no market",
            path="market",
            value=given,
            hint="give what market(log) returned, or {touchpoint: (sum, count)}",
        )
    rows = frame.lazy().collect().select("touchpoint", "delivered", "count").rows()
    return {name: (int(total), int(count)) for name, total, count in rows if name is not None}
