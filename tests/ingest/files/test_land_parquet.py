from __future__ import annotations

import datetime as dt
from decimal import Decimal

import deltalake
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patron.errors import SourceError


def write(folder, name: str, columns: dict) -> None:
    pq.write_table(pa.table(columns), folder.data / name)


def test_types_are_kept(folder) -> None:
    at = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)
    columns = {
        "id": pa.array([1], pa.int32()),
        "price": pa.array([Decimal("1.50")], pa.decimal128(9, 2)),
        "at": pa.array([at], pa.timestamp("us", "UTC")),
        "local": pa.array([at.replace(tzinfo=None)], pa.timestamp("us")),
        "day": pa.array([at.date()]),
        "tags": pa.array([["a", None]]),
        "place": pa.array([{"x": 1.5}]),
    }
    write(folder, "a.parquet", columns)
    assert folder.land().rows == 1
    assert folder.rows() == [{name: column[0].as_py() for name, column in columns.items()}]
    schema = folder.lake.table("till").schema()
    assert schema.field("price").type == pa.decimal128(9, 2)
    assert deltalake.DeltaTable(folder.lake.table("till").path).to_pyarrow_table().num_rows == 1


def test_types_that_delta_lacks_take_the_nearest_that_holds_them(folder) -> None:
    columns = {
        "u64": (pa.array([2**64 - 1], pa.uint64()), Decimal(2**64 - 1)),
        "u32": (pa.array([2**32 - 1], pa.uint32()), 2**32 - 1),
        "half": (pa.array(np.array([1.5], np.float16)), 1.5),
        "nanos": (pa.array([1_000_000_001], pa.timestamp("ns")), dt.datetime(1970, 1, 1, 0, 0, 1)),
        "zoned": (pa.array([0], pa.timestamp("ms", "Europe/London")), dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
        "time": (pa.array([dt.time(9, 30)], pa.time64("us")), "09:30:00.000000"),
        "kind": (pa.array(["x"]).dictionary_encode(), "x"),
        "long": (pa.array(["x"], pa.large_string()), "x"),
        "nothing": (pa.nulls(1), None),
        "bytes": (pa.array([b"ab"], pa.binary(2)), b"ab"),
        "nested": (pa.array([[2**32 - 1]], pa.list_(pa.uint32())), [2**32 - 1]),
    }
    write(folder, "a.parquet", {name: column for name, (column, _) in columns.items()})
    folder.land()
    assert folder.rows() == [{name: value for name, (_, value) in columns.items()}]


def test_parquet_is_known_by_its_content_and_can_be_copied_elsewhere(folder) -> None:
    write(folder, "a.dat", {"Order Id": [1, 2]})
    assert folder.land(required_columns=("Order Id",)).rows == 2
    assert folder.rows() == [{"Order_Id": 1}, {"Order_Id": 2}]


def test_numbers_widen_within_a_landing_and_text_among_them_is_refused(folder) -> None:
    write(folder, "1.parquet", {"id": pa.array([1], pa.int32()), "v": pa.array([1.5], pa.float32())})
    write(folder, "2.parquet", {"id": pa.array([2**40], pa.int64()), "v": pa.array([2.5], pa.float64())})
    folder.land()
    assert folder.rows() == [{"id": 1, "v": 1.5}, {"id": 2**40, "v": 2.5}]
    write(folder, "3.parquet", {"id": pa.array([3], pa.int16())})
    folder.land()
    assert folder.rows()[-1] == {"id": 3, "v": None}
    write(folder, "4.parquet", {"v": ["text"]})
    with pytest.raises(SourceError, match="'v' is string here and double") as caught:
        folder.land()
    assert caught.value.where == "4.parquet"
    assert folder.lake.table("till").row_count() == 3


def test_text_and_numbers_do_not_mix(folder) -> None:
    write(folder, "1.parquet", {"id": [1]})
    folder.write("2.csv", "id\n2\n")
    with pytest.raises(SourceError, match="'id' is string here and int64"):
        folder.land()
    assert not folder.lake.table("till").exists


@pytest.mark.parametrize("part", [slice(None, -8), slice(None, 20), slice(0, 0)])
def test_a_damaged_file_is_named(folder, part: slice) -> None:
    write(folder, "a.parquet", {"id": list(range(1000))})
    content = (folder.data / "a.parquet").read_bytes()
    folder.write("a.parquet", content[part])
    with pytest.raises(SourceError, match="Parquet file cannot be read") as caught:
        folder.land()
    assert caught.value.where == "a.parquet"


def test_a_file_without_rows(folder) -> None:
    write(folder, "a.parquet", {"id": pa.array([], pa.int64())})
    assert folder.land().warnings == ["a.parquet: the file has no rows"]
    assert folder.rows() == []
