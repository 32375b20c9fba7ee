"""The journal as a dataframe: a journey log for `journeyscore.frames`, decoded in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, and_, exists, not_, select

from ..convert.rows import FEEDBACK
from ..errors import JournalError
from ..frames.columns import FLAGS, NUMBERS, REQUIRED, TEXTS
from ..journey import content_order
from ..touchpoints.catalogues import ENTRIES
from .content import REFERENCES, TIMES, VERSION
from .folding import EVENT, EventRow, event_of, facts_of
from .journeys import between, pages
from .ledgers import Ledger
from .tables import AnyRow, dead, event

PAGE = 20_000
"""Journeys whose events are decoded together."""

_KEYS = ("journey", "source", "id")
_FACTS: dict[str, Any] = {
    "customer": pl.String,
    "site": pl.String,
    "segment": pl.String,
    "worth": pl.Float64,
} | dict.fromkeys(FEEDBACK, pl.Float64)
_OF_JOURNEYS: dict[str, Any] = {"journey": pl.String, **_FACTS}
_REFERENCE = pl.Struct({"source": pl.String, "id": pl.String, "same_source": pl.Boolean})
_REFERENCES = sorted(REFERENCES - {"supersedes"})  # what was superseded is left out
_OF_A_READING = (
    "anticipated", "basis", "as_of", "unreasonable", "delivered", "adequate", "desired",
    "gap_scale", "factor", "factor_weight",
)  # fmt: skip


def _content() -> pl.Struct:
    """What the content of an event may be, with the types in which it is stored."""
    columns: dict[str, Any] = dict.fromkeys(NUMBERS, pl.Float64) | dict.fromkeys(TEXTS, pl.String)
    for name in (*_KEYS, *_FACTS, "factor", "factor_weight"):
        columns.pop(name, None)
    columns |= dict.fromkeys(FLAGS, pl.Boolean) | dict.fromkeys(sorted(TIMES), pl.Int64)
    columns |= dict.fromkeys(_REFERENCES, _REFERENCE)
    reading = {name: columns.get(name, pl.String) for name in _OF_A_READING}
    reading |= {"factor_weight": pl.Float64, "tolerance": pl.Float64}
    return pl.Struct(columns | {"readings": pl.List(pl.Struct(reading))})


_CONTENT = _content()


def frame(connection: Connection, ledger: Ledger) -> pl.DataFrame:
    """The events that count as one dataframe; columns that hold nothing are left out."""
    parts = list(_parts(connection, ledger))
    whole = pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(REQUIRED, pl.String))
    return whole.select(
        each
        for each in whole.columns
        if each in REQUIRED or whole[each].null_count() < whole.height
    )


def _parts(connection: Connection, ledger: Ledger) -> Iterator[pl.DataFrame]:
    for page in pages(connection, ledger, PAGE):
        rows = connection.execute(
            select(*EVENT).where(
                event.c.tenant == ledger.tenant,
                *between(event.c.journey, page[0].id, page[-1].id),
                not_(_IS_DEAD),
            )
        ).all()
        schema: dict[str, Any] = dict.fromkeys((*_KEYS, "content"), pl.String)
        schema["version"] = pl.Int64
        counting = _uncontested(ledger, rows)
        columns = {name: [getattr(row, name) for row in counting] for name in schema}
        log = pl.DataFrame(columns, schema=schema)
        if not log["version"].eq(VERSION).all():
            raise JournalError(
                f"events of another format than {VERSION}", path="event", hint="update journeyscore"
            )
        facts = pl.DataFrame([_facts(row) for row in page], schema=_OF_JOURNEYS)
        yield _decoded(log, ledger.policy.assumed).join(facts, on="journey", how="left")


def _uncontested(ledger: Ledger, rows: Sequence[EventRow]) -> Sequence[EventRow]:
    """The rows, of several contents under an id only the one that counts.

    A log has readings under one id joined, whoever sent them; here each content is whole.
    """
    contested = {(row.journey, row.source, row.id) for row in rows if row.n}
    if not contested:
        return rows
    contents: dict[tuple[str, str, str], EventRow] = {}
    for row in rows:
        key = (row.journey, row.source, row.id)
        held = contents.setdefault(key, row)
        if key in contested and _order(ledger, row) < _order(ledger, held):
            contents[key] = row
    return list(contents.values())


def _order(ledger: Ledger, row: EventRow) -> tuple[Any, ...]:
    return content_order(event_of(row), ledger.valuer)


def _facts(row: AnyRow) -> dict[str, Any]:
    facts = facts_of(row)
    told = {"journey": row.id, "customer": row.customer, "site": row.site, **facts}
    told |= {name: facts.get("feedback", {}).get(name) for name in FEEDBACK}
    return {name: told.get(name) for name in ("journey", *_FACTS)}


_IS_DEAD = exists().where(
    and_(
        dead.c.tenant == event.c.tenant,
        dead.c.journey == event.c.journey,
        dead.c.source == event.c.source,
        dead.c.id == event.c.id,
    )
)


def _decoded(log: pl.DataFrame, assumed: float) -> pl.DataFrame:
    """Events with their content in columns: a row each, or one for each reading."""
    source = pl.when(pl.col("source") != "").then(pl.col("source"))
    rows = (
        log.with_columns(pl.col("content").str.json_decode(_CONTENT), source=source)
        .drop("version")
        .unnest("content")
        .with_columns(_reference(name) for name in _REFERENCES)
        .explode("readings")
        .unnest("readings", separator=".")
    )
    of_reading = pl.col("readings.delivered").is_not_null()
    told = {
        name: pl.when(of_reading).then(pl.col(f"readings.{name}")).otherwise(pl.col(name))
        for name in _OF_A_READING
        if name in rows.columns
    }
    told |= {name: pl.col(f"readings.{name}") for name in _OF_A_READING if name not in told}
    # a log has no column for a tolerance: its bounds are said instead
    levels = {name: entry.anticipated for name, entry in ENTRIES.items()}
    reasonable = pl.col("readings.unreasonable").is_null()
    expected = pl.coalesce(
        pl.when(reasonable).then(pl.col("readings.anticipated")),
        pl.col("touchpoint").replace_strict(levels, default=assumed, return_dtype=pl.Float64),
    )
    tolerance = pl.col("readings.tolerance")
    low = (expected - tolerance).clip(lower_bound=0.0)
    high = (expected + tolerance).clip(upper_bound=1.0)
    told["adequate"] = (
        pl.when(tolerance.is_not_null())
        .then(pl.coalesce("readings.adequate", low))
        .otherwise(told["adequate"])
    )
    told["desired"] = (
        pl.when(tolerance.is_not_null())
        .then(pl.coalesce("readings.desired", high))
        .otherwise(told["desired"])
    )
    moments = (pl.col(name).cast(pl.Datetime("us", "UTC")) for name in sorted(TIMES))
    return rows.with_columns(**told).select(pl.exclude("^readings[.].*$")).with_columns(moments)


def _reference(name: str) -> pl.Expr:
    """The event that is named: its source and its id."""
    field = pl.col(name).struct.field
    source = pl.when(field("same_source")).then(pl.col("source")).otherwise(field("source"))
    named = pl.struct(source=source, id=field("id"))
    return pl.when(field("id").is_not_null()).then(named).alias(name)
