"""D6: CloudEvents and JSON Schema in and out; XES and OCEL 2.0 in; mapping tables for property-
management and POS feeds."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from journeyscore import Journey, Touchpoint, promised, score
from journeyscore.cli import main
from journeyscore.convert import Event, Score, events_of, from_json, journeys_of, to_json
from journeyscore.convert.cloudevents import from_cloudevent, from_http, to_cloudevent, to_http
from journeyscore.convert.schema import json_schema

FEEDS = Path(__file__).parents[1] / "edges" / "feeds"
STAY = Journey("stay-1042", [
    Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, id="v", source="/valet"),
    Touchpoint("hotel.bellman", anticipated=promised(0.6), delivered=0.6, id="b", source="/bell"),
    Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5, id="d", source="/desk"),
])  # fmt: skip


def test_a_stay_travels_as_cloudevents_and_scores_the_same() -> None:
    requests = [to_http(to_cloudevent(event)) for event in events_of(STAY)]
    arrived = reversed(requests * 2)  # out of order, and everything twice
    told = [from_cloudevent(each) for request in arrived for each in from_http(*request)]
    assert score(journeys_of(told)["stay-1042"]).tally == score(STAY).tally
    assert all(headers["ce-specversion"] == "1.0" for headers, _ in requests)


@pytest.mark.parametrize("kind", [Event, Score])
def test_what_goes_out_is_as_the_published_schema_says(kind: type) -> None:
    thing = events_of(STAY)[0] if kind is Event else Score.of(score(STAY))
    name = f"{kind.__name__.lower()}.schema.json"
    shipped = json.loads((files("journeyscore.convert") / "schemas" / name).read_text("utf-8"))
    assert shipped == json_schema(kind)
    Draft202012Validator(shipped).validate(json.loads(to_json(thing)))
    assert from_json(to_json(thing), kind) == thing


@pytest.mark.parametrize(("feed", "journeys", "scored"), [("square", 6, 4), ("opera_cloud", 4, 2)])
def test_a_feed_becomes_scores(
    feed: str, journeys: int, scored: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    assert (
        main(["convert", str(FEEDS / f"{feed}.jsonl"), "--mapping", feed, "--out", str(log)]) == 0
    )
    capsys.readouterr()
    assert main(["score", str(log), "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == journeys
    assert sum(row["impression"] is not None for row in rows) == scored
    assert all(row["rejected"] == 0 for row in rows)


@pytest.mark.parametrize("name", ["season.xes", "season.xes.gz", "season.ocel.json"])
def test_a_season_goes_through_an_event_log_bit_for_bit(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    season = tmp_path / "season.jsonl"
    lines = Path("examples/hotel/season.jsonl").read_text("utf-8").splitlines()
    season.write_text("\n".join(lines[:300]), encoding="utf-8")
    events, back = tmp_path / name, tmp_path / "back.jsonl"
    assert main(["convert", str(season), "--out", str(events)]) == 0
    assert main(["convert", str(events), "--out", str(back)]) == 0
    capsys.readouterr()
    scores = []
    for log in (season, back):
        assert main(["score", str(log), "--format", "csv"]) == 0
        scores.append(capsys.readouterr().out)
    assert scores[0] == scores[1] and scores[0].count("\n") > 20


def test_what_is_wrong_in_a_feed_is_set_aside_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (FEEDS / "square.jsonl").read_text("utf-8").splitlines()
    bad = json.loads(whole[1])
    bad["order"]["fulfillments"][0]["pickup_details"]["pickup_at"] = "soon"
    feed, kept = tmp_path / "feed.jsonl", tmp_path / "bad.jsonl"
    feed.write_text("\n".join([*whole, json.dumps(bad), '{"a": 1, "a": 2}', "nonsense"]))
    command = ["convert", str(feed), "--mapping", "square", "--out", str(tmp_path / "log.jsonl")]
    assert main(command) == 1
    assert "line 20, pickup promised.anticipated: str of length 4" in capsys.readouterr().err
    assert main([*command, "--quarantine", str(kept)]) == 0
    assert "22 read, 16 rows made, 4 that no rule is for, 3 refused" in capsys.readouterr().err
    refused = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert [each["line"] for each in refused] == [20, 21, 22]
    assert refused[1]["reason"] == "a key that is there twice"
