"""Sensitivity of the defaults: what other thresholds would flag, and what they would tell."""

from __future__ import annotations

import polars as pl

from journeyscore import Policy

from ..report import Row
from .moments import flagged_by_effect, mean, outcomes, with_moment
from .study import Study, scored

BROKE = (10, 15, 20, 25, 30, 35, 40)
MADE = (10, 15, 20, 25, 30, 35, 40, 45, 50)
DISSATISFIED = (40, 45, 50, 55, 60, 65, 70)
DELIGHTED = (70, 75, 80, 85, 90)


def effect_thresholds(study: Study) -> list[Row]:
    """A row a threshold of *broke* and of *made*, in points of effect."""
    default = Policy()
    effect = pl.col("effect")
    sides = [("broke", each, effect <= -each, default.broke) for each in BROKE]
    sides += [("made", each, effect >= each, default.made) for each in MADE]
    return [
        {"data": study.name, "flag": name, "at": each, "default": each == chosen}
        | flagged_by_effect(study, flag)
        | _judged(study, with_moment(study, flag), unhappy=name == "broke")
        for name, each, flag, chosen in sides
    ]


def verdict_thresholds(study: Study) -> list[Row]:
    """A row a threshold of the verdict, in points of impression, all else by default."""
    default = Policy()
    sides = [
        ("dissatisfied", each, Policy(dissatisfied_below=each), default.dissatisfied_below)
        for each in DISSATISFIED
    ]
    sides += [
        ("delighted", each, Policy(delighted_from=each), default.delighted_from)
        for each in DELIGHTED
    ]
    rows: list[Row] = []
    for name, each, policy, chosen in sides:
        flagged = scored(study.log, policy).with_columns(flagged=pl.col("verdict") == name)
        rows.append(
            {
                "data": study.name,
                "flag": name,
                "at": each,
                "default": each == chosen,
                "customers": mean(flagged["flagged"]),
                **outcomes(flagged),
                **_judged(study, flagged, unhappy=name == "dissatisfied"),
            }
        )
    return rows


def _judged(study: Study, customers: pl.DataFrame, *, unhappy: bool) -> dict[str, float | None]:
    """The part of those flagged who were so, and the part of those who were so that is flagged."""
    outcome = pl.col("outcome")
    so = outcome <= study.unhappy if unhappy else outcome >= study.happy
    return {
        "hit": mean(customers.filter("flagged").select(so.alias("so"))["so"]),
        "found": mean(customers.filter(so)["flagged"]),
    }
