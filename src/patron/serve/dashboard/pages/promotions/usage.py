"""How much is sold at a discount, when, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from patron.contract.metrics import columns, select
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.axes import month_axis, share_axis
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.empty_state import empty, why
from patron.serve.dashboard.widgets.tiles import Tile, tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_PROMOTED = {"promoted_order_count": "promoted_orders", "promoted_rate": "promoted_order_rate"}
_DISCOUNTED = {"discount_amount": "discounts", "discount_share": "discount_rate"}

_MONTHS = f"""
with
    promoted as (
        select
            date_trunc('month', order_date)::date as month_date,
            {columns("fct_orders", order_count="orders", **_PROMOTED)}
        from gold.fct_orders
        group by all
    ),

    discounted as (
        select
            date_trunc('month', activity_date)::date as month_date,
            {columns("daily_metrics", gross_amount="gross_revenue", **_DISCOUNTED)}
        from gold.daily_metrics
        group by all
    )

select
    month_date,
    coalesce(order_count, 0) as order_count,
    coalesce(promoted_order_count, 0) as promoted_order_count,
    promoted_rate,
    gross_amount,
    discount_amount,
    discount_share
from discounted
left join promoted using (month_date)
order by month_date
"""

_SEGMENTS = select(
    {"discount_usage_rate": "promoted_order_rate", "order_count": "orders"},
    table="customer_360",
    by=["segment"],
    where="segment is not null and order_count > 0 and discount_usage_rate is not null",
    order_by="discount_usage_rate desc, segment",
)

_ALL = f"""
with
    promoted as ({select(_PROMOTED, table="fct_orders")}),

    discounted as ({select(_DISCOUNTED, table="daily_metrics")})

select * from promoted cross join discounted
"""


def summary(view: View) -> None:
    """How much is sold at a discount, to date."""
    formats, found = view.formats, view.data.first(_ALL)
    listed = []
    if found["promoted_order_count"]:
        means = "Orders with a promotion, or a discount on a line."
        listed.append(Tile("Promoted orders", formats.count(found["promoted_order_count"]), means=means))
        listed.append(Tile("Of all orders", formats.share(found["promoted_rate"], digits=1)))
    if found["discount_amount"]:
        listed.append(Tile("Discounts given", formats.short_money(found["discount_amount"])))
        listed.append(Tile("Of gross revenue", formats.share(found["discount_share"], digits=1)))
    if listed:
        tiles(listed)


def usage(view: View) -> None:
    """Promoted orders by month, and by segment."""
    found = view.data.first(_ALL)
    if not found["promoted_order_count"] and not found["discount_amount"]:
        empty("Discounts: nothing to show", _why_none(view))
        return
    if not found["promoted_order_count"]:
        _by_month(view, has_orders=False)
        return
    left, right = st.columns(2, gap="large")
    with left:
        _by_month(view, has_orders=True)
    with right:
        _by_segment(view)


def _why_none(view: View) -> str:
    if view.data.count("promotion_impact"):
        return "No order carries a promotion or a discount."
    return why(view, "promotion_impact")


def _by_month(view: View, *, has_orders: bool) -> None:
    import plotly.graph_objects as go

    column, title = (
        ("promoted_rate", "How many orders are promoted?")
        if has_orders
        else ("discount_share", "How much is given as discount?")
    )
    months = view.data.rows(_MONTHS)
    rates = months.numbers(column)
    hover = [
        f"{view.formats.month(month)}: {view.formats.share(rate, digits=1)}"
        for month, rate in zip(months.column("month_date"), rates, strict=True)
    ]
    drawn = go.Figure(go.Bar(x=months.column("month_date"), y=rates, text=hover, hoverinfo="text", textposition="none"))
    share_axis(drawn, rates, view.formats)
    month_axis(drawn, months.column("month_date"), view.formats)
    last = view.formats.share(rates[-1], digits=1)
    said = f"{'Of all orders' if has_orders else 'Of gross revenue'}, by month; {last} in the last one."
    definition = (
        ["fct_orders.is_promoted"] if has_orders else ["daily_metrics.discount_amount", "daily_metrics.gross_amount"]
    )
    figure(title, drawn, data=months, definition=definition, says=said, note=said)


def _by_segment(view: View) -> None:
    found = view.data.rows(_SEGMENTS)
    if not found:
        return
    names, rates = found.column("segment"), found.numbers("discount_usage_rate")
    written = [view.formats.share(rate, digits=1) for rate in rates]
    said = f"{names[0]} most often: {written[0]} of their orders."
    figure(
        "Which customers use promotions?",
        bars.named_bars(names, rates, written, view.theme),
        data=found,
        definition=["customer_360.discount_usage_rate", "customer_360.segment"],
        says=said,
        note=said,
        height=bars.height(len(names)),
    )
