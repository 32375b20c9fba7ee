"""A moment is a moment, in whatever timezone it is said, also while the clocks are turned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from journeyscore import Journey, PlannedTouchpoint, Touchpoint, promised, score
from journeyscore.handling import Act, Handling

ZURICH = ZoneInfo("Europe/Zurich")

TURNED = (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC))
"""When the clocks are turned forward, and back."""

moments = st.builds(
    lambda turned, minutes: turned + timedelta(minutes=minutes),
    st.sampled_from(TURNED),
    st.integers(-150, 150),
)
"""Moments around those, in UTC."""


def stay(told: list[dict[str, Any]], zone: ZoneInfo | None) -> Journey:
    """A journey whose times are said in a timezone, or in UTC."""

    def at(moment: datetime) -> datetime:
        return moment if zone is None else moment.astimezone(zone)

    events = []
    for said in told:
        events.append(
            Touchpoint(
                "hotel.valet",
                anticipated=promised(0.7),
                delivered=said["delivered"],
                id=said["id"],
                at=at(said["at"]),
                handling=Handling(due=at(said["due"]), promised_at=at(said["promised_at"])),
            )
        )
        answer = Handling(act=Act.ACKNOWLEDGEMENT, regards=said["id"])
        events.append(Touchpoint("hotel.desk", at=at(said["answered"]), handling=answer))
    plan = [PlannedTouchpoint("hotel.spa", due=at(told[0]["due"]))]
    return Journey("stay", events, state="open", plan=plan)


said = st.fixed_dictionaries(
    {
        "id": st.sampled_from("abc"),
        "delivered": st.sampled_from([0.2, 0.7]),
        **dict.fromkeys(("at", "due", "promised_at", "answered"), moments),
    }
)


@given(st.lists(said, min_size=1, max_size=4))
def test_a_score_does_not_depend_on_the_timezone_of_its_times(told: list[dict[str, Any]]) -> None:
    here, there = (score(stay(told, zone)) for zone in (ZURICH, None))
    assert here.tally == there.tally and here.extremes == there.extremes
    assert [each.touchpoint.at for each in here.touchpoints] == [
        each.touchpoint.at for each in there.touchpoints
    ]
    assert here.missed == there.missed
    assert [each.state for each in here.promises] == [each.state for each in there.promises]
    assert [each.response for each in here.failures] == [each.response for each in there.failures]
    assert here.longest_silence == there.longest_silence
    assert (len(here.duplicates), len(here.conflicts)) == (
        len(there.duplicates),
        len(there.conflicts),
    )


@given(moments, moments)
def test_the_same_moment_in_two_timezones_is_a_duplicate(one: datetime, other: datetime) -> None:
    events = [
        Touchpoint("hotel.valet", delivered=0.7, id="a", at=at)
        for at in (one.astimezone(ZURICH), other)
    ]
    journey = Journey("stay", events)
    assert len(journey.duplicates) == (one == other)
    assert len(journey.conflicts) == (one != other)
