"""A run that is killed, again and again, goes on where it was and ends with the same scores."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from journeyscore import frames

ROWS, PIECE, KILLS = 400_000, 10_000, 12
PROGRAM = """
import sys
from journeyscore import frames

_, log, out, work, aside, piece = sys.argv
written = frames.score_files(
    log, out, work=work, quarantine=aside, piece=int(piece), resume=True,
    progress=lambda at: print(at.stage, at.done, flush=True),
)
print("scored", written.groups)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["parquet", "ids.parquet", "jsonl", "csv"])
def test_a_run_that_is_killed_goes_on_where_it_was(kind: str, tmp_path: Path) -> None:
    pattern = _log(kind, tmp_path)
    out, work, aside = tmp_path / "scores.parquet", tmp_path / "work", tmp_path / "aside.jsonl"
    command = [sys.executable, "-c", PROGRAM, pattern, str(out), str(work), str(aside), str(PIECE)]
    dice = random.Random(kind)
    done: dict[Path, int] = {}
    kills = 0
    while True:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            if kills < KILLS:
                for _ in range(dice.randint(1, 4)):  # steps are told of, and a moment into the next
                    run.stdout.readline()
                time.sleep(dice.random() * 0.15)
                run.kill()
            told = run.stdout.read()
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL, told
        kills += 1
        # what is set aside in a step is written before it, so that it is there when the step is
        there = {
            path: path.stat().st_mtime_ns
            for path in work.rglob("0*.parquet")
            if path.parent.name not in ("faults", "unreadable")
        }
        redone = [path for path in done if there.get(path, done[path]) != done[path]]
        assert not redone, "a step that was done was done again"
        done |= there
    assert kills >= KILLS, "the run was too quick to be killed so often"
    expected = frames.score(pattern, quarantine=tmp_path / "bad.jsonl").sort("journey")
    assert pl.read_parquet(out).sort("journey").equals(expected)
    assert aside.read_bytes() == (tmp_path / "bad.jsonl").read_bytes()
    account = json.loads((work / "account.json").read_text())
    assert account[0] == len(expected)


def _log(kind: str, folder: Path) -> str:
    """A log of three files, with a wrong level here and there; text with damaged lines as well."""
    rows = pl.DataFrame({"_n": range(ROWS)}).select(
        journey=pl.format("j{}", pl.col("_n").hash(1) % (ROWS // 5)),
        touchpoint=pl.lit("hotel.valet"),
        anticipated=(pl.col("_n").hash(2) % 10_001) / 10_000,
        delivered=(pl.col("_n").hash(3) % 10_003) / 10_000,  # one or two in 10,000 are above 1
        id=pl.format("e{}", pl.col("_n").hash(4) % ROWS),  # some came twice
    )
    for number, part in enumerate(rows.iter_slices(ROWS // 3 + 1)):
        file = folder / f"log-{number}.{kind}"
        if kind.endswith("parquet"):
            (part if "ids" in kind else part.drop("id")).write_parquet(file)
            continue
        if kind == "jsonl":
            part.write_ndjson(file)
        else:
            part.write_csv(file)
        with file.open("ab") as end:
            end.write(b'{"journey": \n')
    return str(folder / f"log-*.{kind}")
