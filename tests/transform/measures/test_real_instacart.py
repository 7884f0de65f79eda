"""The public Instacart files as they are, against counts taken straight from the CSV files."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from importlib import resources
from itertools import pairwise

import pytest

from patron.pipeline.check.check import check
from patron.pipeline.run import run
from shops.building import picked
from transform.measures.real_shops import built_on, real_folder

CAP_DAYS = 30
LINES = (
    "dimensions/order_products__train.csv",
    "lines_100_users/instacart_ordertoproductmap.csv",
    "orders_3106_users/order_products__prior.csv",
)


@pytest.fixture(scope="module")
def folder(real_data):
    return real_folder(real_data, "instacart")


@pytest.fixture(scope="module")
def shop(folder, tmp_path_factory):
    return built_on(folder, "instacart", tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def orders(folder):
    """By id; of the two files the one with the true gaps comes later."""
    first, later = (
        table(folder / name) for name in ("lines_100_users/instacart_orders.csv", "orders_3106_users/orders.csv")
    )
    return {row["order_id"]: row for row in first + later}


@pytest.fixture(scope="module")
def lines(folder):
    return [row for name in LINES for row in table(folder / name)]


@pytest.fixture(scope="module")
def products(folder):
    """By id; quotes stand in the file with a stroke before them."""
    return {row["product_id"]: row for row in table(folder / "dimensions/products.csv")}


@pytest.fixture(scope="module")
def kept(lines, orders):
    """The (order, product) pairs of orders on file, each once."""
    return {(row["order_id"], row["product_id"]) for row in lines if row["order_id"] in orders}


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_is_accounted_for(shop, lines, orders, products, kept):
    accounts = shop.by("quarantine.row_accounting", "source_name", "entity")
    counts = ("row_count", "silver_count", "duplicate_count", "filtered_count", "quarantined_count")
    on_file = sum(row["order_id"] in orders for row in lines)
    assert picked(accounts["lines", "order_lines"], *counts) == (
        *(len(lines), len(kept), on_file - len(kept)),
        *(len(lines) - on_file, 0),
    )
    assert picked(accounts["lines", "order_lines"], *counts) == (170_167, 15_396, 17, 154_754, 0)
    assert picked(accounts["orders", "orders"], *counts) == (51_517, len(orders), 1_518, 0, 0)
    assert len(orders) == 49_999
    assert picked(accounts["products", "products"], *counts) == (53_225, len(products), 3_537, 0, 0)
    assert len(products) == 49_688
    assert picked(accounts["customers", "customers"], *counts) == (100, 100, 0, 0, 0)
    assert sum(landing.rejected_rows for landing in shop.report.landed.values()) == 4
    assert not check(shop.project).failed


def test_a_second_run_lands_nothing(shop):
    again = run(shop.project)
    assert (again.as_dict()["rows_landed"], again.is_new) == (0, False)


def test_orders_without_lines_are_reported_and_count_in_no_measure(shop, orders, kept):
    with_lines = {order for order, _ in kept}
    assert (len(with_lines), len(orders) - len(with_lines)) == (1_640, 48_359)
    told = "48,359 of 49,999 orders have no lines and count in no measure"
    assert f"orders: {told}" in shop.report.warnings
    last = shop.rows("gold.kpi_overall")[-1]
    customers = {orders[order]["user_id"] for order in with_lines}
    assert picked(last, "order_count", "customer_count") == (1_640, len(customers)) == (1_640, 314)


def test_every_uncapped_gap_is_rebuilt_as_it_is(shop, orders):
    """All 3,106 histories keep their order, weekdays (0 is Sunday), hours and each gap below 30 days; none is moved."""
    histories = defaultdict(list)
    for row in shop.rows("silver.orders"):
        histories[row["customer_id"]].append(row)
    assert len(histories) == 3_106
    counted = Counter()
    for placed in histories.values():
        placed.sort(key=lambda row: row["order_number"])
        for row in placed:
            said = orders[row["order_id"]]
            assert row["order_number"] == int(said["order_number"])
            assert row["ordered_at"].isoweekday() % 7 == int(said["order_dow"])
            assert row["ordered_at"].hour == int(said["order_hour_of_day"])
        for before, row in pairwise(placed):
            said = int(orders[row["order_id"]]["days_since_prior_order"])
            gap = (row["ordered_at"].date() - before["ordered_at"].date()).days
            assert row["is_gap_capped"] == (said >= CAP_DAYS)
            assert CAP_DAYS <= gap <= CAP_DAYS + 6 if said >= CAP_DAYS else gap == said
            counted["capped" if said >= CAP_DAYS else "as stated"] += 1
    assert counted == {"as stated": 41_356, "capped": 5_537}


def test_of_two_files_with_an_order_the_later_one_gives_the_gap(folder, orders):
    """91 gaps of the smaller file are 0 where the other has the true ones; all but those agree, NULL being blank."""
    overwritten = [
        row
        for row in table(folder / "lines_100_users/instacart_orders.csv")
        if row["days_since_prior_order"].replace("NULL", "") != orders[row["order_id"]]["days_since_prior_order"]
    ]
    assert len(overwritten) == 91
    assert {row["days_since_prior_order"] for row in overwritten} == {"0"}


def test_amounts_follow_the_assumed_prices(shop, kept, products):
    text = resources.files("patron").joinpath("examples", "instacart", "assumptions", "prices.csv").read_text()
    prices = {row["department_id"]: row for row in csv.DictReader(text.splitlines())}
    amount = cost = Decimal(0)
    for _, product in kept:
        said = prices[products[product]["department_id"]]
        price = Decimal(said["lowest_price"]) + int(product) % 11 * Decimal(said["price_step"])
        amount += price
        cost += price * (1 - Decimal(said["margin_rate"]))
    assert shop.rows("gold.kpi_overall")[-1]["net_amount"] == amount
    assert sum(row["raw_amount"] for row in shop.rows("measures.ledger")) == amount
    assert sum(row["cost_amount"] for row in shop.rows("gold.product_margin")) == cost
    assert {row["assumed"] for row in shop.rows("silver.order_lines")} == {"ordered_at, unit_price"}


def test_products_have_their_aisle_department_and_full_name(shop, folder, products):
    aisles = {row["aisle_id"]: row["aisle"] for row in table(folder / "dimensions/aisles.csv")}
    departments = {row["department_id"]: row["department"] for row in table(folder / "dimensions/departments.csv")}
    found = shop.by("silver.products", "product_id")
    for number, said in products.items():
        row = found[number]
        assert picked(row, "category", "department") == (aisles[said["aisle_id"]], departments[said["department_id"]])
    names = {number: said["product_name"].replace('\\"', '"').strip() for number, said in products.items()}
    differing = {number for number, name in names.items() if found[number]["product_name"] != name}
    assert differing == {"9006"}  # a letter that the smaller file, which comes later, could not write
    assert not any("\\" in row["product_name"] for row in found.values())


def test_customers_with_an_address_have_a_region(shop, folder):
    said = {
        row["user_id"]: (row["city"], row["state"]) for row in table(folder / "lines_100_users/instacart_users.csv")
    }
    rows = shop.by("silver.customers", "customer_id")
    assert {who: row["city"] for who, row in rows.items()} == {who: city for who, (city, _) in said.items()}
    assert {rows[who]["region"] for who, (_, state) in said.items() if state == "TX"} == {"South"}
    assert {row["region"] for row in rows.values()} == {"Northeast", "Midwest", "South", "West"}
