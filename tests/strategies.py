"""The strategies that every test shares. A new feature extends them first.

Those of public types live in `journeyscore.testing`, for the tests of hosts as well.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from journeyscore import Journey, Touchpoint, testing
from journeyscore.testing import levels, touchpoints
from journeyscore.testing.logs import handlings
from journeyscore.testing.strategies import START, texts
from journeyscore.touchpoints import CATALOGUES

if TYPE_CHECKING:
    from journeyscore.relationship.customer import Standing

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
weighing = testing.policies(hostile=True)
tallies = testing.tallies()

logs = partial(testing.logs, hostile=True)
"""Rows of a journey log with everything a log may hold, good and bad."""


@st.composite
def handled_logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Logs of problems, promises and needs: every row with an id of its own, some sent twice."""
    timed = draw(st.booleans())
    ids = [f"e{n}" for n in range(1, draw(st.integers(2, 12)))]
    rows: list[dict[str, Any]] = []
    for id in ids:
        row: dict[str, Any] = {
            "journey": draw(st.sampled_from(["a", "b"])),
            "site": draw(st.sampled_from(["lake", None])),
            "team": draw(st.sampled_from(["north", "south"])),
            "touchpoint": draw(st.sampled_from(NAMES[:3])),
            "id": id,
            "source": draw(st.sampled_from([None, None, "pos"])),
            "anticipated": draw(st.one_of(st.none(), st.sampled_from([0.3, 0.8]))),
            "basis": draw(st.sampled_from([None, "promised", "promised", "asked"])),
            "delivered": draw(st.one_of(st.none(), st.sampled_from([0.1, 0.5, 0.9]))),
            "state": None,
        }
        if row["delivered"] is None:
            row["state"] = draw(st.sampled_from([None, "missed", "not_applicable"]))
        if timed:
            row["at"] = draw(times)
        said = draw(handlings(st.sampled_from([None, *ids])))
        row |= said if draw(st.booleans()) else dict.fromkeys(said)
        row["act"] = draw(
            st.sampled_from([None, None, "acknowledgement", "follow_up", "prevention"])
        )
        row["recovers"] = draw(st.sampled_from([None, None, None, *ids, NAMES[0]]))
        for name in ("regards", "recovers"):
            if row[name] == id:
                row[name] = None
        rows.append(row)
        if draw(st.integers(0, 4)) == 0:
            rows.append(dict(row))
    return rows


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


# -- relationships -------------------------------------------------------------------------------


@st.composite
def _standing(draw: st.DrawFn) -> Standing:
    """Some visits of a customer, as the whole numbers they merge into."""
    from journeyscore.relationship.customer import Last, Standing  # it needs the extra frames

    kept, broken, neither = (draw(st.integers(0, 5)) for _ in range(3))
    visits = kept + broken + neither
    last = st.builds(Last, times, st.integers(0, 10000), st.booleans())
    return Standing(
        visits=visits,
        total=draw(st.integers(0, 10000 * visits)),
        kept=kept,
        broken=broken,
        worth=draw(st.integers(-(10**6), 10**6)),
        last=draw(st.one_of(st.none(), last)) if visits else None,
    )


standings = _standing()


@st.composite
def visit_logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of a log of few customers with several visits each, at few moments and few levels."""
    rows: list[dict[str, Any]] = []
    coarse = st.sampled_from([0.2, 0.5, 0.6, 0.7, 0.75, 0.8, 0.95])
    hours = st.integers(0, 3).map(lambda hour: START + timedelta(hours=hour))
    for number in range(draw(st.integers(1, 30))):
        customer = draw(st.sampled_from([None, *(f"c{n}" for n in range(12))]))
        worths = draw(st.sampled_from([[None], [0.0], [99.5], [200.0], [None, 99.5, 200.0]]))
        for _ in range(draw(st.integers(1, 2))):
            rows.append(
                {
                    "journey": f"j{number}",
                    "touchpoint": draw(st.sampled_from(NAMES[:3])),
                    "anticipated": draw(coarse),
                    "delivered": draw(coarse),
                    "weight": draw(st.sampled_from([1.0, 2.0])),
                    "customer": customer,
                    "at": draw(hours),
                    "worth": draw(st.sampled_from(worths)),
                }
            )
    return rows
