"""The published tables: swapped whole, never mixed, read-only, and open while a run is at work."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from faults.projects import copy_of_built, gold, patron
from patron.errors import EngineError, NothingBuiltError
from patron.publish import snapshot
from patron.publish.reader import open_published
from patron.publish.snapshot import POINTER, Snapshot, find_damage, load_current, publish

TABLES = ["left_half", "right_half"]


class Numbered:
    """A warehouse whose tables all hold one number, and whose export can fail or be watched."""

    def __init__(self, number: int, fails_at: str | None = None, watch: Any = None) -> None:
        self.number, self.fails_at, self.watch = number, fails_at, watch or (lambda: None)
        self.asked: list[str] = []

    def contents(self, schema: str, tables: list[str]) -> dict[str, str]:
        self.asked += tables
        return dict.fromkeys(tables, f"{self.number}")

    def export(self, schema: str, tables: list[str], folder: Path) -> dict[str, int]:
        for table in tables:
            self.watch()
            if table == self.fails_at:
                raise OSError(28, "No space left on device")
            path = str(folder / f"{table}.parquet").replace("'", "''")
            duckdb.sql(f"copy (select {self.number} as n) to '{path}' (format parquet)")
        return dict.fromkeys(tables, 1)


def published(folder: Path, number: int, **options: Any) -> Snapshot:
    return publish(Numbered(number, **options), folder, TABLES, fingerprint=str(number), as_of="2024-01-01")


def seen(folder: Path) -> tuple[int, ...]:
    """The number in each half, over one connection."""
    with open_published(folder) as connection:
        return tuple(connection.execute(f"select n from {table}").fetchone()[0] for table in TABLES)


def folders(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir()}


def test_the_pointer_is_swapped_last(tmp_path):
    published(tmp_path, 1)
    during = []
    published(tmp_path, 2, watch=lambda: during.append((seen(tmp_path), load_current(tmp_path).fingerprint)))
    assert during == [((1, 1), "1"), ((1, 1), "1")]
    assert seen(tmp_path) == (2, 2)


def test_a_table_that_did_not_change_is_not_written_again(tmp_path):
    first, written = published(tmp_path, 1), []
    second = published(tmp_path, 1, watch=lambda: written.append("export"))
    files = [(tmp_path / one.name / "left_half.parquet").stat().st_ino for one in (first, second)]
    assert (written, files[0], second.tables) == ([], files[1], first.tables)
    third = publish(Numbered(1), tmp_path, TABLES, fingerprint="1", as_of="2024-01-01", force=True)
    assert (tmp_path / third.name / "left_half.parquet").stat().st_ino != files[1]
    assert seen(tmp_path) == (1, 1)


def test_large_tables_are_hashed_only_on_the_same_day(tmp_path, monkeypatch):
    monkeypatch.setattr(snapshot, "_MANY_ROWS", 1)  # each has a row
    requested, files = [], []
    for day in ("2024-01-01", "2024-01-02", "2024-01-02", "2024-01-02"):
        warehouse = Numbered(1)
        name = publish(warehouse, tmp_path, TABLES, fingerprint="1", as_of=day).name
        requested.append(warehouse.asked)
        files.append((tmp_path / name / "left_half.parquet").stat().st_ino)
    assert requested == [[], [], TABLES, TABLES]
    assert files[2] == files[3] != files[1]
    assert seen(tmp_path) == (1, 1)


def test_a_table_whose_old_file_is_gone_is_written_again(tmp_path):
    first = published(tmp_path, 1)
    (tmp_path / first.name / "left_half.parquet").unlink()
    published(tmp_path, 1)
    assert seen(tmp_path) == (1, 1)


@pytest.mark.parametrize("table", TABLES)
def test_a_publish_that_fails_leaves_the_old_snapshot_and_nothing_else(tmp_path, table):
    before = published(tmp_path, 1)
    with pytest.raises(EngineError) as raised:
        published(tmp_path, 2, fails_at=table)
    assert "No space left on device" in str(raised.value)
    assert raised.value.exit_code == 6
    assert (seen(tmp_path), folders(tmp_path)) == ((1, 1), {before.name})


def test_a_pointer_that_cannot_be_written_leaves_the_old_snapshot(tmp_path, monkeypatch):
    before = published(tmp_path, 1)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshot.os, "fsync", full)
    with pytest.raises(EngineError):
        published(tmp_path, 2)
    assert (seen(tmp_path), folders(tmp_path)) == ((1, 1), {before.name})


def test_one_snapshot_stays_beside_the_current_one(tmp_path):
    names = [published(tmp_path, number).name for number in range(5)]
    assert folders(tmp_path) == set(names[-2:])


def test_what_a_killed_run_left_goes_and_what_a_reader_may_still_hold_stays(tmp_path):
    first = published(tmp_path, 1)
    (tmp_path / "99991231T000000000000Z").mkdir()  # newer by its name, and never pointed at
    second = published(tmp_path, 2)
    assert folders(tmp_path) == {first.name, second.name}


def test_an_open_connection_sees_its_own_snapshot_through_the_next_publish(tmp_path):
    published(tmp_path, 1)
    with open_published(tmp_path) as connection:
        published(tmp_path, 2)
        assert connection.execute("select l.n, r.n from left_half l, right_half r").fetchone() == (1, 1)
    assert seen(tmp_path) == (2, 2)


def test_readers_see_old_or_new_and_never_a_mix(tmp_path):
    published(tmp_path, 0)
    stop, mixed, read = threading.Event(), [], []

    def keep_reading() -> None:
        while not stop.is_set():
            try:
                halves = seen(tmp_path)
            except duckdb.IOException:
                continue  # two publishes within one reader's question: its snapshot is gone, and it is told
            read.append(halves[0])
            if halves[0] != halves[1]:
                mixed.append(halves)

    readers = [threading.Thread(target=keep_reading) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 40):
        published(tmp_path, number)
    stop.set()
    for reader in readers:
        reader.join()
    assert not mixed
    assert read


def test_a_pointer_to_a_folder_that_is_gone_is_nothing_published(tmp_path):
    named = published(tmp_path, 1)
    for file in (tmp_path / named.name).iterdir():
        file.unlink()
    (tmp_path / named.name).rmdir()
    assert load_current(tmp_path) is None
    with pytest.raises(NothingBuiltError):
        open_published(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"name": "x"}', "null", "\x00"])
def test_a_pointer_that_says_nothing_is_nothing_published(tmp_path, text):
    published(tmp_path, 1)
    (tmp_path / POINTER).write_text(text)
    assert load_current(tmp_path) is None


def test_a_missing_or_damaged_published_file_is_reported(tmp_path):
    named = published(tmp_path, 1)
    file = tmp_path / named.name / "left_half.parquet"
    cut = file.read_bytes()[:-7]
    file.unlink()
    file.write_bytes(cut)
    with pytest.raises(EngineError) as raised:
        open_published(tmp_path)
    assert "left_half" in str(raised.value)
    assert "--full-refresh" in str(raised.value)
    file.unlink()
    with pytest.raises(EngineError):
        open_published(tmp_path)


def test_names_with_quotes_do_no_harm(tmp_path):
    odd = tmp_path / "it's; drop table gold.left_half; --"
    odd.mkdir()
    published(odd, 7)
    assert seen(odd) == (7, 7)


def test_gone_files_are_published_again(tmp_path):
    folder = copy_of_built(tmp_path)
    before = gold(folder)
    snapshot_folder = folder / ".patron" / "published" / load_current(folder / ".patron" / "published").name
    (snapshot_folder / "customer_360.parquet").unlink()
    result = patron("query", "select 1", folder=folder)
    assert (result.code, "cannot be read" in result.err) == (6, True)
    assert patron("run", "--full-refresh", "--quiet", folder=folder).code == 0
    assert gold(folder) == before


def test_a_missing_snapshot_is_built_again_by_a_plain_run(tmp_path):
    folder = copy_of_built(tmp_path)
    pointer = folder / ".patron" / "published" / POINTER
    output = json.loads(pointer.read_text())
    pointer.write_text(json.dumps({**output, "name": "20000101T000000000000Z"}))
    assert patron("profile", "c1", folder=folder).code == 7
    report = patron("run", "--json", folder=folder).json
    assert report["reason"] == "nothing was published yet"
    assert patron("profile", "c1", folder=folder).code == 0


def spoil(file: Path, content: bytes | None) -> None:
    """Put other bytes in the place of a published file, as a forger or a failing disk does; None: the same but one."""
    content = bytes([*(old := file.read_bytes())[:20], old[20] ^ 1, *old[21:]]) if content is None else content
    file.unlink()
    file.write_bytes(content)


def forge(folder: Path, number: int) -> bytes:
    """A table that can be read, and says something else."""
    duckdb.sql(f"copy (select {number} as n) to '{folder / 'forged.parquet'}' (format parquet)")
    return (folder / "forged.parquet").read_bytes()


@pytest.mark.parametrize("is_forged", [True, False])
def test_a_spoiled_file_is_not_carried_into_the_next_snapshot(tmp_path, is_forged):
    first = published(tmp_path / "out", 1)
    spoil(tmp_path / "out" / first.name / "left_half.parquet", forge(tmp_path, 99) if is_forged else None)
    assert find_damage(tmp_path / "out", first) == ["left_half.parquet"]
    second = published(tmp_path / "out", 1)
    assert (seen(tmp_path / "out"), find_damage(tmp_path / "out", second)) == ((1, 1), [])
    inodes = [(tmp_path / "out" / one.name / "right_half.parquet").stat().st_ino for one in (first, second)]
    assert inodes[0] == inodes[1], "what is intact is still linked"


def test_a_snapshot_of_an_older_version_is_written_again_once(tmp_path):
    first = published(tmp_path, 1)
    content = json.loads((tmp_path / POINTER).read_text())
    del content["files"]
    (tmp_path / POINTER).write_text(json.dumps(content))
    assert seen(tmp_path) == (1, 1)
    second = published(tmp_path, 1)
    inodes = [(tmp_path / one.name / "left_half.parquet").stat().st_ino for one in (first, second)]
    assert inodes[0] != inodes[1]


@pytest.mark.parametrize("name", ["customer_360.parquet", "about.json"])
def test_a_run_with_nothing_new_repairs_what_was_spoiled(tmp_path, name):
    folder = copy_of_built(tmp_path)
    before, out = gold(folder), folder / ".patron" / "published"
    spoil(out / load_current(out).name / name, forge(tmp_path, 99) if name.endswith("parquet") else b"{}")
    found = [
        one["detail"] for one in patron("check", "--json", folder=folder).json["findings"] if one["status"] == "fail"
    ]
    assert name.partition(".")[0] in " ".join(found)
    report = patron("run", "--json", folder=folder).json
    assert report["reason"] == f"published files were damaged or changed: {name}"
    assert (gold(folder), find_damage(out, load_current(out))) == (before, [])
    assert patron("run", "--json", folder=folder).json["reason"] == ""
