"""What the core does at its edges: with nothing to do, or where something around it fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from journeyscore import (
    Handling,
    Journey,
    Policy,
    Reading,
    Tally,
    Touchpoint,
    Tracker,
    fold,
    minutes,
    notebook,
    promised,
    scales,
    score,
)
from journeyscore._on_first_use import on_first_use
from journeyscore.errors import InvalidToken
from journeyscore.extremes import milliseconds
from journeyscore.live.tokens import _encoded, _tag, unseal
from journeyscore.live.trail import Trail
from journeyscore.promises import PromiseState, ledger, longest_silence
from journeyscore.telemetry.events import Events
from journeyscore.telemetry.instruments import Instruments
from journeyscore.telemetry.signals import Telemetry
from journeyscore.touchpoints import CATALOGUES

START = datetime.fromisoformat("2026-01-01T12:00Z")
VALET = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9)


# -- nothing to fold -------------------------------------------------------------------------------


def test_what_has_no_weight_or_did_not_happen_leaves_no_trace() -> None:
    nothing = [
        Touchpoint("hotel.valet", anticipated=0.6, delivered=0.9, weight=0),
        Touchpoint("hotel.valet", anticipated=0.6),
        Touchpoint("hotel.valet", readings={"speed": Reading(delivered=0.5, weight=0)}),
    ]
    assert fold(nothing) == Tally() and fold(nothing, Policy(weights={"speed": 2})) == Tally()
    assert fold([VALET, *nothing, VALET]) == fold([VALET, VALET])
    tracked = Tracker().journey("stay")
    for each in nothing:
        tracked.record(each)
    assert tracked.tally == Tally()


def test_a_market_may_have_rows_of_no_touchpoint() -> None:
    class Frame:
        columns = ("touchpoint", "delivered", "count")

        def __getitem__(self, name: str) -> Iterator[Any]:
            return iter({"touchpoint": (None, "a"), "delivered": (0, 9000), "count": (1, 1)}[name])

    class Relation(Frame):  # as those of DuckDB; those of PySpark are told by `toDF`
        def select(self, *names: str) -> Relation:
            assert names == self.columns
            return self

        def fetchall(self) -> list[tuple[str | None, int, int]]:
            return [(None, 0, 1), ("a", 9000, 1)]

    class Spark(Relation):
        fetchall = property()  # type: ignore[assignment]
        toDF = None
        collect = Relation.fetchall

    event = Touchpoint("a", delivered=0.5)
    for market in (Frame(), Relation(), Spark()):
        assert score(Journey("stay", [event]), market=market).par == 90.0


# -- promises --------------------------------------------------------------------------------------


def test_a_pending_promise_has_come_to_nothing_yet() -> None:
    pending = Touchpoint("a", anticipated=promised(0.8), state="not_yet")
    (promise,) = ledger([pending], START)
    assert (promise.state, promise.came_to) == (PromiseState.PENDING, None)


def test_a_promise_made_after_its_delivery_was_never_pending() -> None:
    kept = Touchpoint(
        "a", anticipated=promised(0.8), delivered=0.9, at=START,
        handling=Handling(promised_at=START + timedelta(hours=1)),
    )  # fmt: skip
    assert longest_silence([kept]) is None
    assert longest_silence([kept], START + timedelta(hours=2)) is None
    waiting = Touchpoint("a", state="not_yet", handling=Handling(promised_at=START))
    assert longest_silence([waiting, Touchpoint("b", delivered=1)], None) is None
    assert longest_silence([waiting], START + timedelta(hours=2)) == timedelta(hours=2)


# -- read-outs and notebooks -----------------------------------------------------------------------


def test_a_scorecard_knows_until_when_things_were_due() -> None:
    stay = Journey("stay", [Touchpoint("a", delivered=0.5, at=START)])
    later = START + timedelta(days=1)
    assert (score(stay).now, score(stay, now=later).now) == (START, later)
    card = score(Journey("stay", [VALET]))
    assert card.extremes.best_moment == card.extremes.worst_moment == card.impression
    assert score(Journey("stay")).extremes.best_moment is None


def test_a_factor_that_the_channel_cannot_show_is_noted() -> None:
    mail = Touchpoint("hotel.valet", channel="email", readings={"warmth": Reading(delivered=1)})
    (note,) = score(Journey("stay", [mail])).notes
    assert note.startswith("smile cannot be judged on the channel email")
    odd = Touchpoint("hotel.valet", readings={"warmht": Reading(delivered=1)})
    assert "warmth" in score(Journey("stay", [odd])).notes[0]


@pytest.mark.parametrize("shown", [Journey("stay", [VALET]), score(Journey("stay", [VALET]))])
def test_a_notebook_shows_the_map_where_it_can_be_drawn(
    shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    class Drawn:
        def journey_map(self, shown: object) -> Drawn:
            seen.append(shown)
            return self

        def _repr_html_(self) -> str:
            return "<svg/>"

    monkeypatch.setattr(notebook, "import_module", lambda name: Drawn())
    assert shown._repr_mimebundle_()["text/html"] == "<svg/>"
    assert seen == [shown]

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name="polars.lazyframe")

    monkeypatch.setattr(notebook, "import_module", missing)
    assert "text/html" not in shown._repr_mimebundle_()

    def broken(name: str) -> None:
        raise ModuleNotFoundError(name="journeyscore.report.map")

    monkeypatch.setattr(notebook, "import_module", broken)
    with pytest.raises(ModuleNotFoundError):
        shown._repr_mimebundle_()


# -- live ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"\xff", b"{", b"{}"])
def test_a_token_is_read_only_if_this_library_made_it(content: bytes) -> None:
    body = f"js1x.{_encoded(content)}"
    with pytest.raises(InvalidToken, match="not made by this library"):
        unseal("js1x", f"{body}.{_tag(body, None)}", None)


def test_a_tracker_that_abandons_nothing_sweeps_nothing() -> None:
    tracker = Tracker(abandon_after=None)
    tracker.journey("stay")
    assert tracker.sweep() == 0 and len(tracker) == 1


def test_a_journey_is_closed_or_abandoned_not_opened() -> None:
    tracker = Tracker()
    tracked = tracker.journey("stay")
    assert tracked.close("open") is None
    assert tracker.failures[("close", "journeyscore.errors.InvalidValue")] == 1
    tracked.complete()
    assert tracked.close() is not None


def test_a_journey_that_cannot_be_scored_is_a_failure_and_no_error() -> None:
    tracker = Tracker(market={"hotel.valet": (9000, 1)})
    tracked = tracker.journey("stay")
    tracked.record(Touchpoint("hotel.valet", delivered=0.5, desired=0.6))
    tracked._running.card = None  # type: ignore[method-assign, assignment]
    assert tracked.score() is None
    assert [doing for doing, _ in tracker.failures] == ["score"]


def test_telemetry_that_fails_is_a_failure_and_no_error() -> None:
    class Broken:
        def is_recording(self) -> bool:
            raise RuntimeError

    telemetry = Telemetry()
    telemetry.end(Broken())  # type: ignore[arg-type]
    assert dict(telemetry.failures.counts) == {("telemetry", "RuntimeError"): 1}


def test_failures_of_many_kinds_are_counted_together() -> None:
    telemetry = Telemetry()
    for number in range(200):
        telemetry.failures.note("telemetry", type(f"Error{number}", (Exception,), {})())
    counts = telemetry.failures.counts
    assert sum(counts.values()) == 200 and counts[("telemetry", "_OTHER")] > 1


def test_a_submodule_is_found_by_its_name_and_nothing_else_is() -> None:
    find = on_first_use("journeyscore", {"minutes": "scales"})
    assert find("scales") is scales and find("minutes") is minutes
    with pytest.raises(AttributeError, match="no attribute 'hours'"):
        find("hours")


def test_a_catalogue_knows_what_is_in_it() -> None:
    assert "hotel.valet" in CATALOGUES["hotel"] and "gym.smile" not in CATALOGUES["hotel"]


def test_a_missed_touchpoint_may_say_that_nothing_was_delivered() -> None:
    missed = Touchpoint("hotel.valet", state="missed", delivered=0.0, anticipated=0.6)
    assert fold([missed]) == fold([Touchpoint("hotel.valet", state="missed", anticipated=0.6)])


def test_a_moment_told_before_the_times_are_known_is_not_told_again() -> None:
    told: list[str] = []
    tracked = Tracker(lambda moment: told.append(moment.kind.value)).journey("stay")
    broke = Touchpoint("hotel.valet", anticipated=0.9, delivered=0.0)
    tracked.record(broke)
    tracked.record(Touchpoint("hotel.bellman", delivered=0.7, at=START))
    tracked.record(broke)
    assert told == ["broke", "broke"]
    card = tracked.close()
    assert card is not None and len(card.moments) == 2 and told == ["broke", "broke"]


def test_a_journey_that_another_thread_has_entered_meanwhile_is_the_one() -> None:
    tracker = Tracker()
    first = tracker.journey("stay")
    found, tracker._books.of_id = tracker._books.of_id, lambda id: None  # type: ignore[method-assign]
    assert tracker.journey("stay") is first
    tracker._books.of_id = found  # type: ignore[method-assign]
    tracker._books.forget(first)
    tracker._books.forget(first)  # once is enough
    assert len(tracker) == 0


def test_a_journey_begins_once_whoever_is_first() -> None:
    tracked = Tracker().journey("stay")
    trail = Trail(Telemetry(), None)

    class Meanwhile:
        def __enter__(self) -> None:
            trail._has_begun = True

        def __exit__(self, *error: object) -> None: ...

    trail._beginning = Meanwhile()  # type: ignore[assignment]
    trail.begin(tracked.journey)
    assert trail.origin is None and trail.links == ()


def test_a_wait_that_cannot_be_recorded_is_a_failure_and_no_error() -> None:
    tracker = Tracker()
    tracked = tracker.journey("stay")
    tracked.take = None  # type: ignore[method-assign, assignment]
    with tracker.touchpoint(tracked, "hotel.valet", scale=minutes(best=0, worst=30)):
        pass
    assert [doing for doing, _ in tracker.failures] == ["touchpoint"]


def test_a_logs_api_of_another_release_is_done_without() -> None:
    class Provider:
        def get_logger(self, name: str) -> None:
            raise TypeError

    Provider.__module__ = "another.provider"
    events = Events(Provider(), on=True)  # type: ignore[arg-type]
    assert not events.listening() and not events.listening()


def test_a_measure_that_nobody_takes_is_nowhere() -> None:
    instruments = Instruments(None, on=False)
    instruments.tell("journeyscore.touchpoints", 1, {})
    assert not instruments.listening()


def test_words_name_three_moments_and_count_the_rest() -> None:
    broke = Touchpoint("hotel.valet", anticipated=0.9, delivered=0.0)
    three, four = (str(score(Journey("stay", [broke] * count))) for count in (3, 4))
    assert three.count("valet,") == 3 and "more" not in three
    assert four.count("valet,") == 3 and four.endswith(" and 1 more")
    above = score(Journey("stay", [Touchpoint("hotel.valet", anticipated=0.5, delivered=0.6)]))
    assert "above what was anticipated" in str(above)


def test_a_what_if_is_scored_at_the_same_time() -> None:
    stay = Journey("stay", [Touchpoint("hotel.valet", delivered=0.5, at=START)])
    later = START + timedelta(days=1)
    assert score(stay, now=later).what_if("hotel.valet", delivered=0.6).now == later


def test_what_is_folded_comes_after_what_is_not_too() -> None:
    weightless = Touchpoint("hotel.valet", anticipated=0.6, delivered=0.1, weight=0)
    assert score(Journey("stay", [weightless, VALET])).tally == fold([VALET])


def test_what_was_missed_at_no_time_has_the_time_beside_it() -> None:
    event = Touchpoint("hotel.bellman", delivered=0.9, at=START)
    card = score(Journey("stay", [event], plan=["hotel.valet", "hotel.bellman"]))
    assert card.missed == ("hotel.valet",)
    assert card.extremes.first is not None and card.extremes.last is not None
    assert card.extremes.first // 10001 == card.extremes.last // 10001 == milliseconds(START)
