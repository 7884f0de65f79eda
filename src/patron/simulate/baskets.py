"""Fills orders: draws their value by the spend model, and splits it into lines of articles at the day's price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from patron.simulate.catalogue import Catalogue
from patron.simulate.clock import DAY
from patron.simulate.customers import Customers, draw_mean_spend
from patron.simulate.lines import CHARGE, DISCOUNT, NO_ORDER, SALE, Lines
from patron.simulate.orders import GUEST, Orders
from patron.simulate.streams import Ints

if TYPE_CHECKING:
    from patron.simulate.spec import ShopSpec

_DISCOUNT_SHARE = (0.05, 0.20)
_POSTAGE_PENCE = (295, 495, 795)
_LAST_LINE_SHARE = 10
_EVENNESS = 2.0


class Baskets:
    """Fills the orders of one shop."""

    def __init__(self, spec: ShopSpec, catalogue: Catalogue, customers: Customers) -> None:
        self._spec, self._catalogue, self._customers = spec, catalogue, customers

    def values(self, orders: Orders, rng: np.random.Generator) -> Ints:
        """Draw the target amount of each order, in pence: Gamma(p) about its customer's mean."""
        of_guests = draw_mean_spend(self._spec, len(orders), rng)
        mean = np.where(orders.customer == GUEST, of_guests, self._customers.mean_spend[orders.customer])
        drawn = 100 * mean / self._spec.spend_p * rng.gamma(self._spec.spend_p, size=len(orders))
        return np.maximum(np.rint(drawn).astype(np.int64), self._catalogue.cheapest)

    def sales(self, orders: Orders, value: Ints, rng: np.random.Generator) -> Lines:
        """Spend each line's part of the value on complete pieces, and the remainder on the last line.

        The last line takes small articles and rounds its pieces up or down by chance, so that an order's
        expected amount is its value to the penny, and its own amount lies within a tenth of it.
        """
        catalogue, day = self._catalogue, orders.at // DAY
        count = self._draw_line_counts(value, rng)
        order = np.repeat(np.arange(len(value)), count)
        first = np.cumsum(count) - count
        last = first + count - 1

        budget = self._split_budgets(value, count, rng)
        article = catalogue.pick(budget, rng.random(len(order)))
        price = catalogue.price(article, day[order])
        quantity = budget // price

        quantity[last] = 0
        left = value - np.add.reduceat(quantity * price, first)
        small = np.maximum(np.minimum(left, value // _LAST_LINE_SHARE), catalogue.cheapest)
        article[last] = catalogue.pick(small, rng.random(len(value)))
        price[last] = catalogue.price(article[last], day)
        quantity[last] = np.floor(left / price[last] + rng.random(len(value)))
        return _build_lines(orders, order, article=article, quantity=quantity, price=price, kind=SALE)

    def discounts(self, orders: Orders, value: Ints, rng: np.random.Generator) -> Lines:
        """Make lines that discount some of the orders."""
        chosen = np.flatnonzero(rng.random(len(value)) < self._spec.discount_rate)
        off = (value[chosen] * rng.uniform(*_DISCOUNT_SHARE, len(chosen))).astype(np.int64)
        article, price = self._catalogue.discount, np.maximum(off, 1)
        return _build_lines(orders, chosen, article=article, quantity=-1, price=price, kind=DISCOUNT)

    def charges(self, orders: Orders, rng: np.random.Generator) -> Lines:
        """Make lines that add postage to some of the orders."""
        chosen = np.flatnonzero(rng.random(len(orders)) < self._spec.charge_rate)
        price = rng.choice(_POSTAGE_PENCE, len(chosen))
        return _build_lines(orders, chosen, article=self._catalogue.postage, quantity=1, price=price, kind=CHARGE)

    def _draw_line_counts(self, value: Ints, rng: np.random.Generator) -> Ints:
        """Draw the number of lines: geometric, but no more than the value allows at the cheapest price."""
        wanted = rng.geometric(1 / self._spec.lines_per_order, len(value))
        count: Ints = np.minimum(wanted, value // self._catalogue.cheapest)
        return count

    def _split_budgets(self, value: Ints, count: Ints, rng: np.random.Generator) -> Ints:
        """Cut each value at random places into parts that are each enough for the cheapest article."""
        size = rng.standard_gamma(_EVENNESS, count.sum())
        spare = value - count * self._catalogue.cheapest
        unit = spare / np.add.reduceat(size, np.cumsum(count) - count)
        budgets: Ints = self._catalogue.cheapest + (np.repeat(unit, count) * size).astype(np.int64)
        return budgets


def _build_lines(
    orders: Orders, order: Ints, *, article: Ints | int, quantity: Ints | int, price: Ints, kind: int
) -> Lines:
    """Make lines on the orders that `order` names by their place."""
    size = len(order)
    return Lines(
        order_id=orders.order_id[order],
        at=orders.at[order],
        customer=orders.customer[order],
        country=orders.country[order],
        article=np.broadcast_to(article, size),
        quantity=np.broadcast_to(quantity, size),
        price=price,
        kind=np.full(size, kind),
        returned_order_id=np.full(size, NO_ORDER),
    )
