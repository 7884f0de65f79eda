"""Draws orders online and in store, and calls for help; an escalated call costs the shop orders."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from patron.simulate import ShopSpec, simulate_shop

ESCALATION_FACTOR = 0.45
"""How many of the orders that a customer would have placed they still place once a call of theirs was escalated."""

FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2024, 12, 31)
BEGIN, END = datetime(2023, 1, 1), datetime(2025, 1, 1)
_CHANNELS = (("online", 0.4), ("store", 0.35), ("both", 0.25))
_STATUSES = (("Completed", 0.8), ("Pending", 0.12), ("Failed", 0.08))
_RESOLUTIONS = (("Resolved", 0.55), ("Escalated", 0.25), ("Pending", 0.2))
_ISSUES = ("Delivery", "Invoice", "Product question", "Complaint", "Something else")
_CALLS_A_YEAR = 1.2
_CALLS_AFTER_LEAVING = timedelta(days=30)
_PRODUCTS_LOOKED_AT = 4


class Buyer(NamedTuple):
    """One customer with orders. until: when they stop calling, some time after they left for good."""

    customer_id: int
    joined: datetime
    until: datetime
    channel: str


class Call(NamedTuple):
    """One service interaction."""

    at: datetime
    customer_id: int
    agent_id: int
    issue: str
    resolution: str


class Order(NamedTuple):
    """One order; the amount in cents. product_id and status are of online orders, store_id of those in store."""

    at: datetime
    customer_id: int
    channel: Literal["online", "store"]
    amount: int
    product_id: int = 0
    status: str = "Completed"
    store_id: int = 0


def draw_shop(customers: int, seed: int) -> Any:
    """Draw the purchases of two years, before calls and channels are known; behaviour varies widely between people."""
    return simulate_shop(
        ShopSpec(
            customers=customers,
            start=FIRST_DAY,
            days=(LAST_DAY - FIRST_DAY).days + 1,
            seed=seed,
            r=0.6,
            alpha_weeks=4.5,
            s=0.5,
            beta_weeks=16.0,
            spend_p=3.0,
            spend_q=2.8,
            spend_gamma=45.0,
            lines_per_order=1.0,
            products=100,
            opening_hours=(0, 24),
            guest_rate=0.0,
            refund_rate=0.0,
            discount_rate=0.0,
        )
    )


def draw_buyers(shop: Any, customer_ids: list[int], rng: random.Random) -> dict[int, Buyer]:
    """Map the numbers of the simulated customers to buyers with the shop's own ids."""
    buyers = {}
    for row, customer_id in zip(shop.truth.to_pylist(), customer_ids, strict=True):
        until = min((row["left_at"] or END) + _CALLS_AFTER_LEAVING, END)
        buyers[row["customer_id"]] = Buyer(customer_id, row["acquired_at"], until, pick_weighted(_CHANNELS, rng))
    return buyers


def draw_calls(buyers: dict[int, Buyer], agents: int, rng: random.Random) -> list[Call]:
    """Draw calls at one rate, whatever a customer buys, so that what follows them is their own doing."""
    calls = []
    for buyer in buyers.values():
        at = buyer.joined
        while (at := after(at, 365 / _CALLS_A_YEAR, rng)) < buyer.until:
            agent, issue = rng.randint(1, agents), rng.choice(_ISSUES)
            calls.append(Call(at, buyer.customer_id, agent, issue, pick_weighted(_RESOLUTIONS, rng)))
    return sorted(calls)


def find_first_escalations(calls: list[Call]) -> dict[int, datetime]:
    """Find the time of each customer's first escalated call."""
    return {call.customer_id: call.at for call in reversed(calls) if call.resolution == "Escalated"}


def draw_orders(
    shop: Any, buyers: dict[int, Buyer], escalated: dict[int, datetime], *, prices: list[int], stores: int, seed: int
) -> Iterator[Order]:
    """Draw the orders that are still placed. prices: of the products online, in cents, in the order of their ids."""
    rng = random.Random(seed)
    for row in shop.table().select(["ordered_at", "customer_id", "quantity", "unit_price"]).to_pylist():
        buyer, at = buyers[row["customer_id"]], row["ordered_at"]
        if not is_skipped(buyer.customer_id, at, escalated, rng):
            amount = int(row["quantity"] * row["unit_price"] * 100)
            is_online = rng.random() < 0.5 if buyer.channel == "both" else buyer.channel == "online"
            if is_online:
                product_id, amount = _choose_product(amount, prices, rng)
                yield Order(at, buyer.customer_id, "online", amount, product_id, pick_weighted(_STATUSES, rng))
            else:
                at = _move_to_opening_hours(at)
                yield Order(at, buyer.customer_id, "store", amount, store_id=rng.randint(1, stores))


def is_skipped(customer_id: int, at: datetime, escalated: dict[int, datetime], rng: random.Random) -> bool:
    """Return whether a customer with an earlier escalated call skips this order (or visit)."""
    return at > escalated.get(customer_id, END) and rng.random() > ESCALATION_FACTOR


def pick_weighted(choices: tuple[tuple[str, float], ...], rng: random.Random) -> str:
    """Pick one of the words by its weight."""
    return rng.choices([word for word, _ in choices], [weight for _, weight in choices])[0]


def after(at: datetime, mean_days: float, rng: random.Random) -> datetime:
    """Draw the next moment, in whole seconds, of something that happens every `mean_days` days."""
    return at + timedelta(seconds=int(rng.expovariate(1 / (mean_days * 86_400))))


def _choose_product(amount: int, prices: list[int], rng: random.Random) -> tuple[int, int]:
    """Choose a product to spend about this amount on, and what so many pieces of it cost."""
    looked_at = rng.sample(range(len(prices)), _PRODUCTS_LOOKED_AT)
    product = min(looked_at, key=lambda place: abs(prices[place] - amount))
    return product + 1, prices[product] * max(1, round(amount / prices[product]))


def _move_to_opening_hours(at: datetime) -> datetime:
    """Move a moment into a day that lasts from ten to six, when every store is open."""
    day = at.replace(hour=0, minute=0, second=0)
    return day + timedelta(hours=10, seconds=(at - day).seconds // 3)
