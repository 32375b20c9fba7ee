"""Touchpoints out of rows that belong together: their readings joined, their recoveries counted."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from ..factors import aliases
from ..policy import Policy
from .engines import table_beside
from .formula import real, share_of, weighted_mean, whole
from .references import by_key, joinable


def with_canonical_factors(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The log with ``_factor``: courtesy under every name it has, so that it counts once."""
    names = aliases()
    table = table_beside(frame, {"factor": list(names), "_canonical": list(names.values())})
    joined = frame.join(table, on="factor", how="left")
    return joined.with_columns(_factor=nw.coalesce(nw.col("_canonical"), nw.col("factor")))


def joined_readings(events: nw.LazyFrame[Any], over: list[str]) -> nw.LazyFrame[Any]:
    """Touchpoints out of their readings: weighted means, competence first.

    What their readings say of the touchpoint as a whole should agree; where it does not, the
    smallest counts.
    """
    columns = events.collect_schema().names()
    wf, v, d = nw.col("_wf"), nw.col("_V"), nw.col("_D")
    unsurprised = nw.when(~nw.col("_core") & (v > d)).then(d).otherwise(v)
    lacking = (nw.col("_core") & (d < nw.col("_adequate"))).cast(nw.Int64())
    means = {"_V": v, "_U": unsurprised, "_A": nw.col("_A"), "_D": d}
    means |= {name: nw.col(name) for name in ("_adequate", "_desired") if name in columns}
    summed = events.filter(~nw.col("_of_id").is_null()).with_columns(
        _lacking=lacking, **{f"_sum{name}": wf * each for name, each in means.items()}
    )
    aggregated = [*over, *means, "_wf", "_basis", "_core", "_of_factor"]
    grouped = summed.group_by(*over).agg(
        nw.col("_wf").sum(),
        nw.col("_lacking").max(),
        nw.col("_basis").max(),
        *(nw.col(f"_sum{name}").sum() for name in means),
        *(nw.col(name).min() for name in columns if name not in aggregated),
    )
    joined = grouped.with_columns(
        **{name: weighted_mean(nw.col(f"_sum{name}"), nw.col("_wf")) for name in means}
    ).with_columns(
        _V=nw.when(nw.col("_lacking") > 0).then(nw.col("_U")).otherwise(nw.col("_V")),
        _w=nw.coalesce(nw.col("_w_said"), nw.col("_w")),
    )
    kept = [name for name in columns if name not in ("_wf", "_core", "_of_factor")]
    nameless = events.filter(nw.col("_of_id").is_null())
    return nw.concat([joined.select(*kept), nameless.select(*kept)])


def recovered(events: nw.LazyFrame[Any], policy: Policy, *, by_id: bool) -> nw.LazyFrame[Any]:
    """Touchpoints after the best of their recoveries, and without the recoveries themselves.

    An attempt is one integer, ``succeeded * 10001 + D``, whose maximum is the best.
    """
    is_attempt = ~nw.col("_recovers_id").is_null()
    enough = (nw.col("_D") >= nw.col("_adequate")).cast(nw.Int64())
    attempts = events.filter(is_attempt).with_columns(_attempt=enough * 10001 + nw.col("_D"))
    failures = events.filter(~is_attempt)
    missed = nw.when(nw.col("_missed") > 0).then(nw.col("_of_touchpoint").cast(nw.String()))
    by_name = (
        attempts.select("_attempt", _j=joinable(nw.col("_of_journey")), _i=nw.col("_recovers_id"))
        .group_by("_j", "_i")
        .agg(_by_name=nw.col("_attempt").max())
    )
    failures = failures.with_columns(_j=joinable(nw.col("_of_journey")), _i=missed)
    failures = failures.join(by_name, on=["_j", "_i"], how="left").drop("_j", "_i")
    best = nw.col("_by_name").fill_null(-1)
    if by_id:
        keyed = (
            attempts.select("_attempt", **by_key("_of_journey", "_recovers_source", "_recovers_id"))
            .group_by("_j", "_s", "_i")
            .agg(_by_id=nw.col("_attempt").max())
        )
        failures = failures.with_columns(**by_key("_of_journey", "_of_source", "_of_id"))
        failures = failures.join(keyed, on=["_j", "_s", "_i"], how="left").drop("_j", "_s", "_i")
        other = nw.col("_by_id").fill_null(-1)
        best = nw.when(other > best).then(other).otherwise(best)
    tried = failures.with_columns(_best=best)
    v, a, credit = nw.col("_V"), nw.col("_A"), real(policy.recovery_credit)
    succeeded = nw.col("_best") >= 10001
    d = nw.when(succeeded).then(nw.col("_best") - 10001).otherwise(nw.col("_best"))
    r = share_of(d.cast(nw.Float64()))
    shortfall = nw.when(a > v).then(a - v).otherwise(whole(0))
    gained = (credit * r * shortfall + real(0.5)).floor().cast(nw.Int64())
    lost = (credit * (real(1.0) - r) * v + real(0.5)).floor().cast(nw.Int64())
    value = nw.when(succeeded).then(v + gained).otherwise(v - lost)
    return tried.with_columns(_V=nw.when(nw.col("_best") < 0).then(v).otherwise(value))
