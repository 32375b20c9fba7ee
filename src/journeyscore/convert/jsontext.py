"""JSON text, read as strictly as RFC 8259 allows: each key once, every number a number."""

from __future__ import annotations

import json
from hashlib import sha256
from math import isinf
from typing import Any

from ..errors import InvalidValue, described


def parsed(content: str | bytes) -> Any:
    """What a JSON text says.

    Raises:
        InvalidValue: it is not JSON in UTF-8, names a key twice in an object, holds NaN, an
            infinity or a number that would be one, or is nested too deep.

    >>> parsed('{"journey": "stay-1"}')
    {'journey': 'stay-1'}
    >>> parsed('{"id": 1, "id": 2}')
    Traceback (most recent call last):
    journeyscore.errors.InvalidValue: a key that is there twice
    """
    try:
        decoded = content.decode() if isinstance(content, (bytes, bytearray)) else content
        return _decoder.decode(decoded.removeprefix("\N{BYTE ORDER MARK}"))
    except InvalidValue:
        raise
    except RecursionError:
        raise InvalidValue("nested too deep", value=content) from None
    except (ValueError, AttributeError, TypeError) as error:
        what = f"at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidValue(
            f"{described(content)} is not JSON in UTF-8{what and ', '}{what}", value=content
        ) from None


def written(data: Any, *, indent: int | None = None) -> str:
    """Plain data as JSON text; NaN and infinities, which JSON does not have, are refused.

    >>> written({"id": "é"})
    '{"id": "é"}'
    """
    return _text(data, ensure_ascii=False, indent=indent)


def canonical(data: Any) -> str:
    """Plain data as the one text that equal data has: keys in order, nothing between.

    >>> canonical({"b": 1, "a": [True, None]})
    '{"a":[true,null],"b":1}'
    """
    return _text(data, sort_keys=True, separators=(",", ":"))


def digest(data: Any) -> str:
    """An id made of content: 32 hexadecimal digits, the same for equal data on any machine.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return sha256(canonical(data).encode()).hexdigest()[:32]


def _text(data: Any, **options: Any) -> str:
    try:
        return json.dumps(data, allow_nan=False, **options)
    except RecursionError:
        raise InvalidValue("nested too deep") from None
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"not plain data ({error})", value=data) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidValue("a key that is there twice")
    return found


def _refused(name: str) -> None:
    raise InvalidValue(f"{name} is not JSON")


def _finite(number: str) -> float:
    found = float(number)
    if isinf(found):  # 1e999, which json makes an infinity of
        raise InvalidValue("a number that a float does not hold")
    return found


_decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refused, parse_float=_finite)
