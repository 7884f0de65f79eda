"""Segments at as_of: size, value, moves between them, and the value at stake in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import columns, share_of_groups
from patron.serve.report.queries.figures import QueryResult, run_query

if TYPE_CHECKING:
    import datetime as dt

    import duckdb


_SIZES = columns("customer_360", "days_since_last_order", customer_count="customers", net_amount="net_revenue")
_PROGRAMMES = columns(
    "customer_risk",
    "churn_probability",
    customer_count="customers",
    scored_count="scored_customers",
    expected_amount="expected_margin",
    stake_amount="value_at_stake",
    historical_amount="lifetime_value_to_date",
)


def query_segment_sizes(connection: duckdb.DuckDBPyConnection, observed: dt.date | None) -> QueryResult:
    """Query one row per segment that has customers now or had any on the observed day, in the order of the rules.

    Columns: segment, description, customer_count, share, net_amount, amount_share, days_since_last_order (mean), and
    customers_then (on the observed day; null if there is none).
    """
    day = f"date '{observed}'" if observed else "cast(null as date)"
    return run_query(
        connection,
        f"""with
sizes as (
    select
        segment,
        {_SIZES}
    from gold.customer_360
    where segment is not null
    group by segment
),
past as (
    select segment, {columns("customer_history", customer_count="customers")}
    from gold.customer_history
    where valid_from_date <= {day} and coalesce(valid_to_date > {day}, true)
    group by segment
)
select
    segments.segment,
    segments.description,
    coalesce(sizes.customer_count, 0) as customer_count,
    coalesce({share_of_groups("sizes.customer_count")}, 0) as share,
    coalesce(sizes.net_amount, 0) as net_amount,
    {share_of_groups("coalesce(sizes.net_amount, 0)")} as amount_share,
    sizes.days_since_last_order,
    case when {day} is not null then coalesce(past.customer_count, 0) end as customers_then
from gold.dim_rfm_segment as segments
left join sizes on segments.segment = sizes.segment
left join past on segments.segment = past.segment
where sizes.customer_count > 0 or past.customer_count > 0
order by segments.segment_order""",
    )


def query_segment_moves(connection: duckdb.DuckDBPyConnection, first: dt.date, last: dt.date) -> QueryResult:
    """Query the eight largest movements between segments on the observed days from `first` to `last`."""
    return run_query(
        connection,
        f"""select from_segment, to_segment, {columns("segment_moves", customer_count="customers")}
from gold.segment_moves
where
    moved_date between date '{first}' and date '{last}'
    and from_segment is not null
    and to_segment is not null
    and from_segment <> to_segment
group by from_segment, to_segment
order by customer_count desc, from_segment, to_segment
limit 8""",
    )


def query_programmes(connection: duckdb.DuckDBPyConnection) -> QueryResult:
    """Query one row per segment that has customers, the one with the most value at stake first.

    Columns: segment, recommended_action, churn_risk, customer_count, scored_count (customers with a churn probability),
    churn_probability (their mean), expected_amount, stake_amount, historical_amount.
    """
    return run_query(
        connection,
        f"""select
    segments.segment,
    segments.recommended_action,
    segments.churn_risk,
    {_PROGRAMMES}
from gold.dim_rfm_segment as segments
inner join gold.customer_360 on segments.segment = customer_360.segment
left join gold.customer_churn on customer_360.customer_id = customer_churn.customer_id
group by segments.segment, segments.recommended_action, segments.churn_risk, segments.segment_order
order by
    stake_amount desc nulls last,
    expected_amount desc nulls last,
    historical_amount desc nulls last,
    segments.segment_order""",
    )


def find_last_recorded_day(connection: duckdb.DuckDBPyConnection, until: dt.date) -> dt.date | None:
    """Return the last day up to `until` on which segments were recorded; None if there is none."""
    sql = """select max(recorded_date)
from (
    select valid_from_date as recorded_date from gold.customer_history
    union all
    select valid_to_date as recorded_date from gold.customer_history
) as recorded_days
where recorded_date <= ?"""
    found = connection.execute(sql, [until]).fetchone()
    day: dt.date | None = found[0] if found else None
    return day
