"""A shop whose customers are of four kinds: regulars, lapsed, once long ago, new. Which is said by the customer's id."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

LAST_DAY = dt.date(2024, 12, 30)
_HEADER = ("order_id", "ordered_at", "customer_id", "product_id", "quantity", "unit_price")
_KINDS = {
    # days silent, orders, days apart, price of an order
    "regular": (10, 25, 14, 120.0),
    "lapsed": (250, 7, 21, 30.0),
    "once": (320, 1, 0, 25.0),
    "new": (6, 1, 0, 60.0),
}


def settings(**clusters: Any) -> dict[str, Any]:
    """patron.yaml. clusters: settings of predictions.clusters."""
    columns = {name: name for name in _HEADER}
    source = {"files": "orders.csv", "entities": {"order_lines": {"columns": columns}}}
    yaml: dict[str, Any] = {"shop": {"name": "Groups"}, "data": "data", "sources": {"orders": source}}
    return yaml | ({"predictions": {"clusters": clusters}} if clusters else {})


def files(customers: int = 240, seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    """orders.csv: as many customers of each kind, whose numbers scatter by a tenth or so."""
    draw = random.Random(seed)
    rows = []
    for number in range(customers):
        kind = list(_KINDS)[number % len(_KINDS)]
        silent, orders, apart, price = _KINDS[kind]
        day = LAST_DAY - dt.timedelta(days=round(silent * draw.uniform(0.8, 1.2)))
        for _ in range(max(1, round(orders * draw.uniform(0.8, 1.2)))):
            rows.append(
                {
                    "order_id": f"o{len(rows)}",
                    "ordered_at": f"{day} 12:00:00",
                    "customer_id": f"{kind}-{number}",
                    "product_id": "p1",
                    "quantity": 1,
                    "unit_price": round(price * draw.uniform(0.8, 1.2), 2),
                }
            )
            day -= dt.timedelta(days=max(1, round(apart * draw.uniform(0.7, 1.3))))
    return {"orders.csv": rows}


def kind_of(customer_id: str) -> str:
    return customer_id.split("-", maxsplit=1)[0]
