"""The grocer's customers: where they live, when they order, and whether they lapse."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict, deque
from datetime import date, datetime, timedelta
from itertools import count
from typing import Literal, NamedTuple

from patron.simulate import ShopSpec, simulate_shop

Kind = Literal["ordinary", "growing", "shrinking", "golden", "lapsed"]

KINDS: dict[Kind, float] = {"ordinary": 0.68, "growing": 0.1, "shrinking": 0.1, "golden": 0.05, "lapsed": 0.07}
"""Share of the customers of each kind; those who would lapse but came late are ordinary."""

HABITS = {"Northeast": (0, 10), "Midwest": (6, 9), "South": (1, 15), "West": (4, 19)}
"""Region: the weekday (0 is Sunday) and the hour that its customers like best."""

FIRST_SUNDAY, WEEKS = date(2024, 1, 7), 52
"""First orders are placed in these weeks: those of anchor_date and spread_weeks in patron.yaml."""

LEAST_ORDERS, MOST_ORDERS = 4, 100
_WEEKS_MORE = 12
_LAPSED_CAME_BY_WEEK = 20
_HAS_HABIT = 0.5
_LAPSED_ORDERS, _LAPSED_GAPS = 28, (4, 5, 6)
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
    """Draw those of some `customers` people who order at least four times.

    Times come from the simulated shop, moved to habits.

    Each has an id whose week, by the rule of rebuilt times, is that of the first order: so the rebuilt calendar is
    the true one until a gap of more than 30 days, of which the files say only that.
    """
    ids, shoppers = _Ids(), list[Shopper]()
    for times in _simulate(customers, seed):
        region, kind = rng.choice(list(HABITS)), rng.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == "lapsed" and _get_week(times[0]) >= _LAPSED_CAME_BY_WEEK:
            kind = "ordinary"
        moved = _move_to_habits(_draw_lapsing(times[0], rng) if kind == "lapsed" else times[:MOST_ORDERS], region, rng)
        if len(moved) >= LEAST_ORDERS and _get_week(moved[0]) in range(WEEKS):
            customer_id, state = ids.next_of(_get_week(moved[0])), rng.choice(_STATES[region].split())
            shoppers.append(Shopper(customer_id, kind, region, state, moved))
    return sorted(shoppers)


def address_row(shopper: Shopper, rng: random.Random) -> tuple[object, ...]:
    """Draw user_id, address1, address2, city, state, zip."""
    street = f"{rng.randint(1, 199)} {rng.choice(_STREETS)}"
    flat = f"Apt {rng.randint(1, 40)}, Rear" if rng.random() < 0.3 else ""
    return shopper.customer_id, street, flat, rng.choice(_TOWNS), shopper.state, f"{rng.randint(0, 999):05d}"


def number_weekday(at: datetime) -> int:
    """Return the weekday as the files count it: 0 is Sunday."""
    return (at.weekday() + 1) % 7


class _Ids:
    """Ids from 1, each assigned once, to a customer who arrived in its week."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._waiting: dict[int, deque[int]] = defaultdict(deque)

    def next_of(self, week: int) -> int:
        while not self._waiting[week]:
            number = next(self._numbers)
            digest = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
            self._waiting[int(digest[:4], 16) % WEEKS].append(number)
        return self._waiting[week].popleft()


def _get_week(at: datetime) -> int:
    return (at.date() - FIRST_SUNDAY).days // 7


def _simulate(customers: int, seed: int) -> list[list[datetime]]:
    spec = ShopSpec(
        customers=customers,
        seed=seed,
        start=FIRST_SUNDAY,
        days=7 * (WEEKS + _WEEKS_MORE),
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


def _draw_lapsing(first: datetime, rng: random.Random) -> list[datetime]:
    """Draw orders every fifth day or so for some four months, and then never again."""
    times = [first]
    while len(times) < _LAPSED_ORDERS:
        times.append(times[-1] + timedelta(days=rng.choice(_LAPSED_GAPS)))
    return times


def _move_to_habits(times: list[datetime], region: str, rng: random.Random) -> list[datetime]:
    """Move half of the orders to the nearest day that the region likes best, half at its hour; no two in one hour."""
    weekday, hour = HABITS[region]
    moved: set[datetime] = set()
    for at in times:
        days = (weekday - number_weekday(at) + 3) % 7 - 3 if rng.random() < _HAS_HABIT else 0
        at_hour = hour if rng.random() < _HAS_HABIT else at.hour
        moved.add((at + timedelta(days=days)).replace(hour=at_hour, minute=0))
    return sorted(moved)
