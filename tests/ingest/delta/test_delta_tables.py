"""Delta tables of another lake to bronze: what changed lands once, by the change data feed or by comparing all rows."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from patron.errors import SourceError
from patron.ingest.connector import SourceSettings, connect
from patron.ingest.delta.land import land_table
from patron.ingest.delta.source import DeltaSource
from patron.ingest.source import Landing, SourceContext
from patron.lake import TECHNICAL_COLUMNS, Lake
from shops.building import build_silver, write_project

FEED = {"delta.enableChangeDataFeed": "true"}
PEOPLE = [{"id": 1, "name": "Ann", "at": "x"}, {"id": 2, "name": "Bob", "at": "y"}, {"id": 3, "name": "Cat", "at": "x"}]


def make_table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, pa.schema({"id": pa.int32(), "name": pa.string(), "at": pa.string()}))


class People:
    """A Delta table of people, and a lake in which it lands."""

    def __init__(self, folder: Path, *, has_feed: bool = True) -> None:
        self.lake, self.path = Lake(folder / "lake"), folder / "people"
        configuration = FEED if has_feed else {}
        write_deltalake(self.path, make_table(PEOPLE), partition_by=["at"], configuration=configuration)

    @property
    def table(self) -> DeltaTable:
        return DeltaTable(self.path)

    def add(self, *rows: dict[str, Any]) -> None:
        write_deltalake(self.path, make_table(list(rows)), mode="append")

    def rename(self, id_: int, name: str) -> None:
        self.table.update(updates={"name": f"'{name}'"}, predicate=f"id = {id_}")

    def land(self, *, key: tuple[str, ...] = ("id",), full_compare: bool = False) -> Landing:
        source = DeltaSource("people", "people", str(self.path), key)
        return land_table(Lake(self.lake.root), source, full_compare=full_compare)

    def landed(self) -> pa.Table:
        parts = [pq.read_table(file) for file in self.lake.table("people").files()]
        return pa.concat_tables(parts, promote_options="permissive").sort_by("_row_key")

    def rows(self) -> list[tuple[Any, ...]]:
        """id, name and _is_deleted, in order of arrival."""
        return [(row["id"], row["name"], row["_is_deleted"]) for row in self.landed().to_pylist()]

    def current(self) -> dict[int, str]:
        """id -> name of the newest row of each id, unless it says that the row is gone."""
        newest = {row["id"]: row for row in self.landed().to_pylist()}
        return {id_: row["name"] for id_, row in newest.items() if not row["_is_deleted"]}

    def held(self) -> dict[int, str]:
        """What the table itself holds."""
        return {row["id"]: row["name"] for row in self.table.to_pyarrow_table().to_pylist()}


@pytest.fixture(params=[True, False], ids=["feed", "no feed"])
def people(request, tmp_path) -> People:
    return People(tmp_path, has_feed=request.param)


def test_rows_land_once_with_where_they_came_from(people):
    first = people.land()
    assert (first.rows, first.rows_read, first.deleted_rows) == (3, 3, 0)
    assert sorted(people.rows()) == [(1, "Ann", False), (2, "Bob", False), (3, "Cat", False)]
    assert set(people.landed().column("_source_file").to_pylist()) == {"delta:people"}
    assert people.lake.table("people").source_key() == ["id"]
    version = people.lake.table("people").version()
    again = people.land()
    assert (again.rows, again.batch_ids) == (0, [])
    assert people.lake.table("people").version() == version


def test_new_changed_and_gone_rows_land_and_no_others(people):
    people.land()
    people.add({"id": 4, "name": "Dan", "at": "y"})
    people.rename(2, "Bo")
    people.table.delete("id = 3")
    landing = people.land()
    assert (landing.rows, landing.deleted_rows) == (4, 2)
    assert sorted(people.rows()[3:]) == [(2, "Bo", False), (2, "Bob", True), (3, "Cat", True), (4, "Dan", False)]
    assert people.current() == people.held() == {1: "Ann", 2: "Bo", 4: "Dan"}
    assert people.land().rows == 0


def test_a_key_that_changes_takes_its_old_row_away(people):
    people.land()
    people.table.update(updates={"id": "9"}, predicate="id = 3")
    people.land()
    assert people.current() == people.held() == {1: "Ann", 2: "Bob", 9: "Cat"}


def test_a_table_that_is_written_anew_in_place_is_followed(people):
    people.land()
    write_deltalake(people.path, make_table(PEOPLE[:1]), mode="overwrite")
    people.land()
    assert people.current() == people.held() == {1: "Ann"}
    people.table.restore(0)
    people.land()
    assert people.current() == people.held() == {1: "Ann", 2: "Bob", 3: "Cat"}


def test_merged_files_are_no_change(people):
    people.add({"id": 4, "name": "Dan", "at": "y"})
    people.land()
    people.table.optimize.compact()
    assert people.land().rows == 0


def test_only_the_feed_is_read_where_there_is_one(tmp_path):
    people = People(tmp_path)
    people.land()
    people.rename(2, "Bo")
    assert people.land().rows_read == 2  # the old row and the new one
    assert people.land(full_compare=True).rows_read == 3


def test_all_rows_are_compared_where_the_feed_no_longer_reaches_back(tmp_path):
    people = People(tmp_path)
    people.land()
    people.rename(2, "Bo")
    people.table.delete("id = 3")
    people.table.vacuum(0, dry_run=False, enforce_retention_duration=False)
    for file in (people.path / "_change_data").rglob("*.parquet"):
        file.unlink()
    landing = people.land()
    assert (landing.rows, landing.deleted_rows, landing.rows_read) == (3, 2, 2)
    assert people.current() == people.held()


def test_a_feed_that_was_switched_on_later_is_read_from_then_on(tmp_path):
    people = People(tmp_path, has_feed=False)
    assert "keeps no change data feed" in " ".join(people.land().warnings)
    people.rename(2, "Bo")
    people.table.alter.set_table_properties(FEED)
    assert people.land().rows_read == 3
    people.rename(2, "Bobby")
    assert people.land().rows_read == 2
    assert people.current() == people.held()


def test_another_table_in_the_same_place_is_compared(tmp_path):
    people = People(tmp_path)
    people.land()
    shutil.rmtree(people.path)
    rows = [{"id": 1, "name": "Ann", "at": "x"}, {"id": 7, "name": "Eve", "at": "x"}]
    write_deltalake(people.path, make_table(rows), configuration=FEED)
    assert "is another table than before" in " ".join(people.land().warnings)
    assert people.current() == {1: "Ann", 7: "Eve"}


def test_an_older_copy_is_refused(tmp_path):
    people = People(tmp_path)
    shutil.copytree(people.path, tmp_path / "copy")
    people.rename(2, "Bo")
    people.land()
    shutil.rmtree(people.path)
    (tmp_path / "copy").rename(people.path)
    with pytest.raises(SourceError, match="at version 0, and version 1 has landed") as raised:
        people.land()
    assert "--full-compare" in raised.value.do
    people.land(full_compare=True)
    assert people.current() == {1: "Ann", 2: "Bob", 3: "Cat"}


def test_rows_may_only_be_added_without_a_key(people):
    people.land(key=())
    people.add({"id": 4, "name": "Dan", "at": "y"}, {"id": 4, "name": "Dan", "at": "y"})
    assert people.land(key=()).rows == 2
    people.table.delete("id = 3")
    with pytest.raises(SourceError, match="1 rows of the table were changed or deleted") as raised:
        people.land(key=())
    assert "sources.people.delta.key" in raised.value.do
    assert len(people.rows()) == 5


@pytest.mark.parametrize("is_first", [True, False])
def test_a_key_that_does_not_tell_rows_apart_is_refused(people, is_first):
    if not is_first:
        people.land()
    people.add({"id": 2, "name": "Bo", "at": "x"})
    with pytest.raises(SourceError, match="does not identify a row"):
        people.land()
    assert not people.lake.table("people").exists if is_first else people.current() == {1: "Ann", 2: "Bob", 3: "Cat"}


def test_new_and_dropped_columns_are_told(people):
    people.land()
    more = pa.Table.from_pylist([{"id": 4, "name": "Dan", "at": "x", "city": "Ulm"}])
    write_deltalake(people.path, more, mode="append", schema_mode="merge")
    assert "the column 'city' is new" in " ".join(people.land().warnings)
    assert people.landed().to_pylist()[-1]["city"] == "Ulm"
    fewer = pa.Table.from_pylist([{"id": 5, "name": "Eve", "at": "x"}])
    write_deltalake(people.path, fewer, mode="overwrite", schema_mode="overwrite")
    assert "the column 'city' was dropped" in " ".join(people.land().warnings)
    assert people.current() == {5: "Eve"}


def test_values_keep_their_types(tmp_path):
    rows = {
        "id": pa.array([1], pa.int16()),
        "spent": pa.array([Decimal("10.50")], pa.decimal128(10, 2)),
        "day": pa.array([dt.date(2024, 3, 1)]),
        "at": pa.array([dt.datetime(2024, 3, 1, 10, tzinfo=dt.UTC)], pa.timestamp("us", "UTC")),
        "local": pa.array([dt.datetime(2024, 3, 1, 10)], pa.timestamp("us")),
        "tags": pa.array([["a", "b"]]),
        "who": pa.array([{"city": "Ulm", "age": 7}]),
        "_row_key": pa.array(["mine"]),
        "a b": pa.array([1.5], pa.float32()),
    }
    write_deltalake(tmp_path / "t", pa.table(rows), configuration=FEED | {"delta.columnMapping.mode": "none"})
    lake = Lake(tmp_path / "lake")
    land_table(lake, DeltaSource("t", "t", str(tmp_path / "t"), ("id",)))
    (found,) = pq.read_table(lake.table("t").files()[0]).to_pylist()
    own = {name: value for name, value in found.items() if name not in TECHNICAL_COLUMNS}
    given = {name: column.to_pylist()[0] for name, column in rows.items()}
    renamed = {"_row_key": "_row_key_2", "a b": "a_b"}
    assert own == {renamed.get(name, name): value for name, value in given.items()} | {"_is_deleted": False}


@pytest.mark.parametrize(
    ("place", "words"),
    [("nowhere", "there is no Delta table"), ("plain", "there is no Delta table"), ("broken", "cannot be read")],
)
def test_what_is_no_table_is_said(tmp_path, place, words):
    (tmp_path / "plain").mkdir()
    (tmp_path / "broken/_delta_log").mkdir(parents=True)
    (tmp_path / "broken/_delta_log" / f"{0:020}.json").write_text("{not json")
    with pytest.raises(SourceError, match=words):
        land_table(Lake(tmp_path / "lake"), DeltaSource("t", place, str(tmp_path / place)))


def test_files_of_the_table_that_are_gone_are_said(tmp_path):
    people = People(tmp_path)
    next(people.path.rglob("*.parquet")).unlink()
    with pytest.raises(SourceError, match="nothing of it landed"):
        people.land()
    assert not people.lake.table("people").exists


@pytest.mark.parametrize("address", ["s3://me:secret@bucket/t", "abfss://c@a.dfs.core.windows.net/t?sig=abc"])
def test_an_address_holds_no_credential(address):
    with pytest.raises(ValueError, match="holds a credential") as raised:
        SourceSettings.model_validate({"delta": {"table": address}})
    assert "secret@" not in raised.value.errors()[0]["msg"]


def test_it_is_described(people):
    context = SourceContext("people", "sources.people", people.path.parent, ".")
    connector = connect(SourceSettings.model_validate({"delta": {"table": "people", "key": "id"}}), context)
    assert connector.describe().startswith("delta:people: version 0, 3 columns, key id; changes are read by ")
    assert connector.sample(5) is None
    assert "has not landed yet" in str(connector.explain_no_rows())


@pytest.mark.soak
@pytest.mark.spark
@pytest.mark.parametrize("setting", ["delta.enableDeletionVectors' = 'true", "delta.columnMapping.mode' = 'name"])
def test_a_table_that_spark_writes_is_followed(tmp_path, setting):
    pytest.importorskip("pyspark", reason="the extra spark is not installed")
    from patron.engines.spark import session
    from patron.project.settings import Warehouse

    spark = session.start(tmp_path / "spark", Warehouse(engine="spark", threads=1))
    place, lake = f"delta.`{tmp_path}/people`", Lake(tmp_path / "lake")
    features = f"tblproperties ('{setting}', 'delta.enableChangeDataFeed' = 'true')"
    spark.sql(f"create table {place} (id bigint, name string, spent decimal(10, 2)) using delta {features}")
    spark.sql(f"insert into {place} select id, concat('p', id), cast(id as decimal(10, 2)) from range(100)")
    source = DeltaSource("people", "people", str(tmp_path / "people"), ("id",))
    assert land_table(lake, source).rows == 100
    spark.sql(f"delete from {place} where id = 7")
    spark.sql(f"update {place} set spent = spent + 1 where id = 8")
    added = "select id, 'new' as name, cast(0 as decimal(10, 2)) as spent from range(99, 102)"
    spark.sql(
        f"merge into {place} as held using ({added}) as new on held.id = new.id "
        "when matched then update set * when not matched then insert *"
    )
    land_table(lake, source)
    newest = {}
    for file in lake.table("people").files():
        for row in pq.read_table(file).to_pylist():
            newest[row["id"]] = max(newest.get(row["id"], row), row, key=lambda one: one["_row_key"])
    current = {id_: (row["name"], row["spent"]) for id_, row in newest.items() if not row["_is_deleted"]}
    expected = {row["id"]: (row["name"], row["spent"]) for row in spark.sql(f"select * from {place}").collect()}
    session.stop()
    assert len(expected) == 101
    assert current == expected


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(1, 6), st.sampled_from("abc")),
        st.tuples(st.just("delete"), st.integers(1, 6), st.just("")),
        st.tuples(st.just("move"), st.integers(1, 6), st.just("")),
        st.tuples(st.just("compact"), st.just(0), st.just("")),
        st.tuples(st.just("land"), st.just(0), st.just("")),
    ),
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(operations=OPERATIONS, has_feed=st.booleans())
def test_whatever_happens_to_the_table_bronze_follows(tmp_path_factory, operations, has_feed):
    people = People(tmp_path_factory.mktemp("people"), has_feed=has_feed)
    truth = {row["id"]: row["name"] for row in PEOPLE}
    for what, id_, name in operations:
        if what == "put" and id_ in truth:
            people.rename(id_, name)
            truth[id_] = name
        elif what == "put":
            people.add({"id": id_, "name": name, "at": "x"})
            truth[id_] = name
        elif what == "delete" and truth.pop(id_, None):
            people.table.delete(f"id = {id_}")
        elif what == "move" and id_ in truth and id_ + 10 not in truth:
            people.table.update(updates={"id": f"{id_ + 10}"}, predicate=f"id = {id_}")
            truth[id_ + 10] = truth.pop(id_)
        elif what == "compact":
            people.table.optimize.compact()
        elif what == "land":
            people.land()
            assert people.current() == truth
    people.land()
    assert people.current() == people.held() == truth
    assert people.land().rows == 0


def test_a_shop_reads_its_orders_from_a_table(tmp_path):
    settings_of_shop = {
        "shop": {"name": "Lake", "currency": "EUR"},
        "predictions": {"churn": {"enabled": False}},
        "sources": {
            "lines": {
                "delta": {"table": "orders", "key": ["number"]},
                "entities": {
                    "order_lines": {
                        "columns": {
                            "order_id": "number",
                            "ordered_at": "at",
                            "customer_id": "who",
                            "unit_price": "total",
                        }
                    }
                },
            }
        },
    }
    folder = write_project(tmp_path, settings_of_shop, {})
    orders = [
        {"number": number, "at": dt.datetime(2024, 3, number), "who": f"c{number}", "total": Decimal(f"{number}.50")}
        for number in (1, 2, 3)
    ]
    write_deltalake(folder / "data/orders", pa.Table.from_pylist(orders), configuration=FEED)
    shop = build_silver(folder)
    paid = "select order_id, cast(sum(unit_price) as double) as paid from silver.order_lines group by 1"
    assert {row["order_id"]: row["paid"] for row in shop.query(paid)} == {"1": 1.5, "2": 2.5, "3": 3.5}
    table = DeltaTable(folder / "data/orders")
    table.update(updates={"total": "9.25"}, predicate="number = 2")
    table.delete("number = 3")
    shop.run_silver()
    assert {row["order_id"]: row["paid"] for row in shop.query(paid)} == {"1": 1.5, "2": 9.25}
