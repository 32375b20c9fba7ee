"""What stands in where a row says nothing: levels for expectations, the policy's for weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
from attrs import field, frozen

from ..expectations import Basis, MarketLevels, experience_levels, market_level, market_levels
from ..factors import names_of
from ..touchpoints import catalogued_levels
from .engines import opened, table_beside
from .formula import share_of, weighted_mean
from .rows import RANK, Rows


@frozen
class Known:
    """What is known beside a log of what its customers anticipated.

    Attributes:
        market: what customers in general, or of each segment, meet.
        experience: what each customer met before: a frame of ``frames.experience``, of the log's
            engine or of any that is read at once, or a mapping; None: nothing.
    """

    market: MarketLevels = field(factory=dict)
    experience: Any = None

    @classmethod
    def of(cls, market: Any, experience: Any = None) -> Known:
        """What was given for ``market=`` and ``experience=``, checked."""
        return cls(market_levels({} if market is None else market), experience)


NOTHING = Known()


def filled(frame: nw.LazyFrame[Any], rows: Rows, known: Known) -> nw.LazyFrame[Any]:
    """The log with what stands in where its rows say nothing, as far as they may.

    That are ``_level`` and ``_level_basis``: what the customer met before, else customers of the
    segment, else customers in general, else what the catalogue says. And ``_usual_weight`` and
    ``_usual_factor_weight``, where the policy has weights.
    """
    if rows.weighs:
        frame = _weighed(frame, rows)
    if not rows.fill:
        return frame
    levels = {name: (level, Basis.ASSUMED) for name, level in catalogued_levels().items()}
    by_segment: dict[tuple[str, str], float] = {}
    for key, (total, count) in known.market.items():
        if count and isinstance(key, tuple):
            by_segment[key] = market_level(total, count)
        elif count and isinstance(key, str):
            levels[key] = (market_level(total, count), Basis.MARKET)
    # where a row says enough it asks for nothing: engines pass over keys that are null
    asks = nw.when(rows.unsaid()).then(nw.col("touchpoint"))
    frame = frame.with_columns(_asks_for=asks)
    table: dict[str, list[Any]] = {
        "_asks_for": list(levels),
        "_level": [level for level, _ in levels.values()],
        "_level_basis": [RANK[basis] for _, basis in levels.values()],
    }
    frame = frame.join(table_beside(frame, table), on="_asks_for", how="left")
    if by_segment and rows.has("segment"):
        table = {
            "segment": [segment for segment, _ in by_segment],
            "_asks_for": [name for _, name in by_segment],
            "_nearer": list(by_segment.values()),
        }
        frame = _nearer(frame, table_beside(frame, table), "segment", Basis.MARKET)
    if known.experience is not None and rows.has("customer"):
        past = _past(frame, known.experience)
        if past is not None:
            frame = _nearer(frame, past, "customer", Basis.EXPERIENCED)
    return frame.drop("_asks_for")


def _nearer(
    frame: nw.LazyFrame[Any], table: nw.LazyFrame[Any], of: str, basis: Basis
) -> nw.LazyFrame[Any]:
    """The frame with the levels of a table by ``of`` and touchpoint, where it has any."""
    joined = frame.join(table, on=[of, "_asks_for"], how="left")
    found = ~nw.col("_nearer").is_null()
    rank = nw.lit(RANK[basis], nw.Int64())
    return joined.with_columns(
        _level=nw.coalesce(nw.col("_nearer"), nw.col("_level")),
        _level_basis=nw.when(found).then(rank).otherwise(nw.col("_level_basis")),
    ).drop("_nearer")


def _past(frame: nw.LazyFrame[Any], experience: Any) -> nw.LazyFrame[Any] | None:
    """What customers met before, in the engine of the log; None if nothing is known."""
    if not isinstance(experience, Mapping):
        table, _ = opened(experience)
        if table.implementation is frame.implementation:
            return _levels_of(table)
    levels = experience_levels(experience)
    met = {key: market_level(*sums) for key, sums in levels.items() if sums[1]}
    if not met:
        return None
    columns: dict[str, list[Any]] = {
        "customer": [key[0] for key in met],
        "_asks_for": [key[1] for key in met],
        "_nearer": list(met.values()),
    }
    beside: nw.LazyFrame[Any] = table_beside(frame, columns)
    return beside


def _levels_of(table: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The levels of a frame of sums and counts; of shards put one after the other, added up."""
    keys = ["customer", "touchpoint"]
    summed = table.group_by(*keys).agg(nw.col("delivered").sum(), nw.col("count").sum())
    whole = summed.with_columns(nw.col("delivered", "count").cast(nw.Int64()))
    met = whole.filter(nw.col("count") > 0).with_columns(
        _n=weighted_mean(nw.col("delivered"), nw.col("count")).cast(nw.Float64())
    )
    return met.select("customer", _asks_for=nw.col("touchpoint"), _nearer=share_of(nw.col("_n")))


def _weighed(frame: nw.LazyFrame[Any], rows: Rows) -> nw.LazyFrame[Any]:
    weights = rows.policy.weights
    usual: dict[str, list[Any]]
    usual = {"touchpoint": list(weights), "_usual_weight": list(weights.values())}
    frame = frame.join(table_beside(frame, usual), on="touchpoint", how="left")
    if not rows.has("factor"):
        return frame
    by_factor = {name: w for factor, w in weights.items() for name in names_of(factor)}
    usual = {"factor": list(by_factor), "_usual_factor_weight": list(by_factor.values())}
    return frame.join(table_beside(frame, usual), on="factor", how="left")
