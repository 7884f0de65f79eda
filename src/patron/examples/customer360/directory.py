"""The lists of the shop: customers, products, stores and agents."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from patron.simulate.people import Person

_LOOKS = "Amber Brushed Copper Dappled Folding Knotted Little Midnight Plain Quiet Ribbed Speckled Tall Woven".split()
_THINGS = {
    "Electronics": "Headphones Keyboard Radio Torch Webcam Charger",
    "Garden": "Trowel Watering-can Planter Bird-table Lantern Hammock",
    "Home": "Lampshade Rug Teapot Clock Cushion Bread-bin",
    "Outdoor": "Tent Rucksack Flask Compass Raincoat Stove",
    "Stationery": "Notebook Fountain-pen Calendar Pencil-case Atlas Diary",
}
_STREETS = "Acorn Beacon Canal Dovecote Foundry Harbour Juniper Kiln Mill Orchard Quarry Weaver".split()
_TOWNS = "Alderport Brackwater Clayford Dunmere Eastholm Fernley Greywick Millhaven Stonebridge Westmarsh".split()
_STATES = "CO GA ME MN NY OH OR TX VT WA".split()
_DEPARTMENTS = ("Orders", "Billing", "Technical", "Returns")
_SHIFTS = ("Morning", "Afternoon", "Evening")
_OPEN_UNTIL = (("8:00 AM", "8:00 PM"), ("9:00 AM", "7:00 PM"), ("9:00 AM", "9:00 PM"), ("10:00 AM", "6:00 PM"))
_CUSTOMERS_PER_INVALID_EMAIL = 200


class Product(NamedTuple):
    """One product of the online shop; price in cents."""

    product_id: int
    name: str
    category: str
    price: int


def draw_products(count: int, rng: random.Random) -> list[Product]:
    """Draw products of distinct names, most of them cheap and some expensive."""
    things = [(category, thing) for category, words in _THINGS.items() for thing in words.split()]
    named = rng.sample([(look, category, thing) for category, thing in things for look in _LOOKS], count)
    return [
        Product(
            number, f"{look} {thing.lower().replace('-', ' ')}", category, round(100 * rng.lognormvariate(3.6, 0.9))
        )
        for number, (look, category, thing) in enumerate(named, 1)
    ]


def customer_rows(people: list[Person], rng: random.Random) -> Iterator[tuple[object, ...]]:
    """List CustomerID, Name, Email, Address; a few of the e-mail addresses are invalid."""
    invalid = set(rng.sample(range(1, len(people) + 1), count_invalid_emails(len(people))))
    for customer_id, person in enumerate(people, 1):
        email = _spoil(person.email, rng) if customer_id in invalid else person.email
        street = f"{rng.randint(1, 400)} {rng.choice(_STREETS)} {rng.choice(['Lane', 'Road', 'Street'])}"
        town = f"{rng.choice(_TOWNS)}, {rng.choice(_STATES)} {rng.randint(501, 99_950):05d}"
        yield customer_id, person.name, email, f"{street}, {town}"


def count_invalid_emails(customers: int) -> int:
    """Count the customers with an invalid e-mail address; at least three."""
    return min(customers, max(3, customers // _CUSTOMERS_PER_INVALID_EMAIL))


def store_rows(managers: list[Person], rng: random.Random) -> Iterator[tuple[object, ...]]:
    """List StoreID, Location, Manager, OpenHours."""
    for store_id, manager in enumerate(managers, 1):
        opens, closes = rng.choice(_OPEN_UNTIL)
        yield store_id, f"{rng.choice(_STREETS)} {rng.choice(_TOWNS)}", manager.name, f"{opens} - {closes}"


def agent_rows(agents: list[Person], rng: random.Random) -> Iterator[tuple[object, ...]]:
    """List AgentID, Name, Department, Shift."""
    for agent_id, agent in enumerate(agents, 1):
        yield agent_id, agent.name, rng.choice(_DEPARTMENTS), rng.choice(_SHIFTS)


def _spoil(email: str, rng: random.Random) -> str:
    name, _, domain = email.partition("@")
    return rng.choice([f"{name}.{domain}", f"{name}@", f"{name}@@{domain}", f"{name} at {domain}", f"@{domain}"])
