"""The strategies that every test shares. A new feature extends them first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from journeyscore import Expectation, Journey, Policy, Reading, Tally, Touchpoint
from journeyscore.expectations import Basis, Unreasonable
from journeyscore.handling import Act, NoticedBy, Obstacle
from journeyscore.relationship.standing import Last, Standing
from journeyscore.touchpoints import CATALOGUES

NAMES = [entry.name for entry in CATALOGUES["hotel"]]
START = datetime(2026, 1, 1, tzinfo=UTC)


def levels(low: int = 0, high: int = 10000) -> st.SearchStrategy[float]:
    """Levels in whole ten-thousandths, as in the laws of model.md; the ends more often."""
    whole = st.one_of(st.sampled_from([low, high]), st.integers(low, high))
    return whole.map(lambda n: n / 10000)


bases = st.sampled_from(Basis)
expectations = st.builds(Expectation, levels(), bases)
gap_scales = st.sampled_from([0.001, 0.05, 0.1, 0.2, 4 / 60, 1.0, 10.0])
weights = st.one_of(st.just(1.0), st.sampled_from([0.001, 0.5, 2.0, 1000.0]), st.floats(0.01, 1000))
times = st.integers(0, 10**7).map(lambda seconds: START + timedelta(seconds=seconds))
readings = st.builds(
    Reading, delivered=levels(), anticipated=expectations, weight=weights, gap_scale=gap_scales
)
factors = st.sampled_from(["competence", "reliability", "courtesy", "speed", "smile"])


def touchpoints(**given: Any) -> st.SearchStrategy[Touchpoint]:
    """Touchpoints of one level or of several readings, delivered."""
    plain = {
        "anticipated": st.one_of(st.none(), expectations),
        "delivered": levels(),
        "gap_scale": gap_scales,
        "weight": weights,
        "proactive": st.booleans(),
        "team": st.sampled_from([None, "north", "south"]),
    }
    several = {
        "readings": st.dictionaries(factors, readings, min_size=1, max_size=4),
        "weight": weights,
    }
    fixed = {name: st.just(value) for name, value in given.items()}
    one = st.builds(Touchpoint, st.sampled_from(NAMES), **{**plain, **fixed})
    if "delivered" in given or "anticipated" in given:
        return one
    return st.one_of(one, st.builds(Touchpoint, st.sampled_from(NAMES), **{**several, **fixed}))


journeys = st.builds(Journey, st.just("j"), st.lists(touchpoints(), max_size=8))

policies = st.builds(
    Policy,
    loss_aversion=st.floats(1, 5),
    share=st.floats(0, 1),
    promised_share=st.floats(0, 1),
    recovery_credit=st.floats(0, 1),
    assumed=levels(),
    core_factors=st.sampled_from([(), ("competence",), ("competence", "reliability")]),
    weights=st.one_of(
        st.just({}),
        st.dictionaries(
            st.sampled_from([*NAMES[:4], "competence", "courtesy", "speed"]),
            st.sampled_from([0.0, 0.004, 0.5, 1.0, 3.0]),
        ),
    ),
)

tallies = st.builds(Tally, *[st.integers(-(10**20), 10**20)] * 7)


# -- journey logs --------------------------------------------------------------------------------


@st.composite
def logs(draw: st.DrawFn, *, max_size: int = 25) -> list[dict[str, Any]]:
    """Rows of a journey log with everything a log may hold, good and bad.

    Each log has some of the optional columns, so that every path through the frames is met.
    """
    has = {
        name: draw(st.booleans())
        for name in (
            "basis", "weight", "gap_scale", "id", "source", "state", "recovers", "supersedes",
            "retracts", "factor", "zone", "nulls", "bad", "at", "proactive", "unreasonable",
            "handling",
        )
    }  # fmt: skip
    ids = st.sampled_from([None, "e1", "e2", "e3", "e4"])
    rows = []
    for _ in range(draw(st.integers(1, max_size))):
        row: dict[str, Any] = {
            "journey": draw(st.sampled_from(["a", "b", "c"])),
            "touchpoint": draw(st.sampled_from([*NAMES[:4], "pool.towel"])),
            "anticipated": draw(levels()),
            "delivered": draw(levels()),
            "team": draw(st.sampled_from([None, "north", "south"])),
        }
        if has["nulls"] and draw(st.booleans()):
            row["anticipated"] = None
        if has["basis"]:
            row["basis"] = draw(st.sampled_from([None, *(basis.value for basis in Basis)]))
        if has["weight"]:
            row["weight"] = draw(st.one_of(st.none(), st.just(0.0), weights))
        if has["gap_scale"]:
            row["gap_scale"] = draw(st.one_of(st.none(), gap_scales))
        if has["id"]:
            row["id"] = draw(ids)
        if has["proactive"]:
            row["proactive"] = draw(st.sampled_from([None, True, False]))
        if has["source"]:
            row["source"] = draw(st.sampled_from([None, "pos", "app"]))
        if has["at"]:
            row["at"] = draw(times)
        for name in ("recovers", "supersedes", "retracts"):
            if has[name]:
                row[name] = draw(st.one_of(st.none(), st.none(), ids))
        if has["factor"]:
            row["factor"] = draw(
                st.sampled_from([None, "competence", "knowledge", "courtesy", "speed"])
            )
            row["factor_weight"] = draw(st.sampled_from([None, 0.0, 1.0, 2.5]))
            if row.get("id") is not None:  # the readings of a touchpoint agree on its name
                row["touchpoint"] = NAMES[int(row["id"][1])]
        if has["unreasonable"]:
            reasons = [None, None, *(each.value for each in Unreasonable)]
            row["unreasonable"] = draw(st.sampled_from(reasons))
            row["as_of"] = draw(st.one_of(st.none(), times))
        if has["handling"]:
            row |= draw(handlings(ids))
        if has["state"]:
            row["state"] = draw(
                st.sampled_from([None, "delivered", "missed", "not_yet", "not_applicable"])
            )
            if row["state"] not in (None, "delivered") or draw(st.integers(0, 5)) == 0:
                row["delivered"] = None
        if has["zone"]:
            middle = 5000 if row["anticipated"] is None else round(row["anticipated"] * 10**4)
            row["adequate"] = draw(st.one_of(st.none(), levels(0, middle)))
            row["desired"] = draw(st.one_of(st.none(), levels(middle)))
        if has["bad"] and draw(st.integers(0, 4)) == 0:
            name, value = draw(
                st.sampled_from(
                    [
                        ("delivered", 1.2), ("delivered", float("nan")), ("delivered", -1e-9),
                        ("anticipated", float("inf")), ("anticipated", 1.0000001),
                        ("weight", -1.0), ("weight", 1000.5), ("gap_scale", 0.0),
                        ("gap_scale", float("nan")), ("adequate", 2.0), ("basis", "hoped"),
                        ("state", "done"), ("unreasonable", "rude"), ("act", "hug"),
                        ("obstacle", ""), ("noticed_by", "nobody"), ("cause", ""),
                        ("worth", float("inf")),
                    ]
                )
            )  # fmt: skip
            row[name] = value
        rows.append(row)
    return rows


def handlings(ids: st.SearchStrategy[str | None]) -> st.SearchStrategy[dict[str, Any]]:
    """What a row of a log says of a problem, a need or a promise."""
    codes = st.sampled_from([None, None, "x", "y"])
    truths = st.sampled_from([None, False, True])
    promised = st.one_of(st.none(), times)
    return st.fixed_dictionaries(
        {
            "need": codes, "meets": codes, "cause": codes, "owner": codes,
            "obstacle": st.sampled_from([None, *(each.value for each in Obstacle)]),
            "act": st.sampled_from([None, *(each.value for each in Act)]),
            "noticed_by": st.sampled_from([None, *(each.value for each in NoticedBy)]),
            "regards": ids, "excuse": truths, "pitch": truths,
            "promised_at": promised, "due": st.one_of(st.none(), times),
        }
    )  # fmt: skip


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


# -- relationships -------------------------------------------------------------------------------


@st.composite
def _standing(draw: st.DrawFn) -> Standing:
    """Some visits of a customer, as the whole numbers they merge into."""
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
        worth = draw(st.sampled_from([None, 0, 99.5, 200]))
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
                    "worth": None if worth is None else float(worth),
                }
            )
    return rows
