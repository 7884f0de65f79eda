"""The history of a table: read once, then only what was committed since."""

from __future__ import annotations

import shutil
from pathlib import Path

import deltalake
import pyarrow as pa
import pytest

from patron.lake import BronzeTable, Lake, Position
from patron.lake.history import _KNOWN, read_history

SCHEMA = pa.schema([("a", pa.string()), ("_row_key", pa.int64()), ("_batch_id", pa.int64())])


def append(table: BronzeTable, number: int) -> None:
    batch = pa.record_batch([pa.array(["x"]), pa.array([number]), pa.array([number])], schema=SCHEMA)
    rows = pa.RecordBatchReader.from_batches(SCHEMA, [batch])
    table.append(rows, positions=[Position(f"file-{number}")], batch_id=number)


@pytest.fixture
def table(tmp_path: Path) -> BronzeTable:
    table = Lake(tmp_path / "lake").table("till")
    for number in range(1, 4):
        append(table, number)
    return table


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """How many commits each reading asked for; None: all."""
    asked: list[int | None] = []
    read = deltalake.DeltaTable.history

    def listen(self: deltalake.DeltaTable, limit: int | None = None) -> object:
        asked.append(limit)
        return read(self, limit)

    monkeypatch.setattr(deltalake.DeltaTable, "history", listen)
    return asked


def names(table: BronzeTable) -> list[str]:
    return [landed.id for landed in table.landings()]


def test_only_new_commits_are_read(table: BronzeTable, limits: list[int | None]) -> None:
    _KNOWN.clear()
    assert names(table) == ["file-1", "file-2", "file-3"]
    append(table, 4)
    append(table, 5)
    limits.clear()
    assert names(table) == ["file-1", "file-2", "file-3", "file-4", "file-5"]
    assert limits == [3], "two new commits, and the one that was the newest before"


def test_what_was_read_on_is_what_is_read_anew(table: BronzeTable) -> None:
    names(table)
    append(table, 4)
    known = read_history(table.path, deltalake.DeltaTable(table.path))
    _KNOWN.clear()
    assert known == read_history(table.path, deltalake.DeltaTable(table.path))


def test_a_table_that_was_made_anew_is_read_anew(table: BronzeTable) -> None:
    names(table)
    shutil.rmtree(table.path)
    for number in range(11, 15):
        append(table, number)
    assert names(table) == ["file-11", "file-12", "file-13", "file-14"]


def test_another_log_at_the_same_place_is_read_anew(table: BronzeTable, tmp_path: Path) -> None:
    """A backup that was put back, and then went on: the newest known commit is not the log's."""
    shutil.copytree(table.path, tmp_path / "backup")
    append(table, 4)
    names(table)
    shutil.rmtree(table.path)
    shutil.copytree(tmp_path / "backup", table.path)
    append(table, 14)
    append(table, 15)
    assert names(table) == ["file-1", "file-2", "file-3", "file-14", "file-15"]
