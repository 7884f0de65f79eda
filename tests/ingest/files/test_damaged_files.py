"""What random damage to exports brought to light: rows that vanished, and errors that named no file."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patron.errors import SourceError
from patron.ingest.files.text_stream import HEAD_BYTES

RETURNS = b"id,name\r1,x\r2,y\r"
"""Lines that end in carriage returns, as old Macs and some tills write them."""


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (RETURNS + b'3,"two\nlines"\r', ["x", "y", "two\nlines"]),
        (RETURNS + b"3,z\n4,w\r\n", ["x", "y", "z", "w"]),
        (b"\n\n" + RETURNS, ["x", "y"]),
        (b"sep=,\n\n" + RETURNS, ["x", "y"]),
        (b'"id","na\rme"\r1,x\r2,y\r', ["x", "y"]),
        (RETURNS.replace(b"2,y", b"2,y\r\r") + b"\n", ["x", "y"]),
    ],
)
def test_rows_that_end_in_carriage_returns_land_though_line_feeds_stand_among_them(folder, content, names) -> None:
    folder.write("a.csv", content)
    assert folder.land().rejected_rows == 0
    assert [list(row.values())[1] for row in folder.rows()] == names


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_carriage_returns_end_rows_in_every_encoding(folder, encoding) -> None:
    folder.write("a.csv", (RETURNS.decode() + '3,"a\nb"\r' + "4,z\r" * 40).encode(encoding))
    assert (folder.land().rows, folder.rows()[2]) == (43, {"id": "3", "name": "a\nb"})


def test_a_return_and_its_line_feed_in_two_blocks_are_one_line_end(folder, monkeypatch) -> None:
    monkeypatch.setattr("patron.ingest.files.text_stream.BLOCK_BYTES", 1000)
    before = RETURNS + b"3,z\r" * (HEAD_BYTES // 4)
    rest = b"".join(b"%d,%s\r\n" % (number, b"w" * (number % 7)) for number in range(2000))
    folder.write("a.csv", before[: HEAD_BYTES - 4] + b"9,q\r" + rest)
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (before[: HEAD_BYTES - 4].count(b"\r") - 1 + 1 + 2000, 0)


def test_a_first_line_with_stray_returns_is_refused_since_they_may_end_rows(folder) -> None:
    folder.write("a.csv", b'id,na"me\r1,x\r2,y\n3,z\n')
    with pytest.raises(SourceError, match="carriage returns stand in it") as caught:
        folder.land()
    assert caught.value.where == "a.csv"


def test_blank_lines_may_follow_the_line_that_names_the_delimiter(folder) -> None:
    folder.write("a.csv", b"sep=;\n\n \nid;name\n1;x\n")
    assert (folder.land().rows, folder.rows()) == (1, [{"id": "1", "name": "x"}])


BLANK = [
    b"\r\r\n",
    b"\r\n\r\r\n",
    b" \t\r\r\r\n\n",
    b"\r\r",
    b"\n\r \r\n",
    b"\r\r\nsep=;\r\r\n\r\r\n",
    b"\n\nsep=;\r\n",
]


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("blank", BLANK)
def test_blank_lines_of_any_line_ends_may_stand_before_the_header(folder, blank, ends) -> None:
    folder.write("a.csv", blank + ends.join([b"id;name", b"1;x,y", b"2;z", b""]))
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (2, 0)
    assert folder.rows() == [{"id": "1", "name": "x,y"}, {"id": "2", "name": "z"}]


@pytest.mark.parametrize("blank", BLANK)
def test_blank_lines_may_stand_before_the_first_row_of_a_file_without_a_header(folder, blank) -> None:
    folder.write("a.csv", blank + b"1;x\r\n2;y\r\n")
    assert (folder.land(header=False).rows, [list(row.values()) for row in folder.rows()]) == (
        *(2, [["1", "x"], ["2", "y"]]),
    )


def test_each_row_behind_a_blank_line_lands_or_is_rejected_however_lines_end(folder) -> None:
    folder.write("a.csv", b'\r\r\n"1";"x"\r\n\n"2";"y"\r\n"3";"z"\r\r"4";"w"\r\n')
    landing = folder.land(header=False)
    assert (landing.rows, [raw for *_, raw in folder.rejected()]) == (2, ['"3";"z"\r\r"4";"w"'])


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\r\n", b" \r\n\t\r", b"sep=;\r\n\r\n", b"\xef\xbb\xbf\r\r\n"])
def test_a_file_of_blank_lines_has_no_rows_and_is_no_fault(folder, content) -> None:
    folder.write("a.csv", content)
    folder.write("b.csv", b"id,name\n1,x\n")
    assert (folder.land().rows, folder.rejected()) == (1, [])


@pytest.mark.parametrize("first", [b";;", b'"";""', b'""', b"' '"])
def test_rows_below_a_first_line_without_names_land(folder, first) -> None:
    width = first.count(b";") + 1
    folder.write("a.csv", first + b"\r\n" + b"\r\n".join(b";".join([b"x"] * width) for _ in range(5)))
    assert (folder.land().rows, folder.rejected()) == (5, [])


def test_a_first_row_in_which_no_value_is_found_is_refused_rather_than_read_as_no_columns(folder, monkeypatch) -> None:
    monkeypatch.setattr("patron.ingest.files.csv_file._parse_cells", lambda row, dialect: [])
    folder.write("a.csv", b"id,name\n1,x\n")
    with pytest.raises(SourceError, match="the first row cannot be read: it has no values") as caught:
        folder.land()
    assert caught.value.where == "a.csv"


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"])
def test_a_compressed_file_that_is_cut_after_any_byte_is_refused(folder, ending) -> None:
    pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}.get(ending, pack_zstd)
    packed = pack(b"id,name\n1,x\n2,y\n")
    for size in (*range(1, 12), len(packed) - 1):
        folder.write(f"a.csv{ending}", packed[:size])
        with pytest.raises(SourceError) as caught:
            folder.land(name=f"till{size}")
        assert f"a.csv{ending}" in f"{caught.value.where} {caught.value.what}"


def pack_zstd(content: bytes) -> bytes:
    return pa.compress(content, "zstd", asbytes=True)


@pytest.mark.parametrize("content", [b"B\n1\n", b"(\n1\n", b"B,Z\n1,2\n"])
def test_text_that_a_transfer_unpacked_lands_under_the_name_of_a_compressed_file(folder, content) -> None:
    folder.write("a.csv.bz2", content)
    assert folder.land().rows == 1


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_the_mark_of_utf16_before_plain_text_is_refused(folder, name) -> None:
    folder.write(name, b"\xff\xfe" + (b"id,name\n1,x\n" if name == "a.csv" else b'{"id": 1}\n{"id": 2}\n'))
    with pytest.raises(SourceError, match="mark of UTF-16") as caught:
        folder.land()
    assert caught.value.where == name


def test_one_control_character_does_not_make_a_file_of_utf16_unreadable(folder) -> None:
    folder.write("a.csv", ("id,name\n1,ring\x07\n" + "2,x\n" * 20).encode("utf-16-le"))
    assert folder.land().rows == 21
    assert folder.rows()[0]["name"] == "ring\x07"


def test_a_record_that_gives_a_key_twice_is_rejected_and_the_others_land(folder) -> None:
    folder.write("a.jsonl", '{"id": 1, "pay": 5}\n{"id": 2, "pay": 5, "pay": 6}\n{"id": 3, "pay": {"a": 1, "a": 2}}\n')
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (2, 1)
    assert folder.rejected() == [("a.jsonl", 2, "a key is given twice", '{"id": 2, "pay": 5, "pay": 6}')]
    assert [row["pay"] for row in folder.rows()] == ["5", '{"a":1,"a":2}']


@pytest.mark.parametrize("content", ['[{"id": 1}, {"id": 2}: {"id": 3}]', '{"orders": ["a": {"id": 1}]}'])
def test_a_colon_in_a_list_is_no_json(folder, content) -> None:
    folder.write("a.json", content)
    with pytest.raises(SourceError, match="not valid JSON") as caught:
        folder.land(records="orders" if "orders" in content else None)
    assert caught.value.where == "a.json"


def write_parquet(folder, **settings) -> bytes:
    table = pa.table({"customer": ["Ada Lovelace", "Bob"], "spent": [1, 2]})
    pq.write_table(table, folder.data / "a.parquet", compression="none", use_dictionary=False, **settings)
    return (folder.data / "a.parquet").read_bytes()


@pytest.mark.parametrize(
    ("text", "damaged"), [(b"customer", b"custom\xff\xfe"), (b"Ada Lovelace", b"Ada Lov\xc3\xc3ace")]
)
def test_texts_of_parquet_that_are_no_utf8_are_refused_with_the_file(folder, text, damaged) -> None:
    folder.write("a.parquet", write_parquet(folder).replace(text, damaged))
    with pytest.raises(SourceError, match="cannot be read") as caught:
        folder.land()
    assert (caught.value.where, folder.lake.table("till").exists) == ("a.parquet", False)


def test_a_changed_value_of_parquet_is_seen_by_the_checksum_of_its_page(folder) -> None:
    sound = write_parquet(folder, write_page_checksum=True, write_statistics=False)
    folder.write("a.parquet", sound.replace(b"Ada Lovelace", b"Bob Lovelace"))
    with pytest.raises(SourceError, match="cannot be read"):
        folder.land()


def test_a_damaged_sheet_of_a_workbook_is_seen_by_its_checksum(folder) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in [["id", "name"], [1, "Tea"], [2, "Cup"]]:
        book.active.append(row)
    book.save(folder.data / "whole.xlsx")
    with zipfile.ZipFile(folder.data / "whole.xlsx") as packed, zipfile.ZipFile(folder.data / "a.xlsx", "w") as plain:
        for name in packed.namelist():
            plain.writestr(name, packed.read(name))
    (folder.data / "whole.xlsx").unlink()
    sound = (folder.data / "a.xlsx").read_bytes()
    folder.write("a.xlsx", sound.replace(b"<sheetData>", b"<sheetDatb>").replace(b"</sheetData>", b"</sheetDatb>"))
    with pytest.raises(SourceError, match=r"sheet1\.xml is damaged") as caught:
        folder.land()
    assert caught.value.where == "a.xlsx"
