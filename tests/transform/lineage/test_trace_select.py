"""Columns of a select traced to the tables that it reads, by truths written by hand."""

from __future__ import annotations

import pytest
from sqlglot import parse_one

from patron.transform.lineage.origin import ROWS
from patron.transform.lineage.relation import Relation, count_rows, read_table
from patron.transform.lineage.trace_select import UnknownColumnError, trace_select

LINES = read_table("silver.lines", ["order_id", "customer_id", "quantity", "price", "tags"])
PEOPLE = read_table("silver.people", ["customer_id", "name"])
NAMES = read_table("seeds.names", ["score", "label"], is_list=True)
TABLES = {"silver.lines": LINES, "silver.people": PEOPLE, "seeds.names": NAMES}


def trace(sql: str, dialect: str = "duckdb") -> dict[str, tuple[str, set[str]]]:
    def read(table: str) -> Relation:
        return TABLES.get(table) or Relation(passes_on=(table,), rows=count_rows(table))

    made = trace_select(parse_one(sql, dialect=dialect), read)
    return {
        name: (origin.kind, {f"{table.rpartition('.')[2]}.{column}" for table, column in origin.columns})
        for name, origin in made.columns.items()
    }


CASES = {
    "a copy": ("select price as p from silver.lines", {"p": ("copied", {"lines.price"})}),
    "a product": (
        "select quantity * price as amount from silver.lines",
        {"amount": ("computed", {"lines.quantity", "lines.price"})},
    ),
    "a condition's columns count": (
        "select sum(case when quantity > 0 then price end) as sold from silver.lines",
        {"sold": ("computed", {"lines.quantity", "lines.price"})},
    ),
    "a filter's do not": (
        "select price from silver.lines where quantity > 0",
        {"price": ("copied", {"lines.price"})},
    ),
    "rows": ("select count(*) as n from silver.lines", {"n": ("counted", {f"lines.{ROWS}"})}),
    "rows of groups": (
        "select count(*) as orders from (select order_id from silver.lines group by order_id) as grouped",
        {"orders": ("computed", {"lines.order_id"})},
    ),
    "rows of groups by number": (
        "select count(*) as orders from (select order_id from silver.lines group by 1) as grouped",
        {"orders": ("computed", {"lines.order_id"})},
    ),
    "distinct rows": (
        "select count(*) as orders from (select distinct order_id from silver.lines) as grouped",
        {"orders": ("computed", {"lines.order_id"})},
    ),
    "a constant": ("select 'x' as kind from silver.lines", {"kind": ("constant", set())}),
    "a window's order": (
        "select row_number() over (partition by customer_id order by order_id) as place from silver.lines",
        {"place": ("computed", {"lines.customer_id", "lines.order_id", f"lines.{ROWS}"})},
    ),
    "a named window": (
        "select sum(price) over w as spent from silver.lines window w as (partition by customer_id)",
        {"spent": ("computed", {"lines.price", "lines.customer_id"})},
    ),
    "through steps": (
        "with a as (select price as x from silver.lines), b as (select x + 1 as y from a) select y from b",
        {"y": ("computed", {"lines.price"})},
    ),
    "a later step of the same name as the table": (
        "with lines as (select quantity as price from silver.lines) select price from lines",
        {"price": ("copied", {"lines.quantity"})},
    ),
    "a join by alias": (
        "select people.name, l.price from silver.lines as l join silver.people as people using (customer_id)",
        {"name": ("copied", {"people.name"}), "price": ("copied", {"lines.price"})},
    ),
    "a name of two relations": (
        "select customer_id from silver.lines full join silver.people using (customer_id)",
        {"customer_id": ("copied", {"lines.customer_id", "people.customer_id"})},
    ),
    "a union by place": (
        "select price as a from silver.lines union all select name from silver.people",
        {"a": ("copied", {"lines.price", "people.name"})},
    ),
    "a star without one": (
        "select * exclude (tags, order_id) replace (price + quantity as price) from silver.lines",
        {
            "customer_id": ("copied", {"lines.customer_id"}),
            "quantity": ("copied", {"lines.quantity"}),
            "price": ("computed", {"lines.price", "lines.quantity"}),
        },
    ),
    "a select inside of a value": (
        "select price / (select sum(quantity) from silver.lines) as share from silver.lines as l",
        {"share": ("computed", {"lines.price", "lines.quantity"})},
    ),
    "a select about the row around it": (
        "select (select max(p.name) from silver.people as p where p.customer_id = l.customer_id) as n from silver.lines as l",
        {"n": ("computed", {"people.name"})},
    ),
    "an alias of the same select": (
        "select price as p, p + quantity as q from silver.lines",
        {"p": ("copied", {"lines.price"}), "q": ("computed", {"lines.price", "lines.quantity"})},
    ),
    "what a list is looked up by": (
        "select n.label from silver.lines as l join seeds.names as n on n.score = l.quantity",
        {"label": ("computed", {"names.label", "names.score", "lines.quantity"})},
    ),
    "elements of a list": (
        "select tag from silver.lines cross join unnest(tags) as t(tag)",
        {"tag": ("computed", {"lines.tags"})},
    ),
    "groups by the number of a column": (
        "select count(*) as n from (select max(price) as p, customer_id from silver.lines group by 2) as each_one",
        {"n": ("computed", {"lines.customer_id"})},
    ),
    "a column of the select around": (
        "select (select max(p.name) || l.price from silver.people as p) as v from silver.lines as l",
        {"v": ("computed", {"people.name", "lines.price"})},
    ),
    "columns of a source, as they are spelt": (
        'select "UnitPrice" as price, arrived.* from bronze.till as arrived',
        {"price": ("copied", {"till.UnitPrice"})},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_column_is_traced(name):
    sql, expected = CASES[name]
    assert trace(sql) == expected


def test_sparks_lateral_views_are_traced():
    assert trace("select t from silver.lines lateral view explode(tags) e as t", "spark") == {
        "t": ("computed", {"lines.tags"})
    }


def test_a_column_that_nothing_has_is_refused():
    with pytest.raises(UnknownColumnError, match="nosuch"):
        trace("select nosuch from silver.lines")
