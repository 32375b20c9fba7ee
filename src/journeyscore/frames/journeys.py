"""A few journeys out of a log, in memory, to look at closely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import narwhals as nw
from attrs import evolve

from ..errors import WrongType, described
from ..journey import Journey
from ..scales import Scale
from .columns import PLACE, REFERENCES
from .log import open_log


def journeys(
    log: Any,
    ids: Iterable[str],
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    scales: Mapping[str, Scale] | None = None,
) -> dict[str, Journey]:
    """Some journeys of a log as `journeyscore.Journey`: `score` and `touchpoints` tell which.

    The engine finds their rows. Rows that scoring rejects are left out, and lines that cannot be
    read (`check` lists both); `journeyscore.score` of each gives what `score` gives.

    Args:
        log, columns, timezone, scales: as for `score`.
        ids: of the journeys wanted.

    Returns:
        The journeys by id, those that the log has, in the order of `ids`.

    Raises:
        LogNotFound, MissingColumn, LogError: the log cannot be read as one.

    >>> import polars as pl
    >>> log = pl.DataFrame({"journey": ["a", "b"], "touchpoint": ["hotel.valet"] * 2,
    ...                     "anticipated": [0.6, 0.8], "delivered": [0.9, 0.5]})
    >>> journeys(log, ["b"])["b"].touchpoints[0].delivered
    0.5
    """
    from ..convert import rows as convert  # cattrs, which nothing else here needs

    if isinstance(ids, str) or not isinstance(ids, Iterable):
        raise WrongType(f"{described(ids)} is not a list of ids", path="ids", value=ids)
    wanted = list(dict.fromkeys(ids))
    opened = open_log(
        log, keys=["journey"], columns=columns, timezone=timezone, unreadable=True,
        every_column=True,
    )  # fmt: skip
    frame = opened.frame
    for name in opened.schema:
        if name.startswith("_unreadable_"):  # a time that does not say which moment is meant
            frame = frame.filter(~nw.col(name).fill_null(False))
    text = [name for name in ("journey", "id", "source") if opened.has(name)]
    names = [name for name in convert.COLUMNS if opened.has(name)]
    frame = frame.with_columns(*(nw.col(name).cast(nw.String()) for name in text))
    # numbered after that: a filter keeps the order, and numbers before it would have all rows read
    frame = frame.filter(nw.col("journey").is_in(wanted))
    frame = evolve(opened, frame=frame).numbered().frame.select(*names, PLACE)
    found = nw.from_native(opened.restore(frame)).lazy().collect("polars").to_native()
    rows = found.sort(PLACE).drop(PLACE).rows(named=True)
    known = convert.journeys(map(_said, rows), scales=scales, rejected=[])
    return {id: known[id] for id in wanted if id in known}


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what it does not say: nulls, and references of nulls."""
    said = {name: value for name, value in row.items() if value is not None}
    for name in REFERENCES:
        if isinstance(said.get(name), dict) and said[name].get("id") is None:
            del said[name]
    return said
