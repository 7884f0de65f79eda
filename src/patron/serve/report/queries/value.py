"""Lifetime value to date and expected margin, at as_of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import columns, select
from patron.serve.report.queries.figures import QueryResult, run_query

if TYPE_CHECKING:
    import duckdb

_METRICS = {
    "customer_count": "customers",
    "historical_amount": "lifetime_value_to_date",
    "historical_per_customer": "average_lifetime_value_to_date",
    "predicted_amount": "expected_margin",
    "predicted_per_customer": "expected_margin_per_customer",
    "predicted_low": "expected_margin_low_per_customer",
    "predicted_high": "expected_margin_high_per_customer",
}


def query_value(connection: duckdb.DuckDBPyConnection) -> QueryResult:
    """Query one row: the number of customers, their value to date and their expected margin over the next year."""
    return run_query(connection, select(_METRICS, table="customer_clv"))


def query_value_by_tier(connection: duckdb.DuckDBPyConnection) -> QueryResult:
    """Query the same columns for each value tier that has customers, highest first."""
    return run_query(
        connection,
        f"""select
    clv_tier,
    {columns("customer_clv", **_METRICS)}
from gold.customer_clv
inner join gold.dim_clv_tier using (clv_tier)
group by clv_tier, tier_order
order by tier_order desc""",
    )


def query_new_customer_value(connection: duckdb.DuckDBPyConnection) -> QueryResult:
    """Query the expected first-year margin of a customer acquired today; no row if it is not predicted."""
    return run_query(
        connection,
        """select expected_value_1y, expected_value_1y_low_80, expected_value_1y_high_80
from gold.new_customer_value
where acquired_through = 'everyone' and expected_value_1y is not null""",
    )


def query_backtests(connection: duckdb.DuckDBPyConnection) -> QueryResult:
    """Query the backtests of the purchase model: predicted / observed revenue of the 90 days after each origin date.

    Of the forecasts as they are published, each corrected by the windows before it.
    """
    return run_query(
        connection,
        """select scores.origin_date, scores.value as amount_ratio
from gold.model_scores as scores
inner join gold.prediction_status as status
    on status.prediction = scores.prediction
    and scores.model = concat(status.model, ', recalibrated')
    and status.is_made
where scores.prediction = 'purchases' and scores.target = 'purchases in 90 days' and scores.measure = 'amount_ratio'
order by scores.origin_date""",
    )


def query_cautions(connection: duckdb.DuckDBPyConnection) -> str:
    """Return what every reader of expected purchases and margins has to know, in sentences; empty if nothing."""
    sql = "select coalesce(max(cautions), '') from gold.prediction_status where prediction = 'purchases'"
    (cautions,) = connection.execute(sql).fetchone() or ("",)
    return str(cautions)


def query_clear_effects(connection: duckdb.DuckDBPyConnection) -> QueryResult:
    """Query the clearest effects of what was known at the first order, at most ten."""
    return run_query(
        connection,
        """select covariate, level, reference_level, process, multiplier, multiplier_low_95, multiplier_high_95
from gold.covariate_effects
where reading in ('higher', 'lower')
order by adjusted_p_value, process, covariate, level
limit 10""",
    )


def query_withheld_reasons(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return prediction ('purchases', 'churn') -> what the shop lacks, for those that are withheld."""
    sql = "select prediction, what_is_missing from gold.prediction_status where not is_made order by prediction"
    return dict(connection.execute(sql).fetchall())
