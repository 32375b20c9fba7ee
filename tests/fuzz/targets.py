"""What is fuzzed: each target takes bytes, and raises on a fault and only then.

A `JourneyScoreError` is an answer. Whatever else is raised is a fault, and so is an answer that a
second, plain way of finding it does not confirm: what went wrong silently.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import polars as pl

from journeyscore.errors import InvalidToken, LogError
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
        ("number", repr(float(each))) if type(each) in (int, float) else (type(each).__name__, repr(each))
        for each in content
    ]


# -- logs in text ----------------------------------------------------------------------------------

_FOLDER = Path(mkdtemp(prefix="journeyscore-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
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
        elif not (type(value) is str or (name == "source" and value is None)):
            return None
        elif isinstance(value, str) and re.search("[\ud800-\udfff]", value):
            return None
    return {"source": pair.get("source"), "id": pair["id"]}


def _rows(blocks: list[Block]) -> dict[int, dict[str, Any]]:
    """Rows by line; columns without a value are left out."""
    together = _WANTED.together([block.frame for block in blocks]) if blocks else pl.DataFrame({PLACE: []})
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
        if isinstance(got, float) != isinstance(value, float) or repr(got) != repr(value) and got != value:
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
