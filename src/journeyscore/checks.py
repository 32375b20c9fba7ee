"""The few questions every constructor asks of its arguments: is it a number, in its range?

Nothing is coerced. What is wrong raises an error that names the field and what would be right.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from enum import StrEnum
from math import isfinite
from typing import TypeVar

from .errors import InvalidValue, NaiveTime, NotFinite, OutOfScale, WrongType, closest, described

Choice = TypeVar("Choice", bound=StrEnum)


def number(value: object, path: str) -> float:
    """The value as a float; text, booleans, NaN and infinities are errors.

    >>> number(3, "delivered")
    3.0
    """
    if type(value) is float or type(value) is int or _is_real(value):
        try:
            result = float(value)  # type: ignore[arg-type]
        except (OverflowError, ValueError):  # a huge int; a signalling NaN of Decimal
            raise NotFinite("not a number a float can hold", path=path, value=value) from None
        if isfinite(result):
            return result
        raise NotFinite(f"{result} is not a number that can be scored", path=path, value=value)
    raise WrongType(f"{described(value)} is not a number", path=path, value=value)


def _is_real(value: object) -> bool:
    """Real numbers of other libraries (numpy, Decimal, Fraction) count; booleans do not."""
    from decimal import Decimal
    from numbers import Real

    return isinstance(value, (Real, Decimal)) and not isinstance(value, bool)


def within(value: object, low: float, high: float, path: str, of: str = "") -> float:
    """A number in [low, high].

    >>> within(1.2, 0, 1, "weight")
    Traceback (most recent call last):
    journeyscore.errors.OutOfScale: weight: 1.2 is outside 0 to 1
    """
    result = number(value, path)
    if low <= result <= high:
        return result
    scale = f"{of} " if of else ""
    raise OutOfScale(f"{value} is outside {scale}{low:g} to {high:g}", path=path, value=value)


def whole_from(value: object, least: int, path: str) -> int:
    """A whole number that is at least so many: how many people a group must have, say.

    >>> whole_from(3, 5, "minimum")
    Traceback (most recent call last):
    journeyscore.errors.InvalidValue: minimum: 3 is not a whole number from 5
    """
    if type(value) is not int or value < least:
        problem = f"{described(value)} is not a whole number from {least}"
        raise InvalidValue(problem, path=path, value=value)
    return value


def text(value: object, path: str) -> str:
    """A string that is not empty."""
    if not isinstance(value, str):
        kind = type(value).__name__  # an id is never quoted, also where it is a number
        raise WrongType(f"{kind} is not text", path=path, value=value)
    if not value:
        raise InvalidValue("an empty string names nothing", path=path, value=value)
    return value


def moment(value: object, path: str) -> datetime:
    """A datetime that says which moment it is: timezone-aware, with its offset from UTC.

    Python compares and subtracts two times of one ``ZoneInfo`` by what the clock on the wall says,
    an hour off where the clocks were turned in between. With fixed offsets it does so by moments.

    >>> from zoneinfo import ZoneInfo
    >>> late = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Zurich"))
    >>> moment(late, "at").isoformat()
    '2026-10-25T02:30:00+01:00'
    """
    if not isinstance(value, datetime):
        raise WrongType(f"{described(value)} is not a datetime", path=path, value=value)
    if isinstance(value.tzinfo, timezone):
        return value
    offset = value.utcoffset()
    if offset is None:
        raise NaiveTime(
            "a time without a timezone",
            path=path,
            value=value,
            hint="give it one: datetime(..., tzinfo=ZoneInfo('Europe/Zurich'))",
        )
    return value.replace(tzinfo=timezone(offset), fold=0)


def one_of(value: object, choices: type[Choice], path: str) -> Choice:
    """A member of a closed list, given as itself or by its value."""
    if isinstance(value, choices):
        return value
    if isinstance(value, str) and value in _values(choices):
        return choices(value)
    near = closest(value, _values(choices)) if isinstance(value, str) else None
    raise InvalidValue(
        f"{described(value)} is none of {', '.join(_values(choices))}",
        path=path,
        value=value,
        hint=f"did you mean {near}?" if near else "",
    )


def _values(choices: Iterable[StrEnum]) -> list[str]:
    return [choice.value for choice in choices]
