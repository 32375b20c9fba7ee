"""Documents: the library's types as JSON and back, each with the name and version of its format.

```
{"format": "journeyscore/event/1", "journey": "stay-1042", "touchpoint": {"name": ...}}
```

The members are the fields of the class, so that a field that a class gains is in the format, and
old documents go on loading: a field that is not there has its default. A change that would break
them is a new version.
"""

from __future__ import annotations

from typing import Any, TypeVar

import cattrs

from ..errors import InvalidValue, UnknownName, WrongType, described
from ..expectations import Expectation
from ..journey import Journey
from ..policy import MODEL_VERSION, Policy
from ..scorecard import Scorecard
from ..tally import Tally
from ..touchpoints import EventKey, Touchpoint
from . import jsontext
from .event import Event
from .score import Score
from .strict import exact, members, strict_converter, structured, unicode_text

T = TypeVar("T")

KINDS: dict[str, type] = {
    "event": Event,
    "touchpoint": Touchpoint,
    "journey": Journey,
    "tally": Tally,
    "policy": Policy,
    "score": Score,
}
"""The types that have a format, by its name."""

VERSION = 1
"""The version of the formats."""

FORMAT = "format"
"""The member of a document that names its format."""


def format_of(kind: type) -> str:
    """The format of a type, as documents name it.

    Raises:
        WrongType: the type has none.

    >>> format_of(Tally)
    'journeyscore/tally/1'
    """
    for name, each in KINDS.items():
        if kind is each:
            return f"journeyscore/{name}/{VERSION}"
    raise WrongType(
        f"{getattr(kind, '__name__', 'this')} has no format",
        path="kind",
        value=kind,
        hint=f"one of {', '.join(each.__name__ for each in KINDS.values())}",
    )


def to_data(thing: Any) -> dict[str, Any]:
    """A document as plain data. Fields that have their default are left out.

    Args:
        thing: an Event, Touchpoint, Journey, Tally, Policy, Score or Scorecard.

    >>> to_data(Tally(1, 100, 910400))
    {'format': 'journeyscore/tally/1', 'count': 1, 'weight': 100, 'value': 910400}
    """
    if isinstance(thing, Scorecard):
        thing = Score.of(thing)
    data: dict[str, Any] = {FORMAT: format_of(type(thing))}
    if isinstance(thing, Policy):
        data["model"] = MODEL_VERSION
    data |= converter.unstructure(thing)
    return data


def from_data(data: Any, kind: type[T]) -> T:
    """What a document in plain data says.

    Raises:
        InvalidValue: a value is wrong, missing, or of another format or version.
        WrongType: a value is of another type; nothing is coerced.
        UnknownName: it has a member that is no field.

    >>> stay = {"format": "journeyscore/journey/1", "id": "stay-1",
    ...     "touchpoints": [{"name": "hotel.spa", "readings": {"speed": {"delivered": "1"}}}]}
    >>> from_data(stay, Journey)
    Traceback (most recent call last):
    journeyscore.errors.WrongType: touchpoints[0].readings.speed.delivered: str of length 1 is not
    a number
    """
    wanted = format_of(kind)
    rest = dict(members(data))
    found = rest.pop(FORMAT, None)
    if found != wanted:
        known = {f"journeyscore/{name}/{VERSION}" for name in KINDS}
        what = found if isinstance(found, str) and found in known else described(found)
        raise InvalidValue(f"{what} is not {wanted}", path=FORMAT, value=found)
    if kind is Policy:
        model = rest.pop("model", None)
        if type(model) is not int or model != MODEL_VERSION:
            raise InvalidValue(
                f"{described(model)} is not model version {MODEL_VERSION}", path="model"
            )
    return structured(converter, rest, kind)


def to_json(thing: Any, *, indent: int | None = None) -> str:
    """A document as JSON text, see `to_data`.

    >>> to_json(Policy())
    '{"format": "journeyscore/policy/1", "model": 1}'
    """
    return jsontext.written(to_data(thing), indent=indent)


def from_json(content: str | bytes, kind: type[T]) -> T:
    """What a document in JSON says, see `from_data`.

    Raises:
        InvalidValue, WrongType, UnknownName: as there; and text that is not JSON, names a key
            twice or holds NaN.

    >>> from_json('{"format": "journeyscore/tally/1", "count": 1, "weight": 100}', Tally).count
    1
    """
    return from_data(jsontext.parsed(content), kind)


# -- the types that are not simply their fields ---------------------------------------------------


def _anticipated(given: Any, _: Any) -> Expectation:
    """A bare number is an assumption; else the value and how it is known."""
    if isinstance(given, dict):
        said: Expectation = _expectation(given, Expectation)
        return said
    return Expectation(exact(given))


def _reference(given: Any, _: Any) -> EventKey | str | None:
    """An id of the same source, or an object of source and id, or none."""
    if given is None:
        return None
    return unicode_text(given) if isinstance(given, str) else _key(given, EventKey)


def _key(given: Any, _: Any) -> EventKey:
    pair = members(given)
    for name in pair:
        if name not in ("source", "id"):
            raise UnknownName(
                f"no field has this name ({described(name)})", value=name, hint="source and id"
            )
    if "id" not in pair:
        raise InvalidValue("is missing", path="id")
    source = pair.get("source")
    return (
        None if source is None else unicode_text(source, "source"),
        unicode_text(pair["id"], "id"),
    )


def _key_out(key: Any) -> Any:
    if isinstance(key, str):
        return key
    source, id = key
    return {"id": id} if source is None else {"source": source, "id": id}


def _converter() -> tuple[cattrs.Converter, Any]:
    made = strict_converter()
    made.register_structure_hook_func(
        lambda kind: kind == float | bool, lambda given, _: exact(given)
    )
    plain = made.get_structure_hook(Expectation)
    made.register_structure_hook(Expectation, _anticipated)
    made.register_structure_hook_func(lambda kind: kind == EventKey, _key)
    made.register_unstructure_hook_func(lambda kind: kind == EventKey, _key_out)
    made.register_structure_hook_func(lambda kind: kind == REFERENCE, _reference)
    made.register_unstructure_hook_func(
        lambda kind: kind == REFERENCE, lambda key: None if key is None else _key_out(key)
    )
    return made, plain


REFERENCE = str | EventKey | None
"""The type of a field that names another event."""

converter: cattrs.Converter
converter, _expectation = _converter()
