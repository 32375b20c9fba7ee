"""The dataframe door: a journey log in, tallies or scores of its groups out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import narwhals as nw

from ..errors import InvalidValue, RejectedRows, WrongType, described
from ..policy import DEFAULT_POLICY, Policy
from ..scales import Scale
from ..touchpoints import catalogued_levels
from .columns import REQUIRED, checked_scales, group_keys
from .formula import points, real, readouts, share_of, sums, weighted_mean, whole
from .identity import Identity
from .log import Log, open_log
from .rows import Rows

By = str | Iterable[str]


def fold(
    log: Any,
    by: By = "journey",
    *,
    policy: Policy = DEFAULT_POLICY,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    strict: bool = False,
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
    opened, rows = _opened(log, keys, policy, columns, timezone, scales, market, strict)
    return opened.restore(_folded(opened, rows, keys, market))


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
    strict: bool = False,
) -> Any:
    """The score of each group of a journey log.

    Args:
        log: a path or a glob (Parquet, CSV, JSON Lines), or a Polars frame; lazy stays lazy.
        by: the column, or columns, to group by. ``day`` is the calendar day of ``at``.
        average: over ``touchpoints``, or over ``journeys``: the mean of their impressions, each
            journey counting once, with an interval.
        policy: the parameters of the model.
        columns: the host's names for the columns, ``{"stay_no": "journey"}``.
        timezone: what naive times mean, ``"Europe/Zurich"``; without it they are rejected.
        scales: scales by factor, or by touchpoint, where the log holds raw measures.
        market: what ``market(...)`` returned, for rows that anticipate nothing.
        strict: refuse the log if any row would be rejected.

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
    if average not in ("touchpoints", "journeys"):
        raise InvalidValue(
            f"{described(average)} is neither touchpoints nor journeys",
            path="average",
            value=average,
        )
    keys = group_keys(by)
    opened, rows = _opened(log, keys, policy, columns, timezone, scales, market, strict)
    if average == "touchpoints":
        scored = _folded(opened, rows, keys, market).select(*keys, **readouts(policy))
    else:
        each = [*keys, *(["journey"] if "journey" not in keys else [])]
        scored = _over_journeys(_folded(opened, rows, each, market), keys)
    return opened.restore(scored)


def market(
    log: Any,
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    policy: Policy = DEFAULT_POLICY,
    strict: bool = False,
) -> Any:
    """What customers in general meet at each touchpoint, as whole numbers that merge by adding.

    An input for scoring (another season, another shard), never a by-product of it: a log must
    not fill its gaps with its own mean.

    Args: as for `score`; a log without expectations will do.

    Returns:
        ``touchpoint``, ``delivered`` (sum of D, hundredths of a point), ``count``.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "b"], "touchpoint": ["hotel.valet"] * 2,
    ...                     "delivered": [0.9, 0.6]})
    >>> market(log).row(0)
    ('hotel.valet', 15000, 2)
    """
    keys = ["touchpoint"]
    opened, rows = _opened(
        log, keys, policy, columns, timezone, scales, None, strict, ("journey", "touchpoint", "delivered")
    )
    touchpoints = Identity(rows, keys, opened.may_be_null("id")).touchpoints(
        _filled(opened, rows, None)
    )
    counts = (nw.col("_w") > 0).cast(nw.Int64())
    levels = touchpoints.select(*keys, delivered=counts * nw.col("_D"), count=counts)
    return opened.restore(levels.group_by(*keys).agg(nw.col("delivered").sum(), nw.col("count").sum()))


def check(
    log: Any,
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
    market: Any = None,
    policy: Policy = DEFAULT_POLICY,
) -> Any:
    """The rows of a log that scoring rejects, each with the field at fault and what would be right.

    Args: as for `score`.

    Returns:
        ``line`` (of a JSON Lines or CSV file) or ``row`` (from 1), ``field``, ``value`` (the
        number at fault; null for anything but a number), ``expected``. In the order of the log;
        a row that is wrong in two fields is there twice.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "a"], "touchpoint": ["hotel.valet"] * 2,
    ...                     "anticipated": [0.6, 0.6], "delivered": [0.9, 1.2]})
    >>> check(log).row(0)
    (2, 'delivered', 1.2, 'a level from 0 to 1')
    """
    opened, rows = _opened(log, [], policy, columns, timezone, scales, market, strict=False)
    return opened.restore(_faults(opened, rows, market))


def _opened(
    log: Any,
    keys: list[str],
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
    market: Any,
    strict: bool,
    required: Iterable[str] = REQUIRED,
) -> tuple[Log, Rows]:
    """The log, and how its rows are read; refused if it is to be strict and rows are wrong."""
    if not isinstance(policy, Policy):
        raise WrongType(f"{described(policy)} is not a Policy", path="policy", value=policy)
    opened = open_log(log, keys=keys, columns=columns, timezone=timezone, required=required)
    rows = Rows(
        schema=opened.schema,
        policy=policy,
        scales=checked_scales(scales),
        fill=opened.has("anticipated") and opened.may_be_null("anticipated"),
    )
    if strict:
        faults = _faults(opened, rows, market).collect()
        if len(faults):
            first = faults.head(1).rows(named=True)[0]
            where, place = next(iter(first.items()))
            raise RejectedRows(
                f"{_quoted(first['value'])} is not {first['expected']} "
                f"(rows that cannot be scored: {faults[where].n_unique()})",
                path=f"{where} {place}, {first['field']}",
                value=first["value"],
                hint="check() lists them all, and without strict they are left out",
            )
    return opened, rows


def _quoted(value: float | None) -> str:
    return "what stands there" if value is None else f"{value:g}"


def _filled(opened: Log, rows: Rows, market: Any) -> nw.LazyFrame[Any]:
    """The log with the levels that stand in for a missing expectation, where some may be missing."""
    frame = opened.frame
    if not rows.fill:
        return frame
    if market is None:
        frame = frame.with_columns(_market=nw.lit(None, nw.Float64()))
    else:
        level = share_of((nw.col("_sum") / nw.col("_count") + real(0.5)).floor())
        levels = (
            _market_frame(market)
            .filter(nw.col("count") > 0)
            .select("touchpoint", _sum=nw.col("delivered"), _count=nw.col("count"))
            .select("touchpoint", _market=level)
        )
        frame = frame.join(levels, on="touchpoint", how="left")
    known = catalogued_levels()
    table = nw.from_dict(
        {"touchpoint": list(known), "_catalogue": list(known.values())}, backend="polars"
    ).lazy()
    return frame.join(table, on="touchpoint", how="left")


def _market_frame(market: Any) -> nw.LazyFrame[Any]:
    """A market as a lazy frame: what `market` returned, or ``{touchpoint: (sum, count)}``."""
    if isinstance(market, Mapping):
        rows = list(market.items())
        return nw.from_dict(
            {
                "touchpoint": [name for name, _ in rows],
                "delivered": [total for _, (total, _) in rows],
                "count": [count for _, (_, count) in rows],
            },
            schema={"touchpoint": nw.String(), "delivered": nw.Int64(), "count": nw.Int64()},
            backend="polars",
        ).lazy()
    frame: Any = nw.from_native(market, pass_through=True)
    if not isinstance(frame, (nw.DataFrame, nw.LazyFrame)):
        raise WrongType(
            f"{described(market)} is no market",
            path="market",
            value=market,
            hint="give what market(log) returned, or {touchpoint: (sum, count)}",
        )
    lazy: nw.LazyFrame[Any] = frame.lazy()
    return lazy


def _folded(
    opened: Log, rows: Rows, keys: list[str], market: Any
) -> nw.LazyFrame[Any]:
    identity = Identity(rows, keys, opened.may_be_null("id"))
    return sums(keys, identity.touchpoints(_filled(opened, rows, market)))


def _over_journeys(journeys: nw.LazyFrame[Any], keys: list[str]) -> nw.LazyFrame[Any]:
    """The mean of journeys' impressions, with a 95% interval from their spread.

    The sums are of whole hundredths, so that every engine has the same. The interval is the
    mean plus and minus ``t * s / sqrt(n)``, with Student's t, and ends at 0 and 100.
    """
    measured = (nw.col("weight") > 0) & ~nw.col("value").is_null()
    impression = weighted_mean(nw.col("value"), nw.col("weight"))
    n_ = nw.when(measured).then(impression).otherwise(whole(0))
    each = journeys.with_columns(
        _n=measured.cast(nw.Int64()), _s=n_, _q=n_ * n_
    )
    names = ["_n", "_s", "_q", "count", "rejected"]
    grouped = each.group_by(*keys).agg(*(nw.col(name).sum() for name in names))
    n = nw.when(nw.col("_n") > 0).then(nw.col("_n"))
    above_one = nw.when(nw.col("_n") > 1).then(nw.col("_n") - 1)
    mean = nw.col("_s") / n
    # n*sum(x*x) - sum(x)^2 might not fit 64 bits, so the mean is squared as a float
    spread = nw.col("_q") / above_one - mean * mean * (n / above_one)
    error = nw.when(spread > 0).then(spread).otherwise(real(0.0)).sqrt() / (n / whole(1)).sqrt()
    half = _student(above_one) * error
    low, high = (mean - half + real(0.5)).floor(), (mean + half + real(0.5)).floor()
    return grouped.select(
        *keys,
        journeys=nw.col("_n"),
        impression=points((mean + real(0.5)).floor()),
        low=points(nw.when(low < 0).then(real(0.0)).otherwise(low)),
        high=points(nw.when(high > 10000).then(real(10000.0)).otherwise(high)),
        touchpoints=nw.col("count"),
        rejected=nw.col("rejected"),
    )


def _student(degrees: nw.Expr) -> nw.Expr:
    """The 97.5% quantile of Student's t: exact for 1, 2 and 3 degrees of freedom, else expanded.

    Fisher and Cornish (1960), *The percentile points of distributions having known cumulants*:
    a series in 1/degrees, here good to two thousandths from 4 degrees on.
    """
    z = 1.959963984540054
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    inverse = whole(1) / degrees
    series = real(terms[-1])
    for term in reversed(terms[:-1]):
        series = series * inverse + real(term)
    for number, exact in ((1, 12.706204736174698), (2, 4.302652729749462), (3, 3.182446305284263)):
        series = nw.when(degrees == number).then(real(exact)).otherwise(series)
    return series


def _faults(opened: Log, rows: Rows, market: Any) -> nw.LazyFrame[Any]:
    """A row for every rule that a row of the log breaks, in the order of the log."""
    place = "row" if opened.first_line is None else "line"
    numbered = rows.prepared(_filled(opened.numbered(), rows, market))
    faults = []
    for order, rule in enumerate(rows.rules()):
        dtype = opened.schema[rule.field]
        value = nw.col(rule.field).cast(nw.Float64()) if dtype.is_numeric() else None
        faults.append(
            numbered.filter(rule.broken.fill_null(False)).select(
                nw.col("_place").cast(nw.Int64()).alias(place),
                field=nw.lit(rule.field),
                value=nw.lit(None, nw.Float64()) if value is None else value,
                expected=nw.lit(rule.reason),
                _order=nw.lit(order),
            )
        )
    return nw.concat(faults).sort(place, "_order").drop("_order")
