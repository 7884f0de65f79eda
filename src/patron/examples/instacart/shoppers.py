"""The grocer's customers: where they live, what becomes of them, and when they order."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from patron.simulate import ShopSpec, simulate_shop

Kind = Literal["ordinary", "growing", "shrinking", "golden", "lapsed"]

KINDS: dict[Kind, float] = {"ordinary": 0.72, "growing": 0.09, "shrinking": 0.09, "golden": 0.05, "lapsed": 0.05}
"""Share of the customers of each kind."""

HABITS = {"Northeast": (0, 10), "Midwest": (6, 9), "South": (1, 15), "West": (4, 19)}
"""Region: the weekday (0 is Sunday) and the hour that its customers like best."""

LEAST_ORDERS, MOST_ORDERS = 4, 100
_HAS_HABIT = 0.5
_LAPSED_ORDERS, _LAPSED_GAPS = 24, (2, 3, 3)
_STATES = {"Northeast": "MA NY PA VT", "Midwest": "IA MI OH WI", "South": "GA NC TN TX", "West": "AZ CA OR WA"}
_STREETS = ("Bridge Row", "Chapel Steps", "Harbour Lane", "Mill Rd.", "Orchard Way", "Quarry Street", "Station Ave")
_TOWNS = ("Aldermere", "Birchford", "Claywick", "Dunmoor", "Elderton", "Fernshaw", "Larkstead", "Thornwell")


class Shopper(NamedTuple):
    """One customer with the days and hours of their orders, in order of time."""

    customer_id: int
    kind: Kind
    region: str
    state: str
    times: list[datetime]


def draw_shoppers(customers: int, seed: int, rng: random.Random) -> list[Shopper]:
    """Some `customers` people of at least four orders; ids from 1. Times come from the simulated shop, moved to habits."""
    drawn = [times for times in _simulated(customers, seed) if len(times) >= LEAST_ORDERS]
    kinds = rng.choices(list(KINDS), list(KINDS.values()), k=len(drawn))
    shoppers = []
    for customer_id, (times, kind) in enumerate(zip(drawn, kinds, strict=True), 1):
        region = rng.choice(list(HABITS))
        moved = _lapsing(times[0], rng) if kind == "lapsed" else times[:MOST_ORDERS]
        shoppers.append(
            Shopper(customer_id, kind, region, rng.choice(_STATES[region].split()), _by_habit(moved, region, rng))
        )
    return shoppers


def address_row(shopper: Shopper, rng: random.Random) -> tuple[object, ...]:
    """user_id, address1, address2, city, state, zip."""
    street = f"{rng.randint(1, 199)} {rng.choice(_STREETS)}"
    flat = f"Apt {rng.randint(1, 40)}, Rear" if rng.random() < 0.3 else ""
    return shopper.customer_id, street, flat, rng.choice(_TOWNS), shopper.state, f"{rng.randint(0, 999):05d}"


def _simulated(customers: int, seed: int) -> list[list[datetime]]:
    spec = ShopSpec(
        customers=customers,
        seed=seed,
        days=400,
        r=1.4,
        alpha_weeks=3.2,
        s=1.0,
        beta_weeks=60.0,
        opening_hours=(7, 23),
        products=20,
        lines_per_order=1.0,
        guest_rate=0.0,
        refund_rate=0.0,
        discount_rate=0.0,
    )
    times: dict[int, set[datetime]] = defaultdict(set)
    for row in simulate_shop(spec).table().select(["ordered_at", "customer_id"]).to_pylist():
        times[row["customer_id"]].add(row["ordered_at"].replace(minute=0, second=0))
    return [sorted(own) for _, own in sorted(times.items())]


def _lapsing(first: datetime, rng: random.Random) -> list[datetime]:
    """Every second or third day for some nine weeks, and then never again."""
    times = [first]
    while len(times) < _LAPSED_ORDERS:
        times.append(times[-1] + timedelta(days=rng.choice(_LAPSED_GAPS)))
    return times


def _by_habit(times: list[datetime], region: str, rng: random.Random) -> list[datetime]:
    """Half of the orders on the nearest day that the region likes best, half at its hour; no two in one hour."""
    weekday, hour = HABITS[region]
    moved: set[datetime] = set()
    for at in times:
        days = (weekday - dow(at) + 3) % 7 - 3 if rng.random() < _HAS_HABIT else 0
        at_hour = hour if rng.random() < _HAS_HABIT else at.hour
        moved.add((at + timedelta(days=days)).replace(hour=at_hour, minute=0))
    return sorted(moved)


def dow(at: datetime) -> int:
    """The weekday as the files count it: 0 is Sunday."""
    return (at.weekday() + 1) % 7
