"""Shops whose tables are a PostgreSQL server's: however often they are read, silver is what one read of all gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from faults.projects import patron, problems, write
from patron.ingest.postgres.land import land_table
from patron.ingest.source import TableSource
from patron.lake import Lake
from patron.pipeline.check.check import check
from patron.project.project import Project
from shops.building import BuiltShop

# Changes drawn at random, against what bronze says


@st.composite
def _changes(draw: st.DrawFn) -> list[tuple[str, int, str]]:
    """One batch of changes: (what, id, name)."""
    step = st.tuples(st.sampled_from("insert update delete back".split()), st.integers(1, 6), st.sampled_from("abc"))
    return draw(st.lists(step, min_size=1, max_size=5))


_SQL = {
    "insert": "insert into people (id, name) values ({id}, '{name}') on conflict (id) do nothing",
    "update": "update people set name = '{name}', at = nextval('ticks') where id = {id}",
    "delete": "delete from people where id = {id}",
    # removed and put in again: the same key, another row
    "back": "delete from people where id = {id}; insert into people (id, name) values ({id}, '{name}')",
}


def _read_current(lake: Lake) -> dict[int, tuple[str, int]]:
    """By key, the newest row of bronze that does not say that the row is gone."""
    rows = [row for path in lake.table("people").files() for row in pq.read_table(path).to_pylist()]
    newest = {row["id"]: row for row in sorted(rows, key=lambda row: row["_row_key"])}
    return {id_: (row["name"], row["at"]) for id_, row in newest.items() if not row["_is_deleted"]}


@pytest.mark.parametrize("cursor", [None, "at"])
def test_any_changes_in_any_order(postgres_server, monkeypatch, tmp_path_factory, cursor):
    @hypothesis.settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(_changes(), min_size=1, max_size=4))
    def any_feed(feed: list[list[tuple[str, int, str]]]) -> None:
        database = postgres_server.new_database()
        monkeypatch.setenv("PATRON_POSTGRES", database.url)
        database.run("""
            create sequence ticks;
            create table people (id int primary key, name text, at bigint not null default nextval('ticks'));
            grant select on people to owner;
        """)
        lake = Lake(tmp_path_factory.mktemp("lake"))
        source = TableSource("people", "public", "people", "PATRON_POSTGRES", cursor=cursor)
        land_table(lake, source)
        for batch in feed:
            database.run("; ".join(_SQL[what].format(id=id_, name=name) for what, id_, name in batch))
            land_table(lake, source)
        land_table(lake, source, full_compare=True)
        held = [line.split("|") for line in database.run("select id, name, at from people").split()]
        assert _read_current(lake) == {int(id_): (name, int(at)) for id_, name, at in held}
        assert land_table(lake, source, full_compare=True).batch_ids == []

    any_feed()


# A whole shop, run after each step

SHOP = """
    create table members (id int primary key, card text, name text, active boolean, changed timestamp);
    create table till (id int primary key, receipt text, sold_at timestamp, who text, price numeric(10, 2), seq serial);
    insert into members values
        (1, 'c1', 'Ann', true, '2024-01-01'), (2, 'c2', 'Bob', true, '2024-01-01'), (3, 'c3', 'Cat', true, '2024-01-01'),
        (4, 'c4', 'Dan', false, '2024-01-01'), (5, 'c5', 'Eve', true, '2024-01-05');
    insert into till (id, receipt, sold_at, who, price) values
        (1, 'r1', '2024-01-05 10:00', 'c1', 5.00), (2, 'r1', '2024-01-05 10:00', 'c1', 5.00),
        (3, 'r2', '2024-01-06 10:00', 'c2', 7.50), (4, 'r3', '2024-02-01 10:00', 'c3', 2.50);
    grant select on all tables in schema public to owner;
"""
STEPS = (
    # a new name, a member who is active no more, a card that was changed, one who is active now
    """
    update members set name = 'Anna', changed = '2024-02-01' where id = 1;
    update members set active = false, changed = '2024-02-01' where id = 2;
    update members set card = 'c33', changed = '2024-02-01' where id = 3;
    update members set active = true, changed = '2024-02-01' where id = 4;
    update till set price = 8.50, seq = nextval('till_seq_seq') where id = 3;
    insert into till (id, receipt, sold_at, who, price) values (5, 'r4', '2024-02-02 10:00', 'c1', 5.00);
    """,
    # a row that says it is older than before: the table is right, whatever it says; a line moves to another order
    """
    update members set name = 'Eva', changed = '2023-01-01' where id = 5;
    delete from members where id = 4;
    update till set receipt = 'r9', who = 'c33', seq = nextval('till_seq_seq') where id = 5;
    delete from till where id = 2;
    """,
    # back again
    """
    insert into members values (4, 'c4', 'Dan again', true, '2022-01-01');
    insert into till (id, receipt, sold_at, who, price) values (2, 'r1', '2024-01-05 10:00', 'c1', 4.00);
    """,
)


def shop_settings(cursor: bool) -> dict[str, Any]:
    members = {"customer_id": "card", "customer_name": "name", "updated_at": "changed"}
    till = {"order_id": "receipt", "ordered_at": "sold_at", "customer_id": "who", "unit_price": "price"}
    return {
        "shop": {"name": "Tables"},
        "sources": {
            "members": {
                "postgres": {"table": "members", **({"cursor": "changed"} if cursor else {})},
                "entities": {"customers": {"columns": members, "where": "active"}},
            },
            "till": {
                "postgres": {"table": "public.till", **({"cursor": "seq"} if cursor else {})},
                "entities": {"order_lines": {"columns": till}},
            },
        },
    }


def silver(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Silver's customers and lines, without what tells of landings."""
    shop = BuiltShop(folder)
    return {
        table: [
            {name: value for name, value in row.items() if not name.startswith("_")}
            for row in shop.query(f"select * exclude (_row_key, _batch_id) from silver.{table} order by all")
        ]
        for table in ("customers", "order_lines")
    }


@pytest.mark.parametrize("cursor", [pytest.param(False, marks=pytest.mark.soak), True], ids=["whole", "by cursor"])
def test_a_shop_read_again_and_again_is_the_shop_read_once(postgres, tmp_path, cursor):
    postgres.run(SHOP)
    folder = write(tmp_path / "often", {}, shop_settings(cursor))
    assert patron("run", "--quiet", folder=folder).code == 0
    for step in STEPS:
        postgres.run(step)
        outcome = patron("run", "--full-compare", "--json", folder=folder)
        assert outcome.code == 0, outcome.err
    assert problems(folder) == []
    once = write(tmp_path / "once", {}, shop_settings(cursor))
    assert patron("run", "--quiet", folder=once).code == 0
    assert silver(folder) == silver(once)
    names = {row["customer_id"]: row["customer_name"] for row in silver(folder)["customers"]}
    assert names == {"c1": "Anna", "c33": "Cat", "c4": "Dan again", "c5": "Eva"}
    lines = [(row["order_id"], row["customer_id"], float(row["line_amount"])) for row in silver(folder)["order_lines"]]
    by_hand = [("r1", "c1", 4.0), ("r1", "c1", 5.0), ("r2", "c2", 8.5), ("r3", "c3", 2.5), ("r9", "c33", 5.0)]
    assert sorted(lines) == by_hand
    if cursor:
        report = check(Project.load(folder), against_full=True)
        assert report.failed == []
    again = patron("run", folder=folder)
    assert "Landed 0 rows from 0 tables." in again.out
    assert "Nothing new" in again.out


def test_what_is_shown_of_a_table(postgres, tmp_path):
    """A table beside files: rows and tables that landed, the account of rows, status."""
    postgres.run(SHOP)
    yaml = shop_settings(cursor=False)
    yaml["sources"]["members"]["entities"]["customers"].pop("where")
    yaml["sources"]["articles"] = {
        "files": "*.csv",
        "entities": {"products": {"columns": {"product_id": "code", "product_name": "what"}}},
    }
    folder = write(tmp_path, {"articles.csv": "code,what\np1,Tea\n"}, yaml)
    assert "Landed 10 rows from 1 file and 2 tables." in patron("run", folder=folder).out
    postgres.run("update members set name = 'Anna' where id = 1; delete from members where id = 2")
    assert "Landed 3 rows from 0 files and 1 table." in patron("run", folder=folder).out
    rows = {f["name"]: f["detail"] for f in patron("check", "--json", folder=folder).json["findings"]}
    assert rows["members as customers"] == "8 in = 4 silver + 3 duplicates + 1 deleted + 0 quarantined + 0 filtered"
    assert rows["members"] == "2 landings: 8 rows, all in bronze"
    (members, *_) = patron("status", "--json", folder=folder).json
    assert (members["source"], members["rows"], members["files"], members["batches_behind"]) == ("members", 8, 2, 0)
    assert patron("replay", folder=folder).code == 0
