"""A small shop whose customers are called what no page may take for markup, and which asks its readers to sign in."""

from __future__ import annotations

import datetime as dt
from typing import Any

NAMES = {
    "c1": "<script>alert(1)</script>",
    "c2": "**bold** and [a](http://example.net)",
    "c3": "$x$ costs :red[much]",
    "c4": "<b>B</b> & <a href='http://example.net'>Sons</a>",
    "c5": "=HYPERLINK(1)",
}
PASSWORDS = {"ana": "sees the people", "ben": "sees the numbers"}

_FIRST = dt.date(2025, 1, 6)
_DAYS = 120

PEOPLE = [
    {"id": key, "name": name, "email": f"{key}@example.net", "place": "<i>Town</i> $1$"} for key, name in NAMES.items()
]
RECEIPTS = [
    {
        "number": day * 10 + place,
        "at": f"{_FIRST + dt.timedelta(days=day)} 10:00:00",
        "who": key,
        "what": f"<i>thing</i> {place}",
        "amount": f"{10 + place}.00",
    }
    for day in range(0, _DAYS, 5)
    for place, key in enumerate(NAMES)
    if (day // 5) % (place + 1) == 0
]
FILES = {"people.csv": PEOPLE, "receipts.csv": RECEIPTS}


def settings() -> dict[str, Any]:
    """patron.yaml of the shop."""
    return {
        "shop": {"name": "<u>Odd</u> *Shop*", "currency": "EUR", "locale": "en_GB"},
        "dashboard": {"sign_in": "password", "users": "users.txt"},
        "sources": {
            "people": {
                "files": "people.csv",
                "entities": {
                    "customers": {
                        "columns": {"customer_id": "id", "customer_name": "name", "email": "email", "city": "place"},
                        "key": "customer_id",
                    }
                },
            },
            "receipts": {
                "files": "receipts.csv",
                "entities": {
                    "order_lines": {
                        "columns": {
                            "order_id": "number",
                            "customer_id": "who",
                            "ordered_at": "at",
                            "product_id": "what",
                            "quantity": "1",
                            "unit_price": "amount",
                        }
                    }
                },
            },
        },
    }
