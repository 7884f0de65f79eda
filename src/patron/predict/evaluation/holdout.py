"""Holdouts: the shop as known on an earlier day (the origin), and its purchases in the test period after it.

The engine groups customers into cells, so that only distinct histories reach Python. The columns of the past come from
rows up to the origin alone: a later row can change nothing but the columns of the test period.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.season.clock import Clock, Season

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse


@dataclass(frozen=True)
class Holdout:
    """Customers who had bought by the origin: arrays with one entry per cell of customers with the same history.

    repeat_count, recency_days, age_days: purchase days - 1, first to last purchase, first purchase to the origin.
    held_out_count: purchase days in the test period, the `horizon_days` after the origin. A day whose orders had all
    been refunded in full by the origin (by the end of the test period) is no purchase day. customer_count: customers in
    the cell. past_amount, held_out_amount: their net_amount in total, up to the origin and in the test period, in
    currency. past_kept_amount: past_amount of those for whom it is above 0. log_gaps: the sum of ln(gap in weeks) over
    all gaps between their purchase days up to the origin. season: in whose time weeks are counted, the gaps' too.
    """

    origin: dt.date
    horizon_days: int
    repeat_count: Floats
    recency_days: Floats
    age_days: Floats
    held_out_count: Floats
    customer_count: Floats
    past_amount: Floats
    held_out_amount: Floats
    past_kept_amount: Floats
    log_gaps: float
    season: Season | None = None

    @property
    def clock(self) -> Clock:
        return Clock(self.origin, self.season)

    @property
    def recency_weeks(self) -> Floats:
        return self.clock.to_recency(self.recency_days, self.age_days)

    @property
    def age_weeks(self) -> Floats:
        return self.clock.to_age(self.age_days)

    @property
    def horizon_weeks(self) -> float:
        return float(self.clock.to_horizon(self.horizon_days))

    def total(self, values: Floats) -> float:
        """Sum over customers a figure per customer, shape (cells,)."""
        return float(values @ self.customer_count)


def query_holdout(warehouse: Warehouse, origin: dt.date, horizon_days: int, season: Season | None = None) -> Holdout:
    """Read the holdout of an origin from measures.customer_days. Raises EngineError."""
    rows = query_window(warehouse, _CELLS, origin, horizon_days)
    columns = {name: _to_doubles(rows, name) for name in _COLUMNS}
    log_gaps = query_log_gaps(warehouse, Clock(origin, season))
    return Holdout(origin, horizon_days, **columns, log_gaps=log_gaps, season=season)


def query_repeats(warehouse: Warehouse, origin: dt.date, horizon_days: int = 0) -> tuple[Floats, Floats]:
    """Read the repeat purchases, up to the horizon, of customers who had bought by the origin.

    Returns (days after the origin, negative before it; purchases). Raises EngineError.
    """
    return to_repeats(query_window(warehouse, REPEATS, origin, horizon_days))


def to_repeats(rows: pa.Table) -> tuple[Floats, Floats]:
    """Convert the rows of REPEATS to what `query_repeats` returns."""
    return _to_doubles(rows, "day_number"), _to_doubles(rows, "repeat_count")


def query_log_gaps(warehouse: Warehouse, clock: Clock) -> float:
    """Sum ln(gap in the clock's weeks) over all gaps between consecutive purchase days up to as_of. Raises EngineError.

    The engine counts gaps by their length, and in a season their first day, so that the sum does not depend on the
    order of rows.
    """
    rows = query_window(warehouse, GAPS if clock.season is None else GAPS_BY_START, clock.as_of, 0)
    gap, start = _to_doubles(rows, "gap_days"), _to_doubles(rows, "days_ago")
    return float(np.log(clock.to_recency(gap, start)) @ _to_doubles(rows, "gap_count"))


def query_window(warehouse: Warehouse, sql: str, origin: dt.date, horizon_days: int) -> pa.Table:
    """Run a query in DuckDB's dialect, its days filled in (`fill_window`), on any engine. Raises EngineError."""
    return warehouse.query(fill_window(warehouse, sql, origin, horizon_days))


def fill_window(warehouse: Warehouse, sql: str, origin: dt.date, horizon_days: int) -> str:
    """Fill in {origin} and {end}, and write the query in the engine's dialect.

    {near} and {late} are the days after which the last third of a window, and the last window, up to the origin begin.
    """
    after = {"origin": 0, "end": horizon_days, "near": -(horizon_days // 3), "late": -horizon_days}
    days = {name: f"cast('{origin + dt.timedelta(days=days)}' as date)" for name, days in after.items()}
    filled = sql.format(**days)
    if warehouse.dialect != "duckdb":
        import sqlglot

        filled = sqlglot.transpile(filled, read="duckdb", write=warehouse.dialect)[0]
    return filled


def _to_doubles(rows: pa.Table, name: str) -> Floats:
    return np.asarray(rows.column(name).to_numpy(), dtype=np.float64)


_COLUMNS = (
    *("repeat_count", "recency_days", "age_days", "held_out_count", "customer_count"),
    *("past_amount", "held_out_amount", "past_kept_amount"),
)

CUSTOMERS = """
known as (
    select
        customer_id,
        min(activity_date) as first_date,
        max(activity_date) as last_date,
        count(*) - 1 as repeat_count
    from measures.customer_days
    where activity_date <= {origin} and sale_line_count > 0 and coalesce(fully_refunded_date > {origin}, true)
    group by customer_id
),
paid as (
    select customer_id, cast(sum(net_amount) as double) as past_amount
    from measures.customer_days
    where activity_date <= {origin}
    group by customer_id
)"""
"""What is known of each customer on the origin; customers who came later are not in it."""

_CELLS = f"""
with {CUSTOMERS},
later as (
    select
        customer_id,
        count(
            case when sale_line_count > 0 and coalesce(fully_refunded_date > {{end}}, true) then 1 end
        ) as held_out_count,
        cast(sum(net_amount) as double) as held_out_amount
    from measures.customer_days
    where activity_date > {{origin}} and activity_date <= {{end}}
    group by customer_id
),
customers as (
    select
        known.repeat_count,
        date_diff('day', known.first_date, known.last_date) as recency_days,
        date_diff('day', known.first_date, {{origin}}) as age_days,
        coalesce(later.held_out_count, 0) as held_out_count,
        paid.past_amount,
        coalesce(later.held_out_amount, 0) as held_out_amount
    from known
    inner join paid on known.customer_id = paid.customer_id
    left join later on known.customer_id = later.customer_id
)
select
    repeat_count, recency_days, age_days, held_out_count, count(*) as customer_count,
    cast(sum(cast(past_amount as decimal(38, 4))) as double) as past_amount,
    cast(sum(cast(held_out_amount as decimal(38, 4))) as double) as held_out_amount,
    cast(sum(cast(greatest(past_amount, 0) as decimal(38, 4))) as double) as past_kept_amount
from customers
group by repeat_count, recency_days, age_days, held_out_count
order by repeat_count, recency_days, age_days, held_out_count
"""

"""Amounts are added up exactly: a sum of doubles would depend on the order in which rows arrived."""

REPEATS = f"""
with {CUSTOMERS}
select date_diff('day', {{origin}}, days.activity_date) as day_number, count(*) as repeat_count
from measures.customer_days as days
inner join known on days.customer_id = known.customer_id
where
    days.sale_line_count > 0 and days.activity_date > known.first_date and days.activity_date <= {{end}}
    and coalesce(
        days.fully_refunded_date > case when days.activity_date <= {{origin}} then {{origin}} else {{end}} end, true
    )
group by days.activity_date
order by days.activity_date
"""

GAPS_BY_START = """
with gaps as (
    select
        activity_date,
        date_diff('day', activity_date, {origin}) as days_ago,
        lead(activity_date) over (partition by customer_id order by activity_date) as next_date
    from measures.customer_days
    where activity_date <= {origin} and sale_line_count > 0 and coalesce(fully_refunded_date > {origin}, true)
)
select date_diff('day', activity_date, next_date) as gap_days, days_ago, count(*) as gap_count
from gaps
where next_date is not null
group by date_diff('day', activity_date, next_date), days_ago
order by gap_days, days_ago
"""

GAPS = GAPS_BY_START.replace("date_diff('day', activity_date, {origin}) as days_ago", "0 as days_ago")
