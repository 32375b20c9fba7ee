"""What stands in for a missing expectation: the market's level, else the catalogue's."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from ..expectations import Basis, MarketLevels, market_level
from ..touchpoints import catalogued_levels
from .engines import table_beside
from .rows import RANK, Rows


def filled(frame: nw.LazyFrame[Any], rows: Rows, market: MarketLevels) -> nw.LazyFrame[Any]:
    """The log with ``_level`` and ``_level_basis`` for rows that anticipate nothing, if any may."""
    if not rows.fill:
        return frame
    levels = {name: (level, Basis.ASSUMED) for name, level in catalogued_levels().items()}
    for name, (total, count) in market.items():
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
