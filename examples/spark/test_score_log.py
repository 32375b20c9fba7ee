"""The script as a cluster runs it: submitted, on executors that have no Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from java import require_java

from examples.hotel import season
from journeyscore import frames

SCRIPT = Path(__file__).with_name("score_log.py")

pytestmark = pytest.mark.xdist_group("spark")


def submit(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script with the ``spark-submit`` of the package, in an empty folder."""
    require_java()
    import pyspark

    home = Path(pyspark.__file__).parent
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": folder / "local",
        "spark.pyspark.driver.python": sys.executable,
        "spark.pyspark.python": "/no/python/on/executors",
        "spark.sql.shuffle.partitions": 2,
        "spark.sql.warehouse.dir": folder / "warehouse",
        "spark.ui.enabled": "false",
    }
    options = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    return subprocess.run(
        [home / "bin" / "spark-submit", "--master", "local[2]", *options, SCRIPT, *arguments],
        cwd=folder, capture_output=True, text=True, env={**os.environ, "SPARK_HOME": str(home)},
    )  # fmt: skip


def test_a_season_scores_as_on_polars(tmp_path: Path) -> None:
    log, scores = tmp_path / "season.jsonl", tmp_path / "scores"
    log.write_text(season.text(3, stays=20), encoding="utf-8")
    done = submit(tmp_path, log, "--by", "site", "--by", "day", "--out", scores,
                  "--timezone", "Europe/Zurich")  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    wanted = frames.score(log, by=["site", "day"], timezone="Europe/Zurich")
    found = pl.read_parquet(scores / "*.parquet")
    assert found.schema == wanted.schema
    assert set(found.rows()) == set(wanted.rows())
    touchpoints = wanted["touchpoints"].sum()
    assert done.stdout.splitlines()[-1] == (
        f"groups {len(wanted)}, touchpoints {touchpoints}, rejected rows 0"
    )


def test_text_where_a_number_is_wanted_refuses_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("journey,touchpoint,anticipated,delivered\na,hotel.valet,0.5,good\n")
    done = submit(tmp_path, log, "--out", tmp_path / "scores")
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]  # spark-submit makes one stream of both
    assert last.startswith("score_log: ")
    assert "log.csv" in last
    assert "Traceback" not in done.stdout
