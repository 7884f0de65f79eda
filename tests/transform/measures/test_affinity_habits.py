"""Product affinity in a shop whose customers have strong habits: only what many customers do is told."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from itertools import combinations

import pytest

from shops.building import Row

FIRST = dt.date(2024, 1, 1)
ARTICLES = 40
PLANTED = ("p30", "p35")
LINES = {"order_id": "number", "ordered_at": "day", "customer_id": "who", "product_id": "what"}


def _habitual_baskets(seed: int, *, is_planted: bool) -> list[tuple[str, str, list[str]]]:
    """Draw order, customer and articles. A taste for each article is drawn alone: no two go together, in anyone's baskets."""
    chance = random.Random(seed)
    baskets = []
    for customer in range(150):
        tastes = [min(chance.gammavariate(0.05, 20) * 2 / (10 + article), 0.95) for article in range(ARTICLES)]
        for number in range(1 + int(chance.expovariate(1 / 12))):
            held = {f"p{article:02}" for article, taste in enumerate(tastes) if chance.random() < taste}
            if is_planted and chance.random() < 0.05:
                held |= set(PLANTED)
            if held:
                baskets.append((f"{customer}-{number}", f"k{customer}", sorted(held)))
    return baskets


def _rows(baskets: list[tuple[str, str, list[str]]]) -> list[Row]:
    days = {number: FIRST + dt.timedelta(place % 300) for place, (number, _, _) in enumerate(baskets)}
    return [
        {"number": number, "day": str(days[number]), "who": who, "what": article, "pieces": 1, "price": "2"}
        for number, who, held in baskets
        for article in held
    ]


def _settings(name: str) -> Row:
    columns = LINES | {"quantity": "pieces", "unit_price": "price"}
    return {
        "shop": {"name": name},
        "as_of": "2024-12-31",
        "sources": {"till": {"files": "till.csv", "entities": {"order_lines": {"columns": columns}}}},
    }


def _build(build_shop, name, baskets):
    return build_shop(name, _settings(name), {"till.csv": _rows(baskets)})


@pytest.fixture(scope="module")
def habits():
    return _habitual_baskets(11, is_planted=False)


@pytest.fixture(scope="module")
def placebo(build_shop, habits):
    return _build(build_shop, "placebo", habits)


def test_habits_alone_are_no_affinity(placebo):
    coverage = placebo.rows("gold.product_affinity_coverage")[0]
    assert placebo.rows("gold.product_affinity") == []
    assert coverage["significant_pair_count"] == 0
    assert coverage["habit_pair_count"] > 10  # by baskets alone, these would be told


def test_a_habit_is_counted_by_its_customers(placebo, habits):
    buyers: dict[tuple[str, str], Counter[str]] = {}
    for _, who, held in habits:
        for pair in combinations(held, 2):
            buyers.setdefault(pair, Counter())[who] += 1
    rows = placebo.rows("measures.product_pairs")
    counted = [row for row in rows if row["customer_count"] is not None]
    assert counted
    for row in counted:
        seen = buyers[row["first_product_id"], row["second_product_id"]]
        assert (row["customer_count"], row["pair_count"]) == (len(seen), seen.total())
        assert row["effective_customer_count"] == pytest.approx(seen.total() ** 2 / sum(n * n for n in seen.values()))


def test_what_many_customers_do_is_told_among_habits(build_shop):
    shop = _build(build_shop, "planted", _habitual_baskets(11, is_planted=True))
    told = {(row["product_id"], row["partner_product_id"]) for row in shop.rows("gold.product_affinity")}
    assert told == {PLANTED, PLANTED[::-1]}
