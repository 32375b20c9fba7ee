"""Teams over a journey log: the impression each leaves, and what stood in its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import narwhals as nw

from .. import frames
from ..checks import whole_from
from ..errors import WrongType, described
from ..frames.averages import added
from ..frames.columns import REQUIRED, group_keys
from ..frames.engines import opened, table_beside
from ..frames.formula import whole
from ..frames.kinds import of_its_kind
from ..frames.log import open_log
from ..handling import Obstacle
from ..moments import Outcome
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from .staff import AVAILABLE, Need, Team

MINIMUM = 5
"""People in a team, or failures of it, below which nothing is said of it."""


@of_its_kind
def teams(
    log: Any,
    staff: Mapping[str, Team],
    *,
    minimum: int = MINIMUM,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
) -> Any:
    """The impression that each team leaves, beside what its people have.

    Args:
        log, policy, columns, timezone, scales, market: as for `journeyscore.frames.score`; the log
            has ``team``.
        staff: what the host knows, by team as the log calls it.
        minimum: people below which nothing is said of a team, its impression included; from 5.

    Returns:
        A dataframe of the kind that came in, in no order, a row for each team of the log:
        ``team``, ``journeys``, ``impression``, ``low``, ``high`` (over journeys, as `score` has
        them), then of teams that `staff` tells of ``people``, the needs
        ``making_a_difference``, ``valued``, ``compensated`` (0 to 1), ``needs_met`` (0 to 3),
        ``enough`` (two at least) and ``weakest_trait``. Of a team that is too small, its name.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "b"], "touchpoint": ["hotel.bellman"] * 2,
    ...     "anticipated": [0.7] * 2, "delivered": [0.7, 0.8], "team": ["bell"] * 2})
    >>> bell = Team(people=9, needs={"making_a_difference": 0.9, "valued": 0.3, "compensated": 1})
    >>> teams(log, {"bell": bell}).select("team", "impression", "needs_met", "enough").row(0)
    ('bell', 75.56, 2, True)
    """
    least, told = whole_from(minimum, MINIMUM, "minimum"), _staff(staff)
    given = open_log(
        log, keys=["team"], columns=columns, timezone=timezone, required=(*REQUIRED, "team")
    )
    scored, _ = opened(
        frames.score(
            nw.to_native(given.frame),
            by="team",
            average="journeys",
            policy=policy,
            scales=scales,
            market=market,
        )
    )
    joined = _with_staff(scored, told)
    shown = _large_enough(least)
    known = ~nw.col("_people").is_null() & shown
    met = nw.sum_horizontal(*((nw.col(need) >= AVAILABLE).cast(nw.Int64()) for need in Need))
    return given.restore(
        joined.select(
            "team",
            *(nw.when(shown).then(nw.col(name)).alias(name)
              for name in ("journeys", "impression", "low", "high")),
            people=nw.when(known).then(nw.col("_people")),
            **{need.value: nw.when(known).then(nw.col(need)) for need in Need},
            needs_met=nw.when(known).then(met),
            enough=nw.when(known).then(met >= 2),
            weakest_trait=nw.when(known & (nw.col("_trait") != "")).then(nw.col("_trait")),
        )
    )  # fmt: skip


@of_its_kind
def obstacles(
    log: Any,
    staff: Mapping[str, Team] | None = None,
    by: str | Iterable[str] = "team",
    *,
    minimum: int = MINIMUM,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
) -> Any:
    """What stood in the way where a touchpoint fell short: the column ``obstacle``, counted.

    Args: as for `teams`, and
        staff: where given, and grouped by team, a team that is too small says nothing.
        by: the columns to group by.
        minimum: failures, and people of a team, below which nothing is said; from 5.

    Returns:
        The grouping columns, ``failures`` (touchpoints that fell short), then of them those with
        each obstacle, ``policy``, ``resource``, ``skill``, ``authority``, ``attitude``, and
        ``unnamed``. All null where there are too few.
    """
    least = whole_from(minimum, MINIMUM, "minimum")
    keys = group_keys(by, results=("failures", "unnamed", *Obstacle))
    required = (*REQUIRED, "obstacle", *(["team"] if staff is not None else []))
    given = open_log(log, keys=keys, columns=columns, timezone=timezone, required=required)
    each, _ = opened(
        frames.touchpoints(
            nw.to_native(given.frame),
            keep=dict.fromkeys([*keys, "obstacle"]),
            policy=policy,
            scales=scales,
            market=market,
        )
    )
    failed = each.filter(nw.col("outcome") == Outcome.FELL_SHORT.value)
    named = {
        f"_{kind.value}": (nw.col("obstacle") == kind.value).fill_null(False).cast(nw.Int64())
        for kind in Obstacle
    }
    sums = added(failed.select(*keys, _failures=whole(1), **named), keys)
    shown = nw.col("_failures") >= least
    if staff is not None and "team" in keys:
        sums = _with_staff(sums, _staff(staff))
        shown = shown & _large_enough(least)
    unnamed = nw.col("_failures") - nw.sum_horizontal(*named)
    counts = {name[1:]: nw.col(name) for name in ("_failures", *named)} | {"unnamed": unnamed}
    return given.restore(
        sums.select(*keys, **{name: nw.when(shown).then(n) for name, n in counts.items()})
    )


def _staff(given: object) -> dict[str, Team]:
    if not isinstance(given, Mapping) or not given:
        raise WrongType(f"{described(given)} is not a mapping of teams", path="staff", value=given)
    for team in given.values():
        if not isinstance(team, Team):
            raise WrongType(f"{described(team)} is not a Team", path="staff", value=team)
    return dict(given)


def _with_staff(frame: nw.LazyFrame[Any], staff: Mapping[str, Team]) -> nw.LazyFrame[Any]:
    """The frame with ``_people``, the needs and ``_trait`` of each team; null of others."""
    table = table_beside(
        frame,
        {
            "team": list(staff),
            "_people": [team.people for team in staff.values()],
            **{need.value: [float(team.needs[need]) for team in staff.values()] for need in Need},
            "_trait": [team.weakest_trait or "" for team in staff.values()],
        },
    )
    return frame.join(table, on="team", how="left")


def _large_enough(minimum: int) -> nw.Expr:
    """Whether a team is not known to be too small."""
    return nw.col("_people").is_null() | (nw.col("_people") >= minimum)
