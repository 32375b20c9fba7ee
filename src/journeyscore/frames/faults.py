"""The rows of a log that are rejected, each with the field at fault."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from ..errors import RejectedRows
from ..expectations import MarketLevels
from .filling import filled
from .log import Log
from .rows import Rows


def faults_of(opened: Log, rows: Rows, market: MarketLevels) -> nw.LazyFrame[Any]:
    """A row for every rule that a row of the log breaks, in the order of the log."""
    place = "row" if opened.first_line is None else "line"
    numbered = rows.prepared(filled(opened.numbered().frame, rows, market))
    faults = []
    for order, rule in enumerate(rows.rules()):
        dtype = opened.schema[rule.field]
        value = nw.col(rule.field).cast(nw.Float64()) if dtype.is_numeric() else None
        faults.append(
            numbered.filter(rule.broken.fill_null(False)).select(
                nw.col("_place").cast(nw.Int64()).alias(place),
                field=nw.lit(rule.field),
                value=nw.lit(None, nw.Float64()) if value is None else value,
                expected=nw.lit(rule.reason),
                _order=nw.lit(order),
            )
        )
    return nw.concat(faults).sort(place, "_order").drop("_order")


def refuse(opened: Log, rows: Rows, market: MarketLevels) -> None:
    """Raise if any row is rejected.

    Raises:
        RejectedRows: with the place, the field and the value of the first.
    """
    faults = faults_of(opened, rows, market).collect()
    if len(faults):
        first = faults.head(1).rows(named=True)[0]
        where, place = next(iter(first.items()))
        value = "what stands there" if first["value"] is None else f"{first['value']:g}"
        raise RejectedRows(
            f"{value} is not {first['expected']} "
            f"(rows that cannot be scored: {faults[where].n_unique()})",
            path=f"{where} {place}, {first['field']}",
            value=first["value"],
            hint="check() lists them all, and without strict they are left out",
        )
