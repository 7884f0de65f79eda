"""Overview: how the shop is doing and what changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from patron.contract.metrics import select
from patron.serve.dashboard.data import Result
from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.pages.overview_tiles import build_period_tiles, build_to_date_tiles
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.axes import set_count_axis, set_money_axis
from patron.serve.dashboard.widgets.charts import draw_figure, draw_heading
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.escape import html
from patron.serve.dashboard.widgets.tiles import draw_tiles
from patron.serve.periods import Period
from patron.serve.report.queries.change import Change
from patron.serve.report.queries.changes import find_changes

_MOST_BARS = 24

_PERIODS = select(
    {
        "net_amount": "net_revenue",
        "customer_count": "buyers",
        "new_customer_count": "new_customers",
        "returning_customer_count": "returning_customers",
    },
    table="period_metrics",
    by=["period_start_date", "is_complete"],
    where="period_kind = ?",
    order_by="period_start_date desc",
    limit="?",
)


def render(view: View) -> None:
    """Draw the page."""
    if view.filters.period is not None:
        draw_tiles(build_period_tiles(view, view.filters.period))
    draw_tiles(build_to_date_tiles(view))
    kind = view.filters.period.kind if view.filters.period else "month"
    selected = view.data.rows(_PERIODS, [kind, _MOST_BARS])
    periods = Result(selected.columns, selected.rows[::-1], selected.sql, selected.parameters)
    left, right = st.columns(2, gap="large")
    with left:
        _draw_revenue(view, kind, periods)
    with right:
        _draw_customers(view, kind, periods)
    if view.filters.period is not None:
        _draw_changes(view, view.filters.period)


def _draw_revenue(view: View, kind: str, periods: Result) -> None:
    import plotly.graph_objects as go

    names = _label_periods(view, kind, periods)
    texts = [
        f"{name}: {view.formats.money(amount)}"
        for name, amount in zip(names, periods.column("net_amount"), strict=True)
    ]
    bars = go.Bar(x=names, y=periods.numbers("net_amount"), text=texts, hoverinfo="text", textposition="none")
    figure = go.Figure(bars.update(marker={"color": _choose_colours(view, kind, periods)}))
    set_money_axis(figure, periods.column("net_amount"), view.formats)
    _set_axis(figure, names)
    draw_figure(
        f"Net revenue by {kind}",
        figure,
        data=periods,
        definition=["period_metrics.net_amount", "period_metrics.is_complete"],
        summary=_format_range(texts),
        note=_note_incomplete(view, kind, periods) or "After discounts and refunds.",
    )


def _draw_customers(view: View, kind: str, periods: Result) -> None:
    import plotly.graph_objects as go

    names = _label_periods(view, kind, periods)
    figure = go.Figure()
    parts = {"returning_customer_count": ("Returning", 0), "new_customer_count": ("New", 1)}
    for column, (name, place) in parts.items():
        counts = periods.column(column)
        texts = [f"{n}: {view.formats.count(c)} {name.lower()}" for n, c in zip(names, counts, strict=True)]
        colour = {"color": view.theme.series[place]}
        figure.add_bar(x=names, y=counts, name=name, text=texts, hoverinfo="text", textposition="none", marker=colour)
    figure.update_layout(barmode="stack")
    set_count_axis(figure, periods.column("customer_count"), view.formats)
    _set_axis(figure, names)
    counted = [f"{n}: {view.formats.count(c)}" for n, c in zip(names, periods.column("customer_count"), strict=True)]
    draw_figure(
        f"Customers by {kind}",
        figure,
        data=periods,
        definition=["period_metrics.customer_count", "period_metrics.new_customer_count"],
        summary=_format_range(counted),
        note="New customers placed their first order; returning customers had ordered before.",
    )


def _draw_changes(view: View, period: Period) -> None:
    draw_heading(f"What changed in {period.label(view.formats)} and why")
    found = view.data.compute(find_changes, period, view.formats)
    if not found:
        draw_empty_state(
            "No previous period to compare with", f"The data does not cover the whole {period.kind} before this one."
        )
        return
    items = "".join(f"<li>{html(change.sentence)}</li>" for change in found)
    st.html(f'<ul class="sentences">{items}</ul>')
    with st.container(key="below-changes"), st.popover("Queries", icon=":material/info:", type="tertiary"):
        _draw_queries(found)


def _draw_queries(found: list[Change]) -> None:
    """List each query once, under the topics that it answers."""
    topics: dict[str, list[str]] = {}
    for change in found:
        topics.setdefault(change.sql, []).append(change.topic)
    for sql, about in topics.items():
        st.caption(", ".join(about).capitalize())
        st.code(sql, language="sql", wrap_lines=True)


def _label_periods(view: View, kind: Any, periods: Result) -> list[str]:
    return [Period.of(kind, day).short_label(view.formats) for day in periods.column("period_start_date")]


def _choose_colours(view: View, kind: Any, periods: Result) -> list[str]:
    """Highlight the selected period."""
    chosen = view.filters.period
    strong, weak = view.theme.series[0], view.theme.sequential[2]
    return [strong if chosen is None or Period.of(kind, day) == chosen else weak for day in _query_days(periods)]


def _query_days(periods: Result) -> list[dt.date]:
    return periods.column("period_start_date")


def _set_axis(figure: Any, names: list[str]) -> None:
    """Label at most five bars, the last one included."""
    step = -(-len(names) // 5) or 1
    shown = names[::-1][::step][::-1]
    figure.update_xaxes(type="category", tickvals=shown, ticktext=shown, tickangle=0)


def _format_range(texts: list[str]) -> str:
    return f"From {texts[0]} to {texts[-1]}." if texts else "No data yet."


def _note_incomplete(view: View, kind: Any, periods: Result) -> str:
    if not periods or periods.column("is_complete")[-1]:
        return ""
    last = Period.of(kind, _query_days(periods)[-1]).short_label(view.formats)
    return f"{last} is not complete yet."


PAGE = Page(
    path="overview",
    title="Overview",
    question="How is the shop doing, and what changed?",
    icon=":material/monitoring:",
    render=render,
    filters=FilterSpec(("period",), "month"),
    needs=("daily_metrics",),
)
