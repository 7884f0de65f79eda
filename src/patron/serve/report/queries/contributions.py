"""Contributions to the change: sales of each group of customers or orders, in a period and the one before.

Sales are as sold: gross_amount less the discounts on the lines themselves, before refunds. The groups of one
breakdown do not overlap, so their differences add up to the difference of all sales.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patron.contract.metrics import columns, share_of_groups, total_over_groups
from patron.serve.periods import Period
from patron.serve.report.queries.figures import QueryResult, run_query
from patron.serve.report.queries.span_sql import build_day_filter, build_spans

if TYPE_CHECKING:
    import datetime as dt

    import duckdb

    from patron.project.number_format import Formats
    from patron.serve.report.queries.spans import Comparison


@dataclass(frozen=True)
class Breakdown:
    """A way to group orders.

    group: the SQL expression of an order's group. joins: the tables that it reads besides orders and spans. other: the
    name of the null group. named: formats the name of a group. column: the `table.column` that the groups come from;
    if it has no values, there is no breakdown.
    """

    name: str
    title: str
    group: str
    joins: str = ""
    other: str = "unknown"
    named: Callable[[Any, Formats], str] = lambda group, _: str(group)
    column: str = ""

    def is_known(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Return whether the data has any value to group by; this is much cheaper than running the breakdown."""
        if not self.column:
            return True
        table, column = self.column.split(".")
        sql = f"select 1 from gold.{table} where {column} is not null limit 1"
        return connection.execute(sql).fetchone() is not None


_CUSTOMERS = "left join gold.customer_360 as customers on orders.customer_id = customers.customer_id"
_GUESTS = "guest orders"


def _quarter(first: dt.date, formats: Formats) -> str:
    return f"customers acquired in {Period.of('quarter', first).label(formats)}"


KINDS = Breakdown(
    "kinds",
    "New and returning customers",
    """case
            when customers.customer_id is null then null
            when customers.first_order_date >= spans.first_day then 'new customers'
            else 'returning customers'
        end""",
    _CUSTOMERS,
    _GUESTS,
)
COHORTS = Breakdown(
    "cohorts",
    "Cohorts by first order",
    "cast(date_trunc('quarter', customers.first_order_date) as date)",
    _CUSTOMERS,
    _GUESTS,
    _quarter,
)
CHANNELS = Breakdown("channels", "Channels", "orders.channel", column="fct_orders.channel")
COUNTRIES = Breakdown("countries", "Customer countries", "customers.country", _CUSTOMERS, column="customer_360.country")
REGIONS = Breakdown("regions", "Customer regions", "customers.region", _CUSTOMERS, column="customer_360.region")
PLACES = Breakdown(
    "places",
    "Regions of sale",
    "places.region",
    "left join gold.dim_location as places on orders.location_id = places.location_id",
    column="dim_location.region",
)


def break_down_by_segment(observed: dt.date | None) -> Breakdown:
    """Group by the RFM segment that customers had on a recorded day, or by the one they have at as_of (None)."""
    join = "left join gold.customer_segments as segments on orders.customer_id = segments.customer_id"
    if observed is not None:
        join = f"""left join gold.customer_history as segments
        on orders.customer_id = segments.customer_id
        and segments.valid_from_date <= date '{observed}'
        and coalesce(segments.valid_to_date > date '{observed}', true)"""
    other = "no segment then, or guest" if observed else _GUESTS
    return Breakdown("segments", "Segments", "segments.segment", join, other)


def query_contributions(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, breakdown: Breakdown
) -> QueryResult:
    """Query one row per group with a sale in either period, the largest difference first.

    Columns: sales, sales_before, difference, more (the same without its sign), share, share_before (of all sales in
    the earlier period), order_count, order_count_before, and the totals all_before, all_now and all_difference.
    """
    joins = f"\n    {breakdown.joins}" if breakdown.joins else ""
    sql = f"""with
{build_spans(comparison)},
sold as (
    select
        span,
        {breakdown.group} as grouping,
        {columns("fct_orders", order_count="orders", amount="sales")}
    from spans
    inner join gold.fct_orders as orders on orders.order_date between first_day and last_day{joins}
    where {build_day_filter(comparison, "orders.order_date")}
    group by all
),
groups as (
    select
        grouping,
        coalesce(any_value(amount) filter (span = 'now'), 0) as sales,
        coalesce(any_value(amount) filter (span = 'before'), 0) as sales_before,
        coalesce(any_value(order_count) filter (span = 'now'), 0) as order_count,
        coalesce(any_value(order_count) filter (span = 'before'), 0) as order_count_before
    from sold
    group by grouping
)
select
    grouping,
    sales,
    sales_before,
    sales - sales_before as difference,
    abs(sales - sales_before) as more,
    {share_of_groups("sales")} as share,
    {share_of_groups("sales_before")} as share_before,
    order_count,
    order_count_before,
    {total_over_groups("sales - sales_before")} as all_difference,
    {total_over_groups("sales_before")} as all_before,
    {total_over_groups("sales")} as all_now
from groups
order by difference desc, grouping nulls last"""
    return run_query(connection, sql)
