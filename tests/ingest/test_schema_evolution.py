"""Columns whose type differs from file to file: one type for all of them, and every value as it came."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import deltalake
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patron.errors import SourceError
from patron.lake import BronzeTable, find_common_type

DAY, AT = dt.date(2024, 1, 5), dt.datetime(2024, 1, 5, 9)


def decimals(digits: int, scale: int, *texts: str) -> pa.Array:
    return pa.array([Decimal(text) for text in texts], pa.decimal128(digits, scale))


WAYS: dict[str, tuple[pa.Array, pa.Array]] = {
    "int32 to int64": (pa.array([1, -2], pa.int32()), pa.array([3, 2**60])),
    "uint8 to int32": (pa.array([1, 255], pa.uint8()), pa.array([3, -4], pa.int32())),
    "integers to uint64": (pa.array([1, -2]), pa.array([2**64 - 1], pa.uint64())),
    "integers to floating point": (pa.array([1, 2**53]), pa.array([3.0, 4.5])),
    "integers to decimals": (pa.array([1, 2**31 - 1], pa.int32()), decimals(10, 2, "3.10", "4.25")),
    "float32 to double": (pa.array([1.5, 2.25], pa.float32()), pa.array([0.1, 1e300])),
    "more digits": (decimals(10, 2, "1.50", "99999999.99"), decimals(12, 2, "1234567890.12")),
    "a finer scale": (decimals(10, 2, "1.50", "99999999.99"), decimals(12, 4, "3.1234", "4.2000")),
    "days to times": (pa.array([DAY]), pa.array([AT], pa.timestamp("us"))),
    "text to longer text": (pa.array(["a", ""]), pa.array(["c"], pa.large_string())),
    "nothing to numbers": (pa.array([1, 2], pa.int16()), pa.nulls(2)),
}

CLASHES: dict[str, tuple[pa.Array, pa.Array]] = {
    "numbers to text": (pa.array([1]), pa.array(["3"])),
    "decimals to floating point": (decimals(6, 2, "1.10"), pa.array([3.0])),
    "numbers to truth values": (pa.array([1]), pa.array([True])),
    "local times to instants": (pa.array([AT]), pa.array([0], pa.timestamp("us", "UTC"))),
    "more digits than a decimal has": (decimals(38, 2, "1"), decimals(38, 4, "1")),
    "whole numbers that a double would round": (pa.array([1.5]), pa.array([2**53 + 1])),
}


def write(folder: Any, name: str, values: pa.Array) -> None:
    pq.write_table(pa.table({"order": pa.array(["x"] * len(values)), "value": values}), folder.data / name)


def read(folder: Any) -> list[Any]:
    """The column as three readers see it: our own, delta-rs, and DuckDB over the plain files."""
    table = folder.lake.table("till")
    ours = [row["value"] for row in folder.rows()]
    by_delta = deltalake.DeltaTable(table.path).to_pyarrow_table().sort_by("_row_key")["value"].to_pylist()
    found = duckdb.sql(
        f"select value from read_parquet({[str(f) for f in table.files()]}, union_by_name = true) order by _row_key"
    )
    assert ours == by_delta == found.to_arrow_table()["value"].to_pylist()
    return ours


@pytest.mark.parametrize("backwards", [False, True], ids=["widening", "narrowing"])
@pytest.mark.parametrize("way", WAYS)
def test_types_that_go_together_become_one_whichever_came_first(folder, way: str, backwards: bool) -> None:
    first, second = reversed(WAYS[way]) if backwards else WAYS[way]
    write(folder, "1.parquet", first)
    write(folder, "2.parquet", second)
    if not (backwards and way == "nothing to numbers"):
        folder.land("1.parquet")
        folder.land("2.parquet")
    folder.land(name="at_once")
    came = [*first.to_pylist(), *second.to_pylist()]
    expected = [dt.datetime.combine(value, dt.time()) if type(value) is dt.date else value for value in came]
    assert [row["value"] for row in folder.rows("at_once")] == expected
    if folder.lake.table("till").exists:
        assert read(folder) == expected
        assert folder.lake.table("till").schema().field("value") == folder.lake.table("at_once").schema().field("value")


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("clash", CLASHES)
def test_types_that_do_not_go_together_stop_before_anything_lands(folder, clash: str, backwards: bool) -> None:
    first, second = reversed(CLASHES[clash]) if backwards else CLASHES[clash]
    write(folder, "1.parquet", first)
    folder.land()
    write(folder, "2.parquet", second)
    with pytest.raises(SourceError, match="'value'"):
        folder.land()
    assert read(folder) == first.to_pylist()
    assert not list(folder.lake.root.glob("_staging/*"))
    assert len(list(folder.lake.table("till").path.glob("*.parquet"))) == 1
    with pytest.raises(SourceError, match="'value'"):
        folder.land(name="at_once")
    assert not folder.lake.table("at_once").exists


def test_the_order_in_which_types_come_makes_no_difference() -> None:
    types = [pa.int16(), pa.int64(), pa.float32(), pa.float64(), pa.decimal128(10, 2), pa.decimal128(12, 4)]
    types += [pa.date32(), pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.string(), pa.null(), pa.bool_()]
    types += [pa.decimal128(38, 0), pa.decimal128(30, 10)]

    def folded(*order: pa.DataType) -> pa.DataType | None:
        common: pa.DataType | None = order[0]
        for type_ in order[1:]:
            common = common and find_common_type(common, type_)
        return common

    for three in itertools.combinations(types, 3):
        assert len({folded(*order) for order in itertools.permutations(three)}) == 1, three


def test_a_table_of_an_older_lake_with_narrow_numbers_widens(folder) -> None:
    import pyarrow as pa

    from patron.lake import Position

    table = folder.lake.table("till")
    schema = pa.schema(
        [
            *(pa.field("value", pa.int32()), pa.field("_source_file", pa.string()), pa.field("_row_key", pa.int64())),
            *(pa.field("_ingested_at", pa.timestamp("us", "UTC")), pa.field("_batch_id", pa.int64())),
        ]
    )
    rows = pa.RecordBatch.from_pylist([{"value": 7, "_row_key": 0, "_batch_id": 1}], schema)
    table.append(pa.RecordBatchReader.from_batches(schema, [rows]), positions=[Position("old")], batch_id=1)
    write(folder, "2.parquet", pa.array([2**40]))
    warning = "till: 2.parquet: the column 'value' was int32 before and is int64 from now on"
    assert warning in folder.land().warnings
    assert read(folder) == [7, 2**40]
    assert table.find_landed(["old"]) == {"old"}
    assert table.batch_ids() == {1, 2}


def test_columns_that_an_older_file_lacks_stay_null_when_the_table_is_written_anew(folder) -> None:
    pq.write_table(pa.table({"order": ["a"]}), folder.data / "1.parquet")
    folder.land()
    write(folder, "2.parquet", pa.array([1]))
    folder.land()
    write(folder, "3.parquet", pa.array([1.5]))
    folder.land()
    assert read(folder) == [None, 1, 1.5]
    table = folder.lake.table("till")
    assert deltalake.DeltaTable(table.path).metadata().configuration["delta.enableExpiredLogCleanup"] == "false"
    assert [landing.origin for landing in table.landings()] == ["1.parquet", "2.parquet", "3.parquet"]


def test_a_later_column_may_be_of_local_times(folder) -> None:
    pq.write_table(pa.table({"order": ["a"]}), folder.data / "1.parquet")
    folder.land()
    write(folder, "2.parquet", pa.array([AT], pa.timestamp("us")))
    folder.land()
    assert read(folder) == [None, AT]


def test_a_landing_that_dies_after_the_table_was_written_anew_lands_the_next_time(folder, monkeypatch) -> None:
    write(folder, "1.parquet", pa.array([1]))
    folder.land()
    write(folder, "2.parquet", pa.array([1.5]))

    def died(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(BronzeTable, "_add", died)
        folder.land()
    assert read(folder) == [1.0]
    assert folder.land().rows == 1
    assert read(folder) == [1.0, 1.5]
    assert folder.land().rows == 0
    assert not list(folder.lake.root.glob("_staging/*"))
