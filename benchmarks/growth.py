"""How cost grows: seconds and peak memory over the number of touchpoints, and of those a journey.

Each measure is a process of its own, so that its peak of resident memory is its own. What is
compared is `frames.score`, one query, with `frames.score_files`, which goes piece by piece; and
both with the *floor*, a grouped sum of the columns read, as one query.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import polars as pl

from journeyscore import frames

from .batch import floor, streamed
from .report import Goal, Report
from .workload import DATA, season_files

FLOOR, ONE_QUERY, PIECES = "floor", "frames.score", "frames.score_files"
LENGTHS = (2, 10, 100, 1_000, 10_000)
GOAL_JOURNEYS = 2_000_000
"""Journeys of the season of most touchpoints whose peak of memory has a goal."""

PLOT = Path(__file__).parent.parent / "docs" / "explanation" / "growth.svg"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--rows", type=int, nargs="+", default=[10**5, 10**6, 10**7, 10**8])
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS)
    parser.add_argument("--length-rows", type=int, default=10**7, help="of the second table")
    parser.add_argument(
        "--one-query", type=int, default=10**7, help="most touchpoints in one query: memory grows"
    )


def run(options: argparse.Namespace) -> Report:
    """Measure every size, a season at a time, and draw the plot."""
    most = max(options.rows)
    by_rows = [_row(rows, rows // 5, options) for rows in options.rows]
    large = _row(most, min(GOAL_JOURNEYS, most // 5), options)
    by_length = [
        _row(options.length_rows, options.length_rows // length, options)
        for length in options.lengths
    ]
    draw(by_rows, by_length, PLOT)
    memory, gigabytes = f"{PIECES}: peak, GB", "GB of memory at the peak"
    return Report(
        "growth",
        {"touchpoints": options.rows, "lengths": list(options.lengths)},
        {
            "Over touchpoints, five a journey": by_rows,
            "Many touchpoints of fewer journeys": [large],
            f"Over touchpoints a journey, {options.length_rows:,} touchpoints": by_length,
        },
        [
            Goal(f"{gigabytes}, {most:,} touchpoints of {large['journeys']:,} journeys",
                 large[memory], 3.0),
            Goal(f"{gigabytes}, {most:,} touchpoints of {by_rows[-1]['journeys']:,} journeys",
                 by_rows[-1][memory], 3.0),
        ],
        ["peak: of resident memory of a process that did nothing else, Python and Polars included"],
    )  # fmt: skip


def _row(rows: int, journeys: int, options: argparse.Namespace) -> dict[str, Any]:
    """What each way costs on one season, whose files are removed afterwards if they are large."""
    print(f"growth: {rows:,} touchpoints of {journeys:,} journeys", file=sys.stderr)
    season = season_files(rows, journeys)
    row: dict[str, Any] = {"touchpoints": rows, "journeys": journeys}
    for name in (FLOOR, ONE_QUERY, PIECES):
        measured = name == PIECES or rows <= options.one_query
        cost = _measured(name, season) if measured else {"seconds": None, "gigabytes": None}
        row[f"{name}: s"] = cost["seconds"]
        row[f"{name}: peak, GB"] = cost["gigabytes"]
    if rows > 10**7:
        shutil.rmtree(season)
    return row


def _measured(name: str, season: Path) -> dict[str, float]:
    """One measure in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth", name, str(season)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(name: str, season: Path) -> dict[str, float]:
    """Do it here, and tell the seconds and the peak of resident memory."""
    log = str(season / "*.parquet")
    with TemporaryDirectory(dir=DATA) as folder:
        work: dict[str, Callable[[], object]] = {
            FLOOR: lambda: streamed(floor(pl.scan_parquet(log))),
            ONE_QUERY: lambda: frames.score(log),
            PIECES: lambda: frames.score_files(
                log, Path(folder) / "scores.parquet", work=Path(folder) / "work"
            ),
        }
        start = perf_counter()
        result = work[name]()
        seconds = perf_counter() - start
        del result
    # not ru_maxrss, which begins with what the process was forked from
    status = Path("/proc/self/status").read_text()
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line)
    return {"seconds": seconds, "gigabytes": kilobytes * 1024 / 1e9}


def draw(by_rows: list[dict[str, Any]], by_length: list[dict[str, Any]], path: Path) -> None:
    """Seconds and memory over the number of touchpoints, and of those a journey."""
    import altair as alt

    rows = []
    for table, size in ((by_rows, "touchpoints"), (by_length, "touchpoints a journey")):
        for row in table:
            for name in (FLOOR, ONE_QUERY, PIECES):
                if row[f"{name}: s"] is None:
                    continue
                at = row["touchpoints"]
                rows.append(
                    {
                        "over": size,
                        "size": at if size == "touchpoints" else at / row["journeys"],
                        "way": name,
                        "microseconds a touchpoint": row[f"{name}: s"] / at * 1e6,
                        "gigabytes at the peak": row[f"{name}: peak, GB"],
                    }
                )
    data = alt.Data(values=rows)
    charts = []
    for size in ("touchpoints", "touchpoints a journey"):
        base = (
            alt.Chart(data)
            .transform_filter(alt.datum.over == size)
            .mark_line(point=True)
            .encode(
                x=alt.X("size:Q", title=size).scale(type="log").axis(format="~s", tickCount=5),
                color=alt.Color("way:N", title=None).legend(orient="top"),
            )
            .properties(width=300, height=200)
        )
        for cost, kind in (
            ("microseconds a touchpoint", "log"),
            ("gigabytes at the peak", "linear"),
        ):
            charts.append(base.encode(y=alt.Y(f"{cost}:Q").scale(type=kind)))
    path.parent.mkdir(parents=True, exist_ok=True)
    alt.concat(*charts, columns=2).save(path)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
