from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patron.errors import EngineError, LockedError, NothingBuiltError, SettingsError, SourceError
from patron.lake import HEADER_KEY, BronzeTable, Lake, Position

SCHEMA = pa.schema(
    [
        pa.field("email", pa.string(), metadata={HEADER_KEY: " E-mail"}),
        pa.field("_row_key", pa.int64()),
        pa.field("_batch_id", pa.int64()),
    ]
)


def rows(*emails: str, batch_id: int = 1, schema: pa.Schema = SCHEMA) -> pa.RecordBatchReader:
    known = {"email": list(emails), "_row_key": range(len(emails)), "_batch_id": [batch_id] * len(emails)}
    columns = [pa.array(known.get(column.name, [None] * len(emails)), column.type) for column in schema]
    return pa.RecordBatchReader.from_batches(schema, [pa.record_batch(columns, schema=schema)])


def append(table: BronzeTable, position: str, *emails: str, batch_id: int = 1) -> int:
    return table.append(rows(*emails, batch_id=batch_id), positions=[Position(position)], batch_id=batch_id)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def table(lake: Lake) -> BronzeTable:
    return lake.table("till")


def emails(table: BronzeTable) -> list[str]:
    return sorted(email for file in table.files() for email in pq.read_table(file)["email"].to_pylist())


def test_a_table_is_empty_until_something_lands(lake: Lake, table: BronzeTable) -> None:
    assert not table.exists
    assert table.find_landed(["a"]) == set()
    assert table.landings() == []
    assert table.position("a") is None
    assert lake.sources() == []
    assert lake.next_batch_id() == 1
    with pytest.raises(NothingBuiltError):
        table.schema()


def test_rows_and_positions_land_together(lake: Lake, table: BronzeTable) -> None:
    positions = [Position("hash-1", 1, "a.csv", rows=2), Position("topic-0", 41, "orders 0", rows=0)]
    assert table.append(rows("x", "y"), positions=positions, batch_id=7, summary={"took": 3}) == 2
    assert table.row_count() == 2
    assert emails(table) == ["x", "y"]
    assert table.find_landed(["hash-1", "hash-2"]) == {"hash-1"}
    assert table.position("topic-0") == 41
    assert lake.sources() == ["till"]
    history = table.landings()
    assert [(entry.origin, entry.rows, entry.batch_id) for entry in history] == [
        ("a.csv", 2, 7),
        ("orders 0", 0, 7),
    ]
    assert history[0].landed_at.tzinfo is not None
    assert table.batch_ids() == {7}


def test_positions_are_delta_transactions_that_others_can_read(table: BronzeTable) -> None:
    append(table, "hash-1", "x")
    assert deltalake.DeltaTable(table.path).transaction_version("hash-1") == 1


def test_headers_are_remembered(table: BronzeTable) -> None:
    append(table, "hash-1", "x")
    assert table.headers() == {" E-mail": "email"}


def test_the_log_holds_no_personal_values(table: BronzeTable) -> None:
    append(table, "hash-1", "somebody@example.org")
    assert "somebody" not in "".join(path.read_text() for path in table.path.glob("_delta_log/*.json"))


def test_staged_rows_are_invisible_and_leave_nothing_behind(lake: Lake, table: BronzeTable) -> None:
    append(table, "hash-1", "x")
    table.stage(rows("lost"))
    assert emails(Lake(lake.root).table("till")) == ["x"]
    append(table, "hash-2", "y", batch_id=2)
    assert emails(table) == ["x", "y"]
    assert not any(path.is_file() for path in (lake.root / "_staging").rglob("*"))


def test_the_same_position_is_refused_and_its_files_go(table: BronzeTable) -> None:
    append(table, "hash-1", "x")
    with pytest.raises(LockedError, match="landed the same"):
        append(table, "hash-1", "x", batch_id=2)
    assert emails(table) == ["x"]
    assert len(list(table.path.glob("*.parquet"))) == 1


def test_two_writers_at_once_cannot_both_create_a_table(lake: Lake) -> None:
    first, second = lake.table("till"), BronzeTable(lake.root / "till", lake.root / "_staging" / "other")
    one, other = first.stage(rows("x")), second.stage(rows("x"))
    first.commit(one, positions=[Position("hash-1")], batch_id=1)
    with pytest.raises(LockedError):
        second.commit(other, positions=[Position("hash-1")], batch_id=1)
    assert emails(first) == ["x"]


def test_a_commit_after_another_s_fails(table: BronzeTable, monkeypatch: pytest.MonkeyPatch) -> None:
    append(table, "hash-1", "x")
    stale = deltalake.DeltaTable(table.path)
    append(table, "hash-2", "y", batch_id=2)
    monkeypatch.setattr(table, "_open", lambda: stale)
    with pytest.raises(LockedError):
        append(table, "hash-3", "z", batch_id=3)
    monkeypatch.undo()
    assert emails(table) == ["x", "y"]


def test_what_another_process_commits_is_seen_at_once(lake: Lake) -> None:
    table, other = lake.table("till"), BronzeTable(lake.root / "till", lake.root / "_staging" / "other")
    append(table, "hash-1", "x")
    assert (table.row_count(), len(table.files()), table.batch_ids()) == (1, 1, {1})
    append(other, "hash-2", "y", batch_id=2)
    assert (table.row_count(), len(table.files()), table.batch_ids()) == (2, 2, {1, 2})
    assert emails(table) == ["x", "y"]


def test_a_table_is_opened_once_for_all_that_is_read_of_it(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    append(lake.table("till"), "hash-1", "x")
    opened, real = [], deltalake.DeltaTable
    monkeypatch.setattr(deltalake, "DeltaTable", lambda path, **more: opened.append(path) or real(path, **more))
    for _ in range(3):
        table = lake.table("till")
        assert (table.version(), table.row_count(), table.schema().names[0]) == (0, 1, "email")
        assert table.content_id()
        assert len(table.landings()) == len(table.files()) == 1
    assert len(opened) <= 1


def test_a_position_that_grows_may_come_again(table: BronzeTable) -> None:
    for version in (10, 20):
        table.append(rows("x"), positions=[Position("topic-0", version)], batch_id=version)
    assert table.position("topic-0") == 20
    with pytest.raises(LockedError):
        table.append(rows("x"), positions=[Position("topic-0", 20)], batch_id=21)


def test_new_columns_are_added_and_old_ones_kept(table: BronzeTable) -> None:
    append(table, "hash-1", "x")
    wider = pa.schema([*SCHEMA, pa.field("Phone", pa.timestamp("us"), metadata={HEADER_KEY: "Phone "})])
    table.append(rows("y", schema=wider), positions=[Position("hash-2")], batch_id=2)
    append(table, "hash-3", "z", batch_id=3)
    assert table.schema().names == ["email", "_row_key", "_batch_id", "Phone"]
    assert table.headers() == {" E-mail": "email", "Phone ": "Phone"}
    assert table.row_count() == 3
    assert deltalake.DeltaTable(table.path).to_pyarrow_table().num_rows == 3


def test_a_column_keeps_its_type(table: BronzeTable) -> None:
    append(table, "hash-1", "x")
    changed = pa.schema([pa.field("EMAIL", pa.int64()), *list(SCHEMA)[1:]])
    reader = pa.RecordBatchReader.from_batches(changed, [])
    with pytest.raises(SourceError, match="'EMAIL' is int64 here and string in the lake"):
        table.append(reader, positions=[Position("hash-2")], batch_id=2)


def test_nothing_to_land_is_still_remembered(table: BronzeTable) -> None:
    append(table, "hash-1")
    assert table.find_landed(["hash-1"]) == {"hash-1"}
    assert table.row_count() == 0
    assert table.files() == []


def test_batch_ids_grow_over_the_whole_lake(lake: Lake) -> None:
    append(lake.table("till"), "hash-1", "x", batch_id=4)
    assert lake.next_batch_id() == 5
    append(lake.rejected("web"), "hash-2", "x", batch_id=9)
    assert lake.next_batch_id() == 10
    assert Lake(lake.root).next_batch_id() == 10
    assert lake.sources() == ["till"]


def test_batches_can_be_discarded(table: BronzeTable) -> None:
    append(table, "hash-1", "x", batch_id=1)
    append(table, "hash-2", "y", "z", batch_id=2)
    table.discard_batches([2, 99])
    assert emails(table) == ["x"]
    assert table.row_count() == 1


@pytest.mark.parametrize("name", ["", "_rejected", ".hidden", "a/b", "a\\b", "c:"])
def test_a_source_is_named_like_a_folder(lake: Lake, name: str) -> None:
    with pytest.raises(SettingsError):
        lake.table(name)


def test_a_cleaned_log_still_knows_what_landed(table: BronzeTable) -> None:
    for number in range(3):
        append(table, f"hash-{number}", "x", batch_id=number + 1)
    delta = deltalake.DeltaTable(table.path)
    delta.create_checkpoint()
    for entry in sorted(table.path.glob("_delta_log/*.json"))[:-1]:
        entry.unlink()
    assert len(table.landings()) < 3
    assert table.find_landed(["hash-0", "hash-2", "hash-9"]) == {"hash-0", "hash-2"}


class BoomError(Exception):
    pass


@pytest.mark.parametrize("error", [BoomError, KeyboardInterrupt, SourceError])
def test_what_breaks_the_rows_comes_through_and_leaves_nothing(table: BronzeTable, error: type[BaseException]) -> None:
    append(table, "hash-1", "x")

    def breaking() -> Iterator[pa.RecordBatch]:
        yield from rows("y")
        raise error("while reading")

    with pytest.raises(error):
        table.append(pa.RecordBatchReader.from_batches(SCHEMA, breaking()), positions=[Position("hash-2")], batch_id=2)
    assert emails(table) == ["x"]
    assert not table._staging.exists()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        deltalake.exceptions.DeltaError("Unable to copy data to file: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_while_staging(table: BronzeTable, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    append(table, "hash-1", "x")

    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(deltalake, "write_deltalake", full)
    with pytest.raises(EngineError, match="no space left"):
        append(table, "hash-2", "y", batch_id=2)
    monkeypatch.undo()
    assert emails(table) == ["x"]
    append(table, "hash-2", "y", batch_id=2)
    assert emails(table) == ["x", "y"]


def test_a_full_disk_at_the_commit_gives_the_space_back(table: BronzeTable, monkeypatch: pytest.MonkeyPatch) -> None:
    append(table, "hash-1", "x")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(deltalake.DeltaTable, "create_write_transaction", full)
    with pytest.raises(EngineError, match="no space left"):
        append(table, "hash-2", "y", batch_id=2)
    assert len(list(table.path.glob("*.parquet"))) == 1


def test_a_writer_that_dies_early_does_not_hang_a_long_source(
    table: BronzeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(deltalake, "write_deltalake", full)
    many = (batch for _ in range(1000) for batch in rows("x"))
    with pytest.raises(EngineError):
        table.stage(pa.RecordBatchReader.from_batches(SCHEMA, many))


def test_many_batches_flow_through_a_short_queue(table: BronzeTable) -> None:
    many = (batch for _ in range(500) for batch in rows("x", "y"))
    reader = pa.RecordBatchReader.from_batches(SCHEMA, many)
    assert table.append(reader, positions=[Position("hash-1")], batch_id=1) == 1000


def _spoil(entry: Path) -> None:
    entry.write_text("}{")


@pytest.mark.parametrize(("number", "spoil"), [(1, _spoil), (0, Path.unlink), (1, Path.unlink)])
def test_a_damaged_log_is_named(table: BronzeTable, number: int, spoil: object) -> None:
    for batch in (1, 2, 3):
        append(table, f"hash-{batch}", "x", batch_id=batch)
    entry = table.path / "_delta_log" / f"{number:020}.json"
    spoil(entry)  # type: ignore[operator]
    with pytest.raises(EngineError) as caught:
        table.files()
    assert caught.value.where == str(entry)
    assert f"move {table.path} aside and run `patron run --full-refresh`" in str(caught.value.do)


def test_a_damaged_checkpoint_is_named(table: BronzeTable) -> None:
    append(table, "hash-1", "x")
    deltalake.DeltaTable(table.path).create_checkpoint()
    (checkpoint,) = table.path.glob("_delta_log/*.checkpoint.parquet")
    checkpoint.write_bytes(b"no parquet")
    with pytest.raises(EngineError) as caught:
        table.files()
    assert caught.value.where == str(checkpoint)


def test_importing_is_light() -> None:
    code = (
        "import sys, patron.lake, patron.ingest.files.land; "
        "print([name for name in ('pyarrow', 'deltalake', 'duckdb', 'numpy') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_file_name_with_blanks_is_found(tmp_path: Path) -> None:
    table = Lake(tmp_path / "my lake é").table("till")
    append(table, "hash-1", "x")
    assert all(file.exists() for file in table.files())
