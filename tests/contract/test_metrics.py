"""Metrics: each equals what pandas computes from the same gold, and nothing that people read defines its own."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from patron.contract.metrics import (
    aggregate,
    columns,
    get_metric,
    load_metrics,
    load_tables,
    of_columns,
    row_value,
    select,
)
from patron.errors import SettingsError
from patron.publish.reader import open_published

SERVE = Path(__file__).parents[2] / "src/patron/serve"

STEPS = {
    "customer_values": """with customer_values as (
        select customer_id, cast(historical_clv as double) as value,
            (select quantile_cont(cast(historical_clv as double), 0.9) from customer_360) as top_decile_from
        from customer_360 where historical_clv is not null)
    """,
    "period_customers": """with period_customers as (
        select date_trunc('month', order_date) as period_start_date, customer_id, count(*) as order_count
        from fct_orders where customer_id is not null and order_date >= date '2024-01-01' group by all)
    """,
}
"""Tables that a query makes for itself, as a page does."""

WHERE = {
    "period_metrics": "period_kind = 'month' and period_start_date = date '2024-10-01'",
    "repeat_purchase_rate": "period_kind = 'month' and period_start_date = date '2024-10-01'",
    "churn_by_period": "period_kind = 'month' and period_start_date = date '2024-10-01'",
    "purchase_frequency_weekly": "week_start_date = date '2024-10-07'",
    "daily_metrics": "activity_date = date '2024-10-10'",
    "kpi_overall": "kpi_date = (select max(kpi_date) from gold.kpi_overall)",
    "model_scores": "prediction = 'purchases' and model = 'MBG/NBD'",
    "model_calibration": "prediction = 'purchases' and model = 'MBG/NBD' and bin = 10",
}
"""The rows that a metric is measured over here, where all of a table would mix what must stay apart."""

Frame = pd.DataFrame


def total(column: str) -> Callable[[Frame], float]:
    return lambda rows: rows[column].sum()


def quotient(of: str, by: str) -> Callable[[Frame], float]:
    return lambda rows: rows[of].sum() / rows[by].sum()


def mean(column: str) -> Callable[[Frame], float]:
    return lambda rows: rows[column].mean()


def of_measure(measure: str, how: str = "mean") -> Callable[[Frame], float]:
    return lambda rows: getattr(rows.loc[rows["measure"] == measure, "value"], how)()


def month(rows: Frame) -> Frame:
    days = pd.to_datetime(rows["order_date"])
    return rows[(days >= "2024-10-01") & (days < "2024-11-01")]


def top_decile(rows: Frame) -> float:
    best = rows["value"].sort_values(ascending=False)
    return best[best >= best.quantile(0.9)].sum()


def at_risk(rows: Frame) -> Frame:
    return rows[rows["churn_group"].isin(["Medium", "High"])]


# metric -> table it is measured over, how pandas computes it, and from which table where that is another
EXPECTED: dict[str, tuple[str, Callable[[Frame], Any], str]] = {
    "net_revenue": ("kpi_overall", total("net_amount"), "daily_metrics_by_channel"),
    "gross_revenue": ("customer_360", lambda r: r.loc[r["customer_id"].notna(), "gross_amount"].sum(), "fct_orders"),
    "discounts": ("daily_metrics_by_channel", lambda r: -r["discount_amount"].sum(), "kpi_today"),
    "refunds": ("daily_metrics_by_channel", lambda r: -r["refund_amount"].sum(), "kpi_today"),
    "discount_rate": ("customer_360", lambda r: -r["discount_amount"].sum() / r["gross_amount"].sum(), ""),
    "refund_rate": ("customer_360", lambda r: -r["refund_amount"].sum() / r["gross_amount"].sum(), ""),
    "sales": ("fct_orders", total("order_amount"), ""),
    "orders": ("period_metrics", lambda r: len(month(r)), "fct_orders"),
    "guest_orders": ("period_metrics", lambda r: month(r)["customer_id"].isna().sum(), "fct_orders"),
    "customer_orders": ("period_metrics", lambda r: month(r)["customer_id"].notna().sum(), "fct_orders"),
    "average_order_value": ("period_metrics", lambda r: r["average_order_value"].iloc[0], ""),
    "revenue_before_refunds": (
        "daily_metrics_by_channel",
        lambda r: r["gross_amount"].sum() + r["discount_amount"].sum(),
        "kpi_today",
    ),
    "average_order_value_before_refunds": (
        "daily_metrics_by_channel",
        total("average_order_value_before_refunds"),
        "kpi_today",
    ),
    "sales_per_order": ("fct_orders", mean("order_amount"), ""),
    "promoted_orders": ("fct_orders", lambda r: (r["is_promoted"] == True).sum(), ""),  # noqa: E712 - null is neither
    "promoted_order_rate": ("fct_orders", lambda r: (r["is_promoted"] == True).mean(), ""),  # noqa: E712
    "units": ("daily_metrics_by_channel", total("unit_count"), "fct_orders"),
    "buyers": ("period_metrics", lambda r: month(r)["customer_id"].nunique(), "fct_orders"),
    "new_customers": (
        "period_metrics",
        lambda r: pd.to_datetime(r["first_order_date"]).dt.strftime("%Y-%m").eq("2024-10").sum(),
        "customer_360",
    ),
    "returning_customers": ("period_metrics", total("returning_customer_count"), "repeat_purchase_rate"),
    "returning_customer_share": ("period_metrics", total("returning_customer_rate"), "repeat_purchase_rate"),
    "revenue_per_customer": ("customer_360", lambda r: r["net_amount"].sum() / len(r), ""),
    "previous_customers": ("churn_by_period", total("previous_customer_count"), "period_metrics"),
    "retained_customers": (
        "period_metrics",
        lambda r: r["previous_customer_count"].sum() - r["lost_customer_count"].sum(),
        "churn_by_period",
    ),
    "retention_rate": ("period_metrics", total("retention_rate"), ""),
    "repeat_buyers": (
        "repeat_purchase_rate",
        lambda r: (month(r).groupby("customer_id").size() > 1).sum(),
        "fct_orders",
    ),
    "repeat_purchase_rate": ("repeat_purchase_rate", total("repeat_purchase_rate"), ""),
    "active_customers_at_start": ("churn_by_period", total("window_customer_count"), ""),
    "lapsed_customers": ("churn_by_period", total("window_lost_customer_count"), ""),
    "lapsed_customers_back": ("churn_by_period", total("window_returned_customer_count"), ""),
    "customer_losses": ("churn_by_period", total("window_lost_customer_count"), ""),
    "customer_comebacks": ("churn_by_period", total("window_returned_customer_count"), ""),
    "comeback_rate": ("churn_by_period", quotient("window_returned_customer_count", "window_lost_customer_count"), ""),
    "period_churn_rate": ("churn_by_period", total("window_churn_rate"), ""),
    "daily_active_customers": ("engagement_daily", mean("dau"), ""),
    "weekly_active_customers": ("engagement_daily", mean("wau"), ""),
    "monthly_active_customers": ("engagement_daily", mean("mau"), ""),
    "stickiness": (
        "engagement_daily",
        lambda r: r.sort_values("activity_date").iloc[29:].pipe(lambda days: (days["dau"] / days["mau"]).mean()),
        "",
    ),
    "customers": ("customer_360", lambda r: r["customer_id"].nunique(), ""),
    "customers_to_date": ("customer_360", total("customer_count"), "kpi_today"),
    "repeat_customers": ("customer_360", total("repeat_customer_count"), "kpi_today"),
    "repeat_customer_rate": ("customer_360", total("repeat_customer_rate"), "kpi_today"),
    "repeat_day_customers": ("customer_360", total("repeat_day_customer_count"), "kpi_today"),
    "repeat_day_customer_rate": ("customer_360", total("repeat_day_customer_rate"), "kpi_today"),
    "churned_customers": ("customer_360", total("churned_customer_count"), "kpi_today"),
    "churn_rate": ("customer_360", total("churn_rate"), "kpi_today"),
    "retained_to_date": (
        "customer_360",
        lambda r: r["customer_count"].sum() - r["churned_customer_count"].sum(),
        "kpi_today",
    ),
    "customers_at_risk": ("customer_360", lambda r: len(at_risk(r)), ""),
    "value_at_risk": ("customer_360", lambda r: at_risk(r)["historical_clv"].sum(), ""),
    "days_since_last_order": ("customer_360", mean("days_since_last_order"), ""),
    "lifetime_value_to_date": ("customer_360", total("total_historical_clv"), "kpi_today"),
    "average_lifetime_value_to_date": ("customer_clv", total("average_historical_clv"), "kpi_today"),
    "run_rate_value": ("customer_clv", total("run_rate_clv_1y"), "customer_360"),
    "expected_margin": ("customer_clv", total("predicted_clv_1y"), "customer_360"),
    "expected_margin_per_customer": ("customer_clv", mean("predicted_clv_1y"), ""),
    "expected_margin_low": ("customer_clv", total("predicted_clv_1y_low_80"), ""),
    "expected_margin_high": ("customer_clv", total("predicted_clv_1y_high_80"), ""),
    "expected_margin_low_per_customer": ("customer_clv", mean("predicted_clv_1y_low_80"), ""),
    "expected_margin_high_per_customer": ("customer_clv", mean("predicted_clv_1y_high_80"), ""),
    "value_at_stake": (
        "customer_risk",
        lambda r: (r["predicted_clv_1y"] * r["churn_probability_90d"]).sum(),
        "clv_and_churn",
    ),
    "scored_customers": ("customer_risk", lambda r: r["churn_probability_90d"].notna().sum(), "customer_churn"),
    "churn_probability": ("customer_risk", mean("churn_probability_90d"), "customer_churn"),
    "customer_value": ("customer_values", total("historical_clv"), "customer_360"),
    "mean_customer_value": ("customer_values", lambda r: r["historical_clv"].dropna().mean(), "customer_360"),
    "median_customer_value": ("customer_values", lambda r: r["historical_clv"].dropna().median(), "customer_360"),
    "top_decile_value": ("customer_values", top_decile, "customer_values"),
    "top_decile_share": ("customer_values", lambda r: top_decile(r) / r["value"].sum(), "customer_values"),
    "products": ("product_margin", lambda r: r["product_id"].nunique(), ""),
    "categories": ("category_ranking", lambda r: len(r[["level", "department", "name"]].drop_duplicates()), ""),
    "margin": ("product_margin", lambda r: (r["net_amount"] - r["cost_amount"]).sum(), ""),
    "costed_revenue": ("product_margin", lambda r: r.loc[r["cost_amount"].notna(), "net_amount"].sum(), ""),
    "margin_rate": (
        "product_margin",
        lambda r: (r["net_amount"] - r["cost_amount"]).sum() / r.loc[r["cost_amount"].notna(), "net_amount"].sum(),
        "",
    ),
    "returned_units": ("product_margin", total("returned_unit_count"), ""),
    "return_rate": ("product_margin", quotient("returned_unit_count", "unit_count"), ""),
    "sessions": (
        "campaign_performance",
        lambda r: r.loc[r["step"] == "session", "session_count"].sum(),
        "campaign_funnel",
    ),
    "conversions": (
        "campaign_performance",
        lambda r: (r["conversion_rate"] * r["session_count"]).sum(),
        "",
    ),
    "conversion_rate": ("campaign_performance", quotient("conversion_count", "session_count"), ""),
    "campaign_revenue": ("campaign_performance", lambda r: (r["revenue_per_session"] * r["session_count"]).sum(), ""),
    "returned_revenue": ("campaign_performance", total("returned_amount"), ""),
    "returned_revenue_rate": ("campaign_performance", quotient("returned_amount", "revenue_amount"), ""),
    "tests_of_the_model": ("model_scores", lambda r: r["origin_date"].nunique(), ""),
    "predicted_purchases": ("model_scores", of_measure("predicted_purchases", "sum"), ""),
    "observed_purchases": ("model_scores", of_measure("actual_purchases", "sum"), ""),
    "predicted_revenue": ("model_scores", of_measure("predicted_amount", "sum"), ""),
    "observed_revenue": ("model_scores", of_measure("actual_amount", "sum"), ""),
    "gini": ("model_scores", of_measure("gini"), ""),
    "total_ratio": ("model_scores", of_measure("total_ratio"), ""),
    "rmse": ("model_scores", of_measure("rmse"), ""),
    "auc": ("model_scores", of_measure("auc"), ""),
    "log_loss": ("model_scores", of_measure("log_loss"), ""),
    "brier": ("model_scores", of_measure("brier"), ""),
    "mean_predicted": ("model_scores", of_measure("mean_predicted"), ""),
    "mean_observed": ("model_scores", of_measure("mean_observed"), ""),
    "predicted_purchases_in_decile": ("model_calibration", lambda r: r["predicted"] @ r["customer_count"], ""),
    "observed_purchases_in_decile": ("model_calibration", lambda r: r["actual"] @ r["customer_count"], ""),
    "predicted_per_customer": (
        "model_calibration",
        lambda r: r["predicted"] @ r["customer_count"] / r["customer_count"].sum(),
        "",
    ),
    "observed_per_customer": (
        "model_calibration",
        lambda r: r["actual"] @ r["customer_count"] / r["customer_count"].sum(),
        "",
    ),
}

OF_CHURN = ("auc", "log_loss", "brier", "mean_predicted", "mean_observed")
"""Scores of the churn model; the others are the purchase model's."""


SHOPS = dict.fromkeys(("margin", "costed_revenue", "margin_rate"), "cafe")
SHOPS |= dict.fromkeys(("returned_units", "return_rate"), "online_retail")
"""Metrics of what the example customer360 has none of: costs and returns."""


@pytest.fixture(scope="module")
def gold_of(example):
    """The published gold of an example shop: gold_of("cafe")."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(open_published(example(name).project.published)))


@pytest.fixture(scope="module")
def gold(gold_of):
    """The published gold of the example customer360."""
    return gold_of("customer360")


def frame(gold, table: str) -> Frame:
    """The rows of a table that a metric is held against, amounts as floats."""
    sql = {
        "kpi_today": "select * from kpi_overall order by kpi_date desc limit 1",
        "clv_and_churn": "select * from customer_clv inner join customer_churn using (customer_id)",
        "customer_values": f"{STEPS['customer_values']} select * from customer_values",
    }.get(table)
    if sql is None:
        where = WHERE.get(table, "true")
        sql = f"select * from gold.{table} where {where}"
    rows = gold.sql(sql).df()
    return rows.apply(lambda column: column.astype(float) if "Decimal" in _kinds(column) else column)


def _kinds(column: pd.Series) -> set[str]:
    return {type(value).__name__ for value in column.dropna().head(1)}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_metric_equals_what_pandas_computes(gold_of, name):
    gold = gold_of(SHOPS.get(name, "customer360"))
    table, compute, source = EXPECTED[name]
    where = WHERE.get(table, "")
    if name in OF_CHURN:
        where = "prediction = 'churn' and model = 'churn_lightgbm'"
    sql = STEPS.get(table, "") + select([name], table=table, where=where)
    found = gold.sql(sql).fetchone()[0]
    rows = (
        gold.sql(f"select * from gold.{table} where {where}").df() if name in OF_CHURN else frame(gold, source or table)
    )
    expected = compute(rows)
    assert found is not None
    assert math.isclose(float(found), float(expected), rel_tol=1e-6, abs_tol=1e-2), (found, expected)


def test_every_metric_is_held_against_another_computation():
    assert set(EXPECTED) == set(load_metrics())


@pytest.mark.parametrize("name", load_metrics())
def test_a_metric_can_be_measured_over_each_of_its_tables(gold, name):
    for table in get_metric(name).tables:
        step = STEPS.get(table, "")
        sql = f"{step} select {aggregate(name, table)} as {name} from {load_tables()[table].source}"
        gold.sql(sql).fetchone()


@pytest.mark.parametrize("name", load_metrics())
def test_a_metric_has_label_description_and_a_table(name):
    metric = get_metric(name)
    assert metric.label[:1].isupper()
    assert metric.description.endswith(".")
    assert metric.tables


def test_two_routes_over_periods_and_days_agree(gold):
    by_day = select(["net_revenue", "orders"], table="daily_metrics")
    by_month = select(["net_revenue", "orders"], table="period_metrics", where="period_kind = 'month'")
    assert gold.sql(by_day).fetchone() == gold.sql(by_month).fetchone()


@pytest.mark.parametrize("table", ["daily_metrics", "period_metrics", "customer_360"])
def test_an_order_is_worth_less_after_refunds_by_what_came_back(gold_of, table):
    rows = gold_of("online_retail").sql(f"select * from gold.{table} where order_count > 0").df()
    values = {name: rows[name].astype(float) for name in ("average_order_value", "average_order_value_before_refunds")}
    came_back = -rows["refund_amount"].astype(float) / rows["order_count"]
    difference = values["average_order_value_before_refunds"] - values["average_order_value"]
    assert came_back.abs().max() > 0
    assert (difference - came_back).abs().max() < 1.01e-4  # each is rounded to four places


def test_repeat_buyers_of_the_orders_are_those_of_the_published_table(gold):
    sql = STEPS["period_customers"] + select(
        ["buyers", "repeat_buyers"], table="period_customers", where="period_start_date = date '2024-10-01'"
    )
    published = (
        f"select customer_count, repeat_customer_count from repeat_purchase_rate where {WHERE['period_metrics']}"
    )
    assert gold.sql(sql).fetchone() == gold.sql(published).fetchone()


def test_a_select_names_dimensions_condition_order_and_limit():
    assert select(
        {"amount": "net_revenue"},
        table="daily_metrics",
        by=["date_trunc('month', activity_date) as month"],
        where="activity_date >= ?",
        order_by="month",
        limit=3,
    ) == (
        "select\n    date_trunc('month', activity_date) as month,\n    sum(net_amount) as amount\n"
        "from gold.daily_metrics\nwhere activity_date >= ?\ngroup by month\norder by month\nlimit 3"
    )


def test_customers_of_a_period_are_not_added_up_over_periods():
    with pytest.raises(SettingsError, match="cannot be added up over period_start_date"):
        select(["buyers"], table="period_metrics", where="period_kind = 'month'")
    with pytest.raises(SettingsError, match="cannot be added up"):
        select(["retention_rate"], table="period_metrics", by=["period_kind"])


def test_an_unknown_metric_is_refused_with_the_nearest_name():
    with pytest.raises(SettingsError) as refused:
        columns("daily_metrics", "net_revenues")
    assert "net_revenue" in (refused.value.do or "")


def test_a_metric_that_a_table_does_not_have_is_refused_with_its_tables():
    with pytest.raises(SettingsError) as refused:
        aggregate("sessions", "daily_metrics")
    assert "campaign_performance" in (refused.value.do or "")


def test_a_ratio_of_columns_divides_as_its_definition_says():
    assert of_columns("average_order_value", {"net_revenue": "a", "orders": "b"}) == "a / nullif(b, 0)"


def test_what_a_row_adds_is_the_expression_that_is_summed():
    assert row_value("value_at_stake", "customer_risk") == "predicted_clv_1y * churn_probability_90d"
    with pytest.raises(SettingsError, match="no value for one row"):
        row_value("average_order_value", "daily_metrics")


AGGREGATE = re.compile(r"\b(sum|avg|mean|count|median|quantile_disc)\s*\(")


@pytest.mark.parametrize("module", sorted(SERVE.rglob("*.py")), ids=lambda path: str(path.relative_to(SERVE)))
def test_no_reader_spells_an_aggregate_itself(module):
    tree = ast.parse(module.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    assert [text for text in strings if AGGREGATE.search(text)] == []


def test_no_metric_is_defined_twice():
    """A second definition would silently replace the first."""
    text = resources.files("patron.contract").joinpath("metrics.yml").read_text(encoding="utf-8")
    names = re.findall(r"^  ([a-z_0-9]+):$", text, re.MULTILINE)
    assert [name for name in names if names.count(name) > 1] == []
