"""What a log tells beside its scores: other answers, needs, expectations to ask for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw

from ..findings import ALIKE, FindingKind
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from .columns import group_keys
from .engines import divided, with_milliseconds
from .filling import NOTHING, filled
from .formula import points, whole
from .identity import Identity
from .kinds import of_its_kind
from .log import Log
from .preparing import prepared
from .references import joinable

_DAY = 86_400_000  # milliseconds


@of_its_kind
def answers(
    log: Any,
    by: str | Sequence[str] = ("customer", "touchpoint"),
    *,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
) -> Any:
    """Whether the same request met the same answer: over visits, in a journey, over teams.

    Answers are alike while the levels delivered lie less than 20 points apart, a gap that is
    clearly felt.

    Args:
        by: what makes a request the same: the customer and the touchpoint; ``["journey",
            "touchpoint"]`` within a journey, ``["touchpoint", "team"]`` within a team.
        log, policy, columns, timezone, scales: as for `score`.

    Returns:
        The grouping columns, ``answers`` (their number, from two on), ``low``, ``high`` (points
        delivered) and ``alike``.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "b"], "customer": ["c-1", "c-1"],
    ...                     "touchpoint": ["airline.cabin"] * 2, "anticipated": [0.8, 0.8],
    ...                     "delivered": [0.9, 0.1]})
    >>> answers(log).row(0)
    ('c-1', 'airline.cabin', 2, 10.0, 90.0, False)
    """
    keys = group_keys(by, results=("answers", "low", "high", "alike"))
    opened, rows = prepared(log, keys, policy, columns, timezone, scales, NOTHING, False)
    events = Identity(rows, keys, opened.may_be_null("id")).touchpoints(
        filled(opened.frame, rows, NOTHING)
    )
    each = events.filter(nw.col("_w") > 0).select(*keys, _d=nw.col("_D").cast(nw.Int64()))
    found = each.group_by(*keys).agg(
        answers=nw.len(), _low=nw.col("_d").min(), _high=nw.col("_d").max()
    )
    several = found.filter(nw.col("answers") > 1)
    return opened.restore(
        several.select(
            *keys,
            answers=nw.col("answers").cast(nw.Int64()),
            low=points(nw.col("_low").cast(nw.Float64())),
            high=points(nw.col("_high").cast(nw.Float64())),
            alike=nw.col("_high") - nw.col("_low") < ALIKE,
        )
    )


@of_its_kind
def needs(
    log: Any,
    by: str | Sequence[str] = "journey",
    *,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
) -> Any:
    """The needs that were taken down, and in how many journeys they were met.

    Args:
        by: the columns to group by, ``site``; a need is met in its journey, wherever that is.
        log, policy, columns, timezone, scales: as for `score`; the log has ``need``.

    Returns:
        The grouping columns, ``need``, ``taken`` (journeys that took it down), ``met``, ``unmet``.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "a"], "touchpoint": ["hotel.booking", "hotel.room"],
    ...     "anticipated": [None, 0.8], "delivered": [None, 0.9], "need": ["crib", None],
    ...     "meets": [None, "crib"]})
    >>> needs(log).row(0)
    ('a', 'crib', 1, 1, 0)
    """
    keys = group_keys(by, results=("need", "taken", "met", "unmet"))
    told = [*keys, "journey", "need"]
    opened, live = _live(log, told, policy, columns, timezone, scales, ["meets"])
    on = {"_j": joinable(nw.col("journey"))}
    of = {f"_of_{place}": nw.col(name) for place, name in enumerate(keys)}
    taken = live.filter(~nw.col("need").is_null()).select(**on, **of, _need=nw.col("need")).unique()
    if opened.has("meets"):
        done = live.filter(nw.col("_done") & ~nw.col("meets").is_null())
        met = done.select(**on, _need=nw.col("meets")).unique().with_columns(_met=whole(1))
        taken = taken.join(met, on=["_j", "_need"], how="left")
    else:
        taken = taken.with_columns(_met=whole(0))
    counted = taken.with_columns(_one=whole(1), _met=nw.col("_met").fill_null(0))
    summed = counted.group_by(*of, "_need").agg(nw.col("_one").sum(), nw.col("_met").sum())
    named = {name: nw.col(f"_of_{place}") for place, name in enumerate(keys)}
    n, m = (nw.col(name).cast(nw.Int64()) for name in ("_one", "_met"))
    return opened.restore(summed.select(**named, need=nw.col("_need"), taken=n, met=m, unmet=n - m))


@of_its_kind
def ask_again(
    log: Any,
    *,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
) -> Any:
    """Expectations that need asking about: stale ones, and those left out as unreasonable.

    Args:
        policy: its ``fresh_days``.
        log, columns, timezone, scales: as for `score`.

    Returns:
        ``journey``, ``source``, ``id``, ``touchpoint``, ``customer`` and ``basis`` as far as the
        log has them, ``finding`` (stale or unreasonable), ``reason`` (of an unreasonable one) and
        ``days`` (whole days from when it was learned to the touchpoint).

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a"], "touchpoint": ["hotel.room"], "anticipated": [0.8],
    ...     "delivered": [0.9], "basis": ["asked"], "at": ["2026-05-01T12:00Z"],
    ...     "as_of": ["2024-05-01T12:00Z"]})
    >>> ask_again(log).row(0)
    ('a', 'hotel.room', 'asked', 'stale', None, 730)
    """
    told = ["journey", "source", "id", "touchpoint", "customer", "basis"]
    opened, live = _live(log, [], policy, columns, timezone, scales, [*told, "unreasonable"])
    reason = nw.col("unreasonable") if opened.has("unreasonable") else nw.lit(None, nw.String())
    age = nw.col("_ms_at") - nw.col("_ms_as_of")
    stale = (age > int(policy.fresh_days * _DAY)).fill_null(False)
    kind: Any = nw.when(stale).then(nw.lit(FindingKind.STALE.value))
    unreasonable = nw.lit(FindingKind.UNREASONABLE.value)
    found = live.filter(nw.col("_said")).with_columns(reason=reason, days=age)
    found = found.with_columns(
        finding=nw.when(~nw.col("reason").is_null()).then(unreasonable).otherwise(kind)
    ).filter(~nw.col("finding").is_null())
    found = divided(found, "days", _DAY, "_rest")
    kept = [name for name in told if opened.has(name)]
    return opened.restore(found.select(*kept, "finding", "reason", "days").unique())


def _live(
    log: Any,
    keys: list[str],
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
    more: list[str],
) -> tuple[Log, nw.LazyFrame[Any]]:
    """The log, and the rows that say something, with the columns asked for and their times."""
    opened, rows = prepared(
        log, keys, policy, columns, timezone, scales, NOTHING, False, every_column=True
    )
    times = {"_ms_at": "at", "_ms_as_of": "as_of"}
    frame = with_milliseconds(filled(opened.frame, rows, NOTHING), times)
    frame = frame.with_columns(_said=~nw.col("anticipated").is_null())
    wanted = dict.fromkeys((*keys, *(name for name in more if opened.has(name))))
    kept = [*wanted, *times, "_said"]
    return opened, Identity(rows, kept, opened.may_be_null("id")).handled(frame)[1]
