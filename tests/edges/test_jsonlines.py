"""JSON Lines line by line: each kind of damage, and that blocks change nothing."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from strategies import logs

from journeyscore import frames
from journeyscore.errors import LogError, RejectedRows
from journeyscore.frames import jsonlines
from journeyscore.frames.jsonrow import read
from journeyscore.frames.text import START, Chunk, Fault, Wanted

WANTED = Wanted.of()
GOOD = b'{"journey": "a", "touchpoint": "hotel.room", "anticipated": 0.5, "delivered": 0.5}'

JSON, UTF8 = "a JSON object", "text in UTF-8"
DAMAGE: list[tuple[bytes, str | None, str, float | None]] = [
    *((line, None, JSON, None) for line in (
        b"{", b"[]", b"5", b"null", b'"x"', b'{"delivered": 1', b'{"delivered": 1,}', b"{'a': 1}",
        b'{"delivered": NaN}', b'{"x": NaN}', b'{"delivered": -Infinity}', b'{"delivered": 01}',
        b'{"delivered": 1} x', b'{"delivered": 1}{"delivered": 2}', b'{"delivered": 1}}',
        b'{"id": "a\x00b"}', b'{"id": "a\tb"}', b'{"id": "\\x"}', b'\xef\xbb\xbf{"delivered": 1}',
        b'{"delivered": 1}\x00', b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    )),
    (b'{"id": "a\xff"}', None, UTF8, None),
    (b'{"x": "\xed\xa0\x80"}', None, UTF8, None),
    (b'{"delivered": "0.5"}', "delivered", "a number", None),
    (b'{"delivered": true}', "delivered", "a number", None),
    (b'{"weight": [1]}', "weight", "a number", None),
    (b'{"delivered": 1e400}', "delivered", "a number that a float holds", None),
    (b'{"delivered": 1, "delivered": 2}', "delivered", "there once", None),
    (b'{"id": "a", "id": null}', "id", "there once", None),
    (b'{"id": 5.5}', "id", "text or a whole number", None),
    (b'{"id": true}', "id", "text or a whole number", None),
    (b'{"team": {"name": "x"}}', "team", "text or a whole number", None),
    (b'{"id": "\\ud800"}', "id", "text in Unicode", None),
    (b'{"proactive": 1}', "proactive", "true or false", 1.0),
    (b'{"retracts": {"source": "pos"}}', "retracts", "an id, or an object of source and id", None),
]  # fmt: skip


@pytest.mark.parametrize(("line", "field", "expected", "value"), DAMAGE)
@pytest.mark.parametrize("size", [1, 10**6])
def test_each_kind_of_damage_is_told(
    line: bytes, field: str | None, expected: str, value: float | None, size: int, tmp_path: Path
) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(GOOD + b"\n\n" + line + b"\n" + GOOD)
    blocks = list(jsonlines.blocks(file, WANTED, size))
    assert [row for block in blocks for row in block.frame["_place"]] == [1, 4]
    (fault,) = (row for block in blocks for row in block.faults.rows())
    assert fault[:4] == (3, field, value, expected)
    assert sum(block.blank for block in blocks) == 1
    assert frames.check(file).rows() == [(3, field, value, expected)]
    with pytest.raises(LogError, match=r"line 3.*lines that cannot be read: 1.*quarantine"):
        frames.score(file)


@pytest.mark.parametrize(("line", "row"), [
    (b'{"id": 5}', {"id": "5"}), (b'{"id": 123456789012345678901234567890}',
     {"id": "123456789012345678901234567890"}), (b'{"id": "\\ud83d\\ude00"}', {"id": "\U0001f600"}),
    (b'{"id": "\\u0000"}', {"id": "\0"}), (b'  {"delivered": 1}  \r', {"delivered": 1.0}),
    (b'{"delivered": 9007199254740993}', {"delivered": 9007199254740992.0}),
    (b'{"\\u0064elivered": 0.5}', {"delivered": 0.5}), (b'{"Delivered": 1}', {}), (b"{}", {}),
    (b'{"x": {"y": [1, {"z": "}"}]}, "delivered": 1}', {"delivered": 1.0}),
    (b'{"x": 1, "x": 2, "delivered": 1e-400}', {"delivered": 0.0}),
    (b'{"id": "\\"a\\\\\\u00e9"}', {"id": '"a\\\u00e9'}), (b'{"at": "{", "id": "{a}"}', {"at": "{", "id": "{a}"}),
])  # fmt: skip
def test_what_is_odd_but_right_is_a_row(line: bytes, row: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    for content in (line, GOOD + b"\n" + line, line + b"\n" + GOOD + b"\n"):
        file.write_bytes(content)
        (block,) = jsonlines.blocks(file, WANTED)
        assert len(block.faults) == 0
        found = block.frame.filter(pl.col("_place") == (2 if content.startswith(GOOD) else 1))
        given = {
            name: value for name, value in found.row(0, named=True).items() if value is not None
        }
        assert given == {**row, "_place": 2 if content.startswith(GOOD) else 1}


def written(row: dict[str, Any], dice: random.Random) -> bytes:
    row = {name: value for name, value in row.items() if value is not None or dice.random() < 0.5}
    if dice.random() < 0.2:
        row = {**row, "x": dice.choice(["a, b", {"y": [1]}, 'say "hi"', "é", None])}
    if dice.random() < 0.2:
        row = dict(sorted(row.items()))
    compact = (",", ":") if dice.random() < 0.5 else None
    return json.dumps(row, separators=compact, default=str, allow_nan=False).encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(logs(), st.integers(1, 500), st.randoms(use_true_random=False))
def test_blocks_lose_nothing_and_coerce_nothing(
    tmp_path: Path, rows: list[dict[str, Any]], size: int, dice: random.Random
) -> None:
    file = tmp_path / "log.jsonl"
    finite = [
        row
        for row in rows
        if not any(value != value or value in (float("inf"),) for value in row.values())
    ]
    lines: list[bytes] = []
    expected: dict[int, dict[str, Any]] = {}
    faults: list[tuple[int, str | None, str]] = []
    blank = 0
    for row in finite:
        kind = dice.random()
        if kind < 0.25:
            short = [each for each in DAMAGE if len(each[0]) < 1000]
            if not lines:  # where a byte order mark is none
                short = [each for each in short if not each[0].startswith(b"\xef\xbb\xbf")]
            line, field, reason, _ = dice.choice(short)
            lines.append(line)
            faults.append((len(lines), field, reason))
        elif kind < 0.35:
            lines.append(dice.choice([b"", b"  ", b"\t", b"\r"]))
            blank += 1
        else:
            lines.append(written(row, dice))
            expected[len(lines)] = json.loads(lines[-1])
    file.write_bytes(b"\n".join(lines) + (b"\n" if lines else b""))
    blocks = list(jsonlines.blocks(file, WANTED, size))
    found = {
        row.pop("_place"): {name: value for name, value in row.items() if value is not None}
        for block in blocks
        for row in block.frame.iter_rows(named=True)
    }
    assert found == {
        line: {n: v for n, v in row.items() if v is not None and n in WANTED.types}
        for line, row in expected.items()
    }
    assert [(f[0], f[1], f[3]) for block in blocks for f in block.faults.rows()] == faults
    assert sum(block.blank for block in blocks) == blank
    assert sum(block.lines for block in blocks) + blank == len(lines)


MEMBERS = [
    *(f'"id":{value}' for value in (
        '"a"', '"a"', '"b,c"', '":"', '"{}"', '""', '"]"', '"[x]"', "5", "5.5", "-0", "1e2", "true",
        "null", '{"u":1}', "{}", "[]", '["a"]', '"\\u00e9"', '"\\ud800"', '"a\tb"', '"null"', "9" * 5000,
    )),
    *(f'"delivered":{value}' for value in (
        "0.5", "0.5", "1", "-1.5e-3", '"0.5"', "true", "null", "01", "1e999", "NaN", "9007199254740993",
        "123456789012345678901", "0.1000000000000000055511151231257827", "[1]", "{}", ".5", "5.",
    )),
    *(f'"x":{value}' for value in ('"y"', '"y, z"', "1", "true", "null", '{"id":"a"}', '["a","b"]', "1e999")),
    '"proactive":true', '"proactive":1', '"\\u0069d":"a"', '"recovers":"e"', '"recovers":{"id":"e"}', "",
]  # fmt: skip
SHAPE = ('"id":"a"', '"delivered":0.5')


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """Lines of one shape, of which some members are others, left out, or there twice."""
    joint = draw(st.sampled_from([",", ", ", " ,\t"]))
    lines = []
    for members in draw(
        st.lists(
            st.one_of(
                st.just(SHAPE),
                st.tuples(st.sampled_from(MEMBERS), st.just(SHAPE[1])),
                st.tuples(st.just(SHAPE[0]), st.sampled_from(MEMBERS)),
                st.lists(st.sampled_from(MEMBERS), max_size=4),
            ),
            max_size=6,
        )
    ):
        lines.append("{" + joint.join(members) + "}" if members is not None else "")
    text = draw(st.sampled_from(["\n", "\r\n", "\n\n"])).join(lines)
    return (text + draw(st.sampled_from(["", "\n", " "]))).encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(contents())
@example(b'{"id":"a","id":null}\n{"delivered":1}\n{"id":"b","delivered":1}')
@example(b'{"id":"a","delivered":1}\n{"id":"a","id":"b"}\n{"delivered":1,"delivered":2}')
@example(b'{"id":"a","x":"y"}\n{"id":5,"x":"y"}\n{"id":"a","x":"y","z":"w"}')
@example(b'{"id":"a"}\n{"id":{"u":1}}')
@example(b'{"id":"a"}\n{"id":["a"]}')
def test_what_is_read_in_columns_is_what_one_line_after_the_other_says(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(content)
    rows, faults = {}, []
    for place, line in enumerate(content.decode().split("\n"), start=1):
        found = read(line.removesuffix("\r"), WANTED)
        if isinstance(found, Fault):
            if line.strip():
                faults.append((place, found.field, found.expected))
        else:
            rows[place] = {
                name: {"source": None} | value if isinstance(value, dict) else value
                for name, value in found.items()
                if value is not None
            }
    (block,) = jsonlines.blocks(file, WANTED) if content else [None]
    if block is None:
        return
    assert [(each[0], each[1], each[3]) for each in block.faults.rows()] == faults
    read_rows = {row.pop("_place"): row for row in block.frame.iter_rows(named=True)}
    assert read_rows.keys() == rows.keys()
    for place, row in rows.items():
        got = {name: value for name, value in read_rows[place].items() if not _nothing(value)}
        if isinstance(got.get("recovers"), dict) and isinstance(row["recovers"], str):
            row["recovers"] = {"source": None, "id": row["recovers"]}
        assert repr(sorted(got.items())) == repr(sorted(row.items())), place


def _nothing(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and value["id"] is None)


@pytest.mark.parametrize(("line", "proven"), [
    ('{"id":"a","delivered":0.5}', True), ('{ "delivered" : 1,\t"id":"a" }', True), ('{"id":"b"}', True),
    ('{"id":"a, b","delivered":1}', True), ('{"id":"a","id":"b"}', False), ('{"id":5,"delivered":1}', False),
    ('{"id":"a","delivered":1,"y":1}', False), ('{"id":"a","delivered":null}', False), ("", False),
    ('{"id":"{","delivered":1}', False), ('{"id":{"u":1},"delivered":1}', False),
    ('{"id":["a"],"delivered":1}', False), ('{"id":"\\u0061","delivered":1}', False), ("{}", False),
])  # fmt: skip
def test_a_block_is_proven_at_once_where_its_punctuation_adds_up(line: str, proven: bool) -> None:
    chunk = Chunk(START, "\n".join(['{"id":"a","delivered":0.5}', line, GOOD_PAIR]).encode())
    types = {"id": pl.String, "delivered": pl.Float64}
    rows = jsonlines._at_once(chunk, types, WANTED)
    assert (rows is not None) is proven
    if rows is not None:
        assert rows["_place"].to_list() == [1, 2, 3]


GOOD_PAIR = '{"id":"z","delivered":1e0}'


def test_columns_of_others_do_not_slow_a_block_down(tmp_path: Path) -> None:
    content = b'{"id":"a","note":"well, well","room":7,"vip":true,"delivered":1}\n' * 3
    chunk = Chunk(START, content)
    keys = jsonlines._keys(chunk)
    assert keys["room"] == pl.Float64
    rows = jsonlines._at_once(chunk, keys, WANTED)
    assert rows is not None
    assert rows.columns == ["id", "delivered", "_place"]


def test_the_rest_is_scored_and_the_account_adds_up(tmp_path: Path) -> None:
    file, bad = tmp_path / "log.jsonl", tmp_path / "bad.jsonl"
    absent = GOOD.replace(b'"delivered": 0.5', b'"delivered": null')
    wrong = GOOD.replace(b'"delivered": 0.5', b'"delivered": 1.5')
    file.write_bytes(b"\n".join([GOOD, b"{oops", absent, wrong, b"", GOOD]))
    (row,) = frames.fold(file, quarantine=bad).rows(named=True)
    told = [json.loads(line) for line in bad.read_text().splitlines()]
    assert told == [
        {"line": 2, "field": None, "value": None, "expected": JSON},
        {"line": 4, "field": "delivered", "value": 1.5, "expected": "a level from 0 to 1"},
    ]
    lines, blank, not_there, unreadable = 6, 1, 1, len(told) - row["rejected"]
    assert row["count"] + not_there + row["rejected"] + unreadable + blank == lines
    frames.score(file, quarantine=bad, quarantine_rows=True)
    texts = [json.loads(line)["text"] for line in bad.read_text().splitlines()]
    assert texts == ["{oops", wrong.decode()]
    with pytest.raises(RejectedRows, match=r"log.jsonl, line 2: "):
        frames.score(file, strict=True)
    file.write_bytes(GOOD)
    frames.score(file, quarantine=bad)
    assert bad.read_bytes() == b""


def test_a_dataframe_has_a_quarantine_too(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    log = pl.DataFrame(
        {"journey": ["a"], "touchpoint": ["x"], "anticipated": [0.5], "delivered": [2.0]}
    )
    frames.score(log, quarantine=bad, quarantine_rows=True)
    (told,) = map(json.loads, bad.read_text().splitlines())
    assert (told["row"], told["field"], told["content"]["delivered"]) == (1, "delivered", 2.0)


@pytest.mark.slow
def test_a_million_lines_with_a_thousand_kinds_of_damage(tmp_path: Path) -> None:
    dice = random.Random(5)
    kinds = [GOOD]
    while len(kinds) < 1001:
        line = bytearray(GOOD)
        for _ in range(dice.randint(1, 3)):
            place = dice.randrange(len(line))
            line[place : place + dice.randint(0, 2)] = bytes(
                [dice.choice(b'\x00\xff"{}[],:\\0.e-tx ')]
            )
        kinds.append(bytes(line))
    lines = [dice.choice(kinds) if dice.random() < 0.5 else GOOD for _ in range(10**6)]
    file = tmp_path / "log.jsonl"
    file.write_bytes(b"\n".join(lines))
    judged = {line: _judged(line) for line in kinds}
    rows = {n: judged[line] for n, line in enumerate(lines, 1) if judged[line] is not None}
    found: dict[int, Any] = {}
    faults: set[int] = set()
    for block in jsonlines.blocks(file, WANTED, 2_000_000):
        for row in block.frame.iter_rows(named=True):
            place = row.pop("_place")
            found[place] = {n: v for n, v in row.items() if v is not None}
        faults |= set(block.faults["line"])
    assert found == rows
    assert faults == set(range(1, 10**6 + 1)) - rows.keys()


def _judged(line: bytes) -> dict[str, Any] | None:
    """What Python's json and the types say of a line."""

    def strict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs if name in WANTED.types]
        if len(set(names)) < len(names):
            raise ValueError
        return dict(pairs)

    try:
        row = json.loads(line.decode(), object_pairs_hook=strict, parse_constant=int)
    except ValueError:
        return None
    if not isinstance(row, dict):
        return None
    row = {n: v for n, v in row.items() if n in WANTED.types and v is not None}
    for name, value in row.items():
        number = WANTED.types[name] == pl.Float64
        if number and (type(value) not in (int, float) or abs(value) == float("inf")):
            return None
        if not number and type(value) not in (str, int):
            return None
        row[name] = float(value) if number else str(value)
    return row
