"""Files in a bucket land as files of a folder do: the same names, the same rules, each once."""

from __future__ import annotations

import gzip
import io
import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from object_storage import Rule
from patron.errors import EngineError, SettingsError, SourceError
from patron.ingest.files import found_objects
from patron.ingest.files.connector import find_root
from patron.ingest.files.find_files import match_files
from patron.ingest.files.land import FileSource, Landing, land_files
from patron.ingest.files.reread import reread_rejected
from patron.storage.address import parse_address
from patron.storage.credentials import RETRIES

ROWS = "id\n1\n2\n3\n"


@pytest.fixture
def land(bucket, folder):
    def do(*patterns: str, root: str = "", **settings: object) -> Landing:
        source = FileSource("till", patterns or ("*",), **settings)
        return land_files(folder.lake, source, root=parse_address(f"{bucket.url}/{root}"))

    return do


def ids(folder) -> list[str]:
    return [row["id"] for row in folder.rows()]


def gets(bucket) -> list[str]:
    return [path for method, path in bucket.asked() if method == "GET" and "list-type" not in path]


def test_patterns_match_as_on_a_disk(bucket, tmp_path) -> None:
    names = [
        *("a.csv", "b.txt", "day2.csv", "day10.csv", ".hidden.csv", "in/a.csv", "in/deep/a.csv", ".dot/a.csv"),
        *("odd[1].csv", "in/x y+z.csv", "ü.csv"),
    ]
    for name in names:
        bucket.put(f"data/{name}", "x")
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    root = parse_address(f"{bucket.url}/data")
    for pattern in (
        "*.csv",
        "**/*.csv",
        "**",
        "in/*",
        "day*.csv",
        "day?.csv",
        "[ab].*",
        "odd[1].csv",
        "in/**/a.csv",
        "*/a.csv",
    ):
        local = [file.display_name for file in match_files([pattern], tmp_path)]
        remote = [file.display_name for file in match_files([pattern], root)]
        assert remote == local, pattern
    assert [file.display_name for file in match_files([f"{root}/in/*.csv"], tmp_path)] == [
        f"{root}/in/a.csv",
        f"{root}/in/x y+z.csv",
    ]


def test_a_pattern_that_names_a_folder_is_refused(bucket, land) -> None:
    bucket.put("data/a.csv", ROWS)
    with pytest.raises(SourceError, match="names a folder"):
        land("data")


def test_formats_land_through_the_readers_of_files(bucket, land, folder) -> None:
    table = io.BytesIO()
    pq.write_table(pa.table({"id": ["p"]}), table)
    for name, content in {
        "a.csv": ROWS,
        "b.csv.gz": gzip.compress(b"id\ng\n"),
        "c.jsonl": '{"id": "j"}\n',
        "d.parquet": table.getvalue(),
    }.items():
        bucket.put(name, content)
    assert land().files_landed == 4
    assert ids(folder) == ["1", "2", "3", "g", "j", "p"]


def test_again_lands_nothing_and_reads_no_object(bucket, land) -> None:
    bucket.put("a.csv", ROWS)
    land()
    bucket.fail()
    again = land()
    assert (again.files_already_landed, again.files_landed) == (1, 0)
    assert gets(bucket) == []


def test_without_what_was_noted_the_content_says_what_has_landed(bucket, land, folder) -> None:
    bucket.put("a.csv", ROWS)
    land()
    (folder.lake.root / "objects" / "till.json").unlink()
    bucket.put("copy.csv", ROWS)
    assert land().files_already_landed == 2
    assert ids(folder) == ["1", "2", "3"]


def test_of_an_object_that_grew_the_rest_lands(bucket, land, folder) -> None:
    bucket.put("a.csv", ROWS)
    land()
    bucket.put("a.csv", f"{ROWS}4\n")
    assert "only the rows behind landed" in land().warnings[0]
    assert ids(folder) == ["1", "2", "3", "4"]


def test_an_object_replaced_by_a_full_export_is_refused(bucket, land, folder) -> None:
    bucket.put("a.csv", "id\n1\n2\n3\n")
    land()
    bucket.put("a.csv", "id\n9\n1\n2\n3\n")
    with pytest.raises(SourceError, match="would count twice"):
        land()
    assert ids(folder) == ["1", "2", "3"]


def test_an_object_written_to_between_listing_and_reading_stops_the_landing(bucket, land, folder) -> None:
    bucket.put("a.csv", ROWS)

    bucket.fail(Rule("rewrite", "a.csv", ("GET",), times=1, content="id\n7\n8\n9\n10\n"))
    with pytest.raises(SourceError, match="changed or deleted while it was read"):
        land()
    assert not folder.lake.table("till").exists
    assert land().rows == 4


def test_an_object_that_the_listing_does_not_show_yet_lands_later(bucket, land, folder) -> None:
    bucket.put("a.csv", ROWS)
    bucket.put("b.csv", "id\n4\n")
    bucket.fail(hidden=["b.csv"])
    assert land().files_landed == 1
    bucket.fail()
    assert land().files_landed == 1
    assert ids(folder) == ["1", "2", "3", "4"]


def test_copies_never_take_more_than_the_limit_and_one(bucket, land, folder, monkeypatch) -> None:
    size = 30_000
    monkeypatch.setattr(found_objects, "DOWNLOADED_BYTES", 2 * size)
    most = []
    note = found_objects.Downloads._note
    monkeypatch.setattr(
        found_objects.Downloads,
        "_note",
        lambda self, *args: (note(self, *args), most.append(sum(self._held.values())))[0],
    )
    for number in range(6):
        bucket.put(f"{number}.csv", "id\n" + f"{number:05}\n" * (size // 6 - 1))
    assert land().rows == 6 * (size // 6 - 1)
    assert max(most) <= 2 * size
    assert not (folder.lake.root / "_staging" / "till.objects").exists()


def test_rejected_rows_are_read_again_from_the_object(bucket, land, folder) -> None:
    bucket.put("a.csv", "id,name\n1,a\n2,b,c\n")
    land(delimiter=",")
    assert len(folder.rejected()) == 1
    source = FileSource("till", ("*",), delimiter=",")
    again = reread_rejected(folder.lake, source, root=parse_address(bucket.url))
    assert (again.rows_before, again.out_of_reach) == (1, [])


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("expired", "credentials for s3://shop-[0-9]+ have expired"),
        ("no_bucket", "There is no bucket s3://shop"),
        ("unavailable", "does not answer"),
    ],
)
def test_what_the_cloud_refuses_is_told_with_what_to_do(bucket, land, folder, fault, message, monkeypatch) -> None:
    monkeypatch.setitem(RETRIES, "max_retries", 1)
    bucket.put("a.csv", ROWS)
    for where in ("list-type", "a.csv"):
        bucket.fail(Rule(fault, where))
        with pytest.raises(SourceError, match=message) as raised:
            land()
        assert "run again" in str(raised.value.do)
    bucket.fail()
    assert land().rows == 3


def test_an_answer_that_fails_once_is_asked_for_again(bucket, land) -> None:
    bucket.put("a.csv", ROWS)
    bucket.fail(Rule("unavailable", every=2))
    assert land().rows == 3


def test_a_profile_gives_the_keys_that_the_environment_lacks(bucket, land, tmp_path, monkeypatch) -> None:
    bucket.put("a.csv", ROWS)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.delenv(name)
    path = tmp_path / "credentials"
    path.write_text("[shop]\naws_access_key_id = one\naws_secret_access_key = two%\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    monkeypatch.setenv("AWS_PROFILE", "shop")
    assert land().rows == 3


@pytest.mark.parametrize("text", ["ftp://bucket/x", "s3:///x", "s3://user:password@bucket/x"])
def test_addresses_that_lead_nowhere_are_refused(text) -> None:
    with pytest.raises(ValueError, match=r"object storage|names no bucket|holds no password"):
        parse_address(text)


def test_a_missing_extra_is_named(monkeypatch, folder) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(SettingsError, match="extra cloud") as raised:
        land_files(folder.lake, FileSource("till", ("*",)), root=find_root(Path(), "s3://bucket/x"))
    assert "pip install 'patron[cloud]'" in str(raised.value.do)


def test_a_full_disk_is_told(bucket, land, monkeypatch) -> None:
    bucket.put("a.csv", ROWS)

    def refuse(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("patron.storage.bucket.Bucket.download", refuse)
    with pytest.raises(EngineError, match="disk refused to write"):
        land()
