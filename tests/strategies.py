"""The strategies that every test shares. A new feature extends them first.

Those of public types live in `journeyscore.testing`, for the tests of hosts as well.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st

from journeyscore import Journey, Touchpoint, testing
from journeyscore.testing import levels, touchpoints
from journeyscore.testing.strategies import START, texts
from journeyscore.touchpoints import CATALOGUES

__all__ = ["NAMES", "START", "levels", "logs", "touchpoints"]

NAMES = [entry.name for entry in CATALOGUES["hotel"]]

bases = testing.bases()
expectations = testing.expectations()
gap_scales = testing.gap_scales()
weights = testing.weights(hostile=True)
times = testing.times()
readings = testing.readings()
factors = testing.factors()
journeys = testing.journeys()
policies = testing.policies()
tallies = testing.tallies()

logs = partial(testing.logs, hostile=True)
"""Rows of a journey log with everything a log may hold, good and bad."""


# -- live tracking -------------------------------------------------------------------------------


@st.composite
def live_events(draw: st.DrawFn, *, max_size: int = 12) -> list[Touchpoint]:
    """Events of one journey: some without an id, some twice, contradicting, or about others.

    All of them have a time, or none has.
    """
    timed = draw(st.booleans())
    ids = st.sampled_from(["e1", "e2", "e3", "e4"])
    kinds = ["plain", "plain", "id", "id", "recovers", "supersedes", "not_yet", "missed"]
    events: list[Touchpoint] = []
    for _ in range(draw(st.integers(0, max_size))):
        kind = draw(st.sampled_from(kinds))
        given: dict[str, Any] = {"at": draw(times)} if timed else {}
        if kind != "plain":
            given["id"] = draw(ids)
            given["source"] = draw(st.sampled_from([None, "pos"]))
        if kind in ("recovers", "supersedes"):
            given[kind] = draw(ids.filter(lambda id, own=given["id"]: id != own))
        if kind in ("not_yet", "missed"):
            given |= {"state": kind, "anticipated": draw(expectations)}
            events.append(Touchpoint(draw(st.sampled_from(NAMES)), **given))
        else:
            events.append(draw(touchpoints(**given)))
        if draw(st.integers(0, 3)) == 0:
            events.append(events[-1])
    return events


# -- documents -------------------------------------------------------------------------------------

opaque = texts(hostile=True)
"""Ids of any kind; SQL, markup and control characters are texts like others."""


@st.composite
def documented_touchpoints(draw: st.DrawFn, *, timed: bool) -> Touchpoint:
    """Touchpoints with everything that a document may hold."""
    keys = st.one_of(st.none(), opaque, st.tuples(st.one_of(st.none(), opaque), opaque))
    given: dict[str, Any] = {
        name: draw(st.one_of(st.none(), opaque))
        for name in ("id", "source", "team", "channel", "stage")
    }
    if timed:
        given["at"] = draw(times)
    own = (given["source"], given["id"])
    for name in ("recovers", "supersedes"):
        key = draw(keys)
        resolved = key if isinstance(key, tuple) or key is None else (given["source"], key)
        given[name] = None if resolved == own else key
    if draw(st.integers(0, 3)) == 0:
        state = draw(st.sampled_from(["missed", "not_yet", "not_applicable"]))
        expected = draw(st.one_of(st.none(), expectations))
        return Touchpoint(draw(opaque), state=state, anticipated=expected, **given)
    return draw(touchpoints(**given))


@st.composite
def documented_journeys(draw: st.DrawFn) -> Journey:
    """Journeys with everything that a document may hold."""
    timed = draw(st.booleans())
    events = draw(st.lists(documented_touchpoints(timed=timed), max_size=3))
    optional = st.one_of(st.none(), opaque)
    return Journey(
        draw(opaque),
        events,
        type=draw(optional),
        state=draw(st.sampled_from(["open", "closed", "abandoned"])),
        customer=draw(optional),
        site=draw(optional),
        plan=draw(st.one_of(st.none(), st.lists(st.sampled_from(NAMES), max_size=3))),
        feedback=draw(st.dictionaries(st.sampled_from(["csat", "nps", "ces"]), st.floats(0, 10))),
        retracted=draw(st.lists(st.tuples(optional, opaque), max_size=2)),
    )
