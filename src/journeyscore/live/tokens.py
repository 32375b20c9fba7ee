"""Tokens: what one process hands another about a journey, as a small string; no server needed.

A token holds no id of the host's, only the journey's ``ref``. It can be read by whoever holds it.
Its last part is a check on every character before it:

- without a key, a checksum: *damage* is noticed (a cut or mistyped token), forgery is not;
- with the tracker's ``key``, an HMAC-SHA256: *forgery* is noticed too, and so is a token made
  without the key. Give every process of the house the same key.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from json import dumps, loads
from os import urandom
from typing import Any

from attrs import field, frozen

from ..checks import text
from ..errors import ExpiredToken, InvalidToken, WrongType, described
from ..scales import Scale
from ..telemetry.origin import Origin

LONGEST = 4096
"""Characters of a token; a longer one is not read at all."""

_TAG_BYTES = 16

_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def seal(kind: str, content: Sequence[object], key: bytes | None) -> str:
    """Plain values as one URL-safe string, with a check on it.

    >>> unseal("js1x", seal("js1x", ["a1b2", 10], None), None)
    ['a1b2', 10]
    """
    packed = dumps(list(content), separators=(",", ":")).encode()
    body = f"{kind}.{_encoded(packed)}"
    return f"{body}.{_tag(body, key)}"


def unseal(kind: str, sealed: object, key: bytes | None) -> list[Any]:
    """What was sealed.

    Raises:
        InvalidToken: it is no such token, or not the one that was made.
    """
    if not isinstance(sealed, str):
        raise InvalidToken(f"{described(sealed)} is not a token", path="token", value=sealed)
    body, _, tag = sealed.rpartition(".")
    if len(sealed) > LONGEST or not sealed.isascii() or not body.startswith(f"{kind}."):
        raise InvalidToken(
            f"{described(sealed)} is not a token of this kind and version",
            path="token",
            value=sealed,
        )
    if not compare_digest(tag, _tag(body, key)):  # the text is compared: no two texts mean one
        raise InvalidToken(
            "damaged, forged, or made under another key",
            path="token",
            value=sealed,
            hint="the trackers on both sides need the same key=, or none",
        )
    packed = body.removeprefix(f"{kind}.")
    try:
        content = loads(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (ValueError, RecursionError) as error:  # the latter of lists within lists
        raise InvalidToken("not made by this library", path="token", value=sealed) from error
    if not isinstance(content, list):
        raise InvalidToken("not made by this library", path="token", value=sealed)
    return content


def _tag(body: str, key: bytes | None) -> str:
    if key is None:
        return _encoded(sha256(body.encode()).digest()[:_TAG_BYTES])
    return _encoded(hmac(key, body.encode(), sha256).digest()[:_TAG_BYTES])


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _ticks(at: datetime) -> int:
    return (at - _EPOCH) // _TICK


def _whole(ticks: object) -> int:
    """Ticks as they were sealed; a fraction would be rounded, and true be taken for 1."""
    if type(ticks) is not int:
        raise WrongType(f"{described(ticks)} is not a whole number", path="token", value=ticks)
    return ticks


def _possibly_empty(given: object) -> str:
    return "" if given == "" else text(given, "origin")


def _optional_text(given: object, path: str) -> str | None:
    return None if given is None else text(given, path)


@frozen
class Reference:
    """A journey as another process may know it.

    Attributes:
        ref: its name in telemetry.
        type: the kind of journey.
        origin: the trace context of its first span; None where nothing traces.
    """

    ref: str
    type: str | None = None
    origin: Origin | None = None

    KIND = "js1j"

    def sealed(self, key: bytes | None = None) -> str:
        """The reference as the value of a header.

        >>> Reference.unsealed(Reference("a1b2", "stay").sealed()).type
        'stay'
        """
        return seal(self.KIND, self.content(), key)

    @classmethod
    def unsealed(cls, sealed: object, key: bytes | None = None) -> Reference:
        """The reference in a header.

        Raises:
            InvalidToken: it is damaged, forged or foreign.
        """
        return cls.of(unseal(cls.KIND, sealed, key))

    def content(self) -> list[str | None]:
        """The reference as plain values."""
        return [self.ref, self.type, *(self.origin or (None, None))]

    @classmethod
    def of(cls, content: Sequence[object]) -> Reference:
        """The reference in plain values; a checksum says they are whole, not that they are right.

        Raises:
            InvalidToken: they are not those of a reference.
        """
        try:
            ref, kind, parent, state = content
            origin = None
            if parent is not None or state is not None:
                origin = Origin(text(parent, "origin"), _possibly_empty(state))
            return cls(text(ref, "ref"), _optional_text(kind, "type"), origin)
        except (TypeError, ValueError) as error:
            raise InvalidToken("not made by this library", path="token") from error


def _new_id() -> str:
    return urandom(8).hex()


@frozen(kw_only=True)
class Promise:
    """What was promised, to whom, and by when.

    Attributes:
        journey: the journey it belongs to.
        name: the touchpoint.
        scale: how its wait is judged.
        within: the wait that was promised.
        at: when it was promised.
        expires: from when on the token may not be used; None: never.
        id: of the event that its delivery is: delivered twice, it counts once.

    >>> from journeyscore import minutes
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> promise = Promise(journey=Reference("a1b2"), name="hotel.valet", at=noon,
    ...     scale=minutes(best=0, worst=30), within=timedelta(minutes=10))
    >>> promise.due.minute, Promise.unsealed(promise.sealed()) == promise
    (10, True)
    """

    journey: Reference
    name: str
    scale: Scale
    within: timedelta
    at: datetime
    expires: datetime | None = None
    id: str = field(factory=_new_id)

    KIND = "js1p"

    @property
    def due(self) -> datetime:
        """Until when it is to be delivered."""
        return self.at + self.within

    def check(self, now: datetime) -> Promise:
        """The promise, if it may still be delivered.

        Raises:
            ExpiredToken: it has expired.
        """
        if self.expires is not None and now >= self.expires:
            raise ExpiredToken(
                f"expired {(now - self.expires).total_seconds():.0f} seconds ago", path="token"
            )
        return self

    def sealed(self, key: bytes | None = None) -> str:
        """The promise as a token: URL-safe, a few hundred characters."""
        scale = self.scale
        content = [
            *self.journey.content(), self.id, self.name,
            scale.name, scale.worst, scale.best, scale.step, scale.gap_scale,
            self.within // _TICK, _ticks(self.at),
            None if self.expires is None else _ticks(self.expires),
        ]  # fmt: skip
        return seal(self.KIND, content, key)

    @classmethod
    def unsealed(cls, token: object, key: bytes | None = None) -> Promise:
        """The promise in a token.

        Raises:
            InvalidToken: it is damaged, forged or foreign.
        """
        content = unseal(cls.KIND, token, key)
        try:
            id, name, unit, worst, best, step, gap_scale, within_, at, expires = content[4:]
            return cls(
                journey=Reference.of(content[:4]),
                id=text(id, "id"),
                name=text(name, "name"),
                scale=Scale(
                    text(unit, "scale"), worst=worst, best=best, step=step, gap_scale=gap_scale
                ),
                within=_whole(within_) * _TICK,
                at=_EPOCH + _whole(at) * _TICK,
                expires=None if expires is None else _EPOCH + _whole(expires) * _TICK,
            )  # fmt: skip
        except InvalidToken:
            raise
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidToken("not made by this library", path="token") from error
