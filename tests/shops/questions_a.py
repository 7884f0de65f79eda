"""Shops for five of the business questions: one worked out by hand in tests/measures/test_question_*.py, and random ones.

By hand, measured at 2024-04-10; refunds and what lies over midnight are there to be put where they belong:

    ann   four orders, two of them on one day; 26 days silent
    bob   one order, and a refund in a month without an order
    cat   a refund before her first order; 50 days silent after a gap of 10
    dan   one order rung up around midnight of a month's end
    eve   91 days silent; her net and average are exactly at the percentiles of the settings; three departments
    fay   90 days silent; three categories of one department
    gus   two orders at one moment, 89 days silent; a free jar from a third department
    hal   comes a day after the measured one
"""

from __future__ import annotations

import random
from typing import Any

from shops import random_shop
from shops.building import Row, table_rows

LINES = table_rows("""
receipt | sold_at             | who | code | pieces | price  | off
A1      | 2024-01-05 10:00:00 | ann | tea  | 1      | 10.00  |
A1      | 2024-01-05 10:00:00 | ann | cup  | 1      | 20.00  |
A1      | 2024-01-05 10:00:00 | ann | rake | 1      | 30.00  |
A2      | 2024-01-05 16:00:00 | ann | tea  | 4      | 10.00  |
A3      | 2024-02-04 10:00:00 | ann | tea  | 10     | 10.00  |
A4      | 2024-03-15 10:00:00 | ann | cup  | 2      | 20.00  |
B1      | 2024-01-31 10:00:00 | bob | tea  | 5      | 10.00  |
B1R     | 2024-03-01 10:00:00 | bob | tea  | -2     | 10.00  |
C0R     | 2024-01-20 10:00:00 | cat | tea  | -1     | 5.00   |
C1      | 2024-02-10 10:00:00 | cat | tea  | 8      | 10.00  |
C2      | 2024-02-20 10:00:00 | cat | tea  | 2      | 10.00  | 2.00
D1      | 2024-03-31 23:50:00 | dan | tea  | 1      | 5.00   |
D1      | 2024-04-01 00:10:00 | dan | cup  | 1      | 7.00   |
E1      | 2024-01-05 09:00:00 | eve | tea  | 1      | 50.00  |
E1      | 2024-01-05 09:00:00 | eve | cup  | 1      | 50.00  |
E2      | 2024-01-10 09:00:00 | eve | rake | 1      | 60.00  |
E2      | 2024-01-10 09:00:00 | eve | odd  | 1      | 40.00  |
F1      | 2024-01-01 09:00:00 | fay | tea  | 10     | 10.00  |
F2      | 2024-01-04 09:00:00 | fay | milk | 10     | 10.00  |
F3      | 2024-01-11 09:00:00 | fay | bean | 10     | 10.00  |
G10     | 2024-01-12 12:00:00 | gus | cup  | 1      | 400.00 |
G1      | 2024-01-12 12:00:00 | gus | tea  | 1      | 600.00 |
G1      | 2024-01-12 12:00:00 | gus | rake | 1      | 0.00   |
H1      | 2024-04-11 10:00:00 | hal | tea  | 1      | 10.00  |
X1      | 2024-02-14 10:00:00 |     | tea  | 1      | 33.00  |
X2      | 2024-04-02 10:00:00 |     | tea  | 1      | 7.00   |
""")
SHELF = table_rows("""
code | kind   | part
tea  | Tea    | Food
milk | Milk   | Food
bean | Coffee | Food
cup  | China  | Home
rake | Tools  | Garden
odd  | Odds   |
""")
FILES = {"lines.csv": LINES, "shelf.csv": SHELF}


def settings(**changes: Any) -> Row:
    """patron.yaml of the hand-made shop; `changes` replace whole parts."""
    columns = {"order_id": "receipt", "ordered_at": "sold_at", "customer_id": "who", "product_id": "code"}
    columns |= {"quantity": "pieces", "unit_price": "price", "line_discount_amount": "off"}
    articles = {"product_id": "code", "category": "kind", "department": "part"}
    return {
        "shop": {"name": "Questions", "currency": "EUR", "timezone": "UTC"},
        "as_of": "2024-04-10",
        "sources": {
            "till": {"files": "lines.csv", "entities": {"order_lines": {"columns": columns}}},
            "shelf": {"files": "shelf.csv", "entities": {"products": {"columns": articles}}},
        },
        "questions": {
            "cohort_retention": {"pivoted_months": 2},
            "lapsed_top_spenders": {"percentile": 0.5},
            "golden_baskets": {"percentile": 0.5},
        },
        **changes,
    }


def shelf_of(seed: int) -> list[Row]:
    """Category and department of a random shop's articles; some have neither, some stand on no shelf."""
    chance = random.Random(seed)
    parts, kinds = ["Food", "Home", "Garden", None], ["a", "b", "c", "d", "e", None]
    codes = [f"p{number}" for number in range(25) if chance.random() < 0.9]
    return [{"Code": code, "Kind": chance.choice(kinds), "Part": chance.choice(parts)} for code in codes]


def limits_of(seed: int) -> Row:
    """The questions' settings of a random shop."""
    chance = random.Random(seed)
    return {
        "cohort_retention": {"pivoted_months": chance.choice([1, 3, 12])},
        "lapsed_top_spenders": {
            "percentile": chance.choice([0, 0.25, 0.5, 0.8]),
            "inactive_days": chance.choice([1, 7, 30]),
        },
        "golden_baskets": {
            "percentile": chance.choice([0, 0.333333, 0.5, 0.9]),
            "least_orders": chance.choice([1, 2, 3]),
            "least_departments": chance.choice([1, 2, 3]),
        },
    }


def has_departments(seed: int) -> bool:
    """Every other random shop maps categories only."""
    return seed % 2 == 0


def random_settings(made: random_shop.RandomShop) -> Row:
    """patron.yaml of a random shop with a shelf of articles and questions' settings of its own."""
    settings = random_shop.settings(made)
    columns = {"product_id": "Code", "category": "Kind"}
    if has_departments(made.seed):
        columns["department"] = "Part"
    settings["sources"]["shelf"] = {"files": "shelf/*.csv", "entities": {"products": {"columns": columns}}}
    return {**settings, "questions": limits_of(made.seed)}
