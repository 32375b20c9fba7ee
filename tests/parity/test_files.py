"""Logs of many files, piece by piece: the bits of one score, interrupted or not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parity.test_frames import frame_of, markets
from strategies import logs, policies

from journeyscore import Policy, frames, minutes
from journeyscore.errors import InvalidValue, LogError, LogNotFound, OtherWork, RejectedRows
from journeyscore.frames import Progress
from journeyscore.frames.work import Stage

GROUPINGS = [
    (["journey"], "touchpoints"), (["team"], "touchpoints"), (["team", "touchpoint"], "touchpoints"),
    (["team"], "journeys"), (["journey", "touchpoint"], "journeys"), (["touchpoint"], "journeys"),
]  # fmt: skip
BAD_LINES = ["{", '{"journey": 0.5}', '{"delivered": "much"}', ""]


class Killed(Exception):
    """What ends a run in the middle."""


def killing(after: int) -> Callable[[Progress], None]:
    """Ends a run when it has told of its progress so many times."""
    left = after

    def say(_: Progress) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    return say


def written_as_parquet(rows: list[dict[str, Any]], files: int, folder: Path) -> str:
    frame = frame_of(rows)
    for file in range(files):
        frame.gather_every(files, file).write_parquet(folder / f"log-{file}.parquet")
    return str(folder / "log-*.parquet")


def written_as_text(rows: list[dict[str, Any]], files: int, folder: Path, dice: Any) -> str:
    """Files of JSON Lines, each with columns of its own, and with lines that are no rows."""
    for file in range(files):
        lines = []
        for row in rows[file::files]:
            if any(value != value or value == float("inf") for value in row.values()):
                continue
            row = {n: v for n, v in row.items() if v is not None or dice.random() < 0.3}
            lines.append(json.dumps(row, default=str))
            if dice.random() < 0.2:
                lines.append(dice.choice(BAD_LINES))
        (folder / f"log-{file}.jsonl").write_text("\n".join(lines))
    return str(folder / "log-*.jsonl")


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=logs(),
    policy=policies,
    market=markets,
    grouping=st.sampled_from(GROUPINGS),
    files=st.integers(1, 4),
    piece=st.sampled_from([1, 3, 1000]),
    text=st.booleans(),
    kill=st.integers(0, 12),
    dice=st.randoms(use_true_random=False),
)
def test_pieces_give_the_bits_of_one_score_and_are_not_scored_twice(
    rows: list[dict[str, Any]], policy: Policy, market: Any, grouping: tuple[list[str], str],
    files: int, piece: int, text: bool, kill: int, dice: random.Random,
) -> None:  # fmt: skip
    keys, average = grouping
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        log = (
            written_as_text(rows, files, folder, dice)
            if text
            else written_as_parquet(rows, files, folder)
        )
        options: Any = {"policy": policy, "market": market, "average": average}
        try:
            expected = frames.score(log, keys, **options, quarantine=folder / "bad.jsonl")
        except LogError as error:  # of text nothing may be left
            with pytest.raises(type(error)):
                frames.score_files(
                    log, folder / "out.parquet", keys, **options, work=folder / "work",
                    quarantine=folder / "aside.jsonl", piece=piece,
                )  # fmt: skip
            return

        def run(**more: Any) -> frames.Written:
            return frames.score_files(
                log, folder / "out.parquet", keys, **options, work=folder / "work",
                quarantine=folder / "aside.jsonl", piece=piece, **more,
            )  # fmt: skip

        written: list[Path] = []
        write = Stage.write
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                Stage, "write", lambda self, number, frame, by=(): (
                    write(self, number, frame, by), written.append(self.path(number)),
                )
            )  # fmt: skip
            try:
                run(progress=killing(kill))
            except Killed:
                assert not (folder / "out.parquet").exists()
                run(resume=True)
            steps = [path for path in written if path.parent.name not in ("unreadable", "faults")]
            assert len(steps) == len(set(steps))
            account = run(resume=True)
            assert account == run(resume=True) and len(written) >= len(steps)
        found = pl.read_parquet(account.out)
        assert found.schema == expected.schema
        assert sorted(found.rows(), key=repr) == sorted(expected.rows(), key=repr)
        assert (folder / "aside.jsonl").read_bytes() == (folder / "bad.jsonl").read_bytes()
        told = [json.loads(line) for line in (folder / "aside.jsonl").read_text().splitlines()]
        place = [name for name in ("file", "line", "row") if told and name in told[0]]
        at_fault = {tuple(fault[name] for name in place) for fault in told}
        assert account.groups == len(found)
        assert account.touchpoints == found["touchpoints"].sum()
        assert len(at_fault) == account.rejected + account.unreadable


def stays(folder: Path, count: int = 6) -> Path:
    file = folder / "stays.parquet"
    pl.DataFrame(
        {
            "journey": [f"j{number // 2}" for number in range(count)],
            "touchpoint": ["hotel.valet"] * count,
            "anticipated": [0.5] * count,
            "delivered": [0.1 * number for number in range(count)],
        }
    ).write_parquet(file)
    return file


def test_other_work_is_refused_by_what_differs(tmp_path: Path) -> None:
    file, out, work = stays(tmp_path), tmp_path / "out.parquet", tmp_path / "work"
    with pytest.raises(Killed):
        frames.score_files(file, out, work=work, piece=2, progress=killing(2))
    with pytest.raises(OtherWork, match="begun before; resume=True goes on with it"):
        frames.score_files(file, out, work=work, piece=2)
    for differing, options in {
        "policy": {"policy": Policy(share=0.3)},
        "market": {"market": {"hotel.valet": (5000, 1)}},
        "arguments": {"by": "touchpoint"},
    }.items():
        with pytest.raises(OtherWork, match=f"work of other {differing};"):
            frames.score_files(file, out, work=work, piece=2, resume=True, **options)  # type: ignore[arg-type]
    scales = {"speed": minutes(best=0, worst=30)}
    with pytest.raises(OtherWork, match="other arguments"):
        frames.score_files(file, out, work=work, piece=2, resume=True, scales=scales)
    stays(tmp_path, 8)
    with pytest.raises(OtherWork, match="other files"):
        frames.score_files(file, out, work=work, piece=2, resume=True)
    other = tmp_path / "other"
    other.mkdir()
    (other / "note.txt").touch()
    with pytest.raises(OtherWork, match="not an empty folder"):
        frames.score_files(file, out, work=other)
    assert not out.exists() and (other / "note.txt").exists()


def test_times_that_mean_nothing_are_rejected_in_pieces_too(tmp_path: Path) -> None:
    """Of a log with ids, whose rows are dealt out before they are folded."""
    log = pl.DataFrame({
        "journey": ["a", "a", "b"], "touchpoint": ["hotel.valet"] * 3, "id": ["1", "2", "3"],
        "anticipated": [0.6] * 3, "delivered": [0.9, 0.2, 0.5],
        "at": ["2026-05-01T12:00Z", "2026-05-01T12:00", "soon"],
        "due": ["2026-05-01T12:00Z", None, None],
    })  # fmt: skip
    log.write_parquet(tmp_path / "log.parquet")
    written = frames.score_files(
        tmp_path / "log.parquet", tmp_path / "scores.parquet", work=tmp_path / "work"
    )
    whole = frames.score(tmp_path / "log.parquet").sort("journey")
    assert written.rejected == whole["rejected"].sum() == 2
    assert pl.read_parquet(written.out).sort("journey").equals(whole)


def test_scores_that_were_taken_away_are_made_again(tmp_path: Path) -> None:
    file, out, work = stays(tmp_path), tmp_path / "out.parquet", tmp_path / "work"
    first = frames.score_files(file, out, work=work)
    assert sorted(path.name for path in work.iterdir()) == ["account.json", "manifest.json"]
    scores = pl.read_parquet(out)
    out.unlink()
    assert frames.score_files(file, out, work=work, resume=True) == first
    assert pl.read_parquet(out).sort("journey").equals(scores.sort("journey"))


def test_strict_stops_at_the_first_piece_with_a_fault(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.parquet", tmp_path / "b.parquet"
    log = pl.read_parquet(stays(tmp_path))
    log.write_parquet(good)
    log.with_columns(delivered=pl.lit(1.5)).write_parquet(bad)
    with pytest.raises(RejectedRows, match=r"and 1 more, row 7, delivered: 1.5 .*scored: 2\)"):
        frames.score_files(
            [good, bad], tmp_path / "out.parquet", work=tmp_path / "work", piece=2, strict=True
        )
    text = tmp_path / "log.jsonl"
    text.write_text(log.write_ndjson() + "{\n")
    for options, error in (({}, LogError), ({"strict": True}, RejectedRows)):
        with pytest.raises(error, match=r"log.jsonl, line 7: .*not a JSON object"):
            frames.score_files(
                text, tmp_path / "out.parquet", work=tmp_path / f"work {options}", **options
            )


def test_progress_is_of_a_total_and_goes_on_where_it_was(tmp_path: Path) -> None:
    file = stays(tmp_path)
    told: list[Progress] = []
    frames.score_files(
        file, tmp_path / "out.parquet", work=tmp_path / "work", piece=2, progress=told.append
    )
    scoring = [(each.done, each.total, each.unit) for each in told if each.stage == "scoring"]
    assert scoring == [(done, 6, "rows") for done in (0, 2, 4, 6)]
    text = tmp_path / "log.csv"
    pl.read_parquet(file).write_csv(text)
    told.clear()
    frames.score_files(
        text, tmp_path / "out.parquet", work=tmp_path / "other", progress=told.append
    )
    size = text.stat().st_size
    assert [each for each in told if each.unit == "bytes"] == [
        Progress("reading", done, size, "bytes") for done in (0, size)
    ]


def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    file, work = stays(tmp_path), tmp_path / "work"
    for error, match, log, out, options in (
        (LogNotFound, "no such file", "nowhere/*.parquet", "out.parquet", {}),
        (LogError, "scores are written as Parquet", file, "out.csv", {}),
        (LogError, "no such folder", file, "nowhere/out.parquet", {}),
        (TypeError, "neither a path", pl.DataFrame(), "out.parquet", {}),
        (TypeError, "not a list of paths", [], "out.parquet", {}),
        (InvalidValue, "neither touchpoints nor journeys", file, "out.parquet", {"average": "x"}),
        (InvalidValue, "not a number of rows", file, "out.parquet", {"piece": 0}),
    ):
        with pytest.raises(error, match=match):
            frames.score_files(log, tmp_path / out, work=work, **options)  # type: ignore[arg-type]
        assert not work.exists()
