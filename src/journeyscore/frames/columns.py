"""The columns of a journey log: their names, their types, and what may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw

from ..errors import LogError, MissingColumn, WrongType, closest, described
from ..scales import Scale

REQUIRED = ("journey", "touchpoint", "anticipated", "delivered")

NUMBERS = (
    "anticipated",
    "delivered",
    "weight",
    "gap_scale",
    "adequate",
    "desired",
    "factor_weight",
    "worth",
)
TEXTS = (
    "journey", "touchpoint", "basis", "factor", "id", "source", "customer", "team", "site",
    "channel", "stage", "state", "segment", "unreasonable", "need", "meets", "cause", "obstacle",
    "act", "owner", "noticed_by",
)  # fmt: skip
FLAGS = ("proactive", "excuse", "pitch")
"""Columns of true and false."""

TIMES = ("at", "as_of", "promised_at", "due")
"""Columns of moments."""

REFERENCES = ("recovers", "supersedes", "retracts", "regards")
"""Columns that name another event: its id, of the same source, or a struct of source and id."""

KNOWN = (*NUMBERS, *TEXTS, *REFERENCES, *TIMES, *FLAGS)
"""Every column the library reads; any other may be grouped by."""

DESCRIBING = (
    "journey", "source", "id", "touchpoint", "at", "customer", "team", "site", "channel", "stage",
)  # fmt: skip
"""The columns that say which touchpoint a row is: where each is told by itself, they are kept."""

PLACE = "_place"
"""The column with the line or the number of a row."""

FILE = "_file"
"""The column with the file of a row, where there are several."""

RESULTS = (
    "count", "weight", "value", "par", "squares", "delivered", "known", "rejected", "touchpoints",
    "impression", "consistency", "known_share", "verdict", "journeys", "low", "high",
)  # fmt: skip
"""Columns that come out, and so cannot be grouped by."""


def group_keys(
    by: str | Iterable[str], *, path: str = "by", results: Iterable[str] = RESULTS
) -> list[str]:
    """The grouping columns as a list.

    Args:
        by: one name, or several.
        path: the argument they were given as.
        results: the names of columns that come out.

    Raises:
        LogError: none, one twice, or one that is also the name of a result.
    """
    if not isinstance(by, Iterable):
        raise WrongType(f"{described(by)} is not a column name", path=path, value=by)
    keys = [by] if isinstance(by, str) else list(by)
    for key in keys:
        if not isinstance(key, str):
            raise WrongType(f"{described(key)} is not a column name", path=path, value=key)
        if key in results or key.startswith("_"):
            raise LogError(
                "a column of the result has this name",
                path=path,
                value=key,
                hint="rename it: columns={'theirs': 'another name'}",
            )
    if not keys or len(set(keys)) < len(keys):
        raise LogError("name each grouping column once, and at least one", path=path, value=keys)
    return keys


def renamed(frame: nw.LazyFrame[Any], columns: Mapping[str, str]) -> nw.LazyFrame[Any]:
    """The log with the host's column names replaced: ``columns={"stay_no": "journey"}``.

    Raises:
        MissingColumn: the log has no such column.
        LogError: two columns would have one name.
    """
    if not columns:
        return frame
    for theirs, ours in columns.items():
        if not isinstance(theirs, str) or not isinstance(ours, str):
            raise WrongType("not a name for a name", path="columns", value=(theirs, ours))
    names = frame.collect_schema().names()
    for theirs in columns:
        if theirs not in names:
            raise missing(theirs, names, path="columns")
    result = [columns.get(name, name) for name in names]
    for ours in columns.values():
        if result.count(ours) > 1:
            raise LogError(f"two columns would be called {ours}", path="columns", value=ours)
    return frame.rename(dict(columns))


def missing(name: str, names: Sequence[str], path: str = "") -> MissingColumn:
    """The error for a column that is not there, with the closest one that is."""
    near = closest(name, names)
    hints = [f"the closest is {near}"] if near else []
    if name in KNOWN:
        hints.append(f"columns={{'theirs': '{name}'}} renames one")
    if name == "anticipated":
        hints.append("where nobody anticipated anything, a column of nulls says so")
    return MissingColumn(f"no column {name}", path=path, value=name, hint=", ".join(hints))


def checked_schema(
    frame: nw.LazyFrame[Any],
    keys: Sequence[str],
    required: Iterable[str] = REQUIRED,
    numbers: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
) -> None:
    """Check that the columns are there, and of types the model can read.

    Raises:
        MissingColumn: a required or a grouping column is not there.
        LogError: a column holds text where numbers are wanted, or the like: nothing is coerced.
    """
    schema = dict(frame.collect_schema())
    for name in (*required, *keys, *numbers):
        if name not in schema and not (name == "day" and "at" in schema):
            asked_for = name in keys and name not in required
            if asked_for and (ours := (columns or {}).get(name)):
                raise MissingColumn(
                    f"no column {name}", path="by", value=name, hint=f"it was renamed {ours}"
                )
            raise missing(name, list(schema), path="by" if asked_for else "")
    for name, dtype in schema.items():
        if name in (*NUMBERS, *numbers) and not (dtype.is_numeric() or dtype == nw.Unknown()):
            raise LogError(
                f"a column of {dtype}, where numbers are wanted", path=name, value=str(dtype)
            )
        if name in FLAGS and dtype not in (nw.Boolean(), nw.Unknown()):
            raise LogError(f"a column of {dtype}, where true and false are wanted", path=name)


def as_text(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The log with its text columns as plain text: categories, enumerations, whole numbers, nulls.

    Raises:
        LogError: a text column of lists, structs, fractions or the like.
    """
    casts = []
    for name, dtype in frame.collect_schema().items():
        if name not in (*TEXTS, *REFERENCES) or isinstance(dtype, nw.String):
            continue
        if name in ("journey", "id", "source") and dtype.is_integer():
            continue
        if name in REFERENCES and isinstance(dtype, nw.Struct):
            if {field.name for field in dtype.fields} >= {"source", "id"}:
                continue
        fits = isinstance(dtype, (nw.Categorical, nw.Enum, nw.Unknown)) or dtype.is_integer()
        if not fits:
            raise LogError(f"a column of {dtype}, where text is wanted", path=name)
        casts.append(nw.col(name).cast(nw.String()))
    return frame.with_columns(*casts) if casts else frame


def checked_scales(scales: Mapping[str, Scale] | None) -> dict[str, Scale]:
    """``scales=`` checked: a Scale by factor, or by touchpoint.

    Raises:
        WrongType: it is no mapping of names to scales.
    """
    if scales is not None and not isinstance(scales, Mapping):
        raise WrongType(f"{described(scales)} is not a mapping", path="scales", value=scales)
    for name, scale in (scales or {}).items():
        if not isinstance(scale, Scale) or not isinstance(name, str):
            raise WrongType(
                f"{described(scale)} is not a scale",
                path="scales",
                value=scale,
                hint="scales={'speed': minutes(best=0, worst=30)}",
            )
    return dict(scales or {})
