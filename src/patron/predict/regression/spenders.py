"""Customers as known on a day, one entry each, and the net amount of the window after it: a sample of large shops."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.evaluation.holdout import CUSTOMERS, fill_window, query_window
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.regression.known_customers import KnownCustomers
from patron.predict.regression.past import DAYS

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.regression.past import Past

MOST = 10_000
"""Of more customers, about so many are sampled, by a hash of their ids."""


@dataclass(frozen=True)
class Spenders(KnownCustomers):
    """Customers known on `origin`: arrays with an entry per customer.

    late_count: purchase days in the last window up to the origin. past_amount, late_amount, amount: net amounts up to
    the origin, in the last window, and in the window after it, in currency.
    """

    late_count: Floats
    past_amount: Floats
    late_amount: Floats
    amount: Floats


def query_spenders(past: Past, origin: dt.date) -> Spenders:
    """Read the customers of an origin, or a sample. Raises EngineError."""
    share = MOST / max(past.customers, 1.0)
    below = "g" if share >= 1 else f"{int(share * 16**8):08x}"
    sql = _write(below, "md5(cast(known.customer_id as varchar))", past.days)
    return to_spenders(query_window(past.warehouse, sql, origin, past.horizon_days), origin, past.horizon_days)


def write_spenders_query(warehouse: Warehouse, origin: dt.date, horizon_days: int) -> str:
    """Write the select of every customer of an origin, with customer_id, for any engine."""
    return fill_window(warehouse, _write("g", "known.customer_id", DAYS), origin, horizon_days)


def to_spenders(rows: pa.Table, origin: dt.date, horizon_days: int) -> Spenders:
    """Take rows of the query as arrays."""
    columns = (np.asarray(rows.column(name).to_numpy(), dtype=np.float64) for name in _COLUMNS)
    return Spenders(origin, horizon_days, *columns)


def _write(below: str, order: str, days: str) -> str:
    return _SPENDERS.replace("{below}", below).replace("{order}", order).replace(DAYS, days)


_COLUMNS = ("repeat_count", "recency_days", "age_days", "late_count", "past_amount", "late_amount", "amount")


_SPENDERS = f"""
with {CUSTOMERS},
lately as (
    select
        customer_id,
        count(
            case when sale_line_count > 0 and coalesce(fully_refunded_date > {{origin}}, true) then 1 end
        ) as late_count,
        cast(sum(net_amount) as double) as late_amount
    from measures.customer_days
    where activity_date > {{late}} and activity_date <= {{origin}}
    group by customer_id
),
later as (
    select customer_id, cast(sum(net_amount) as double) as amount
    from measures.customer_days
    where activity_date > {{origin}} and activity_date <= {{end}}
    group by customer_id
)
select
    known.customer_id,
    cast(known.repeat_count as double) as repeat_count,
    cast(date_diff('day', known.first_date, known.last_date) as double) as recency_days,
    cast(date_diff('day', known.first_date, {{origin}}) as double) as age_days,
    cast(coalesce(lately.late_count, 0) as double) as late_count,
    paid.past_amount,
    coalesce(lately.late_amount, 0) as late_amount,
    coalesce(later.amount, 0) as amount
from known
inner join paid on known.customer_id = paid.customer_id
left join lately on known.customer_id = lately.customer_id
left join later on known.customer_id = later.customer_id
where substring(md5(cast(known.customer_id as varchar)), 1, 8) < '{{below}}'
order by {{order}}
"""
