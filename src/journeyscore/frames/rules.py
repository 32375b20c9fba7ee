"""What a row of a log is rejected for: the rules, in the order in which they are reported."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from sys import float_info

import narwhals as nw
from attrs import frozen

from ..expectations import Basis, Unreasonable
from ..handling import Act, NoticedBy, Obstacle
from ..readings import GAP_SCALES, HEAVIEST, LIGHTEST
from ..scales import Scale
from ..touchpoints import State
from .columns import REFERENCES, TIMES
from .formula import hundredths
from .rows import Rows

CLOSED: dict[str, tuple[str, ...]] = {
    "unreasonable": tuple(Unreasonable),
    "obstacle": tuple(Obstacle),
    "act": tuple(Act),
    "noticed_by": tuple(NoticedBy),
}
"""Columns of a closed list, with its members."""

CODES = ("need", "meets", "cause", "owner", "segment")
"""Columns of opaque codes."""


@frozen
class Rule:
    """What makes a row be rejected.

    Attributes:
        field: the column at fault.
        broken: true where the rule is broken; null, for a field that is null, counts as false.
        reason: what would be right, after "... is not".
    """

    field: str
    broken: nw.Expr
    reason: str


def rules(rows: Rows) -> list[Rule]:
    """Everything for which a row is rejected, in the order in which it is reported."""
    return [
        *_measures(rows),
        *_states(rows),
        *_zone(rows),
        *_choices(rows),
        *_references(rows),
        *_times(rows),
    ]


def _measures(rows: Rows) -> Iterator[Rule]:
    for name in ("delivered", "anticipated", "adequate", "desired"):
        if rows.has(name):
            yield Rule(name, _outside(rows, name), _range(rows))
    bounds = dict.fromkeys(("weight", "factor_weight"), (LIGHTEST, HEAVIEST))
    for name, (low, high) in {**bounds, "gap_scale": GAP_SCALES}.items():
        if rows.has(name):
            x = rows.number(name)
            yield Rule(name, ~((x >= low) & (x <= high)), f"from {low:g} to {high:g}")
    if rows.has("basis"):
        yield Rule("basis", nw.col("_no_basis"), f"one of {', '.join(Basis)}")


def _outside(rows: Rows, name: str) -> nw.Expr:
    """Whether a raw measure is not a number of its scale; false for null."""
    raw = rows.number(name)

    def of(scale: Scale) -> nw.Expr:
        if scale.yes_no:
            return ~((raw == 0) | (raw == 1))
        if scale.closed:
            return ~((raw >= scale.low) & (raw <= scale.high))
        return ~((raw >= -float_info.max) & (raw <= float_info.max))

    outside = ~((raw >= 0.0) & (raw <= 1.0))
    if rows.scales:
        outside = rows.by_scale(of, outside)
    return outside


def _range(rows: Rows) -> str:
    if not rows.scales:
        return "a level from 0 to 1"
    return "within its scale; without a scale a level from 0 to 1"


def _states(rows: Rows) -> Iterator[Rule]:
    if not rows.has("state"):
        return
    state, delivered = nw.col("state"), nw.col("delivered")
    known = reduce(or_, (state == each.value for each in State))
    yield Rule("state", ~known, f"one of {', '.join(State)}")
    absent = (state == State.NOT_APPLICABLE.value) | (state == State.NOT_YET.value)
    nothing = (state == State.DELIVERED.value) & delivered.is_null()
    if rows.has("retracts"):
        nothing = nothing & _is_null(rows, "retracts")
    something = rows.missed & ~delivered.is_null() & (rows.level("delivered") != 0)
    absent = absent & ~delivered.is_null()
    yield Rule("delivered", nothing, "given, though the state is delivered")
    yield Rule("delivered", absent, "null, though nothing was delivered")
    yield Rule("delivered", something, "null or the worst level, though it was missed")


def _is_null(rows: Rows, name: str) -> nw.Expr:
    dtype = rows.schema[name]
    if isinstance(dtype, nw.Struct):
        return nw.col(name).struct.field("id").is_null()
    return nw.col(name).is_null()


def _zone(rows: Rows) -> Iterator[Rule]:
    """The bounds of the zone of tolerance, each against what was anticipated, and one another."""

    def rounded(level: nw.Expr) -> nw.Expr:
        # far out of its range a level breaks another rule, and Spark's floor refuses it
        near = nw.when((level >= -1) & (level <= 2)).then(level)
        return hundredths(near)

    said, anticipated = ~rows.unsaid(), rounded(rows.anticipated())
    for name, sign in (("adequate", -1), ("desired", 1)):
        if not rows.has(name):
            continue
        bound = rounded(rows.level(name))
        wrong = said & ((bound > anticipated) if sign < 0 else (bound < anticipated))
        if name == "adequate" and rows.has("desired"):
            crossed = (bound > rounded(rows.level("desired"))) & ~nw.col("desired").is_null()
            wrong = wrong | (~said & crossed)
        reason = "in order: adequate <= anticipated <= desired"
        yield Rule(name, wrong & ~nw.col(name).is_null(), reason)


def _choices(rows: Rows) -> Iterator[Rule]:
    for name, choices in CLOSED.items():
        if rows.has(name):
            known = reduce(or_, (nw.col(name) == each for each in choices))
            yield Rule(name, ~known, f"one of {', '.join(choices)}")
    if rows.has("worth"):
        x = rows.number("worth")
        yield Rule("worth", ~((x >= -float_info.max) & (x <= float_info.max)), "a number")


def _references(rows: Rows) -> Iterator[Rule]:
    for name in ("id", "source", *CODES, *REFERENCES):
        if rows.has(name) and isinstance(rows.schema[name], nw.String):
            yield Rule(name, nw.col(name) == "", "a name, or null")
    for name in ("recovers", "supersedes", "regards"):
        if rows.has(name) and rows.has("id") and rows.schema[name] == rows.schema["id"]:
            yield Rule(name, nw.col(name) == nw.col("id"), "another event")


def _times(rows: Rows) -> Iterator[Rule]:
    for name in TIMES:
        if rows.has(unreadable := f"_unreadable_{name}"):
            reason = "a moment: an ISO time (2026-05-01 14:30) with its offset, or timezone="
            yield Rule(name, nw.col(unreadable), reason)
