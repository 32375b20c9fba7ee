"""Expressions of a mapping: JMESPath, and the few functions that feeds need besides.

JMESPath (https://jmespath.org) is the query language of JSON that cloud command lines use. It can
neither loop nor call anything but its functions, so a mapping is data and not code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen

from .._extras import needed

with needed("mappings need", "feeds"):
    import jmespath
    from jmespath import exceptions, functions

from ..errors import InvalidValue, JourneyScoreError, UnknownName, WrongType, described
from . import jsontext
from .strict import time

Tables = Mapping[str, Mapping[str, Any]]
"""The tables of a mapping: a value by a name."""

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_MINUTES = {"weeks": 10080.0, "days": 1440.0, "hours": 60.0, "minutes": 1.0, "seconds": 1 / 60}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_TEXT_OR_NULL: Any = {"types": ["string", "null"]}
_TEXT: Any = {"types": ["string"]}
_ANY: Any = {"types": []}


class Functions(functions.Functions):
    """What expressions may call beside the functions of JMESPath; of null they make null.

    ==========================  ==================================================================
    ``minutes(from, to)``       the minutes from one time to another; ``days(from, to)`` likewise
    ``duration(text)``          the minutes of a duration of ISO 8601: ``'PT1H30M'`` is 90
    ``local(text, zone)``       a time without an offset, as one in a time zone: ``'Europe/Zurich'``
    ``lookup(table, name)``     what a table of the mapping has under a name
    ``digest(value)``           an id made of content
    ``to_number(text)``         as in JMESPath, but strictly a number of JSON
    ==========================  ==================================================================
    """

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self._tables = tables

    @functions.signature(_TEXT_OR_NULL, _TEXT_OR_NULL)
    def _func_minutes(self, start: str | None, end: str | None) -> float | None:
        if start is None or end is None:
            return None
        return (time(end, foreign=True) - time(start, foreign=True)).total_seconds() / 60

    @functions.signature(_TEXT_OR_NULL, _TEXT_OR_NULL)
    def _func_days(self, start: str | None, end: str | None) -> float | None:
        minutes: float | None = self._func_minutes(start, end)
        return None if minutes is None else minutes / 1440

    @functions.signature(_TEXT_OR_NULL)
    def _func_duration(self, given: str | None) -> float | None:
        if given is None:
            return None
        match = _DURATION.fullmatch(given) if len(given) < 64 else None
        parts = {} if match is None else {k: v for k, v in match.groupdict().items() if v}
        if not parts or given.endswith("T"):
            raise InvalidValue(
                f"{described(given)} is not a duration", value=given, hint="PT1H30M, P2D"
            )
        return sum(float(number) * _MINUTES[unit] for unit, number in parts.items())

    @functions.signature(_TEXT_OR_NULL, _TEXT_OR_NULL)
    def _func_local(self, given: str | None, zone: str | None) -> str | None:
        if given is None:
            return None
        try:
            place = ZoneInfo(zone or "")
        except (OSError, ValueError, KeyError):  # as many as there are ways to misname a file
            raise UnknownName(f"{described(zone)} is no time zone", value=zone) from None
        written = given.replace(" ", "T", 1) + "Z"
        return time(written, foreign=True).replace(tzinfo=place).isoformat()

    @functions.signature(_TEXT, _TEXT_OR_NULL)
    def _func_lookup(self, table: str, name: str | None) -> Any:
        if table not in self._tables:
            raise UnknownName(f"no table has this name ({described(table)})", value=table)
        return None if name is None else self._tables[table].get(name)

    @functions.signature(_ANY)
    def _func_digest(self, value: Any) -> str:
        return jsontext.digest(value)

    @functions.signature(_ANY)
    def _func_to_number(self, value: Any) -> float | int | None:
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            return float(value)
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


@frozen
class Expression:
    """An expression, ready to be asked of payloads."""

    _search: Callable[[Any], Any]

    def __call__(self, seen: Any, path: str) -> Any:
        """What the expression finds; None if there is nothing.

        Raises:
            InvalidValue, WrongType, UnknownName: a function was given what it cannot use.
        """
        try:
            return self._search(seen)
        except JourneyScoreError as error:
            error.path = path
            raise
        except exceptions.JMESPathTypeError as error:
            raise WrongType(
                f"{described(error.current_value)} is not for {error.function_name}()", path=path
            ) from None
        except RecursionError:
            raise InvalidValue("nested too deep", path=path) from None
        except (TypeError, ValueError, OverflowError, ArithmeticError) as error:
            raise InvalidValue(
                f"the payload is not what the expression expects ({type(error).__name__})",
                path=path,
            ) from None


def compiled(source: str, path: str, tables: Tables) -> Expression:
    """An expression of a mapping.

    Raises:
        InvalidValue: it is not JMESPath, or calls a function that there is not.

    >>> compiled("duration(prep)", "", {})({"prep": "PT1H30M"}, "")
    90.0
    """
    try:
        parsed = jmespath.compile(source)
    except exceptions.JMESPathError as error:
        raise InvalidValue(f"not JMESPath: {error}", path=path, value=source) from None
    options = jmespath.Options(custom_functions=Functions(tables))
    for name in _called(parsed.parsed):
        if name not in Functions.FUNCTION_TABLE:
            raise InvalidValue(f"there is no function {name}()", path=path, value=source)
    return Expression(lambda seen: parsed.search(seen, options=options))


def _called(node: Mapping[str, Any]) -> list[str]:
    """The names of the functions that a parsed expression calls."""
    own = [node["value"]] if node["type"] == "function_expression" else []
    return own + [name for child in node["children"] for name in _called(child)]
