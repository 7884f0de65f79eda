from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.ingest.files import text_stream
from patron.ingest.files.content_hash import Fingerprint
from patron.ingest.files.csv_dialect import Dialect
from patron.ingest.files.csv_file import CsvFile
from patron.ingest.files.csv_records import Records
from patron.ingest.files.found_file import FoundFile
from patron.ingest.files.reader import make_fields

DIALECTS = [
    Dialect(),
    Dialect(";"),
    Dialect("\t"),
    Dialect(",", "'"),
    Dialect("|", "", ""),
    Dialect(",", '"', "\\"),
]
Row = tuple[str | None, ...]


class Noted:
    """Stands in for Rejects."""

    def __init__(self) -> None:
        self.rows, self.broken = 0, []

    def add(self, _display_name: str, line: int, reason: str, raw: bytes) -> None:
        self.rows += 1
        self.broken.append((line, reason, raw))


def read(path: Path, content: bytes, dialect: Dialect, width: int, block: int = 2**20) -> tuple[list[Row], list[Any]]:
    import pyarrow as pa

    path.write_bytes(content)
    columns = make_fields([f"c{number}" for number in range(width)], [pa.string()] * width)
    file = CsvFile(Fingerprint(FoundFile(path, "f"), "", 0, 0), dialect, columns, "utf-8", 0)
    noted = Noted()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_stream, "BLOCK_BYTES", block)
        rows = [tuple(row.values()) for batch in file.batches(noted) for row in batch.to_pylist()]  # type: ignore[arg-type]
    return rows, noted.broken


def judged(content: bytes, width: int = 3, dialect: Dialect | None = None) -> list[tuple[int, str, str]]:
    cut = Records(dialect or Dialect(), width).cut_carefully(content, last=True)
    return [(row.line, row.reason, row.raw.decode("utf-8", "backslashreplace")) for row in cut.broken]


@pytest.mark.parametrize(
    ("content", "broken"),
    [
        (b"1,2,3\n1,2\n4,5,6\n", [(1, "2 columns instead of 3", "1,2")]),
        (b"1,2,3,4\r\n4,5,6\r\n", [(0, "4 columns instead of 3", "1,2,3,4")]),
        (b'1,"x,3\n4,5,6\n7,8,9\n', [(0, "a quote is opened and not closed", '1,"x,3')]),
        (b'1,"x,3\n4,"y",6\n7,8,9\n', [(0, "a quote is opened and not closed", '1,"x,3')]),
        (b'1,"x"y,3\n4,5,6\n', [(0, "text follows a closing quote", '1,"x"y,3')]),
        (b'1,"x" ,3\n', [(0, "text follows a closing quote", '1,"x" ,3')]),
        (b"1,2\r,3\n4,5,6\n", [(0, "a carriage return stands inside the row", "1,2\r,3")]),
        (b"1,caf\xe9,3\n4,5,6\n", [(0, "not valid UTF-8", "1,caf\\xe9,3")]),
        (b'1,"two\nlines",3,4\n5,6,7\n', [(0, "4 columns instead of 3", '1,"two\nlines",3,4')]),
        (b'1,"two\n2,3,4",5,6\n5,6,7\n', [(0, "4 columns instead of 3", '1,"two\n2,3,4",5,6')]),
        (b'1,"two\n2,3,4\n5,"6",7\n8,"9",1,0\n', [(0, "a quote is opened and not closed", '1,"two')]),
        (b"\n  \n1,2,3\n\r\n\t\n", []),
        (b'5" nail,2,say "hi"\n', []),
        (b'"","a ""b"" c","1\n2"\n', []),
    ],
)
def test_what_is_broken_and_why(content: bytes, broken: list[tuple[int, str, str]]) -> None:
    found = judged(content)
    # After a first line is given up, what continued it is judged line by line.
    assert found[: len(broken)] == broken
    assert len(found) <= len(broken) + 1


def test_one_column_has_blank_lines_but_no_blank_rows(tmp_path: Path) -> None:
    rows, broken = read(tmp_path / "f", b'a\n\n""\n  \nb', Dialect(), 1)
    assert rows == [("a",), ("",), ("  ",), ("b",)]
    assert broken == []


def test_an_open_quote_does_not_swallow_a_long_file(tmp_path: Path) -> None:
    good = b"".join(b"%d,x,y\n" % number for number in range(5000))
    rows, broken = read(tmp_path / "f", good + b'1,"open,y\n' + good, Dialect(), 3, block=1000)
    assert len(rows) == 10_000
    assert broken == [(5001, "a quote is opened and not closed", b'1,"open,y')]


def test_a_row_longer_than_any_row_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patron.ingest.files.csv_records.LONGEST_ROW_BYTES", 200)
    rows, broken = read(tmp_path / "f", b"1,2\n" + b'"' + b"x\n" * 400 + b"3,4\n", Dialect(), 2, block=50)
    assert rows == [("1", "2"), ("3", "4")]
    assert len(broken) == 400


values = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5))
signs = st.sampled_from(["a", '"', "'", ",", ";", "\n", "\r\n", "\\", "é", " "])
awkward = st.one_of(st.none(), st.lists(signs, max_size=4).map("".join))


def written(table: list[list[str | None]], dialect: Dialect, line_end: str) -> str:
    """As a careful program writes it: NULL is nothing, and what needs quotes has them."""

    def cell(value: str | None) -> str:
        if value is None:
            return ""
        inner = value.replace(dialect.escape, dialect.escape * 2) if dialect.escape else value
        return dialect.quote + inner.replace(dialect.quote, dialect.quote * 2) + dialect.quote

    return "".join(dialect.delimiter.join(map(cell, row)) + line_end for row in table)


@settings(max_examples=150, deadline=None)
@given(
    width=st.integers(2, 4),
    data=st.data(),
    dialect=st.sampled_from([dialect for dialect in DIALECTS if dialect.quote]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    block=st.sampled_from([1, 2, 3, 7, 2**20]),
)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    width: int,
    data: st.DataObject,
    dialect: Dialect,
    line_end: str,
    block: int,
) -> None:
    row = st.lists(values | awkward, min_size=width, max_size=width)
    table = data.draw(st.lists(row, max_size=5))
    content = written(table, dialect, line_end).encode()
    rows, broken = read(tmp_path_factory.getbasetemp() / "written", content, dialect, width, block)
    assert broken == []
    assert rows == [tuple(row) for row in table]


signs_of_rows = [b"a", b"bc", b",", b",", b'"', b"\n", b"\n", b"\r\n", b"\r", b" "]
pieces = st.sampled_from([*signs_of_rows, b"\xc3\xa9", b"\xff", b"\\", b'"x"', b'"a""b",', b"\0"])
garbage = st.lists(pieces, max_size=30).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(
    content=garbage,
    width=st.integers(1, 3),
    dialect=st.sampled_from([Dialect(), Dialect(",", ""), Dialect(",", '"', "\\")]),
    block=st.integers(1, 12),
)
def test_the_quick_way_and_any_block_size_agree_with_the_grammar(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, width: int, dialect: Dialect, block: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Records, "cut_quickly", lambda *_: None)
        by_grammar = read(path, content, dialect, width)
    assert read(path, content, dialect, width) == by_grammar
    assert read(path, content, dialect, width, block) == by_grammar


@settings(max_examples=400, deadline=None)
@given(content=garbage, width=st.integers(1, 3))
def test_no_line_is_lost(content: bytes, width: int) -> None:
    content += b"" if content.endswith(b"\n") else b"\n"
    cut = Records(Dialect(), width).cut_carefully(content, last=True)
    kept = bytes(cut.rows) + b"".join(row.raw + b"\n" for row in cut.broken)
    lines = sorted(line.strip() for line in kept.split(b"\n") if line.strip())
    assert lines == sorted(line.strip() for line in content.split(b"\n") if line.strip())
    assert cut.used == len(content)


@settings(max_examples=300, deadline=None)
@given(
    content=st.lists(st.sampled_from(["a", ",", '"x"', '"a""b"', "\n", '"1\n2"', 'c"d', ""]), max_size=25).map("".join)
)
def test_complete_rows_are_what_another_reader_reads(tmp_path_factory: pytest.TempPathFactory, content: str) -> None:
    """Python's csv module is lenient where rows are broken, so only texts without broken rows are compared."""
    path = tmp_path_factory.getbasetemp() / "other"
    rows, broken = read(path, content.encode(), Dialect(), 2)
    if not broken:
        other = [row for row in csv.reader(io.StringIO(content, newline="")) if row]
        assert [[value or "" for value in row] for row in rows] == other
