"""Rows of journey logs, good and bad, as whatever reads logs must take them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ..expectations import Basis, Unreasonable
from ..handling import Act, NoticedBy, Obstacle
from ..touchpoints import Catalogue
from .strategies import catalogue_of, gap_scales, levels, times, weights

OPTIONAL = (
    "basis", "weight", "gap_scale", "id", "source", "state", "recovers", "supersedes", "retracts",
    "factor", "zone", "nulls", "at", "proactive", "unreasonable", "handling",
)  # fmt: skip
"""What a log may have or not: columns, nulls in ``anticipated``, a zone of tolerance."""

_WRONG: tuple[tuple[str, Any], ...] = (
    ("delivered", 1.2), ("delivered", float("nan")), ("delivered", -1e-9),
    ("anticipated", float("inf")), ("anticipated", 1.0000001),
    ("weight", -1.0), ("weight", 1000.5), ("gap_scale", 0.0), ("gap_scale", float("nan")),
    ("adequate", 2.0), ("basis", "hoped"), ("state", "done"), ("unreasonable", "rude"),
    ("act", "hug"), ("obstacle", ""), ("noticed_by", "nobody"), ("cause", ""),
    ("worth", float("inf")),
)  # fmt: skip


@st.composite
def logs(
    draw: st.DrawFn,
    *,
    catalogue: Catalogue | str = "hotel",
    max_size: int = 25,
    hostile: bool = False,
) -> list[dict[str, Any]]:
    """Rows of a journey log with everything a log may hold.

    Each log has some of the optional columns, so that every path through a reader is met. Ids
    repeat, contradict, replace, retract and recover one another.

    Args:
        catalogue: where the names of touchpoints come from; one name is of none.
        max_size: of the number of rows.
        hostile: whether there may be rows that must be rejected.
    """
    has = {name: draw(st.booleans()) for name in OPTIONAL}
    bad = hostile and draw(st.booleans())
    row = _rows(has, bad, [entry.name for entry in catalogue_of(catalogue)][:5])
    return [draw(row) for _ in range(draw(st.integers(1, max_size)))]


_IDS = st.sampled_from([None, "e1", "e2", "e3", "e4"])


def handlings(ids: st.SearchStrategy[str | None] = _IDS) -> st.SearchStrategy[dict[str, Any]]:
    """What a row says of a problem, a need or a promise.

    Args:
        ids: of the events that it may regard.
    """
    codes = st.sampled_from([None, None, "x", "y"])
    truths = st.sampled_from([None, False, True])
    moments = st.one_of(st.none(), times())
    return st.fixed_dictionaries(
        {
            "need": codes, "meets": codes, "cause": codes, "owner": codes,
            "obstacle": st.sampled_from([None, *(each.value for each in Obstacle)]),
            "act": st.sampled_from([None, *(each.value for each in Act)]),
            "noticed_by": st.sampled_from([None, *(each.value for each in NoticedBy)]),
            "regards": ids, "excuse": truths, "pitch": truths,
            "promised_at": moments, "due": moments,
        }
    )  # fmt: skip


@st.composite
def _rows(draw: st.DrawFn, has: dict[str, bool], bad: bool, known: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "journey": draw(st.sampled_from(["a", "b", "c"])),
        "touchpoint": draw(st.sampled_from([*known[:4], "pool.towel"])),
        "anticipated": draw(levels()),
        "delivered": draw(levels()),
        "team": draw(st.sampled_from([None, "north", "south"])),
    }
    if has["nulls"] and draw(st.booleans()):
        row["anticipated"] = None
    optional = {
        "basis": st.sampled_from([None, *(basis.value for basis in Basis)]),
        "weight": st.one_of(st.none(), st.just(0.0), weights(hostile=True)),
        "gap_scale": st.one_of(st.none(), gap_scales()),
        "id": _IDS,
        "proactive": st.sampled_from([None, True, False]),
        "source": st.sampled_from([None, "pos", "app"]),
        "at": times(),
        "recovers": st.one_of(st.none(), st.none(), _IDS),
        "supersedes": st.one_of(st.none(), st.none(), _IDS),
        "retracts": st.one_of(st.none(), st.none(), _IDS),
    }
    row |= {name: draw(strategy) for name, strategy in optional.items() if has[name]}
    if has["factor"]:
        factors = [None, "competence", "knowledge", "courtesy", "speed"]
        row["factor"] = draw(st.sampled_from(factors))
        row["factor_weight"] = draw(st.sampled_from([None, 0.0, 1.0, 2.5]))
        if row.get("id") is not None:  # the readings of a touchpoint agree on its name
            row["touchpoint"] = known[int(row["id"][1]) % len(known)]
    if has["unreasonable"]:
        reasons = [None, None, *(each.value for each in Unreasonable)]
        row["unreasonable"] = draw(st.sampled_from(reasons))
        row["as_of"] = draw(st.one_of(st.none(), times()))
    if has["handling"]:
        row |= draw(handlings(_IDS))
    if has["state"]:
        states = [None, "delivered", "missed", "not_yet", "not_applicable"]
        row["state"] = draw(st.sampled_from(states))
        if row["state"] not in (None, "delivered") or draw(st.integers(0, 5)) == 0:
            row["delivered"] = None
    if has["zone"]:
        middle = 0.5 if row["anticipated"] is None else row["anticipated"]
        row["adequate"] = draw(st.one_of(st.none(), levels(max_value=middle)))
        row["desired"] = draw(st.one_of(st.none(), levels(min_value=middle)))
    if bad and draw(st.integers(0, 4)) == 0:
        name, value = draw(st.sampled_from(_WRONG))
        row[name] = value
    return row
