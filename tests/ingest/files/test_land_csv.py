from __future__ import annotations

import bz2
import gzip
import lzma

import pyarrow as pa
import pytest

from patron.errors import SettingsError, SourceError


def test_values_come_as_they_are_and_only_bare_nothing_is_null(folder) -> None:
    folder.write("a.csv", 'id,name,price\n001, x ,"1,50"\n2,"",\n3,NaN,NULL\n')
    landing = folder.land()
    assert (landing.files_landed, landing.rows, landing.rejected_rows, landing.warnings) == (1, 3, 0, [])
    assert folder.rows() == [
        {"id": "001", "name": " x ", "price": "1,50"},
        {"id": "2", "name": "", "price": None},
        {"id": "3", "name": "NaN", "price": "NULL"},
    ]


def test_every_row_knows_where_and_when_it_came_from(folder) -> None:
    folder.write("in/day10.csv", "id\nc\n")
    folder.write("in/day9.csv", "id\na\nb\n")
    (batch,) = folder.land("in/*.csv").batch_ids
    table = folder.table().sort_by("_row_key")
    assert table["id"].to_pylist() == ["a", "b", "c"]
    assert table["_source_file"].to_pylist() == ["in/day9.csv", "in/day9.csv", "in/day10.csv"]
    assert table["_row_key"].to_pylist() == [batch * 2**36 + place for place in range(3)]
    assert table["_batch_id"].to_pylist() == [batch] * 3
    assert table.schema.field("_ingested_at").type == pa.timestamp("us", "UTC")
    folder.write("in/day1.csv", "id\nz\n")
    folder.land("in/*.csv")
    assert folder.table().sort_by("_row_key")["id"].to_pylist() == ["a", "b", "c", "z"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,name\n1,x y\n"),
        ("a.csv", 'id;name\n1;"x y"\n'),
        ("a.tsv", "id\tname\r\n1\tx y\r\n"),
        ("a.txt", "id|name\n1|x y"),
        ("a.psv", "id|name\n1|x y\n\n\n"),
        ("a.csv", "\n\nid,name\n\n1,x y\n"),
        ("a.csv", "sep=;\nid;name\n1;x y\n"),
        ("a.csv", "id,name\r1,x y\r"),
        ("a.csv", "'id','name'\n'1','x y'\n"),
        ("a.csv", '"id,""name"""\r\n1,x y\r\n'),
        ("a.csv", '"id,""name"""\r\n'),
    ],
)
def test_dialects(folder, name: str, content: str) -> None:
    folder.write(name, content)
    landing = folder.land()
    assert folder.rows() == [{"id": "1", "name": "x y"}] * landing.rows
    assert landing.rows + ("the file has no rows" in str(landing.warnings)) == 1
    assert folder.lake.table("till").schema().names[:2] == ["id", "name"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings_are_recognised(folder, encoding: str) -> None:
    text = "id,name\n1,Crème brûlée\n2,Straße\n" + "3,x\n" * 50
    folder.write("a.csv", text.encode(encoding))
    assert folder.land().rejected_rows == 0
    assert [row["name"] for row in folder.rows()][:2] == ["Crème brûlée", "Straße"]


def test_windows_text_that_starts_as_ascii(folder) -> None:
    folder.write("a.csv", ("id,name\n" + "1,x\n" * 100_000 + "2,caf\xe9 \x80\n").encode("latin-1"))
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (100_001, 0)
    assert folder.rows()[-1] == {"id": "2", "name": "café €"}


def test_one_bad_sign_in_utf8_is_one_rejected_row(folder) -> None:
    folder.write("a.csv", "id,name\n1,é\n2,ü\n".encode() + b"3,\xe9\n4,x\n")
    assert (folder.land().rows, folder.rejected()) == (3, [("a.csv", 4, "not valid UTF-8", "3,\\xe9")])


def test_an_encoding_can_be_set(folder) -> None:
    folder.write("a.csv", "id,name\n1,Łódź\n".encode("cp1250"))
    folder.land(encoding="cp1250")
    assert folder.rows() == [{"id": "1", "name": "Łódź"}]
    folder.write("b.csv", "id,name\n1,日本\n".encode("shift_jis"))
    folder.land("b.csv", name="b", encoding="shift_jis")
    assert folder.rows("b") == [{"id": "1", "name": "日本"}]
    with pytest.raises(SettingsError, match="no encoding 'utf-9'"):
        folder.land("a.csv", name="c", encoding="utf-9")


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.csv.gz", gzip.compress),
        ("a.csv.bz2", bz2.compress),
        ("a.csv.xz", lzma.compress),
        ("a.csv.zst", lambda raw: pa.compress(raw, "zstd", asbytes=True)),
        ("a.csv", gzip.compress),
    ],
)
def test_compressed_files(folder, name: str, pack) -> None:
    folder.write(name, pack(b"id,name\n" + b"1,x\n" * 1000))
    assert folder.land().rows == 1000


def test_a_compressed_file_in_two_parts_is_read_completely(folder) -> None:
    folder.write("a.csv.gz", gzip.compress(b"id\n1\n") + gzip.compress(b"2\n"))
    frame = pa.compress(b"id\n1\n", "zstd", asbytes=True), pa.compress(b"2\n", "zstd", asbytes=True)
    folder.write("b.csv.zst", b"".join(frame))
    assert folder.land().rows == 4


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.zst"])
def test_a_compressed_file_that_is_cut_short_lands_nothing(folder, name: str) -> None:
    content = b"id,name\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(300_000))
    packed = gzip.compress(content) if name.endswith("gz") else pa.compress(content, "zstd", asbytes=True)
    folder.write(name, packed[: len(packed) // 2])
    with pytest.raises(SourceError) as caught:
        folder.land()
    assert caught.value.where == name
    assert not folder.lake.table("till").exists


def test_files_without_rows_are_landed_once_with_a_warning(folder) -> None:
    folder.write("empty.csv", b"")
    folder.write("header.csv", "id,name\n")
    landing = folder.land(required_columns=("id",))
    assert (landing.files_landed, landing.rows) == (2, 0)
    assert landing.warnings == ["empty.csv: the file has no rows", "header.csv: the file has no rows"]
    assert folder.lake.table("till").schema().names[:2] == ["id", "name"]
    assert folder.land().files_landed == 0
    folder.write("rows.csv", "id,more\n1,2\n")
    folder.land()
    assert folder.rows() == [{"id": "1", "name": None, "more": "2"}]


def test_an_empty_file_alone(folder) -> None:
    folder.write("empty.csv", "\n \n")
    assert folder.land().warnings == ["empty.csv: the file has no rows"]
    folder.write("rows.csv", "id\n1\n")
    folder.land()
    assert folder.rows() == [{"id": "1"}]


def test_broken_rows_are_set_aside_and_the_rest_lands(folder) -> None:
    folder.write("a.csv", 'id,name\n1,"two\nlines"\n2,x,y\n3,"open\n4,z\n5,cut')
    folder.write("b.csv", "id,name\n6,x\n7")
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (4, 3)
    assert [row["id"] for row in folder.rows()] == ["1", "4", "5", "6"]
    assert folder.rows()[0]["name"] == "two\nlines"
    assert folder.rejected() == [
        ("a.csv", 4, "3 columns instead of 2", "2,x,y"),
        ("a.csv", 5, "a quote is opened and not closed", '3,"open'),
        ("b.csv", 3, "1 columns instead of 2; the file ends inside this row", "7"),
    ]
    assert landing.warnings == [
        "a.csv: 2 of 5 rows could not be read and were rejected",
        "b.csv: 1 of 2 rows could not be read and were rejected",
    ]
    history = {entry.origin: (entry.rows, entry.rejected_rows) for entry in folder.lake.table("till").landings()}
    assert history == {"a.csv": (3, 2), "b.csv": (1, 1)}


def test_very_many_broken_rows_fit(folder) -> None:
    folder.write("a.csv", "id,name\n" + "1\n" * 25_000 + "2,x\n")
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (1, 25_000)
    assert [row[1] for row in folder.rejected()] == list(range(2, 25_002))
    keys = folder.lake.rejected("till").files()
    assert len(keys) >= 1


def test_a_backslash_before_quotes_is_found_out(folder) -> None:
    folder.write("a.csv", 'id,name\n1,"6\\" nail, long"\n2,"back\\\\slash"\n')
    folder.write("b.csv", 'id,name\n1,"C:\\"\n2,"x ""y"""\n')
    assert folder.land().rejected_rows == 0
    assert [row["name"] for row in folder.rows()] == ['6" nail, long', "back\\slash", "C:\\", 'x "y"']


def test_headers_keep_their_text_and_get_legal_names(folder) -> None:
    folder.write("a.csv", "CampaignSchema ,Medium (P1),,id,ID,_batch_id\na,b,c,d,e,f\n")
    folder.land(required_columns=("CampaignSchema", "Medium (P1)"))
    assert folder.lake.table("till").headers() == {
        "CampaignSchema ": "CampaignSchema",
        "Medium (P1)": "Medium_P1_",
        "": "column_3",
        "id": "id",
        "ID": "ID_2",
        "_batch_id": "_batch_id_2",
    }


def test_columns_are_matched_by_name(folder) -> None:
    folder.write("1.csv", "id,name\n1,x\n")
    folder.write("2.csv", "NAME,id\ny,2\n")
    folder.write("3.csv", "id,extra\n3,z\n")
    folder.write("4.csv", "id;name\n4;v\n")
    folder.land()
    assert folder.rows() == [
        {"id": "1", "name": "x", "extra": None},
        {"id": "2", "name": "y", "extra": None},
        {"id": "3", "name": None, "extra": "z"},
        {"id": "4", "name": "v", "extra": None},
    ]


def test_a_missing_column_stops_everything_before_anything_lands(folder) -> None:
    folder.write("1.csv", "id,name\n1,x\n")
    folder.write("2.csv", "id,nmae\n1,x\n")
    with pytest.raises(SourceError, match=r"has no column 'name'.*it has id, nmae") as caught:
        folder.land(required_columns=("id", "name"))
    assert caught.value.where == "2.csv"
    assert not folder.lake.table("till").exists


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04\x14\x00\x06\x00", b"\x89PNG\r\n\x1a\n\x00\x00", bytes(range(1, 32)) * 9]
)
def test_a_file_that_is_no_text_stops_everything(folder, content: bytes) -> None:
    folder.write("1.csv", "id\n1\n")
    folder.write("2.csv", content)
    with pytest.raises(SourceError, match="the file is") as caught:
        folder.land()
    assert caught.value.where == "2.csv"
    assert not folder.lake.table("till").exists


def test_a_file_without_header(folder) -> None:
    folder.write("a.csv", "1,x\n2,y\n")
    folder.land(columns=("id", "name"))
    assert folder.rows() == [{"id": "1", "name": "x"}, {"id": "2", "name": "y"}]
    folder.land(name="other", header=False)
    assert folder.rows("other")[0] == {"column_1": "1", "column_2": "x"}


def test_names_can_replace_a_header(folder) -> None:
    folder.write("a.csv", "c1,c2\n1,x\n")
    folder.land(columns=("id", "name"), header=True)
    assert folder.rows() == [{"id": "1", "name": "x"}]


def test_a_single_column_whose_header_has_a_comma(folder) -> None:
    folder.write("a.csv", '"Name, first"\nAnn\nBob\n')
    folder.land()
    assert folder.rows() == [{"Name_first": "Ann"}, {"Name_first": "Bob"}]


def test_a_byte_order_mark_inside_is_data(folder) -> None:
    folder.write("a.csv", "\ufeffid\n\ufeff1\n")
    folder.land()
    assert folder.rows() == [{"id": "\ufeff1"}]


def test_progress_is_reported_in_rows(folder) -> None:
    from patron.ingest.files.land import FileSource, land_files

    folder.write("a.csv", "id\n1\n2\n")
    folder.write("b.csv", "id\n3\n")
    progress: list[int] = []
    land_files(folder.lake, FileSource("till", ("*.csv",)), root=folder.data, on_progress=progress.append)
    assert progress == [2, 3]
