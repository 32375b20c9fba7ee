"""A made-up season of hotel stays as Parquet: touchpoints in time order, so journeys interleave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from journeyscore.touchpoints.hotel import HOTEL

DATA = Path(__file__).parent / "data"

DUPLICATED = 0.005
"""The part of the rows that feeds send twice."""

_BASES = ("asked", "promised", "experienced", "market", "assumed")
_SOURCES = ("pms", "pos", "app")
_DAY = 86_400_000_000  # microseconds
_START = 1_735_689_600_000_000  # 2025-01-01T00:00Z


def season(rows: int, journeys: int, *, ids: bool, seed: int = 1) -> Path:
    """The file of a season, written once and used again.

    Args:
        rows: touchpoints, before duplicates.
        journeys: stays; each has a touchpoint at least.
        ids: whether there are ``id`` and ``source``, and rows that were sent twice.
        seed: of everything random.
    """
    path = DATA / f"season-{rows}-{journeys}-{seed}{'-ids' if ids else ''}.parquet"
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        _season(rows, journeys, ids, np.random.default_rng(seed)).write_parquet(part)
        part.rename(path)
    return path


def _season(rows: int, journeys: int, ids: bool, random: np.random.Generator) -> pl.DataFrame:
    stay = np.concatenate([np.arange(journeys), random.integers(0, journeys, rows - journeys)])
    arrival = _START + random.integers(0, 365 * _DAY, journeys)
    at = arrival[stay] + random.integers(0, 3 * _DAY, rows)  # a stay lasts up to three days
    names = [entry.name for entry in HOTEL]
    log = pl.DataFrame(
        {
            "_stay": stay,
            "touchpoint": _chosen(names, rows, random),
            "at": at,
            "anticipated": random.beta(6, 2.5, rows).round(4),
            "delivered": random.beta(4, 1.6, rows).round(4),
            "basis": _chosen(_BASES, rows, random, p=(0.1, 0.15, 0.15, 0.3, 0.3)),
            "weight": random.choice((0.5, 1.0, 2.0), rows, p=(0.2, 0.6, 0.2)),
        }
    ).select(
        pl.format("stay-{}", pl.col("_stay").cast(pl.String).str.zfill(7)).alias("journey"),
        "touchpoint",
        pl.from_epoch("at", "us").dt.replace_time_zone("UTC"),
        pl.exclude("_stay", "touchpoint", "at"),
    )
    if not ids:
        return log.sort("at")
    numbered = log.with_columns(
        pl.format("e{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(10)).alias("id"),
        _chosen(_SOURCES, rows, random).alias("source"),
        _sent="at",
    )
    again = numbered[random.choice(rows, round(rows * DUPLICATED), replace=False)]
    late = again.with_columns(pl.col("_sent") + pl.duration(minutes=5))
    return pl.concat([numbered, late]).sort("_sent").drop("_sent")


def _chosen(
    values: tuple[str, ...] | list[str],
    rows: int,
    random: np.random.Generator,
    p: tuple[float, ...] | None = None,
) -> pl.Series:
    """A column of text, drawn by number: no Python string a row."""
    return pl.Series(values, dtype=pl.String).gather(random.choice(len(values), rows, p=p))
