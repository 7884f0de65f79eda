"""Grocers made by chance from a seed, for the questions of baskets, places, loyalty and categories.

Baskets of uneven sizes with two articles that like each other, guests, refunds, line discounts, free pieces, an order that
names two customers, articles without category or cost, a source that knows no hours, customers with and without a region.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from shops.building import Row

FIRST = dt.date(2024, 1, 3)
LINES = "number at who what pieces price off place".split()
PEOPLE = "who region".split()
ARTICLES = "what name department category cost back".split()


@dataclass
class RandomGrocer:
    """Raw rows of each file, and the settings that the answers hang on."""

    seed: int
    till: list[Row]
    fair: list[Row]
    people: list[Row]
    articles: list[Row]
    affinity: Row
    loyalty: Row
    shift: Row

    def files(self) -> dict[str, list[Row]]:
        return {
            "till.csv": self.till,
            "fair.csv": self.fair,
            "people.csv": self.people,
            "articles.csv": self.articles,
        }

    def settings(self) -> Row:
        """patron.yaml."""
        lines = {"order_id": "number", "ordered_at": '"at"', "customer_id": "who", "product_id": "what"}
        lines |= {"quantity": "pieces", "unit_price": "price", "line_discount_amount": "off"}
        people = {"customer_id": "who", "region": "region"}
        articles = {"product_id": "what", "product_name": "name", "department": "department", "category": "category"}
        articles |= {"unit_cost": "cost", "return_rate": "back"}
        return {
            "shop": {"name": f"Grocer {self.seed}"},
            "sources": {
                "till": _source("till.csv", "order_lines", lines | {"region": "place"}),
                "fair": _source("fair.csv", "order_lines", lines),
                "people": _source("people.csv", "customers", people),
                "articles": _source("articles.csv", "products", articles),
            },
            "questions": {
                "product_affinity": self.affinity,
                "loyalty_uplift": self.loyalty,
                "basket_shift": self.shift,
            },
        }


def _source(file: str, entity: str, columns: dict[str, str]) -> Row:
    return {"files": file, "entities": {entity: {"columns": columns}}}


def random_grocer(seed: int) -> RandomGrocer:
    """A grocer of a few hundred orders; the same seed gives the same grocer."""
    chance = random.Random(seed)
    who = [f"k{number}" for number in range(30)]
    days = 150
    takes_back = chance.random() < 0.7
    till = _orders(chance, who, days, 420, takes_back=takes_back)
    fair = [{**row, "at": row["at"][:10]} for row in _orders(chance, who, days, 25, takes_back=False)]
    shared = chance.choice(till)  # an order that names two customers
    till.append({**shared, "who": chance.choice(who), "pieces": 2, "price": "3.5"})
    places = ["North", "South", None]
    return RandomGrocer(
        seed=seed,
        till=till,
        fair=fair,
        people=[dict(zip(PEOPLE, (name, chance.choice(places)), strict=True)) for name in chance.sample(who, 20)],
        articles=_articles(chance),
        affinity={
            "partners": chance.choice([1, 2, 5]),
            "window_days": chance.choice([None, 90]),
            "largest_basket": chance.choice([4, 8, 100]),
            "least_product_baskets": chance.choice([3, 10]),
            "least_pair_baskets": chance.choice([1, 3]),
            "significance": chance.choice([0.05, 0.5, 1]),
            "least_pair_customers": 1 + seed % 5,
        },
        loyalty={
            "orders": chance.choice([5, 8]),
            "early_days": chance.choice([10, 20]),
            "window_days": chance.choice([14, 21]),
        },
        shift={
            "orders": chance.choice([1, 3]),
            "least_drop": chance.choice([0, 0.2, 0.25]),
            "size": chance.choice(["pieces", "amount"]),
        },
    )


def _orders(chance: random.Random, who: list[str], days: int, count: int, *, takes_back: bool) -> list[Row]:
    rows: list[list[Any]] = []
    for number in range(count):
        customer = None if chance.random() < 0.15 else who[min(int(chance.expovariate(2.5) * len(who)), len(who) - 1)]
        day = FIRST + dt.timedelta(chance.randrange(days))
        at = f"{day} {chance.choice([0, 8, 9, 9, 17]):02}:{chance.choice([0, 30]):02}:00"
        place = chance.choice(["North", "East", "East", None])
        size = min(int(chance.paretovariate(1.2)), 14)
        basket = chance.sample(range(2, 16), size)
        if chance.random() < 0.15:
            basket = [0, 1, *basket]  # the two that like each other
        for article in basket:
            code = None if article == 15 else f"p{article:02}"
            price = chance.choice(["0.5", "2", "9.99", "9.99", "0"])
            off = chance.choice([None, None, "0.25"]) if price != "0" else None
            pieces = -1 if takes_back and chance.random() < 0.06 else chance.choice([1, 1, 2, 3])
            rows.append([f"o{number}", at, customer, code, pieces, price, off if pieces > 0 else None, place])
            if chance.random() < 0.05:
                rows.append(rows[-1])
    return [dict(zip("number at who what pieces price off place".split(), row, strict=True)) for row in rows]


def _articles(chance: random.Random) -> list[Row]:
    rows = []
    for number in range(13):
        category = chance.choice(["Dry", "Fresh", "Frozen", None])
        cost = chance.choice(["0.5", "1.2345", None])
        back = chance.choice(["0.1", "0.035", "1", "-0.5", "40", None])
        department = chance.choice(["Food", "Home", None])
        rows.append([f"p{number:02}", f"Article {number}", department, category, cost, back])
    return [dict(zip(ARTICLES, row, strict=True)) for row in rows]
