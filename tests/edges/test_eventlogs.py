"""XES and OCEL 2.0: out and in again with the same score, and as another reader has them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from r4pm import df
from strategies import documented_journeys

from journeyscore import Journey, JourneyScoreError, Touchpoint, asked, rating, score
from journeyscore.convert import journeys
from journeyscore.convert.logrows import log_rows
from journeyscore.convert.mapping import Mapping
from journeyscore.convert.ocel import ocel_mapping, read_ocel, write_ocel
from journeyscore.convert.xes import read_xes, write_xes, xes_mapping
from journeyscore.errors import InvalidValue, LogError, LogNotFound, NaiveTime, UnknownName

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STAY = Journey(
    "stay-1", customer="c7", site="lakeside", feedback={"csat": 4}, retracted=[("pos", "gone")],
    touchpoints=[
        Touchpoint("hotel.valet", anticipated=asked(0.6), delivered=0.9, at=NOON, id="v", team="north"),
        Touchpoint("hotel.room", at=NOON, id="r", source="pms", readings={
            "cleanliness": rating(1, 5)(anticipated=4, delivered=2),
            "quality": rating(1, 5)(delivered=5, weight=2),
        }),
        Touchpoint("hotel.follow_up", delivered=0.8, at=NOON, id="f", recovers=("pms", "r")),
        Touchpoint("hotel.spa", state="not_yet", at=NOON),
    ],
)  # fmt: skip


def again(path: Path) -> dict[str, Journey]:
    read, mapping = (
        (read_ocel, ocel_mapping()) if path.suffix == ".json" else (read_xes, xes_mapping())
    )
    return journeys(row for payload in read(path) for row in mapping.rows(payload))


# -- rows ------------------------------------------------------------------------------------------


def _tally(journey: Journey) -> Any:
    try:
        return score(evolve(journey, plan=None)).tally
    except JourneyScoreError:  # a zone that does not hold what was filled in
        return None


@settings(max_examples=60)
@given(documented_journeys())
def test_rows_of_a_journey_score_as_it_does(journey: Journey) -> None:
    if journey.conflicts or any(map(_odd, journey.events)):
        return  # of several contents the readings are joined, which one touchpoint is not
    rows = log_rows([journey])
    read = journeys(rows).get(journey.id, Journey(journey.id))
    assert _tally(read) == _tally(journey)
    json.dumps(rows)


def _odd(event: Touchpoint) -> bool:
    return bool(event.readings) and not any(each.weight for each in event.readings.values())


# -- out and in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["stays.xes", "stays.xes.gz", "stays.json"])
def test_an_event_log_scores_as_its_journeys_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write = write_ocel if name.endswith("json") else write_xes
    write([STAY, Journey("stay-2", [Touchpoint("hotel.valet", delivered=0.1, at=NOON)])], path)
    read = again(path)
    assert read.keys() == {"stay-1", "stay-2"}
    card, whole = score(read["stay-1"]), score(STAY)
    assert card.tally == whole.tally and card.effects == whole.effects
    assert card.outcomes == whole.outcomes and card.feedback == whole.feedback
    assert (read["stay-1"].customer, read["stay-1"].site) == ("c7", "lakeside")
    assert read["stay-1"].retracted == STAY.retracted
    assert {each.team for each in read["stay-1"].touchpoints} == {"north", None}


def test_another_reader_finds_the_same_in_xes(tmp_path: Path) -> None:
    path = tmp_path / "stays.xes"
    write_xes([STAY], path)
    frame, _ = df.import_xes(str(path))
    rows = log_rows([STAY])
    assert frame["concept:name"].to_list() == [row["touchpoint"] for row in rows]
    assert frame["case:concept:name"].to_list() == ["stay-1"] * len(rows)
    assert frame["time:timestamp"].to_list() == [NOON.replace(tzinfo=None)] * len(rows)
    assert frame["journeyscore:delivered"].to_list() == [row.get("delivered") for row in rows]


def test_another_reader_finds_the_same_in_ocel(tmp_path: Path) -> None:
    path = tmp_path / "stays.json"
    write_ocel([STAY], path)
    tables = df.import_ocel_json(str(path))
    rows = log_rows([STAY])
    events, objects, relations = tables["events"], tables["objects"], tables["relations"]
    assert events["ocel:activity"].to_list() == [row["touchpoint"] for row in rows]
    assert sorted(objects["ocel:type"].to_list()) == ["customer", "journey", "site", "team"]
    assert len(relations) == sum(name in row for row in rows for name in ("journey", "customer", "site", "team"))  # fmt: skip


def test_what_an_event_log_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NaiveTime):
        write_ocel([Journey("a", [Touchpoint("hotel.valet", delivered=1)])], tmp_path / "a.json")
    with pytest.raises(InvalidValue, match="XML"):
        write_xes([Journey("a\0", [Touchpoint("hotel.valet", delivered=1)])], tmp_path / "a.xes")
    sourced = Touchpoint("a", delivered=1, at=NOON, id="b", source="pos", recovers=(None, "c"))
    for write, name in ((write_xes, "a.xes"), (write_ocel, "a.json")):
        with pytest.raises(InvalidValue, match="without a source"):
            write([Journey("a", [sourced])], tmp_path / name)


# -- XES of others ---------------------------------------------------------------------------------

XES = """<?xml version="1.0"?>
<log xmlns="http://www.xes-standard.org/">
 <global scope="event"><string key="concept:name" value="?"/></global>
 <trace>
  <string key="concept:name" value="order 7"/>
  <event>
   <string key="concept:name" value="Serve"/>
   <date key="time:timestamp" value="2026-01-01T12:00:00.1234567+01:00"/>
   <int key="waited" value="15"/>
   <string key="org:resource" value="x"><string key="role" value="waiter"/></string>
   <list key="tags"><values><string key="tag" value="a"/><string key="tag" value="b"/></values></list>
  </event>
  {more}
 </trace>
</log>"""


def log(tmp_path: Path, content: str | bytes, name: str = "log.xes") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_foreign_log_is_read_through_a_mapping(tmp_path: Path) -> None:
    path = log(tmp_path, XES.format(more='<event><string key="concept:name" value="Pay"/></event>'))
    mapping = Mapping.of({
        "name": "kitchen",
        "scales": {"wait": {"kind": "minutes", "best": 0, "worst": 30}},
        "rules": [{
            "when": 'event."concept:name" == \'Serve\'', "journey": 'case."concept:name"',
            "touchpoint": "'dining.food'", "at": 'event."time:timestamp"',
            "delivered": "event.waited", "scale": "wait",
        }],
    })  # fmt: skip
    payloads = list(read_xes(path))
    assert payloads[0]["event"]["org:resource/role"] == "waiter"
    assert payloads[0]["event"]["tags"] == ["a", "b"] and payloads[1]["index"] == 1
    (row,) = [row for payload in payloads for row in mapping.rows(payload)]
    assert (row["journey"], row["delivered"]) == ("order 7", 0.5)
    assert row["id"] == mapping.rows(payloads[0])[0]["id"]


@pytest.mark.parametrize(
    "more",
    [
        '<event><float key="d" value="abc"/></event>',
        '<event><float key="d" value="NaN"/></event>',
        '<event><float key="d" value="1e9999"/></event>',
        '<event><float key="d" value="1e999"/></event>',
        '<event><int key="d" value="3.5"/></event>',
        '<event><int key="d" value="1_0"/></event>',
        '<event><boolean key="d" value="yes"/></event>',
        '<event><date key="d" value="2026-13-01T00:00:00Z"/></event>',
        '<event><date key="d" value="2026-01-01T00:00:00"/></event>',
        '<event><date key="d"/></event>',
        '<event><string key="d" value="a"/><string key="d" value="b"/></event>',
        '<event><string value="a"/></event>',
        '<event><strong key="d" value="a"/></event>',
        '<string key="late" value="a"/>',
    ],
)
def test_xes_that_says_something_else_than_its_tag_is_refused(tmp_path: Path, more: str) -> None:
    with pytest.raises(InvalidValue, match=r"log\.xes, trace 1"):
        list(read_xes(log(tmp_path, XES.format(more=more))))


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        "", "<log", "<log>", "nonsense", "<other/>", b"\xff\xfe", "<log>" + "<a>" * 10_000,
        BOMB + "<log>&b;</log>", '<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>',
        '<?xml version="1.0" encoding="utf-99"?><log/>', '<?xml version="1.0" encoding="cp932"?><log/>',
        XES.format(more="")[:-20],
    ],
)  # fmt: skip
def test_hostile_xml_is_refused(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(LogError):
        list(read_xes(log(tmp_path, content)))
    with pytest.raises(LogError):
        list(read_xes(log(tmp_path, b"\x1f\x8b" + gzip.compress(b"<log")[2:-3], "cut.xes.gz")))


def test_a_bomb_goes_off_elsewhere(tmp_path: Path) -> None:
    start = b"<log><trace><event>"
    for content, what in (
        (start + b'<string key="a" value="' + b"x" * 60_000_000, "a tag of more than 1,000,000"),
        (start + b'<string key="a" value=""/>' * 500_000, "an event of more than 10,000,000"),
    ):
        bomb = gzip.compress(content, 1)
        assert len(bomb) < 500_000
        with pytest.raises(LogError, match=what):
            list(read_xes(log(tmp_path, bomb, "bomb.xes.gz")))


def test_no_file(tmp_path: Path) -> None:
    for read in (read_xes, read_ocel):
        with pytest.raises(LogNotFound):
            list(read(tmp_path / "none"))


# -- OCEL of others --------------------------------------------------------------------------------

ORDER = {"id": "o1", "type": "order", "attributes": [
    {"name": "priority", "value": "low", "time": "2026-01-01T00:00:00Z"},
    {"name": "priority", "value": "high", "time": "2026-01-03T00:00:00Z"},
]}  # fmt: skip
SERVED = {"id": "e1", "type": "Serve", "time": "2026-01-02T00:00:00Z",
          "attributes": [{"name": "waited", "value": 15}],
          "relationships": [{"objectId": "o1", "qualifier": "of"}]}  # fmt: skip


def test_an_object_is_as_it_was_at_the_time(tmp_path: Path) -> None:
    path = log(tmp_path, json.dumps({"events": [SERVED], "objects": [ORDER]}), "log.json")
    (payload,) = read_ocel(path)
    assert payload["objects"]["order"] == [
        {"id": "o1", "qualifier": "of", "attributes": {"priority": "low"}}
    ]
    assert payload["attributes"] == {"waited": 15}


@pytest.mark.parametrize(
    ("change", "path", "kind"),
    [
        ({"id": 7}, "events[0].id", InvalidValue),
        ({"time": "2026-01-02"}, "events[0].time", InvalidValue),
        ({"type": None}, "events[0].type", InvalidValue),
        ({"attributes": {}}, "events[0].attributes", InvalidValue),
        ({"attributes": [{"name": "a", "value": []}]}, "events[0].attributes[0].value", InvalidValue),
        ({"attributes": [{"name": "a", "value": 1}] * 2}, "events[0].attributes", InvalidValue),
        ({"relationships": [{"objectId": "o2"}]}, "events[0].relationships[0]", UnknownName),
        ({"relationships": [{}]}, "events[0].relationships[0].objectId", InvalidValue),
    ],
)  # fmt: skip
def test_ocel_that_is_wrong_names_where(
    tmp_path: Path, change: dict[str, Any], path: str, kind: type
) -> None:
    file = log(tmp_path, json.dumps({"events": [SERVED | change], "objects": [ORDER]}), "log.json")
    with pytest.raises(kind) as caught:
        list(read_ocel(file))
    assert caught.value.path == f"{file}, {path}"


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"events": [], "more": 1e999}', '{"events": 7}', '{"events": [], "events": []}', "[" * 99_999,
     json.dumps({"events": [], "objects": [ORDER, ORDER]}),
     json.dumps({"events": [SERVED, SERVED], "objects": [ORDER]})],
)  # fmt: skip
def test_hostile_ocel_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(JourneyScoreError):
        list(read_ocel(log(tmp_path, content, "log.json")))
