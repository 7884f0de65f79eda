"""Columns that are mapped as something else than they are: the run stops and says what they look like."""

from __future__ import annotations

import random

import pytest

from patron.errors import CheckFailedError
from patron.pipeline.run import run
from patron.project.project import Project
from shops.building import table_rows, write_project

COLUMNS = {
    "order_id": "number",
    "ordered_at": "day",
    "customer_id": "who",
    "product_id": "article",
    "quantity": "pieces",
    "unit_price": "price",
}


def settings(columns: dict[str, str] | None = None, **mapping) -> dict:
    return {
        "shop": {"name": "Misread", "currency": "EUR"},
        "predictions": {"churn": {"enabled": False}},
        "sources": {
            "lines": {
                "files": "lines.csv",
                "entities": {"order_lines": {"columns": COLUMNS | (columns or {})} | mapping},
            }
        },
    }


def lines(seed: int, count: int = 120) -> list[dict]:
    """Lines of articles at their prices, some at a reduced price, as a superstore writes them."""
    chance = random.Random(seed)
    prices = {f"a{n}": chance.choice((3.5, 12, 49.9, 260)) for n in range(8)}
    written = []
    for number in range(count):
        article, pieces = chance.choice(list(prices)), chance.randint(1, 9)
        rate = chance.choice((0, 0, 0, 0.1, 0.2, 0.3))
        price = prices[article]
        written.append(
            {
                "number": number,
                "day": f"2024-03-{number % 28 + 1:02d}",
                "who": f"c{number % 17}",
                "article": article,
                "pieces": pieces,
                "price": f"{price:.2f}",
                "total": f"{price * pieces * (1 - rate):.2f}",
                "rate": f"{rate:.2f}",
                "off": f"{price * pieces * rate:.2f}",
            }
        )
    return written


def refusal(tmp_path, made: dict, rows: list[dict]) -> CheckFailedError | None:
    try:
        run(Project.load(write_project(tmp_path, made, {"lines.csv": rows})))
    except CheckFailedError as stopped:
        return stopped
    return None


@pytest.mark.parametrize("seed", [1, 2])
def test_a_lines_total_is_no_price(tmp_path, seed):
    stopped = refusal(tmp_path, settings({"unit_price": "total"}), lines(seed))
    assert stopped is not None
    assert "rises in proportion to the quantity" in stopped.what
    assert "line_amount" in stopped.do


def test_own_amounts_says_that_a_price_is_one(tmp_path):
    made = settings({"unit_price": "total"}, own_amounts=["unit_price"])
    assert refusal(tmp_path, made, lines(1)) is None


@pytest.mark.parametrize("column", ["line_discount_amount", "order_discount_amount"])
def test_a_rate_is_no_discount(tmp_path, column):
    stopped = refusal(tmp_path, settings({column: "rate"}), lines(3))
    assert stopped is not None
    assert f"{column} of lines is never above 0.30" in stopped.what


@pytest.mark.parametrize("seed", range(3))
def test_prices_and_discounts_are_what_they_seem(tmp_path, seed):
    assert refusal(tmp_path, settings({"line_discount_amount": "off"}), lines(seed)) is None


def test_numbers_that_start_again_every_day_are_not_one_order(tmp_path):
    rows = [row | {"number": place % 10} for place, row in enumerate(lines(4))]
    stopped = refusal(tmp_path, settings(), rows)
    assert stopped is not None
    assert "of 10 orders with several lines 10 name several customers, 10 of them on several days" in stopped.what
    made = settings({"order_id": "day || '-' || who || '-' || number"})
    assert refusal(tmp_path / "told apart", made, rows) is None


ORDERS = table_rows("number | day | who\n1 | 2024-03-01 | ann\n2 | 2024-03-02 | ben")
PAYMENTS = table_rows("number | how | paid\n1 | card | 10.00\n1 | voucher | 5.00\n2 | card | 8.00")


def test_one_of_several_payments_is_not_taken_for_the_order(tmp_path):
    columns = {"order_id": "number", "ordered_at": "day", "customer_id": "who", "order_amount": "payments.paid"}
    made = settings()
    made["sources"] = {
        "payments": {"files": "payments.csv"},
        "orders": {
            "files": "orders.csv",
            "lookups": {"payments": {"on": "number"}},
            "entities": {"orders": {"columns": columns}},
        },
    }
    files = {"orders.csv": ORDERS, "payments.csv": PAYMENTS}
    with pytest.raises(
        CheckFailedError, match="paid is looked up in payments, which has several for 1 keys"
    ) as stopped:
        run(Project.load(write_project(tmp_path, made, files)))
    assert "columns.order_amount" in stopped.value.where
    single = {"orders.csv": ORDERS, "payments.csv": PAYMENTS[1:]}
    run(Project.load(write_project(tmp_path / "single", made, single)))
