"""Overview: how the shop is doing, and what changed."""

from __future__ import annotations

from patron.dashboard.axes import money_axis, month_axis
from patron.dashboard.charts import figure
from patron.dashboard.page import Page, View


def render(view: View) -> None:
    """Draw the page."""
    import plotly.graph_objects as go

    sql = """
    select period_start_date, net_amount, customer_count
    from gold.period_metrics
    where period_kind = 'month'
    order by period_start_date
    """
    months = view.data.rows(sql)
    bars = go.Bar(x=months.column("period_start_date"), y=months.numbers("net_amount"), name="Net revenue")
    drawn = go.Figure(bars)
    money_axis(drawn, months.column("net_amount"), view.formats)
    month_axis(drawn, months.column("period_start_date"), view.formats)
    says = f"Net revenue of {len(months.rows)} months."
    figure("Net revenue by month", drawn, data=months, definition=["period_metrics.net_amount"], says=says)


PAGE = Page(
    path="overview",
    title="Overview",
    question="How is the shop doing, and what changed?",
    icon=":material/monitoring:",
    render=render,
    filters=("period",),
    default_period="month",
    needs=("daily_metrics",),
)
