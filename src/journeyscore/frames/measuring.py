"""The rows of a log in whole numbers: what each weighs, its value, and whether it is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw

from ..expectations import Basis
from ..readings import GAP_SCALE
from .engines import countable, floor_refuses
from .formula import hundredths, real, value, weight_units, with_gap
from .rows import RANK, Rows
from .rules import rules


def in_whole_numbers(
    rows: Rows,
    frame: nw.LazyFrame[Any],
    keep: Mapping[str, nw.Expr],
    *,
    apart: bool = False,
    full: bool = False,
    desired: bool = False,
) -> nw.LazyFrame[Any]:
    """The rows in whole numbers; of a row that does not count ``_w`` is null.

    Those are the rows that were rejected, those that did not take place, and those of no
    weight.

    Args:
        frame: the log, with `_level` and `_level_basis` where `fill` is on.
        keep: what else each row keeps, by name.
        apart: whether rows will be told apart by what they hold: then there is ``_basis``,
            and of rows that do not count all numbers are null, which otherwise may be anything.
        full: whether what joins readings and recoveries is wanted as well: ``_adequate``,
            the lower end of the zone of tolerance, ``_missed``, ``_wf`` and ``_core``.
        desired: whether ``_desired``, the upper end of that zone, is wanted.

    Returns:
        The columns kept, ``_w, _V, _A, _D`` (whole numbers in Float64), ``_known`` and
        ``rejected``.
    """
    varying_gap = rows.has("gap_scale") or bool(rows.scales)
    extra: dict[str, nw.Expr] = {}
    if rows.weighs_factors:
        extra["_factor_weight"] = rows.weight("factor_weight")
    if varying_gap:
        extra["_per_gap"] = rows.per_gap()
    if apart:
        extra["_basis"] = rows.basis()
    if full:
        extra |= _joining(rows)
    if desired:
        extra["_high"] = rows.bound("desired", 1)
    read = _read(rows, frame, keep, extra)
    gapped = with_gap(
        _sound(rows, read, extra, numbers=apart or floor_refuses(frame)),
        nw.col("_per_gap") if varying_gap else real(1 / GAP_SCALE),
    )
    is_promised = nw.col("_promised") if rows.has("basis") else None
    weight = weight_units(nw.col("_weight"))
    if rows.weighs_factors:
        weight = nw.when(~nw.col("_factor_weight").is_null()).then(weight)
    more: dict[str, nw.Expr] = {}
    if apart:
        more["_basis"] = nw.col("_basis")
    if full:
        more |= _joined(rows, weight)
    if desired:
        more["_desired"] = hundredths(nw.col("_high"))
    if rows.weighs_factors:
        more["_wf"] = weight_units(nw.col("_factor_weight"))
    return gapped.select(
        *keep,
        _w=weight,
        _V=hundredths(value(nw.col("_d"), nw.col("_gap"), is_promised, rows.policy)),
        _A=hundredths(nw.col("_a")),
        _D=hundredths(nw.col("_d")),
        _known=nw.col("_known"),
        rejected=countable(nw.col("_broken"), frame),
        **more,
    )


def _read(
    rows: Rows,
    frame: nw.LazyFrame[Any],
    keep: Mapping[str, nw.Expr],
    extra: Mapping[str, nw.Expr],
) -> nw.LazyFrame[Any]:
    """What each row says, as levels and flags: ``_there``, that it took place, and ``_broken``."""
    broken = reduce(or_, (rule.broken for rule in rules(rows)))
    took_place = ~nw.col("delivered").is_null()
    if rows.has("state"):
        took_place = took_place | rows.missed
    promised, known = nw.lit(False), nw.lit(False)
    if rows.has("basis"):
        promised, known = nw.col("_promised"), nw.col("_known")
        if rows.fill:  # a basis without an expectation says nothing
            said = ~rows.unsaid()
            promised, known = promised & said, known & said
    if rows.fill:
        met = nw.col("_level_basis") == RANK[Basis.EXPERIENCED]
        known = known | (rows.unsaid() & met.fill_null(False))
    return rows.prepared(frame).select(
        **keep,
        _d=rows.delivered(),
        _a=rows.anticipated(),
        _weight=rows.weight("weight"),
        _promised=promised,
        _known=known,
        _broken=broken.fill_null(False),
        _there=took_place,
        **extra,
    )


def _sound(
    rows: Rows, read: nw.LazyFrame[Any], extra: Mapping[str, nw.Expr], *, numbers: bool
) -> nw.LazyFrame[Any]:
    """The rows with no weight where they do not count; where `numbers`, with no level either."""
    counts = nw.col("_there") & ~nw.col("_broken")
    weights = ["_weight", *(["_factor_weight"] if rows.weighs_factors else [])]
    levels = ["_d", "_a", *(name for name in ("_low", "_high") if name in extra)]
    return read.with_columns(
        *(nw.when(counts).then(nw.col(name)).alias(name) for name in (levels if numbers else [])),
        *(nw.when(counts & (nw.col(name) > 0)).then(nw.col(name)).alias(name) for name in weights),
    )


def _joining(rows: Rows) -> dict[str, nw.Expr]:
    """What joins readings and recoveries, of a row as it is."""
    return {
        **({"_said": ~nw.col("weight").is_null()} if rows.has("weight") else {}),
        "_low": rows.bound("adequate", -1),
        "_missed": rows.missed if rows.has("state") else nw.lit(False),
        "_core": rows.core() if rows.has("factor") else nw.lit(False),
    }


def _joined(rows: Rows, weight: nw.Expr) -> dict[str, nw.Expr]:
    """The same in whole numbers; readings weigh alike where nothing says otherwise."""
    return {
        **({"_wf": real(100.0)} if rows.has("factor") else {}),
        "_adequate": hundredths(nw.col("_low")),
        "_missed": nw.col("_missed").cast(nw.Int64()),
        "_core": nw.col("_core"),
        "_w_said": nw.when(nw.col("_said")).then(weight) if rows.has("weight") else weight,
    }
