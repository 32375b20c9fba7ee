"""A made-up season of hotel stays as Parquet: touchpoints in time order, so journeys interleave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from journeyscore.touchpoints.hotel import HOTEL

DATA = Path(__file__).parent / "data"

DUPLICATED = 0.005
"""The part of the rows that feeds send twice."""

Numbers = np.ndarray[Any, np.dtype[np.int64]]

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


def season_files(rows: int, journeys: int, *, seed: int = 1) -> Path:
    """A folder with the files of a season without ids, at most ten million touchpoints each.

    The journeys of one file go on in the others, as in a log that is cut by size.

    Args:
        rows: touchpoints.
        journeys: stays that may occur; of five touchpoints a stay, one in 150 has none.
        seed: of everything random.
    """
    folder = DATA / f"season-files-{rows}-{journeys}-{seed}"
    if not folder.exists():
        part = folder.with_suffix(".part")
        part.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(seed)
        arrival = _START + random.integers(0, 365 * _DAY, journeys)
        for number, first in enumerate(range(0, rows, _FILE)):
            stay = random.integers(0, journeys, min(_FILE, rows - first))
            _touchpoints(stay, arrival, random).sort("at").write_parquet(
                part / f"{number:03}.parquet"
            )
        part.rename(folder)
    return folder


_FILE = 10_000_000


def _season(rows: int, journeys: int, ids: bool, random: np.random.Generator) -> pl.DataFrame:
    stay = np.concatenate([np.arange(journeys), random.integers(0, journeys, rows - journeys)])
    arrival = _START + random.integers(0, 365 * _DAY, journeys)
    log = _touchpoints(stay, arrival, random)
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


def _touchpoints(stay: Numbers, arrival: Numbers, random: np.random.Generator) -> pl.DataFrame:
    """A touchpoint for each stay that is named, within three days of its arrival."""
    rows = len(stay)
    at = arrival[stay] + random.integers(0, 3 * _DAY, rows)
    names = [entry.name for entry in HOTEL]
    return pl.DataFrame(
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


def _chosen(
    values: tuple[str, ...] | list[str],
    rows: int,
    random: np.random.Generator,
    p: tuple[float, ...] | None = None,
) -> pl.Series:
    """A column of text, drawn by number: no Python string a row."""
    return pl.Series(values, dtype=pl.String).gather(random.choice(len(values), rows, p=p))
