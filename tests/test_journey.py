"""Journeys: events, corrections, plans, and what they refuse."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from journeyscore import Journey, Plan, PlannedTouchpoint, Policy, Touchpoint, promised, score
from journeyscore.errors import InvalidValue, NaiveTime, UnknownName, WrongType

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def test_events_come_in_any_order_and_are_scored_in_time() -> None:
    late = Journey("j").add(Touchpoint("hotel.room", anticipated=0.5, delivered=0.2, at=at(9)))
    journey = late.add(Touchpoint("hotel.valet", anticipated=0.5, delivered=0.9, at=at(1)))
    assert [each.name for each in journey.touchpoints] == ["hotel.valet", "hotel.room"]
    card = score(journey)
    assert card.extremes.lasting_impression == card.extremes.worst_moment
    assert [each.touchpoint.name for each in card.touchpoints] == ["hotel.valet", "hotel.room"]


def test_times_are_all_aware_or_all_absent() -> None:
    with pytest.raises(NaiveTime, match="^at: a time without a timezone"):
        Touchpoint("hotel.valet", delivered=0.5, at=datetime(2026, 5, 1))
    with pytest.raises(InvalidValue, match="^at: 1 of 2 touchpoints have a time"):
        Journey("j", [Touchpoint("a", delivered=0.5, at=NOON), Touchpoint("b", delivered=0.5)])


def test_conflicts_are_reported_and_the_smallest_content_is_folded() -> None:
    good = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, id="v", source="app")
    bad = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.1, id="v", source="app")
    other_source = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, id="v", source="pos")
    journey = Journey("j", [good, bad, good, other_source])
    (conflict,) = journey.conflicts
    assert (conflict.folded, conflict.kept_out) == (bad, (good,))
    assert journey.duplicates == (good,)
    assert set(map(id, journey.touchpoints)) == {id(bad), id(other_source)}


def test_a_replaced_event_stays_dead() -> None:
    first = Touchpoint("hotel.valet", delivered=0.9, id="v1")
    corrected = Journey("j", [first]).replace("v1", delivered=0.3)
    assert [(each.id, each.delivered) for each in corrected.touchpoints] == [("v1~1", 0.3)]
    assert corrected.add(first) != corrected
    assert [each.delivered for each in corrected.add(first).touchpoints] == [0.3]
    again = corrected.replace("v1~1", Touchpoint("hotel.valet", delivered=0.5, id="v3"))
    assert [each.id for each in again.touchpoints] == ["v3"]
    with pytest.raises(UnknownName, match="no events of this journey"):
        corrected.replace("v9", delivered=0.1)
    with pytest.raises(InvalidValue, match="either a touchpoint or changes"):
        corrected.replace("v1~1")
    with pytest.raises(UnknownName, match="no such field"):
        corrected.replace("v1~1", delivred=0.1)


def test_what_if_takes_an_id_or_a_name_and_records_nothing() -> None:
    journey = Journey("j", [Touchpoint("hotel.valet", delivered=0.2, id="v")])
    assert journey.what_if("v", delivered=1.0).touchpoints[0].delivered == 1.0
    assert journey.what_if("hotel.valet", delivered=1.0).touchpoints[0].id == "v"
    assert journey.touchpoints[0].delivered == 0.2
    twice = journey.add(Touchpoint("hotel.valet", delivered=0.4))
    with pytest.raises(UnknownName, match="2 events of this journey"):
        twice.what_if("hotel.valet", delivered=1.0)
    missed = Journey("j", [Touchpoint("hotel.valet", anticipated=0.5, state="missed")])  # type: ignore[arg-type]
    card = score(missed)
    assert (card.missed, card.impression) == (("hotel.valet",), 0.0)
    assert card.what_if("hotel.valet", delivered=0.5).impression == 50.0


def test_a_plan_shows_what_was_missed_extra_and_out_of_order() -> None:
    plan = Plan(
        [
            PlannedTouchpoint("hotel.valet", anticipated=promised(0.8)),
            "hotel.front_desk",
            "hotel.room",
            "hotel.checkout",
        ]
    )
    journey = Journey(
        "j",
        [
            Touchpoint("hotel.room", delivered=0.8),
            Touchpoint("hotel.valet", delivered=0.5),
            Touchpoint("hotel.spa", delivered=0.9),
            Touchpoint("hotel.checkout", delivered=0.8),
        ],
        plan=plan,
    )
    card = score(journey)
    assert card.missed == ("hotel.front_desk",)
    assert card.extra == ("hotel.spa",)
    assert card.out_of_order in [("hotel.room",), ("hotel.valet",)]
    valet = next(each for each in card.touchpoints if each.touchpoint.name == "hotel.valet")
    assert (valet.basis, valet.anticipated) == ("promised", 80.0)
    missed = next(each for each in card.touchpoints if each.touchpoint.name == "hotel.front_desk")
    assert (missed.value, missed.anticipated, missed.moment) == (0.0, 75.0, "broke")
    assert "front desk, assumed 75, missed" in str(card)


def test_in_an_open_journey_only_what_is_overdue_is_missed() -> None:
    plan = [
        PlannedTouchpoint("hotel.valet", due=at(0)),
        PlannedTouchpoint("hotel.room", due=at(60)),
        PlannedTouchpoint("hotel.checkout"),
    ]
    journey = Journey(
        "j",
        [Touchpoint("hotel.front_desk", delivered=0.8, at=at(5))],
        plan=plan,  # type: ignore[arg-type]
        state="open",  # type: ignore[arg-type]
    )
    assert score(journey).missed == ("hotel.valet",)
    assert score(journey, now=at(60)).missed == ("hotel.valet", "hotel.room")
    assert score(journey, now=at(-1)).missed == ()
    closed = Journey("j", journey.events, plan=plan)  # type: ignore[arg-type]
    assert score(closed).missed == ("hotel.valet", "hotel.room", "hotel.checkout")


def test_a_missed_planned_touchpoint_can_be_recovered_by_its_name() -> None:
    plan = ["hotel.valet", "hotel.front_desk"]
    desk = Touchpoint("hotel.front_desk", delivered=0.75)
    sorry = Touchpoint("hotel.concierge", delivered=0.8, recovers="hotel.valet")
    plain = score(Journey("j", [desk], plan=plan))  # type: ignore[arg-type]
    recovered = score(Journey("j", [desk, sorry], plan=plan))  # type: ignore[arg-type]
    assert plain.impression is not None and recovered.impression is not None
    assert recovered.impression > plain.impression
    assert [loop.touchpoint for loop in plain.open_loops] == ["hotel.valet"]
    assert [loop.kind.value for loop in recovered.open_loops] == ["recovery"]
    # 0.5 of 80% of 70 points come back: 28 of the 70 that were anticipated
    assert recovered.touchpoints[0].value == 28.0
    orphan = score(Journey("j", [desk, sorry]))
    assert [each.name for each in orphan.unmatched_recoveries] == ["hotel.concierge"]


def test_missing_expectations_come_from_the_market_then_the_catalogue() -> None:
    journey = Journey("j", [Touchpoint("hotel.valet", delivered=0.5)])
    assert score(journey).par == 70.0
    assert score(journey, market={"hotel.valet": (8000, 1)}).par == 80.0
    assert score(journey, market={"hotel.valet": (0, 0)}).par == 70.0
    unknown = Journey("j", [Touchpoint("hotel.vallet", delivered=0.5)])
    assert score(unknown).par == 70.0
    assert score(unknown).notes == (
        "a touchpoint outside every catalogue (str of length 12); the closest known is hotel.valet",
    )
    with pytest.raises(UnknownName, match="closest known is hotel.valet"):
        score(unknown, strict=True)
    score(journey, strict=True)


def test_nothing_measured_is_not_a_bad_journey() -> None:
    card = score(Journey("j", [Touchpoint("hotel.valet", anticipated=0.9)]))
    assert card.impression is None and card.verdict is None
    assert str(card) == "no score: nothing was delivered yet"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"delivered": "0.5"}, TypeError),
        ({"delivered": True}, TypeError),
        ({"delivered": float("nan")}, ValueError),
        ({"delivered": float("inf")}, ValueError),
        ({"delivered": 1.2}, ValueError),
        ({"delivered": 0.5, "anticipated": -0.1}, ValueError),
        ({"delivered": 0.5, "anticipated": "good"}, TypeError),
        ({"delivered": 0.5, "weight": -1}, ValueError),
        ({"delivered": 0.5, "weight": 1001}, ValueError),
        ({"delivered": 0.5, "gap_scale": 0}, ValueError),
        ({"delivered": 0.5, "anticipated": 0.5, "adequate": 0.6}, ValueError),
        ({"delivered": 0.5, "adequate": 0.6, "desired": 0.5}, ValueError),
        ({"delivered": 0.5, "state": "done"}, ValueError),
        ({"delivered": 0.5, "state": "missed"}, ValueError),
        ({"state": "delivered"}, ValueError),
        ({"delivered": 0.5, "id": ""}, ValueError),
        ({"delivered": 0.5, "id": 7}, TypeError),
        ({"delivered": 0.5, "proactive": 1}, TypeError),
        ({"delivered": 0.5, "at": "2026-05-01"}, TypeError),
        ({"delivered": 0.5, "recovers": ("a", "b", "c")}, ValueError),
        ({"delivered": 0.5, "readings": {}}, TypeError),
        ({"readings": {"courtesy": 0.5}}, TypeError),
    ],
)
def test_touchpoints_refuse_what_they_cannot_mean(
    given: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        Touchpoint("hotel.valet", **given)  # type: ignore[arg-type]
    assert str(caught.value).split(":")[0].split(",")[0] in {*given, "path", "adequate"}


def test_errors_never_quote_text() -> None:
    with pytest.raises(WrongType) as caught:
        Touchpoint("hotel.valet", delivered="Mr Smith, room 12")  # type: ignore[arg-type]
    assert "Smith" not in str(caught.value)
    assert caught.value.value == "Mr Smith, room 12"
    with pytest.raises(UnknownName) as unknown:
        score(Journey("j", [Touchpoint("mr.smith", delivered=0.5)]), strict=True)
    assert "smith" not in str(unknown.value)


def test_a_journey_refuses_what_is_not_one() -> None:
    with pytest.raises(WrongType, match="touchpoints"):
        Journey("j", ["hotel.valet"])  # type: ignore[list-item]
    with pytest.raises(InvalidValue, match="state"):
        Journey("j", state="done")  # type: ignore[arg-type]
    with pytest.raises(WrongType, match="feedback"):
        Journey("j", feedback={"csat": "4"})  # type: ignore[dict-item]
    with pytest.raises(WrongType, match="journey"):
        score([])  # type: ignore[arg-type]
    with pytest.raises(WrongType, match="policy"):
        score(Journey("j"), {"share": 1})  # type: ignore[arg-type]


def test_what_is_missed_stands_where_it_was_due() -> None:
    first, last = (
        Touchpoint("hotel.valet", delivered=0.7, at=at(0)),
        Touchpoint("hotel.room", delivered=0.8, at=at(60)),
    )
    due = PlannedTouchpoint("hotel.front_desk", due=at(30))
    anywhere = PlannedTouchpoint("hotel.front_desk")
    for item in (due, anywhere):
        plan = Plan(["hotel.valet", item, "hotel.room"])
        card = score(Journey("j", [first, last], plan=plan))
        names = [each.touchpoint.name for each in card.touchpoints]
        assert names == ["hotel.valet", "hotel.front_desk", "hotel.room"]
        assert card.extremes.lasting_impression == 80.0  # not what was missed
        assert card.extremes.worst_moment == 0.0
    late = Plan(["hotel.valet", "hotel.room", PlannedTouchpoint("hotel.bellman", due=at(-5))])
    card = score(Journey("j", [first, last], plan=late))
    assert card.touchpoints[0].touchpoint.name == "hotel.bellman"
    assert card.extremes.first_impression == 0.0


def test_a_name_planned_twice_is_meant_twice_and_weighs_what_it_weighs() -> None:
    breakfast = Touchpoint("hotel.dining", delivered=0.75)
    plan = ["hotel.dining", PlannedTouchpoint("hotel.dining", weight=3)]
    once = score(Journey("j", [breakfast], plan=plan))  # type: ignore[arg-type]
    assert once.missed == ("hotel.dining",)
    assert (once.tally.weight, once.impression) == (400, 18.75)
    twice = score(Journey("j", [breakfast, breakfast], plan=plan))  # type: ignore[arg-type]
    assert (twice.missed, twice.extra, twice.impression) == ((), (), 75.0)
    thrice = score(Journey("j", [breakfast] * 3, plan=plan))  # type: ignore[arg-type]
    assert thrice.extra == ("hotel.dining",)


def test_a_scorecard_goes_to_another_process_and_back() -> None:
    card = score(Journey("j", [Touchpoint("hotel.valet", delivered=0.2)]), Policy(share=0.4))
    again = pickle.loads(pickle.dumps(card))
    assert again == card and again.to_dict() == card.to_dict()
    assert again.what_if("hotel.valet", delivered=0.9) == card.what_if("hotel.valet", delivered=0.9)


def test_a_name_misspelt_in_a_policy_is_noted_unless_it_is_the_hosts_own() -> None:
    policy = Policy(core_factors=("competance",), weights={"hotel.vallet": 5, "our.sauna": 2})
    card = score(Journey("j", [Touchpoint("hotel.valet", delivered=0.2)]), policy)
    assert [note.rpartition(" ")[2] for note in card.notes] == ["competence", "hotel.valet"]
    met = score(Journey("j", [Touchpoint("hotel.vallet", delivered=0.2)]), policy)
    assert len(met.notes) == 2  # the touchpoint itself, and the factor


def test_what_was_corrected_twice_counts_once() -> None:
    """A host knows only its own id: corrections of corrections follow from it, retractions do not."""
    first = Journey("j", [Touchpoint("hotel.valet", delivered=0.1, id="v1")])
    twice = first.replace("v1", delivered=0.5).replace("v1", delivered=0.6)
    assert [each.delivered for each in twice.touchpoints] == [0.6]
    (last,) = twice.touchpoints
    assert twice.retract("v1").touchpoints == (last,)
    assert twice.retract(last.id or "").touchpoints == ()
    assert twice.what_if("v1", delivered=0.9).touchpoints[0].delivered == 0.9
    with pytest.raises(UnknownName):
        first.replace("hotel.valet", delivered=0.6)  # by id only: it is recorded


def test_a_correction_keeps_its_recovery() -> None:
    failure = Touchpoint("hotel.room", anticipated=0.8, delivered=0.1, id="r")
    fixed = Touchpoint("hotel.maintenance", anticipated=0.5, delivered=1.0, recovers="r")
    before = Journey("j", [failure, fixed])
    after = before.replace("r", delivered=0.15)
    assert score(after).unmatched_recoveries == ()
    assert (score(after).impression or 0) > (score(before).impression or 0)


def test_what_is_missed_stands_where_it_was_due_whatever_else_is_missed() -> None:
    """What has no time was not counted, so that what was due after it stood too early."""
    stay = [
        Touchpoint("hotel.bellman", delivered=0.7, at=at(0)),
        Touchpoint("hotel.room", delivered=0.8, at=at(60)),
    ]
    plan = Plan(["hotel.valet", PlannedTouchpoint("hotel.front_desk", due=at(30))])
    card = score(Journey("j", stay, plan=plan))
    assert [each.touchpoint.name for each in card.touchpoints] == [
        "hotel.valet", "hotel.bellman", "hotel.front_desk", "hotel.room"
    ]  # fmt: skip


def test_what_was_only_announced_is_missed_once_it_is_due() -> None:
    plan = ["hotel.valet", "hotel.room"]
    room = Touchpoint("hotel.room", delivered=0.9)
    announced = Touchpoint("hotel.valet", anticipated=promised(0.9), id="v")
    card = score(Journey("j", [room, announced], plan=plan))  # type: ignore[arg-type]
    assert card.missed == ("hotel.valet",)
    assert card.impression == score(Journey("j", [room], plan=plan)).impression  # type: ignore[arg-type]
    valet = next(each for each in card.touchpoints if each.touchpoint.name == "hotel.valet")
    assert (valet.basis, valet.anticipated) == ("promised", 90.0)
    done = Touchpoint("hotel.valet", delivered=0.8)
    kept = score(Journey("j", [announced, room, done], plan=plan))  # type: ignore[arg-type]
    assert (kept.missed, kept.extra) == ((), ())
    waiting = Journey("j", [room, announced], plan=plan, state="open")  # type: ignore[arg-type]
    assert score(waiting).missed == ()
    cancelled = Touchpoint("hotel.spa", state="not_applicable")  # type: ignore[arg-type]
    assert score(Journey("j", [room, cancelled], plan=["hotel.room"])).extra == ()  # type: ignore[arg-type]


def test_a_plan_speaks_for_readings_that_anticipate_nothing() -> None:
    from journeyscore import level

    plan = [PlannedTouchpoint("hotel.valet", anticipated=promised(0.9))]
    valet = Touchpoint("hotel.valet", readings={"speed": level(delivered=0.5)})
    card = score(Journey("j", [valet], plan=plan))  # type: ignore[arg-type]
    assert (card.par, card.touchpoints[0].basis) == (90.0, "promised")


def test_without_times_a_due_planned_touchpoint_keeps_its_place() -> None:
    plan = ["hotel.valet", "hotel.room", PlannedTouchpoint("hotel.checkout", due=NOON)]
    done = [Touchpoint("hotel.valet", delivered=0.7), Touchpoint("hotel.room", delivered=0.8)]
    card = score(Journey("j", done, plan=plan))  # type: ignore[arg-type]
    assert (card.extremes.first_impression, card.extremes.lasting_impression) == (70.0, 0.0)


def test_what_if_works_on_what_was_planned_and_missed() -> None:
    card = score(Journey("j", [], plan=["hotel.valet"]))  # type: ignore[arg-type]
    assert (card.impression, card.what_if("hotel.valet", delivered=0.7).impression) == (0.0, 70.0)


def test_what_if_changes_the_content_that_was_folded() -> None:
    from journeyscore import Policy

    stated = Touchpoint("pool.towel", anticipated=0.75, delivered=0.5, id="1")
    unstated = Touchpoint("pool.towel", delivered=0.5, id="1")
    card = score(Journey("j", [stated, unstated]), Policy(assumed=0.9))
    assert card.par == card.what_if("1", delivered=0.6).par == 75.0


def test_a_zone_makes_room_for_an_expectation_that_is_filled_in() -> None:
    """It must not raise into a check-in, nor differ between memory and frames."""
    import polars as pl

    from journeyscore import frames

    for zone in ({"adequate": 0.75}, {"desired": 0.65}):
        fields = {"delivered": 0.5, **zone}
        card = score(Journey("j", [Touchpoint("hotel.valet", **fields)]))  # type: ignore[arg-type]
        assert card.par == 70.0
        planned = [PlannedTouchpoint("hotel.valet", anticipated=0.7)]
        same = score(Journey("j", [Touchpoint("hotel.valet", **fields)], plan=planned))  # type: ignore[arg-type]
        assert same.tally == card.tally
        log = pl.DataFrame(
            {"journey": ["j"], "touchpoint": ["hotel.valet"], "anticipated": [None], **fields}
        )
        assert frames.score(log)["impression"].item() == card.impression


def test_a_market_is_checked_and_added_up() -> None:
    import polars as pl

    stay = Journey("j", [Touchpoint("hotel.valet", delivered=0.5)])
    shards = pl.DataFrame(
        {"touchpoint": ["hotel.valet"] * 2, "delivered": [9000, 6000], "count": [1, 1]}
    )
    assert score(stay, market=shards).par == 75.0
    for wrong in ({"x": (1500000, 2)}, {"x": (-1, 1)}, {"x": 0.5}, 5, pl.DataFrame({"a": [1]})):
        with pytest.raises(ValueError, match="^market: "):
            score(stay, market=wrong)


def test_numbers_of_other_libraries_are_numbers() -> None:
    from decimal import Decimal

    import numpy as np

    for sixty in (Decimal("0.6"), np.float64(0.6)):
        touchpoint = Touchpoint("hotel.valet", anticipated=sixty, delivered=sixty)  # type: ignore[arg-type]
        assert score(Journey("j", [touchpoint])).impression == 60.0
    for wrong in (np.complex64(0.5), np.True_, Decimal("sNaN"), 10**400):
        with pytest.raises(ValueError, match="^delivered: "):
            Touchpoint("hotel.valet", delivered=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"touchpoints": Touchpoint("x", delivered=0.5)}, "touchpoints"),
        ({"touchpoints": None}, "touchpoints"),
        ({"plan": 5}, "plan"),
        ({"plan": "hotel.valet"}, "plan"),
        ({"retracted": 5}, "retracted"),
        ({"retracted": ["v1"]}, "retracted"),
        ({"feedback": None}, "feedback"),
        ({"feedback": [1]}, "feedback"),
        ({"id": 4711}, "id"),
    ],
)
def test_a_journey_names_the_field_that_is_wrong(fields: dict[str, object], where: str) -> None:
    with pytest.raises(ValueError, match=f"^{where}: ") as caught:
        Journey(**{"id": "j", **fields})  # type: ignore[arg-type]
    assert "4711" not in str(caught.value)


def test_journeys_are_values() -> None:
    journey = Journey("j", [Touchpoint("x", delivered=0.5)], feedback={"csat": 4})
    journey.feedback["csat"] = 1
    assert journey.feedback == {"csat": 4}
    assert hash(journey) == hash(Journey("j", journey.events, feedback={"csat": 4}))
    with pytest.raises(InvalidValue, match="an event cannot name itself"):
        Touchpoint("x", delivered=0.5, id="a", supersedes="a")
