"""Gold in a real PostgreSQL server, read back with psql: what is there, how it is described, and what a second publish does."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from faults.projects import ALL_OF_GOLD, Outcome, patron
from patron.contract.personal_data import list_personal_columns
from patron.errors import LockedError, SettingsError
from patron.project.project import Project
from patron.publish.postgres.export import export_to_postgres
from patron.publish.postgres.transaction import open_transaction, parse_destination
from patron.publish.reader import open_published
from patron.transform.model_docs import load_model_docs
from postgres_server import PASSWORD, PASSWORD_IN_URL
from publish.postgres.postgres_reader import Reader, reader_of
from publish.small_gold import SMALL, keep_only, republish

VIEWS = {"v_customers", "v_months", "v_orders", "v_overview", "v_segments"}
ALL_OF_GOLD_SORTED = sorted(ALL_OF_GOLD)
RECORD = {"published", "published_tables"}


@pytest.fixture
def database(postgres):
    postgres.run(f"grant create on database {postgres.name} to owner")
    return postgres


@pytest.fixture
def reader(database) -> Reader:
    return reader_of(database)


@pytest.fixture(scope="module")
def whole(contacts_shop, postgres_server) -> tuple[Path, Reader, dict[str, Any]]:
    """A shop with most kinds of tables, all of them published once; tests only read."""
    database = postgres_server.new_database()
    database.run(f"grant create on database {database.name} to owner")
    reader = reader_of(database)
    done = export_to_postgres(contacts_shop.project, database.url)
    return contacts_shop.folder, reader, asdict(done)


@pytest.fixture
def shop(contacts_shop, tmp_path) -> Path:
    """The same shop with a few of its tables, to be changed and published again."""
    return keep_only(contacts_shop.folder, tmp_path / "shop", SMALL)


def published(folder: Path, *words: object) -> Outcome:
    outcome = patron("export", "--to", "PATRON_POSTGRES", "--json", *words, folder=folder)
    assert outcome.code == 0, outcome.err
    return outcome


def model_key(table: str) -> list[str]:
    tests = load_model_docs(table).get("data_tests", [{}])
    return tests[0].get("holds", {}).get("arguments", {}).get("key", [])


def relations(reader: Reader, schema: str = "gold") -> set[str]:
    return {
        row[0]
        for row in reader.rows(f"select table_name from information_schema.tables where table_schema = '{schema}'")
    }


def change(folder: Path, **settings: object) -> None:
    path = folder / "patron.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **settings}))


def test_every_table_holds_the_rows_of_the_snapshot(whole, tmp_path):
    shop, reader, done = whole
    assert relations(reader) == {*ALL_OF_GOLD, *VIEWS, *RECORD}
    with open_published(shop / ".patron" / "published") as gold:
        for table in ALL_OF_GOLD:
            kept = [
                one[0] for one in gold.execute(f"describe {table}").fetchall() if one[0] not in list_personal_columns()
            ]
            listed = ", ".join(kept)
            shown = reader.run(
                f"\\copy (select {listed} from gold.{table}) to '{tmp_path / 'rows.csv'}' (format csv, header)"
            )
            assert shown.returncode == 0, shown.stderr
            types = {one[0]: one[1] for one in gold.execute(f"describe {table}").fetchall() if one[0] in kept}
            there = duckdb.read_csv(str(tmp_path / "rows.csv"), dtype=types, header=True) if kept else None
            mine = gold.execute(f"select {listed} from {table} order by all").fetchall()
            assert sorted(there.fetchall(), key=str) == sorted(mine, key=str), table
            assert done["loaded"][table] == len(mine)


def test_types_keys_indexes_and_comments_are_kept(whole):
    _, reader, _ = whole
    types = dict(
        reader.rows(
            "select column_name, format_type(a.atttypid, a.atttypmod) from information_schema.columns c "
            "join pg_attribute a on a.attrelid = 'gold.fct_orders'::regclass and a.attname = c.column_name "
            "where table_schema = 'gold' and table_name = 'fct_orders'"
        )
    )
    assert types["order_amount"] == "numeric(38,4)"
    assert types["ordered_at"] == "timestamp without time zone"
    assert (types["order_date"], types["is_promoted"], types["distance_km"]) == ("date", "boolean", "double precision")
    keys = reader.rows(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'gold.fct_orders'::regclass"
    )
    assert keys == [["PRIMARY KEY (id_namespace, order_id)"]]
    indexes = {one[0] for one in reader.rows("select indexname from pg_indexes where tablename = 'fct_orders'")}
    assert {"fct_orders_customer_id_idx", "fct_orders_order_date_idx"} <= indexes
    output = reader.rows("select obj_description('gold.fct_orders'::regclass)")[0][0]
    assert output.startswith("Grain: one order")
    undescribed = reader.rows(
        "select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid "
        "where c.relnamespace = 'gold'::regnamespace and c.relkind = 'r' and attnum > 0 and not attisdropped "
        "and col_description(c.oid, attnum) is null"
    )
    assert undescribed == []
    unkeyed = reader.rows(
        "select relname from pg_class c where relnamespace = 'gold'::regnamespace and relkind = 'r' "
        "and not exists (select 1 from pg_constraint where conrelid = c.oid and contype = 'p') order by 1"
    )
    assert [name for (name,) in unkeyed] == [name for name in ALL_OF_GOLD_SORTED if not model_key(name)]


def test_the_same_snapshot_is_written_twice_only_with_force(shop, database, reader):
    assert published(shop).json["is_new"]
    loaded_at = reader.rows("select snapshot, as_of, loaded_at from gold.published")
    assert not published(shop).json["is_new"]
    assert reader.rows("select snapshot, as_of, loaded_at from gold.published") == loaded_at
    assert "is up to date" in patron("export", "--to", "PATRON_POSTGRES", folder=shop).out
    again = published(shop, "--force").json
    assert (again["is_new"], len(again["loaded"])) == (True, len(SMALL))
    assert reader.rows("select count(*) from gold.published") == [["1"]]


def test_only_tables_that_changed_are_written_and_what_others_made_stays(shop, database, reader):
    published(shop)
    database.run(
        "create view public.worth as select customer_id, net_amount from gold.customer_360;"
        "grant select on public.worth to analyst;"
        "create role clerk; grant select on gold.customer_360, gold.v_customers to clerk;"
        "create index mine on gold.customer_360 (net_amount)"
    )
    republish(shop, customer_360="select * replace (net_amount + 1 as net_amount) from {rows}")
    done = published(shop).json
    assert list(done["loaded"]) == ["customer_360"]
    assert "dim_rfm_segment" in done["unchanged"]
    assert reader.rows("select sum(net_amount) from public.worth") == [[str(total(shop))]]
    grants = "select has_table_privilege('clerk', 'gold.{}', 'select')"
    assert [database.run(grants.format(name)).strip() for name in ("customer_360", "v_customers")] == ["t", "t"]
    assert database.run("select count(*) from pg_indexes where indexname = 'mine'").split() == ["1"]
    database.run("drop owned by clerk; drop role clerk")


def total(folder: Path) -> Decimal:
    with open_published(folder / ".patron" / "published") as gold:
        return gold.execute("select sum(net_amount) from customer_360").fetchone()[0]


def test_a_column_more_and_a_column_less_keep_what_others_were_granted(shop, database, reader):
    published(shop)
    database.run("create role clerk; grant select on gold.customer_360, gold.v_customers to clerk")
    republish(shop, customer_360="select * exclude (gender), 'é' || chr(0) || '=1' as new_one from {rows}")
    assert list(published(shop).json["loaded"]) == ["customer_360"]
    assert reader.rows("select distinct new_one from gold.customer_360") == [["é=1"]]
    gone = "select count(*) from information_schema.columns where table_schema = 'gold' and column_name = 'gender'"
    assert reader.rows(gone + " and table_name = 'customer_360'") == [["0"]]
    grants = "select has_table_privilege('clerk', 'gold.{}', 'select')"
    assert [database.run(grants.format(name)).strip() for name in ("customer_360", "v_customers")] == ["t", "t"]
    database.run("drop owned by clerk; drop role clerk")


def test_views_add_up_to_the_tables(whole):
    _, reader, _ = whole
    customers, orders, spent = reader.rows("select customer_count, order_count, net_amount from gold.v_overview")[0]
    assert [[customers]] == reader.rows("select count(*) from gold.customer_360 where order_count > 0")
    assert [[orders]] == reader.rows("select order_count from gold.kpi_overall order by kpi_date desc limit 1")
    assert reader.rows("select count(*), sum(order_amount) from gold.v_orders") == reader.rows(
        "select count(*), sum(order_amount) from gold.fct_orders"
    )
    assert reader.rows("select count(*), count(distinct customer_id) from gold.v_customers") == reader.rows(
        "select count(*), count(*) from gold.customer_360"
    )
    size, share, net = reader.rows(
        "select sum(customer_count), sum(customer_rate), sum(net_amount) from gold.v_segments"
    )[0]
    assert (size, float(share)) == (customers, pytest.approx(1))
    assert [[net]] == reader.rows("select sum(net_amount) from gold.customer_360 where segment is not null")
    months = reader.rows("select sum(order_count) from gold.v_months")
    assert months == reader.rows("select sum(order_count) from gold.period_metrics where period_kind = 'month'")
    assert Decimal(spent) > 0


def personal_there(reader: Reader) -> set[tuple[str, str]]:
    listed = ", ".join(f"'{name}'" for name in list_personal_columns())
    sql = (
        "select table_name, column_name from information_schema.columns where table_schema = 'gold' and column_name in"
    )
    return {(one[0], one[1]) for one in reader.rows(f"{sql} ({listed})")}


def test_personal_columns_come_and_go_with_the_permission(shop, database, reader):
    done = published(shop).json
    assert personal_there(reader) == set()
    assert {"email", "customer_name", "phone"} <= set(done["left_out"])
    republish(shop, customer_360="select * replace (customer_id || '@example.com' as email) from {rows}")
    change(shop, publish={"personal": True})
    done = published(shop).json
    assert set(done["loaded"]) == {"customer_360", "dim_customer"}
    assert {("dim_customer", "email"), ("v_customers", "email"), ("customer_360", "customer_name")} <= personal_there(
        reader
    )
    assert int(reader.rows("select count(email) from gold.v_customers")[0][0]) > 0
    assert not published(shop).json["is_new"]
    change(shop, publish={})
    published(shop)
    assert personal_there(reader) == set()
    assert relations(reader) == {*SMALL, *RECORD, "v_customers", "v_orders", "v_segments"}


def test_a_view_of_others_is_never_dropped(shop, database, reader):
    change(shop, publish={"personal": True})
    published(shop)
    database.run(
        "create view public.mail as select email from gold.dim_customer; create view public.mine as select * from gold.v_segments"
    )
    before = reader.rows("select count(email) from gold.dim_customer")
    change(shop, publish={})
    refused = patron("export", "--to", "PATRON_POSTGRES", folder=shop)
    assert refused.code == 2
    assert "public.mail (reads dim_customer.email)" in refused.err
    assert "drop these views" in refused.err
    assert reader.rows("select count(email) from gold.dim_customer") == before
    database.run("drop view public.mail, public.mine")
    published(shop)
    assert personal_there(reader) == set()


def test_tables_of_others_are_left_alone(shop, database, reader):
    database.run(
        "create schema gold authorization owner; create table gold.customer_360 (mine int); insert into gold.customer_360 values (7)"
    )
    refused = patron("export", "--to", "PATRON_POSTGRES", folder=shop)
    assert refused.code == 2
    assert "that patron did not create: customer_360" in refused.err
    assert database.run("select mine from gold.customer_360").split() == ["7"]
    database.run("create schema other authorization owner; create table other.mine (a int)")
    published(shop, "--schema", "other")
    assert relations(reader, "other") >= {*SMALL, *RECORD}
    assert database.run("select count(*) from other.mine").split() == ["0"]


def test_a_table_that_is_no_longer_published_is_dropped(shop, database, reader):
    published(shop)
    database.run(
        "create table gold.old (a int); alter table gold.old owner to owner; insert into gold.published_tables values ('old', 'table', 0, 'x')"
    )
    done = published(shop).json
    assert (done["is_new"], done["loaded"]) == (True, {})
    assert "old" not in relations(reader)


def test_a_column_of_another_type_is_recreated(shop, database, reader):
    published(shop)
    database.run(
        "drop view gold.v_orders; alter table gold.fct_orders alter order_amount type text, drop constraint fct_orders_pkey, drop column channel"
    )
    database.run("delete from gold.published_tables where table_name = 'v_orders'")
    done = published(shop).json
    assert list(done["loaded"]) == ["fct_orders"]
    assert reader.rows("select pg_typeof(sum(order_amount)), count(channel) > 0 from gold.fct_orders") == [
        ["numeric", "t"]
    ]
    assert reader.rows("select count(*) from pg_constraint where conrelid = 'gold.fct_orders'::regclass") == [["1"]]
    assert not published(shop).json["is_new"]


def test_a_second_export_at_the_same_time_is_refused(shop, database):
    with open_transaction(parse_destination(database.url, "a test"), "a test", "a test") as other:
        assert other.lock("gold")
        with pytest.raises(LockedError, match="Another export is writing"):
            export_to_postgres(Project.load(shop), database.url)
    export_to_postgres(Project.load(shop), database.url)


@pytest.mark.parametrize("schema", ["pg_catalog", "information_schema", "", "x" * 64])
def test_schemas_of_the_server_are_refused(shop, database, schema):
    with pytest.raises(SettingsError, match="is not a schema"):
        export_to_postgres(Project.load(shop), database.url, schema=schema)


def test_a_schema_name_is_quoted(shop, database, reader):
    export_to_postgres(Project.load(shop), database.url, schema='Shop\'s "gold"')
    assert relations(reader, "Shop''s \"gold\"") >= {*SMALL, *RECORD}


@pytest.mark.parametrize("to", ["nowhere.csv", "hunter2 s3kret", "PATRON_UNSET"])
def test_anything_but_a_server_is_refused(shop, to, monkeypatch):
    refused = patron("export", "--to", to, folder=shop)
    assert refused.code == 2
    assert "hunter2" not in refused.out + refused.err


def test_passwords_are_never_shown(shop, database):
    for url in (
        database.url_of("owner", "hunter2"),
        database.url.replace(str(database.server.port), "1"),
        database.url.replace(database.name, "nope"),
        "postgres://owner:hunter2@[::1/x",
        "postgres://owner:hunter2 s3kret@127.0.0.1/x",
    ):
        for words in (["--json"], []):
            refused = patron("export", "--to", url, *words, folder=shop)
            output = refused.out + refused.err
            assert refused.code == 3, output
            assert "next" in output
            for secret in (PASSWORD, PASSWORD_IN_URL, "s3kret", "hunter2"):
                assert secret not in output


def test_without_permission_the_grant_is_named(shop, database, reader):
    refused = patron("export", "--to", reader.url, folder=shop)
    assert refused.code == 3
    assert "permission denied for database" in refused.err
    assert "grant create on database" in refused.err
