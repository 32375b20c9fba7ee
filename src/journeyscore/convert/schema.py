"""JSON Schema (2020-12) of the formats, made from the classes that they are.

The types of the fields say what is a number, a text, a list; `RANGES` what numbers may be; the
docstrings what each field means. What a schema cannot say (a zone that holds the expectation, all
times or none) is left to the converter: every document that the converter takes is valid, and
every one whose structure it refuses is not.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs

from ..expectations import Expectation
from ..policy import MODEL_VERSION, Policy
from ..policy import RANGES as POLICY_RANGES
from ..readings import GAP_SCALES, HEAVIEST, LIGHTEST
from ..touchpoints import EventKey
from .documents import FORMAT, KINDS, REFERENCE, format_of
from .strict import TIME, is_list, is_literal, is_pairs, resolved

__all__ = [
    "every_schema",
    "json_schema",
]


DIALECT = "https://json-schema.org/draft/2020-12/schema"

_LEVELS = dict.fromkeys(
    ("anticipated", "delivered", "adequate", "desired", "tolerance"), (0.0, 1.0)
)
_COMMON = {"weight": (LIGHTEST, HEAVIEST), "gap_scale": GAP_SCALES}
RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "Expectation": {"value": (0.0, 1.0)},
    "Touchpoint": {**_LEVELS, **_COMMON},
    "Reading": {**_LEVELS, **_COMMON},
    "PlannedTouchpoint": _COMMON,
    "Policy": POLICY_RANGES,
}
"""What a number may be, by class and field."""

TEXT = {"type": "string", "minLength": 1}
"""A text that names something."""


def json_schema(kind: type) -> dict[str, Any]:
    """The JSON Schema of a format.

    Args:
        kind: Event, Touchpoint, Journey, Tally, Policy or Score.

    Raises:
        WrongType: the type has no format.

    >>> from journeyscore import Tally
    >>> json_schema(Tally)["properties"]["count"]["type"]
    'integer'
    """
    name = format_of(kind)
    defs: dict[str, Any] = {}
    schema = _object(kind, defs)
    properties: dict[str, dict[str, Any]] = {FORMAT: {"const": name}}
    required = [FORMAT]
    if kind is Policy:
        properties["model"] = {"const": MODEL_VERSION}
        required.append("model")
    schema["properties"] = properties | schema["properties"]
    schema["required"] = required + schema["required"]
    return {
        "$schema": DIALECT,
        "$id": f"urn:{name.replace('/', ':')}",
        "title": kind.__name__,
        **schema,
        **({"$defs": defs} if defs else {}),
    }


def every_schema() -> dict[str, dict[str, Any]]:
    """The schemas by the names of their files in the folder ``schemas`` of this package.

    >>> sorted(every_schema())[:2]
    ['event.schema.json', 'journey.schema.json']
    """
    return {f"{name}.schema.json": json_schema(kind) for name, kind in KINDS.items()}


def _object(kind: type, defs: dict[str, Any]) -> dict[str, Any]:
    """The schema of a class: its fields, and no others."""
    ranges = RANGES.get(kind.__name__, {})
    meaning = meanings(kind)
    properties, required = {}, []
    for each in attrs.fields(resolved(kind)):
        if not each.init:
            continue
        found = _of(each.type, defs)
        for bound, number in zip(("minimum", "maximum"), ranges.get(each.alias, ()), strict=False):
            _numbers(found)[bound] = number
        if (means := meaning.get(each.alias, meaning.get(each.name))) is not None:
            found = {"description": means, **found}
        properties[each.alias] = found
        if each.default is attrs.NOTHING:
            required.append(each.alias)
    return {
        "description": (inspect.getdoc(kind) or "").partition("\n")[0],
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _numbers(schema: dict[str, Any]) -> dict[str, Any]:
    """The part of a schema that speaks of the number itself."""
    for choice in schema.get("anyOf", ()):
        if choice.get("type") == "number":
            return choice  # type: ignore[no-any-return]
    return schema


def _of(kind: Any, defs: dict[str, Any]) -> dict[str, Any]:
    """The schema of a type; classes go to the definitions."""
    for applies, make in _RULES:
        if applies(kind):
            return make(kind, defs)
    raise TypeError(f"no schema for {kind}")  # a field of a type that the converter has not either


def _named(kind: type, defs: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in defs:
        defs[kind.__name__] = {}  # a class that holds itself finds the name taken
        defs[kind.__name__] = _object(kind, defs)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _expectation(kind: Any, defs: dict[str, Any]) -> dict[str, Any]:
    bare = {"type": "number", "description": "the same as a value that is assumed"}
    return {"anyOf": [bare, _named(kind, defs)]}


def _key(kind: Any, defs: dict[str, Any]) -> dict[str, Any]:
    source = {"anyOf": [TEXT, {"type": "null"}]}
    defs["Key"] = {
        "description": "What identifies an event in its journey.",
        "type": "object",
        "properties": {"source": source, "id": TEXT},
        "required": ["id"],
        "additionalProperties": False,
    }
    return {"$ref": "#/$defs/Key"}


def _reference(kind: Any, defs: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [TEXT, _key(kind, defs), {"type": "null"}]}


def _union(kind: Any, defs: dict[str, Any]) -> dict[str, Any]:
    choices: list[dict[str, Any]] = []
    for each in get_args(kind):
        found: dict[str, Any] = {"type": "null"} if each is type(None) else _of(each, defs)
        choices += found.get("anyOf", [found])
    return {"anyOf": choices}


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


_RULES: list[tuple[Callable[[Any], Any], Callable[[Any, dict[str, Any]], dict[str, Any]]]] = [
    (lambda kind: kind == REFERENCE, _reference),
    (lambda kind: kind == EventKey, _key),
    (lambda kind: kind is Expectation, _expectation),
    (lambda kind: kind in (float, float | bool), lambda kind, defs: {"type": "number"}),
    (lambda kind: kind is int, lambda kind, defs: {"type": "integer"}),
    (lambda kind: kind is bool, lambda kind, defs: {"type": "boolean"}),
    (lambda kind: kind is str, lambda kind, defs: dict(TEXT)),
    (
        lambda kind: kind is datetime,
        lambda kind, defs: {"type": "string", "format": "date-time", "pattern": TIME},
    ),
    (_is_enum, lambda kind, defs: {"enum": [each.value for each in kind]}),
    (is_literal, lambda kind, defs: {"enum": list(get_args(kind))}),
    (
        is_pairs,
        lambda kind, defs: {
            "type": "object",
            "propertyNames": {"minLength": 1},
            "additionalProperties": _of(is_pairs(kind), defs),
        },
    ),
    (is_list, lambda kind, defs: {"type": "array", "items": _of(is_list(kind), defs)}),
    (attrs.has, _named),
    (lambda kind: get_origin(kind) in (Union, UnionType), _union),
]
"""Which schema a type has; the first rule that applies."""

_ATTRIBUTE = re.compile(r"^    ([a-z_]+(?:, [a-z_]+)*): (.*(?:\n        .*)*)", re.MULTILINE)


def meanings(kind: type) -> dict[str, str]:
    """What the docstring of a class says of its attributes.

    >>> from journeyscore import Tally
    >>> meanings(Tally)["count"]
    'touchpoints folded'
    """
    _, _, section = (inspect.getdoc(kind) or "").partition("Attributes:\n")
    section, _, _ = section.partition("\n\n")
    return {
        name: " ".join(meaning.split()).rstrip(".")
        for names, meaning in _ATTRIBUTE.findall(section)
        for name in names.split(", ")
    }
