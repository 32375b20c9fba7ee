"""The command, run as a user runs it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from rich.progress import Progress, ProgressSample

from journeyscore import Policy
from journeyscore.cli import main
from journeyscore.cli.output import _Amount

LOG = """\
{"journey": "a", "touchpoint": "hotel.valet", "anticipated": 0.6, "delivered": 0.9, "team": "n"}
{"journey": "a", "touchpoint": "hotel.room", "anticipated": 0.8, "basis": "promised", "delivered": 0.5}
{"journey": "b", "touchpoint": "hotel.room", "anticipated": 0.8, "delivered": 0.95, "team": "n"}
"""
BAD = '{"journey": "b", "touchpoint": "hotel.room", "anticipated": 0.8, "delivered": 7}\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "stays.jsonl"
    file.write_text(LOG)
    return file


def test_a_pipe_gets_csv_and_nothing_else(log: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "journeyscore", "score", str(log)], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert [(row["journey"], row["impression"]) for row in rows] == [("a", "54.92"), ("b", "95.38")]


def test_machine_formats(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(log), "--format", "jsonl", "--by", "touchpoint", "team"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["touchpoint"], each["team"]) for each in lines] == [
        ("hotel.room", "n"), ("hotel.room", None), ("hotel.valet", "n"),
    ]  # fmt: skip


def test_loops_of_a_log_with_nothing_but_what_is_required(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["loops", str(log), "--format", "jsonl"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["kind"], each["touchpoint"]) for each in found] == [("failure", "hotel.room")]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl", ".ndjson"])
def test_out_writes_every_row(log: Path, suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = log.with_name(f"scores{suffix}")
    assert main(["score", str(log), "--out", str(out)]) == 0
    assert capsys.readouterr().out == ""
    readers = {".parquet": pl.read_parquet, ".csv": pl.read_csv}
    written = readers.get(suffix, pl.read_ndjson)(out)
    assert written["impression"].to_list() == [54.92, 95.38]


def test_a_person_gets_a_table_with_the_worst_first(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(log), "--format", "table", "--limit", "1"]) == 0
    out = capsys.readouterr().out
    assert "2 journeys, 3 touchpoints; dissatisfied 50%" in out
    lines = out.splitlines()
    assert any(
        line.startswith("a ") and "54.92" in line and "dissatisfied" in line for line in lines
    )
    assert not any(line.startswith("b ") for line in lines)
    assert "1 more" in out
    assert "\x1b" not in out
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["score", "--by", "team", "site"], "old-town-bell"),
        (["score"], "stay-0177"),
        (["loops"], "stay-0017 hotel.booking"),
        (["promises"], "airport-engineering"),
        (["relationships", "--valuable-from", "600"], "potential_saboteurs"),
        (["calibration"], "50.00 60.00"),
    ],
)
def test_a_narrow_terminal_gets_fewer_columns_that_can_be_read(
    arguments: list[str], told: str, width: int, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", str(width))
    season = Path(__file__).parents[2] / "examples" / "hotel" / "season.jsonl"
    assert main([arguments[0], str(season), *arguments[1:], "--format", "table"]) == 0
    out = capsys.readouterr().out
    assert told in out and "…" not in out
    assert max(map(len, out.splitlines())) <= width
    if width == 40:
        assert "no room for" in out


def test_help_is_wrapped_and_says_no_percent_twice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    with pytest.raises(SystemExit):
        main(["calibration", "--help"])
    out = capsys.readouterr().out
    assert "95% interval" in out and "\n  journeyscore calibration stays.jsonl\n" in out
    description = out.split("\n\n")[1]
    assert description.startswith("Holds") and max(map(len, description.splitlines())) <= 60


def test_averages_over_journeys(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(log), "--by", "touchpoint", "--average", "journeys"]) == 0
    header, room, valet = capsys.readouterr().out.splitlines()
    assert header == "touchpoint,journeys,impression,low,high,touchpoints,rejected"
    assert room.startswith("hotel.room,2,57.09,0.0,100.0,2,0")
    assert valet == "hotel.valet,1,91.04,,,1,0"


def test_rows_out_of_range_are_left_out_and_told_or_refused(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_text(LOG + BAD)
    assert main(["score", str(log)]) == 0
    captured = capsys.readouterr()
    assert "95.38" in captured.out
    assert captured.err.splitlines() == [
        "journeyscore: 1 row was rejected:",
        "  line 4, delivered: 7 is not a level from 0 to 1",
    ]
    assert main(["score", str(log), "--strict"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{log}, line 4, delivered: 7 is not a level from 0 to 1" in captured.err


def test_clear_errors_and_exit_codes(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = log.with_name("policy.json")
    policy.write_text('{"shares": 1}')
    for arguments, message in (
        ([str(log.with_name("none.jsonl"))], "none.jsonl: no such file"),
        ([str(log), "--by", "teem"], "by: no column teem; the closest is team"),
        ([str(log), "--columns", "journey=stay"], "journeyscore: no column journey; --columns"),
        ([str(log), "--policy", str(policy)], "did you mean share?"),
        ([str(log), "--out", "scores.xls"], "--out: cannot write .xls; one of .parquet"),
        ([str(log), "--out", "no/such/folder.csv"], "no such folder"),
        ([str(log), "--timezone", "Mars"], "timezone: no such timezone"),
    ):
        assert main(["score", *arguments]) == 1
        captured = capsys.readouterr()
        assert message in captured.err and captured.out == ""
    for wrong in (
        [], ["score"], ["score", str(log), "--limit", "0"], ["score", str(log), "--columns", "a"],
        ["score", str(log), "--scale", "speed=metres:1:2"],
        ["score", str(log), "--scale", "speed=minutes:5:5"],
    ):  # fmt: skip
        with pytest.raises(SystemExit) as caught:
            main(wrong)
        assert caught.value.code == 2
    capsys.readouterr()


def test_a_hint_names_no_option_that_the_command_has_not(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_text(f"{LOG}not JSON\n")
    for command in ("score", "loops"):
        assert main([command, str(log)]) == 1
    scored, looped = capsys.readouterr().err.splitlines()
    assert scored.endswith("; --quarantine bad.jsonl sets them aside and scores the rest")
    assert looped.endswith("; journeyscore score LOG --quarantine bad.jsonl lists them")
    log.write_text(LOG)
    assert main(["teams", str(log), "--show", "alignment"]) == 1
    assert "no column factor; --of touchpoint" in capsys.readouterr().err


def test_policy_market_columns_and_scales(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Policy(dissatisfied_below=40).save(log.with_name("policy.json"))
    assert main(["score", str(log), "--policy", str(log.with_name("policy.json"))]) == 0
    assert "satisfied" in capsys.readouterr().out.splitlines()[1]
    pos = log.with_name("pos.csv")
    pos.write_text("stay,touchpoint,factor,anticipated,delivered\na,hotel.room,speed,,12\n")
    last = log.with_name("last.csv")
    last.write_text(
        "stay,touchpoint,factor,delivered\na,hotel.room,speed,15\nb,hotel.room,speed,1.5\n"
    )
    assert main(
        ["score", str(pos), "--columns", "stay=journey", "--scale", "speed=minutes:0:30",
         "--market", str(last)]
    ) == 0  # fmt: skip
    # par is the room's market: the mean of 0.5 and 0.95
    assert capsys.readouterr().out.splitlines()[1].split(",")[3] == "72.5"


def test_the_season_of_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    season = Path(__file__).parents[2] / "examples" / "hotel" / "season.jsonl"
    assert main(["score", str(season), "--format", "table"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "300 journeys" in captured.out


def test_lines_that_cannot_be_read_are_refused_or_set_aside(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_text(LOG + BAD + "{oops\n")
    assert main(["score", str(log)]) == 1
    captured = capsys.readouterr()
    assert "line 5: not a JSON object" in captured.err and captured.out == ""
    bad = log.with_name("bad.jsonl")
    assert main(["score", str(log), "--quarantine", str(bad)]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        f"journeyscore: 1 line was unreadable, 1 row was rejected (see {bad}):",
        "  line 4, delivered: 7 is not a level from 0 to 1",
        "  line 5: not a JSON object",
    ]
    assert [json.loads(line)["line"] for line in bad.read_text().splitlines()] == [4, 5]
    assert main(["score", str(log), "--strict", "--quarantine", str(bad)]) == 1


def test_a_log_in_pieces_goes_to_its_file_and_is_resumed(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, work = log.with_name("scores.parquet"), log.with_name("work")
    bad = log.with_name("bad.jsonl")
    log.write_text(LOG + BAD + "oops\n")
    command = ["score", str(log), "--out", str(out), "--work", str(work)]
    assert main(command) == 1
    assert "line 5: not a JSON object" in " ".join(capsys.readouterr().err.split())
    command += ["--quarantine", str(bad)]
    assert main(command) == 1  # other arguments than those the work was begun with
    assert "work of other arguments" in " ".join(capsys.readouterr().err.split())
    command[command.index("--work") + 1] = str(log.with_name("again"))
    assert main(command) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert (
        told.err.split()
        == (f"journeyscore: 1 line was unreadable, 1 row was rejected (see {bad})").split()
    )
    assert pl.read_parquet(out).sort("journey")["impression"].to_list() == [54.92, 95.38]
    assert [json.loads(line)["line"] for line in bad.read_text().splitlines()] == [4, 5]
    assert main(command) == 1
    assert "begun before; --resume goes on with it" in " ".join(capsys.readouterr().err.split())
    assert main([*command, "--resume"]) == 0
    for wrong in (["--resume"], ["--work", "w"], ["--work", "w", "--out", "x.csv"]):
        assert main(["score", str(log), *wrong]) == 1


def test_the_rate_is_told_in_what_is_counted() -> None:
    for unit, shown in (("rows", "2,000 rows of 4,000 rows, 500 rows/s"),
                        ("bytes", "2.0 kB of 4.0 kB, 500 bytes/s")):  # fmt: skip
        bar = Progress(disable=True)
        bar.add_task("reading", total=4000, unit=unit)
        (task,) = bar.tasks
        task.start_time = 0.0
        task._progress.extend([ProgressSample(0.0, 0.0), ProgressSample(4.0, 2000.0)])
        task.completed = 2000
        assert _Amount().render(task).plain == shown


def test_on_a_terminal_there_is_a_bar_and_the_account(log: Path) -> None:
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    out, work = log.with_name("scores.parquet"), log.with_name("work")
    run = subprocess.Popen(
        [sys.executable, "-m", "journeyscore", "score", str(log), "--out", str(out),
         "--work", str(work)],
        stderr=follower, env={**os.environ, "TERM": "xterm", "COLUMNS": "120", "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(follower)
    shown = b""
    while True:
        try:
            read = os.read(leader, 65536)
        except OSError:  # the other side is closed
            break
        if not read:
            break
        shown += read
    os.close(leader)
    assert run.wait() == 0
    screen = shown.decode()
    size = log.stat().st_size
    assert f"{size} bytes of {size} bytes" in screen
    assert "3 rows of 3 rows" in screen and "100%" in screen
    assert f"2 journeys, 3 touchpoints in {out}" in screen


def test_what_is_wrong_is_put_right_by_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors name what one types here, not the arguments of functions."""
    visits = tmp_path / "visits.csv"
    visits.write_text(
        "visit,what,when,quoted,took\n1,dentist.chair,2026-05-04 09:00,10,25\n"
        "1,dentist.bill,2026-05-04 09:40,5,3\n"
    )
    assert main(["score", str(visits)]) == 1
    assert "--columns THEIRS=journey renames one" in capsys.readouterr().err
    names = ["--columns", "visit=journey", "what=touchpoint", "when=at", "quoted=anticipated"]
    assert main(["score", str(visits), *names, "took=delivered"]) == 0
    said = capsys.readouterr().err
    assert "minutes, stars and the like need a scale: --scale speed=minutes:0:30" in said
    scales = ["--scale", "dentist.chair=minutes:0:45", "dentist.bill=minutes:0:15"]
    assert main(["score", str(visits), *names, "took=delivered", *scales]) == 0
    said = capsys.readouterr().err
    assert "an ISO time (2026-05-01 14:30) with its offset, or --timezone" in said
    assert main(["score", str(visits), *names, "took=delivered", *scales, "--timezone", "UTC"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("option", ["--out", "--quarantine"])
def test_a_log_is_never_written_over(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    content = '{"journey": "a", "touchpoint": "b", "anticipated": 0.5, "delivered": 0.5}\nno row\n'
    log.write_text(content)
    (tmp_path / "same.jsonl").hardlink_to(log)
    for name in ("log.jsonl", "same.jsonl"):
        assert main(["score", str(log), option, str(tmp_path / name)]) == 1
        assert "this is the log itself" in capsys.readouterr().err
        assert log.read_text() == content
    work = ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "scores.parquet")]
    if option == "--quarantine":
        assert main(["score", str(log), *work, option, str(log)]) == 1
        assert log.read_text() == content


@pytest.mark.parametrize("command", ["promises", "loops"])
def test_rows_of_several_files_are_counted_as_rows(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files were counted in place of rows, and the other rows taken for unreadable lines."""
    for name in ("may", "june"):
        (tmp_path / f"{name}.jsonl").write_text(LOG + BAD * 3)
    assert main([command, str(tmp_path / "*.jsonl"), "--format", "csv"]) == 0
    assert capsys.readouterr().err.startswith("journeyscore: 6 rows were rejected:")


def test_what_goes_to_a_closed_output_goes_nowhere(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("journey,touchpoint,anticipated,delivered\na,b,0.5,0.5\n")
    command = f"exec '{sys.executable}' -m journeyscore score '{log}' >&-"
    run = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_pipe_is_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe = tmp_path / "log.jsonl"
    os.mkfifo(pipe)
    assert main(["score", str(pipe)]) == 1
    assert "a pipe or a device: a log is a file" in capsys.readouterr().err
