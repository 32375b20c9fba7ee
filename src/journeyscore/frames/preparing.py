"""What every door does first: the log opened, its rows understood, what is wrong set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from ..errors import InvalidValue, LogError, WrongType, described
from ..policy import Policy
from ..scales import Scale
from .columns import REQUIRED, checked_scales
from .faults import listed, refuse, set_aside
from .filling import Known
from .log import Log, open_log
from .paths import is_text, paths_of, refuse_to_overwrite
from .rows import Rows

Quarantine = str | PathLike[str]


def quarantine_of(quarantine: Quarantine | None, rows: bool) -> tuple[Path, bool] | None:
    """Where what is not scored goes, and whether with the rows themselves."""
    if quarantine is None:
        if rows:
            raise InvalidValue("there is no file for them: quarantine=", path="quarantine_rows")
        return None
    if not isinstance(quarantine, (str, PathLike)):
        raise WrongType(f"{described(quarantine)} is not a path", path="quarantine")
    file = Path(fspath(quarantine))
    if not file.parent.is_dir():
        raise InvalidValue("no such folder", path=f"quarantine, {file.parent}", value=str(file))
    return file, rows


def prepared(
    log: Any,
    keys: list[str],
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
    known: Known,
    strict: bool,
    aside: tuple[Path, bool] | None = None,
    *,
    required: Iterable[str] = REQUIRED,
    feedback: Iterable[str] = (),
    unreadable: bool = False,
    every_column: bool = False,
) -> tuple[Log, Rows]:
    """The log, and how its rows are read; what is wrong set aside, or under `strict` refused."""
    if not isinstance(policy, Policy):
        raise WrongType(f"{described(policy)} is not a Policy", path="policy", value=policy)
    if aside is not None:
        refuse_to_overwrite(log, aside[0], "quarantine")
    opened = open_log(
        log,
        keys=keys,
        columns=columns,
        timezone=timezone,
        required=required,
        feedback=feedback,
        unreadable=unreadable or strict or aside is not None,
        every_column=every_column,
    )
    rows = rows_of(opened, keys, policy, scales)
    if strict or aside is not None:
        faults = listed(opened, rows, known)
        if aside is not None:
            file, with_rows = aside
            set_aside(faults, opened, file, rows=with_rows)
        if strict:
            refuse(faults, opened.place, opened.path)
    return opened, rows


def rows_of(
    opened: Log, keys: list[str], policy: Policy, scales: Mapping[str, Scale] | None
) -> Rows:
    """How the rows of a log are read.

    Raises:
        LogError: the log cannot be grouped so.
    """
    if "factor" in keys and opened.has("id"):
        raise LogError(
            "readings of one id are one touchpoint, which has no factor of its own",
            path="by",
            value="factor",
            hint="leave the column id out, and each reading counts by itself",
        )
    return Rows(
        schema=opened.schema,
        policy=policy,
        scales=checked_scales(scales),
        fill=opened.has("anticipated")
        and (opened.may_be_null("anticipated") or opened.has("unreasonable")),
    )


def read_once(
    log: Any,
    *,
    policy: Policy,
    columns: Mapping[str, str] | None,
    timezone: str | None,
    scales: Mapping[str, Scale] | None,
    market: Any,
    strict: bool,
    quarantine: Quarantine | None,
    quarantine_rows: bool,
    feedback: Iterable[str] = (),
) -> tuple[Any, dict[str, Any]]:
    """A log that is asked several things: what is wrong is set aside once, and text read once.

    Args: as for `score`, and `feedback`, columns of numbers that may be there.

    Returns:
        The log, and what is still to be said of it: ``columns`` and ``timezone``.
    """
    aside = quarantine_of(quarantine, quarantine_rows)
    paths = paths_of(log)
    text = paths is not None and is_text(paths[0])
    named = {"columns": columns, "timezone": timezone}
    if not text and aside is None and not strict:
        return log, named
    known = Known.of(market)
    opened, _ = prepared(
        log, [], policy, columns, timezone, scales, known, strict, aside, feedback=feedback,
        every_column=True,
    )  # fmt: skip
    return (opened.restore(opened.frame), {}) if text else (log, named)
