"""Churn rate and repeat purchases by period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.pages.churn_and_retention.returns import describe_returns
from patron.serve.dashboard.pages.churn_and_retention.summary import query_window_days
from patron.serve.dashboard.widgets.axes import set_day_axis, set_month_axis, set_share_axis
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.scope import join_sentences, note_unfiltered

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_CHURN = select(
    {
        "window_customer_count": "active_customers_at_start",
        "window_lost_customer_count": "lapsed_customers",
        "window_returned_customer_count": "lapsed_customers_back",
        "window_churn_rate": "period_churn_rate",
    },
    table="churn_by_period",
    by=["period_start_date"],
    where="""period_kind = ?
    and is_complete
    and window_churn_rate is not null
    and period_start_date between ? and ?""",
    order_by="period_start_date",
)

_REPEAT = """
select
    period_start_date,
    customer_count,
    repeat_customer_count,
    repeat_purchase_rate,
    returning_customer_count,
    returning_customer_rate
from gold.repeat_purchase_rate
where period_kind = ? and is_complete and customer_count > 0 and period_start_date between ? and ?
order by period_start_date
"""

_LEAST_FOR_A_MEAN = 3
_FEW_MONTHS = 4


def choose_period_kind(view: View) -> str:
    """Return month; week within a month or a quarter, and for a shop with only a few months."""
    period = view.filters.period
    if period is not None:
        return "week" if period.kind in ("month", "quarter") else "month"
    sql = "select period_start_date from gold.repeat_purchase_rate where period_kind = 'month' and is_complete"
    return "week" if len(view.data.rows(sql).rows) < _FEW_MONTHS else "month"


def draw_churn_trend(view: View) -> None:
    """Draw the churn rate of each period."""
    title = f"Churn rate by {choose_period_kind(view)}"
    by, silent = choose_period_kind(view), query_window_days(view)
    data = view.data.rows(_CHURN, [by, *view.filters.days()])
    if not data:
        why = f"No complete {by} in this selection began with active customers."
        draw_empty_state(f"{title}: no data", why)
        return
    rates = [rate or 0.0 for rate in data.numbers("window_churn_rate")]
    summary = _summarize(view, by, data, "window_churn_rate", "churned")
    figure = _plot_lines(view, by, data, {"Churned": "window_churn_rate"})
    set_share_axis(figure, rates, view.formats)
    draw_figure(
        title,
        figure,
        data=data,
        definition=["churn_by_period.window_churn_rate", "churn_by_period.window_customer_count"],
        summary=summary,
        note=join_sentences(
            f"Share of the customers active when the {by} began who passed {silent} days without an order in it.",
            summary,
            describe_returns(view),
            note_unfiltered(view.filters),
        ),
        height=300,
    )


def draw_repeat_trend(view: View) -> None:
    """Draw the share of a period's customers who ordered twice in it, and who had ordered before it."""
    title = f"Repeat and returning customers by {choose_period_kind(view)}"
    by = choose_period_kind(view)
    data = view.data.rows(_REPEAT, [by, *view.filters.days()])
    if not data:
        draw_empty_state(f"{title}: no data", f"No complete {by} in this selection has an order.")
        return
    lines = {
        f"Two or more orders in the {by}": "repeat_purchase_rate",
        f"Ordered before the {by}": "returning_customer_rate",
    }
    figure = _plot_lines(view, by, data, lines)
    set_share_axis(figure, [rate for column in lines.values() for rate in data.numbers(column)], view.formats)
    summary = _summarize(view, by, data, "returning_customer_rate", "of customers had ordered before")
    draw_figure(
        title,
        figure,
        data=data,
        definition=["repeat_purchase_rate.repeat_purchase_rate", "repeat_purchase_rate.returning_customer_rate"],
        summary=summary,
        note=join_sentences(f"Share of the customers of each {by}. {summary}", note_unfiltered(view.filters)),
        height=300,
    )


def _plot_lines(view: View, by: str, data: Result, columns: dict[str, str]) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    days, formats = data.column("period_start_date"), view.formats
    for name, column in columns.items():
        texts = [
            f"{name}: {formats.share(rate, digits=1)}, {_format_period(view, by, day)}"
            for day, rate in zip(days, data.numbers(column), strict=True)
        ]
        mode = "lines+markers" if len(days) <= 40 else "lines"
        figure.add_trace(go.Scatter(x=days, y=data.numbers(column), name=name, mode=mode, text=texts, hoverinfo="text"))
    (set_month_axis if by == "month" else set_day_axis)(figure, days, formats)
    return figure.update_layout(showlegend=len(columns) > 1, yaxis={"rangemode": "tozero"})


def _format_period(view: View, by: str, day: object) -> str:
    return view.formats.month(day) if by == "month" else f"week of {view.formats.day(day)}"  # type: ignore[arg-type]


def _summarize(view: View, by: str, data: Result, column: str, what: str) -> str:
    rates, days = data.numbers(column), data.column("period_start_date")
    last = f"{_format_period(view, by, days[-1])}: {view.formats.share(rates[-1], digits=1)} {what}"
    last = f"{last[:1].upper()}{last[1:]}"
    if len(rates) < _LEAST_FOR_A_MEAN:
        return f"{last}."
    known = [rate for rate in rates if rate is not None]
    return f"{last}; the average of the periods shown is {view.formats.share(sum(known) / len(known), digits=1)}."
