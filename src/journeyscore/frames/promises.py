"""Promises of a journey log: `journeyscore.promises`, for every group at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import narwhals as nw
from narwhals.typing import IntoFrameT

from ..checks import moment, within
from ..errors import LogError
from ..extremes import milliseconds
from ..policy import DEFAULT_POLICY, Policy
from ..promises import GAP, Calibration, PromiseState
from ..scales import Scale
from .columns import RESULTS, group_keys, missing
from .engines import divided, opened, with_milliseconds
from .filling import NOTHING, filled
from .formula import points, real, share_of, whole
from .identity import Identity
from .kinds import of_its_kind
from .log import Log
from .preparing import prepared
from .rows import Rows

LEDGER = ("state", "promised", "came", "n")
"""What `ledger` says beside its keys."""

_OUT = (*RESULTS, *Calibration._fields, *LEDGER, "silence")


@of_its_kind
def ledger(
    log: Any,
    by: str | Sequence[str] = "team",
    *,
    now: datetime | None = None,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
) -> Any:
    """What was promised and what came of it: counts by level, which merge by adding.

    An exact sketch: whatever `promises` says can be read from it, and from several of them put
    one after the other.

    Args:
        by: the columns to group by.
        now: what was due before, and not delivered, is empty; without it such promises pend.
        log, policy, columns, timezone, scales: as for `score`.

    Returns:
        A dataframe of the kind that came in: the grouping columns, ``state`` (kept, broken, empty,
        pending), ``promised`` and ``came`` (hundredths of a point; 0 in what was not delivered) and
        ``n``, how many such promises there were.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a"], "touchpoint": ["hotel.front_desk"], "team": ["desk"],
    ...                     "anticipated": [0.8], "delivered": [0.5], "basis": ["promised"]})
    >>> ledger(log).row(0)
    ('desk', 'broken', 8000, 5000, 1)
    """
    log_, counts, _ = _ledger(log, by, now, policy, columns, timezone, scales)
    return log_.restore(counts)


@of_its_kind
def promises(
    log: Any,
    by: str | Sequence[str] = "team",
    *,
    rate: float = 0.9,
    now: datetime | None = None,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
) -> Any:
    """How promises and deliveries agree, by team or whatever a log is grouped by.

    Args:
        by: the columns to group by.
        rate: how often a promise is to be kept, 0 to 1, for ``keepable``.
        now: what was due before, and not delivered, is empty; without it such promises pend.
        log, policy, columns, timezone, scales: as for `score`.

    Returns:
        A dataframe of the kind that came in: the grouping columns, then the fields of
        `journeyscore.promises.Calibration`. Groups that promised nothing are not there.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a"], "touchpoint": ["hotel.front_desk"], "team": ["desk"],
    ...                     "anticipated": [0.8], "delivered": [0.5], "basis": ["promised"]})
    >>> promises(log).select("kept", "broken", "gap", "keepable").row(0)
    (0, 1, -30.0, 50.0)
    """
    rate = within(rate, 0.0, 1.0, "rate")
    log_, counts, keys = _ledger(log, by, now, policy, columns, timezone, scales)
    return log_.restore(calibrated(counts, keys, rate))


def read_ledger(*ledgers: IntoFrameT, rate: float = 0.9) -> IntoFrameT:
    """What `promises` would have said of the logs that ledgers were made of, all together.

    Args:
        ledgers: what `ledger` returned, of one engine, grouped by the same columns.
        rate: how often a promise is to be kept, 0 to 1.

    Raises:
        LogError: no ledgers, or grouped by different columns.
        MissingColumn: a frame that `ledger` did not make.
    """
    rate = within(rate, 0.0, 1.0, "rate")
    if not ledgers:
        raise LogError("nothing to read", path="ledgers")
    frames = [opened(each) for each in ledgers]
    names = frames[0][0].collect_schema().names()
    for frame, _ in frames:
        found = frame.collect_schema().names()
        for name in LEDGER:
            if name not in found:
                raise missing(name, found, path="ledgers")
        if set(found) != set(names):
            raise LogError("ledgers grouped by different columns", path="ledgers", value=found)
    keys = [name for name in names if name not in LEDGER]
    every = nw.concat([frame.select(*names) for frame, _ in frames])
    result: IntoFrameT = frames[0][1](calibrated(_added(every, keys), keys, rate))
    return result


@of_its_kind
def silences(
    log: Any,
    *,
    now: datetime | None = None,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
) -> Any:
    """The longest time, in each journey, without a contact while a promise was pending.

    Args:
        now: the end of what is known; without it, of each journey, its latest contact.
        log, policy, columns, timezone, scales: as for `score`; the log has ``at`` and
            ``promised_at``.

    Returns:
        ``journey`` and ``silence``, whole seconds. Journeys in which nothing was ever pending are
        not there.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a"], "touchpoint": ["hotel.valet"], "anticipated": [0.8],
    ...     "delivered": [0.5], "promised_at": ["2026-05-01T12:00Z"], "at": ["2026-05-01T12:20Z"]})
    >>> silences(log).row(0)
    ('a', 1200)
    """
    log_, rows = _opened(
        log, ["journey"], policy, columns, timezone, scales, required=("at", "promised_at")
    )
    times = {"_ms_at": "at", "_made": "promised_at"}
    keys = ["journey", *times, *(["act"] * log_.has("act"))]
    frame = with_milliseconds(filled(log_.frame, rows, NOTHING), times)
    live = Identity(rows, keys, log_.may_be_null("id")).handled(frame)[1]
    acted = ~nw.col("act").is_null() if log_.has("act") else nw.lit(False)
    ends = nw.when(nw.col("_done")).then(nw.col("_ms_at"))
    live = live.with_columns(_ends=ends, _contact=nw.col("_done") | acted)
    pending = ~nw.col("_made").is_null() & (
        nw.col("_ends").is_null() | (nw.col("_ends") > nw.col("_made"))
    )
    parts = [
        live.filter(nw.col("_contact") & ~nw.col("_ms_at").is_null()).select(
            "journey", _t=nw.col("_ms_at"), _step=whole(0)
        ),
        live.filter(pending).select("journey", _t=nw.col("_made"), _step=whole(1)),
        live.filter(pending & ~nw.col("_ends").is_null()).select(
            "journey", _t=nw.col("_ends"), _step=whole(-1)
        ),
    ]
    steps = nw.concat(parts)
    if now is not None:
        until = whole(milliseconds(moment(now, "now")))
        last = live.select("journey").unique().with_columns(_t=until, _step=whole(0))
        steps = nw.concat([steps.filter(nw.col("_t") <= until), last])
    walked = steps.with_columns(
        _pending=nw.col("_step").cum_sum().over("journey", order_by="_t"),
        _next=nw.col("_t").shift(-1).over("journey", order_by="_t"),
    )
    silent = walked.filter((nw.col("_pending") > 0) & (nw.col("_next") > nw.col("_t")))
    longest = silent.with_columns(silence=nw.col("_next") - nw.col("_t"))
    longest = longest.group_by("journey").agg(nw.col("silence").max())
    longest = divided(longest, "silence", 1000, "_milliseconds")
    return log_.restore(longest.select("journey", "silence"))


def _opened(
    log: Any,
    keys: list[str],
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
    required: Sequence[str] = (),
) -> tuple[Log, Rows]:
    needed = ("journey", "touchpoint", "anticipated", "delivered", *required)
    return prepared(
        log, keys, policy, columns, timezone, scales, NOTHING, False, required=needed,
        every_column=True,
    )  # fmt: skip


def _ledger(
    log: Any,
    by: str | Sequence[str],
    now: datetime | None,
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
) -> tuple[Log, nw.LazyFrame[Any], list[str]]:
    """The log, its ledger, and the grouping columns."""
    keys = group_keys(by, results=_OUT)
    log_, rows = _opened(log, keys, policy, columns, timezone, scales)
    times = times_of_promises(log_)
    frame = with_milliseconds(filled(log_.frame, rows, NOTHING), times)
    identity = Identity(rows, [*keys, *times], log_.may_be_null("id"))
    until = None if now is None else milliseconds(moment(now, "now"))
    return log_, counted(identity.promised(frame), keys, times, until), keys


def times_of_promises(log: Log) -> dict[str, str]:
    """The columns of times that judge promises, by their names as milliseconds.

    Nothing is late or past without a time at which it was due.
    """
    times = {"_ms_due": "due", "_ms_at": "at"}
    there = {
        name: at
        for name, at in times.items()
        if log.has(at) and not isinstance(log.schema[at], nw.Unknown)
    }
    return there if "_ms_due" in there else {}


def counted(
    pledged: nw.LazyFrame[Any], keys: Sequence[str], times: Collection[str], until: int | None
) -> nw.LazyFrame[Any]:
    """The ledger of what `Identity.promised` found.

    Args:
        pledged: the promises, with the keys and the times.
        keys: the grouping columns.
        times: which of ``_ms_due`` and ``_ms_at`` there are.
        until: milliseconds; what was due before is empty if it is not delivered.
    """
    past = late = nw.lit(False)
    if "_ms_due" in times and until is not None:
        past = (nw.col("_ms_due") < whole(until)).fill_null(False)
    if "_ms_due" in times and "_ms_at" in times:
        late = (nw.col("_ms_at") > nw.col("_ms_due")).fill_null(False)
    states = {name: nw.lit(name.value) for name in PromiseState}
    kept = nw.when(late | (nw.col("_D") < nw.col("_P"))).then(states[PromiseState.BROKEN])
    done = kept.otherwise(states[PromiseState.KEPT])
    waiting = nw.when(past).then(states[PromiseState.EMPTY]).otherwise(states[PromiseState.PENDING])
    state = nw.when(nw.col("_done")).then(done).otherwise(waiting)
    state = nw.when(nw.col("_missed") > 0).then(states[PromiseState.EMPTY]).otherwise(state)
    each = pledged.select(*keys, state=state, promised=nw.col("_P"), came=nw.col("_D"), n=whole(1))
    return _added(each, keys)


def _added(ledger: nw.LazyFrame[Any], keys: Sequence[str]) -> nw.LazyFrame[Any]:
    over = (*keys, "state", "promised", "came")
    return ledger.group_by(*over).agg(nw.col("n").sum()).with_columns(nw.col("n").cast(nw.Int64()))


def calibrated(
    ledger: nw.LazyFrame[Any], keys: Sequence[str], rate: float = 0.9
) -> nw.LazyFrame[Any]:
    """The read-outs of a ledger: windows over its few rows, and one group_by."""

    def of(state: PromiseState) -> nw.Expr:
        return nw.when(nw.col("state") == state.value).then(nw.col("n")).otherwise(whole(0))

    def over(expression: nw.Expr, order: str | None = None) -> nw.Expr:
        return expression.over(*keys, order_by=order) if order else expression.over(*keys)

    states = {each.value: of(each) for each in PromiseState}
    due = nw.col("n") - states["pending"]
    gap = nw.col("came") - nw.col("promised")
    late = (nw.col("state") == PromiseState.BROKEN.value) & (gap >= 0)
    each = ledger.with_columns(
        **{f"_{name}": count for name, count in states.items()},
        _due=due,
        _measured=due - states["empty"],
        _gap=gap,
        _level=nw.when(late).then(whole(0)).otherwise(nw.col("came")),
    ).with_columns(
        _dues=over(nw.col("_due").sum()).cast(nw.Int64()),
        _measureds=over(nw.col("_measured").sum()).cast(nw.Int64()),
        _above=over(nw.col("_due").cum_sum(reverse=True), "_level").cast(nw.Int64()),
        _below=over(nw.col("_measured").cum_sum(), "_gap").cast(nw.Int64()),
    )
    some, measured = nw.col("_due") > 0, nw.col("_measured") > 0
    reached = {"_safe": rate, "_half": 0.5}
    each = each.with_columns(
        **{
            name: nw.when(some & (nw.col("_above") >= _kth("_dues", part))).then(nw.col("_level"))
            for name, part in reached.items()
        },
        **{
            name: nw.when(measured & (nw.col("_below") >= _kth("_measureds", part))).then(gap)
            for name, part in _PARTS.items()
        },
        _sum=nw.when(measured).then(gap * nw.col("_measured")).otherwise(whole(0)),
    ).with_columns(**{name: over(nw.col(name).max()) for name in reached})
    each = each.with_columns(
        _unrealistic=nw.when(nw.col("promised") > nw.col("_half")).then(nw.col("_due")),
        _sandbagged=nw.when(nw.col("promised") + GAP <= nw.col("_safe")).then(nw.col("_due")),
    )
    sums = ("n", "_due", "_kept", "_broken", "_empty", "_pending", "_measured", "_sum",
            "_unrealistic", "_sandbagged")  # fmt: skip
    summed = each.group_by(*keys).agg(
        *(nw.col(name).sum() for name in sums),
        nw.col("_safe").max(),
        *(nw.col(name).min() for name in _PARTS),
    )
    summed = summed.with_columns(nw.col(name).cast(nw.Int64()).fill_null(0) for name in sums)
    dues = nw.when(nw.col("_due") > 0).then(nw.col("_due"))
    gaps = nw.when(nw.col("_measured") > 0).then(nw.col("_measured"))
    return summed.select(
        *keys,
        made=nw.col("n"),
        due=nw.col("_due"),
        **{name: nw.col(f"_{name}") for name in ("kept", "broken", "empty", "pending")},
        kept_rate=share_of((nw.col("_kept") * 10000 / dues + real(0.5)).floor()),
        gap=points((nw.col("_sum") / gaps + real(0.5)).floor()),
        **{name[1:]: points(nw.col(name).cast(nw.Float64())) for name in _PARTS},
        keepable=points(nw.col("_safe").cast(nw.Float64())),
        unrealistic=nw.col("_unrealistic"),
        sandbagged=nw.col("_sandbagged"),
    )


_PARTS = {"_gap_low": 0.1, "_gap_median": 0.5, "_gap_high": 0.9}


def _kth(count: str, part: float) -> nw.Expr:
    """``max(1, ceil(part * n))``."""
    k = real(0.0) - (real(0.0) - real(part) * nw.col(count)).floor()
    return nw.when(k < 1).then(real(1.0)).otherwise(k)
