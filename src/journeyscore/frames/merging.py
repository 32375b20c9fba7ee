"""Folded tallies as frames: merged, taken back, read out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
from narwhals.typing import IntoFrameT

from ..errors import LogError, WrongType, described
from ..policy import DEFAULT_POLICY, Policy
from .columns import missing
from .engines import opened
from .formula import MAX_WEIGHT, SUMS, readouts, whole


def merge(*tallies: IntoFrameT, minus: Sequence[IntoFrameT] = ()) -> IntoFrameT:
    """Tallies of shards, days or clusters folded apart, as one: what one fold would have given.

    Args:
        tallies: what `fold` returned, or the same read back from a file; of one engine, and
            grouped by the same columns.
        minus: tallies to take back.

    Returns:
        A dataframe of the kind of the first, as `fold` returns it. A sum that is null in one of
        them, or too heavy for 64 bits, is null.

    Raises:
        LogError: no tallies, or grouped by different columns.
        MissingColumn: a frame that `fold` did not make.

    >>> import polars as pl
    >>> from journeyscore.frames import fold
    >>> log = pl.DataFrame({"journey": ["a", "a"], "touchpoint": ["hotel.valet", "hotel.room"],
    ...                     "anticipated": [0.6, 0.8], "delivered": [0.9, 0.5]})
    >>> one, other = fold(log.head(1)), fold(log.tail(1))
    >>> merge(one, other).equals(fold(log)), merge(fold(log), minus=[other]).equals(one)
    (True, True)
    """
    if not tallies:
        raise LogError("nothing to merge", path="tallies")
    frames, restore = [], None
    keys: list[str] = []
    for place, given in enumerate((*tallies, *minus)):
        frame, back = opened(given)
        names = frame.collect_schema().names()
        found = _keys(names)
        if restore is None:
            restore, keys = back, found
        if set(found) != set(keys):
            raise LogError("tallies grouped by different columns", path="tallies", value=found)
        sign = whole(1 if place < len(tallies) else -1)
        sums = {name: nw.col(name).cast(nw.Int64()) * sign for name in (*SUMS, "rejected")}
        frames.append(frame.select(*keys, **sums))
    assert restore is not None
    result: IntoFrameT = restore(added(nw.concat(frames), keys))
    return result


def added(tallies: nw.LazyFrame[Any], keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """Tallies of the same key added up, keys left out among them: by journey out of by team.

    Args:
        tallies: a frame as `fold` returns it, in which a group may stand several times.
        keys: the grouping columns that stay. A sum that is lost in one tally is lost in the whole.
    """
    names = [*SUMS, "rejected"]
    lost = nw.col("squares").is_null().cast(nw.Int64())
    every = tallies.select(*keys, *names, _lost=lost)
    summed = every.group_by(*keys).agg(
        *(nw.col(name).sum() for name in names), nw.col("_lost").max()
    )
    summed = summed.with_columns(*(nw.col(name).cast(nw.Int64()) for name in names))
    fits = (nw.col("weight") <= MAX_WEIGHT) & (nw.col("_lost") == 0)
    guarded = {name: nw.when(fits).then(nw.col(name)) for name in SUMS[2:]}
    return summed.select(*keys, "count", "weight", **guarded, rejected=nw.col("rejected"))


def read(tallies: IntoFrameT, *, policy: Policy = DEFAULT_POLICY) -> IntoFrameT:
    """The scores of folded tallies: what `score` would have given.

    Args:
        tallies: what `fold` or `merge` returned.
        policy: for the verdict; the values were folded under a policy already.

    Returns:
        A dataframe of the same kind, as `score` returns it.

    Raises:
        MissingColumn: a frame that `fold` did not make.

    >>> import polars as pl
    >>> from journeyscore.frames import fold
    >>> log = pl.DataFrame({"journey": ["a"], "touchpoint": ["hotel.valet"],
    ...                     "anticipated": [0.6], "delivered": [0.9]})
    >>> read(fold(log)).row(0)[:3]
    ('a', 1, 91.04)
    """
    if not isinstance(policy, Policy):
        raise WrongType(f"{described(policy)} is not a Policy", path="policy", value=policy)
    frame, restore = opened(tallies)
    keys = _keys(frame.collect_schema().names())
    result: IntoFrameT = restore(readouts(frame, keys, policy))
    return result


def _keys(names: Sequence[str]) -> list[str]:
    """The grouping columns of a folded frame."""
    for name in (*SUMS, "rejected"):
        if name not in names:
            raise missing(name, names, path="tallies")
    return [name for name in names if name not in (*SUMS, "rejected")]
