"""A chain in New York with three tills and two lists of customers, each writing in its own way.

till    no keys; two ways of writing a day, $1,234.50, `n/a` and `-` for nothing; one line stands there twice
web     keyed by order and line; times with offsets, 1.234,50; a second file corrects the first
phone   orders without lines; days without a time
crm     customers, first in patron.yaml; news comes second and fills what crm does not know
"""

from __future__ import annotations

from typing import Any

from shops.building import Row, table_rows

TILL = table_rows("""
Receipt | When                | Card | Item | Qty | Price     | Land
17      | 01/05/2024 09:00    | 17   | tea  | 1   | $1,234.50 | n/a
17      | 01/05/2024 09:00    | 17   | tea  | 1   | $1,234.50 | n/a
18      | 2024-01-06 23:30:00 | n/a  | jam  | 2   | 2.00      | -
19      | 13/45/2024 09:00    | 17   | tea  | 1   | $1.00     | UK
20      | 01/07/2024 10:00    | 17   | tea  | 1   | 1.234,50  | UK
21      | 01/07/2024 10:00    | 17   | tea  | n/a | $5.00     | UK
22      | 01/08/2024 08:00    | 18   | urn  | 1   | 1,000     | UK
""")

WEB_FIRST = table_rows("""
order | line | placed                    | buyer | item | qty | price
17    | 1    | 2024-01-05T03:00:00Z      | 17    | tea  | 1   | 10,00
17    | 2    | 2024-01-05T03:00:00Z      | 17    | cup  | 2   | 1.000,50 €
17    | 3    | 2024-01-05T03:00:00Z      | 17    | jam  | 1   | 5,00
17    | 3    | 2024-01-05T03:00:00Z      | 17    | jam  | 1   | 6,00
30    | 1    | 2024-01-09T08:00:00+01:00 | 17    | tea  | 1   | 20,00
31    | 1    | 2024-07-01 00:30:00 UTC   | 19    | tea  | 1   | 30
""")

WEB_SECOND = table_rows("""
order | line | placed                    | buyer | item | qty | price
17    | 2    | 2024-01-05T03:00:00Z      | 17    | cup  | 1   | 1.000,50
30    | 1    | 2024-01-09T08:00:00+01:00 | 20    | tea  | 1   | 20,00
""")
"""One cup instead of two; and order 30 was customer 20's, not 17's."""

PHONE = table_rows("""
number | taken      | caller | amount | off  | state
17     | 2024-01-10 | 17     | 50.00  | 5.00 | done
18     | 2024-01-11 | 21     | 70.00  |      | failed
19     | 2024-01-11 |        | 12.00  |      | done
20     | 9999-12-31 | 17     | 1.00   |      | done
""")

CRM = table_rows("""
id | name    | mail         | land | joined               | changed
17 | Ann     |              | UK   | 2023-05-01T01:00:00Z | 2024-01-01
17 | Ann Old | old@crm.test | USA  | 2023-05-01T01:00:00Z | 2023-01-01
18 |         | bob@crm.test |      |                      | 2024-01-01
""")

NEWS = table_rows("""
id | name   | mail          | land   | joined     | changed
17 | Ann N. | ann@news.test | France |            | 2024-06-01
18 | Bob    | bob@news.test | Spain  | 2024-02-29 | 2024-06-01
19 | Cid    | cid@news.test | USA    |            | 2024-06-01
""")
for row, town in zip(NEWS, ("NaN ", "madrid", None), strict=True):
    row["town"] = town  # its word for nothing ends in a blank

FIRST_FILES = {
    "till.csv": TILL,
    "web/1.csv": WEB_FIRST,
    "phone.csv": PHONE,
    "crm.csv": CRM,
    "news.csv": NEWS,
}
SECOND_FILES = {"web/2.csv": WEB_SECOND}


def settings(**more: Any) -> Row:
    customers = {
        "customer_id": "id",
        "customer_name": "name",
        "email": "mail",
        "country": "land",
        "signed_up_at": "joined",
        "updated_at": "changed",
    }
    news = {**customers, "city": "upper(town)"}
    return {
        "shop": {"name": "Chain", "timezone": "America/New_York"},
        "orders": {"spend_statuses": ["done"], "amount": "goods"},
        "sources": {
            "till": {"files": "till.csv", "null_values": ["n/a", "-"], "entities": {"order_lines": _till()}},
            "web": {"files": "web/*.csv", "entities": {"order_lines": _web()}},
            "phone": {"files": "phone.csv", "entities": {"orders": _phone()}},
            "crm": {"files": "crm.csv", "entities": {"customers": {"columns": dict(customers)}}},
            "news": {"files": "news.csv", "null_values": ["NaN"], "entities": {"customers": {"columns": news}}},
        },
        **more,
    }


def _till() -> Row:
    return {
        "columns": {
            "order_id": "Receipt",
            "ordered_at": {"expression": "When", "format": ["%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M:%S"]},
            "customer_id": "Card",
            "product_id": "upper(Item)",
            "quantity": "Qty",
            "unit_price": {"expression": "Price", "format": "1,234.50"},
            "country": "Land",
        }
    }


def _web() -> Row:
    return {
        "key": ["order_id", "line_number"],
        "columns": {
            "order_id": "order",
            "line_number": "line",
            "ordered_at": "placed",
            "customer_id": "buyer",
            "product_id": "upper(item)",
            "quantity": "qty",
            "unit_price": {"expression": "price", "format": "1.234,50"},
        },
    }


def _phone() -> Row:
    return {
        "key": "order_id",
        "where": "state <> 'failed'",
        "columns": {
            "order_id": "number",
            "ordered_at": "taken",
            "customer_id": "caller",
            "order_amount": "amount",
            "order_discount_amount": "off",
            "status": "state",
        },
    }


def flipped() -> Row:
    """The other way round: till and web share their orders, phone and crm number customers for themselves, exact
    duplicates are dropped, and today is the day.
    """
    changed = settings(as_of="today", rules={"exact_duplicates": "drop"})
    for source in ("till", "web"):
        changed["sources"][source]["entities"]["order_lines"]["namespace"] = {"order_id": "shop"}
    changed["sources"]["phone"]["entities"]["orders"]["namespace"] = {"customer_id": "source"}
    changed["sources"]["crm"]["entities"]["customers"]["namespace"] = {"customer_id": "source"}
    return changed
