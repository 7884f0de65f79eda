"""A shop with two channels, states of orders, loyalty, support and campaigns; answers in tests/measures/test_contacts_*.py.

Measured at 2025-03-31. The people:

    m1 m4 m5 m9 m10   one to ten orders: both sides of each engagement limit, and of the dominant channel's 70%
    f1                only orders that failed or wait; f2 has one that counts beside one that failed
    l1 .. l4          loyalty accounts: several tiers, another case, an unknown tier, one opened after as_of
    s1 .. s6          support: contacts, and an order so many days later
    a b c             campaign sessions; one session of nobody
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from shops.building import Row, table_rows

AS_OF = "2025-03-31"
BOTH = {"m1": (0, 1), "m4": (2, 2), "m5": (0, 5), "m9": (6, 3), "m10": (7, 3)}
"""Customer -> orders online and in store, 10.00 each, a day apart from 2025-03-01."""

ONLINE = table_rows("""
number | at                  | who | what | amount | state
1      | 2025-01-05 10:00:00 | f1  | P1   | 50.00  | Failed
2      | 2025-01-06 10:00:00 | f1  | P1   | 60.00  | Pending
3      | 2025-01-07 10:00:00 | f2  | P2   | 70.00  | COMPLETED
4      | 2025-01-08 10:00:00 | f2  | P2   | 80.00  | failed
5      | 2025-02-01 10:00:00 | a   | P1   | 5.00   | Completed
""")
STORE = table_rows("""
number | at                  | who | where | amount
1      | 2024-12-01 09:00:00 | s1  | 1     | 20.00
2      | 2025-01-31 09:00:00 | s1  | 1     | 20.00
3      | 2024-12-01 09:00:00 | s2  | 1     | 20.00
4      | 2025-02-01 09:00:00 | s2  | 1     | 20.00
5      | 2024-12-01 09:00:00 | s3  | 1     | 20.00
6      | 2024-12-01 09:00:00 | s4  | 2     | 20.00
7      | 2025-03-01 09:00:00 | s5  | 2     | 20.00
8      | 2024-12-01 09:00:00 | s6  | 2     | 20.00
9      | 2025-03-30 09:00:00 |     | 2     | 3.00
""")
ACCOUNTS = table_rows("""
account | who | tier     | points | spent | joined
1       | l1  | Silver   | 100    | 10    | 2024-01-01
2       | l1  | Platinum | 200    |       | 2024-03-31
3       | l1  | Gold     | 50     | 5     | 2024-06-01
4       | l2  | gold     | 7      |       | 2025-03-31
5       | l3  | Diamond  | 1      |       | 2025-01-01
6       | l4  | Gold     | 9      |       | 2025-04-01
""")
POINTS = table_rows("""
account | at                  | change | why
1       | 2025-01-01 10:00:00 | 30     | Purchase
1       | 2025-02-01 10:00:00 | -10.5  | Redeemed
3       | 2025-03-01 10:00:00 | 5      | Purchase
3       | 2025-04-01 10:00:00 | 99     | Too late
""")
TICKETS = table_rows("""
ticket | who | at                  | about                | state
1      | s1  | 2025-01-01 12:00:00 | Technical Issue      | Resolved
2      | s2  | 2025-01-01 12:00:00 | billing question     | Escalated
3      | s2  | 2025-02-15 12:00:00 | Late delivery        | closed
4      | s3  | 2025-03-01 12:00:00 | Complaint            | Pending
5      | s4  | 2025-02-28 12:00:00 | Product Inquiry      | ESCALATED
6      | s4  | 2025-03-02 12:00:00 | Something            | Resolved
7      | s4  | 2025-03-03 12:00:00 |                      |
8      | s5  | 2025-04-01 12:00:00 | Complaint            | Escalated
9      |     | 2025-03-03 12:00:00 | Complaint            | Resolved
""")
SESSIONS = table_rows("""
at                  | who | campaign | pieces | price | cost | cart | sure  | back  | why
2025-01-01 10:00:00 | a   | A        | 1      | 1.00  | 0.50 |      | False |       |
2025-01-03 10:00:00 | a   | B        | 1      | 9.00  | 5.00 | yes  | False |       |
2025-01-08 10:00:00 | a   | C        | 4      | 25.00 | 10.00| yes  | True  | False |
2025-01-09 10:00:00 | a   | A        | 1      | 10.00 | 4.00 | yes  | True  | True  | Too late
2025-02-20 10:00:00 | b   | B        | 2      | 30.00 | 20.00| yes  | True  | False |
2025-03-22 09:00:00 | b   | A        | 1      | 40.00 |      |      | True  |       |
2025-03-25 09:00:00 |     | B        | 1      | 7.00  | 1.00 | yes  | True  | False |
2025-03-26 09:00:00 | c   |          | 1      | 7.00  | 1.00 | yes  | False |       |
2025-03-31 23:59:59 | c   | C        | 1      | 11.00 | 1.00 | yes  | True  | False |
2025-04-01 00:00:00 | c   | C        | 1      | 99.00 | 1.00 | yes  | True  | False |
""")


def _both() -> tuple[list[Row], list[Row]]:
    day = dt.datetime(2025, 3, 1, 15)
    online: list[Row] = []
    store: list[Row] = []
    for who, (web, till) in BOTH.items():
        for place in range(web + till):
            at = day + dt.timedelta(days=place)
            if place < web:
                number = 100 + len(online)
                online.append({"number": number, "at": at, "who": who, "what": "P1", "amount": 10, "state": None})
            else:
                store.append({"number": 100 + len(store), "at": at, "who": who, "where": 1, "amount": 10})
    return online, store


_ONLINE_TOO, _STORE_TOO = _both()
FILES = {
    "online.csv": [*ONLINE, *_ONLINE_TOO],
    "store.csv": [*STORE, *_STORE_TOO],
    "accounts.csv": ACCOUNTS,
    "points.csv": POINTS,
    "tickets.csv": TICKETS,
    "sessions.csv": SESSIONS,
}


def settings(**changes: Any) -> dict[str, Any]:
    """patron.yaml of the shop; `changes` replace whole parts."""
    return {
        "shop": {"name": "Contacts", "currency": "EUR", "timezone": "UTC"},
        "as_of": AS_OF,
        "clv": {"run_rate_least_days": 120},
        "sources": {
            "online": _orders("online.csv", {"channel": "'online'", "product_id": "what", "status": "state"}),
            "store": _orders("store.csv", {"channel": "'in store'", "store_id": '"where"'}),
            "accounts": _source(
                "accounts.csv",
                "loyalty_accounts",
                loyalty_id="account",
                customer_id="who",
                tier="tier",
                points_earned="points",
                points_redeemed="spent",
                joined_date="joined",
            ),
            "points": _source(
                "points.csv",
                "loyalty_transactions",
                loyalty_id="account",
                changed_at="at",
                points_change="change",
                reason="why",
            ),
            "tickets": _source(
                "tickets.csv",
                "service_interactions",
                interaction_id="ticket",
                customer_id="who",
                contacted_at="at",
                issue_type="about",
                resolution_status="state",
            ),
            "sessions": _source(
                "sessions.csv",
                "campaign_touches",
                customer_id="who",
                touched_at="at",
                campaign="campaign",
                quantity="pieces",
                unit_price="price",
                unit_cost="cost",
                is_carted="cart",
                is_confirmed="sure",
                is_returned="back",
                return_reason="why",
            ),
        },
        "churn": {"low_days": 30, "medium_days": 60, "window_days": 90},
        **changes,
    }


def _orders(file: str, own: dict[str, str]) -> dict[str, Any]:
    columns = {"order_id": "number", "ordered_at": '"at"', "customer_id": "who", "order_amount": "amount", **own}
    return {"files": file, "entities": {"orders": {"key": ["order_id"], "columns": columns}}}


def _source(file: str, entity: str, **columns: str) -> dict[str, Any]:
    quoted = {name: f'"{column}"' for name, column in columns.items()}
    return {"files": file, "entities": {entity: {"columns": quoted}}}
