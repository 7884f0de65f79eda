"""Shops whose money has many digits: rupiah, dong and yen."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from patron.contract.entities import AMOUNTS_BELOW
from patron.pipeline.check.check import check
from patron.serve.query import ask
from shops import contacts, corner, questions_b

COLUMNS = {
    "order_id": "order",
    "ordered_at": "day",
    "customer_id": "who",
    "quantity": "pieces",
    "unit_price": "price",
    "line_discount_amount": "off",
}
LARGEST = Decimal(AMOUNTS_BELOW) - Decimal("0.01")
ORDERS = 120
"""Of one customer: 1.2 x 10^15 in all."""
UNITS = 10**10
MONEY = ("price", "off", "stated", "cost", "amount")


@pytest.fixture(scope="module")
def shop(build_shop):
    settings = {
        "shop": {"name": "Warung", "currency": "IDR"},
        "quarantine": {"stop_above_rate": 0.5},
        "sources": {"till": {"files": "till*.csv", "entities": {"order_lines": {"columns": COLUMNS}}}},
    }
    start = dt.date(2024, 1, 1)
    rows = [
        {"order": f"{who}{n}", "day": start + dt.timedelta(days=n), "who": who, "pieces": 1, "price": LARGEST, "off": 0}
        for who in ("ani", "budi")
        for n in range(ORDERS)
    ]
    rows += [rows[0] | {"order": "R", "who": "ani", "pieces": -1, "day": start + dt.timedelta(days=200)}]
    rows += [rows[0] | {"order": "P", "who": "cahya", "pieces": LARGEST, "price": 1, "off": 7}]
    rows += [
        rows[0] | {"order": "too dear", "price": AMOUNTS_BELOW},
        rows[0] | {"order": "too dear in all", "pieces": 10_000_000, "price": 1_000_000},
        rows[0] | {"order": "too much off", "price": 1, "off": AMOUNTS_BELOW},
        rows[0] | {"order": "no number", "price": 10**30},
    ]
    return build_shop("warung", settings, {"till.csv": rows})


def test_customers_and_the_shop_are_worth_the_sum_of_their_lines(shop):
    customers = shop.by("gold.customer_360", "customer_id")
    assert customers["budi"]["net_amount"] == ORDERS * LARGEST > 10**15
    assert customers["ani"]["net_amount"] == (ORDERS - 1) * LARGEST
    assert customers["cahya"]["net_amount"] == LARGEST - 7
    last = shop.rows("gold.kpi_overall")[-1]
    assert last["net_amount"] == 2 * ORDERS * LARGEST - 7
    assert last["total_historical_clv"] == sum(row["historical_clv"] for row in customers.values())
    assert customers["budi"]["average_order_value"] == LARGEST
    assert not check(shop.project).failed


def test_a_row_that_is_too_large_is_set_aside_and_named(shop):
    bad = {row["raw_row"].split('"')[3]: row["quarantine_reason"] for row in shop.rows("quarantine.quarantined_rows")}
    assert bad == {
        "too dear": "unit_price: more than 13 digits",
        "too dear in all": "quantity x unit_price has more than 13 digits",
        "too much off": "line_discount_amount: more than 13 digits",
        "no number": f"unit_price: {10**30} is not a valid decimal(18, 4)",
    }


def test_published_amounts_keep_every_digit(shop):
    (row,) = ask(shop.project, "select net_amount from gold.customer_360 where customer_id = 'budi'").records()
    assert row["net_amount"] == ORDERS * LARGEST


@pytest.fixture(scope="module", params=[corner, questions_b, contacts], ids=["corner", "grocer", "contacts"])
def scaled(request, build_shop):
    """A shop, and the same with a unit of money that is worth a ten-thousand-millionth."""
    settings, files = request.param.settings(), request.param.FILES
    large = {
        name: [{key: _scale(key, cell) for key, cell in row.items()} for row in rows] for name, rows in files.items()
    }
    return build_shop("small", settings, files), build_shop("large", settings, large)


def _scale(column: str, cell):
    return Decimal(cell) * UNITS if column in MONEY and cell is not None else cell


def test_amounts_scale_with_the_unit_of_money(scaled):
    small, large = scaled
    for table in ("gold.customer_360", "gold.daily_metrics", "gold.kpi_overall", "gold.fct_orders"):
        rows = list(zip(small.rows(table), large.rows(table), strict=True))
        assert rows
        for one, other in rows:
            for name in ("gross_amount", "discount_amount", "refund_amount", "net_amount"):
                if name in one:
                    assert other[name] == one[name] * UNITS, (table, name)
