"""Two years of a shop seen from every side: orders online and in store, loyalty, service, web sessions, shoppers.

The columns and traps are those of the Customer 360 sample files. The purchases come from patron.simulate; what is
added here ties the files to one another, and what an escalated service call costs is known.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from patron.examples.customer360 import sessions as web
from patron.examples.customer360.directory import (
    Product,
    agent_rows,
    count_invalid_emails,
    customer_rows,
    draw_products,
    store_rows,
)
from patron.examples.customer360.loyalty import Account, Points, add_points, draw_accounts, draw_points
from patron.examples.customer360.orders import (
    BEGIN,
    ESCALATION_FACTOR,
    Buyer,
    Call,
    Order,
    draw_buyers,
    draw_calls,
    draw_orders,
    draw_shop,
    find_first_escalations,
)
from patron.examples.customer360.shoppers import HEADER as SHOPPER_HEADER
from patron.examples.customer360.shoppers import shopper_rows
from patron.simulate.people import Person, draw_people

HEADERS = {
    "360/Agents.csv": "AgentID,Name,Department,Shift",
    "360/CustomerServiceInteractions.csv": "InteractionID,CustomerID,DateTime,AgentID,IssueType,ResolutionStatus",
    "360/Customers.csv": "CustomerID,Name,Email,Address",
    "360/InStoreTransactions.csv": "TransactionID,CustomerID,StoreID,DateTime,Amount,PaymentMethod",
    "360/LoyaltyAccounts.csv": "LoyaltyID,CustomerID,PointsEarned,TierLevel,JoinDate",
    "360/LoyaltyTransactions.csv": "LoyaltyID,DateTime,PointsChange,Reason",
    "360/OnlineTransactions.csv": "OrderID,CustomerID,ProductID,DateTime,PaymentMethod,Amount,Status",
    "360/Products.csv": "ProductID,Name,Category,Price",
    "360/Stores.csv": "StoreID,Location,Manager,OpenHours",
    "Customer360Insights.csv": ",".join(web.HEADER),
    "shopping_behaviour/customer_transactions_final.csv": ",".join(SHOPPER_HEADER),
}
_AGENTS, _STORES, _PRODUCTS = 40, 25, 100
_BUYERS = 0.97
_SHOPPERS_PER_CUSTOMER = 4
_PAYMENTS, _PAYMENT_WEIGHTS = ("Credit Card", "Debit Card", "Gift Card", "PayPal"), (0.4, 0.25, 0.1, 0.25)

Rows = Iterable[tuple[object, ...]]


def generate(folder: Path, *, customers: int = 1_200, seed: int = 1) -> dict[str, Any]:
    """Write the shop of some `customers` customers to `folder`, and return the truth about its files.

    The truth: files; rows by file ("360/Customers.csv": 1200); completed_amount, of completed online orders and all
    in store, and all_amount, the pending and failed ones too; sessions, conversions (confirmed ones), session_revenue
    (Price x Quantity of these) and returns; conversion_rates, the true one of each campaign; invalid_emails;
    escalation_factor, how many of their orders customers still place after an escalated call (1: all of them).
    """
    rng = random.Random(seed)
    buying = sorted(rng.sample(range(1, customers + 1), max(1, round(customers * _BUYERS))))
    shop = draw_shop(len(buying), seed)
    buyers = draw_buyers(shop, buying, rng)
    calls = draw_calls(buyers, _AGENTS, rng)
    escalated = find_first_escalations(calls)
    products = draw_products(_PRODUCTS, rng)
    prices = [product.price for product in products]
    orders = sorted(draw_orders(shop, buyers, escalated, prices=prices, stores=_STORES, seed=seed))

    people = draw_people(customers + customers // 4, rng)
    sessions = web.draw_sessions(_list_visitors(people, customers, list(buyers.values()), rng), escalated, rng)
    accounts = draw_accounts(buyers.values(), _sum_spending(orders), rng)
    points = draw_points(accounts, orders, rng)
    tables: dict[str, Rows] = {
        **_build_directory(people[:customers], products, rng),
        **_build_order_rows(orders, rng),
        **_build_member_rows(add_points(accounts, points), points, calls),
        "Customer360Insights.csv": (session.row for session in sessions),
        "shopping_behaviour/customer_transactions_final.csv": shopper_rows(customers * _SHOPPERS_PER_CUSTOMER, rng),
    }
    rows = {name: _write(folder / name, HEADERS[name], tables[name]) for name in HEADERS}
    truth = {
        **_summarize_orders(orders),
        **_summarize_sessions(sessions),
        "invalid_emails": count_invalid_emails(customers),
    }
    return {"files": [folder / name for name in HEADERS], "rows": rows, **truth, "escalation_factor": ESCALATION_FACTOR}


def _list_visitors(people: list[Person], customers: int, buyers: list[Buyer], rng: random.Random) -> list[web.Visitor]:
    """List the visitors: half are customers under their own ids, half are known to the web shop only."""
    strangers = range(customers + 1, len(people) + 1)
    known = {buyer.customer_id: buyer.joined for buyer in rng.sample(buyers, min(len(strangers), len(buyers)))}
    since = {**known, **dict.fromkeys(strangers, BEGIN)}
    return [
        web.Visitor(customer_id, people[customer_id - 1].name, people[customer_id - 1].gender, at)
        for customer_id, at in sorted(since.items())
    ]


def _build_directory(people: list[Person], products: list[Product], rng: random.Random) -> dict[str, Rows]:
    return {
        "360/Customers.csv": customer_rows(people, rng),
        "360/Products.csv": [(*product[:3], _format_money(product.price)) for product in products],
        "360/Stores.csv": store_rows(draw_people(_STORES, rng), rng),
        "360/Agents.csv": agent_rows(draw_people(_AGENTS, rng), rng),
    }


def _build_order_rows(orders: list[Order], rng: random.Random) -> dict[str, Rows]:
    """Build the rows of orders online and in store, each file numbered from 1."""
    online: list[tuple[object, ...]] = []
    in_store: list[tuple[object, ...]] = []
    for order in orders:
        payment, amount = rng.choices(_PAYMENTS, _PAYMENT_WEIGHTS)[0], _format_money(order.amount)
        if order.channel == "online":
            what = (order.customer_id, order.product_id, order.at, payment, amount, order.status)
            online.append((len(online) + 1, *what))
        else:
            in_store.append((len(in_store) + 1, order.customer_id, order.store_id, order.at, amount, payment))
    return {"360/OnlineTransactions.csv": online, "360/InStoreTransactions.csv": in_store}


def _build_member_rows(accounts: list[Account], points: list[Points], calls: list[Call]) -> dict[str, Rows]:
    return {
        "360/LoyaltyAccounts.csv": [
            (loyalty_id, account.customer_id, account.points, account.tier, account.joined)
            for loyalty_id, account in enumerate(accounts, 1)
        ],
        "360/LoyaltyTransactions.csv": [(each.loyalty_id, each.at, each.change, each.reason) for each in points],
        "360/CustomerServiceInteractions.csv": [
            (number, call.customer_id, call.at, call.agent_id, call.issue, call.resolution)
            for number, call in enumerate(calls, 1)
        ],
    }


def _write(file: Path, header: str, rows: Rows) -> int:
    """Write one file and return how many rows it has."""
    file.parent.mkdir(parents=True, exist_ok=True)
    listed = list(rows)
    with file.open("w", newline="", encoding="utf-8") as text:
        text.write(f"{header}\n")
        csv.writer(text, lineterminator="\n").writerows(listed)
    return len(listed)


def _sum_spending(orders: list[Order]) -> dict[int, int]:
    """Sum the completed orders of each customer, in cents."""
    spent: Counter[int] = Counter()
    for order in orders:
        if order.status == "Completed":
            spent[order.customer_id] += order.amount
    return spent


def _summarize_orders(orders: list[Order]) -> dict[str, Any]:
    return {
        "completed_amount": Decimal(sum(_sum_spending(orders).values())).scaleb(-2),
        "all_amount": Decimal(sum(order.amount for order in orders)).scaleb(-2),
    }


def _summarize_sessions(sessions: list[web.Session]) -> dict[str, Any]:
    confirmed = [session for session in sessions if session.is_confirmed]
    return {
        "sessions": len(sessions),
        "conversions": len(confirmed),
        "session_revenue": Decimal(sum(session.price * session.quantity for session in confirmed)),
        "returns": sum(session.is_returned for session in confirmed),
        "conversion_rates": dict(web.CONVERSION_RATES),
    }


def _format_money(cents: int) -> str:
    return str(cents / 100)
