"""XES (IEEE 1849): event logs of process mining, in and out.

An event of a log in XES is a payload that a `Mapping` reads::

    {"case": {"concept:name": "stay-1", ...}, "index": 0,
     "event": {"concept:name": "Check in", "time:timestamp": "2026-01-01T12:00:00Z", ...}}

Read with the standard library's expat, which refuses every document type here: there is no entity
to expand and none to fetch. Ready-made readers were tried (rustxes, r4pm):
they make 0 of "abc", false of "yes" and nothing of a date that is wrong, and go on.
"""

from __future__ import annotations

import gzip
import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable, Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat

from ..errors import InvalidValue, LogError, LogNotFound, described
from ..journey import Journey
from .logrows import REFERENCES, log_rows
from .mapping import Mapping
from .rows import COLUMNS
from .strict import exact, time

__all__ = [
    "read_xes",
    "write_xes",
    "xes_mapping",
]


NAMESPACE = "http://www.xes-standard.org/"
PREFIX = "journeyscore:"
"""Before the keys of our columns that XES has no key of its own for."""

_STANDARD = {"touchpoint": "concept:name", "at": "time:timestamp", "team": "org:group"}
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_REAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
DEEPEST = 50
"""Elements within elements; a log has six or so."""

LARGEST, LONGEST = 10_000_000, 1_000_000
"""Bytes of an event, or of what precedes the first of a trace; and of one tag. What is compressed
may be a bomb."""


def read_xes(path: str | PathLike[str]) -> Iterator[dict[str, Any]]:
    """The events of a log in XES, ``.xes`` or ``.xes.gz``, one payload after the other.

    Attributes of attributes are beside them as ``parent/child``; a list is a list of values.

    Raises:
        LogNotFound: there is no such file.
        LogError: it is not XML, has a document type, or is no log of XES.
        InvalidValue: an attribute is not what its tag says; the path names trace and event.

    >>> import tempfile, pathlib
    >>> from journeyscore import Touchpoint
    >>> file = pathlib.Path(tempfile.mkdtemp(), "stays.xes")
    >>> stay = Journey("stay-1", [Touchpoint("hotel.valet", delivered=0.9, team="north")])
    >>> write_xes([stay], file)
    >>> next(read_xes(file))["event"]["org:group"]
    'north'
    """
    file = Path(path)
    if not file.is_file():
        raise LogNotFound("no such file", path=str(file), value=str(file))
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as content:
            log = _Log()
            fed = done = 0  # bytes given to the parser; and when an event, or a trace, last ended
            while block := content.read(1 << 16):
                log.parser.Parse(block, False)
                fed += len(block)
                events = log.taken()
                done = fed if events or not log.within_trace else done
                if fed - done > LARGEST:
                    raise LogError(f"an event of more than {LARGEST:,} bytes")
                if fed - log.parser.CurrentByteIndex > LONGEST:  # each time it begins it anew
                    raise LogError(f"a tag of more than {LONGEST:,} bytes")
                yield from events
            log.parser.Parse(b"", True)
            yield from log.taken()
    except (InvalidValue, LogError) as error:
        error.path = f"{file}, {error.path}" if error.path else str(file)
        raise
    except (expat.ExpatError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise LogError(f"not a whole file of XML: {error}", path=str(file)) from None
    except (LookupError, ValueError):  # an encoding that there is not, or of many bytes
        raise LogError("in an encoding that cannot be read", path=str(file), hint="UTF-8") from None


class _Element(NamedTuple):
    """An element of XES: its tag without a namespace, and what it says."""

    tag: str
    key: str | None
    value: str | None
    inner: list[_Element]


class _Log:
    """A log while it is parsed: of a trace only its attributes are kept, of an event nothing."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._document_type
        self._open: list[_Element] = []
        self._case: dict[str, Any] | None = None
        self._traces = self._index = 0
        self._read: list[dict[str, Any]] = []

    @property
    def within_trace(self) -> bool:
        """Whether a trace, or whatever else is in the log, has begun and not ended."""
        return len(self._open) > 1

    def taken(self) -> list[dict[str, Any]]:
        """The events read since this was last asked."""
        read, self._read = self._read, []
        return read

    def _document_type(self, *_: Any) -> None:
        raise LogError("a document type, which a log of XES does not have")

    def _start(self, name: str, given: dict[str, str]) -> None:
        element = _Element(name.rpartition(" ")[2], given.get("key"), given.get("value"), [])
        if not self._open and element.tag != "log":
            raise LogError("no log of XES", hint="its first element is <log>")
        if len(self._open) >= DEEPEST:
            raise LogError("elements nested too deep")
        if element.tag == "trace" and len(self._open) == 1:
            self._traces, self._index, self._case = self._traces + 1, 0, None
        elif element.tag != "event" and len(self._open) == 2 and self._case is not None:
            if self._open[1].tag == "trace":
                raise InvalidValue("an attribute after the events", path=f"trace {self._traces}")
        self._open.append(element)

    def _end(self, _: str) -> None:
        element = self._open.pop()
        tags = [each.tag for each in self._open]
        if tags == ["log", "trace"] and element.tag == "event":
            if self._case is None:
                self._case = _attributes(self._open[1].inner, f"trace {self._traces}")
            where = f"trace {self._traces}, event {self._index + 1}"
            event = _attributes(element.inner, where)
            self._read.append({"case": self._case, "event": event, "index": self._index})
            self._index += 1
        elif len(tags) >= 2 and tags[1] == "trace":
            self._open[-1].inner.append(element)


def _attributes(elements: list[_Element], where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for element in elements:
        for name, value in _values(element, where):
            if name in found:
                raise InvalidValue("a key that is there twice", path=where, value=name)
            found[name] = value
    return found


def _values(element: _Element, where: str) -> Iterator[tuple[str, Any]]:
    """An attribute, and those it has itself."""
    tag, key, given, inner = element
    if not key:
        raise InvalidValue("an attribute without a key", path=where)
    if tag in ("list", "container"):
        members = [
            each for part in inner for each in (part.inner if part.tag == "values" else [part])
        ]
        yield key, [value for each in members for _, value in _values(each, where)]
        return
    read = _TYPES.get(tag)
    if read is None:
        raise InvalidValue("an attribute of no type of XES", path=where, value=tag)
    try:
        yield key, read(given or "")
    except InvalidValue:
        raise InvalidValue(
            f"{described(given)} is not a value of <{tag}>", path=where, value=given
        ) from None
    for each in inner:
        for name, value in _values(each, where):
            yield f"{key}/{name}", value


def _number(pattern: re.Pattern[str], make: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(given: str) -> Any:
        if not pattern.fullmatch(given):
            raise InvalidValue("not a number")
        return make(given)

    return read


def _truth(given: str) -> bool:
    if given not in ("true", "false"):
        raise InvalidValue("neither true nor false")
    return given == "true"


_TYPES: dict[str, Callable[[str], Any]] = {
    "string": str,
    "id": str,
    "date": lambda given: time(given, foreign=True).isoformat(),
    "int": _number(_WHOLE, int),
    "float": _number(_REAL, lambda given: exact(float(given))),
    "boolean": _truth,
}


def xes_mapping() -> Mapping:
    """The mapping that reads what `write_xes` writes; of other logs write one of your own.

    >>> xes_mapping().name
    'xes'
    """
    own = {
        name: f'event."{_STANDARD.get(name, PREFIX + name)}"'
        for name in COLUMNS
        if name not in ("journey", "customer", "site")
    }
    for name in REFERENCES:
        source, id = f'event."{PREFIX}{name}_source"', own[name]
        own[name] = f"{source} && {{source: {source}, id: {id}}} || {id}"
    case = {name: f'case."{PREFIX}{name}"' for name in ("customer", "site")}
    rule = {"journey": 'case."concept:name"', **case, **own}
    return Mapping.of({"name": "xes", "rules": [rule]})


def write_xes(journeys: Iterable[Journey], path: str | PathLike[str]) -> None:
    """Write journeys as a log in XES: a trace each, an event for each touchpoint and factor.

    Args:
        journeys: the journeys; what a journey log has no column for is left out, see `log_rows`.
        path: the file; with ``.gz`` it is compressed.
    """
    log = ET.Element("log", {"xes.version": "1849-2016", "xes.features": "", "xmlns": NAMESPACE})
    for name in ("Concept", "Time", "Organizational"):
        prefix = {"Organizational": "org"}.get(name, name.lower())
        about = {"name": name, "prefix": prefix, "uri": f"{NAMESPACE}{prefix}.xesext"}
        ET.SubElement(log, "extension", about)
    for journey in journeys:
        trace = ET.SubElement(log, "trace")
        _write(trace, "concept:name", journey.id)
        for name in ("customer", "site"):
            if (value := getattr(journey, name)) is not None:
                _write(trace, PREFIX + name, value)
        for row in log_rows([journey]):
            event = ET.SubElement(trace, "event")
            for name, value in row.items():
                if name not in ("journey", "customer", "site"):
                    _write(event, _STANDARD.get(name, PREFIX + name), value)
    ET.indent(log)
    content = ET.tostring(log, encoding="utf-8", xml_declaration=True)
    Path(path).write_bytes(gzip.compress(content) if Path(path).suffix == ".gz" else content)


def _write(parent: ET.Element, key: str, value: Any) -> None:
    if isinstance(value, dict):  # another event
        if value["source"] is None:
            raise InvalidValue("an event log cannot name an event without a source", path=key)
        _write(parent, f"{key}_source", value["source"])
        value = value["id"]
    tag = {bool: "boolean", int: "int", float: "float"}.get(type(value), "string")
    tag = "date" if key == "time:timestamp" else tag
    written = str(value).lower() if tag == "boolean" else str(value)
    if not _XML.fullmatch(written):
        raise InvalidValue("a character that XML does not have", path=key, value=value)
    ET.SubElement(parent, tag, {"key": key, "value": written})


_XML = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
