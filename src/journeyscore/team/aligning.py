"""Alignment: whether teams, or sites, deliver alike what a house stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import narwhals as nw

from ..checks import text, whole_from
from ..errors import InvalidValue, described
from ..frames.averages import added
from ..frames.columns import REQUIRED, group_keys
from ..frames.filling import NOTHING, filled
from ..frames.formula import points, real, weighted_mean, whole
from ..frames.identity import Identity
from ..frames.joining import with_canonical_factors
from ..frames.kinds import of_its_kind
from ..frames.preparing import prepared
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale

ALIGNED = ("communication", "attitude", "responsiveness")
"""In what a team should be aligned: the message, the energy, the responsiveness."""

MINIMUM = 10
"""Touchpoints, or readings, below which a team is left out, unless another number is given: few are
no habit."""

FEWEST = 5
"""The least that may be given."""


@of_its_kind
def alignment(
    log: Any,
    of: Literal["factor", "touchpoint", "stage", "channel"] = "factor",
    between: str = "team",
    *,
    minimum: int = MINIMUM,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
) -> Any:
    """How far teams, or sites, lie apart in what they deliver.

    All should be aligned in message, energy and responsiveness: of a log with readings those are
    the rows `ALIGNED` names. Without readings, what each delivers at a touchpoint tells.

    Args:
        log, policy, columns, timezone, scales: as for `journeyscore.frames.score`.
        of: what is compared: the readings of a factor, or touchpoints by name, stage or channel.
        between: the column that tells who delivers: ``team``, ``site``, or another.
        minimum: readings or touchpoints below which a team is left out, from 5.

    Returns:
        A dataframe of the kind that came in, in no order: what is compared, under its name,
        ``groups`` (teams with enough), ``level`` (the mean of their mean levels, each counting
        once), ``spread`` (the best less the worst) in points, ``lowest`` and ``highest`` (of equal
        ones the first by name). ``level`` and the rest null below two teams.

    >>> import polars as pl
    >>> log = pl.DataFrame({
    ...     "journey": range(20), "touchpoint": ["hotel.front_desk"] * 20,
    ...     "factor": ["attitude"] * 20, "anticipated": [0.7] * 20,
    ...     "delivered": [0.9, 0.6] * 10, "team": ["east", "west"] * 10,
    ... })
    >>> alignment(log).row(0)
    ('attitude', 2, 75.0, 30.0, 'west', 'east')
    """
    if of not in _COMPARED:
        raise InvalidValue(
            f"{described(of)} is none of {', '.join(_COMPARED)}", path="of", value=of
        )
    least = whole_from(minimum, FEWEST, "minimum")
    [team] = group_keys(text(between, "between"), path="between", results=_RESULTS)
    opened, rows = prepared(
        log,
        [team],
        policy,
        columns,
        timezone,
        scales,
        NOTHING,
        strict=False,
        required=(*REQUIRED, of),
    )
    identity = Identity(rows, [of, team], opened.may_be_null("id"))
    frame = opened.frame
    if of == "factor":
        frame = with_canonical_factors(frame).with_columns(factor="_factor").drop("_factor")
    complete = filled(frame, rows, NOTHING)
    each = identity.readings(complete) if of == "factor" else identity.explained(complete)
    return opened.restore(_spread(each, of, team, least))


_COMPARED = ("factor", "touchpoint", "stage", "channel")

_RESULTS = ("groups", "level", "spread", "lowest", "highest")
"""Columns that come out, and so cannot tell who delivers."""


def _spread(each: nw.LazyFrame[Any], of: str, team: str, minimum: int) -> nw.LazyFrame[Any]:
    """The mean level of each team, and of what is compared how far those lie apart."""
    known = each.filter(~nw.col(of).is_null() & ~nw.col(team).is_null())
    sums = added(known.select(of, team, _d=nw.col("_D"), _n=whole(1)), [of, team])
    enough = sums.filter(nw.col("_n") >= minimum)
    means = enough.with_columns(_level=weighted_mean(nw.col("_d"), nw.col("_n")))
    ends = means.with_columns(
        _low=nw.col("_level").min().over(of), _high=nw.col("_level").max().over(of)
    ).with_columns(
        _lowest=nw.when(nw.col("_level") == nw.col("_low")).then(nw.col(team)),
        _highest=nw.when(nw.col("_level") == nw.col("_high")).then(nw.col(team)),
        _one=whole(1),
    )
    summed = ends.group_by(of).agg(
        nw.col("_one").sum(),
        nw.col("_level").sum(),
        *(nw.col(name).min() for name in ("_low", "_high", "_lowest", "_highest")),
    )
    whole_ = summed.with_columns(nw.col("_one", "_level").cast(nw.Int64()))
    n = nw.when(nw.col("_one") > 1).then(nw.col("_one"))
    several = ~n.is_null()
    spread = (nw.col("_high") - nw.col("_low")).cast(nw.Float64())
    return whole_.select(
        of,
        groups=nw.col("_one"),
        level=points((nw.col("_level") / n + real(0.5)).floor()),
        spread=nw.when(several).then(points(spread)),
        lowest=nw.when(several).then(nw.col("_lowest")),
        highest=nw.when(several).then(nw.col("_highest")),
    )
