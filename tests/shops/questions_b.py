"""A grocer for the questions of baskets, places, loyalty and categories; answers in tests/measures/test_question_*.py.

From Monday 2024-01-01 to Sunday 02-11: six whole weeks, which are also the windows of loyalty (7 days). A customer crosses
with the fourth order, and others are those whose third falls in the same week; alike are those at the same pace. Filler F costs 1.00 a piece.

    customer  weeks 1 | 2 | 3 | 4 | 5, pieces of F
    L1        10 |  | 7 7 | 7! | 28        ! the fourth order
    L2        10 |  | 7 7 | 7! | 7
    L3        5 5 |  | 7  | 7!
    L4        5 5 4 4!                     crossed within the first week
    S1        10 10 8 7!                   the last two at 2.00
    C1        | 10 | 7    | 7
    C2        10 |  |     | 7  | 7
    C3        10 |  |     | 7
    W1        5 | 5                        at a fair whose book has days and no hours

Guests buy bread (B), butter (U), milk (M) and, once each, what nobody else buys.
"""

from __future__ import annotations

from typing import Any

from shops.building import table_rows

TILL = table_rows("""
    number | at               | who | what | pieces | price | place
    a1     | 2024-01-01 09:00 | L1  | F    | 10     | 1     |
    a2     | 2024-01-15 09:00 | L1  | F    | 7      | 1     |
    a3     | 2024-01-16 09:00 | L1  | F    | 7      | 1     |
    a4     | 2024-01-23 17:00 | L1  | F    | 7      | 1     |
    a5     | 2024-01-30 17:00 | L1  | F    | 28     | 1     |
    b1     | 2024-01-02 17:00 | L2  | F    | 10     | 1     |
    b2     | 2024-01-15 17:00 | L2  | F    | 7      | 1     |
    b3     | 2024-01-17 10:00 | L2  | F    | 7      | 1     |
    b4     | 2024-01-24 10:00 | L2  | F    | 7      | 1     |
    b5     | 2024-01-31 00:00 | L2  | F    | 7      | 1     | East
    c1     | 2024-01-08 08:00 | C1  | F    | 10     | 1     | South
    c2     | 2024-01-15 10:00 | C1  | F    | 7      | 1     | South
    c3     | 2024-01-22 12:00 | C1  | F    | 7      | 1     | North
    d1     | 2024-01-01 08:00 | C2  | F    | 10     | 1     | East
    d2     | 2024-01-22 10:00 | C2  | F    | 7      | 1     | East
    d3     | 2024-01-29 12:00 | C2  | F    | 7      | 1     | East
    e1     | 2024-01-03 10:00 | C3  | F    | 10     | 1     |
    e2     | 2024-01-25 10:00 | C3  | F    | 7      | 1     |
    f1     | 2024-01-01 10:00 | L3  | F    | 5      | 1     |
    f2     | 2024-01-02 10:00 | L3  | F    | 5      | 1     |
    f3     | 2024-01-16 10:00 | L3  | F    | 7      | 1     |
    f4     | 2024-01-23 10:00 | L3  | F    | 7      | 1     |
    g1     | 2024-01-01 10:00 | L4  | F    | 5      | 1     |
    g2     | 2024-01-02 10:00 | L4  | F    | 5      | 1     |
    g3     | 2024-01-03 10:00 | L4  | F    | 4      | 1     |
    g4     | 2024-01-04 10:00 | L4  | F    | 4      | 1     |
    h1     | 2024-01-01 10:00 | S1  | F    | 10     | 1     |
    h2     | 2024-01-02 10:00 | S1  | F    | 10     | 1     |
    h3     | 2024-01-03 10:00 | S1  | F    | 8      | 2     |
    h4     | 2024-01-04 10:00 | S1  | F    | 7      | 2     |
    p1     | 2024-02-05 12:30 |     | B    | 1      | 2     | East
    p1     | 2024-02-05 12:30 |     | U    | 1      | 3     | East
    p2     | 2024-02-05 12:30 |     | B    | 1      | 2     | East
    p2     | 2024-02-05 12:30 |     | U    | 1      | 3     | East
    p3     | 2024-02-05 12:30 |     | B    | 1      | 2     | East
    p3     | 2024-02-05 12:30 |     | U    | 1      | 3     | East
    p4     | 2024-02-05 12:30 |     | B    | 1      | 2     | East
    p4     | 2024-02-05 12:30 |     | U    | 1      | 3     | East
    p5     | 2024-02-05 12:30 |     | B    | 1      | 2     | East
    p5     | 2024-02-05 12:30 |     | M    | 1      | 1.5   | East
    p6     | 2024-02-05 12:30 |     | B    | 1      | 2     | East
    p6     | 2024-02-05 12:30 |     | M    | 1      | 1.5   | East
    p7     | 2024-02-05 12:30 |     | B    | 1      | 2     | East
    p7     | 2024-02-05 12:30 |     | M    | 1      | 1.5   | East
    p8     | 2024-02-05 12:30 |     | B    | 1      | 2     | East
    p8     | 2024-02-05 12:30 |     | R    | 1      | 4     | East
    p9     | 2024-02-05 12:30 |     | B    | 1      | 2     | East
    p9     | 2024-02-05 12:30 |     | U    | 1      | 3     | East
    p9     | 2024-02-05 12:30 |     | M    | 1      | 1.5   | East
    p9     | 2024-02-05 12:30 |     | X    | 1      | 1     | East
    p9     | 2024-02-05 12:30 |     | Y    | 1      | 1     | East
    p9     | 2024-02-05 12:30 |     | Z    | 1      | 1     | East
    p1     | 2024-02-11 18:00 |     | U    | -1     | 3     | East
""")
FAIR = table_rows("""
    number | at         | who | what | pieces | price
    a1     | 2024-01-06 | W1  | F    | 5      | 1
    a2     | 2024-01-13 | W1  | F    | 5      | 1
""")
"""Order numbers are the fair's own: they are other orders than the till's."""

PEOPLE = table_rows("""
    who | region
    L1  | North
    L2  | North
    C1  |
    C2  | South
    W1  | West
""")
ARTICLES = table_rows("""
    what | name   | department | category | cost | back
    B    | Bread  | Food       | Bakery   | 1    | 0.02
    U    | Butter | Food       | Dairy    | 0.75 |
    M    | Milk   | Food       | Dairy    |      | 0.1
    R    | Rope   |            |          |      |
""")
FILES = {"till.csv": TILL, "fair.csv": FAIR, "people.csv": PEOPLE, "articles.csv": ARTICLES}
LINES = {
    "order_id": "number",
    "ordered_at": '"at"',
    "customer_id": "who",
    "product_id": "what",
    "quantity": "pieces",
    "unit_price": "price",
}
QUESTIONS = {
    "product_affinity": {
        "largest_basket": 5, "least_product_baskets": 2, "least_pair_baskets": 2, "least_pair_customers": 2,
        "significance": 1,
    },
    "loyalty_uplift": {"orders": 3, "early_days": 7, "window_days": 7},
    "basket_shift": {"orders": 2},
}  # fmt: skip


def settings() -> dict[str, Any]:
    """patron.yaml."""
    people = {"customer_id": "who", "region": "region"}
    articles = {"product_id": "what", "product_name": "name", "department": "department", "category": "category"}
    articles |= {"unit_cost": "cost", "return_rate": "back"}
    return {
        "shop": {"name": "Grocer", "currency": "EUR"},
        "sources": {
            "till": {"files": "till.csv", "entities": {"order_lines": {"columns": LINES | {"region": "place"}}}},
            "fair": {"files": "fair.csv", "entities": {"order_lines": {"columns": LINES}}},
            "people": {"files": "people.csv", "entities": {"customers": {"columns": people}}},
            "articles": {"files": "articles.csv", "entities": {"products": {"columns": articles}}},
        },
        "questions": QUESTIONS,
    }


STALL_LINES = table_rows("""
    number | at         | who | what | pieces | price | place
    1      | 2024-03-01 | K1  | A    | 10     | 2     | Hill
    2      | 2024-03-02 | K1  | D    | 30     | 1     | Dale
    3      | 2024-03-09 | K1  | E    | 5      | 1     | Dale
    4      | 2024-03-09 |     | E    | 0      | 1     | Hill
""")
STALL_ARTICLES = table_rows("""
    what | category | back
    A    | Fruit    | 0.1
    D    | Fruit    | 0.02
    E    | Fruit    | 7
""")


def stall() -> tuple[dict[str, Any], dict[str, Any]]:
    """patron.yaml and files of a stall that knows days only, takes nothing back, and only has its orders' regions."""
    articles = {"product_id": "what", "category": "category", "return_rate": "back"}
    sources = {
        "book": {"files": "book.csv", "entities": {"order_lines": {"columns": LINES | {"region": "place"}}}},
        "articles": {"files": "articles.csv", "entities": {"products": {"columns": articles}}},
    }
    return {"shop": {"name": "Stall"}, "sources": sources}, {"book.csv": STALL_LINES, "articles.csv": STALL_ARTICLES}
