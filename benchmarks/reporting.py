"""A report on a season of journeys, against scoring it: from the file to the page.

All run in one process, interleaved.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from journeyscore import frames
from journeyscore.report import report

from .report import Goal, Report
from .timing import interleaved, paired_ratio, seconds, timing_rows
from .workload import DATA, season

SCORE, REPORT = "frames.score", "report"
SCORE_IDS, REPORT_IDS = "frames.score, ids", "report, ids"
SCORE_TEAMS, REPORT_TEAMS = "frames.score, teams", "report, teams"
TEAMS = 24


def add_options(parser: argparse.ArgumentParser) -> None:
    """The size of the workload."""
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--journeys", type=int, default=2_000_000)
    parser.add_argument("--repeat", type=int, default=2)


def run(options: argparse.Namespace) -> Report:
    """Time scores and reports; weigh the pages."""
    logs = {
        REPORT: season(options.rows, options.journeys, ids=False),
        REPORT_IDS: season(options.rows, options.journeys, ids=True),
    }
    logs[REPORT_TEAMS] = _with_teams(logs[REPORT])
    scores = {REPORT: SCORE, REPORT_IDS: SCORE_IDS, REPORT_TEAMS: SCORE_TEAMS}
    work: dict[str, Callable[[], object]] = {}
    sizes: dict[str, int] = {}
    for name, log in logs.items():
        work[scores[name]] = partial(frames.score, log)
        work[name] = partial(_reported, name, log, sizes)
    costs = interleaved(
        {name: partial(seconds, each) for name, each in work.items()}, options.repeat
    )
    pages = [{"log": name, "megabytes": size / 1e6} for name, size in sizes.items()]
    return Report(
        "reporting",
        {"rows": options.rows, "journeys": options.journeys, "repeat": options.repeat},
        {"Time to score, and to report": timing_rows(costs, scores, "s"), "Pages": pages},
        [
            *(
                Goal(f"{name} / {score}", paired_ratio(costs, name, score), 3.0)
                for name, score in scores.items()
            ),
            Goal("the largest page, megabytes", max(sizes.values()) / 1e6, 5.0),
        ],
        ["grouping by team and journey makes more groups than there are journeys; the score beside "
         "it groups by journey alone"],
    )  # fmt: skip


def _reported(name: str, log: Path, sizes: dict[str, int]) -> None:
    """The page of a report, weighed."""
    sizes[name] = len(report(log).html().encode())


def _with_teams(log: Path) -> Path:
    """The same season with a team a touchpoint and a site, written once and used again."""
    path = DATA / f"{log.stem}-teams.parquet"
    if not path.exists():
        part = path.with_suffix(".part")
        team = (pl.col("touchpoint").hash(1) + pl.col("journey").hash(2)) % TEAMS
        pl.scan_parquet(log).with_columns(
            team=pl.format("team-{}", team),
            site=pl.format("site-{}", pl.col("journey").hash(3) % 3),
        ).sink_parquet(part)
        part.rename(path)
    return path
