"""A season in JSON Lines and CSV: `frames.score` of it against a bare Polars scan of the columns.

The scan only parses, and refuses the file for one damaged line; `frames.score` proves each line,
sets damaged ones aside, and scores. Processor time is that of all threads: a scan keeps every
processor busy, so what is done beyond it cannot hide behind it. `proven` only reads; `unproven`
scores what the bare scan gives, which is as fast as a proof that cost nothing would make it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import polars as pl

from journeyscore import frames
from journeyscore.frames.log import READERS
from journeyscore.frames.text import Wanted

from .report import Goal, Report
from .timing import interleaved, paired_ratio, seconds, timing_rows
from .workload import DATA, season

DAMAGED = 0.001
"""The part of the lines that are cut short."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the workload."""
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--repeat", type=int, default=5)


def run(options: argparse.Namespace) -> Report:
    """Time scans and scores of clean and of damaged files."""
    parquet = season(options.rows, options.rows // 5, ids=False)
    bad = DATA / "quarantine.jsonl"
    work: dict[str, Callable[[], pl.DataFrame]] = {}
    baselines: dict[str, str] = {}
    for suffix in ("jsonl", "csv"):
        clean, damaged = _written(parquet, suffix)
        kinds = ("scan", "proven", "unproven", "score", "damaged")
        bare, proven, unproven, score, with_damage = (f"{suffix}: {kind}" for kind in kinds)
        work[bare] = partial(_scanned, clean)
        work[proven] = partial(_proven, clean)
        work[unproven] = partial(_unproven, clean)
        work[score] = partial(frames.score, clean)
        work[with_damage] = partial(frames.score, damaged, quarantine=bad)
        baselines |= dict.fromkeys((proven, unproven, score, with_damage), bare)
    measures = {name: partial(_costs, each) for name, each in work.items()}
    both = interleaved(measures, options.repeat)
    costs = {name: [wall for wall, _ in each] for name, each in both.items()}
    processor = {name: [cpu for _, cpu in each] for name, each in both.items()}
    table = timing_rows(costs, baselines, "s")
    table = [{**row, "million rows/s": options.rows / row["min, s"] / 1e6} for row in table]
    speed = 1 / paired_ratio(costs, "jsonl: score", "jsonl: scan")
    return Report(
        "text",
        {"rows": options.rows, "repeat": options.repeat, "damaged": DAMAGED},
        {
            "Time to read, or to validate and score": table,
            "Processor time of the same": timing_rows(
                processor, baselines, "ns a row", 1e9 / options.rows
            ),
        },
        [Goal("speed of frames.score / bare scan_ndjson", speed, 0.7, at_least=True)],
    )


def _costs(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the wall clock, and of the processors."""
    before = process_time()
    wall = seconds(work)
    return wall, process_time() - before


def _proven(path: Path) -> pl.DataFrame:
    wanted = Wanted.of()
    return wanted.together(block.frame for block in READERS[path.suffix](path, wanted))


def _unproven(path: Path) -> pl.DataFrame:
    scored: pl.DataFrame = frames.score(_scanned(path))
    return scored


def _scanned(path: Path) -> pl.DataFrame:
    schema: dict[str, Any] = {
        "journey": pl.String, "touchpoint": pl.String, "at": pl.String,
        "anticipated": pl.Float64, "delivered": pl.Float64, "basis": pl.String,
        "weight": pl.Float64,
    }  # fmt: skip
    scan = pl.scan_ndjson if path.suffix == ".jsonl" else pl.scan_csv
    return scan(path, schema=schema).collect()


def _written(parquet: Path, suffix: str) -> tuple[Path, Path]:
    """The season as text, clean and damaged; written once and used again."""
    clean = parquet.with_suffix(f".{suffix}")
    damaged = parquet.with_suffix(f".damaged.{suffix}")
    if not damaged.exists():
        log = pl.read_parquet(parquet)
        (log.write_ndjson if suffix == "jsonl" else log.write_csv)(clean)
        header, *lines = clean.read_bytes().splitlines(keepends=True)
        chosen = np.random.default_rng(1).choice(len(lines), round(len(lines) * DAMAGED), False)
        for line in chosen:
            lines[line] = lines[line][: len(lines[line]) // 2] + b"\n"
        damaged.write_bytes(b"".join([header, *lines]))
    return clean, damaged
