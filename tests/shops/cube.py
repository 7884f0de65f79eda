"""125 customers, one for every triple of RFM scores, and a few on the other side of each limit.

Customer r3f2m5 has recency score 3, frequency score 2 and monetary score 5 by the thresholds below. Measured at
2024-12-31; whole days apart, so that no customer's orders share a day.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import product
from typing import Any

from shops.building import Row

AS_OF = dt.date(2024, 12, 31)
THRESHOLDS = {
    "method": "threshold",
    "recency_days": [10, 20, 30, 40],
    "frequency_orders": [2, 3, 4, 5],
    "monetary_amounts": [10, 20.5, 30, 40],
}
DAYS = {5: 10, 4: 20, 3: 30, 2: 40, 1: 41}
"""Days since the last order: the most that gives the score; 41 is one too many for 2."""
SPENT = {1: "9.9999", 2: "10", 3: "20.5", 4: "30", 5: "40"}
"""The least that gives the score; 9.9999 is just too little for 2."""

OTHER_SIDE = {
    # who: days since the last order, orders, net; and the scores
    "d11": (11, 1, "1", (4, 1, 1)),
    "d21": (21, 1, "1", (3, 1, 1)),
    "d31": (31, 1, "1", (2, 1, 1)),
    "d00": (0, 1, "1", (5, 1, 1)),
    "o06": (10, 6, "1", (5, 5, 1)),
    "m20": (10, 1, "20.4999", (5, 1, 2)),
    "m29": (10, 1, "29.9999", (5, 1, 3)),
    "m39": (10, 1, "39.9999", (5, 1, 4)),
}


def customers() -> dict[str, tuple[int, int, str, tuple[int, int, int]]]:
    """Customer: days since the last order, orders, net amount, scores."""
    scores = product(range(1, 6), repeat=3)
    cube = {f"r{r}f{f}m{m}": (DAYS[r], f, SPENT[m], (r, f, m)) for r, f, m in scores}
    return cube | OTHER_SIDE


def lines() -> list[Row]:
    """Each customer's orders, a day apart, the last one at the right age; all but 0.01 each is paid at the last."""
    rows = []
    for who, (days, orders, spent, _) in customers().items():
        for number in range(orders):
            is_last = number == orders - 1
            price = Decimal(spent) - Decimal("0.01") * (orders - 1) if is_last else Decimal("0.01")
            at = AS_OF - dt.timedelta(days + orders - 1 - number)
            rows.append({"order": f"{who}-{number}", "at": at, "who": who, "what": "box", "pieces": 1, "price": price})
    return rows


def settings(**more: Any) -> Row:
    columns = {
        "order_id": "order",
        "ordered_at": "at",
        "customer_id": "who",
        "product_id": "what",
        "quantity": "pieces",
        "unit_price": "price",
    }
    return {
        "shop": {"name": "Cube", "timezone": "America/New_York"},
        "as_of": AS_OF.isoformat(),
        "sources": {"boxes": {"files": "*.csv", "entities": {"order_lines": {"columns": columns}}}},
        "rfm": THRESHOLDS,
        **more,
    }
