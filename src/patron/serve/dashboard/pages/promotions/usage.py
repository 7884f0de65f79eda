"""Promoted orders and discounts, by month and by segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from patron.contract.metrics import columns, get_metric, select
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.axes import set_month_axis, set_share_axis
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

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
    -discount_amount as discount_amount,
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


def draw_summary(view: View) -> None:
    """Draw promoted orders and discounts to date."""
    formats, found = view.formats, view.data.first(_ALL)
    tiles = []
    if found["promoted_order_count"]:
        means = get_metric("promoted_orders").description
        tiles.append(Tile("Promoted orders", formats.count(found["promoted_order_count"]), means=means))
        tiles.append(Tile("Share of orders", formats.share(found["promoted_rate"], digits=1)))
    if found["discount_amount"]:
        tiles.append(Tile("Discounts", formats.short_money(found["discount_amount"])))
        tiles.append(Tile("Discount rate", formats.share(found["discount_share"], digits=1)))
    if tiles:
        draw_tiles(tiles)


def draw_usage(view: View) -> None:
    """Draw promoted orders by month and by segment."""
    found = view.data.first(_ALL)
    if not found["promoted_order_count"] and not found["discount_amount"]:
        draw_empty_state("Discounts: no data", _explain_empty(view))
        return
    if not found["promoted_order_count"]:
        _draw_months(view, has_orders=False)
        return
    left, right = st.columns(2, gap="large")
    with left:
        _draw_months(view, has_orders=True)
    with right:
        _draw_segments(view)


def _explain_empty(view: View) -> str:
    if view.data.count("promotion_impact"):
        return "No order has a promotion or a discount."
    return explain_empty(view, "promotion_impact")


def _draw_months(view: View, *, has_orders: bool) -> None:
    import plotly.graph_objects as go

    column, title = (
        ("promoted_rate", "Promoted orders by month") if has_orders else ("discount_share", "Discount rate by month")
    )
    months = view.data.rows(_MONTHS)
    rates = months.numbers(column)
    hover = [
        f"{view.formats.month(month)}: {view.formats.share(rate, digits=1)}"
        for month, rate in zip(months.column("month_date"), rates, strict=True)
    ]
    figure = go.Figure(
        go.Bar(x=months.column("month_date"), y=rates, text=hover, hoverinfo="text", textposition="none")
    )
    set_share_axis(figure, rates, view.formats)
    set_month_axis(figure, months.column("month_date"), view.formats)
    last = view.formats.share(rates[-1], digits=1)
    summary = f"Share of {'all orders' if has_orders else 'gross revenue'}; {last} in the latest month."
    definition = (
        ["fct_orders.is_promoted"] if has_orders else ["daily_metrics.discount_amount", "daily_metrics.gross_amount"]
    )
    draw_figure(title, figure, data=months, definition=definition, summary=summary, note=summary)


def _draw_segments(view: View) -> None:
    found = view.data.rows(_SEGMENTS)
    if not found:
        return
    names, rates = found.column("segment"), found.numbers("discount_usage_rate")
    texts = [view.formats.share(rate, digits=1) for rate in rates]
    summary = f"{names[0]} use promotions most: {texts[0]} of their orders."
    draw_figure(
        "Promoted orders by segment",
        bars.draw_named_bars(names, rates, texts, view.theme),
        data=found,
        definition=["customer_360.discount_usage_rate", "customer_360.segment"],
        summary=summary,
        note=summary,
        height=bars.compute_height(len(names)),
    )
