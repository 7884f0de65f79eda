"""Customers as known on a day, and what they bought in the window after it; customers who are alike share a row.

The day's facts come from rows up to that day alone, as those of a holdout do.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.evaluation.holdout import fill_window, query_window
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.regression.known_customers import KnownCustomers
from patron.predict.regression.past import DAYS

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class WindowCells(KnownCustomers):
    """Customers known on `origin`, one entry per cell of customers with the same facts: (cells,).

    near_count, late_count: purchase days in the last third of a window and in the last window up to the origin; a
    window has horizon_days. bought: purchase days in the window after the origin. customers: in the cell.
    """

    near_count: Floats
    late_count: Floats
    bought: Floats
    customers: Floats

    def total(self, values: Floats) -> float:
        """Sum over customers a figure per customer, (cells,)."""
        return float(values @ self.customers)


def query_cells(warehouse: Warehouse, origin: dt.date, horizon_days: int, days: str = DAYS) -> WindowCells:
    """Read the customers of an origin. days: the relation of customers' days. Raises EngineError."""
    rows = query_window(warehouse, _CELLS.replace(DAYS, days), origin, horizon_days)
    return WindowCells(origin, horizon_days, *(_to_doubles(rows, name) for name in (*FACTS, "bought", "customers")))


def write_customers_query(warehouse: Warehouse, origin: dt.date, horizon_days: int) -> str:
    """Write the select of customer_id and FACTS of each customer known on the origin, for any engine."""
    return fill_window(warehouse, _CUSTOMERS, origin, horizon_days)


def to_cells(rows: pa.Table, origin: dt.date, horizon_days: int) -> WindowCells:
    """Take rows of `write_customers_query` as cells of one customer each, of whom nothing later is known."""
    facts = {name: _to_doubles(rows, name) for name in FACTS}
    return WindowCells(origin, horizon_days, **facts, bought=np.zeros(rows.num_rows), customers=np.ones(rows.num_rows))


def _to_doubles(rows: pa.Table, name: str) -> Floats:
    return np.asarray(rows.column(name).to_numpy(), dtype=np.float64)


FACTS = ("repeat_count", "recency_days", "age_days", "near_count", "late_count")

_KNOWN = f"""
known as (
    select
        customer_id,
        min(activity_date) as first_date,
        max(activity_date) as last_date,
        count(*) - 1 as repeat_count,
        count(case when activity_date > {{near}} then 1 end) as near_count,
        count(case when activity_date > {{late}} then 1 end) as late_count
    from {DAYS}
    where activity_date <= {{origin}} and sale_line_count > 0 and coalesce(fully_refunded_date > {{origin}}, true)
    group by customer_id
)"""

_CUSTOMERS = f"""
with {_KNOWN}
select
    customer_id,
    repeat_count,
    date_diff('day', first_date, last_date) as recency_days,
    date_diff('day', first_date, {{origin}}) as age_days,
    near_count,
    late_count
from known
"""

_CELLS = f"""
with {_KNOWN},
later as (
    select customer_id, count(*) as bought
    from {DAYS}
    where
        activity_date > {{origin}} and activity_date <= {{end}}
        and sale_line_count > 0 and coalesce(fully_refunded_date > {{end}}, true)
    group by customer_id
),
customers as (
    select
        known.repeat_count,
        date_diff('day', known.first_date, known.last_date) as recency_days,
        date_diff('day', known.first_date, {{origin}}) as age_days,
        known.near_count,
        known.late_count,
        coalesce(later.bought, 0) as bought
    from known
    left join later on known.customer_id = later.customer_id
)
select repeat_count, recency_days, age_days, near_count, late_count, bought, count(*) as customers
from customers
group by repeat_count, recency_days, age_days, near_count, late_count, bought
order by repeat_count, recency_days, age_days, near_count, late_count, bought
"""
