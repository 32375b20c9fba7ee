"""What is fuzzed: each target takes bytes, and raises on a fault and only then.

A `JourneyScoreError` is an answer. Whatever else is raised is a fault, and so is an answer that a
second, plain way of finding it does not confirm: what went wrong silently.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from math import isfinite
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import polars as pl
from jsonschema import Draft202012Validator

from journeyscore import Journey
from journeyscore.convert import Score, from_data, journeys, jsontext, to_data
from journeyscore.convert.cloudevents import (
    from_batch,
    from_cloudevent,
    from_http,
    to_batch,
    to_cloudevent,
    to_http,
)
from journeyscore.convert.documents import KINDS, format_of
from journeyscore.convert.mapping import Mapping
from journeyscore.convert.ocel import ocel_mapping, read_ocel
from journeyscore.convert.schema import json_schema
from journeyscore.convert.xes import read_xes, xes_mapping
from journeyscore.errors import InvalidToken, JourneyScoreError, LogError
from journeyscore.frames import csvlines, jsonlines
from journeyscore.frames.columns import NUMBERS, PLACE, REFERENCES
from journeyscore.frames.text import Block, Wanted
from journeyscore.live.tokens import Promise, Reference, _tag, unseal

Target = Callable[[bytes], None]

TARGETS: dict[str, Target] = {}
"""The targets by name; each has a folder of that name in ``corpus``."""


def target(check: Target) -> Target:
    """Adds a target under the name of its function."""
    TARGETS[check.__name__] = check
    return check


# -- tokens ----------------------------------------------------------------------------------------


@target
def token(data: bytes) -> None:
    """A token as it comes in: refused, or exactly the one that its content makes."""
    text = data.decode("latin-1")
    for kind in (Promise, Reference):
        try:
            read = kind.unsealed(text)
        except InvalidToken:
            continue
        assert kind.unsealed(read.sealed()) == read


@target
def token_content(data: bytes) -> None:
    """A token with a right checksum over any content: refused, or read and written alike."""
    for kind in (Promise, Reference):
        body = f"{kind.KIND}.{urlsafe_b64encode(data).decode().rstrip('=')}"
        text = f"{body}.{_tag(body, None)}"
        try:
            read = kind.unsealed(text)
        except InvalidToken:
            continue
        again = read.sealed()
        assert kind.unsealed(again) == read
        # what is read is what was written: equal as JSON, number for number
        assert _plain(unseal(kind.KIND, again, None)) == _plain(unseal(kind.KIND, text, None))


def _plain(content: list[Any]) -> list[tuple[str, str]]:
    """Values with their types: 1 is not True, and not "1"; 1 and 1.0 are one number."""
    return [
        ("number", repr(float(each)))
        if type(each) in (int, float)
        else (type(each).__name__, repr(each))
        for each in content
    ]


# -- logs in text ----------------------------------------------------------------------------------

_FOLDER = Path(
    mkdtemp(prefix="journeyscore-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
)
_WANTED = Wanted.of(["region"])


@target
def jsonlines_reader(data: bytes) -> None:
    """JSON Lines in blocks of any size, against one line after the other in Python's json."""
    path = _FOLDER / "log.jsonl"
    path.write_bytes(data)
    whole = list(jsonlines.blocks(path, _WANTED))
    content = data.removeprefix(b"\xef\xbb\xbf")
    expected = {}
    for place, line in enumerate(content.removesuffix(b"\n").split(b"\n"), start=1):
        row = _json_row(line.removesuffix(b"\r"))
        if row is not None:
            expected[place] = row
    found = _rows(whole)
    assert found.keys() == expected.keys(), (sorted(found), sorted(expected))
    for place, row in expected.items():
        assert _same(found[place], row), (place, found[place], row)
    small = _rows(list(jsonlines.blocks(path, _WANTED, 16)))
    assert small == found
    blanks = sum(block.blank for block in whole)
    faults = sum(len(block.faults) for block in whole)
    if content:
        assert len(expected) + faults + blanks == len(content.removesuffix(b"\n").split(b"\n"))


def _json_row(line: bytes) -> dict[str, Any] | None:
    """What a line says, by the rules; None if it is blank or a fault."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if any(names.count(name) > 1 for name in names if name in _WANTED.types):
            raise ValueError
        return dict(pairs)

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        row = json.loads(line.decode(), object_pairs_hook=_Pairs, parse_constant=refuse)
        if type(row) is not _Pairs:
            return None
        once(row)
    except (ValueError, RecursionError):
        return None
    kept = {}
    for name, given in row:
        if name not in _WANTED.types:
            continue
        if given is not None:
            if name in NUMBERS:
                if type(given) not in (int, float):
                    return None
                try:
                    given = float(given)
                except OverflowError:
                    return None
                if not isfinite(given):
                    return None
            elif name == "proactive":
                if type(given) is not bool:
                    return None
            elif type(given) is int:
                given = str(given)
            elif type(given) is _Pairs and name in REFERENCES:
                given = _reference(given)
                if given is None:
                    return None
            elif type(given) is not str:
                return None
            if isinstance(given, str) and re.search("[\ud800-\udfff]", given):
                return None
        kept[name] = given
    return kept


class _Pairs(list):  # type: ignore[type-arg]
    """An object of JSON, its members in order."""


def _reference(given: _Pairs) -> dict[str, Any] | None:
    names = [name for name, _ in given]
    if len(set(names)) < len(names) or "id" not in names:
        return None
    pair = {name: value for name, value in given if name in ("source", "id")}
    for name, value in pair.items():
        if type(value) is int:
            pair[name] = str(value)
        elif not (type(value) is str or (name == "source" and value is None)) or (
            isinstance(value, str) and re.search("[\ud800-\udfff]", value)
        ):
            return None
    return {"source": pair.get("source"), "id": pair["id"]}


def _rows(blocks: list[Block]) -> dict[int, dict[str, Any]]:
    """Rows by line; columns without a value are left out."""
    together = (
        _WANTED.together([block.frame for block in blocks]) if blocks else pl.DataFrame({PLACE: []})
    )
    rows = {}
    for row in together.iter_rows(named=True):
        place = row.pop(PLACE)
        assert place not in rows
        rows[place] = {
            name: value
            for name, value in row.items()
            if value is not None and not (isinstance(value, dict) and value["id"] is None)
        }
    return rows


def _same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether a row has these values, bit for bit; a reference of one id has the row's source."""
    expected = {name: value for name, value in expected.items() if value is not None}
    if found.keys() != expected.keys():
        return False
    for name, value in expected.items():
        got = found[name]
        if isinstance(got, dict) and isinstance(value, str):
            value = {"source": expected.get("source"), "id": value}
        if isinstance(got, float) != isinstance(value, float) or (
            repr(got) != repr(value) and got != value
        ):
            return False
    return True


@target
def csv_reader(data: bytes) -> None:
    """CSV in blocks of any size: each physical line is in a row, a fault or blank, whatever the size."""
    path = _FOLDER / "log.csv"
    path.write_bytes(data)
    read = {}
    for size in (1 << 20, 16, 64):
        try:
            read[size] = list(csvlines.blocks(path, _WANTED, size))
        except LogError as error:
            read[size] = str(error)
    whole = read[1 << 20]
    if isinstance(whole, str):
        return
    found, faults = _csv(whole)
    header = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")[0]
    if header.count(b'"') % 2:  # it goes on in the next line, and blocks are longer than headers
        return
    for size in (16, 64):
        assert not isinstance(read[size], str), read[size]
        assert _csv(read[size]) == (found, faults), size


def _csv(blocks: list[Block]) -> tuple[dict[int, str], list[Any]]:
    rows = {place: repr(sorted(row.items())) for place, row in _rows(blocks).items()}
    faults = [row for block in blocks for row in block.faults.iter_rows()]
    return rows, sorted(faults, key=repr)


# -- documents -------------------------------------------------------------------------------------

_VALIDATORS = {kind: Draft202012Validator(json_schema(kind)) for kind in KINDS.values()}


@target
def document(data: bytes) -> None:
    """A document of any kind: refused, or read and written alike, and valid by its schema."""
    try:
        content = jsontext.parsed(data)
    except JourneyScoreError:
        return
    assert json.loads(data.decode().removeprefix("\N{BYTE ORDER MARK}")) == content
    for kind, validator in _VALIDATORS.items():
        given = {**content, "format": format_of(kind)} if isinstance(content, dict) else content
        try:
            read = from_data(given, kind)
        except JourneyScoreError as error:
            _told(error)
            continue
        assert validator.is_valid(given), next(validator.iter_errors(given)).message
        again = to_data(read)
        assert from_data(again, kind) == read
        assert _within(again, given), (again, given)


def _told(error: JourneyScoreError, path: str | None = None) -> None:
    """An error can be printed, and says where."""
    assert str(error)
    assert path in (None, error.path)


def _within(written: Any, given: Any) -> bool:
    """Whether what is written says of each thing that was given the very same: nothing coerced."""
    if isinstance(given, dict) and isinstance(written, dict):
        return all(_within(written[name], each) for name, each in given.items() if name in written)
    if isinstance(given, list) and isinstance(written, list):
        return len(given) == len(written) and all(map(_within, written, given))
    if isinstance(given, (int, float)) and isinstance(written, dict):
        return bool(written == {"value": given})  # a bare number is an assumption
    if isinstance(given, dict) and isinstance(written, str):
        return False
    if isinstance(given, bool) or isinstance(written, bool):
        return given is written
    if isinstance(given, str) and isinstance(written, str):
        return given == written or given.replace("Z", "+00:00")[:16] == written[:16]
    return type(given) in (int, float) and type(written) in (int, float) and given == written


@target
def log_row(data: bytes) -> None:
    """Rows of a log as journeys: each is refused or scored, and none is lost."""
    try:
        content = jsontext.parsed(data)
    except JourneyScoreError:
        return
    rows = [
        each
        for each in (content if isinstance(content, list) else [content])
        if isinstance(each, dict)
    ]
    rejected: list[tuple[int, JourneyScoreError]] = []
    try:
        found = journeys(rows, rejected=rejected)
    except JourneyScoreError:
        return
    for journey in found.values():
        from journeyscore import score

        card = score(journey)
        assert from_data(to_data(card), Score) == Score.of(card)
        assert from_data(to_data(journey), Journey) == journey


# -- CloudEvents -----------------------------------------------------------------------------------


@target
def cloudevent(data: bytes) -> None:
    """Requests with CloudEvents: refused, or read and written alike in every mode.

    The first lines are headers, and after an empty line comes the body.
    """
    head, _, body = data.partition(b"\n\n")
    headers = [line.partition(b": ")[::2] for line in head.split(b"\n")]
    try:
        found = from_http(headers, body)
    except JourneyScoreError:
        return
    for event in found:
        try:
            # the data is whatever it is; NaN cannot have come in
            written = to_batch([event])
        except JourneyScoreError:
            continue  # nested too deep to be written
        assert from_batch(written) == [event]
        try:
            ours = from_cloudevent(event)
        except JourneyScoreError:
            continue
        try:
            envelope = to_cloudevent(ours, source=event.attributes["source"])
        except JourneyScoreError as error:
            _told(error, "source")
            continue
        assert from_cloudevent(from_http(*to_http(envelope))[0]) == from_cloudevent(envelope)
        if ours.touchpoint is not None:
            assert from_cloudevent(envelope) == ours
            assert ours.touchpoint.id == event.attributes["id"]


# -- feeds through mappings ------------------------------------------------------------------------

_MAPPINGS = [Mapping.load("square"), Mapping.load("opera_cloud")]


@target
def feed(data: bytes) -> None:
    """Payloads that are none of the shipped feeds': refused, or rows that the log takes."""
    try:
        payload = jsontext.parsed(data)
    except JourneyScoreError:
        return
    for mapping in _MAPPINGS:
        try:
            rows = mapping.rows(payload)
            again = mapping.rows(json.loads(json.dumps(payload)))
        except JourneyScoreError:
            continue
        assert rows == again
        assert all(row["id"] and row["source"] for row in rows)
        journeys(rows, rejected=[])


@target
def mapping_file(data: bytes) -> None:
    """A mapping that somebody wrote: refused, or one that answers."""
    import tomllib

    try:
        content = tomllib.loads(data.decode())
    except (ValueError, RecursionError):
        return
    try:
        mapping = Mapping.of(content)
        rows = mapping.rows({"type": "t", "data": {"id": "a", "n": 0.5, "list": [1, {"id": "b"}]}})
        journeys(rows, rejected=[])
    except JourneyScoreError:
        return


@target
def xes_reader(data: bytes) -> None:
    """A log in XES: refused, or events that their mapping refuses or reads."""
    path = _FOLDER / "log.xes"
    path.write_bytes(data)
    _mapped(read_xes(path), xes_mapping())


@target
def ocel_reader(data: bytes) -> None:
    """A log in OCEL 2.0: refused, or events that their mapping refuses or reads."""
    path = _FOLDER / "log.json"
    path.write_bytes(data)
    _mapped(read_ocel(path), ocel_mapping())


def _mapped(payloads: Iterator[dict[str, Any]], mapping: Mapping) -> None:
    try:
        for payload in payloads:
            json.dumps(payload, allow_nan=False)
            try:
                journeys(mapping.rows(payload), rejected=[])
            except JourneyScoreError:
                continue
    except JourneyScoreError:
        return
