"""Strict cattrs converters: nothing is coerced, and every error names its path.

cattrs would make 5 of "5" and 5 of 5.9, and leave unknown keys aside. Here every plain type is
checked instead of converted, a class takes its own fields and no others, and what goes wrong is
one of the library's errors with a path: ``touchpoints[3].readings.speed.delivered``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from ..checks import moment, number, one_of, text
from ..errors import (
    InvalidValue,
    JourneyScoreError,
    NotFinite,
    UnknownName,
    WrongType,
    closest,
    described,
)

T = TypeVar("T")

TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})$"  # noqa: E501
"""A time as RFC 3339 has it, with an offset, to the microsecond: more digits would be lost."""

_FINER = re.compile(r"(?<=[.][0-9]{6})[0-9]+(?=Z|[+-])")
_WITHOUT_COLON = re.compile(r"(?<=[+-][0-9]{2})(?=[0-9]{2}$)")


def time(given: object, path: str = "", *, foreign: bool = False) -> datetime:
    """A moment in RFC 3339, with its offset from UTC; of another type it is an error.

    Args:
        given: the text, or a datetime as it is.
        path: where it stands.
        foreign: whether it is as other systems write it: what is finer than a microsecond, which
            no datetime holds, is left out, and the offset may be without its colon.

    >>> time("2026-01-01T12:00:00Z").hour
    12
    """
    if isinstance(given, datetime):
        return moment(given, path)
    if not isinstance(given, str):
        raise WrongType(f"{described(given)} is not a time", path=path, value=given)
    written = given
    if foreign and len(given) < 64:
        written = _WITHOUT_COLON.sub(":", _FINER.sub("", given))
    try:
        if re.fullmatch(TIME, written):
            return datetime.fromisoformat(written)
    except ValueError:  # month 13
        pass
    raise InvalidValue(
        f"{described(given)} is not a time of RFC 3339",
        path=path,
        value=given,
        hint="2026-01-31T12:00:00+01:00",
    )


def exact(given: object, path: str = "") -> float:
    """A number as a float; a whole number that no float holds exactly is an error as well."""
    result = number(given, path)
    if type(given) is int and int(result) != given:
        raise NotFinite("a whole number that a float does not hold", path=path, value=given)
    return result


def unicode_text(given: object, path: str = "") -> str:
    """Text that is not empty and can be written in UTF-8: no half of a surrogate pair."""
    result = text(given, path)
    if not result.isascii():
        try:
            result.encode()
        except UnicodeEncodeError:
            raise InvalidValue("text that is not Unicode", path=path, value=given) from None
    return result


def truth(given: object, path: str = "") -> bool:
    """True or false: 1 and 0 are numbers."""
    if not isinstance(given, bool):
        raise WrongType(f"{described(given)} is neither true nor false", path=path, value=given)
    return given


def whole(given: object, path: str = "") -> int:
    """A whole number: not 1.0, and not true."""
    if type(given) is not int:
        raise WrongType(f"{described(given)} is not a whole number", path=path, value=given)
    return given


def members(given: object, path: str = "") -> dict[str, Any]:
    """A JSON object as a dictionary."""
    if not isinstance(given, dict):
        raise WrongType(f"{described(given)} is not an object", path=path, value=given)
    for key in given:
        if not isinstance(key, str):
            raise WrongType(f"{described(key)} is not the name of a field", path=path, value=given)
    return given


def elements(given: object, path: str = "") -> list[Any]:
    """A JSON array as a list; text is none."""
    if not isinstance(given, (list, tuple)):
        raise WrongType(f"{described(given)} is not a list", path=path, value=given)
    return list(given)


def is_optional(kind: Any) -> Any:
    """The type that stands beside None in a union of the two, else None."""
    if get_origin(kind) in (Union, UnionType):
        others = [each for each in get_args(kind) if each is not type(None)]
        if len(others) == 1 and len(get_args(kind)) == 2:
            return others[0]
    return None


def is_list(kind: Any) -> Any:
    """The type of the elements of ``tuple[T, ...]``, else None."""
    arguments = get_args(kind)
    is_tuple = get_origin(kind) is tuple and len(arguments) == 2 and arguments[1] is Ellipsis
    return arguments[0] if is_tuple else None


def is_pairs(kind: Any) -> Any:
    """The type of the values in ``tuple[tuple[str, T], ...]``, else None.

    So a frozen class holds a mapping by name; outside it is a JSON object.
    """
    element = is_list(kind)
    arguments = get_args(element)
    is_pair = get_origin(element) is tuple and len(arguments) == 2 and arguments[0] is str
    return arguments[1] if is_pair and arguments[1] is not Ellipsis else None


def is_literal(kind: Any) -> bool:
    """Whether a type is a closed list of values."""
    origin: Any = get_origin(kind)
    return origin is Literal


def strict_converter() -> cattrs.Converter:
    """A converter to whose rules each door adds the types that only it knows.

    >>> strict_converter().structure(0.5, float)
    0.5
    """
    converter = cattrs.Converter(
        detailed_validation=True, forbid_extra_keys=True, use_alias=True, omit_if_default=True
    )
    plain: dict[Any, Callable[[Any], Any]] = {
        float: exact, int: whole, str: unicode_text, bool: truth, datetime: time
    }  # fmt: skip
    for kind, check in plain.items():
        converter.register_structure_hook(kind, _only_given(check))
    # as a class, like str: cattrs takes the nearest class before any predicate
    converter.register_structure_hook(StrEnum, lambda given, kind: one_of(given, kind, ""))
    converter.register_structure_hook_func(is_literal, _literal_in)
    converter.register_structure_hook_factory(is_pairs, _pairs_in)
    converter.register_unstructure_hook_factory(is_pairs, _pairs_out)
    converter.register_structure_hook_factory(attrs.has, _class_in)
    converter.register_unstructure_hook_factory(attrs.has, _class_out)
    converter.register_structure_hook_factory(
        lambda kind: is_list(kind) and not is_pairs(kind), _list_in
    )
    converter.register_unstructure_hook(StrEnum, lambda choice: choice.value)
    converter.register_unstructure_hook(datetime, lambda at: at.isoformat())
    return converter


def _only_given(check: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda given, _: check(given)


class _Late(dict[str, Any]):
    """Names of classes that a module of ours imports for type checkers only.

    It loads them where they are first used, each from the module of its name.
    """

    def __missing__(self, name: str) -> Any:
        try:
            return getattr(import_module(f"journeyscore.{name.lower()}"), name)
        except (ImportError, AttributeError):
            raise KeyError(name) from None  # a name of the module itself


def resolved(kind: type) -> type:
    """A class whose fields have types, where its module has them as text.

    >>> from journeyscore import Tally
    >>> attrs.fields(resolved(Tally)).count.type
    <class 'int'>
    """
    return attrs.resolve_types(kind, localns=_Late())


def _class_in(kind: type, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    structure: Callable[[Any, Any], Any] = make_dict_structure_fn(
        resolved(kind), converter, _cattrs_forbid_extra_keys=True, _cattrs_use_alias=True
    )
    return lambda given, _: structure(members(given), kind)


def _class_out(kind: type, converter: cattrs.Converter) -> Callable[[Any], Any]:
    return make_dict_unstructure_fn(
        resolved(kind), converter, _cattrs_use_alias=True, _cattrs_omit_if_default=True
    )


def _literal_in(given: Any, kind: Any) -> Any:
    if not isinstance(given, str) or given not in get_args(kind):
        raise InvalidValue(
            f"{described(given)} is none of {', '.join(get_args(kind))}", value=given
        )
    return given


def _list_in(kind: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    several: Any = list[is_list(kind)]  # type: ignore[misc]
    return lambda given, _: tuple(converter.structure(elements(given), several))


def _pairs_in(kind: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    value = is_pairs(kind)

    def structure(given: Any, _: Any) -> tuple[tuple[str, Any], ...]:
        pairs = []
        for name, each in members(given).items():
            try:
                pairs.append((unicode_text(name), converter.structure(each, value)))
            except (JourneyScoreError, BaseValidationError) as error:
                raise first_error(error, name) from None
        return tuple(pairs)

    return structure


def _pairs_out(kind: Any, converter: cattrs.Converter) -> Callable[[Any], Any]:
    value = is_pairs(kind)
    return lambda pairs: {name: converter.unstructure(each, value) for name, each in pairs}


def structured(converter: cattrs.Converter, given: Any, kind: type[T], path: str = "") -> T:
    """What was given as one of the library's types.

    Raises:
        InvalidValue, WrongType, UnknownName: the first thing that is wrong; the path leads there.

    >>> from journeyscore import Tally
    >>> structured(strict_converter(), {"count": 1.0}, Tally)
    Traceback (most recent call last):
    journeyscore.errors.WrongType: count: 1.0 is not a whole number
    """
    try:
        return converter.structure(given, kind)
    except (JourneyScoreError, BaseValidationError) as error:
        raise first_error(error, path) from None


def first_error(error: BaseException, path: str = "") -> JourneyScoreError:
    """The first of the library's errors in what cattrs raised, with the path to it."""
    while isinstance(error, BaseValidationError):
        inner = error.exceptions[0]
        path += _step(inner, error.cl)
        if isinstance(inner, ForbiddenExtraKeysError):
            return _unknown(inner, path)
        if isinstance(inner, KeyError) and not isinstance(inner, JourneyScoreError):
            return InvalidValue("is missing", path=path.removeprefix("."))
        error = inner
    if not isinstance(error, JourneyScoreError):
        raise error
    if error.path and path and not error.path.startswith("["):
        path += "."
    error.path = (path + error.path).removeprefix(".")
    error.__notes__ = []
    return error


def _step(error: BaseException, of: type) -> str:
    """The step of a path that cattrs notes on an error in a class."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, IterableValidationNote):
            return f"[{note.index}]"
        if isinstance(note, AttributeValidationNote):
            return f".{next(each.alias for each in attrs.fields(of) if each.name == note.name)}"
    return ""


def _unknown(error: ForbiddenExtraKeysError, path: str) -> JourneyScoreError:
    name = min(error.extra_fields)
    known = [each.alias for each in attrs.fields(error.cl) if each.init]
    near = closest(name, known)
    return UnknownName(
        f"no field has this name ({described(name)})",
        path=path.removeprefix("."),
        value=name,
        hint=f"did you mean {near}?" if near else f"one of {', '.join(known)}",
    )
