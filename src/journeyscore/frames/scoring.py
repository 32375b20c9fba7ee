"""The dataframe door: a journey log in, tallies or scores of its groups out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import narwhals as nw

from ..errors import InvalidValue, described
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from ..telemetry import Attributes, semconv, span
from .averages import journey_sums, over_journeys
from .columns import group_keys
from .faults import faults_of
from .filling import Known, filled
from .formula import readouts, sums, tallies
from .identity import Identity
from .kinds import of_its_kind
from .log import Log
from .preparing import Quarantine, prepared, quarantine_of
from .rows import Rows

By = str | Iterable[str]


@of_its_kind
def fold(
    log: Any,
    by: By = "journey",
    *,
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
    """The tally of each group of a journey log: whole numbers, to merge later.

    Args: as for `score`.

    Returns:
        A dataframe of the kind that came in: the grouping columns, the fields of
        `journeyscore.Tally` under their names, and ``rejected``, the rows not folded because
        something in them is wrong. Rows in no order.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a"], "touchpoint": ["hotel.valet"],
    ...                     "anticipated": [0.6], "delivered": [0.9]})
    >>> fold(log, by="touchpoint").row(0)
    ('hotel.valet', 1, 100, 910400, 600000, 963481600, 900000, 0, 0)
    """
    keys = group_keys(by)
    known = Known.of(market, experience)
    aside = quarantine_of(quarantine, quarantine_rows)
    opened, rows = prepared(log, keys, policy, columns, timezone, scales, known, strict, aside)
    return opened.restore(tallies(folded(opened, rows, keys, known), keys))


@of_its_kind
def score(
    log: Any,
    by: By = "journey",
    *,
    average: Literal["touchpoints", "journeys"] = "touchpoints",
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    experience: Any = None,
    strict: bool = False,
    quarantine: Quarantine | None = None,
    quarantine_rows: bool = False,
    traces: bool = True,
) -> Any:
    """The score of each group of a journey log; emits one short span ``journey score`` for all.

    Args:
        log: a path or a glob (Parquet, CSV, JSON Lines), or a dataframe of Polars, DuckDB,
            pandas, PyArrow or PySpark; lazy stays lazy.
        by: the column, or columns, to group by. ``day`` is the calendar day of ``at``
            in ``timezone``, else in UTC.
        average: over ``touchpoints``, or over ``journeys``: the mean of their impressions, each
            journey counting once, with an interval.
        policy: the parameters of the model.
        columns: the host's names for the columns, ``{"stay_no": "journey"}``.
        timezone: what naive times mean, ``"Europe/Zurich"``, and in which days are counted;
            without it naive times are rejected, and days are those of UTC.
        scales: scales by factor, or by touchpoint, where the log holds raw measures.
        market: what ``market(...)`` returned, for rows that anticipate nothing.
        experience: what ``experience(...)`` returned, which comes first: what the customer of a
            row, by its column ``customer``, met before.
        strict: refuse the log if any row would be rejected, naming the first.
        quarantine: a file for what is not scored, JSON Lines as `check` lists it; empty if there is
            nothing. Without it a file of text with lines that are no rows is refused. With it, or
            ``strict``, the log is read at once, lazy or not.
        quarantine_rows: whether the rows themselves go to that file as well, ids and text included.
        traces: whether the span is emitted, where the host has an OpenTelemetry SDK.

    Returns:
        A dataframe of the kind that came in (of a path, a Polars DataFrame), in no order: the
        grouping columns, then over touchpoints ``touchpoints`` (their number), ``impression``,
        ``par``, ``delivered``, ``consistency`` (points, 0 to 100), ``known_share`` (0 to 1),
        ``verdict``, ``rejected``; over journeys ``journeys`` (their number), ``impression``,
        ``low``, ``high`` (95% interval, from two journeys on), ``touchpoints``, ``rejected``.
        Null where nothing was folded.

    Raises:
        LogNotFound, MissingColumn, LogError: the log cannot be read as one.
        RejectedRows: ``strict``, and there are rows to reject.
        UnknownName, WrongType, InvalidValue: an argument is wrong.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "a"], "touchpoint": ["hotel.valet", "hotel.room"],
    ...                     "anticipated": [0.6, 0.8], "delivered": [0.9, 0.5],
    ...                     "basis": ["assumed", "promised"]})
    >>> score(log, by="journey").row(0)
    ('a', 2, 54.92, 70.0, 70.0, 53.88, 0.5, 'dissatisfied', 0)
    """
    checked_average(average)
    keys = group_keys(by)
    known = Known.of(market, experience)
    aside = quarantine_of(quarantine, quarantine_rows)
    opened, rows = prepared(log, keys, policy, columns, timezone, scales, known, strict, aside)
    if average == "touchpoints":
        scored = readouts(folded(opened, rows, keys, known), keys, policy)
    else:
        each = [*keys, *(["journey"] if "journey" not in keys else [])]
        journeys = tallies(folded(opened, rows, each, known), each)
        scored = over_journeys(journey_sums(journeys, keys), keys)
    result = opened.restore(scored)
    if traces:
        span(semconv.JOURNEY_SCORE, lambda: _told(result, policy))
    return result


def _told(result: Any, policy: Policy) -> Attributes:
    """What telemetry tells of a batch: how many touchpoints count, where that is known by now."""
    frame = nw.from_native(result, pass_through=True)
    count = int(frame["touchpoints"].sum()) if isinstance(frame, nw.DataFrame) else None
    return {semconv.POLICY_FINGERPRINT: policy.fingerprint, semconv.TOUCHPOINT_COUNT: count}


@of_its_kind
def check(
    log: Any,
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    experience: Any = None,
    policy: Policy = DEFAULT_POLICY,
) -> Any:
    """What of a log is not scored, each with the field at fault and what would be right.

    That are rows that a rule rejects, and in JSON Lines and CSV lines that are no rows.

    Args: as for `score`.

    Returns:
        ``line`` (of a JSON Lines or CSV file; of several files after ``file``) or ``row`` (from
        1), ``field`` (null where the whole line is at fault), ``value`` (the number at fault; null
        for anything but a number), ``expected``. In the order of the log; a row that is wrong in
        two fields is there twice, a line that is no row once.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "a"], "touchpoint": ["hotel.valet"] * 2,
    ...                     "anticipated": [0.6, 0.6], "delivered": [0.9, 1.2]})
    >>> check(log).row(0)
    (2, 'delivered', 1.2, 'a level from 0 to 1')
    """
    known = Known.of(market, experience)
    opened, rows = prepared(
        log, [], policy, columns, timezone, scales, known, strict=False, unreadable=True
    )
    return opened.restore(faults_of(opened, rows, known))


def folded(opened: Log, rows: Rows, keys: list[str], known: Known) -> nw.LazyFrame[Any]:
    """The sums of each group of a log that is open, from which come tallies or read-outs."""
    identity = Identity(rows, keys, opened.may_be_null("id"))
    return sums(identity.touchpoints(filled(opened.frame, rows, known)), keys)


def checked_average(average: str) -> str:
    """What is averaged over.

    Raises:
        InvalidValue: neither touchpoints nor journeys.
    """
    if average not in ("touchpoints", "journeys"):
        raise InvalidValue(
            f"{described(average)} is neither touchpoints nor journeys",
            path="average",
            value=average,
        )
    return average
