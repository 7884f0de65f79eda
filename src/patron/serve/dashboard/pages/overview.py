"""Overview: how the shop is doing, and what changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from patron.contract.metrics import select
from patron.serve.dashboard.data import Result
from patron.serve.dashboard.filters import FilterSpec
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.pages.overview_tiles import period_tiles, to_date_tiles
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.axes import count_axis, money_axis
from patron.serve.dashboard.widgets.charts import figure, heading
from patron.serve.dashboard.widgets.empty_state import empty
from patron.serve.dashboard.widgets.escape import html
from patron.serve.dashboard.widgets.tiles import tiles
from patron.serve.periods import Period
from patron.serve.report.queries.change import Change
from patron.serve.report.queries.changes import changes

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
        tiles(period_tiles(view, view.filters.period))
    tiles(to_date_tiles(view))
    kind = view.filters.period.kind if view.filters.period else "month"
    asked = view.data.rows(_PERIODS, [kind, _MOST_BARS])
    periods = Result(asked.columns, asked.rows[::-1], asked.sql, asked.parameters)
    left, right = st.columns(2, gap="large")
    with left:
        _revenue(view, kind, periods)
    with right:
        _customers(view, kind, periods)
    if view.filters.period is not None:
        _changed(view, view.filters.period)


def _revenue(view: View, kind: str, periods: Result) -> None:
    import plotly.graph_objects as go

    names = _names(view, kind, periods)
    texts = [
        f"{name}: {view.formats.money(amount)}"
        for name, amount in zip(names, periods.column("net_amount"), strict=True)
    ]
    bars = go.Bar(x=names, y=periods.numbers("net_amount"), text=texts, hoverinfo="text", textposition="none")
    drawn = go.Figure(bars.update(marker={"color": _colours(view, kind, periods)}))
    money_axis(drawn, periods.column("net_amount"), view.formats)
    _axis(drawn, names)
    figure(
        f"Net revenue by {kind}",
        drawn,
        data=periods,
        definition=["period_metrics.net_amount", "period_metrics.is_complete"],
        says=_from_to(texts),
        note=_unfinished(view, kind, periods) or "After discounts and refunds.",
    )


def _customers(view: View, kind: str, periods: Result) -> None:
    import plotly.graph_objects as go

    names = _names(view, kind, periods)
    drawn = go.Figure()
    parts = {"returning_customer_count": ("Bought before", 0), "new_customer_count": ("First order", 1)}
    for column, (name, place) in parts.items():
        counts = periods.column(column)
        texts = [f"{n}: {view.formats.count(c)} {name.lower()}" for n, c in zip(names, counts, strict=True)]
        colour = {"color": view.theme.series[place]}
        drawn.add_bar(x=names, y=counts, name=name, text=texts, hoverinfo="text", textposition="none", marker=colour)
    drawn.update_layout(barmode="stack")
    count_axis(drawn, periods.column("customer_count"), view.formats)
    _axis(drawn, names)
    counted = [f"{n}: {view.formats.count(c)}" for n, c in zip(names, periods.column("customer_count"), strict=True)]
    figure(
        f"Customers who bought, by {kind}",
        drawn,
        data=periods,
        definition=["period_metrics.customer_count", "period_metrics.new_customer_count"],
        says=_from_to(counted),
        note="Those with their first order, and those who had bought before.",
    )


def _changed(view: View, period: Period) -> None:
    heading(f"What changed in {period.label(view.formats)}, and why")
    found = view.data.worked_out(changes, period, view.formats)
    if not found:
        empty("Nothing to compare with", f"The orders do not reach back a whole {period.kind} before this one.")
        return
    said = "".join(f"<li>{html(change.sentence)}</li>" for change in found)
    st.html(f'<ul class="sentences">{said}</ul>')
    with st.container(key="below-changes"), st.popover("The queries", icon=":material/info:", type="tertiary"):
        _queries(found)


def _queries(found: list[Change]) -> None:
    """Each query once, below the topics that it is the source of."""
    topics: dict[str, list[str]] = {}
    for change in found:
        topics.setdefault(change.sql, []).append(change.topic)
    for sql, about in topics.items():
        st.caption(", ".join(about).capitalize())
        st.code(sql, language="sql", wrap_lines=True)


def _names(view: View, kind: Any, periods: Result) -> list[str]:
    return [Period.of(kind, day).short_label(view.formats) for day in periods.column("period_start_date")]


def _colours(view: View, kind: Any, periods: Result) -> list[str]:
    """The chosen period stands out."""
    chosen = view.filters.period
    strong, weak = view.theme.series[0], view.theme.scale[2]
    return [strong if chosen is None or Period.of(kind, day) == chosen else weak for day in _days(periods)]


def _days(periods: Result) -> list[dt.date]:
    return periods.column("period_start_date")


def _axis(drawn: Any, names: list[str]) -> None:
    """At most five names, the last among them."""
    step = -(-len(names) // 5) or 1
    shown = names[::-1][::step][::-1]
    drawn.update_xaxes(type="category", tickvals=shown, ticktext=shown, tickangle=0)


def _from_to(texts: list[str]) -> str:
    return f"From {texts[0]} to {texts[-1]}." if texts else "Nothing yet."


def _unfinished(view: View, kind: Any, periods: Result) -> str:
    if not periods or periods.column("is_complete")[-1]:
        return ""
    last = Period.of(kind, _days(periods)[-1]).short_label(view.formats)
    return f"{last} is not over."


PAGE = Page(
    path="overview",
    title="Overview",
    question="How is the shop doing, and what changed?",
    icon=":material/monitoring:",
    render=render,
    filters=FilterSpec(("period",), "month"),
    needs=("daily_metrics",),
)
