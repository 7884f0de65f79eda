"""Fills the orders: how many articles, which ones, and which of them belong together."""

from __future__ import annotations

import random
from typing import NamedTuple

from patron.examples.instacart.shelves import Article
from patron.examples.instacart.shoppers import Shopper

FIRST_ORDER_FACTOR = 0.75
"""How large a customer's first basket is, compared with the next ones."""

LOYALTY_UPLIFT = 0.5
"""How much larger baskets of ordinary customers are once they have placed more than LOYAL_ORDERS orders."""

LOYAL_ORDERS = 10
PAIRS = 6
_PAIR_CHANCE, _ALONE_CHANCE = 0.05, 0.01
_USUAL_SIZE = (4, 7)
_GOLDEN_SIZE, _LAPSED_SIZE = 22, 12
_SMALL, _LARGE = 4, 12
_GOLDEN_DEPARTMENTS, _USUAL_DEPARTMENTS = 14, 5
_LAPSED_HOME = [13, 14]  # neither cheap nor expensive
_POOL, _FROM_POOL = 25, 0.75


class Order(NamedTuple):
    """One order: products in the order they were put into the cart, each with whether it was bought before."""

    customer_id: int
    number: int
    products: list[tuple[int, bool]]


class Carts:
    """Fills the orders of one shop. Some articles are only bought together, or seldom alone: `pairs`."""

    def __init__(self, articles: list[Article], rng: random.Random) -> None:
        self._rng = rng
        paired = rng.sample(articles, 2 * PAIRS)
        self.pairs = [(one.product_id, other.product_id) for one, other in zip(paired[::2], paired[1::2], strict=True)]
        kept_apart = {article.product_id for article in paired}
        self._shelves: dict[int, list[int]] = {}
        for article in articles:
            if article.product_id not in kept_apart:
                self._shelves.setdefault(article.department_id, []).append(article.product_id)

    def orders(self, shopper: Shopper) -> list[Order]:
        """Fill the orders of one customer, numbered from 1."""
        rng = self._rng
        shelf = sorted(
            product for department in self._choose_departments(shopper) for product in self._shelves[department]
        )
        pool = rng.sample(shelf, min(_POOL, len(shelf)))
        usual, known, orders = rng.randint(*_USUAL_SIZE), set[int](), list[Order]()
        for number in range(1, len(shopper.times) + 1):
            size = self._draw_size(shopper, number, usual)
            products = self._choose_products(size, pool, shelf)
            orders.append(Order(shopper.customer_id, number, [(each, each in known) for each in products]))
            known.update(products)
        return orders

    def _choose_departments(self, shopper: Shopper) -> list[int]:
        """Choose the departments that the customer buys from."""
        if shopper.kind == "lapsed":
            return _LAPSED_HOME
        count = _GOLDEN_DEPARTMENTS if shopper.kind == "golden" else _USUAL_DEPARTMENTS
        return self._rng.sample(sorted(self._shelves), count)

    def _draw_size(self, shopper: Shopper, number: int, usual: int) -> int:
        """Draw the number of different articles, by what becomes of the customer."""
        passed = (number - 1) / max(len(shopper.times) - 1, 1)
        match shopper.kind:
            case "golden":
                aimed: float = _GOLDEN_SIZE
            case "lapsed":
                aimed = _LAPSED_SIZE
            case "growing":
                return round(_SMALL + (_LARGE - _SMALL) * passed)
            case "shrinking":
                return round(_LARGE - (_LARGE - _SMALL) * passed)
            case _:
                aimed = usual * (1 + LOYALTY_UPLIFT if number > LOYAL_ORDERS else 1)
        aimed *= FIRST_ORDER_FACTOR if number == 1 else 1
        return max(1, _round_randomly(aimed, self._rng) + self._rng.choice((-1, 0, 0, 1)))

    def _choose_products(self, size: int, pool: list[int], shelf: list[int]) -> list[int]:
        rng, chosen = self._rng, dict[int, None]()
        for one, other in self.pairs:
            chance = rng.random()
            if chance < _PAIR_CHANCE and len(chosen) + 2 <= size:
                chosen |= {one: None, other: None}
            elif chance < _PAIR_CHANCE + _ALONE_CHANCE and len(chosen) < size:
                chosen[rng.choice((one, other))] = None
        while len(chosen) < min(size, len(shelf)):
            chosen[rng.choice(pool if rng.random() < _FROM_POOL else shelf)] = None
        products = list(chosen)
        rng.shuffle(products)
        return products


def _round_randomly(number: float, rng: random.Random) -> int:
    """Round down or up at random, so that the mean is the number."""
    return int(number) + (rng.random() < number % 1)
