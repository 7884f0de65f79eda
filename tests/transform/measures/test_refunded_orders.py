"""Orders refunded in full are no purchases of the models; what a customer is worth follows from what they kept."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

import pytest

from shops.building import BuiltShop, write_project
from transform.measures.refunded_orders import Document, find_refunded

START = dt.datetime(2024, 1, 1, 10)
SHOP = {
    "shop": {"name": "Returns", "currency": "GBP", "locale": "en_GB", "timezone": "Europe/London"},
    "data": "data",
    "as_of": "latest",
    "sources": {
        "till": {
            "files": "*.csv",
            "entities": {
                "order_lines": {
                    "columns": {
                        "order_id": "receipt",
                        "ordered_at": "at",
                        "customer_id": "who",
                        "product_id": "sku",
                        "quantity": "pieces",
                        "unit_price": "price",
                    }
                }
            },
        }
    },
}


def built(folder: Path, receipts: list[tuple[str, dt.datetime, str, int, str]], **options) -> BuiltShop:
    """A shop of receipts: number, time, customer, pieces (below 0: given back), price."""
    lines = [
        {"receipt": number, "at": at, "who": who, "sku": "tea", "pieces": pieces, "price": price}
        for number, at, who, pieces, price in receipts
    ]
    shop = BuiltShop(write_project(folder, SHOP, {"lines.csv": lines}))
    shop.run(**options)
    return shop


def refunded(shop: BuiltShop) -> dict[str, dt.date]:
    rows = shop.query("select order_id, refunded_date from measures.fully_refunded_orders order by order_id")
    assert len({row["order_id"] for row in rows}) == len(rows)
    return {row["order_id"]: row["refunded_date"] for row in rows}


def day(number: int, minute: int = 0) -> dt.datetime:
    return START + dt.timedelta(days=number, minutes=minute)


def test_which_orders_are_refunded_in_full(tmp_path: Path) -> None:
    shop = built(
        tmp_path / "shop",
        [
            ("own", day(0), "ann", 2, "5.00"),
            ("own", day(3), "ann", -2, "5.00"),  # under its own number, three days later
            ("half", day(5), "ann", 4, "5.00"),
            ("half", day(5), "ann", -1, "5.00"),  # in part: still a purchase
            ("old", day(1), "bob", 1, "30.00"),
            ("new", day(9), "bob", 1, "30.00"),
            ("note", day(9, 12), "bob", -1, "30.00"),  # the latest of its worth
            ("early", day(1), "cat", -1, "8.00"),  # before anything was bought
            ("after", day(2), "cat", 1, "8.00"),
            ("gift", day(2), "dan", 1, "12.00"),
            ("other", day(3), "eve", -1, "12.00"),  # another customer's
            ("one", day(2), "fay", 1, "7.00"),
            ("two", day(4), "fay", 1, "7.00"),
            ("back1", day(6), "fay", -1, "7.00"),
            ("back2", day(7), "fay", -1, "7.00"),
            ("back3", day(8), "fay", -1, "7.00"),  # more came back than was bought
            ("big", day(2), "gus", 3, "4.00"),
            ("less", day(3), "gus", -1, "4.00"),  # worth less than the order
        ],
        select="+customer_totals",
    )
    first = START.date()
    assert refunded(shop) == {
        "own": first + dt.timedelta(days=3),
        "new": first + dt.timedelta(days=9),
        "two": first + dt.timedelta(days=6),
        "one": first + dt.timedelta(days=7),
    }
    totals = shop.by("measures.customer_totals", "customer_id")
    assert {who: (row["purchase_day_count"], row["kept_day_count"]) for who, row in totals.items()} == {
        "ann": (2, 1),
        "bob": (2, 1),
        "cat": (1, 1),
        "dan": (1, 1),
        "eve": (0, 0),
        "fay": (2, 0),
        "gus": (1, 1),
    }
    assert totals["bob"]["last_kept_date"] == first + dt.timedelta(days=1)
    assert totals["bob"]["last_order_date"] == first + dt.timedelta(days=9)


def test_they_are_those_that_a_clerk_would_find(tmp_path: Path) -> None:
    """300 customers with some ten receipts each over ten days, of two prices, half of them refunds."""
    rng = random.Random(8)
    receipts = [
        (
            f"r{number:04}",
            day(rng.randrange(10), number % 600),
            f"c{rng.randrange(300)}",
            rng.choice([-2, -1, 1, 2]),
            rng.choice(["5.00", "10.00"]),
        )
        for number in range(3000)
    ]
    shop = built(tmp_path / "shop", receipts, select="+fully_refunded_orders")
    documents = []
    for number, at, who, pieces, price in receipts:
        amount = pieces * Decimal(price)
        documents.append(Document(who, number, at.date(), at, max(amount, 0), max(-amount, 0), None))
    found = find_refunded(documents)
    assert refunded(shop) == found and len(found) > 500


def cancelled_order() -> list[tuple[str, dt.datetime, str, int, str]]:
    """Steady buyers, and c000, who spent 2.90 and has 60,000.00 cancelled after 12 minutes."""
    rng = random.Random(5)
    receipts = []
    for number in range(1, 260):
        at = rng.randint(0, 150)
        while at < 300:
            receipts.append(
                (f"{len(receipts)}", day(at), f"c{number:03}", rng.randint(1, 6), f"{rng.randint(5, 30)}.00")
            )
            at += max(1, int(rng.expovariate(1 / rng.choice([15, 25, 40, 70]))))
    receipts.append(("n1", day(100), "c000", 1, "2.90"))
    receipts.append(("n2", day(280), "c000", 6000, "10.00"))
    receipts.append(("n3", day(280, 12), "c000", -6000, "10.00"))
    return receipts


@pytest.fixture(scope="module")
def cancelled(tmp_path_factory: pytest.TempPathFactory) -> BuiltShop:
    return built(tmp_path_factory.mktemp("cancelled") / "shop", cancelled_order())


def test_who_nets_next_to_nothing_is_nobody_of_worth(cancelled: BuiltShop) -> None:
    """Worth less than most others who bought once, and less than anybody by whatever column of value."""
    valued = cancelled.by("gold.customer_clv", "customer_id")
    own = valued["c000"]
    assert own["historical_clv"] == Decimal("2.90") and own["prediction_basis"] == "similar customers"
    for column in ("expected_spend", "predicted_clv_1y", "predicted_clv_3y", "residual_clv", "total_clv"):
        others = sorted(row[column] for row in valued.values())
        assert own[column] < others[len(others) // 2], column
    assert own["predicted_clv_1y_high_95"] < 1_000


def test_value_does_not_change_by_an_order_that_was_cancelled(cancelled: BuiltShop, tmp_path: Path) -> None:
    """The same shop without the order and its refund: the same numbers of everybody, to the last digit."""
    without = built(tmp_path / "without", [row for row in cancelled_order() if row[0] not in ("n2", "n3")])
    columns = [
        *("customer_id", "prediction_basis", "probability_alive", "expected_purchases_365d", "expected_spend"),
        *("predicted_clv_1y", "predicted_clv_5y_high_95", "residual_clv", "total_clv"),
    ]
    sql = f"select {', '.join(columns)} from gold.customer_clv order by customer_id"
    assert cancelled.query(sql) == without.query(sql)
