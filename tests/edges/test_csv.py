"""CSV record by record: each kind of damage, true line numbers, and that blocks change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from journeyscore import frames
from journeyscore.errors import LogError
from journeyscore.frames import csvlines
from journeyscore.frames.text import START, Chunk, Wanted

WANTED = Wanted.of()
HEADER = "journey,touchpoint,anticipated,delivered\n"
QUOTES = "a record with every quote closed, and doubled within quotes"
FIELDS = "a record of 4 fields"
DAMAGE: list[tuple[bytes, str, float | None]] = [
    (b"a,x,0.5", FIELDS, 3.0), (b"a,x,0.5,0.5,", FIELDS, 5.0), (b"oops", FIELDS, 1.0),
    (b'a,"x,0.5,0.5', QUOTES, None), (b'a,5" pipe,0.5,0.5', QUOTES, None),
    (b'a,"x"y,0.5,0.5', QUOTES, None), (b"a,x\xff,0.5,0.5", "text in UTF-8", None),
    (b"a,x\x00,0.5,0.5", "text without null bytes", None),
]  # fmt: skip
GOOD = [
    ("a,x,0.5,0.5", 1), ('"a","x ""y"", z",0.5,0.5', 1), ('a,"two\nlines",,1', 2), ("a,x,,", 1),
    ('a,"b,x,0.5,0.5\nb,y,0.5,0.5\n",0.5,0.5', 3), (" a ,\u00e9,1e-1, 0.5", 1),
]  # fmt: skip
BLANK = ["", "  ", ",,,"]


@pytest.mark.parametrize(("line", "expected", "value"), DAMAGE)
@pytest.mark.parametrize("size", [1, 10**6])
def test_each_kind_of_damage_costs_its_line(
    line: bytes, expected: str, value: float | None, size: int, tmp_path: Path
) -> None:
    file = tmp_path / "log.csv"
    file.write_bytes(f"{HEADER}a,x,1,1\n\n".encode() + line + b"\nb,y,1,1\nb,y,1,1")
    blocks = list(csvlines.blocks(file, WANTED, size))
    assert [place for block in blocks for place in block.frame["_place"]] == [2, 5, 6]
    assert frames.check(file).rows() == [(4, None, value, expected)]
    with pytest.raises(LogError, match="line 4: "):
        frames.score(file)
    assert frames.score(file, quarantine=tmp_path / "bad.jsonl")["touchpoints"].sum() == 3


@pytest.mark.parametrize(("mark", "said"), [(";", "';'"), ("\t", "tabs"), ("|", "'|'")])
def test_another_mark_than_the_comma_is_named(mark: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "stays.csv"
    file.write_text("journey,touchpoint,anticipated,delivered\na,x,0.5,0.6\n".replace(",", mark))
    with pytest.raises(LogError) as caught:
        frames.score(str(file))
    assert str(caught.value).endswith(f"line 1: fields separated by {said}; write them with commas")


def test_lines_are_those_of_the_file_where_records_have_several(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text(HEADER + 'a,"x\n\ny",0.5,0.5\n\na,x,0.5,7\na,x,0.5,good\n')
    assert frames.check(file).select("line", "field").rows() == [(6, "delivered"), (7, "delivered")]
    file.write_text(HEADER.replace("\n", ",proactive\n") + "a,x,1,1,yes\na,x,1,1,TRUE\n")
    assert frames.check(file).rows() == [(2, "proactive", None, "true or false")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.sampled_from([*GOOD, *(("", each) for each in BLANK), *DAMAGE]), max_size=20),
    st.integers(1, 200),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_blocks_change_nothing_and_the_counts_add_up(
    tmp_path: Path,
    parts: list[tuple],
    size: int,
    end: bytes,  # type: ignore[type-arg]
) -> None:
    file = tmp_path / "log.csv"
    lines: list[bytes] = [HEADER.strip().encode()]
    rows, faults, blank = [], [], 0
    for part in parts:
        if len(part) == 3:
            if part[0].count(b'"') % 2:  # what follows may close it: of this there is another test
                continue
            faults.append(len(lines) + 1)
            lines.append(part[0])
        elif part[0] == "":
            blank += 1
            lines.append(part[1].encode())
        else:
            rows.append(len(lines) + 1)
            lines += part[0].encode().split(b"\n")
    file.write_bytes(end.join(lines))
    blocks = list(csvlines.blocks(file, WANTED, size))
    assert [place for block in blocks for place in block.frame["_place"]] == rows
    assert [line for block in blocks for line in block.faults["line"]] == faults
    whole = WANTED.together(block.frame for block in csvlines.blocks(file, WANTED))
    assert WANTED.together(block.frame for block in blocks).equals(whole)
    if lines[-1]:
        assert sum(block.blank for block in blocks) == blank


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.one_of(
            st.floats(allow_nan=False, allow_infinity=False).map(repr),
            st.sampled_from(["", " 0.5", "1e-1", "+1", ".5", "5.", "1e400", "0.5 ", "good", "1_0"]),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_numbers_that_the_engine_reads_are_those_of_their_text(
    tmp_path: Path, numbers: list[str]
) -> None:
    file = tmp_path / "log.csv"
    lines = [f"a,x,{number},1" for number in numbers]
    file.write_text(HEADER + "\n".join(lines))
    (block,) = csvlines.blocks(file, WANTED)
    file.write_text(HEADER + "\n".join([*lines, '"b",x,bad,1']))  # text, and quotes: the long way
    (other,) = csvlines.blocks(file, WANTED)
    assert block.frame.equals(other.frame.head(len(lines)))
    for number, found in zip(numbers, block.frame["anticipated"], strict=True):
        if number == "":
            assert found is None
        elif number in ("good", "1_0"):
            assert found != found
        else:
            assert found == float(number)


RECORDS = [
    "a,t,0.5,1",
    "a,t,,0.5",
    "a,t, ,1",
    "a,t,x,1",
    " ,,,",
    "",
    ",,0.5,1",
    "a,t,0.5",
    "a,t,1,1,",
    " a,t,1,1",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.sampled_from([*RECORDS[:1] * 5, *RECORDS]), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([HEADER, "journey,other,anticipated,others\n", "delivered,a,b,c\n"]),
)
@example(["a,t,0.5", "a,t,1,1,"], "\n", HEADER)  # one too many makes up for one too few
def test_a_block_read_at_once_is_what_its_lines_are(
    tmp_path: Path, records: list[str], end: str, header: str
) -> None:
    file = tmp_path / "log.csv"
    file.write_bytes((header + end.join(records)).encode())
    (block,) = csvlines.blocks(file, WANTED)
    with pytest.MonkeyPatch.context() as line_by_line:
        line_by_line.setattr(csvlines, "_at_once", lambda *_: None)
        (other,) = csvlines.blocks(file, WANTED)
    assert block.frame.equals(other.frame)
    assert block.faults.equals(other.faults)
    assert (block.blank, block.end) == (other.blank, other.end)


@pytest.mark.parametrize(("line", "proven"), [
    ("a,t,0.5,1", True), ("a,t,x,", True), ("a,t,0.5", False), ("a,t,0.5,1,", False), (",,,", False),
    ("", False), (" ,t,1,1", True), (" , ,1,1", False),
])  # fmt: skip
def test_a_block_is_read_at_once_where_its_commas_add_up(line: str, proven: bool) -> None:
    chunk = Chunk(START, f"a,t,0.5,1\n{line}\nb,t,1,1\nb,t,1,1".encode())
    assert (csvlines._at_once(chunk, HEADER.strip().split(","), WANTED) is not None) is proven
    short_and_long = Chunk(START, b"a,t,0.5\na,t,0.5,1,1\n")  # as many commas as two lines need
    assert csvlines._at_once(short_and_long, HEADER.strip().split(","), WANTED) is None
    others = ["journey", "x", "y", "z"]  # the engine counts fields only where it reads all columns
    assert csvlines._at_once(short_and_long, others, WANTED) is None


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("size", [1, 20, 10**6])
def test_reading_goes_on_where_a_block_ended(end: bytes, size: int, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    parts = [line for line, _ in GOOD] + [
        line.decode(errors="surrogateescape") for line, *_ in DAMAGE
    ]
    text = end.decode().join([HEADER.strip(), *parts, "", *parts[:3]])
    file.write_bytes(text.encode(errors="surrogateescape"))
    blocks = list(csvlines.blocks(file, WANTED, size))
    for number, block in enumerate(blocks):
        rest = list(csvlines.blocks(file, WANTED, size, block.end))  # cut elsewhere, perhaps
        for of in ("frame", "faults"):
            after = [row for each in blocks[number + 1 :] for row in getattr(each, of).rows()]
            assert [row for each in rest for row in getattr(each, of).rows()] == after


@pytest.mark.parametrize("columns", ["no,journey,note,touchpoint,anticipated,delivered", "x,y"])
def test_columns_of_others_are_left_aside(columns: str, tmp_path: Path) -> None:
    """Found by fuzzing: under Polars 2.1 such a file could not be read at all."""
    file = tmp_path / "log.csv"
    record = {"no": "7", "journey": "a", "note": "n", "touchpoint": "t", "delivered": "0.5"}
    values = ",".join(
        record.get(name, "" if name == "anticipated" else "z") for name in columns.split(",")
    )
    file.write_text(f"{columns}\n{values}\n")
    (block,) = csvlines.blocks(file, WANTED)
    found = block.frame.row(0, named=True)
    expected = {name: record.get(name) for name in columns.split(",") if name in WANTED.types}
    if "delivered" in expected:
        expected["delivered"] = 0.5  # type: ignore[assignment]
    assert found == {**expected, "_place": 2}
