"""Documents: read and written alike, refused with a path, and as their JSON Schema says."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from strategies import documented_journeys, policies, tallies

from journeyscore import Journey, JourneyScoreError, Policy, Tally, Touchpoint, promised, score
from journeyscore.convert import (
    Event,
    Score,
    events_of,
    from_data,
    from_json,
    journeys_of,
    row,
    to_data,
    to_json,
)
from journeyscore.convert.documents import KINDS, VERSION, format_of
from journeyscore.convert.schema import every_schema, json_schema
from journeyscore.errors import InvalidValue, UnknownName, WrongType

FORMATS = Path(__file__).parent / "formats"
VALIDATORS = {kind: Draft202012Validator(json_schema(kind)) for kind in KINDS.values()}


def things() -> st.SearchStrategy[Any]:
    events = documented_journeys().map(events_of).filter(bool).flatmap(st.sampled_from)
    scores = documented_journeys().map(_scored).filter(lambda made: made is not None)
    return st.one_of(documented_journeys(), policies, tallies, events, scores)


def _scored(journey: Journey) -> Score | None:
    try:
        return Score.of(score(journey))
    except JourneyScoreError:  # a zone that does not hold what was filled in
        return None


# -- laws ------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(things())
def test_what_is_written_is_read_alike(thing: Any) -> None:
    assert from_json(to_json(thing), type(thing)) == thing


@settings(max_examples=60)
@given(things())
def test_what_is_written_is_valid(thing: Any) -> None:
    VALIDATORS[type(thing)].validate(json.loads(to_json(thing)))


@settings(max_examples=60)
@given(documented_journeys())
def test_a_journey_is_the_events_that_tell_of_it(journey: Journey) -> None:
    told = events_of(journey)
    events = [from_json(to_json(event), Event) for event in told]
    again = journeys_of(events).get(journey.id, Journey(journey.id))
    assert again.events == journey.events
    assert again.retracted == journey.retracted[:0] + tuple(dict.fromkeys(journey.retracted))
    if told:
        assert (again.customer, again.feedback) == (journey.customer, journey.feedback)


WRONG = st.sampled_from([None, True, 7, -1, 0.5, "x", "", [], {}, [[]], {"x": 1}, [None]])


@settings(max_examples=60)
@given(things(), st.data())
def test_a_structure_that_is_refused_is_not_valid(thing: Any, data: st.DataObject) -> None:
    """One place of a document is replaced; what the converter then takes has to be valid, and what
    it refuses for its type or its name must not be."""
    content = json.loads(to_json(thing))
    places = list(_places(content))
    holder, key = data.draw(st.sampled_from(places))
    how = data.draw(st.sampled_from(["replace", "add", "remove"]))
    if how == "replace":
        holder[key] = data.draw(WRONG)
    elif how == "add" and isinstance(holder, dict):
        holder["nonsense"] = 1
    else:
        del holder[key]
    kind = type(thing)
    valid = VALIDATORS[kind].is_valid(content)
    try:
        from_data(content, kind)
    except (WrongType, UnknownName):
        assert not valid
    except InvalidValue as error:
        if "is missing" in error.problem and error.path != "touchpoint":
            assert not valid
    else:
        assert valid


def _places(content: Any) -> Any:
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in list(pairs):
        yield content, key
        if isinstance(value, (dict, list)):
            yield from _places(value)


# -- paths -----------------------------------------------------------------------------------------

JOURNEY = {"format": "journeyscore/journey/1", "id": "stay-1"}
SPEED = {"delivered": 0.5, "anticipated": {"value": 0.6, "basis": "promised"}}


@pytest.mark.parametrize(
    ("change", "path", "kind"),
    [
        ({"id": 7}, "id", WrongType),
        ({"id": ""}, "id", InvalidValue),
        ({"nonsense": 1}, "", UnknownName),
        ({"touchpoints": {}}, "touchpoints", WrongType),
        ({"touchpoints": [{}]}, "touchpoints[0].name", InvalidValue),
        ({"touchpoints": [{"name": "a", "delivered": "0.5"}]}, "touchpoints[0].delivered", WrongType),
        ({"touchpoints": [{"name": "a", "delivered": True}]}, "touchpoints[0].delivered", WrongType),
        ({"touchpoints": [{"name": "a", "delivered": 1.5}]}, "touchpoints[0].delivered", InvalidValue),
        ({"touchpoints": [{"name": "a", "delivered": 10**400}]}, "touchpoints[0].delivered", InvalidValue),
        ({"touchpoints": [{"name": "a", "at": "2026-01-01T00:00:00"}]}, "touchpoints[0].at", InvalidValue),
        ({"touchpoints": [{"name": "a", "at": "2026-13-01T00:00:00Z"}]}, "touchpoints[0].at", InvalidValue),
        ({"touchpoints": [{"name": "a", "at": "2026-01-01T00:00:00.1234567Z"}]}, "touchpoints[0].at", InvalidValue),
        ({"touchpoints": [{"name": "a", "at": 0}]}, "touchpoints[0].at", WrongType),
        ({"touchpoints": [{"name": "a", "state": "done"}]}, "touchpoints[0].state", InvalidValue),
        ({"touchpoints": [{"name": "a", "proactive": 1}]}, "touchpoints[0].proactive", WrongType),
        ({"touchpoints": [{"name": "a", "recovers": {"source": "p"}}]}, "touchpoints[0].recovers.id", InvalidValue),
        ({"touchpoints": [{"name": "\ud800"}]}, "touchpoints[0].name", InvalidValue),
        ({"feedback": {"csat": "4"}}, "feedback.csat", WrongType),
        ({"feedback": {"csat": 2**60 + 1}}, "feedback.csat", InvalidValue),
        ({"plan": {"items": [{"name": "a", "due": 3}]}}, "plan.items[0].due", WrongType),
        ({"retracted": [{"id": "a", "source": 3}]}, "retracted[0].source", WrongType),
    ],
)  # fmt: skip
def test_every_error_names_its_path(change: dict[str, Any], path: str, kind: type) -> None:
    with pytest.raises(kind) as caught:
        from_data(JOURNEY | change, Journey)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"delivered": "1"}, "delivered"),
        ({"delivered": 2}, "delivered"),
        ({"anticipated": {"value": 3}}, "anticipated"),
        ({"anticipated": {"value": 0.5, "basis": "hoped"}}, "anticipated.basis"),
        ({"adequate": 0.9}, "adequate"),
        ({"wait": 3}, ""),
    ],
)
def test_the_path_leads_into_readings(change: dict[str, Any], path: str) -> None:
    fine = {"name": "a", "delivered": 0.5}
    wrong = {"name": "hotel.front_desk", "readings": {"speed": SPEED | change}}
    with pytest.raises(JourneyScoreError) as caught:
        from_data(JOURNEY | {"touchpoints": [fine, fine, fine, wrong]}, Journey)
    assert caught.value.path == "touchpoints[3].readings.speed" + (path and f".{path}")


def test_errors_do_not_quote_texts() -> None:
    with pytest.raises(JourneyScoreError) as caught:
        from_data(JOURNEY | {"Mr Smith, room 12": 1}, Journey)
    assert "Smith" not in str(caught.value)
    with pytest.raises(JourneyScoreError) as caught:
        from_data(JOURNEY | {"state": "Mr Smith"}, Journey)
    assert "Smith" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "nonsense", "NaN", '{"format": NaN}', '{"id": Infinity}', "[" * 100_000,
        '{"a":' * 100_000, '{"id": "a", "id": "a"}', "\xff".encode("latin-1"), "9" * 5000,
        '{"format": "journeyscore/tally/1", "count": 1e400}',
        '{"format": "journeyscore/tally/1", "count": 1.0}',
        '{"format": "journeyscore/tally/1", "count": null}',
        "[]", "null", "7", '"x"', "\x00",
    ],
)  # fmt: skip
def test_hostile_text_is_refused(text: str | bytes) -> None:
    with pytest.raises(JourneyScoreError):
        from_json(text, Tally)


def test_whole_numbers_of_any_size_are_kept() -> None:
    tally = Tally(*[10**n for n in range(7)]) + Tally(value=3 * 10**300)
    assert from_json(to_json(tally), Tally) == tally


@pytest.mark.parametrize("found", [None, "journeyscore/journey/2", "journeyscore/tally/1", 1, "x"])
def test_another_format_is_refused(found: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        from_data({"format": found, "id": "a"}, Journey)
    assert caught.value.path == "format"


def test_a_policy_is_of_its_model() -> None:
    with pytest.raises(InvalidValue, match="model"):
        from_data({"format": "journeyscore/policy/1", "model": 2}, Policy)


def test_what_has_no_format_says_so() -> None:
    with pytest.raises(WrongType, match="one of Event"):
        to_data(promised(0.5))


def test_a_bare_number_is_an_assumption() -> None:
    said = {"format": "journeyscore/touchpoint/1", "name": "a", "anticipated": 0.5, "delivered": 1}
    assert from_data(said, Touchpoint) == Touchpoint("a", anticipated=0.5, delivered=1)


def test_an_event_says_something() -> None:
    with pytest.raises(InvalidValue, match="says nothing"):
        Event(journey="a")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("state", "delivezred"), ("basis", "hoped"), ("outcome", ""), ("moment", "x")],
)
def test_a_score_holds_no_choice_that_there_is_not(field: str, wrong: str) -> None:
    """Found by fuzzing: an enumeration of texts was taken for any text."""
    content = json.loads((FORMATS / "score.v1.json").read_text("utf-8"))
    content["touchpoints"][0][field] = wrong
    with pytest.raises(InvalidValue) as caught:
        from_data(content, Score)
    assert caught.value.path == f"touchpoints[0].{field}"


def test_half_of_a_pair_of_surrogates_is_no_id() -> None:
    """Found by fuzzing: a log took it, and no file could hold what came of it."""
    for name in ("journey", "touchpoint", "id", "recovers"):
        with pytest.raises(InvalidValue, match="Unicode"):
            row({"journey": "a", "touchpoint": "b", name: "\ud800"})


# -- what is published -----------------------------------------------------------------------------


def test_the_schemas_that_are_shipped_are_those_of_the_classes() -> None:
    """If a class has changed, `make schemas` writes them anew: look at the difference first."""
    folder = files("journeyscore.convert") / "schemas"
    shipped = {file.name: json.loads(file.read_text("utf-8")) for file in folder.iterdir()}
    assert shipped == every_schema()
    for schema in shipped.values():
        Draft202012Validator.check_schema(schema)


def test_a_schema_says_what_its_fields_mean() -> None:
    for kind in KINDS.values():
        schema = json_schema(kind)
        for name, said in schema["properties"].items():
            assert name in ("format", "model") or said.get("description"), (kind, name)


def test_documents_of_old_always_load() -> None:
    """One of each format and version, as it was written; never to be changed, only added to."""
    kept = sorted(FORMATS.glob("*.json"))
    found = set()
    for file in kept:
        name, version, *_ = file.name.split(".")
        found.add((name, version))
        from_json(file.read_bytes(), KINDS[name])
        VALIDATORS[KINDS[name]].validate(json.loads(file.read_text("utf-8")))
    assert found >= {(name, f"v{VERSION}") for name in KINDS}
    assert format_of(Event) == "journeyscore/event/1"


def test_a_document_of_old_means_what_it_meant() -> None:
    stay = from_json((FORMATS / "journey.v1.json").read_bytes(), Journey)
    kept = from_json((FORMATS / "score.v1.json").read_bytes(), Score)
    assert Score.of(score(stay)).tally == kept.tally
    assert score(stay).impression == kept.impression


def test_a_score_is_a_record_of_its_card() -> None:
    stay = from_json((FORMATS / "journey.v1.json").read_bytes(), Journey)
    card = score(stay)
    record = from_json(to_json(card), Score)
    told = card.to_dict()
    assert (record.impression, record.verdict) == (card.impression, card.verdict)
    assert record.tally == card.tally and record.feedback == card.feedback
    written = to_data(card)
    for name, value in told.items():  # all that a card tells is in its record
        assert written.get(name, value) == value or name in (
            "touchpoints", "open_loops", "tally", "extremes", "failures", "promises", "needs",
            "findings",
        )  # fmt: skip
