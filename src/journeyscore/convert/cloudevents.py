"""CloudEvents 1.0: events in the envelope that message brokers and webhooks share.

``source`` and ``id`` of the envelope identify the event, as they do in the specification; ``time``
is when it happened, ``subject`` the journey, and ``data`` the rest of an `Event`. JSON in
structured mode, in batches, and over HTTP in binary mode; in and out.

The Python SDK of CloudEvents reads what is written here and writes what is read here (the tests
hold the two against each other). It is not used itself: an event that comes without an id or a
time is given a random one there, which would count an event twice that was only sent twice.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from attrs import evolve, field, frozen

from ..errors import InvalidValue, UnknownName, WrongType, described
from . import jsontext
from .documents import FORMAT, format_of, from_data, to_data
from .event import Event
from .strict import elements, first_error, members, time, unicode_text

__all__ = [
    "CloudEvent",
    "from_batch",
    "from_cloudevent",
    "from_http",
    "from_structured",
    "to_batch",
    "to_cloudevent",
    "to_http",
    "to_structured",
]


TYPE = "journeyscore.event"
"""The type of our events."""

SCHEMA = "urn:journeyscore:event:1"
"""Their ``dataschema``: the ``$id`` of the JSON Schema that this package ships."""

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"

Headers = Mapping[Any, Any] | Iterable[tuple[Any, Any]]
"""Headers as servers give them: a mapping or pairs, of text or bytes."""

_NAME = re.compile(r"[a-z0-9]+")
_URI_REFERENCE = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
_JSON_TYPE = re.compile(r"[\w.+-]+/(?:json|[\w.-]+\+json)", re.ASCII)
_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
_TEXTS = ("type", "source", "id", "subject", "datacontenttype", "dataschema")


@frozen(kw_only=True)
class CloudEvent:
    """An envelope and what is in it.

    Attributes:
        attributes: the context attributes by name, texts but for those of extensions.
        data: what was sent, as plain data; None if nothing was.

    Raises:
        InvalidValue: not version 1.0, or an attribute that is required is missing or empty.
    """

    attributes: dict[str, Any] = field()
    data: Any = None

    def __attrs_post_init__(self) -> None:
        version = self.attributes.get("specversion")
        if version != "1.0":
            raise InvalidValue(f"{described(version)} is not version 1.0", path="specversion")
        for name in ("id", "source", "type"):
            if name not in self.attributes:
                raise InvalidValue("is missing", path=name)
        for name, value in self.attributes.items():
            if not isinstance(name, str) or not _NAME.fullmatch(name) or name == "data":
                raise InvalidValue(
                    "the name of an attribute is of lower-case letters and digits, and not data",
                    path="attributes",
                    value=name,
                )
            if name in _TEXTS:
                unicode_text(value, name)
            elif not isinstance(value, (str, int, bool)):
                raise WrongType(f"{described(value)} is not an attribute", path=name, value=value)
        if "time" in self.attributes:
            time(self.attributes["time"], "time", foreign=True)

    @property
    def payload(self) -> dict[str, Any]:
        """The attributes with ``data`` beside them: what a mapping of a foreign type reads."""
        return {**self.attributes, "data": self.data}


# -- events as CloudEvents -------------------------------------------------------------------------


def to_cloudevent(event: Event, *, source: str | None = None) -> CloudEvent:
    """An event in its envelope.

    Args:
        event: an Event. Without an id it gets one of its content, so that sent twice it is one.
        source: that of events that name none, a URI reference.

    Raises:
        InvalidValue: neither the event nor ``source`` says where it is from, or it is no URI
            reference.

    >>> from journeyscore import Touchpoint
    >>> valet = Touchpoint("hotel.valet", delivered=0.9, id="v1", source="/lakeside/valet")
    >>> made = to_cloudevent(Event(journey="stay-1", touchpoint=valet))
    >>> made.attributes["source"], made.attributes["id"], from_cloudevent(made).journey
    ('/lakeside/valet', 'v1', 'stay-1')
    """
    data = to_data(event)
    del data[FORMAT]
    touchpoint: dict[str, Any] = data.get("touchpoint", {})
    source = touchpoint.pop("source", source)
    if source is None or not _URI_REFERENCE.fullmatch(source):
        raise InvalidValue(
            f"{described(source)} is not a URI reference",
            path="source",
            value=source,
            hint="source='/lakeside/front-desk'",
        )
    id = touchpoint.pop("id", None)
    if id is None:
        id = jsontext.digest(data)
    attributes = {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": TYPE,
        "subject": data.pop("journey"),
        "datacontenttype": JSON,
        "dataschema": SCHEMA,
    }
    if (at := touchpoint.pop("at", None)) is not None:
        attributes["time"] = at
    return CloudEvent(attributes=attributes, data=data)


def from_cloudevent(given: CloudEvent) -> Event:
    """The event in an envelope of ours; one of another type is for a mapping to read.

    Raises:
        InvalidValue, WrongType, UnknownName: it is of another type, or what is in it is wrong; the
            path leads there.
    """
    attributes = given.attributes
    if attributes["type"] != TYPE:
        raise InvalidValue(
            f"{described(attributes['type'])} is not {TYPE}",
            path="type",
            value=attributes["type"],
            hint="a mapping reads the events of others: mapping.rows(event.payload)",
        )
    if attributes.get("dataschema", SCHEMA) != SCHEMA:
        raise InvalidValue(
            f"{described(attributes['dataschema'])} is not {SCHEMA}", path="dataschema"
        )
    if "subject" not in attributes:
        raise InvalidValue("is missing", path="subject", hint="the journey that the event is of")
    try:
        data = dict(members(given.data))
        for name in ("journey", FORMAT):
            if name in data:
                raise UnknownName("the envelope says it", path=name)
        data |= {FORMAT: format_of(Event), "journey": attributes["subject"]}
        if data.get("touchpoint") is not None:
            data["touchpoint"] = _identified(members(data["touchpoint"], "touchpoint"), attributes)
        return from_data(data, Event)
    except (InvalidValue, UnknownName) as error:
        raise first_error(error, "data") from None


def _identified(touchpoint: dict[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    for name in ("id", "source", "at"):
        if name in touchpoint:
            raise UnknownName("the envelope says it", path=f"touchpoint.{name}")
    said = {name: attributes[name] for name in ("id", "source")}
    if "time" in attributes:
        said["at"] = time(attributes["time"], foreign=True).isoformat()
    return touchpoint | said


# -- in JSON ---------------------------------------------------------------------------------------


def to_structured(event: CloudEvent) -> str:
    """A CloudEvent as one JSON object."""
    return jsontext.written(_members_of(event))


def from_structured(content: str | bytes) -> CloudEvent:
    """A CloudEvent in JSON.

    Raises:
        InvalidValue, WrongType: it is none.

    >>> from_structured('{"specversion": "1.0", "type": "t", "source": "s"}')
    Traceback (most recent call last):
    journeyscore.errors.InvalidValue: id: is missing
    """
    return _of_members(jsontext.parsed(content))


def to_batch(events: Iterable[CloudEvent]) -> str:
    """CloudEvents as one JSON array.

    >>> to_batch([]), from_batch("[]")
    ('[]', [])
    """
    return jsontext.written([_members_of(event) for event in events])


def from_batch(content: str | bytes) -> list[CloudEvent]:
    """The CloudEvents in a JSON array.

    Raises:
        InvalidValue, WrongType: one of them is none; the path says which.
    """
    found = []
    for place, each in enumerate(elements(jsontext.parsed(content))):
        try:
            found.append(_of_members(each))
        except InvalidValue as error:
            raise first_error(error, f"[{place}]") from None
    return found


def _members_of(event: CloudEvent) -> dict[str, Any]:
    return event.payload if event.data is not None else dict(event.attributes)


def _of_members(given: Any) -> CloudEvent:
    attributes = dict(members(given))
    data = attributes.pop("data", None)
    encoded = attributes.pop("data_base64", None)
    # in JSON null is an attribute that is not there
    attributes = {name: value for name, value in attributes.items() if value is not None}
    event = CloudEvent(attributes=attributes)
    if encoded is None:
        return evolve(event, data=data)
    if data is not None:
        raise InvalidValue("there beside data", path="data_base64")
    try:
        raw = b64decode(unicode_text(encoded, "data_base64"), validate=True)
    except (NotBase64, ValueError) as error:
        if isinstance(error, InvalidValue):
            raise
        raise InvalidValue("not Base64", path="data_base64") from None
    return evolve(event, data=_body(raw, attributes.get("datacontenttype", JSON)))


# -- over HTTP -------------------------------------------------------------------------------------


def to_http(event: CloudEvent) -> tuple[dict[str, str], bytes]:
    """A CloudEvent in binary mode: attributes as headers, data as the body.

    >>> from journeyscore import Touchpoint
    >>> valet = Touchpoint("hotel.valet", delivered=0.9, id="v1", source="/lakeside")
    >>> headers, body = to_http(to_cloudevent(Event(journey="stay-1", touchpoint=valet)))
    >>> headers["ce-id"], from_cloudevent(from_http(headers, body)[0]).journey
    ('v1', 'stay-1')
    """
    headers = {}
    for name, value in event.attributes.items():
        if name == "datacontenttype":
            headers["content-type"] = str(value)
        else:
            plain = str(value).lower() if isinstance(value, bool) else str(value)
            headers[f"ce-{name}"] = quote(plain, safe=_SAFE)
    body = b"" if event.data is None else jsontext.written(event.data).encode()
    return headers, body


def from_http(headers: Headers, body: bytes) -> list[CloudEvent]:
    """The CloudEvents in a request: one in binary or in structured mode, or a batch.

    Raises:
        InvalidValue, WrongType: there is none, or one that is wrong.
    """
    found: dict[str, str] = {}
    for name, value in headers.items() if isinstance(headers, Mapping) else headers:
        key = _text(name).lower()
        if key.startswith("ce-") or key == "content-type":
            if key in found:
                raise InvalidValue("a header that is there twice", path="headers", value=key)
            found[key] = _text(value)
    content_type = found.pop("content-type", None)
    media = (content_type or "").partition(";")[0].strip().lower()
    if media == BATCH:
        return from_batch(body)
    if media == STRUCTURED:
        return [from_structured(body)]
    attributes: dict[str, Any] = {
        name.removeprefix("ce-"): _decoded(value, name) for name, value in found.items()
    }
    if content_type is not None:
        attributes["datacontenttype"] = content_type
    event = CloudEvent(attributes=attributes)
    return [evolve(event, data=_body(body, content_type or JSON))]


def _decoded(value: str, name: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':  # a quoted string of HTTP
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    try:
        return unquote_to_bytes(value).decode()
    except ValueError:  # bad UTF-8, or half of a surrogate pair
        raise InvalidValue("not UTF-8, percent-encoded", path=name) from None


def _body(raw: bytes, content_type: object) -> Any:
    """What a body says: nothing, or JSON."""
    if not raw:
        return None
    media = str(content_type).partition(";")[0].strip().lower()
    if not _JSON_TYPE.fullmatch(media):
        raise InvalidValue(
            f"{described(content_type)} is not JSON", path="datacontenttype", hint=JSON
        )
    try:
        return jsontext.parsed(raw)
    except InvalidValue as error:
        raise first_error(error, "data") from None


def _text(given: object) -> str:
    if isinstance(given, bytes):
        return given.decode("latin-1")  # as ASGI has it; what is ours is ASCII
    if not isinstance(given, str):
        raise WrongType(f"{described(given)} is not a header", path="headers", value=given)
    return given
