"""Journeys within groups, by one number instead of two texts: the quick way on Polars.

A journey counts once in each of its teams, so its touchpoints are grouped by journey and team.
Grouping by two texts takes Polars two to three times as long as by one whole number, and there are
more such pairs than journeys. Here the number of a pair is the exclusive or of two hashes of 64
bits. That they tell the pairs apart is not hoped for but checked, by `doubtful`; where they do not,
about once in 500,000 logs of ten million touchpoints, pairs are grouped by their texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from .averages import JOURNEY_SUMS, journey_sums
from .formula import MAX_WEIGHT
from .log import Log

OF = "_of"
"""The column with the hash of the name of a group."""


def countable(opened: Log, name: str) -> bool:
    """Whether the pairs of a log's journeys and the groups of a column have numbers."""
    text_or_whole = (opened.schema[each] for each in ("journey", name))
    return opened.frame.implementation.is_polars() and all(
        isinstance(dtype, nw.String) or dtype.is_integer() for dtype in text_or_whole
    )


def by_number(
    events: nw.LazyFrame[Any], rejected: nw.LazyFrame[Any], name: str
) -> nw.LazyFrame[Any]:
    """The sums over journeys of each group of a column, each journey counting once in each.

    Args:
        events: what counts, with ``journey``, the column, and ``_w`` and ``_V`` as whole numbers.
        rejected: how many rows were ``_rejected``, by the column; every group is there.
        name: the column.

    Returns:
        The column, `JOURNEY_SUMS` and `OF`. They hold if they are not `doubtful`.
    """
    w, of = pl.col("_w"), hashed(name)
    each = events.to_native().select(
        _pair=hashed("journey") ^ of, _of=of, weight=w, value=w * pl.col("_V")
    )
    pairs = each.group_by("_pair").agg(
        pl.len().cast(pl.Int64).alias("count"),
        pl.col("weight", "value").sum(),
        _low=pl.col(OF).min(),
        _high=pl.col(OF).max(),
    )
    one_group = pl.col("_low") == pl.col("_high")
    journeys = pairs.select(
        "count",
        "weight",
        pl.when(one_group).then("_low").alias(OF),
        value=pl.when(pl.col("weight") <= MAX_WEIGHT).then("value"),
        rejected=pl.lit(0, pl.Int64),
    )
    return _named(nw.from_native(journeys), rejected, name)


def by_journey(
    journeys: nw.LazyFrame[Any], rejected: nw.LazyFrame[Any], name: str
) -> nw.LazyFrame[Any]:
    """The same, where no journey is in two groups: out of the sums of journeys.

    Args:
        journeys: with ``count``, ``weight``, ``value``, ``rejected``, and `within` of the column.
        rejected: as for `by_number`.
        name: the column.
    """
    low, high = nw.col(f"{within(name)}_low"), nw.col(f"{within(name)}_high")
    return _named(journeys.with_columns(**{OF: nw.when(low == high).then(low)}), rejected, name)


def marked(events: nw.LazyFrame[Any], names: Sequence[str]) -> nw.LazyFrame[Any]:
    """The events with the hashes of some columns, under the names of `within`."""
    if not names:
        return events
    marks = (hashed(name).alias(within(name)) for name in names)
    result: nw.LazyFrame[Any] = nw.from_native(events.to_native().with_columns(*marks))
    return result


def within(name: str) -> str:
    """The column with the hashes of another."""
    return f"{OF}_{name}"


def _named(
    journeys: nw.LazyFrame[Any], rejected: nw.LazyFrame[Any], name: str
) -> nw.LazyFrame[Any]:
    found = journey_sums(journeys, [OF]).to_native().drop("_rejected")
    named = rejected.to_native().with_columns(hashed(name).alias(OF))
    # a full join: a group without a name, of pairs that clash, must not get lost
    joined = named.join(found, on=OF, how="full", coalesce=True)
    sums = joined.select(name, OF, *(pl.col(each).fill_null(0) for each in JOURNEY_SUMS))
    result: nw.LazyFrame[Any] = nw.from_native(sums)
    return result


def doubtful(found: Mapping[str, nw.LazyFrame[Any]], groups: Iterable[str]) -> list[str]:
    """Of results by number, under their names, those that may not hold.

    That are results in which a number stands for several groups or a hash for several names; and
    all of them if two journeys have the same hash.
    """
    quick = [name for name in groups if OF in found[name].collect_schema().names()]
    if quick and _clash(found["journeys"], "journey"):
        return quick
    return [name for name in quick if _clash(found[name], OF)]


def _clash(frame: nw.LazyFrame[Any], name: str) -> bool:
    """Whether hashes are not those of one row each."""
    values = pl.col(OF) if name == OF else hashed(name)
    lacking = values.is_null().any() | (values.n_unique() < pl.len())
    return bool(frame.to_native().select(lacking).collect(engine="streaming").item())


def hashed(name: str) -> pl.Expr:
    """The hash of a column, another for each: else (a, b) would clash with (b, a)."""
    return pl.col(name).hash(0 if name == "journey" else 1)
