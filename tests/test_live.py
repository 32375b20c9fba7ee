"""The tracker: promises, waits, moments, closing; and never an error of its own in the host."""

from __future__ import annotations

import asyncio
import hmac
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeyscore import Journey, Touchpoint, Tracker, minutes, promised, rating, score
from journeyscore.errors import InvalidToken, InvalidValue, WrongType
from journeyscore.live import Moment, Telemetry, TrackedJourney

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WAIT = minutes(best=0, worst=30)
TEN = timedelta(minutes=10)
KEY = b"the house shares this secret"


class Clock:
    def __init__(self) -> None:
        self.time = NOON
        self.broken = False

    def __call__(self) -> datetime:
        if self.broken:
            raise OSError("no time today")
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


# -- promises ------------------------------------------------------------------------------------


def test_a_promise_is_measured_against_the_clock(clock: Clock) -> None:
    here, there = (Tracker(clock=clock, key=KEY, strict=True) for _ in range(2))
    stay = here.journey("stay-1042", type="stay")
    token = stay.promise("hotel.valet", within=TEN, scale=WAIT)
    clock.forward(minutes=12)
    touchpoint = there.deliver(token, team="valet")
    assert touchpoint is not None and touchpoint.at == clock.time and touchpoint.team == "valet"
    expected = WAIT(anticipated=promised(10), delivered=12)
    assert touchpoint.readings == {"speed": expected}
    assert "stay-1042" not in token
    carried: dict[str, str] = {}
    stay.inject(carried)
    part = there.extract(carried)
    assert part is not None and part.ref == stay.ref and len(there) == 1
    offline = Touchpoint("hotel.valet", readings={"speed": expected})
    assert part.tally == score(Journey("j", [offline])).tally


def test_only_the_first_delivery_counts(clock: Clock) -> None:
    tracker = Tracker(clock=clock, strict=True)
    stay = tracker.journey("s")
    token = stay.promise("hotel.valet", within=TEN, scale=WAIT)
    assert tracker.deliver(token) is not None
    before = stay.tally
    clock.forward(minutes=20)
    assert tracker.deliver(token) is None
    assert stay.tally == before and before.count == 1


def test_a_promise_delivered_from_many_threads_counts_once() -> None:
    tracker = Tracker(strict=True)
    stay = tracker.journey("s")
    token = stay.promise("hotel.valet", within=TEN, scale=WAIT)
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(tracker.deliver(token))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stay.tally.count == 1 and sum(each is not None for each in found) == 1


def test_a_clock_behind_measures_no_negative_wait(clock: Clock) -> None:
    tracker = Tracker(clock=clock, strict=True)
    token = tracker.journey("s").promise("hotel.valet", within=TEN, scale=WAIT)
    clock.forward(seconds=-3)
    touchpoint = tracker.deliver(token)
    assert touchpoint is not None and touchpoint.readings["speed"].delivered == 1.0


def test_refused_tokens_are_counted_and_nothing_is_recorded(clock: Clock) -> None:
    tracker = Tracker(clock=clock, key=KEY)
    stay = tracker.journey("s")
    token = stay.promise("hotel.valet", within=TEN, scale=WAIT, expires=timedelta(hours=1))
    assert tracker.deliver(token + "x") is None
    assert tracker.deliver(Tracker().journey("s").promise("a", within=TEN, scale=WAIT)) is None
    clock.forward(hours=1)
    assert tracker.deliver(token) is None
    assert tracker.failures == {
        ("deliver", "journeyscore.errors.InvalidToken"): 2,
        ("deliver", "journeyscore.errors.ExpiredToken"): 1,
    }
    assert stay.tally.count == 0
    with pytest.raises(InvalidToken):
        Tracker(strict=True).deliver(token)


def test_only_durations_can_be_promised() -> None:
    stay = Tracker(strict=True).journey("s")
    with pytest.raises(InvalidValue, match="does not measure durations; minutes"):
        stay.promise("hotel.valet", within=TEN, scale=rating(1, 5))
    with pytest.raises(WrongType, match="within: 10 is not a duration"):
        stay.promise("hotel.valet", within=10, scale=WAIT)  # type: ignore[arg-type]
    assert Tracker().journey("s").promise("hotel.valet", within=TEN, scale=rating(1, 5)) == ""


# -- waits ---------------------------------------------------------------------------------------


def test_the_service_is_the_wait(clock: Clock) -> None:
    tracker = Tracker(clock=clock, strict=True)
    stay = tracker.journey("s")
    with tracker.touchpoint(
        stay, "hotel.front_desk", scale=WAIT, anticipated=promised(5), team="desk", id="d1"
    ) as wait:
        clock.forward(minutes=12)
        wait.reading("courtesy", rating(1, 5)(anticipated=4, delivered=5))
    assert wait.touchpoint == Touchpoint(
        "hotel.front_desk", at=clock.time, team="desk", id="d1",
        readings={
            "speed": WAIT(anticipated=promised(5), delivered=12),
            "courtesy": rating(1, 5)(anticipated=4, delivered=5),
        },
    )  # fmt: skip
    assert stay.journey.touchpoints == (wait.touchpoint,)


def test_waits_are_measured_by_a_steady_clock() -> None:
    tracker = Tracker(strict=True)
    with tracker.touchpoint("s", "hotel.front_desk", scale=minutes(best=0, worst=0.001)) as wait:
        threading.Event().wait(0.03)
    assert wait.touchpoint is not None
    assert 0.03 / 0.06 <= 1 - wait.touchpoint.readings["speed"].delivered <= 1


def test_async_with_and_decorators(clock: Clock) -> None:
    tracker = Tracker(clock=clock, strict=True)

    @tracker.touchpoint(lambda stay, **_: stay, "hotel.valet", scale=WAIT)
    async def park(stay: str, *, car: str) -> str:
        """Parks."""
        await asyncio.sleep(0)
        return car

    @tracker.touchpoint("s", "hotel.bellman", scale=WAIT)
    def carry(bags: int) -> int:
        return bags

    async def arrive() -> list[str]:
        async with tracker.touchpoint("s", "hotel.front_desk", scale=WAIT):
            await asyncio.sleep(0)
        return await asyncio.gather(*(park("s", car=f"car {n}") for n in range(50)))

    assert asyncio.run(arrive())[7] == "car 7"
    assert carry(2) == 2 and carry(bags=3) == 3
    assert park.__doc__ == "Parks." and park.__name__ == "park"
    names = [each.name for each in tracker.journey("s").journey.touchpoints]
    assert names.count("hotel.valet") == 50 and names.count("hotel.bellman") == 2
    assert tracker.journey("s").tally.count == 53


def test_what_a_handler_raises_is_passed_on_and_nothing_is_measured(clock: Clock) -> None:
    tracker = Tracker(clock=clock, strict=True)
    with pytest.raises(KeyError, match="boom"), tracker.touchpoint("s", "hotel.valet", scale=WAIT):
        raise KeyError("boom")

    async def cancelled() -> None:
        async with tracker.touchpoint("s", "hotel.bellman", scale=WAIT):
            await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(cancelled())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    stay = tracker.journey("s")
    assert [each.state.value for each in stay.journey.touchpoints] == ["not_yet", "not_yet"]
    assert stay.tally.count == 0 and tracker.failures == {}


def test_a_retry_under_the_same_id_counts(clock: Clock) -> None:
    tracker = Tracker(clock=clock, strict=True)
    for fails in (True, False):
        try:
            with tracker.touchpoint("s", "hotel.valet", scale=WAIT, id="v1"):
                if fails:
                    raise OSError
        except OSError:
            pass
    assert tracker.journey("s").tally.count == 1


def test_a_clock_that_fails_measures_nothing_and_disturbs_nobody(clock: Clock) -> None:
    tracker = Tracker(clock=clock)
    with tracker.touchpoint("s", "hotel.valet", scale=WAIT) as wait:
        clock.broken = True
    assert wait.touchpoint is not None and wait.touchpoint.state.value == "not_yet"
    tracker.record("s", Touchpoint("hotel.bellman", delivered=0.7))
    assert tracker.journey("s").promise("hotel.valet", within=TEN, scale=WAIT) == ""
    assert tracker.journey("s").tally.count == 1
    assert {error for _, error in tracker.failures} == {"OSError"}


def test_wrong_arguments_never_stop_the_service() -> None:
    tracker = Tracker()
    with tracker.touchpoint("s", "", scale=WAIT):
        pass
    with tracker.touchpoint("s", "hotel.valet", scale=WAIT, colour="red"):
        pass
    with tracker.touchpoint("s", "hotel.valet", scale=WAIT, delivered=0.5):
        pass

    @tracker.touchpoint(lambda: None, "hotel.valet", scale=WAIT)  # type: ignore[arg-type, return-value]
    def serve() -> str:
        return "served"

    @tracker.touchpoint("s", "hotel.valet", scale=WAIT)
    def courses() -> Any:
        yield "soup"

    assert serve() == "served" and list(courses()) == ["soup"]
    assert sum(tracker.failures.values()) == 5
    with pytest.raises(InvalidValue, match="delivered: comes of what the clock measures"):
        Tracker(strict=True).touchpoint("s", "hotel.valet", scale=WAIT, delivered=0.5)


# -- moments -------------------------------------------------------------------------------------


def test_a_moment_is_told_at_once_and_once() -> None:
    told: list[Moment] = []
    tracker = Tracker(told.append, strict=True)
    stay = tracker.journey("s")
    bad = Touchpoint("hotel.front_desk", anticipated=promised(0.8), delivered=0.5, id="d1")
    stay.record(bad)
    ((journey, scored, kind),) = told
    assert journey is stay and kind.value == "broke"
    assert scored.words == "front desk, promised 80, delivered 50 (-61.20)"
    stay.record(bad)
    stay.record(Touchpoint("hotel.valet", anticipated=0.6, delivered=0.7))
    assert len(told) == 1
    stay.record(Touchpoint("hotel.bellman", anticipated=0.7, delivered=1, id="r", recovers="d1"))
    stay.close()
    assert len(told) == 1  # half of the shortfall is given back: it still broke the stay


def test_a_recovery_is_a_moment_and_a_correction_of_one_is_not() -> None:
    told: list[Moment] = []
    stay = Tracker(told.append, strict=True).journey("s")
    stay.record(Touchpoint("hotel.valet", anticipated=0.8, delivered=0.5, id="v1"))
    stay.record(
        Touchpoint("hotel.valet", anticipated=0.8, delivered=0.45, id="v2", supersedes="v1")
    )
    assert [each.kind.value for each in told] == ["broke"]
    stay.record(Touchpoint("hotel.bellman", anticipated=0.7, delivered=1.0, id="r", recovers="v2"))
    assert [each.kind.value for each in told] == ["broke", "recovered"]
    stay.retract("r")
    stay.close()
    assert len(told) == 2


def test_nothing_is_taken_back_from_a_closed_journey() -> None:
    """It changed no score, told the host of moments all the same, and nobody that it was late."""
    told: list[Moment] = []
    tracker = Tracker(told.append)
    stay = tracker.journey("s")
    stay.record(Touchpoint("hotel.valet", anticipated=0.8, delivered=0.45, id="v"))
    stay.record(Touchpoint("hotel.bellman", anticipated=0.7, delivered=1.0, id="r", recovers="v"))
    stay.close()
    before = stay.tally, len(told)
    stay.retract("r")
    assert (stay.tally, len(told)) == before
    assert tracker.failures[("retract", "journeyscore.errors.InvalidValue")] == 1


def test_what_is_overdue_and_what_is_missed_at_the_close_is_told(clock: Clock) -> None:
    told: list[Moment] = []
    stay = Tracker(told.append, clock=clock, strict=True).journey("s", plan=["hotel.valet"])
    stay.record(Touchpoint("hotel.front_desk", anticipated=0.8, delivered=0.8))
    assert told == []
    card = stay.close()
    assert card is not None and card.missed == ("hotel.valet",)
    assert [each.touchpoint.touchpoint.name for each in told] == ["hotel.valet"]


def test_the_callback_may_raise_and_may_come_back(caplog: pytest.LogCaptureFixture) -> None:
    def page(moment: Moment) -> None:
        assert moment.journey.tally.count  # no lock is held
        moment.journey.record(Touchpoint("hotel.valet", anticipated=0.6, delivered=0.6))
        raise ValueError("Mr Smith is angry")

    tracker = Tracker(page)
    for _ in range(3):
        tracker.record("s", Touchpoint("hotel.valet", anticipated=0.9, delivered=0.1))
    assert tracker.journey("s").tally.count == 6
    assert tracker.failures == {("on_moment", "ValueError"): 3}
    assert len(caplog.records) == 1 and "Smith" not in caplog.text
    with pytest.raises(ValueError, match="Smith"):
        Tracker(page, strict=True).record(
            "s", Touchpoint("hotel.valet", anticipated=0.9, delivered=0.1)
        )


# -- journeys ------------------------------------------------------------------------------------


def test_a_closed_journey_is_forgotten_and_takes_nothing_more() -> None:
    tracker = Tracker()
    stay = tracker.journey("s")
    stay.record(Touchpoint("hotel.valet", delivered=0.7))
    assert len(tracker) == 1
    card = stay.close()
    assert card is stay.close() is stay.score() and card is not None
    assert stay.state.value == "closed" and card.impression == 70.0 and len(tracker) == 0
    stay.record(Touchpoint("hotel.valet", delivered=0.1))
    assert stay.tally == card.tally
    assert tracker.failures == {("record", "journeyscore.errors.InvalidValue"): 1}
    assert tracker.journey("s") is not stay


def test_idle_journeys_are_abandoned(clock: Clock) -> None:
    tracker = Tracker(clock=clock, abandon_after=timedelta(days=3), strict=True)
    old = tracker.journey("old")
    clock.forward(days=2)
    young = tracker.journey("young")
    clock.forward(days=2)
    assert tracker.sweep() == 1
    assert old.state.value == "abandoned" and young.state.value == "open"
    clock.forward(days=2)
    tracker.journey("new")  # opening one looks after others
    assert young.state.value == "abandoned" and len(tracker) == 1


def test_memory_is_bounded_by_what_goes_on(clock: Clock) -> None:
    tracker = Tracker(clock=clock, abandon_after=timedelta(hours=1), strict=True)
    for n in range(2000):
        tracker.journey(f"s{n}").record(Touchpoint("hotel.valet", delivered=0.7))
        clock.forward(minutes=1)
    assert 60 <= len(tracker) <= 130 and len(tracker._books._by_id) == len(tracker)


def test_what_is_said_of_a_journey_may_come_later_but_not_otherwise() -> None:
    tracker = Tracker(strict=True)
    stay = tracker.journey("s")
    assert tracker.journey("s", type="stay", plan=["hotel.valet"]) is stay
    assert tracker.journey("s", type="stay", plan=["hotel.valet"]) is stay
    assert stay.journey.type == "stay" and stay.journey.plan is not None
    with pytest.raises(InvalidValue, match="type: this journey was opened with another"):
        tracker.journey("s", type="visit")


def test_the_ref_is_random_or_the_hosts_own() -> None:
    assert Tracker().journey("s").ref != Tracker().journey("s").ref

    def ref(id: str) -> str:
        return hmac.new(KEY, id.encode(), "sha256").hexdigest()[:16]

    one, other = (Tracker(ref=ref, strict=True).journey("s") for _ in range(2))
    assert one.ref == other.ref == ref("s") and one.id == "s"
    with pytest.raises(InvalidValue, match="the id itself would be told"):
        Tracker(ref=lambda id: id, strict=True).journey("s")
    assert Tracker(ref=lambda id: id).journey("s").ref != "s"


def test_headers_carry_a_journey_to_another_process() -> None:
    here, there = (Tracker(key=KEY, strict=True) for _ in range(2))
    stay = here.journey("stay-1042", type="stay")
    headers: dict[str, str] = {}
    stay.inject(headers)
    assert "stay-1042" not in str(headers)
    joined = there.extract([(k.encode(), v.encode()) for k, v in headers.items()], id="1042")
    assert joined is not None and joined.reference == stay.reference
    assert there.journey("1042") is joined is there.extract(headers)
    assert there.extract({}) is None
    lenient = Tracker()
    assert lenient.extract(headers) is None  # another key
    assert lenient.failures == {("extract", "journeyscore.errors.InvalidToken"): 1}


def test_the_process_that_closes_scores_what_others_recorded(clock: Clock) -> None:
    home, desk = (Tracker(clock=clock, key=KEY, strict=True) for _ in range(2))
    stay = home.journey("stay-1", type="stay")
    token = stay.promise("hotel.valet", within=TEN, scale=WAIT)
    clock.forward(minutes=17)
    desk.deliver(token)
    carried: dict[str, str] = {}
    stay.inject(carried)
    part = desk.extract(carried)
    assert part is not None
    (failure,) = part.journey.events
    assert stay.include([failure]) == 1
    stay.record(Touchpoint("hotel.front_desk", delivered=1.0, recovers=failure.id))
    card = stay.close()
    assert card is not None and card.unmatched_recoveries == ()
    assert [each.moment for each in card.moments] == ["recovered"]


def test_including_is_refused_as_recording_is() -> None:
    tracker = Tracker()
    stay = tracker.journey("s")
    good = Touchpoint("hotel.valet", delivered=0.5)
    assert stay.include([good, "no touchpoint"]) == 0  # type: ignore[list-item]
    assert stay.tally.count == 0  # all or none
    stay.close()
    assert stay.include([good]) == 0
    assert tracker.failures == {
        ("include", "journeyscore.errors.WrongType"): 1,
        ("include", "journeyscore.errors.InvalidValue"): 1,
    }


def test_a_process_that_takes_part_forgets_in_silence(clock: Clock) -> None:
    here, there = (Tracker(clock=clock, strict=True) for _ in range(2))
    headers: dict[str, str] = {}
    here.journey("s").inject(headers)
    joined = there.extract(headers)
    clock.forward(days=31)
    assert there.sweep() == 1 and len(there) == 0
    assert joined is not None and joined.state.value == "open"


@pytest.mark.parametrize("wrong", [None, "", 7, b"x"])
def test_the_host_goes_on_whatever_it_passes(wrong: Any) -> None:
    tracker = Tracker()
    journey = tracker.journey(wrong)
    assert isinstance(journey, TrackedJourney)
    assert journey.record(wrong) is False
    assert tracker.record(wrong, wrong) is False
    assert tracker.deliver(wrong) is None
    assert journey.promise(wrong, within=wrong, scale=wrong) == ""
    journey.inject(wrong)
    journey.retract(wrong)
    assert journey.close(wrong) is None
    with tracker.touchpoint(wrong, wrong, scale=wrong):
        pass
    assert len(tracker) == 0 and sum(tracker.failures.values()) >= 8


@pytest.mark.parametrize(
    "wrong",
    [
        {"on_moment": 7}, {"policy": "default"}, {"key": "text"}, {"key": b"short"}, {"ref": "a"},
        {"clock": NOON}, {"telemetry": True}, {"abandon_after": 3}, {"market": 7},
    ],
)  # fmt: skip
def test_the_constructor_says_what_is_wrong(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongType) as caught:
        Tracker(**wrong)
    assert next(iter(wrong)) in str(caught.value)


def test_events_with_and_without_a_time_get_along(clock: Clock) -> None:
    stay = Tracker(clock=clock, strict=True).journey("s")
    stay.record(Touchpoint("hotel.valet", delivered=0.7))
    stay.record(Touchpoint("hotel.bellman", delivered=0.7, at=NOON - timedelta(hours=1)))
    assert [(each.name, each.at) for each in stay.journey.touchpoints] == [
        ("hotel.bellman", NOON - timedelta(hours=1)),
        ("hotel.valet", NOON),
    ]


def test_one_journey_is_opened_once_however_many_ask() -> None:
    tracker = Tracker(telemetry=Telemetry(), strict=True)
    found: list[TrackedJourney] = []
    threads = [
        threading.Thread(target=lambda: found.append(tracker.journey("s"))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in found}) == 1 and len(tracker) == 1
