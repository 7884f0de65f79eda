"""Daily, weekly and monthly active customers, and stickiness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from patron.contract.metrics import Metric, get_metric, select
from patron.serve.dashboard.pages.engagement.days import Days, query_calendar
from patron.serve.dashboard.widgets.axes import set_count_axis, set_day_axis, set_share_axis
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.tiles import Tile, describe_change, draw_tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_DAILY = """
select
    activity_date,
    dau,
    wau,
    mau,
    stickiness
from gold.engagement_daily
where activity_date between ? and ?
order by activity_date
"""

_FEW_DAYS = 92

_METRICS = {
    "dau": "daily_active_customers",
    "wau": "weekly_active_customers",
    "mau": "monthly_active_customers",
    "stickiness": "stickiness",
}

_MEANS = select(_METRICS, table="engagement_daily", where="activity_date between ? and ?")

_NAMES = {"mau": "Monthly (MAU)", "wau": "Weekly (WAU)", "dau": "Daily (DAU)"}


def draw_active(view: View, days: Days) -> None:
    """Draw the averages of the days with their change, and the days as lines."""
    _draw_tiles(view, days)
    daily = view.data.rows(_DAILY, [days.first, days.last])
    left, right = st.columns([3, 2], gap="large")
    with left:
        _draw_lines(view, daily)
    with right:
        _draw_stickiness(view, daily)


def _draw_tiles(view: View, days: Days) -> None:
    now = view.data.first(_MEANS, [days.first, days.last])
    before = days.before()
    has_before = before.first >= query_calendar(view).first
    then = view.data.first(_MEANS, [before.first, before.last]) if has_before else dict.fromkeys(now)
    draw_tiles(
        [
            _build_tile(view, column, get_metric(name), now[column], then[column], days)
            for column, name in _METRICS.items()
        ]
    )


def _build_tile(view: View, column: str, metric: Metric, now: Any, then: Any, days: Days) -> Tile:
    if now is None:
        return Tile(metric.label, view.formats.share(None))
    is_share = column == "stickiness"
    text = view.formats.share(now, digits=1) if is_share else view.formats.count(now, digits=0 if now >= 100 else 1)
    if not then:
        return Tile(metric.label, text, means=metric.description, against="average of the days shown")
    size = view.formats.share(abs(now / then - 1))
    change, is_good = describe_change(now, then, size)
    return Tile(metric.label, text, change, is_good, f"vs previous {days.count} days", metric.description)


def _draw_lines(view: View, daily: Result) -> None:
    import plotly.graph_objects as go

    dates = daily.column("activity_date")
    figure = go.Figure()
    for column, name in _NAMES.items():
        counts = daily.numbers(column)
        hover = [
            f"{view.formats.day(day)}: {view.formats.count(count)}, {name}"
            for day, count in zip(dates, counts, strict=True)
        ]
        figure.add_scatter(x=dates, y=counts, name=name, mode=_choose_mode(dates), text=hover, hoverinfo="text")
    set_count_axis(figure, daily.column("mau"), view.formats)
    set_day_axis(figure, dates, view.formats)
    last = daily.records()[-1]
    summary = f"{view.formats.count(last['mau'])} customers ordered in the 30 days to {view.formats.day(dates[-1])}."
    draw_figure(
        "Active customers",
        figure,
        data=daily,
        definition=["engagement_daily.dau", "engagement_daily.wau", "engagement_daily.mau"],
        summary=summary,
        note=summary,
    )


def _draw_stickiness(view: View, daily: Result) -> None:
    import plotly.graph_objects as go

    dates, rates = daily.column("activity_date"), daily.numbers("stickiness")
    is_young, is_long = rates[0] is None, len(dates) > _FEW_DAYS
    if is_long:
        rates = _average_weeks(rates)
    hover = [
        f"{view.formats.day(day)}: {view.formats.share(rate, digits=1)}" for day, rate in zip(dates, rates, strict=True)
    ]
    lines = go.Scatter(x=dates, y=rates, mode=_choose_mode(dates), text=hover, hoverinfo="text")
    lines.line = {"color": view.theme.series[2]}
    figure = go.Figure(lines)
    set_share_axis(figure, rates, view.formats)
    set_day_axis(figure, dates, view.formats)
    summary = "Daily active customers as a share of monthly active customers."
    if is_long:
        summary += " Each point is a 7-day average."
    if is_young:
        summary += " The first 29 days of data are left out."
    draw_figure(
        "Stickiness (DAU/MAU)",
        figure,
        data=daily,
        definition=["engagement_daily.stickiness"],
        summary=summary,
        note=summary,
    )


def _average_weeks(rates: list[float | None]) -> list[float | None]:
    """Return the average of each day and the 6 before it; None where one of them is missing."""
    weeks = [rates[max(place - 6, 0) : place + 1] for place in range(len(rates))]
    return [
        sum(known) / 7 if len(known := [rate for rate in week if rate is not None]) == 7 else None for week in weeks
    ]


def _choose_mode(dates: list[Any]) -> str:
    """Return the trace mode: a single day has no line."""
    return "lines" if len(dates) > 1 else "markers"
