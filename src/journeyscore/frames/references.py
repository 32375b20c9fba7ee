"""Rows that name other rows, by journey, source and id: joins of such keys, and what is dead."""

from __future__ import annotations

from typing import Any

import narwhals as nw


def joinable(column: nw.Expr) -> nw.Expr:
    """A key as text that joins null to null, and nothing else to it."""
    text = nw.concat_str([nw.lit("="), column.cast(nw.String())])
    return nw.when(column.is_null()).then(nw.lit("")).otherwise(text)


def by_key(journey: str, source: str, id: str) -> dict[str, nw.Expr]:
    """The columns to join by, of the columns that hold a journey, a source and an id."""
    return {
        "_j": joinable(nw.col(journey)),
        "_s": joinable(nw.col(source)),
        "_i": nw.col(id).cast(nw.String()),
    }


def without_dead(
    events: nw.LazyFrame[Any], measured: nw.LazyFrame[Any], reference: str
) -> nw.LazyFrame[Any]:
    """The events that no row of their journey names in this column; rejected rows name nothing."""
    named = (
        measured.filter(~nw.col(f"_{reference}_id").is_null() & (nw.col("rejected") == 0))
        .select(**by_key("_of_journey", f"_{reference}_source", f"_{reference}_id"))
        .unique(["_j", "_s", "_i"])
    )
    own = events.with_columns(**by_key("_of_journey", "_of_source", "_of_id"))
    return own.join(named, on=["_j", "_s", "_i"], how="anti").drop("_j", "_s", "_i")
