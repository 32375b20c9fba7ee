"""Each touchpoint of a log by itself: its value, its effect, its outcome, whether it mattered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import narwhals as nw

from ..expectations import Basis
from ..moments import MomentKind, Outcome
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from ..tally import threshold
from .columns import DESCRIBING, RESULTS, group_keys
from .filling import Known, filled
from .formula import points, real
from .identity import Identity
from .kinds import of_its_kind
from .preparing import Quarantine, prepared, quarantine_of
from .references import joinable
from .rows import RANK

EXPLAINING = (
    "weight", "basis", "anticipated", "delivered", "value", "effect", "contribution",
    "outcome", "moment",
)  # fmt: skip
"""The columns that come beside them, and so cannot be kept."""


@of_its_kind
def touchpoints(
    log: Any,
    *,
    keep: Iterable[str] = (),
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    experience: Any = None,
    strict: bool = False,
    quarantine: Quarantine | None = None,
    quarantine_rows: bool = False,
) -> Any:
    """Each touchpoint that counts: what it scored, how it lay in its zone, whether it mattered.

    Duplicates, retracted events and rejected rows are left out, the readings of one id are one
    touchpoint, and a recovery shows in the value of what it recovered.

    Args:
        keep: further columns of the log to keep.
        log, policy, columns, timezone, scales, market, experience: as for `score`.
        strict, quarantine, quarantine_rows: as for `score`.

    Returns:
        A dataframe of the kind that came in, lazy if it was, in no order: ``journey``, ``source``,
        ``id``, ``touchpoint``, ``at``, ``customer``, ``team``, ``site``, ``channel`` and ``stage``
        as far as the log has them, what is in `keep`, then ``weight``, ``basis``, ``anticipated``,
        ``delivered``, ``value`` (points, 0 to 100), ``effect`` (value - anticipated),
        ``contribution`` (by how much it moved its journey against par, not rounded; they add up to
        impression - par but for rounding), ``outcome`` (fell_short, met, extra_mile, proactive) and
        ``moment`` (broke, recovered, made; null for a moment that does not matter).

    Raises:
        As `score` does.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a"], "touchpoint": ["hotel.front_desk"],
    ...                     "anticipated": [0.8], "delivered": [0.5], "basis": ["promised"]})
    >>> touchpoints(log).row(0)[-5:]
    (18.8, -61.2, -61.2, 'fell_short', 'broke')
    """
    more = group_keys(keep, path="keep", results=(*RESULTS, *EXPLAINING)) if keep else []
    known = Known.of(market, experience)
    opened, rows = prepared(
        log,
        more,
        policy,
        columns,
        timezone,
        scales,
        known,
        strict,
        quarantine_of(quarantine, quarantine_rows),
        every_column=True,
    )
    keys = [name for name in DESCRIBING if opened.has(name)]
    if opened.has("factor") and not opened.has("id"):
        keys.append("factor")  # each reading is a touchpoint of its own
    keys += [name for name in more if name not in keys]
    identity = Identity(rows, keys, opened.may_be_null("id"))
    events = identity.explained(filled(opened.frame, rows, known))
    return opened.restore(_explained(events, keys, policy))


def judged(policy: Policy) -> dict[str, nw.Expr]:
    """Whether each of `Identity.explained` fell short or went beyond; broke, made, or recovered.

    Of each three at most one is true.
    """
    v, a, d = (nw.col(name) for name in ("_V", "_A", "_D"))
    broke = v - a <= -threshold(policy.broke)
    made = v - a >= threshold(policy.made)
    short = d < nw.col("_adequate")
    return {
        "fell_short": short,
        "beyond": ~short & (d > nw.col("_desired")),
        "broke": broke,
        "made": ~broke & made,
        "recovered": ~broke & ~made & (nw.col("_before") - a <= -threshold(policy.broke)),
    }


def _outcome_and_moment(policy: Policy) -> tuple[nw.Expr, nw.Expr]:
    """The names of the outcome, and of the moment or null."""
    held = judged(policy)
    beyond = (
        nw.when(nw.col("_proactive"))
        .then(nw.lit(Outcome.PROACTIVE.value))
        .otherwise(nw.lit(Outcome.EXTRA_MILE.value))
    )
    outcome = nw.when(held["beyond"]).then(beyond).otherwise(nw.lit(Outcome.MET.value))
    outcome = nw.when(held["fell_short"]).then(nw.lit(Outcome.FELL_SHORT.value)).otherwise(outcome)
    moment: nw.Expr = nw.lit(None, nw.String())
    for kind in MomentKind:
        moment = nw.when(held[kind.value]).then(nw.lit(kind.value)).otherwise(moment)
    return outcome, moment


def _explained(events: nw.LazyFrame[Any], keys: list[str], policy: Policy) -> nw.LazyFrame[Any]:
    basis = nw.lit(Basis.ASSUMED.value)
    for each in Basis:
        basis = nw.when(nw.col("_basis") == RANK[each]).then(nw.lit(each.value)).otherwise(basis)
    outcome, moment = _outcome_and_moment(policy)
    w, e = nw.col("_w").cast(nw.Float64()), (nw.col("_V") - nw.col("_A")).cast(nw.Float64())
    return events.with_columns(_j=joinable(nw.col("journey"))).select(
        *keys,
        weight=_in_points("_w"),
        basis=basis,
        anticipated=_in_points("_A"),
        delivered=_in_points("_D"),
        value=_in_points("_V"),
        effect=points((nw.col("_V") - nw.col("_A")).cast(nw.Float64())),
        contribution=w * e / (w.sum().over("_j") * real(100.0)),
        outcome=outcome,
        moment=moment,
    )


def _in_points(name: str) -> nw.Expr:
    return points(nw.col(name).cast(nw.Float64()))
