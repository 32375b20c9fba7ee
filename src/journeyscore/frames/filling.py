"""What stands in where a row says nothing: levels for expectations, the policy's for weights."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from ..expectations import Basis, MarketLevels, market_level
from ..factors import names_of
from ..touchpoints import catalogued_levels
from .engines import table_beside
from .rows import RANK, Rows


def filled(frame: nw.LazyFrame[Any], rows: Rows, market: MarketLevels) -> nw.LazyFrame[Any]:
    """The log with what stands in where its rows say nothing, as far as they may.

    That are ``_level`` and ``_level_basis``, the market's level or else the catalogue's, and
    ``_usual_weight`` and ``_usual_factor_weight``, where the policy has weights.
    """
    if rows.weighs:
        frame = _weighed(frame, rows)
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


def _weighed(frame: nw.LazyFrame[Any], rows: Rows) -> nw.LazyFrame[Any]:
    weights = rows.policy.weights
    usual = {"touchpoint": list(weights), "_usual_weight": list(weights.values())}
    frame = frame.join(table_beside(frame, usual), on="touchpoint", how="left")
    if not rows.has("factor"):
        return frame
    by_factor = {name: w for factor, w in weights.items() for name in names_of(factor)}
    usual = {"factor": list(by_factor), "_usual_factor_weight": list(by_factor.values())}
    return frame.join(table_beside(frame, usual), on="factor", how="left")
