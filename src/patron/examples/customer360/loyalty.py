"""Loyalty accounts, of which some customers hold several, and the points that come and go on them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from patron.examples.customer360.orders import BEGIN, END, LAST_DAY, Buyer, Order, after, pick_weighted

_TIERS = ("Bronze", "Silver", "Gold", "Platinum")
_TIER_FROM = (0, 300_00, 1_000_00, 3_000_00)  # spent in two years, in cents
_MEMBERS = 0.5
_ACCOUNTS = (0.74, 0.2, 0.06)
_OLD_CUSTOMER = timedelta(days=60)
_CENTS_A_POINT = 1000
_DAYS_BETWEEN_EXTRAS = 240
_EXTRAS = (("Promotion", 0.5), ("Referral", 0.3), ("Correction", 0.2))


class Account(NamedTuple):
    """One account; points: those it began with and all that were added since."""

    joined: date
    customer_id: int
    tier: str
    points: int = 0


class Points(NamedTuple):
    """Points given or taken at a time."""

    at: datetime
    loyalty_id: int
    change: int
    reason: str


def draw_accounts(buyers: Iterable[Buyer], spent: dict[int, int], rng: random.Random) -> list[Account]:
    """Draw the accounts in the order of their ids; several of one customer are of different tiers."""
    accounts = []
    for buyer in buyers:
        if rng.random() < _MEMBERS:
            fitting = sum(spent.get(buyer.customer_id, 0) >= limit for limit in _TIER_FROM) - 1
            others = rng.sample([tier for tier in _TIERS if tier != _TIERS[fitting]], len(_TIERS) - 1)
            joined = _draw_join_date(buyer, rng)
            for tier in [_TIERS[fitting], *others][: rng.choices([1, 2, 3], _ACCOUNTS)[0]]:
                opening = rng.randint(0, 800) if joined < BEGIN.date() else 0
                accounts.append(Account(joined, buyer.customer_id, tier, opening))
                joined = min(joined + timedelta(days=rng.randint(10, 300)), LAST_DAY)
    return sorted(accounts)


def draw_points(accounts: list[Account], orders: Iterable[Order], rng: random.Random) -> list[Points]:
    """Draw points for completed orders, to whichever account the customer shows, and sometimes for something else."""
    held = defaultdict(list)
    for loyalty_id, account in enumerate(accounts, 1):
        held[account.customer_id].append((loyalty_id, account.joined))
    points = []
    for order in orders:
        open_ones = [loyalty_id for loyalty_id, joined in held[order.customer_id] if joined <= order.at.date()]
        if open_ones and order.status == "Completed":
            points.append(Points(order.at, rng.choice(open_ones), 1 + order.amount // _CENTS_A_POINT, "Purchase"))
    for loyalty_id, account in enumerate(accounts, 1):
        at = max(datetime.combine(account.joined, datetime.min.time()), BEGIN)
        while (at := after(at, _DAYS_BETWEEN_EXTRAS, rng)) < END:
            reason = pick_weighted(_EXTRAS, rng)
            low, high = (-15, 15) if reason == "Correction" else (5, 100)
            points.append(Points(at, loyalty_id, rng.randint(low, high), reason))
    return sorted(points)


def add_points(accounts: list[Account], points: Iterable[Points]) -> list[Account]:
    """Add up every point ever added to the accounts; corrections that took points are ignored."""
    added: dict[int, int] = defaultdict(int)
    for each in points:
        added[each.loyalty_id] += max(each.change, 0)
    return [account._replace(points=account.points + added[place]) for place, account in enumerate(accounts, 1)]


def _draw_join_date(buyer: Buyer, rng: random.Random) -> date:
    """Draw a date soon after the first order, or long before it for customers who bought early in the period."""
    if buyer.joined < BEGIN + _OLD_CUSTOMER and rng.random() < 0.7:
        return BEGIN.date() - timedelta(days=rng.randint(1, 3 * 365))
    return min(buyer.joined.date() + timedelta(days=rng.choice([0, 0, 0, 7, 30, 60])), LAST_DAY)
