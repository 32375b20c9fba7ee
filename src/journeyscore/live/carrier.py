"""Carriers: a journey's reference in the headers of a request or the metadata of a message.

The reference travels in a header of our own, beside the W3C trace context of the current span.
Not in baggage: every instrumented client copies that to third parties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping

from ..errors import InvalidToken, WrongType, described
from .tokens import Reference

HEADER = "journeyscore-journey"

Headers = Mapping[str, object] | Iterable[tuple[object, object]]
"""Headers as servers and message brokers give them: a mapping or pairs, of text or bytes."""


def inject(
    reference: Reference, carrier: MutableMapping[str, str], key: bytes | None = None
) -> None:
    """Write the reference, and the current trace context, into outgoing headers.

    >>> headers = {}
    >>> inject(Reference("a1b2", "stay"), headers)
    >>> extract(headers).ref
    'a1b2'
    """
    if not isinstance(carrier, MutableMapping):
        raise WrongType(f"{described(carrier)} is not a mapping", path="carrier", value=carrier)
    from opentelemetry import propagate

    carrier[HEADER] = reference.sealed(key)
    propagate.inject(carrier)


def extract(carrier: Headers, key: bytes | None = None) -> Reference | None:
    """The reference in incoming headers, whatever the case of their names; None: there is none.

    Raises:
        InvalidToken: the header is there, and damaged, forged or foreign; or twice.

    >>> extract([(b"Host", b"front-desk")]) is None
    True
    """
    pairs = carrier.items() if isinstance(carrier, Mapping) else carrier
    found = [value for name, value in pairs if _text(name).lower() == HEADER]
    if len(found) == 1 and isinstance(found[0], (list, tuple)):  # frameworks with several values
        found = list(found[0])
    if len(found) > 1:
        raise InvalidToken(f"{len(found)} headers of this name", path=HEADER)
    return Reference.unsealed(_text(found[0]), key) if found else None


def _text(value: object) -> str:
    """Headers are latin-1 in ASGI, and ASCII where they are ours."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
