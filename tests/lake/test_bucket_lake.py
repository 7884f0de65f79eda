"""A lake in a bucket: the same landings, commits and merges, under a lease that reaches across machines."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from object_storage import Rule
from patron.errors import EngineError, LockedError, PatronError
from patron.lake import Lake, Position
from patron.lake.label_history import History, schema
from patron.storage import lease as leases
from patron.storage.address import parse_address
from patron.storage.credentials import RETRIES
from patron.storage.folder import RemoteFolder
from patron.storage.lease import Lease

SCHEMA = pa.schema([("email", pa.string()), ("_row_key", pa.int64()), ("_batch_id", pa.int64())])


def rows(*emails: str, batch_id: int = 1) -> pa.RecordBatchReader:
    columns = {"email": emails, "_row_key": range(len(emails)), "_batch_id": [batch_id] * len(emails)}
    return pa.RecordBatchReader.from_batches(SCHEMA, pa.table(columns, schema=SCHEMA).to_batches())


def append(lake: Lake, position: str, *emails: str) -> None:
    batch_id = lake.next_batch_id()
    lake.table("till").append(rows(*emails, batch_id=batch_id), positions=[Position(position)], batch_id=batch_id)


def emails(lake: Lake) -> list[str]:
    return sorted(value for path in lake.table("till").files() for value in pq.read_table(path)["email"].to_pylist())


@pytest.fixture
def remote(bucket, tmp_path) -> RemoteFolder:
    return RemoteFolder(parse_address(f"{bucket.url}/lake"), tmp_path / "copies")


@pytest.fixture
def held(remote, tmp_path):
    with remote.hold_lease(tmp_path):
        yield remote


@pytest.fixture
def impatient(monkeypatch) -> None:
    monkeypatch.setitem(RETRIES, "max_retries", 0)


def elsewhere(remote: RemoteFolder, folder: Path) -> RemoteFolder:
    """The same lake as another machine sees it."""
    return RemoteFolder(remote.address, folder / "elsewhere")


def test_what_one_machine_lands_another_reads(held, tmp_path) -> None:
    append(Lake(held), "a", "x", "y")
    append(Lake(held), "b", "z")
    other = Lake(elsewhere(held, tmp_path))
    assert other.sources() == ["till"]
    assert other.next_batch_id() == 3
    assert other.table("till").find_landed(["a", "b", "c"]) == {"a", "b"}
    assert [(landed.id, landed.batch_id) for landed in other.table("till").landings()] == [("a", 1), ("b", 2)]
    assert emails(other) == ["x", "y", "z"]
    other.table("till").check_files()


def test_any_reader_of_delta_reads_the_table(held) -> None:
    append(Lake(held), "a", "x", "y")
    table = Lake(held).table("till")
    found = deltalake.DeltaTable(table.uri, storage_options=table.storage_options)
    assert found.to_pyarrow_table()["email"].to_pylist() == ["x", "y"]


def test_the_same_position_lands_once(held) -> None:
    append(Lake(held), "a", "x")
    with pytest.raises(LockedError, match="landed the same"):
        Lake(held).table("till").append(rows("x", batch_id=2), positions=[Position("a")], batch_id=2)
    assert emails(Lake(held)) == ["x"]


def test_without_the_lease_nothing_is_written(remote) -> None:
    with pytest.raises(LockedError, match="without its lease"):
        append(Lake(remote), "a", "x")
    assert not Lake(remote).table("till").exists


def test_wider_columns_and_merged_files_keep_the_rows(held, tmp_path) -> None:
    for number in range(4):
        append(Lake(held), str(number), f"row{number}")
    lake = Lake(held)
    wider = pa.table({"email": ["new"], "phone": ["1"], "_row_key": [9], "_batch_id": [5]})
    reader = pa.RecordBatchReader.from_batches(wider.schema, wider.to_batches())
    lake.table("till").append(reader, positions=[Position("wide")], batch_id=5)
    content = lake.table("till").content_id()
    assert lake.table("till").merge_small_files() == 5
    assert lake.table("till").content_id() == content
    for known in (lake, Lake(elsewhere(held, tmp_path))):
        assert emails(known) == ["new", "row0", "row1", "row2", "row3"]
        assert len(known.table("till").files()) == 1
        assert len(known.table("till").landings()) == 5


def test_merged_files_are_found_unused_after_the_days_of_the_policy(held, bucket) -> None:
    for number in range(3):
        append(Lake(held), str(number), f"row{number}")
    lake = Lake(held)
    lake.table("till").merge_small_files()
    assert lake.table("till").find_unused_files(7) == []
    unused = [each.address.key for each in lake.table("till").find_unused_files(0) if hasattr(each, "address")]
    held_now = {path.name for path in lake.table("till").files()}
    in_bucket = {key.rpartition("/")[2] for key in bucket.keys("lake/till/part-")}
    assert {key.rpartition("/")[2] for key in unused} == in_bucket - held_now
    assert len(unused) == 3


def test_rejected_rows_of_a_batch_are_deleted(held) -> None:
    lake = Lake(held)
    rejected = lake.rejected("till")
    rejected.append(rows("bad"), positions=[Position("a@1")], batch_id=1)
    rejected.append(rows("bad", batch_id=2), positions=[Position("a@2")], batch_id=2)
    rejected.discard_batches([1])
    assert Lake(held).rejected("till").row_count() == 1
    assert Lake(held).next_batch_id() == 3


def test_notes_are_kept_in_the_bucket(held, tmp_path) -> None:
    Lake(held).write_note("objects/till.json", "{}")
    assert Lake(elsewhere(held, tmp_path)).read_note("objects/till.json") == "{}"
    assert Lake(held).read_note("none.json") is None


def test_labels_of_customers_are_kept_in_the_bucket(held, tmp_path) -> None:
    import datetime as dt

    day = dt.date(2026, 1, 1)
    changes = pa.Table.from_pylist([{"as_of_date": day, "customer_id": "c", "segment": "Loyal"}], schema=schema())
    for _ in range(2):
        History(held.join("_history")).record(changes, [day])
    files = History(elsewhere(held, tmp_path).join("_history")).files()
    assert [pq.read_table(file).num_rows for file in files] == [1]


def test_a_copy_that_was_damaged_is_found(held) -> None:
    append(Lake(held), "a", "x")
    (path,) = Lake(held).table("till").files()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(EngineError, match="has changed since it was written"):
        Lake(held).table("till").check_files()


def test_an_object_of_the_lake_that_is_gone_is_named(held, bucket, tmp_path) -> None:
    append(Lake(held), "a", "x")
    (key,) = bucket.keys("lake/till/part-")
    bucket.delete(key)
    with pytest.raises(EngineError, match="is missing") as raised:
        Lake(held).table("till").check_files()
    assert key in str(raised.value.where)
    with pytest.raises(EngineError, match="is missing"):
        Lake(elsewhere(held, tmp_path)).table("till").files()


# ---- the lease


def test_a_second_machine_is_told_who_holds_the_lake(held, tmp_path) -> None:
    with pytest.raises(LockedError, match=r"process \d+ on .*, until \d\d:\d\d:\d\d UTC"):
        Lease(held.address, tmp_path / "another shop").acquire()


def test_a_lease_that_was_given_back_is_free_at_once(remote, tmp_path) -> None:
    for number in range(2):
        with remote.hold_lease(tmp_path / str(number)):
            assert not remote.holds_taken_lease


def test_of_many_machines_one_gets_the_lease(remote, tmp_path) -> None:
    def take(number: int) -> None:
        lease = Lease(remote.address, tmp_path / str(number))
        try:
            lease.acquire()
            got.append(lease)
        except LockedError:
            refused.append(number)

    for _ in range(3):
        got, refused = list[Lease](), list[int]()
        threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(got), len(refused)) == (1, 3)
        got[0].release()


def test_a_holder_that_slept_too_long_commits_nothing(remote, tmp_path, monkeypatch) -> None:
    with remote.hold_lease(tmp_path / "one"):
        append(Lake(remote), "a", "x")
        asleep = Lake(remote)
        staged = asleep.table("till").stage(rows("late", batch_id=2))
        remote.lease._stop.set()  # its renewals end
        monkeypatch.setattr(leases.time, "time", lambda: time.monotonic() + 10**10)
        awake = Lease(remote.address, tmp_path / "two")
        awake.acquire()
        assert awake.was_taken_over
        with pytest.raises(LockedError, match="has taken over the lake"):
            asleep.table("till").commit(staged, positions=[Position("late")], batch_id=2)
        awake.confirm()
        awake.release()
    assert emails(Lake(remote)) == ["x"]


def test_a_commit_that_was_about_to_be_written_fails_after_a_take_over(held, tmp_path) -> None:
    append(Lake(held), "a", "x")
    table = Lake(held).table("till")
    before, content = table._open_to_write(), table.content_id()  # and now the holder stalls
    held.lease.was_taken_over = True
    assert Lake(held).next_batch_id() == 2  # the new holder's first step
    assert table.content_id() == content
    with pytest.raises(deltalake.exceptions.CommitFailedError):
        from patron.lake.offsets import commit_properties

        properties = commit_properties([Position("late")], 2, {})
        before.create_write_transaction([], "append", before.schema(), commit_properties=properties)
    append(Lake(held), "b", "y")
    assert emails(Lake(held)) == ["x", "y"]


def test_a_renewal_whose_answer_was_lost_is_no_loss(held, bucket) -> None:
    bucket.fail(Rule("lost", "_lease", ("PUT",), times=1))
    held.lease.confirm()
    held.lease.confirm()
    assert len(bucket.asked()) > 2


# ---- faults


@pytest.mark.parametrize("fault", ["unavailable", "lost", "expired", "no_bucket"])
@pytest.mark.parametrize("at", ["part-", "_delta_log/00000000000000000001.json", "_lease"])
def test_a_put_that_fails_at_any_step_loses_and_doubles_nothing(held, bucket, impatient, fault, at) -> None:
    append(Lake(held), "a", "x")
    bucket.fail(Rule(fault, at, () if fault == "no_bucket" else ("PUT", "POST")))
    with pytest.raises(PatronError) as raised:
        append(Lake(held), "b", "y")
    assert raised.value.do
    bucket.fail()
    again = Lake(held)
    if "b" not in again.table("till").find_landed(["a", "b"]):
        append(again, "b", "y")
    assert emails(again) == ["x", "y"]
    again.table("till").check_files()


def test_slow_puts_are_waited_for(held, bucket) -> None:
    bucket.fail(Rule("slow", methods=("PUT",)))
    append(Lake(held), "a", "x")
    assert emails(Lake(held)) == ["x"]


def test_a_log_whose_listing_lags_is_read_to_its_end(held, bucket, tmp_path) -> None:
    append(Lake(held), "a", "x")
    append(Lake(held), "b", "y")
    bucket.fail(hidden=["lake/till/_delta_log/00000000000000000001.json"])
    late = Lake(elsewhere(held, tmp_path))
    with pytest.raises(LockedError):
        late.table("till").append(rows("y", batch_id=3), positions=[Position("b")], batch_id=3)
    bucket.fail()
    assert emails(Lake(held)) == ["x", "y"]
