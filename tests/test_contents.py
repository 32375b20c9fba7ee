"""Contradicting contents under one id: which one counts, and what becomes of events about it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import START, touchpoints

from journeyscore import Journey, Reading, Touchpoint, asked, assumed, score
from journeyscore.errors import InvalidValue, UnknownName, WrongType
from journeyscore.journey import content_order
from journeyscore.touchpoints import State
from journeyscore.valuation import Valuer


def event(**said: Any) -> Touchpoint:
    given: dict[str, Any] = {"anticipated": 0.5, "delivered": 0.5, "id": "v1"} | said
    return Touchpoint("hotel.valet", **given)


NINE, TEN = START.replace(hour=9), START.replace(hour=10)  # in this order not as text

IN_ORDER = [
    (event(), event(delivered=None)),  # what is folded comes first
    (event(), event(weight=0)),
    (event(delivered=0.4), event(delivered=0.5, anticipated=0.1)),
    (event(anticipated=0.4), event(anticipated=0.5, weight=0.5)),
    (event(weight=0.5), event(weight=1, anticipated=asked(0.5))),
    (event(anticipated=asked(0.5), delivered=0.9), event(anticipated=assumed(0.5), delivered=0.9)),
    (event(delivered=0.9, gap_scale=0.5), event(delivered=0.9)),  # the smaller V
    (event(adequate=0.3), event(adequate=0.4)),
    (event(recovers="a"), event(recovers="b")),
    (event(recovers=("z", "a")), event(recovers=("b", "b"))),  # by the id, not the source
    (event(recovers="z"), event()),
    (event(recovers="z"), event(weight=1)),
    (event(weight=1), event()),  # the weight was said
    (event(at=NINE), event(at=TEN)),  # the earlier
    (event(at=NINE, weight=0), event(at=TEN, weight=0)),
    (event(channel="a"), event(channel="b")),  # and last by the other fields as text
    (event(delivered=None, channel="a"), event(delivered=None, channel="b")),
    (event(weight=0, channel="a"), event(delivered=None, channel="b")),
]


@pytest.mark.parametrize(("first", "second"), IN_ORDER)
def test_the_smallest_content_is_folded(first: Touchpoint, second: Touchpoint) -> None:
    valuer = Valuer()
    assert content_order(first, valuer) < content_order(second, valuer)
    for events in ([first, second], [second, first]):
        stay = Journey("stay", events)
        assert stay.touchpoints == (first,)
        assert stay.conflicts == ((first, (second,)),)


@given(touchpoints(id="v1"), touchpoints(id="v1"))
def test_the_order_tells_all_contents_apart(one: Touchpoint, other: Touchpoint) -> None:
    valuer = Valuer()
    assert (content_order(one, valuer) == content_order(other, valuer)) == (one == other)


def test_what_put_the_old_one_right_puts_the_new_one_right() -> None:
    apology = Touchpoint("hotel.valet", anticipated=0.5, delivered=0.9, recovers="v1", id="v2")
    stay = Journey("stay", [event(delivered=0.1), apology])
    corrected = stay.replace("v1", delivered=0.2)
    assert [each.recovered_key for each in corrected.touchpoints] == [(None, "v1~1"), None]
    assert score(corrected).unmatched_recoveries == ()


def test_a_free_id_is_found_among_those_taken() -> None:
    taken = [event(id=f"v1~{n}") for n in (1, 2)]
    replaced = Journey("stay", [event(), *taken]).replace("v1", delivered=0.2)
    assert replaced.touchpoints[-1].id == "v1~3"


def test_what_if_looks_for_the_source_too() -> None:
    mine, theirs = event(source="pos"), event(source="pms", delivered=0.7)
    stay = Journey("stay", [mine, theirs])
    changed = stay.what_if("v1", source="pms", delivered=0.1)
    assert [each.delivered for each in changed.touchpoints] == [0.5, 0.1]
    with pytest.raises(UnknownName):
        stay.what_if("v1", delivered=0.1)


def test_what_if_of_a_scorecard_looks_for_the_source_too() -> None:
    stay = Journey("stay", [event(source="pos"), event(source="pms", delivered=0.7)])
    changed = score(stay).what_if("v1", source="pms", delivered=0.1)
    assert changed == score(stay.what_if("v1", source="pms", delivered=0.1))


def test_what_if_by_name_means_what_was_delivered() -> None:
    note = Touchpoint("hotel.valet", state="not_yet")
    stay = Journey("stay", [event(), note])
    changed = stay.what_if("hotel.valet", delivered=0.1)
    assert [each.delivered for each in changed.touchpoints] == [0.1, None]
    only = Journey("stay", [note]).what_if("hotel.valet", delivered=0.1)
    assert [each.state for each in only.touchpoints] == [State.DELIVERED]
    with pytest.raises(UnknownName, match="2 events"):
        Journey("stay", [note, note]).what_if("hotel.valet", delivered=0.1)
    with pytest.raises(UnknownName, match="no events"):
        score(Journey("stay", plan=["hotel.valet", "hotel.valet"])).what_if(
            "hotel.valet", delivered=0.1
        )


def test_what_if_of_a_scorecard_tells_contents_apart_as_the_score_did() -> None:
    """Under the market the other content counts, so that what was planned is missed."""
    one = Touchpoint("a.one", delivered=0.5, id="v1")
    other = Touchpoint("a.two", delivered=0.5, id="v1")
    stay = Journey("stay", [one, other], plan=["a.one"])
    card = score(stay, market={"a.one": (9000, 1), "a.two": (1000, 1)})
    assert (score(stay).missed, card.missed) == ((), ("a.one",))
    changed = card.what_if("a.one", delivered=0.9)
    assert {each.touchpoint.name for each in changed.touchpoints} == {"a.one", "a.two"}


def test_what_if_of_a_reading_leaves_the_others() -> None:
    call = event(
        anticipated=None, delivered=None,
        readings={"speed": Reading(delivered=0.2), "smile": Reading(delivered=0.4)},
    )  # fmt: skip
    changed = Journey("stay", [call]).what_if("v1", readings={"speed": Reading(delivered=0.8)})
    (after,) = changed.touchpoints
    levels = {factor: reading.delivered for factor, reading in after.readings.items()}
    assert levels == {"speed": 0.8, "smile": 0.4}


def test_delivering_makes_a_missed_one_delivered_and_nothing_else_does() -> None:
    stay = Journey("stay", [event(delivered=None, state="missed")])
    assert stay.what_if("v1", channel="phone").touchpoints[0].state is State.MISSED
    assert stay.what_if("v1", delivered=0.4).touchpoints[0].state is State.DELIVERED


def test_events_at_one_time_are_ordered_by_source_and_id() -> None:
    some = [event(id=id, source=source, at=START) for id, source in
            (("b", None), ("a", "pos"), ("a", None), ("b", "pms"))]  # fmt: skip
    in_order = [(None, "a"), (None, "b"), ("pms", "b"), ("pos", "a")]
    assert [each.key for each in Journey("stay", some).touchpoints] == in_order


@given(st.lists(st.sampled_from(["v1", "v2"]), max_size=2, unique=True))
def test_what_is_taken_back_is_listed_as_dead(ids: list[str]) -> None:
    stay = Journey("stay", [event(), event(id="v2")], retracted=[(None, id) for id in ids])
    assert sorted(str(each.id) for each in stay.resolve().dead) == sorted(ids)


def test_what_is_taken_back_is_named_by_its_source_too() -> None:
    mine, theirs = event(source="pos"), event(source="pms")
    stay = Journey("stay", [mine, theirs], retracted=[("pos", "v1")])
    assert stay.touchpoints == (theirs,)
    for wrong in ((7, "v1"), ("", "v1")):
        with pytest.raises(InvalidValue, match="^retracted: "):
            Journey("stay", retracted=[wrong])  # type: ignore[list-item]
    with pytest.raises(WrongType, match=r"is not \(source, id\)") as caught:
        Journey("stay", retracted="v1")  # type: ignore[arg-type]
    assert caught.value.value == "v1"  # and not its first letter
