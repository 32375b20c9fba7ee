"""Mappings: feeds of others, as rows of a journey log. Fixtures follow the public documentation of
Square's webhooks and Orders API and of the Streaming API for OPERA Cloud; every value is invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from strategies import opaque

from journeyscore import Journey, JourneyScoreError, score
from journeyscore.convert import journeys
from journeyscore.convert.mapping import Mapping, shipped
from journeyscore.errors import InvalidValue, LogNotFound, OutOfScale, UnknownName, WrongType

FEEDS = Path(__file__).parent / "feeds"


def payloads(feed: str) -> list[Any]:
    return [json.loads(line) for line in (FEEDS / f"{feed}.jsonl").read_text("utf-8").splitlines()]


def read(feed: str) -> dict[str, Journey]:
    mapping = Mapping.load(feed)
    return journeys(row for payload in payloads(feed) for row in mapping.rows(payload))


def happened(journey: Journey) -> list[tuple[str, str]]:
    return [(each.name, each.state.value) for each in journey.touchpoints]


# -- what is shipped -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_mapping_has_a_feed_here_and_says_what_it_reads(name: str) -> None:
    mapping = Mapping.load(name)
    assert mapping.about and mapping.name == name
    used = {
        rule.name
        for rule in mapping.rules
        for payload in payloads(name)
        if Mapping(name=name, rules=(rule,), scales=mapping.scales).rows(payload)
    }
    unused = {rule.name for rule in mapping.rules} - used
    assert unused <= {"check-out reversed", "arrival promised again"}


@pytest.mark.parametrize("name", shipped())
def test_a_feed_sent_twice_and_shuffled_is_the_same(name: str) -> None:
    mapping = Mapping.load(name)
    once = [row for payload in payloads(name) for row in mapping.rows(payload)]
    twice = [row for payload in reversed(payloads(name) * 2) for row in mapping.rows(payload)]
    first, second = journeys(once), journeys(twice)
    assert first.keys() == second.keys()
    for id, journey in first.items():
        assert score(journey).tally == score(second[id]).tally
        assert not second[id].conflicts
        assert set(map(str, journey.touchpoints)) == set(map(str, second[id].touchpoints))


def test_square_a_pickup_later_than_promised() -> None:
    order = read("square")["order-1"]
    checkout, delivery = order.touchpoints
    assert (checkout.name, checkout.delivered, checkout.id) == ("retail.checkout", 1.0, "pay-1")
    speed = delivery.readings["speed"]
    assert speed.anticipated is not None and speed.anticipated.basis.value == "promised"
    assert (speed.anticipated.value, speed.delivered) == (1 - 15 / 60, 1 - 24 / 60)
    assert checkout.source == delivery.source == "square"
    assert order.site == "L88917AVBK2S5" and len(order.duplicates) == 1


def test_square_reversals() -> None:
    read_ = read("square")
    assert happened(read_["order-2"]) == [("retail.returns", "delivered")]  # refunded in full
    assert happened(read_["order-3"]) == [("retail.checkout", "delivered")]  # in part
    assert happened(read_["pay-4"]) == []  # canceled before it was captured
    assert read_["order-5"].touchpoints[0].delivered == 0.0  # failed
    assert happened(read_["order-6"]) == [("retail.delivery", "not_applicable")]
    assert score(read_["order-6"]).impression is None


def test_opera_stays() -> None:
    stays = read("opera_cloud")
    assert happened(stays["987654"]) == [
        ("hotel.booking", "delivered"),
        ("hotel.front_desk", "delivered"),
        ("hotel.checkout", "delivered"),
    ]
    assert stays["987654"].site == "LAKE1"


def test_opera_reversals() -> None:
    stays = read("opera_cloud")
    for canceled in ("987655", "987657"):
        assert happened(stays[canceled]) == [("hotel.front_desk", "not_applicable")]
        assert score(stays[canceled]).impression is None
    assert happened(stays["987656"]) == [("hotel.booking", "delivered")]


def test_what_no_rule_is_for_makes_no_row() -> None:
    assert Mapping.load("square").rows({"type": "invoice.created"}) == []
    assert Mapping.load("square").rows(payloads("square")[0]) == []  # only approved
    assert Mapping.load("opera_cloud").rows([]) == []


# -- one of one's own ------------------------------------------------------------------------------


def mapping(**rule: str) -> Mapping:
    return Mapping.of({
        "name": "till",
        "scales": {"wait": {"kind": "minutes", "best": 0, "worst": 30}},
        "tables": {"names": {"D1": "retail.help"}},
        "rules": [{"name": "served", "journey": "visit", "touchpoint": "'retail.help'"} | rule],
    })  # fmt: skip


def test_lookups_name_what_feeds_have_codes_for() -> None:
    looked_up = mapping(touchpoint="lookup('names', desk)")
    assert looked_up.rows({"visit": "v", "desk": "D1"})[0]["touchpoint"] == "retail.help"
    with pytest.raises(InvalidValue) as caught:
        looked_up.rows({"visit": "v", "desk": "D2"})
    assert caught.value.path == "served.touchpoint"


def test_the_elements_of_a_list_are_rows_of_their_own() -> None:
    rows = mapping(
        each="served", journey="payload.visit", id="item.no", delivered="item.level"
    ).rows({"visit": "v", "served": [{"no": "a", "level": 0.5}, {"no": "b", "level": 1}]})
    assert [(row["id"], row["delivered"]) for row in rows] == [("a", 0.5), ("b", 1)]


def test_ids_that_a_feed_lacks_are_made_of_content() -> None:
    plain = mapping(delivered="level")
    one, again, other = ({"visit": "v", "level": level} for level in (0.5, 0.5, 0.6))
    (id,) = {plain.rows(one)[0]["id"], plain.rows(again)[0]["id"]}
    assert id != plain.rows(other)[0]["id"]
    listed = mapping(each="list", journey="payload.visit").rows({"visit": "v", "list": [1, 1]})
    assert listed[0]["id"] != listed[1]["id"]  # two of a kind on one bill are two


@pytest.mark.parametrize(
    ("expression", "payload", "found"),
    [
        ("minutes(a, b)", {"a": "2026-01-01T10:00:00Z", "b": "2026-01-01T11:15:00+01:00"}, 0.5),
        ("duration(a)", {"a": "PT15M"}, 0.5),
        ("duration(a)", {"a": "PT0H15M0.0S"}, 0.5),
        ("to_number(a)", {"a": "15"}, 0.5),
        ("a", {"a": 15}, 0.5),
        ("days(a, b)", {"a": "2026-01-01T10:00:00Z", "b": "2026-01-16T10:00:00.123456789Z"}, 0.5),
        ("minutes(a, b)", {"a": "2026-01-01T10:00:00Z", "b": "2026-01-01T10:15:00.000+0000"}, 0.5),
        ("minutes(a, b)", {"a": "2026-01-01T10:00:00Z"}, None),
    ],
)
def test_measures(expression: str, payload: dict[str, Any], found: float | None) -> None:
    rows = mapping(delivered=expression, scale="wait").rows({"visit": "v", **payload})
    assert rows[0].get("delivered") == (found and pytest.approx(found))


def test_a_time_without_an_offset_is_of_a_place() -> None:
    local = mapping(at="local(at, 'Europe/Zurich')")
    assert local.rows({"visit": "v", "at": "2026-07-01 10:00:00"})[0]["at"].endswith("+02:00")
    with pytest.raises(InvalidValue) as caught:
        mapping(at="at").rows({"visit": "v", "at": "2026-07-01T10:00:00"})
    assert caught.value.path == "served.at"


@pytest.mark.parametrize(
    ("rule", "payload", "kind"),
    [
        ({"delivered": "level"}, {"visit": "v", "level": "0.5"}, WrongType),
        ({"delivered": "level"}, {"visit": "v", "level": True}, WrongType),
        ({"delivered": "level", "scale": "wait"}, {"visit": "v", "level": "15"}, WrongType),
        ({"delivered": "to_number(level)"}, {"visit": "v", "level": "0.5"}, None),
        ({"delivered": "to_number(level)"}, {"visit": "v", "level": "0_5"}, None),
        ({"delivered": "minutes(a, a)"}, {"visit": "v", "a": 3}, WrongType),
        ({"delivered": "minutes(a, a)"}, {"visit": "v", "a": "noon"}, InvalidValue),
        ({"delivered": "duration(a)"}, {"visit": "v", "a": "P"}, InvalidValue),
        ({"delivered": "duration(a)"}, {"visit": "v", "a": "PT"}, InvalidValue),
        (
            {"at": "local(a, b)"},
            {"visit": "v", "a": "2026-01-01 10:00:00", "b": "../x"},
            UnknownName,
        ),
        ({"basis": "a"}, {"visit": "v", "a": "hoped"}, InvalidValue),
        ({"each": "a"}, {"visit": "v", "a": {}}, InvalidValue),
        ({"delivered": "max(a)"}, {"visit": "v", "a": [1, "x"]}, InvalidValue),
        ({}, {"visit": 7}, WrongType),
        ({}, {"visit": ""}, InvalidValue),
        ({}, {}, InvalidValue),
        ({}, None, InvalidValue),
    ],
)
def test_nothing_is_coerced(rule: dict[str, str], payload: Any, kind: type | None) -> None:
    if kind is None:
        assert mapping(**rule).rows(payload)[0].get("delivered") in (0.5, None)
        return
    with pytest.raises(kind) as caught:
        mapping(**rule).rows(payload)
    assert caught.value.path.startswith("served.")


def test_a_measure_out_of_its_scale_is_named() -> None:
    rated = Mapping.of({
        "name": "poll", "scales": {"stars": {"kind": "rating", "worst": 1, "best": 5}},
        "rules": [{"name": "said", "journey": "j", "touchpoint": "t", "delivered": "n",
                   "scale": "stars"}],
    })  # fmt: skip
    with pytest.raises(OutOfScale, match=r"said\.delivered: 7 is outside"):
        rated.rows({"j": "a", "t": "b", "n": 7})


@given(opaque, opaque)
def test_texts_of_any_kind_are_texts(one: str, other: str) -> None:
    (row,) = mapping(id="id").rows({"visit": one, "id": other})
    assert (row["journey"], row["id"]) == (one, other)
    assert journeys([row])[one].touchpoints[0].id == other


@pytest.mark.parametrize(
    ("content", "path", "kind"),
    [
        ({"rules": []}, "name", InvalidValue),
        ({"name": "x"}, "rules", InvalidValue),
        ({"name": "x", "rules": [{}]}, "rules[0].journey", InvalidValue),
        ({"name": "x", "rules": [{"journey": "a", "touchpoint": "b["}]}, "rules[0].touchpoint", InvalidValue),
        ({"name": "x", "rules": [{"journey": "a", "touchpoint": "f(a)"}]}, "rules[0].touchpoint", InvalidValue),
        ({"name": "x", "rules": [{"journey": "a", "tuchpoint": "b"}]}, "rules[0]", UnknownName),
        ({"name": "x", "rules": [{"journey": "a", "touchpoint": 3}]}, "rules[0].touchpoint", WrongType),
        ({"name": "x", "rules": [{"journey": "a", "touchpoint": "b", "scale": "c"}]}, "rules[0].scale", UnknownName),
        ({"name": "x", "rules": [], "scales": {"w": {"kind": "metres"}}}, "scales.w.kind", InvalidValue),
        ({"name": "x", "rules": [], "scales": {"w": {"kind": "minutes"}}}, "scales.w", InvalidValue),
        ({"name": "x", "rules": [], "scales": {"w": {"kind": "minutes", "best": 1, "worst": 1}}}, "scales.w", InvalidValue),
        ({"name": "x", "rules": [], "scales": {"w": {"kind": "yes_no", "best": 1}}}, "scales.w", InvalidValue),
        ({"name": "x", "rules": [], "nonsense": 1}, "", UnknownName),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_mapping_is_named(
    content: dict[str, Any], path: str, kind: type
) -> None:
    with pytest.raises(kind) as caught:
        Mapping.of(content)
    assert caught.value.path == path


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(LogNotFound, match="square"):
        Mapping.load("sqare")
    file = tmp_path / "m.toml"
    file.write_text("name = ")
    with pytest.raises(InvalidValue, match="TOML"):
        Mapping.load(file)
    file.write_text('name = "x"\nrules = [{journey = "a"}]')
    with pytest.raises(JourneyScoreError, match=r"m\.toml, rules\[0\]\.touchpoint"):
        Mapping.load(file)
