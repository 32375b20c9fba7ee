"""What the core refuses: the error, and the field that it names."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import fields

from journeyscore import (
    Expectation,
    Extremes,
    Handling,
    Journey,
    Plan,
    Policy,
    Reading,
    Scale,
    Scorecard,
    Tally,
    Touchpoint,
    score,
)
from journeyscore.convert import journeys
from journeyscore.errors import (
    InvalidValue,
    JournalUnavailable,
    JourneyScoreError,
    LogNotFound,
    OutOfScale,
    UnknownName,
    WrongType,
)
from journeyscore.expectations import Basis
from journeyscore.factors import pack
from journeyscore.handling import joined
from journeyscore.touchpoints import CATALOGUES

VALET = Touchpoint("hotel.valet", delivered=0.5, id="v1")
STAY = Journey("stay", [VALET])
ANY: Any = object()
CASES: list[tuple[Callable[[], object], type[JourneyScoreError], str | None]] = [
    *(
        (lambda name=name: Journey("stay", **{name: 1}), WrongType, name)
        for name in ("type", "customer", "site", "segment", "ref")
    ),
    (lambda: Journey("stay", worth=ANY), WrongType, "worth"),
    (lambda: Journey("stay", feedback=ANY), WrongType, "feedback"),
    (lambda: Journey("stay", feedback={ANY: 1}), WrongType, "feedback"),
    (lambda: Journey("stay", feedback={"csat": ANY}), WrongType, "feedback"),
    (lambda: Journey("stay", retracted=ANY), WrongType, "retracted"),
    (lambda: Journey("stay", retracted="ab"), WrongType, "retracted"),  # type: ignore[arg-type]
    (lambda: Journey("stay", retracted=[(1, "v1")]), WrongType, "retracted"),
    (lambda: Journey("stay", retracted=[(None, ANY)]), WrongType, "retracted"),
    (lambda: Journey("stay", retracted=[("", "v1")]), InvalidValue, "retracted"),
    (lambda: Journey("stay", [VALET, Touchpoint("a", at=datetime(2026, 1, 1, tzinfo=UTC))]),
     InvalidValue, "at"),
    (lambda: STAY.retract(ANY), WrongType, "id"),
    (lambda: STAY.replace(ANY, delivered=0.5), WrongType, "id"),
    (lambda: STAY.replace("v1", delivered=ANY), WrongType, "delivered"),
    (lambda: STAY.replace("v1", nonsense=1), UnknownName, "changes"),
    (lambda: score(ANY), WrongType, "journey"),
    (lambda: score(STAY, ANY), WrongType, "policy"),
    (lambda: score(STAY, market={"hotel.valet": (10001, 1)}), OutOfScale, "market"),
    (lambda: Policy(weights=ANY), WrongType, "weights"),
    (lambda: Policy(weights={"courtesy": 1, "friendliness": 1}), InvalidValue, "weights"),
    *(
        (lambda name=name: Tally(**{name: 1.0}), WrongType, name)
        for name in (each.name for each in fields(Tally))
    ),
    (lambda: Handling(excuse=ANY), WrongType, "excuse"),
    (lambda: Touchpoint("a", delivered=0.5, handling=ANY), WrongType, "handling"),
    (lambda: Touchpoint("a", id="v1", handling=Handling(regards="v1")), InvalidValue, "regards"),
    (lambda: Touchpoint("a", readings={"courtesy": Reading(delivered=1), "friendliness": Reading(delivered=1)}),
     InvalidValue, "readings"),
    (lambda: Touchpoint("a", readings={"courtesy": Reading(delivered=1)}, desired=0.5),
     InvalidValue, "desired"),
    (lambda: Touchpoint("a", state="missed", delivered=0.5), InvalidValue, "delivered"),
    (lambda: Touchpoint("a", state="delivered"), InvalidValue, "state"),
    (lambda: pack("four_wishes"), UnknownName, None),
    (lambda: CATALOGUES["hotel"]["hotel.valett"], UnknownName, "touchpoint"),
    (lambda: Scale("step", worst=0, best=1e-320), InvalidValue, "step"),
]  # fmt: skip


@pytest.mark.parametrize(("work", "error", "path"), CASES)
def test_the_error_names_the_field(
    work: Callable[[], object], error: type[JourneyScoreError], path: str | None
) -> None:
    with pytest.raises(error) as raised:
        work()
    assert raised.value.path == path or (path is None and not raised.value.path)


def test_the_error_counts_the_touchpoints_that_have_a_time() -> None:
    timed = Touchpoint("a", at=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidValue, match="1 of 3 touchpoints have a time"):
        Journey("stay", [VALET, timed, VALET])


def test_a_scorecard_shows_and_compares_what_is_public() -> None:
    for each in fields(Scorecard):
        private = each.name.startswith("_")
        assert (bool(each.repr), each.eq) == (not private, not private), each.name


def test_what_is_no_tally_is_not_added() -> None:
    for work in (
        lambda: Tally() + 1,  # type: ignore[operator]
        lambda: 1 + Tally(),
        lambda: 0.0 + Tally(),
        lambda: False + Tally(),
        lambda: Tally() - 1,  # type: ignore[operator]
        lambda: Extremes() | 1,  # type: ignore[operator]
    ):
        with pytest.raises(TypeError):
            work()


def test_an_unknown_name_comes_with_the_closest() -> None:
    with pytest.raises(UnknownName, match="did you mean four_wants"):
        pack("four_want")
    with pytest.raises(UnknownName, match=r"did you mean hotel\.valet"):
        CATALOGUES["hotel"]["hotel.valett"]
    with pytest.raises(UnknownName, match=r"did you mean hotel\.valet"):
        Journey("stay").replace("hotel.valett", delivered=0.5)


@pytest.mark.parametrize("kind", [LogNotFound, JournalUnavailable])
def test_an_error_of_the_system_speaks_like_the_others(kind: type[JourneyScoreError]) -> None:
    assert str(kind("is away", path="database")) == "database: is away"


def test_what_a_journey_may_be_told_is_told_by_name() -> None:
    by_place = [
        name
        for name, parameter in inspect.signature(Journey).parameters.items()
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    assert by_place == ["id", "touchpoints"]


def test_facts_are_read_as_they_were_said() -> None:
    stay = Journey("stay", worth=12, feedback={"csat": 4}, plan=["hotel.valet"])
    assert (stay.worth, type(stay.worth), stay.feedback) == (12.0, float, {"csat": 4.0})
    assert Journey("stay").ref != Journey("stay").ref and len(stay.ref) == 16
    assert stay.plan == Plan(["hotel.valet"])
    reading = Reading(delivered=0.5, anticipated=Expectation(0.5, "asked"))  # type: ignore[arg-type]
    assert (reading.weight, Reading(delivered=0.5, weight=2).weight) == (1.0, 2.0)
    assert (reading.basis, Reading(delivered=0.5).basis) == (Basis.ASKED, None)
    facts = Handling(need="crib")
    assert joined([None, facts]) is facts and joined([None]) is None


def test_what_readings_say_of_one_touchpoint_does_not_depend_on_their_order() -> None:
    """Of two events with one id, from two systems, the one named first was taken."""
    named = ["v1", ("pos", "v1"), (None, "v1"), ("app", "v2")]
    said = [Handling(act="acknowledgement", regards=each) for each in named]
    assert joined(said) == joined(said[::-1]) == said[0]
    assert joined(said[1:]) == joined(said[:0:-1]) == said[1]
    rows = [
        {
            "journey": "a", "touchpoint": "hotel.room", "id": "r1", "delivered": 0.9,
            "factor": factor, "recovers": {"source": source, "id": "v1"},
        }
        for factor, source in (("speed", None), ("courtesy", "pos"), ("comfort", "app"))
    ]  # fmt: skip
    one, other = (journeys(each)["a"].events[0].recovers for each in (rows, rows[::-1]))
    assert one == other == ("app", "v1")
