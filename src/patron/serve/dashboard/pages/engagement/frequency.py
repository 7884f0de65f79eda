"""New and returning customers, and orders per customer in a week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets.axes import set_count_axis, set_day_axis, set_month_axis, set_share_axis
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state

if TYPE_CHECKING:
    from patron.serve.dashboard.pages.engagement.days import Days
    from patron.serve.dashboard.view import View

_FEW_DAYS = 200

_PERIODS = select(
    {
        "new_customer_count": "new_customers",
        "returning_customer_count": "returning_customers",
        "customer_count": "buyers",
    },
    table="period_metrics",
    by=["period_start_date", "is_complete"],
    where="period_kind = ? and period_start_date between date_trunc(?, ?::date) and ?",
    order_by="period_start_date",
)

_WEEKS = """
select
    week_start_date,
    customer_count,
    one_order_customer_count,
    two_order_customer_count,
    three_order_customer_count,
    more_order_customer_count,
    orders_per_customer,
    is_complete
from gold.purchase_frequency_weekly
where week_start_date between date_trunc('week', ?::date) and ?
order by week_start_date
"""

_TIMES = {
    "one_order_customer_count": "Once",
    "two_order_customer_count": "Twice",
    "three_order_customer_count": "Three times",
    "more_order_customer_count": "Four times or more",
}


def draw_new_and_returning(view: View, days: Days) -> None:
    """Draw the new and returning customers of each week or month."""
    import plotly.graph_objects as go

    kind = "week" if days.count <= _FEW_DAYS else "month"
    found = view.data.rows(_PERIODS, [kind, kind, days.first, days.last])
    format_start = view.formats.day if kind == "week" else view.formats.month
    starts = found.column("period_start_date")
    figure = go.Figure()
    for column, name in {"returning_customer_count": "Returning", "new_customer_count": "New"}.items():
        hover = [
            f"{format_start(start)}: {view.formats.count(count)} {name.lower()}"
            for start, count in zip(starts, found.column(column), strict=True)
        ]
        figure.add_bar(x=starts, y=found.numbers(column), name=name, text=hover, hoverinfo="text", textposition="none")
    figure.update_layout(legend_traceorder="normal", barmode="stack")
    set_count_axis(figure, found.column("customer_count"), view.formats)
    (set_day_axis if kind == "week" else set_month_axis)(figure, starts, view.formats)
    back = sum(found.column("returning_customer_count")) / (sum(found.column("customer_count")) or 1)
    summary = f"{view.formats.share(back)} of each {kind}'s customers, on average, had ordered before."
    draw_figure(
        "New and returning customers",
        figure,
        data=found,
        definition=["period_metrics.customer_count", "period_metrics.new_customer_count"],
        summary=summary,
        note=f"{summary}{_note_incomplete(found.column('is_complete'), kind)}",
    )


def draw_frequency(view: View, days: Days) -> None:
    """Draw how often the customers of each week ordered in it."""
    import plotly.graph_objects as go

    found = view.data.rows(_WEEKS, [days.first, days.last])
    total = sum(found.column("customer_count"))
    if not total:
        draw_empty_state("Orders per week: no data", "No customer ordered in these weeks.")
        return
    weeks = found.column("week_start_date")
    figure = go.Figure()
    for place, (column, name) in enumerate(_TIMES.items()):
        rates = [
            count / of if of else None
            for count, of in zip(found.column(column), found.column("customer_count"), strict=True)
        ]
        hover = [
            f"Week of {view.formats.day(week)}: {view.formats.share(rate)} {name.lower()}"
            for week, rate in zip(weeks, rates, strict=True)
        ]
        bars = go.Bar(x=weeks, y=rates, name=name, text=hover, hoverinfo="text", textposition="none")
        bars.marker = {"color": view.theme.sequential[2 + place] if place < 4 else view.theme.primary}
        figure.add_trace(bars)
    figure.update_layout(legend_traceorder="normal", barmode="stack", bargap=0.1)
    set_share_axis(figure, [0.0, 1.0], view.formats)
    set_day_axis(figure, weeks, view.formats)
    once = sum(found.column("one_order_customer_count")) / total
    summary = f"{view.formats.share(1 - once)} of a week's customers order more than once in it."
    draw_figure(
        "Orders per customer in a week",
        figure,
        data=found,
        definition=["purchase_frequency_weekly", *(f"purchase_frequency_weekly.{name}" for name in _TIMES)],
        summary=summary,
        note=f"{summary}{_note_incomplete(found.column('is_complete'), 'week')}",
    )


def _note_incomplete(complete: list[bool], kind: str) -> str:
    return f" The last {kind} is not complete yet." if complete and not complete[-1] else ""
