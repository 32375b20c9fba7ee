"""What a row folds to as one integer, and the one row that counts of several under one id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from ..expectations import Basis
from .engines import divided, shared
from .formula import whole
from .rows import KNOWN_RANKS

_NONE = 2**63 - 1
"""The packed content of a row that is not folded: larger than that of any that is."""

_BASES = (10001, 100001, len(Basis), 10001)
"""How many values A, w, the basis and V may have, in the order in which they are packed."""

PARTS = ("_w", "_V", "_A", "_D")
"""What is folded of a row."""


def integers(rows: nw.LazyFrame[Any], names: Sequence[str] = PARTS) -> nw.LazyFrame[Any]:
    """The rows with whole numbers as integers; 0 in rows that do not count."""
    return rows.with_columns(nw.col(name).cast(nw.Int64()).fill_null(0) for name in names)


def packed() -> nw.Expr:
    """What a row folds to as one integer, whose order is that of contents: D, A, w, basis, V."""
    packed = nw.col("_D")
    for name, base in zip(("_A", "_w", "_basis", "_V"), _BASES, strict=True):
        packed = packed * base + nw.col(name)
    return nw.when(nw.col("_w") > 0).then(packed).otherwise(whole(_NONE))


def unpacked(events: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The parts of ``_content`` as columns of their own; all zero where nothing is folded."""
    counts = nw.col("_content") < _NONE
    rest = events.with_columns(
        _content=nw.when(counts).then(nw.col("_content")).otherwise(whole(0))
    )
    for name, base in zip(("_V", "_basis", "_w", "_A"), reversed(_BASES), strict=True):
        rest = divided(rest, "_content", base, name)
    return rest.rename({"_content": "_D"}).with_columns(_known=nw.col("_basis") < KNOWN_RANKS)


def first_of_contents(
    events: nw.LazyFrame[Any], over: list[str], keys: Sequence[str]
) -> nw.LazyFrame[Any]:
    """One row of each id: the smallest content, and of equal contents the smallest keys."""
    columns = events.collect_schema().names()
    counted = shared(events.with_columns(_content=packed(), _n=nw.len().over(*over)))
    alone = counted.filter((nw.col("_n") == 1) | nw.col("_of_id").is_null())
    several = counted.filter((nw.col("_n") > 1) & ~nw.col("_of_id").is_null())
    rest = [name for name in ("_wf", "_adequate", "_recovers_id", "_w_said") if name in columns]
    last = [name for name in ("_desired", "_proactive") if name in columns]
    for name in ("_content", *rest, *keys, *last):
        smallest = nw.col(name).min().over(*over)
        several = several.filter((nw.col(name) == smallest) | smallest.is_null())
    # what is left of an id agrees in everything that counts
    others = [name for name in columns if name not in over]
    firsts = several.group_by(*over).agg(*(nw.col(name).min() for name in others))
    return nw.concat([alone.select(*columns), firsts.select(*columns)])
