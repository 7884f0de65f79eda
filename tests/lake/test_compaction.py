"""Small files of the lake are merged and vacuumed: no row, position or landing is another one afterwards."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from patron.errors import EngineError, LockedError
from patron.lake import BronzeTable, Lake, Position, compaction
from patron.lake.vacuum import find_unused_files

SCHEMA = pa.schema([("email", pa.string()), ("_row_key", pa.int64()), ("_batch_id", pa.int64())])


def land(table: BronzeTable, batch_id: int, *emails: str, schema: pa.Schema = SCHEMA, **more: list[Any]) -> None:
    known = {"email": list(emails), "_row_key": range(len(emails)), "_batch_id": [batch_id] * len(emails), **more}
    batch = pa.record_batch([pa.array(known[name], schema.field(name).type) for name in schema.names], schema=schema)
    reader = pa.RecordBatchReader.from_batches(schema, [batch])
    table.append(reader, positions=[Position(f"file {batch_id}", rows=len(emails))], batch_id=batch_id)


@pytest.fixture
def table(tmp_path: Path) -> BronzeTable:
    table = Lake(tmp_path / "lake").table("till")
    for batch_id in range(1, 6):
        land(table, batch_id, f"{batch_id}@a", f"{batch_id}@b")
    return table


def rows(table: BronzeTable) -> list[dict[str, Any]]:
    """Every row, file by file, as they stand in the files."""
    return [row for file in table.files() for row in pq.read_table(file, schema=table.schema()).to_pylist()]


def in_order(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: (row["_batch_id"], row["_row_key"]))


def test_merging_keeps_every_row(table):
    before = in_order(rows(table))
    assert table.merge_small_files() == 5
    assert (len(table.files()), in_order(rows(table)), table.row_count()) == (1, before, 10)
    table.check_files()  # the new file has the name of its content, too
    assert table.merge_small_files() == 0


def test_merging_keeps_landings_positions_and_the_name_of_the_content(table):
    def known() -> tuple[Any, ...]:
        ids = [f"file {batch_id}" for batch_id in range(1, 7)]
        positions = [table.position(id_) for id_ in ids]
        return table.landings(), table.batch_ids(), positions, table.find_landed(ids), table.content_id(), table.id()

    before = known()
    table.merge_small_files()
    assert known() == before
    land(table, 6, "6@a")
    assert known() != before
    assert len(table.landings()) == 6


def test_positions_outlive_the_log_before_the_checkpoint(table):
    table.merge_small_files()
    for entry in sorted((table.path / "_delta_log").glob("*.json"))[:-1]:
        entry.unlink()  # as another tool cleans it
    assert table.find_landed(["file 1", "file 5", "file 6"]) == {"file 1", "file 5"}
    assert Lake(table.path.parent).next_batch_id() == 6
    assert len(rows(table)) == 10


def test_files_with_other_columns_merge_with_nothing_where_they_had_none(table):
    wider = SCHEMA.append(pa.field("town", pa.string()))
    land(table, 6, "6@a", schema=wider, town=["Leeds"])
    table.merge_small_files()
    assert [row["town"] for row in in_order(rows(table))] == [None] * 10 + ["Leeds"]


def test_other_readers_of_delta_see_the_same_rows_before_and_after(table):
    before = table.version()
    table.merge_small_files()
    for version in (before, None):
        seen = DeltaTable(table.path, version=version).to_pyarrow_table().to_pylist()
        assert sorted(row["email"] for row in seen) == sorted(f"{n}@{sign}" for n in range(1, 6) for sign in "ab")


def test_a_large_file_is_left_as_it_is(table, monkeypatch):
    table.merge_small_files()
    (large,) = table.files()
    land(table, 6, "6@a")
    monkeypatch.setattr(compaction, "SMALL_FILE", large.stat().st_size)
    land(table, 7, "7@a")
    assert table.merge_small_files() == 0 or large in table.files()


def test_a_damaged_file_is_not_merged(table):
    damaged = table.files()[0]
    damaged.chmod(0o600)
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    before = table.version()
    with pytest.raises(EngineError, match="has changed since it was written"):
        table.merge_small_files()
    assert table.version() == before


@pytest.mark.parametrize("step", ["write_merge", "checkpoint", "refuse_lost_rows"])
def test_a_merge_that_dies_at_any_step_loses_and_doubles_nothing(table, monkeypatch, step):
    before, content = in_order(rows(table)), table.content_id()

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(f"patron.lake.bronze_table.{step}", die)
        with pytest.raises(KeyboardInterrupt):
            table.merge_small_files()
    assert (in_order(rows(table)), table.content_id()) == (before, content)
    land(table, 6, "6@a")
    table.merge_small_files()
    assert len(rows(table)) == 11


def test_of_two_writers_of_a_version_the_second_is_refused(table, monkeypatch):
    version = table.version()
    land(table, 6, "6@a")
    monkeypatch.setattr(BronzeTable, "version", lambda _: version)
    with pytest.raises(LockedError):
        table.merge_small_files()
    monkeypatch.undo()
    assert len(rows(table)) == 11
    assert not [path for path in (table.path / "_delta_log").iterdir() if path.name.startswith(".")]


def test_a_table_that_asks_more_of_its_writers_is_left_to_its_tool(table):
    from deltalake import TableFeatures

    DeltaTable(table.path).alter.add_feature(TableFeatures.DeletionVectors, allow_protocol_versions_increase=True)
    assert table.merge_small_files() == 0


def test_rejected_rows_of_one_landing_are_deleted_from_a_merged_file(table):
    table.merge_small_files()
    table.discard_batches({2, 9})
    assert sorted({row["_batch_id"] for row in rows(table)}) == [1, 3, 4, 5]


def test_files_are_unused_so_many_days_after_they_left_the_table(table):
    merged = table.files()
    for path in merged:
        os.utime(path, (0, 0))  # written long ago, and needed until now
    assert find_unused_files(table.path, table.files(), 0) == []
    table.merge_small_files()
    assert find_unused_files(table.path, table.files(), 1) == []
    assert find_unused_files(table.path, table.files(), 0) == sorted(merged)


def test_a_file_that_never_became_part_of_the_table_is_unused(table):
    orphan = table.path / "part-0.parquet"
    orphan.write_bytes(b"")
    assert find_unused_files(table.path, table.files(), 1) == []
    os.utime(orphan, (0, 0))
    assert find_unused_files(table.path, table.files(), 1) == [orphan]


def test_only_the_newest_checkpoints_stay(table):
    for batch_id in range(6, 12):
        land(table, batch_id, f"{batch_id}@a")
        table.merge_small_files()
    log = table.path / "_delta_log"
    newest = json.loads((log / "_last_checkpoint").read_text())["version"]
    kept = sorted(int(path.name.split(".")[0]) for path in log.glob("*.checkpoint.parquet"))
    assert len(kept) == 2
    assert kept[-1] == newest
    assert len(table.landings()) == 11


@pytest.mark.soak
def test_a_year_of_daily_landings_leaves_few_data_files(tmp_path):
    table = Lake(tmp_path / "lake").table("till")
    most = 0
    for batch_id in range(1, 366):
        land(table, batch_id, f"{batch_id}@a", f"{batch_id}@b")
        if len(table.find_small_files()) > 30:
            table.merge_small_files()
            for path in find_unused_files(table.path, table.files(), 0):
                path.unlink()
        most = max(most, len(list(table.path.glob("*.parquet"))))
    assert most == 30
    assert (table.row_count(), len(table.landings()), len(rows(table))) == (730, 365, 730)
    assert table.find_landed([f"file {batch_id}" for batch_id in range(1, 367)]) == {f"file {n}" for n in range(1, 366)}
