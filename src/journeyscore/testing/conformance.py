"""A conformance kit: a host's own scorer, policy or catalogue held against the laws of scoring."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from math import isfinite
from typing import Any

from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as Settings

from ..checks import number
from ..errors import BrokenLaw, UnknownName, closest
from ..journey import Journey
from ..policy import Policy
from ..scorecard import score
from ..touchpoints import Catalogue
from .laws import LAWS, Law

DEFAULT = Settings(
    max_examples=100,
    deadline=None,
    report_multiple_bugs=False,  # of one law one is enough
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    phases=[Phase.reuse, Phase.generate, Phase.target, Phase.shrink],
)
"""How laws are tried unless the host says otherwise: a hundred examples, made small if broken."""

Scorer = Callable[..., Any]
"""A journey in; out an impression of 0 to 100 points or None, or a card that has ``impression``."""


def check_scorer(
    scorer: Scorer = score,
    *,
    policy: Policy | None = None,
    catalogue: Catalogue | str = "hotel",
    laws: Iterable[str] | None = None,
    settings: Settings = DEFAULT,
) -> None:
    """Hold a scorer against the laws of scoring; a test of one line.

    Besides the laws themselves, whatever is scored is scored twice: the impression must be None or
    a number from 0 to 100, the same both times, and the journey must not have changed.

    Args:
        scorer: takes a `Journey` and returns its impression, or an object like `Scorecard` with
            ``impression`` and, if it has one, ``par``.
        policy: handed to the scorer as ``policy=``.
        catalogue: where the touchpoints of the journeys come from.
        laws: names out of `LAWS`, for one test a law; all of them unless given.
        settings: Hypothesis' own, for each law: ``settings(DEFAULT, max_examples=1000)``.

    Raises:
        BrokenLaw: the scorer breaks a law (an AssertionError); the smallest journeys that show it
            stand in the note that Hypothesis adds.
        UnknownName: there is no such law.

    >>> check_scorer(lambda journey: 50.0, laws=["order_changes_nothing"])
    >>> check_scorer(lambda journey: 120.0)
    Traceback (most recent call last):
    journeyscore.errors.BrokenLaw: better_delivery_never_hurts: 120.0 is no impression; ...
    """
    wanted = list(LAWS) if laws is None else list(laws)
    for name in wanted:
        if name not in LAWS:
            near = closest(name, LAWS)
            raise UnknownName(
                "no such law", path="laws", value=name, hint=f"did you mean {near}?" if near else ""
            )
    if policy is not None:
        scorer = partial(scorer, policy=policy)
    for name in wanted:
        _check(scorer, LAWS[name], catalogue, settings)


def _check(scorer: Scorer, law: Law, catalogue: Catalogue | str, settings: Settings) -> None:
    """Try one law; Hypothesis looks for a pair that breaks it, and makes it small."""

    @settings
    @given(law.pairs(catalogue))
    def holds(journeys: tuple[Journey, Journey]) -> None:
        before, after = (_Seen(scorer, each, law) for each in journeys)
        if law.to_par:
            for seen in (before, after):
                if seen.par is not None and seen.par != seen.impression:
                    raise _broken(law, f"an impression of {seen.impression}, par {seen.par}")
        if not _compares(before.impression, after.impression, law.relation):
            raise _broken(law, f"{before.impression} became {after.impression}")

    holds()


def _compares(before: float | None, after: float | None, relation: str) -> bool:
    if relation == "same":
        return before == after
    if before is None or after is None:  # without evidence there is nothing to compare
        return True
    return before <= after if relation == "no lower" else before >= after


class _Seen:
    """What a scorer says of a journey, having been asked twice."""

    def __init__(self, scorer: Scorer, journey: Journey, law: Law) -> None:
        unchanged = repr(journey)
        card = scorer(journey)
        self.impression = _points(card, "impression", law)
        self.par = _points(card, "par", law) if hasattr(card, "par") else None
        again = _points(scorer(journey), "impression", law)
        if again != self.impression:
            raise _broken(law, f"the same journey scored {self.impression}, then {again}")
        if repr(journey) != unchanged:
            raise _broken(law, "scoring changed the journey")


def _points(card: Any, name: str, law: Law) -> float | None:
    given = getattr(card, name, None if name == "par" else card)
    if given is None:
        return None
    try:
        points = number(given, name)
    except (TypeError, ValueError):
        points = float("nan")
    if not (isfinite(points) and 0 <= points <= 100):
        what = given if isinstance(given, (int, float)) else f"a {type(given).__name__}"
        raise _broken(law, f"{what} is no {name}", "a number from 0 to 100, or None")
    return points


def _broken(law: Law, what: str, hint: str = "") -> BrokenLaw:
    return BrokenLaw(what, path=law.name, hint=hint or f"the law: {law.meaning}")
