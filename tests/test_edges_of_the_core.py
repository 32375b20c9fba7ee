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
    notebook,
    promised,
    score,
)
from journeyscore.errors import InvalidToken
from journeyscore.live.tokens import _encoded, _tag, unseal
from journeyscore.promises import PromiseState, ledger, longest_silence
from journeyscore.telemetry.signals import Telemetry

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

    event = Touchpoint("a", delivered=0.5)
    assert score(Journey("stay", [event]), market=Frame()).par == 90.0


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
