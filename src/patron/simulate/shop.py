"""A synthetic shop: its order lines in batches, and the truth behind them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from patron.simulate.baskets import Baskets
from patron.simulate.catalogue import draw_catalogue
from patron.simulate.clock import WEEK, Clock
from patron.simulate.columns import LINE_SCHEMA, Columns
from patron.simulate.customers import draw_customers
from patron.simulate.lines import Lines, join_lines
from patron.simulate.orders import Orders, orders_by_slice
from patron.simulate.returns import Returns
from patron.simulate.spec import ShopSpec
from patron.simulate.streams import Ints, Subject, stream


def simulate_shop(spec: ShopSpec) -> Shop:
    """Draw the customers and articles of a shop; its lines are drawn on request."""
    return Shop(spec)


class Shop:
    """A simulated shop. Its lines come in the order of time, and are the same on every request."""

    def __init__(self, spec: ShopSpec) -> None:
        self.spec = spec
        self._clock = Clock(spec)
        self._customers = draw_customers(spec, self._clock)
        self._catalogue = draw_catalogue(spec)

    def batches(self, rows: int = 250_000) -> Iterator[Any]:
        """Yield the order lines as pyarrow RecordBatches of LINE_SCHEMA, each of `rows` rows but the last.

        Memory holds some 100 bytes a customer, one slice of time (some 400,000 lines; a day at the least) and
        one batch. What is drawn does not depend on `rows`.
        """
        waiting = LINE_SCHEMA.empty_table()
        for batch in self._iterate_slices():
            waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch])])
            while waiting.num_rows >= rows:
                yield _combine(waiting.slice(0, rows))
                waiting = waiting.slice(rows)
        if waiting.num_rows:
            yield _combine(waiting)

    def table(self) -> Any:
        """Return all order lines as one pyarrow Table; for shops that fit in memory."""
        return pa.Table.from_batches(self.batches(), schema=LINE_SCHEMA)

    @cached_property
    def truth(self) -> Any:
        """Return the true parameters of each customer: a pyarrow Table with one row per customer.

        customer_id; acquired_at, the first order's time; country; purchase_rate_weeks and dropout_rate_weeks,
        events a week; lifetime_weeks, from the first order; left_at, null while alive at the period's end;
        is_alive, at the period's end; exposure_weeks, busy weeks until they left or the period ended: repeat
        orders are Poisson(purchase_rate_weeks x exposure_weeks) many; mean_spend, expected gross amount of an
        order; order_count, orders drawn, the first included.
        """
        drawn, start = self._customers, np.datetime64(self.spec.start, "s")
        acquired = self._clock.seconds_at(drawn.arrived_busy)
        seen_weeks = (self._clock.end_seconds - acquired) / WEEK
        is_alive = drawn.lifetime_weeks >= seen_weeks
        left = acquired + (np.minimum(drawn.lifetime_weeks, seen_weeks) * WEEK).astype(np.int64)
        country = pa.array(drawn.country.astype(np.int32))
        return pa.table(
            {
                "customer_id": np.arange(1, self.spec.customers + 1),
                "acquired_at": start + acquired,
                "country": pa.DictionaryArray.from_arrays(country, [name for name, _ in self.spec.countries]),
                "purchase_rate_weeks": drawn.purchase_rate_weeks,
                "dropout_rate_weeks": drawn.dropout_rate_weeks,
                "lifetime_weeks": drawn.lifetime_weeks,
                "left_at": pa.array(start + left, mask=is_alive),
                "is_alive": is_alive,
                "exposure_weeks": drawn.exposure_weeks,
                "mean_spend": drawn.mean_spend,
                "order_count": self._count_orders(),
            }
        )

    def _count_orders(self) -> Ints:
        """Count by drawing the orders again without their lines, which have streams of their own."""
        counts = np.zeros(self.spec.customers + 1, dtype=np.int64)
        for orders in orders_by_slice(self.spec, self._clock, self._customers):
            counts += np.bincount(orders.customer + 1, minlength=len(counts))
        return counts[1:]

    def _iterate_slices(self) -> Iterator[Any]:
        columns, returns = Columns(self.spec, self._catalogue), Returns(self.spec, self._clock)
        for orders in orders_by_slice(self.spec, self._clock, self._customers):
            yield columns.batch(self._make_lines(orders, returns).in_time_order(orders.since))

    def _make_lines(self, orders: Orders, returns: Returns) -> Lines:
        rng = stream(self.spec.seed, Subject.LINES, orders.slice_index)
        baskets = Baskets(self.spec, self._catalogue, self._customers)
        value = baskets.values(orders, rng)
        sales = baskets.sales(orders, value, rng)
        returns.choose(orders, sales, rng)
        discounts, charges = baskets.discounts(orders, value, rng), baskets.charges(orders, rng)
        return join_lines([sales, discounts, charges, returns.due(orders.until)])


def _combine(table: Any) -> Any:
    return table.combine_chunks().to_batches()[0]
