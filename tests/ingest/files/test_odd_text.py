"""Rows are whole or rejected: zero bytes, two encodings in one file, and rows of any length."""

from __future__ import annotations

import pytest

from patron.errors import SourceError
from patron.ingest.files import csv_records
from patron.ingest.files.text_stream import BLOCK_BYTES, HEAD_BYTES

PLAIN = b"".join(b"%d,Tea\n" % number for number in range(HEAD_BYTES // 8))
"""More than the part of a file that is looked at before it is read."""


@pytest.mark.parametrize("before", [b"", PLAIN, PLAIN * 40], ids=["head", "second part", "second block"])
def test_a_row_with_a_zero_byte_is_rejected_wherever_it_stands(folder, before) -> None:
    folder.write("a.csv", b"id,what\n" + before + b'x,Te\0a\ny,"\0"\nz,Tea\n')
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (before.count(b"\n") + 1, 2)
    line = before.count(b"\n") + 2
    assert [(at, reason) for _, at, reason, _ in folder.rejected()] == [
        (line, "a zero byte stands inside the row"),
        (line + 1, "a zero byte stands inside the row"),
    ]


def test_a_file_of_zero_bytes_is_no_text(folder) -> None:
    folder.write("a.csv", b"id,what\n1,Tea\n" + b"\0" * 1000)
    with pytest.raises(SourceError, match="no text file"):
        folder.land()


ODD = "é€ßñ"


@pytest.mark.parametrize("start", ["w", "wwu", "wuw"])
def test_utf8_lines_of_a_windows_file_stay_utf8(folder, start) -> None:
    lines = {"w": f"w,{ODD}\n".encode("cp1252"), "u": f"u,{ODD}\n".encode()}
    folder.write("a.csv", b"id,what\n" + b"".join(lines[sign] for sign in start) + PLAIN + lines["u"] * 5 + lines["w"])
    landing = folder.land()
    assert landing.rejected_rows == 0
    assert {row["what"] for row in folder.rows()} == {ODD, "Tea"}
    count = 5 + start.count("u")
    assert landing.warnings == [f"a.csv: {count} lines are UTF-8, others Windows-1252; each was read as what it is"]


def test_an_odd_line_of_a_utf8_file_is_rejected(folder) -> None:
    folder.write("a.csv", b"id,what\n" + f"u,{ODD}\n".encode() * 5 + f"w,{ODD}\n".encode("cp1252"))
    assert (folder.land().rejected_rows, {row["what"] for row in folder.rows()}) == (1, {ODD})


def test_a_character_at_the_end_of_a_part_stays_whole(folder) -> None:
    head = b"id,what\n" + b"w,\xe9\nw,\xe9\n"  # Windows-1252
    rest = b"".join(f"u,{ODD * 20}\n".encode() for _ in range(3 * HEAD_BYTES // 100))
    folder.write("a.csv", head + PLAIN + rest)
    folder.land()
    assert {row["what"] for row in folder.rows()} == {"é", "Tea", ODD * 20}


@pytest.fixture
def short_rows(monkeypatch) -> int:
    """Rows may have a fifth of a block, so that tests need not write hundreds of megabytes."""
    longest = 100_000
    monkeypatch.setattr(csv_records, "LONGEST_ROW_BYTES", longest)
    monkeypatch.setattr("patron.ingest.files.text_stream.BLOCK_BYTES", 20_000)
    return longest


@pytest.mark.parametrize("times", [1.5, 2.2, 7])
@pytest.mark.parametrize("ending", [",5\n", ",5", "\n", '",5\n'])
def test_a_row_that_is_too_long_is_rejected_whole(folder, short_rows, times, ending) -> None:
    row = "x" * int(short_rows * times) + ending
    folder.write("a.csv", "id,price\n1,10\n" + row + ("2,20\n" if ending.endswith("\n") else ""))
    landing = folder.land()
    assert landing.rejected_rows == 1
    assert [(line, reason) for _, line, reason, _ in folder.rejected()] == [(3, "longer than 64 MB")]
    assert [row["id"] for row in folder.rows()] == ["1", "2"][: landing.rows]
    assert landing.rows == 1 + ending.endswith("\n")


@pytest.mark.parametrize("size", [30_000, 90_000])
def test_a_row_of_several_blocks_lands_whole(folder, short_rows, size) -> None:
    value = "line, of text\n" * (size // 14)
    folder.write("a.csv", f'id,what\n1,"{value}"\n2,{"y" * size}\n3,z\n')
    assert folder.land().rejected_rows == 0
    assert [len(row["what"]) for row in folder.rows()] == [len(value), size, 1]


@pytest.mark.parametrize("before", [b"", b"\n", b"sep=,\n \n"])
def test_a_first_line_that_does_not_end_is_refused(folder, before) -> None:
    folder.write("a.csv", before + b"a," * HEAD_BYTES + b"b\n" + b"1," * HEAD_BYTES + b"2\n")
    with pytest.raises(SourceError, match="the first line is longer than 256 KB"):
        folder.land()


@pytest.mark.soak
def test_a_real_row_of_three_blocks_lands_whole_and_one_of_ten_is_rejected(folder) -> None:
    whole, long = "x" * 3 * BLOCK_BYTES, "y" * 10 * BLOCK_BYTES
    folder.write("a.csv", f"id,price\n{whole},1\n{long},2\n3,3\n")
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (2, 1)
    assert [len(row["id"]) for row in folder.rows()] == [len(whole), 1]
