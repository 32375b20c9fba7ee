"""Laws of live tracking: what is running equals what is scored afterwards; moments are told once."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import START, gap_scales, live_events, policies, times

from journeyscore import Journey, Plan, PlannedTouchpoint, Policy, Touchpoint, Tracker, score
from journeyscore.live import Moment
from journeyscore.live.tokens import Promise, Reference
from journeyscore.scales import Scale, days, minutes
from journeyscore.telemetry.origin import Origin

plans = st.one_of(
    st.none(), st.just(["hotel.valet", "hotel.bellman"]),
    st.just(Plan([PlannedTouchpoint("hotel.valet", anticipated=0.9, due=START)])),
)  # fmt: skip


@given(live_events(), policies, plans, st.randoms(use_true_random=False))
def test_the_running_tally_is_the_offline_fold_at_every_moment(
    events: list[Touchpoint], policy: Policy, plan: object, dice: random.Random
) -> None:
    dice.shuffle(events)
    clock = lambda: START  # noqa: E731
    tracker = Tracker(policy=policy, clock=clock, strict=True)
    live = tracker.journey("j", plan=plan)  # type: ignore[arg-type]
    for place, event in enumerate(events):
        live.record(event)
        so_far = Journey("j", events[: place + 1], plan=plan, state="open")  # type: ignore[arg-type]
        assert live.tally == score(so_far, policy, now=START).tally
    closed = live.close()
    assert closed is not None
    whole = Journey("j", events, plan=plan)  # type: ignore[arg-type]
    assert closed.tally == live.tally == score(whole, policy, now=START).tally


@given(live_events(), st.randoms(use_true_random=False))
def test_no_order_of_arrival_matters(events: list[Touchpoint], dice: random.Random) -> None:
    shuffled = dice.sample(events, len(events))
    one, other = (Tracker(strict=True).journey("j") for _ in range(2))
    for event in events:
        one.record(event)
    for event in shuffled:
        other.record(event)
    assert one.tally == other.tally


@given(live_events(), policies, st.randoms(use_true_random=False))
def test_parts_of_a_journey_included_are_the_whole(
    events: list[Touchpoint], policy: Policy, dice: random.Random
) -> None:
    """However the events are split over processes, and some of them seen by two."""
    parts = [Tracker(policy=policy, clock=lambda: START, strict=True).journey("j") for _ in "abc"]
    for event in events:
        for part in dice.sample(parts, 2 if event.id is not None else 1):
            part.record(event)
    home, *others = parts
    for part in others:
        home.include(part.journey.events)
    assert home.tally == score(Journey("j", events), policy, now=START).tally


@settings(max_examples=25)
@given(live_events(max_size=24))
def test_threads(events: list[Touchpoint]) -> None:
    """Each thread records all of them; those with an id count once, the others once a thread."""
    live = Tracker(strict=True).journey("j")

    def record() -> None:
        for event in events:
            live.record(event)

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert live.tally == score(Journey("j", events * 4)).tally


@given(live_events(), policies)
def test_moments_of_events_that_stand_for_themselves_are_told_once(
    events: list[Touchpoint], policy: Policy
) -> None:
    alone = [each for each in events if each.id is None]
    told: list[Moment] = []
    live = Tracker(told.append, policy=policy, strict=True).journey("j")
    for event in alone:
        live.record(event)
    card = live.close()
    assert card is not None
    assert Counter((each.touchpoint.touchpoint, each.kind) for each in told) == Counter(
        (each.touchpoint, each.moment) for each in card.moments
    )


@given(live_events())
def test_every_moment_of_the_close_was_told_and_none_twice(events: list[Touchpoint]) -> None:
    told: list[Moment] = []
    live = Tracker(told.append, strict=True).journey("j")
    for event in [*events, *events]:
        if event.id is not None and event.supersedes is None:
            live.record(event)
    card = live.close()
    assert card is not None
    known = Counter((each.touchpoint.touchpoint.key, each.kind) for each in told)
    assert set(known.values()) <= {1}
    assert {(each.touchpoint.key, each.moment) for each in card.moments} <= set(known)


@given(live_events(max_size=20))
def test_no_moment_is_told_twice_however_tangled(events: list[Touchpoint]) -> None:
    told: list[Moment] = []
    live = Tracker(told.append, clock=lambda: START, strict=True).journey("j")
    for event in events:
        live.record(event)
    live.close()
    given = Counter((each.key, each.name, each.delivered, each.at) for each in events)
    for kind in {each.kind for each in told}:
        known = Counter(
            (event.key, event.name, event.delivered, event.at)
            for event in (each.touchpoint.touchpoint for each in told if each.kind is kind)
        )
        assert known <= given


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
promises = st.builds(
    Promise,
    journey=st.builds(
        Reference, texts, st.one_of(st.none(), texts),
        st.one_of(st.none(), st.builds(Origin, texts, texts)),
    ),
    name=texts,
    scale=st.one_of(
        st.builds(lambda worst, gap: minutes(best=0, worst=worst, gap_scale=gap),
                  st.floats(1, 1e6), gap_scales),
        st.just(days(best=0, worst=3)),
        st.just(Scale("minutes", worst=30, best=0, step=5)),
    ),
    within=st.timedeltas(timedelta(0), timedelta(days=10**5)),
    at=times,
    expires=st.one_of(st.none(), times),
)  # fmt: skip
keys = st.one_of(st.none(), st.binary(min_size=16, max_size=40))


@given(promises, keys)
def test_tokens_round_trip(promise: Promise, key: bytes | None) -> None:
    token = promise.sealed(key)
    assert Promise.unsealed(token, key) == promise
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
