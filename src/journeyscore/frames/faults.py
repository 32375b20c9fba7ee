"""What of a log is not scored: rows that a rule rejects, lines that are no rows; each with why."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from ..errors import RejectedRows
from .columns import FILE, KNOWN, PLACE
from .filling import Known, filled
from .log import Log
from .rows import Rows
from .rules import rules

COLUMNS = ("field", "value", "expected")
"""What a fault says, after its place."""


def faults_of(opened: Log, rows: Rows, known: Known) -> nw.LazyFrame[Any]:
    """A row for every rule that a row breaks, and for every line that is no row, in order."""
    return _explained(_wrong(opened, rows, known), opened, rows)


def _wrong(opened: Log, rows: Rows, known: Known) -> nw.LazyFrame[Any]:
    """The rows that break a rule, with what the rules read."""
    numbered = rows.prepared(filled(opened.numbered().frame, rows, known))
    broken = reduce(or_, (rule.broken.fill_null(False) for rule in rules(rows)))
    names = numbered.collect_schema().names()
    read = [name for name in names if name in KNOWN or name.startswith("_")]
    return numbered.filter(broken).select(*read)


def _explained(wrong: nw.LazyFrame[Any], opened: Log, rows: Rows) -> nw.LazyFrame[Any]:
    sources = {"file": nw.col(FILE) if FILE in opened.schema else nw.lit(None, nw.String())}
    sources |= dict.fromkeys(("row", "line"), nw.col(PLACE).cast(nw.Int64()))
    place = {name: sources[name] for name in opened.place}
    faults = []
    for order, rule in enumerate(rules(rows)):
        dtype = opened.schema[rule.field]
        value = nw.col(rule.field).cast(nw.Float64()) if dtype.is_numeric() else None
        faults.append(
            wrong.filter(rule.broken.fill_null(False)).select(
                **place,
                field=nw.lit(rule.field),
                value=nw.lit(None, nw.Float64()) if value is None else value,
                expected=nw.lit(rule.reason),
                _order=nw.lit(order),
            )
        )
    if opened.unreadable is not None:
        unreadable = opened.unreadable.select(*opened.place, *COLUMNS, _order=pl.lit(-1, pl.Int32))
        faults.append(nw.from_native(unreadable.lazy()))
    return nw.concat(faults).sort(*opened.place, "_order").drop("_order")


def listed(opened: Log, rows: Rows, known: Known) -> pl.DataFrame:
    """What `faults_of` finds, computed, whatever the engine; the rules name fields of few rows."""
    wrong = _wrong(opened, rows, known).collect("polars").lazy()
    found: pl.DataFrame = _explained(wrong, opened, rows).collect().to_native()
    return found


def refuse(faults: pl.DataFrame, place: Sequence[str], path: str | None) -> None:
    """Raise if anything is not scored.

    Args:
        faults: what `faults_of` found.
        place: what tells where a row stands.
        path: of the log, if it has one.

    Raises:
        RejectedRows: with the place, the field and the value of the first.
    """
    if not len(faults):
        return
    first = faults.row(0, named=True)
    where = ", ".join(_where(name, first[name]) for name in place)
    if path is not None and "file" not in place:
        where = f"{path}, {where}"
    value = "what stands there" if first["value"] is None else _exactly(first["value"])
    field = f", {first['field']}" if first["field"] else ""
    count = len(faults.unique(place))
    raise RejectedRows(
        f"{value} is not {first['expected']} (rows that cannot be scored: {count})",
        path=f"{where}{field}",
        value=first["value"],
        hint="check() lists them all, and without strict they are left out",
    )


def _exactly(number: float) -> str:
    """A number as short as it can be told: 7, and 1.0000001."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def _where(name: str, place: Any) -> str:
    return str(place) if name == "file" else f"{name} {place}"


def set_aside(faults: pl.DataFrame, opened: Log, file: Path, *, rows: bool) -> None:
    """Write what is not scored as JSON Lines; an empty file says that there is nothing.

    Args:
        faults: what `faults_of` found.
        opened: the log they are of.
        file: the file to write.
        rows: whether each fault has the row itself as well: ``text``, as it stands in a file of
            text (of a record of several lines the first), else ``content``, an object. Without
            it no text of the log is written.
    """
    if rows and opened.unreadable is not None:
        faults = faults.join(_texts(faults, opened), on=opened.place, how="left")
    elif rows:
        numbered = opened.numbered().frame
        wrong = numbered.filter(nw.col(PLACE).is_in(faults["row"].unique().to_list()))
        native = wrong.collect("polars").to_native()
        columns = [name for name in native.columns if not name.startswith("_")]
        content = native.select(row=pl.col(PLACE).cast(pl.Int64), content=pl.struct(columns))
        faults = faults.join(content, on="row", how="left")
    faults.write_ndjson(file)


def _texts(faults: pl.DataFrame, opened: Log) -> pl.DataFrame:
    """The lines at fault as they stand in their file; bytes that are no UTF-8 are escaped."""
    found: list[dict[str, Any]] = []
    by_file = faults.partition_by("file", as_dict=True) if "file" in faults.columns else {}
    for (file,), of in (by_file or {(opened.path,): faults}).items():
        wanted = set(of["line"])
        with Path(file).open("rb") as lines:
            for line, content in enumerate(lines, start=1):
                if line in wanted:
                    text = content.rstrip(b"\r\n").decode(errors="backslashreplace")
                    found.append({"file": file, "line": line, "text": text})
    schema = {"file": pl.String, "line": pl.Int64, "text": pl.String}
    return pl.DataFrame(found, schema=schema).select(*opened.place, "text")
