"""Shops whose orders hold lists: each mapping takes its own rows of the same documents, and the money is right."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patron.contract.personal_data import list_personal_columns
from patron.errors import CheckFailedError, SettingsError, SourceError
from patron.project.project import Project
from patron.publish.reader import open_snapshot
from shops.building import BuiltShop, add_files, build_silver, run_shop, write_project

SHOP = {"name": "Mugs", "currency": "EUR", "timezone": "Europe/Berlin"}
HEAD = {"order_id": "id", "customer_id": "customer.id", "ordered_at": "created_at"}
LINES = {
    "explode": "line_items",
    "key": ["order_id", "line_number"],
    "namespace": {"order_id": "shop"},
    "columns": HEAD
    | {
        "line_number": "line_items.id",
        "product_id": "line_items.sku",
        "quantity": "line_items.quantity",
        "unit_price": "line_items.price",
    },
}
REFUNDS = {
    "explode": "refunds.transactions",
    "namespace": {"order_id": "shop"},
    "columns": HEAD
    | {
        "ordered_at": "refunds.created_at",
        "product_id": "'refund'",
        "quantity": "-1",
        "unit_price": "refunds.transactions.amount",
    },
}
CUSTOMERS = {"where": "customer.id is not null", "columns": {"customer_id": "customer.id", "email": "customer.email"}}


def item(number: int, sku: str, quantity: int, price: Any) -> dict[str, Any]:
    return {"id": number, "sku": sku, "quantity": quantity, "price": price}


def order(number: int, day: int, buyer: dict[str, Any] | None, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    at = f"2024-03-{day:02}T10:00:00+01:00"
    return {"id": number, "created_at": at, "customer": buyer, "line_items": list(items), "refunds": []} | more


ANN = {"id": 77, "email": "ann@example.com"}
REFUNDED = [{"created_at": "2024-03-05T23:30:00Z", "transactions": [{"amount": "15.00"}, {"amount": "5.00"}]}]
ORDERS = [
    order(5001, 1, ANN, item(1, "MUG", 2, "20.00"), item(2, "PLA", 1, 30.10)),
    order(5002, 2, None, item(3, "BOW", 1, "50.00"), refunds=REFUNDED),
    order(5003, 3, ANN),
]


def source(*entities: tuple[str, dict[str, Any]], files: str = "*.json*") -> dict[str, Any]:
    return {"files": files, "entities": dict(entities)}


def shop(*entities: tuple[str, dict[str, Any]], **sources: dict[str, Any]) -> dict[str, Any]:
    return {
        "shop": SHOP,
        "predictions": {"churn": {"enabled": False}},
        "sources": {"shop": source(*(entities or (("order_lines", LINES),))), **sources},
    }


def as_lines(orders: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(each) + "\n" for each in orders)


def as_page(orders: list[dict[str, Any]]) -> str:
    return json.dumps({"orders": orders}, indent=1)


def lines_of(built: BuiltShop) -> list[tuple[Any, ...]]:
    sql = "select order_id, product_id, quantity, unit_price, line_amount from silver.order_lines order by all"
    return [tuple(row.values()) for row in built.query(sql)]


def account(built: BuiltShop) -> dict[tuple[str, str], tuple[int, int, int, int, int]]:
    """(source, entity) -> rows in, silver, duplicates, quarantined, filtered; which close."""
    found = {}
    for row in built.rows("quarantine.row_accounting"):
        counts = [row[f"{name}_count"] for name in ("row", "silver", "duplicate", "quarantined", "filtered")]
        assert counts[0] == sum(counts[1:]) + row["deleted_count"]
        found[row["source_name"], row["entity"]] = tuple(counts)
    return found


MAPPED = shop(
    ("order_lines", LINES),
    ("customers", CUSTOMERS),
    refunds=source(("order_lines", REFUNDS)),
)


@pytest.mark.parametrize("write", [as_lines, as_page, json.dumps])
def test_the_orders_of_an_api(tmp_path: Path, write) -> None:
    built = build_silver(write_project(tmp_path / "shop", MAPPED, {"orders.json": write(ORDERS)}))
    assert lines_of(built) == [
        ("5001", "MUG", 2, 20, 40),
        ("5001", "PLA", 1, Decimal("30.10"), Decimal("30.10")),
        ("5002", "BOW", 1, 50, 50),
        ("5002", "refund", -1, 5, -5),
        ("5002", "refund", -1, 15, -15),
    ]
    assert {row["ordered_at"] for row in built.rows("silver.order_lines") if row["product_id"] == "refund"} == {
        dt.datetime(2024, 3, 6, 0, 30)
    }
    assert [(row["customer_id"], row["email"]) for row in built.rows("silver.customers")] == [("77", "ann@example.com")]
    assert account(built) == {
        ("shop", "order_lines"): (3, 3, 0, 0, 0),
        ("shop", "customers"): (3, 1, 1, 0, 1),
        ("refunds", "order_lines"): (2, 2, 0, 0, 0),
    }
    assert len({row["_row_key"] for row in built.rows("silver.order_lines")}) == 5


def test_personal_values_inside_a_column_are_masked(tmp_path: Path) -> None:
    built = run_shop(write_project(tmp_path / "shop", MAPPED, {"orders.json": as_lines(ORDERS)}))
    assert built.report is not None
    assert built.report.snapshot is not None
    with open_snapshot(built.project.published, built.report.snapshot, list_personal_columns()) as gold:
        shown = [gold.execute(f"select * from gold.{table}").fetchall() for table in built.report.snapshot.tables]
    assert "example.com" in str(built.gold())
    assert "ann@" not in str(shown)


def test_attributes_do_not_repeat_what_is_personal(tmp_path: Path) -> None:
    mapping = {"columns": {"customer_id": "customer.id", "email": "customer.email", "attributes": ["customer"]}}
    with pytest.raises(SettingsError, match="'customer' fills email, which is personal"):
        Project.load(write_project(tmp_path / "one", shop(("customers", mapping)), {}))
    mapping["columns"]["attributes"] = "all"
    mapping["where"] = "customer.id is not null"
    every = shop(("order_lines", LINES), ("customers", mapping))
    built = build_silver(write_project(tmp_path / "all", every, {"orders.json": as_lines(ORDERS)}))
    assert "example.com" not in built.rows("silver.customers")[0]["attributes"]


def test_elements_that_cannot_be_read_are_quarantined(tmp_path: Path) -> None:
    good = [order(number, 1, ANN, item(1, "A", 1, 1)) for number in range(30)]
    bad = [order(91, 2, ANN) | {"line_items": "later"}, order(92, 2, ANN, None, item(2, "B", 1, 1))]
    bad += [order(93, 2, ANN, item(1, "A", 1, 1)) | {"customer": [ANN]}]
    files = {"orders.json": as_lines([*good, *bad])}
    built = build_silver(write_project(tmp_path / "shop", shop(), files))
    assert account(built) == {("shop", "order_lines"): (34, 31, 0, 3, 0)}
    rows = built.rows("quarantine.quarantined_rows")
    assert sorted(row["quarantine_reason"] for row in rows) == [
        "customer: not an object, so customer.id cannot be read (the elements of a list need `explode`)",
        "line_items: not an object, so line_items.id cannot be read (the elements of a list need `explode`)",
        "quantity: required, but blank",
    ]
    assert [json.loads(row["raw_row"])["line_items"] for row in rows if "quantity" in row["quarantine_reason"]] == [
        None
    ]


class TestMisspeltKeys:
    def refusal(self, tmp_path: Path, orders: list[dict[str, Any]], **columns: Any) -> SettingsError:
        mapped = {**LINES, "columns": {**LINES["columns"], **columns}}
        folder = write_project(tmp_path / "shop", shop(("order_lines", mapped)), {"orders.json": as_lines(orders)})
        with pytest.raises(SettingsError) as caught:
            build_silver(folder)
        return caught.value

    def test_a_key_that_nothing_has(self, tmp_path: Path) -> None:
        error = self.refusal(tmp_path, ORDERS, product_id="line_items.skuu")
        assert error.what == "Nothing in line_items has the key 'skuu'; there are id, price, quantity, sku."
        assert "columns.product_id" in error.where
        assert error.do.startswith("did you mean 'sku'?")

    def test_in_another_case(self, tmp_path: Path) -> None:
        assert "has the key 'Email'" in self.refusal(tmp_path, ORDERS, customer_id="customer.Email").what

    def test_an_optional_one(self, tmp_path: Path) -> None:
        mapped = {
            **LINES,
            "columns": {**LINES["columns"], "product_name": {"expression": "line_items.x", "optional": True}},
        }
        built = build_silver(write_project(tmp_path / "a", shop(("order_lines", mapped)), {"a.json": as_lines(ORDERS)}))
        assert len(built.rows("silver.order_lines")) == 3

    def test_a_key_of_which_nothing_could_have_come(self, tmp_path: Path) -> None:
        orders = [{**each, "customer": None} for each in ORDERS]
        built = build_silver(write_project(tmp_path / "a", shop(), {"a.json": as_lines(orders)}))
        assert len(built.rows("silver.order_lines")) == 3


class TestSettings:
    def test_explode_of_a_table_is_refused(self, tmp_path: Path) -> None:
        table = {"postgres": {"table": "orders"}, "entities": {"order_lines": LINES}}
        with pytest.raises(SettingsError, match="explode cannot follow the changes of a table"):
            Project.load(write_project(tmp_path, {"shop": SHOP, "sources": {"shop": table}}, {}))

    def test_a_list_that_the_files_do_not_have(self, tmp_path: Path) -> None:
        mapped = {**LINES, "explode": "items"}
        folder = write_project(tmp_path, shop(("order_lines", mapped)), {"a.json": as_lines(ORDERS)})
        with pytest.raises(SourceError, match="no column 'items'"):
            build_silver(folder)

    def test_elements_without_an_id_are_known_by_their_position(self, tmp_path: Path) -> None:
        columns = {**LINES["columns"], "line_number": "_position"}
        built = build_silver(
            write_project(
                tmp_path,
                shop(("order_lines", {**LINES, "columns": columns})),
                {"1.json": as_lines(ORDERS), "2.json": as_lines([{**ORDERS[0], "note": "sent again"}])},
            )
        )
        assert account(built) == {("shop", "order_lines"): (5, 3, 2, 0, 0)}
        assert sorted(row["line_number"] for row in built.rows("silver.order_lines")) == ["1", "1", "2"]

    def test_equal_elements_of_one_list_are_no_duplicates(self, tmp_path: Path) -> None:
        twice = [order(1, 1, ANN, item(1, "A", 1, 5), item(1, "A", 1, 5))]
        mapped = {key: value for key, value in LINES.items() if key != "key"}
        project = {**shop(("order_lines", mapped)), "rules": {"exact_duplicates": "drop"}}
        built = build_silver(write_project(tmp_path, project, {"1.json": as_lines(twice), "2.json": as_page(twice)}))
        assert account(built) == {("shop", "order_lines"): (4, 2, 2, 0, 0)}


def test_lookups_by_a_value_inside_a_column(tmp_path: Path) -> None:
    people = [{"who": {"no": 77}, "city": "Ulm"}, {"who": {"no": 78}, "city": "Bonn"}]
    project = shop(("order_lines", {**LINES, "columns": {**LINES["columns"], "region": "people.city"}}))
    project["sources"]["shop"] |= {"files": "orders.json", "lookups": {"people": {"on": {"who.no": "customer.id"}}}}
    project["sources"]["people"] = {"files": "people*.json"}
    files = {"orders.json": as_lines(ORDERS), "people.json": as_lines(people)}
    built = build_silver(write_project(tmp_path, project, files))
    assert [(row["order_id"], row["region"]) for row in built.rows("silver.order_lines")] == [
        ("5001", "Ulm"), ("5001", "Ulm"), ("5002", None),
    ]  # fmt: skip
    add_files(built.folder, {"people2.json": as_lines([{"who": {"no": 77}, "city": "Köln"}])})
    built.run()
    assert {row["region"] for row in built.rows("silver.order_lines")} == {"Köln", None}


@pytest.mark.parametrize(("bad", "stops"), [(400, False), (700, True)])
def test_the_share_of_bad_rows_is_one_of_elements(tmp_path: Path, bad: int, stops: bool) -> None:
    """Of 100 orders with ten items each, 400 bad items are fewer than half of the items, but more than the orders."""
    prices = ["5.00"] * (1000 - bad) + ["five"] * bad
    orders = [
        order(number, 1, ANN, *(item(n, "A", 1, prices[10 * number + n]) for n in range(10))) for number in range(100)
    ]
    folder = write_project(tmp_path, shop(), {"a.json": as_lines(orders)})
    if stops:
        with pytest.raises(CheckFailedError, match="700 of 1,000 rows are bad"):
            run_shop(folder)
    else:
        assert account(run_shop(folder)) == {("shop", "order_lines"): (1000, 600, 0, 400, 0)}


def test_lists_and_objects_of_parquet_files(tmp_path: Path) -> None:
    typed = [
        {**each, "line_items": [{**one, "price": Decimal(str(one["price"]))} for one in each["line_items"]]}
        for each in ORDERS
    ]
    kind = pa.struct(
        [("id", pa.int64()), ("sku", pa.string()), ("quantity", pa.int32()), ("price", pa.decimal128(9, 2))]
    )
    schema = pa.schema(
        [
            *(("id", pa.int64()), ("created_at", pa.string())),
            *(("customer", pa.struct([("id", pa.int64()), ("email", pa.string())])), ("line_items", pa.list_(kind))),
        ]
    )
    project = shop(("order_lines", LINES), ("customers", CUSTOMERS))
    project["sources"]["shop"]["files"] = "*.parquet"
    folder = write_project(tmp_path, project, {})
    (folder / "data").mkdir()
    pq.write_table(pa.Table.from_pylist(typed, schema), folder / "data" / "orders.parquet")
    built = build_silver(folder)
    assert lines_of(built) == [
        ("5001", "MUG", 2, 20, 40),
        ("5001", "PLA", 1, Decimal("30.10"), Decimal("30.10")),
        ("5002", "BOW", 1, 50, 50),
    ]


def test_a_lookup_by_an_element_is_refused(tmp_path: Path) -> None:
    project = shop()
    project["sources"]["shop"]["lookups"] = {"prices": {"on": {"sku": "line_items.sku"}}}
    project["sources"]["prices"] = {"files": "prices.csv"}
    with pytest.raises(SettingsError, match="sku, which is of an element"):
        Project.load(write_project(tmp_path, project, {}))


PRICES = st.integers(0, 10**6).map(lambda cents: cents / 100) | st.integers(0, 10**6).map(
    lambda cents: f"{cents / 100:.2f}"
)
ITEMS = st.builds(item, st.integers(1, 4), st.sampled_from(["A", "B", "ü"]), st.integers(1, 5), PRICES)
SENT = st.builds(
    lambda number, day, buyer, items, note: order(number, day, buyer, *items) | note,
    st.integers(1, 5),
    st.integers(1, 28),
    st.none() | st.just(ANN) | st.just({"id": 78, "email": None}),
    st.lists(ITEMS, max_size=4, unique_by=lambda each: each["id"]),
    st.just({}) | st.just({"note": "late key"}) | st.just({"line_items": None}),
)


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(sent=st.lists(SENT, min_size=3, max_size=8), parts=st.integers(2, 3))
def test_in_any_files_and_one_after_the_other(tmp_path_factory, sent: list[dict[str, Any]], parts: int) -> None:
    """The newest document of an order wins line by line, as plain Python reckons; and incremental equals full."""
    latest = {(each["id"], one["id"]): one for each in sent for one in each["line_items"] or []}
    expected = Counter(
        (str(number), one["sku"], one["quantity"], Decimal(str(one["price"]))) for (number, _), one in latest.items()
    )
    columns = {name: value for name, value in LINES["columns"].items() if name != "customer_id"}
    folder = write_project(tmp_path_factory.mktemp("shop"), shop(("order_lines", {**LINES, "columns": columns})), {})
    start = [order(9, 1, ANN, item(1, "A", 1, 1))]
    add_files(folder, {"0.json": as_lines(start)})
    built = build_silver(folder)
    for part in range(parts):
        share = sent[part * len(sent) // parts : (part + 1) * len(sent) // parts]
        add_files(folder, {f"{part + 1}.json": (as_page if part % 2 else as_lines)(share)})
        built.run()
    found = Counter(
        (row["order_id"], row["product_id"], row["quantity"], row["unit_price"])
        for row in built.rows("silver.order_lines")
    )
    assert found == expected + Counter({("9", "A", 1, Decimal(1)): 1})
    account(built)
    incremental = {name: built.rows(name) for name in ("silver.order_lines", "quarantine.row_accounting")}
    built.run(full_refresh=True)
    assert incremental == {name: built.rows(name) for name in incremental}
