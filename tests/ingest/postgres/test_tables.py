"""Tables of a real PostgreSQL server to bronze: values as they are, what changed once, what is gone marked."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from patron.ingest.postgres.land import describe_table, land_table
from patron.ingest.source import Landing, TableSource
from patron.lake import TECHNICAL_COLUMNS, Lake

PEOPLE = """
    create table people (id int primary key, name text, spent numeric(10, 2), changed timestamptz);
    insert into people values
        (1, 'Ann', 10.50, '2024-01-01 10:00+00'), (2, 'Bob', null, '2024-01-02 10:00+00'),
        (3, 'Cat', 7, '2024-01-03 10:00+00');
    grant select on all tables in schema public to owner;
"""


class Landed:
    """A lake, and the table that lands in it."""

    def __init__(self, folder: Path) -> None:
        self.lake = Lake(folder)

    def land(self, table: str = "people", *, full_compare: bool = False, **settings: Any) -> Landing:
        source = TableSource("people", "public", table, "PATRON_POSTGRES", **settings)
        return land_table(Lake(self.lake.root), source, full_compare=full_compare)

    def table(self) -> pa.Table:
        table = self.lake.table("people")
        parts = [pq.read_table(file) for file in table.files()]
        return pa.concat_tables(parts, promote_options="permissive").sort_by("_row_key")

    def rows(self) -> list[tuple[Any, ...]]:
        """The table's own columns and _is_deleted, in order of arrival."""
        table = self.table()
        own = [name for name in table.column_names if name not in TECHNICAL_COLUMNS]
        return [tuple(row.values()) for row in table.select(own).to_pylist()]

    def current(self) -> dict[int, str]:
        """id -> name of the newest row of each id, unless it says that the row is gone."""
        newest = {row["id"]: row for row in self.table().to_pylist()}
        return {id_: row["name"] for id_, row in newest.items() if not row["_is_deleted"]}


@pytest.fixture
def people(postgres, tmp_path) -> Landed:
    postgres.run(PEOPLE)
    return Landed(tmp_path / "lake")


def change(name: str, id_: int) -> tuple[str, ...]:
    return (f"update people set name = '{name}', changed = changed + interval '1 year' where id = {id_};",)


def zoned(day: int, year: int = 2024) -> dt.datetime:
    return dt.datetime(year, 1, day, 10, tzinfo=dt.UTC)


def test_rows_land_once_with_where_they_came_from(people):
    first = people.land()
    assert (first.rows, first.rows_read, first.deleted_rows) == (3, 3, 0)
    assert people.rows() == [
        (1, "Ann", Decimal("10.50"), zoned(1), False),
        (2, "Bob", None, zoned(2), False),
        (3, "Cat", Decimal("7.00"), zoned(3), False),
    ]
    assert set(people.table().column("_source_file").to_pylist()) == {"postgres:public.people"}
    version = people.lake.table("people").version()
    again = people.land()
    assert (again.rows, again.rows_read, again.batch_ids, again.warnings) == (0, 3, [], [])
    assert people.lake.table("people").version() == version


def test_new_changed_and_gone_rows_land_and_no_others(people, postgres):
    people.land()
    postgres.run("insert into people values (4, 'Dan', 1, null); delete from people where id = 3;" + change("Bo", 2)[0])
    landing = people.land()
    assert (landing.rows, landing.deleted_rows) == (4, 2)
    gone, new = people.rows()[3:5], people.rows()[5:]
    assert sorted(gone) == [(2, "Bob", None, zoned(2), True), (3, "Cat", Decimal("7.00"), zoned(3), True)]
    assert sorted(new, key=str) == [(2, "Bo", None, zoned(2, 2025), False), (4, "Dan", Decimal("1.00"), None, False)]
    assert people.current() == {1: "Ann", 2: "Bo", 4: "Dan"}
    assert people.land().rows == 0


def test_a_row_that_comes_back_lands_again(people, postgres):
    people.land()
    postgres.run("delete from people where id = 1")
    people.land()
    assert people.current() == {2: "Bob", 3: "Cat"}
    assert people.land().rows == 0  # what is gone is gone once
    postgres.run("insert into people values (1, 'Ann', 10.50, '2024-01-01 10:00+00')")
    assert people.land().rows == 1
    assert people.current() == {1: "Ann", 2: "Bob", 3: "Cat"}


def test_a_cursor_reads_from_where_the_last_read_ended(people, postgres):
    people.land(cursor="changed")
    assert people.lake.table("people").landings()[-1].cursor == {"changed": "2024-01-03T10:00:00+00:00"}
    assert people.land(cursor="changed").rows_read == 1  # Cat, whose time is the last one
    postgres.run(change("Bo", 2)[0] + "insert into people values (4, 'Dan', 1, '2024-01-03 10:00+00');")
    landing = people.land(cursor="changed")
    assert (landing.rows_read, landing.rows, landing.deleted_rows) == (3, 3, 1)
    assert people.current() == {1: "Ann", 2: "Bo", 3: "Cat", 4: "Dan"}
    assert people.lake.table("people").landings()[-1].cursor == {"changed": "2025-01-02T10:00:00+00:00"}
    assert people.land(cursor="changed").rows == 0


def test_rows_without_a_cursor_value_are_read_each_time(people, postgres):
    people.land(cursor="changed")
    postgres.run("insert into people values (4, 'Dan', 1, null)")
    assert people.land(cursor="changed").rows == 1
    postgres.run("update people set name = 'Don' where id = 4")
    assert people.land(cursor="changed").rows == 2
    assert people.current()[4] == "Don"


def test_with_a_cursor_only_a_full_compare_finds_what_is_gone(people, postgres):
    people.land(cursor="changed")
    postgres.run("delete from people where id = 1; update people set name = 'Unseen' where id = 2;")
    assert people.land(cursor="changed").rows == 0
    landing = people.land(cursor="changed", full_compare=True)
    assert (landing.rows_read, landing.rows, landing.deleted_rows) == (2, 3, 2)
    assert people.current() == {2: "Unseen", 3: "Cat"}


def test_another_cursor_starts_from_the_beginning(people, postgres):
    people.land(cursor="changed")
    postgres.run("update people set name = 'Unseen' where id = 1")
    assert people.land(cursor="id").rows == 2
    assert people.current()[1] == "Unseen"
    assert people.land(cursor="id").rows_read == 1


@pytest.mark.parametrize("kind", ["int", "bigint", "numeric", "numeric(8, 3)", "double precision", "date", "timestamp"])
def test_numbers_days_and_times_can_be_cursors(postgres, tmp_path, kind):
    first, second = ("'2024-02-28'", "'2024-02-29'") if kind in ("date", "timestamp") else ("9", "10.0")
    postgres.run(f"create table people (id int primary key, at {kind}); grant select on people to owner;")
    postgres.run(f"insert into people values (1, {first}), (2, {second})")
    people = Landed(tmp_path)
    assert people.land(cursor="at").rows == 2
    postgres.run(f"insert into people values (3, {first}), (4, {second})")
    landing = people.land(cursor="at")
    assert (landing.rows_read, landing.rows) == (2, 1)


def test_a_time_without_end_is_no_last_position(people, postgres):
    postgres.run("insert into people values (4, 'Ever', 1, 'infinity')")
    people.land(cursor="changed")
    assert people.lake.table("people").landings()[-1].cursor == {"changed": "2024-01-03T10:00:00+00:00"}
    assert people.land(cursor="changed").rows == 0


NATIVE = [
    ("boolean", "true", pa.bool_(), True),
    ("smallint", "-3", pa.int64(), -3),
    ("bigint", "9223372036854775807", pa.int64(), 2**63 - 1),
    ("real", "0.5", pa.float64(), 0.5),
    ("double precision", "'NaN'", pa.float64(), "nan"),
    ("numeric(10, 2)", "1234.5", pa.decimal128(10, 2), Decimal("1234.50")),
    ("numeric(38, 10)", "1.5", pa.decimal128(38, 10), Decimal("1.5000000000")),
    ("numeric", "1.23456789012345678901234567890123456789012345", pa.string(), "1.23456789012345678901234567890123456789012345"),
    ("numeric", "'NaN'", pa.string(), "NaN"),
    ("numeric(60, 2)", "12345678901234567890123456789012345678901234567890.12", pa.string(), "12345678901234567890123456789012345678901234567890.12"),
    ("numeric(3, 5)", "0.00123", pa.string(), "0.00123"),
    ("date", "'2024-02-29'", pa.date32(), dt.date(2024, 2, 29)),
    ("timestamp", "'2024-02-29 01:02:03.456789'", pa.timestamp("us"), dt.datetime(2024, 2, 29, 1, 2, 3, 456789)),
    ("timestamp(3)", "'2024-02-29 01:02:03.456'", pa.timestamp("us"), dt.datetime(2024, 2, 29, 1, 2, 3, 456000)),
    ("timestamptz", "'2024-02-29 01:00+02'", pa.timestamp("us", "UTC"), dt.datetime(2024, 2, 28, 23, tzinfo=dt.UTC)),
    ("text", "E' kept\\tas it is, \\u00e9\\u6f22 '", pa.string(), " kept\tas it is, é漢 "),
    ("varchar(5)", "''", pa.string(), ""),
    ("bytea", "'\\x00ff'", pa.binary(), b"\x00\xff"),
    ("jsonb", """'{"a": [1, null]}'""", pa.string(), '{"a": [1, null]}'),
    ("json", "'{\"a\":1}'", pa.string(), '{"a":1}'),
    ("uuid", "'6ecd8c99-4036-403d-bf84-cf8400f67836'", pa.string(), "6ecd8c99-4036-403d-bf84-cf8400f67836"),
    ("int[]", "'{1,null,3}'", pa.string(), "{1,NULL,3}"),
    ("text[]", "array['a b', 'c']", pa.string(), '{"a b",c}'),
    ("mood", "'glad'", pa.string(), "glad"),
    ("cents", "12.34", pa.decimal128(8, 2), Decimal("12.34")),
    ("money", "'1,234.50'", pa.string(), "$1,234.50"),
    ("time", "'10:00'", pa.string(), "10:00:00"),
    ("interval", "'1 day 2 hours'", pa.string(), "1 day 02:00:00"),
    ("int4range", "'[1,3)'", pa.string(), "[1,3)"),
    ("inet", "'10.0.0.1'", pa.string(), "10.0.0.1/32"),
]  # fmt: skip


def test_values_land_as_they_are(postgres, tmp_path):
    """Each type in a column of its own: one row with a value, one with NULL."""
    columns = ", ".join(f"c{number} {kind}" for number, (kind, *_) in enumerate(NATIVE))
    values = ", ".join(value for _, value, *_ in NATIVE)
    nulls = ", ".join(["null"] * len(NATIVE))
    postgres.run("create type mood as enum ('glad', 'sad'); create domain cents as numeric(8, 2) check (value >= 0)")
    postgres.run(f"set lc_monetary = 'C'; create table people (id int primary key, {columns})")
    postgres.run(f"insert into people values (1, {values}), (2, {nulls}); grant select on people to owner")
    people = Landed(tmp_path)
    people.land()
    table = people.table()
    for number, (kind, _, type_, value) in enumerate(NATIVE):
        column = table.column(f"c{number}")
        assert column.type == type_, kind
        assert [str(v) if value == "nan" else v for v in column.to_pylist()] == [
            value,
            "None" if value == "nan" else None,
        ], kind
    assert people.land().rows == 0


def test_what_bronze_has_no_value_for_is_null_and_counted(postgres, tmp_path):
    """The engine's reader alone would make 0.00 of a NaN, and the year 294247 of infinity."""
    postgres.run("create table people (id int primary key, due date, at timestamptz, spent numeric(10, 2))")
    postgres.run("insert into people values (1, 'infinity', '-infinity', 'NaN'), (2, '2024-01-01', 'infinity', 1.5)")
    postgres.run("grant select on people to owner")
    people = Landed(tmp_path)
    warnings = people.land().warnings
    assert people.rows() == [(1, None, None, None, False), (2, dt.date(2024, 1, 1), None, Decimal("1.50"), False)]
    assert warnings == [
        "people: postgres:public.people: 1 values of 'due' are infinity or NaN; they are NULL in bronze",
        "people: postgres:public.people: 2 values of 'at' are infinity or NaN; they are NULL in bronze",
        "people: postgres:public.people: 1 values of 'spent' are infinity or NaN; they are NULL in bronze",
    ]
    assert people.land().rows == 0


def test_names_of_any_kind(postgres, tmp_path):
    postgres.run('''
        create schema "Odd Shop"; grant usage on schema "Odd Shop" to owner;
        create table "Odd Shop"."Kunden; ""x""" ("Id" int primary key, "Größe (cm)" int, "a'b" int, "A'B" int, _is_deleted int);
        insert into "Odd Shop"."Kunden; ""x""" values (1, 2, 3, 4, 5);
        grant select on "Odd Shop"."Kunden; ""x""" to owner;
    ''')
    source = TableSource("people", "Odd Shop", 'Kunden; "x"', "PATRON_POSTGRES")
    lake = Lake(tmp_path)
    land_table(lake, source)
    (row,) = [{**row} for path in lake.table("people").files() for row in pq.read_table(path).to_pylist()]
    own = {name: value for name, value in row.items() if name not in TECHNICAL_COLUMNS}
    assert own == {"Id": 1, "Größe_cm_": 2, "a'b": 3, "A'B_2": 4, "_is_deleted_2": 5, "_is_deleted": False}
    assert row["_source_file"] == 'postgres:Odd Shop.Kunden; "x"'


# Keys


def test_a_key_of_several_columns(postgres, tmp_path):
    postgres.run("create table people (shop text, id int, name text, primary key (shop, id))")
    postgres.run("insert into people values ('a', 1, 'Ann'), ('b', 1, 'Bob'); grant select on people to owner")
    people = Landed(tmp_path)
    people.land()
    postgres.run("update people set name = 'Bo' where shop = 'b'")
    assert people.land().rows == 2
    assert people.lake.table("people").source_key() == ["shop", "id"]


def test_a_view_has_the_key_that_the_settings_name(people, postgres):
    postgres.run("create view buyers as select * from people where spent > 8; grant select on buyers to owner")
    people.land("buyers", key=("id",))
    postgres.run("update people set spent = 9 where id = 3; update people set spent = 2 where id = 1")
    landing = people.land("buyers", key=("id",))
    assert (landing.rows, landing.deleted_rows) == (2, 1)
    assert people.current() == {3: "Cat"}


def test_a_table_without_a_key_says_what_that_means(postgres, tmp_path):
    postgres.run("create table people (id int, name text); insert into people values (1, 'Ann'), (1, 'Ann'), (2, null)")
    postgres.run("grant select on people to owner")
    people = Landed(tmp_path)
    (warning,) = people.land().warnings
    assert "no primary key" in warning
    assert "deleted rows cannot be detected" in warning
    assert people.land().rows == 0
    postgres.run("insert into people values (1, 'Ann'), (3, 'Cat'); delete from people where id = 2")
    landing = people.land()
    assert (landing.rows, landing.deleted_rows) == (2, 0)
    assert sorted(people.rows()[3:]) == [(1, "Ann", False), (3, "Cat", False)]
    assert people.land().rows == 0


# Shapes that change


def test_an_empty_table_tells_its_columns(postgres, tmp_path):
    postgres.run("create table people (id int primary key, name text); grant select on people to owner")
    people = Landed(tmp_path)
    assert people.land().rows == 0
    assert people.lake.table("people").schema().names[:3] == ["id", "name", "_is_deleted"]
    assert people.land().batch_ids == []
    postgres.run("insert into people values (1, 'Ann')")
    assert people.land().rows == 1


def test_a_new_column_is_kept_and_announced_once(people, postgres):
    people.land()
    postgres.run("alter table people add colour text; update people set colour = 'red' where id = 2")
    landing = people.land()
    assert landing.rows == 2  # Bob, with and without
    assert landing.warnings == [
        "people: postgres:public.people: the column 'colour' is new; it is NULL in earlier rows"
    ]
    assert people.table().column("colour").to_pylist() == [None, None, None, None, "red"]
    assert (people.land().rows, people.land().warnings) == (0, [])


def test_a_new_column_without_a_value_is_known_too(people, postgres):
    people.land()
    postgres.run("alter table people add colour text")
    landing = people.land()
    assert (landing.rows, landing.batch_ids) == (0, [2])
    assert people.land().batch_ids == []
    assert "colour" in people.lake.table("people").schema().names


def test_a_column_that_nobody_reads_may_go(people, postgres):
    people.land(required_columns=("id", "name"))
    postgres.run("alter table people drop spent")
    assert people.land(required_columns=("id", "name")).rows == 0
    postgres.run("insert into people values (4, 'Dan', null)")
    landing = people.land(required_columns=("id", "name"))
    assert landing.rows == 1
    assert (
        "people: postgres:public.people: the column 'spent' was dropped; bronze keeps earlier values"
        in landing.warnings
    )


def test_an_optional_column_that_goes_is_null_from_then_on(people, postgres):
    people.land(optional_columns=("spent",))
    postgres.run("alter table people drop spent")
    landing = people.land(optional_columns=("spent",))
    assert landing.rows == 4  # Ann and Cat, with and without; Bob never had a value
    assert [row[2] for row in people.rows() if not row[-1]] == [Decimal("10.50"), None, Decimal("7.00"), None, None]
    assert people.land(optional_columns=("spent",)).rows == 0


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("int", "bigint", pa.int64()),
        ("int", "numeric(12, 2)", pa.decimal128(21, 2)),
        ("numeric(6, 2)", "numeric(12, 4)", pa.decimal128(12, 4)),
        ("varchar(3)", "text", pa.string()),
        ("date", "timestamp", pa.timestamp("us")),
    ],
)
def test_a_wider_type_passes_and_changes_no_row(postgres, tmp_path, before, after, kind):
    value = "'2024-01-01'" if before == "date" else "'1'"
    postgres.run(f"create table people (id int primary key, v {before}); insert into people values (1, {value})")
    postgres.run("grant select on people to owner")
    people = Landed(tmp_path)
    people.land()
    postgres.run(f"alter table people alter v type {after}")
    assert people.land().rows == 0
    postgres.run(f"insert into people values (2, {value})")
    assert people.land().rows == 1
    assert people.table().column("v").type == kind


def test_describe_lands_nothing(people):
    description = describe_table(TableSource("people", "public", "people", "PATRON_POSTGRES", cursor="changed"))
    assert description == "postgres:public.people: 3 rows, 4 columns, key id; read by the cursor changed"
    assert not people.lake.table("people").exists


_LAND = """
import json, resource, sys
from pathlib import Path
from patron.ingest.postgres.land import land_table
from patron.ingest.source import TableSource
from patron.lake import Lake

landing = land_table(Lake(Path(sys.argv[1])), TableSource("people", "public", "people", "PATRON_POSTGRES"))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([landing.rows_read, landing.rows, landing.deleted_rows, peak]))
"""


@pytest.mark.soak
def test_five_million_rows_in_bounded_memory(postgres, tmp_path):
    """The first landing, a compare of which nothing is new, and one of which every tenth row is."""
    postgres.run("""
        create table people (id bigint primary key, name text, mail text, spent numeric(12, 2), changed timestamptz);
        insert into people select i, md5(i::text), md5((-i)::text) || '@example.com', i / 100.0, now()
        from generate_series(1, 5000000) as i;
        grant select on people to owner;
    """)

    def land() -> list[float]:
        command = [sys.executable, "-c", _LAND, str(tmp_path)]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    *counts, first = land()
    assert counts == [5_000_000, 5_000_000, 0]
    *counts, nothing_new = land()
    assert counts == [5_000_000, 0, 0]
    postgres.run("update people set name = 'x' where id % 10 = 1; delete from people where id % 10 = 2")
    *counts, changed = land()
    assert counts == [4_500_000, 1_500_000, 1_000_000]
    assert max(first, nothing_new, changed) < 1_500  # MB
