"""The door to Spark: what it writes it finds again, it keeps to its folder, and says what is missing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engines.shop_files import copy_shop
from patron.engines.published_types import find_published_type
from patron.engines.spark import jars as spark_jars
from patron.engines.spark import session as spark_session
from patron.engines.spark.configuration import java_size
from patron.engines.spark.engine import SparkWarehouse
from patron.errors import EngineError
from patron.project.project import Project

ROWS = pa.table(
    {
        "whole": pa.array([1, None], pa.int32()),
        "money": pa.array([Decimal("1.2345"), Decimal("-2")], pa.decimal128(28, 4)),
        "price": pa.array([Decimal("9.99"), None], pa.decimal128(18, 4)),
        "rate": [0.1, None],
        "text": ["Zoë's", None],
        "is_so": [True, None],
        "day": [dt.date(2024, 2, 29), None],
        "at": pa.array([dt.datetime(2024, 3, 31, 1, 30), None], pa.timestamp("us")),
    }
)


@pytest.fixture(scope="module")
def warehouse(spark_ready, tmp_path_factory):
    project = Project.load(copy_shop(tmp_path_factory.mktemp("it's") / "shop", "spark"))
    yield SparkWarehouse(project)
    spark_session.stop()


@pytest.mark.spark
def test_what_is_written_is_found_again(warehouse: SparkWarehouse) -> None:
    warehouse.write("meta", "things", ROWS)
    warehouse.write("meta", "things", ROWS.append_column("more", [["a", "b"]]))
    assert warehouse.exists("meta", "things")
    assert not warehouse.exists("meta", "nothing")
    spark_session.stop()
    assert warehouse.exists("meta", "things")
    found = warehouse.query("select * from meta.things order by more").to_pylist()
    assert [{**row, "more": None} for row in found] == [{**row, "more": None} for row in ROWS.to_pylist()]


@pytest.mark.spark
def test_a_table_whose_first_commit_was_cut_short_is_none(warehouse: SparkWarehouse) -> None:
    """As a run leaves it that was killed while Spark was making the table."""
    spark_session.stop()
    folder = warehouse.tables / "meta.db" / "half_made"
    (folder / "_delta_log").mkdir(parents=True)
    (folder / "part-00000.parquet").write_bytes(b"PAR1")
    assert not warehouse.exists("meta", "half_made")
    warehouse.make_table("meta", "half_made", "select 1 as n")
    assert warehouse.query("select n from meta.half_made").column("n").to_pylist() == [1]


@pytest.mark.spark
def test_published_types(warehouse: SparkWarehouse, tmp_path: Path) -> None:
    warehouse.write("gold", "typed", ROWS)
    assert warehouse.export("gold", ["typed"], tmp_path) == {"typed": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["typed.parquet"]
    schema = pq.read_schema(tmp_path / "typed.parquet")
    assert {field.name: str(field.type) for field in schema} == {
        "whole": "int64",
        "money": "decimal128(38, 4)",
        "price": "decimal128(18, 4)",
        "rate": "double",
        "text": "string",
        "is_so": "bool",
        "day": "date32[day]",
        "at": "timestamp[us]",
    }


@pytest.mark.spark
def test_an_error_names_the_statement_and_the_cause(warehouse: SparkWarehouse) -> None:
    with pytest.raises(EngineError) as caught:
        warehouse.query("select nonsense from meta.things")
    assert "nonsense" in caught.value.what
    assert caught.value.where == "select nonsense from meta.things"
    with pytest.raises(EngineError, match="OVERFLOW"):
        warehouse.query("select sum(n) from values (9223372036854775807), (1) as t(n)")


@pytest.mark.spark
def test_an_overflow_in_a_model_is_an_error_too(warehouse: SparkWarehouse) -> None:
    with pytest.raises(EngineError, match="OVERFLOW"):
        warehouse.make_table("meta", "too_much", "select 9223372036854775807 + 1 as n")


@pytest.mark.spark
def test_groups_are_replaced_in_one_step_and_the_old_rows_kept(warehouse: SparkWarehouse) -> None:
    rows = "select * from values ('ann', 1), ('ann', 2), ('bob', 3), (null, 4) as t(customer_id, n)"
    warehouse.make_table("meta", "bought", rows)
    warehouse.make_table("meta", "removed_bought", "select * from meta.bought where 1 = 0")
    with warehouse.create_temporary(
        "affected_bought", "select 'ann' as customer_id union all select 'cat'"
    ) as affected:
        new = f"select 'ann' as customer_id, 9 as n union all select customer_id, 7 from {affected} where customer_id = 'cat'"
        warehouse.replace_groups("meta.bought", new, ["customer_id"], affected, removed="meta.removed_bought")
    found = warehouse.query("select customer_id, n from meta.bought order by n").to_pylist()
    assert [tuple(row.values()) for row in found] == [("bob", 3), (None, 4), ("cat", 7), ("ann", 9)]
    assert warehouse.query("select n from meta.removed_bought order by n").column("n").to_pylist() == [1, 2]
    warehouse.make_view("meta", "bought", "select 1 as n")
    assert warehouse.query("select n from meta.bought").column("n").to_pylist() == [1]


@pytest.mark.spark
def test_nothing_is_written_elsewhere(warehouse: SparkWarehouse, tmp_path: Path, monkeypatch) -> None:
    spark_session.stop()
    monkeypatch.chdir(tmp_path)
    warehouse.write("meta", "more_things", ROWS)
    assert list(tmp_path.iterdir()) == []
    assert {path.name for path in warehouse.folder.parent.iterdir()} == {"spark"}


@pytest.mark.spark
def test_drop_built_leaves_nothing(warehouse: SparkWarehouse) -> None:
    warehouse.write("gold", "gone", ROWS)
    warehouse.drop_built()
    assert not warehouse.exists("gold", "gone")
    warehouse.write("gold", "gone", ROWS.slice(0, 1))
    assert warehouse.query("select count(*) as n from gold.gone").to_pylist() == [{"n": 1}]


@pytest.mark.spark
def test_another_project_takes_over(warehouse: SparkWarehouse, tmp_path: Path) -> None:
    warehouse.write("gold", "mine", ROWS)
    other = SparkWarehouse(Project.load(copy_shop(tmp_path / "other", "spark")))
    assert not other.exists("gold", "mine")
    assert other.query("select 1 as one").to_pylist() == [{"one": 1}]
    assert spark_session.running(warehouse.folder) is None
    assert warehouse.query("select count(*) as n from gold.mine").to_pylist() == [{"n": 2}]


def test_missing_jars_are_reported(monkeypatch, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.setenv("PATRON_JARS", str(tmp_path))
    with pytest.raises(EngineError) as caught:
        spark_jars.find_delta_jars()
    assert caught.value.do and "python -m patron.engines.spark.jars" in caught.value.do
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="Maven"):
        spark_jars.fetch()


def test_missing_java_is_reported(monkeypatch, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    (spark_jars.find_jars_folder()).mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(spark_session, "find_delta_jars", list)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineError, match="Java"):
        SparkWarehouse(Project.load(copy_shop(tmp_path / "shop", "spark"))).query("select 1")


def test_jars_that_are_there_are_not_fetched_again(monkeypatch, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.setenv("PATRON_JARS", str(tmp_path))
    folder = spark_jars.find_jars_folder()
    folder.mkdir()
    (folder / "delta.jar").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert spark_jars.fetch() == folder
    assert spark_jars.find_delta_jars() == [folder / "delta.jar"]


@pytest.mark.parametrize(
    ("kind", "published"),
    [
        ("INTEGER", "bigint"),
        ("HUGEINT", "bigint"),
        ("decimal(38,0)", "bigint"),
        ("DECIMAL(28, 4)", "decimal(38,4)"),
        ("decimal(18,4)", "decimal(18,4)"),
        ("timestamp_ntz", "timestamp"),
        ("TIMESTAMP WITH TIME ZONE", "timestamp"),
        ("VARCHAR", "varchar"),
        ("string", "string"),
    ],
)
def test_published_type(kind: str, published: str) -> None:
    assert find_published_type(kind) == published


def test_memory_in_javas_words() -> None:
    assert [java_size(size) for size in ("512MB", "4GB", "1.5 GB")] == ["512m", "4096m", "1536m"]
