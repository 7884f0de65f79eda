"""The paper shop, whose four months are summed by hand in tests/report.

    March  2024  20 customers c, one order of 10 each; two guests at 5                     22 orders, 210
    April        c01 to c10 twice at 12, n01 to n20 once at 12; a guest at 6; 12 refunded   41 orders, 474 (486 gross)
    May          c01 to c10 and n01 to n05 once at 12                                       15 orders, 180
    June to 10   c01 to c10 once at 12                                                      10 orders, 120

The orders begin on 1 March, and the shop is first measured on 1 April. Silence of more than 30 days is churn. The new customers of April came by a channel whose
name is markup, and so does the shop's.
"""

from __future__ import annotations

from typing import Any

from shops.building import Row

MARKUP = "<script>alert(1)</script>"

OLD = [f"c{number:02}" for number in range(1, 21)]
NEW = [f"n{number:02}" for number in range(1, 21)]


def _line(order: str, day: str, who: str, amount: int, channel: str = "till", pieces: int = 1) -> Row:
    return {
        "receipt": order,
        "sold_at": f"{day} 12:00:00",
        "who": who,
        "how": channel,
        "pieces": pieces,
        "price": amount,
    }


def _orders(month: str, day: int, people: list[str], amount: int, channel: str = "till") -> list[Row]:
    date = f"2024-{month}-{day:02}"
    return [_line(f"{who}-{month}-{day}", date, who, amount, channel) for who in people]


LINES = [
    _line("g1", "2024-03-01", "", 5),
    _line("g2", "2024-03-06", "", 5),
    *_orders("03", 5, OLD[:10], 10),
    *_orders("03", 14, OLD[10:], 10),
    *_orders("04", 2, OLD[:10], 12),
    *_orders("04", 16, OLD[:10], 12),
    *_orders("04", 17, NEW, 12, MARKUP),
    _line("g3", "2024-04-20", "", 6),
    _line("back", "2024-04-25", "c01", 12, pieces=-1),
    *_orders("05", 6, OLD[:10], 12),
    *_orders("05", 20, NEW[:5], 12, MARKUP),
    *_orders("06", 10, OLD[:10], 12),
]

FILES = {"till.csv": LINES}


def settings(**more: Any) -> Row:
    """patron.yaml of the paper shop; `more` are its other top-level settings."""
    columns = {
        "order_id": "receipt",
        "ordered_at": "sold_at",
        "customer_id": "who",
        "channel": "how",
        "quantity": "pieces",
        "unit_price": "price",
    }
    return {
        "shop": {"name": f"Paper {MARKUP}", "currency": "GBP", "locale": "en_GB"},
        "sources": {"till": {"files": "till.csv", "entities": {"order_lines": {"columns": columns}}}},
        "churn": {"low_days": 10, "medium_days": 20, "window_days": 30},
        **more,
    }


def nameless() -> Row:
    """The same shop, that asks nobody's name and knows no channels."""
    asked = settings()
    columns = asked["sources"]["till"]["entities"]["order_lines"]["columns"]
    del columns["customer_id"], columns["channel"]
    return asked
