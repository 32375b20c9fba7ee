"""``journeyscore convert`` and ``journeyscore schema``: what goes in, what comes out, what is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from journeyscore import Touchpoint
from journeyscore.cli import main
from journeyscore.convert import Event, to_json
from journeyscore.convert.cloudevents import to_cloudevent, to_structured

EVENT = Event(
    journey="stay-1", touchpoint=Touchpoint("hotel.valet", delivered=0.9, id="v1", source="/app")
)
ROW = {"journey": "stay-1", "touchpoint": "hotel.valet", "delivered": 0.9, "mood": "fine"}


def converted(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["convert", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_events_of_our_own_in_whatever_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = tmp_path / "feed.ndjson"
    lines = [to_json(EVENT), "", to_structured(to_cloudevent(EVENT)), json.dumps(ROW), " "]
    feed.write_text("\n".join(lines))
    document, cloudevent, row = converted(capsys, str(feed))
    assert document == cloudevent
    assert (document["journey"], document["id"], document["source"]) == ("stay-1", "v1", "/app")
    assert row == ROW  # other columns stay: they may be grouped by


def test_a_file_of_json_is_one_payload_or_several(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = tmp_path / "feed.json"
    for content, count in ((ROW, 1), ([ROW, ROW], 2), ([], 0)):
        feed.write_text(json.dumps(content))
        assert len(converted(capsys, str(feed))) == count


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"journey": "a"}', "line 1, touchpoint: is missing"),
        ('{"journey": "a", "touchpoint": "b", "delivered": "1"}', "line 1, delivered: str of length 1"),
        ("7", "not an event; of another system? --mapping says"),
        ('{"a": 1, "a": 2}', "line 1: a key that is there twice"),
        ('{"format": "journeyscore/event/1", "journey": "a", "touchpoint": {}}', "touchpoint.name: is"),
        ('{"specversion": "1.0", "id": "a", "source": "b", "type": "c"}', "type: str of length 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    content: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_text(content)
    assert main(["convert", str(feed)]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"journeyscore: {feed}, line 1") and told.split("length")[0] in error


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none.jsonl"], "no such file"),
        (["feed.jsonl", "--mapping", "none"], "no such mapping"),
        (["feed.jsonl", "--out", "x.pdf"], "cannot write .pdf"),
        (["feed.jsonl", "--out", "none/x.jsonl"], "no such folder"),
        (["feed.jsonl", "--out", "x.ocel.json"], "a touchpoint without a time"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("feed.jsonl").write_text(json.dumps(ROW))
    assert main(["convert", *arguments]) == 1
    assert told in capsys.readouterr().err
    assert not Path("x.jsonl").exists()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_is_no_feed(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = tmp_path / f"stays{suffix}"
    feed.write_text("journey,touchpoint\n")
    assert main(["convert", str(feed), "--out", str(tmp_path / "stays.xes")]) == 1
    assert f"cannot convert {suffix}; one of .jsonl" in capsys.readouterr().err


def test_the_schema_of_a_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "event"]) == 0
    assert json.loads(capsys.readouterr().out)["$id"] == "urn:journeyscore:event:1"
