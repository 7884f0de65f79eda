"""The cafe's files as they are, against sums taken straight from them."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal

import pytest

from patron.pipeline.check.check import check
from shops.building import picked
from transform.measures.real_shops import built_on, real_folder


@pytest.fixture(scope="module")
def folder(real_data):
    return real_folder(real_data, "cafe")


@pytest.fixture(scope="module")
def shop(folder, tmp_path_factory):
    return built_on(folder, "cafe", tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def lines(folder):
    text = (folder / "201904 sales reciepts.csv").read_text(encoding="utf-8-sig").splitlines()
    names = next(csv.reader(next(csv.reader(text[:1]))))
    return [dict(zip(names, row, strict=True)) for row in csv.reader(text[1:])]


def worth(line):
    return int(line["quantity"]) * Decimal(line["unit_price"])


def test_every_line_is_accounted_for(shop, lines):
    accounts = shop.by("quarantine.row_accounting", "source_name", "entity")["receipts", "order_lines"]
    assert picked(accounts, "row_count", "silver_count", "duplicate_count") == (len(lines), 49894, 0)
    assert sum(row["raw_amount"] for row in shop.rows("measures.ledger")) == sum(map(worth, lines))
    assert not check(shop.project).failed


def test_orders_and_guests(shop, lines):
    last = shop.rows("gold.kpi_overall")[-1]
    orders = {(row["transaction_id"], row["transaction_date"], row["sales_outlet_id"]): row for row in lines}
    assert last["order_count"] == len(orders) == 39271
    assert last["guest_order_count"] == sum(row["customer_id"] == "0" for row in orders.values())
    guests = [row for row in shop.rows("silver.order_lines") if row["customer_id"] is None]
    assert len(guests) == 25033
    assert last["net_amount"] == sum(map(worth, lines)) == Decimal("234211.55")


def test_spend_of_each_card(shop, lines):
    spent: dict[str, Decimal] = defaultdict(Decimal)
    visits = defaultdict(set)
    for row in lines:
        if row["customer_id"] != "0":
            spent[row["customer_id"]] += worth(row)
            visits[row["customer_id"]].add((row["transaction_date"], row["sales_outlet_id"], row["transaction_id"]))
    rows = shop.by("gold.customer_360", "customer_id")
    assert {who: row["net_amount"] for who, row in rows.items() if row["order_count"]} == spent
    assert {who: row["visit_count"] for who, row in rows.items() if row["visit_count"]} == {
        who: len(own) for who, own in visits.items()
    }


def test_amounts_that_disagree_are_kept_and_counted(shop, lines):
    odd = [row for row in lines if worth(row) != Decimal(row["line_item_amount"])]
    found = [row for row in shop.rows("silver.order_lines") if row["is_amount_mismatch"]]
    assert len(found) == len(odd) == 230
    assert sum(row["stated_amount"] for row in found) == sum(Decimal(row["line_item_amount"]) for row in odd)
    finding = next(finding for finding in check(shop.project).findings if finding.section == "amounts")
    assert "230 of 49,894" in finding.detail


def test_weekly_retention(shop, lines):
    from datetime import date

    weeks = defaultdict(set)
    for row in lines:
        if row["customer_id"] != "0":
            weeks[date.fromisoformat(row["transaction_date"]).isocalendar().week].add(row["customer_id"])
    found = sorted(
        picked(row, "period_start_date", "customer_count", "retained_customer_count")
        for row in shop.rows("gold.period_metrics")
        if row["period_kind"] == "week"
    )
    expected = [
        (len(weeks[number]), len(weeks[number] & weeks[number - 1]) if number - 1 in weeks else 0)
        for number in sorted(weeks)
    ]
    assert [row[1:] for row in found] == expected


def test_margin_by_article(shop, lines, folder):
    with (folder / "product.csv").open(encoding="utf-8-sig", newline="") as file:
        costs = {row["product_id"]: Decimal(row["current_wholesale_price"]) for row in csv.DictReader(file)}
    margin: dict[str, Decimal] = defaultdict(Decimal)
    for row in lines:
        margin[row["product_id"]] += worth(row) - int(row["quantity"]) * costs[row["product_id"]]
    rows = shop.by("gold.product_margin", "product_id")
    assert {product: row["margin_amount"] for product, row in rows.items()} == margin
