"""For tests: Hypothesis strategies of the library's types, and the laws of scoring as a kit.

A host checks its own scorer, policy or catalogue in one line:

>>> from journeyscore import Policy
>>> check_scorer(policy=Policy(promised_share=0.9), laws=["kept_promise_never_costs"])

and draws journeys, touchpoints or whole logs for its own properties:

>>> from hypothesis import given
>>> @given(journeys(catalogue="hotel"))
... def test_our_desk_takes_any_stay(stay): ...

Needs the extra ``journeyscore[testing]``.
"""

from __future__ import annotations

from .._extras import needed

with needed("the kit for tests needs", "testing"):
    import hypothesis as _hypothesis  # noqa: F401

from .conformance import DEFAULT, check_scorer
from .laws import LAWS, Law
from .logs import logs
from .strategies import (
    bases,
    catalogues,
    expectations,
    extremes,
    factors,
    gap_scales,
    handlings,
    invalid_touchpoints,
    journeys,
    levels,
    names,
    planned_touchpoints,
    plans,
    policies,
    readings,
    scales,
    scorecards,
    tallies,
    texts,
    times,
    touchpoints,
    weights,
)

__all__ = [
    "DEFAULT",
    "LAWS",
    "Law",
    "bases",
    "catalogues",
    "check_scorer",
    "expectations",
    "extremes",
    "factors",
    "gap_scales",
    "handlings",
    "invalid_touchpoints",
    "journeys",
    "levels",
    "logs",
    "names",
    "planned_touchpoints",
    "plans",
    "policies",
    "readings",
    "scales",
    "scorecards",
    "tallies",
    "texts",
    "times",
    "touchpoints",
    "weights",
]
