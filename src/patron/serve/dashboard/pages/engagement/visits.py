"""Return rate after each visit, and sign-ups; both of all days, as these tables have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.axes import set_count_axis, set_month_axis
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_VISITS = """
select
    visit_number,
    is_open_ended,
    came_again_rate,
    visit_count,
    observed_visit_count,
    amount_per_visit,
    average_days_to_next
from gold.spending_by_visit
order by visit_number
"""

_SIGN_UPS = """
select
    signup_month_date,
    signup_count,
    buyer_count,
    bought_within_30_days_count,
    bought_within_30_days_rate,
    unknown_reason,
    member_count,
    amount_per_signup
from gold.signup_metrics
order by signup_month_date
"""

_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth")


def draw_visits(view: View) -> None:
    """Draw the share of customers who returned after their first, second, ... visit."""
    found = view.data.rows(_VISITS)
    if not found:
        draw_empty_state("Visits: no data", explain_empty(view, "spending_by_visit"))
        return
    window = view.project.settings.churn.window_days
    known = [row for row in found.records() if row["came_again_rate"] is not None]
    if not known:
        draw_empty_state("Visits: no data", f"No visit was more than {window} days ago, the time to come again.")
        return
    names = [_write_ordinal(row["visit_number"], row["is_open_ended"]) for row in known]
    rates = [row["came_again_rate"] for row in known]
    texts = [
        f"{view.formats.share(row['came_again_rate'])}, {_format_days(row['average_days_to_next'], view)}"
        for row in known
    ]
    visit = names[0][0].lower() + names[0][1:]
    summary = f"{view.formats.share(rates[0])} of customers returned within {window} days of their {visit}."
    draw_figure(
        "Return rate by visit",
        bars.draw_named_bars(names, rates, texts, view.theme),
        data=found,
        definition=[
            f"spending_by_visit.{name}" for name in ("visit_number", "came_again_rate", "average_days_to_next")
        ],
        summary=summary,
        note=f"{summary} Also shown: average days until the next visit. Visits of the last {window} days do not count.",
        height=bars.compute_height(len(names)),
    )


def _write_ordinal(number: int, is_open_ended: bool) -> str:
    return f"Visit {number} and later" if is_open_ended else f"{_ORDINALS[number - 1]} visit"


def _format_days(days: float | None, view: View) -> str:
    return "none yet" if days is None else f"{view.formats.count(days)} days"


def draw_sign_ups(view: View) -> None:
    """Draw sign-ups by month, and how many have ordered."""
    import plotly.graph_objects as go

    found = view.data.rows(_SIGN_UPS)
    if not found:
        draw_empty_state("Sign-ups: no data", explain_empty(view, "signup_metrics"))
        return
    months = found.column("signup_month_date")
    parts = {
        "Ordered": found.column("buyer_count"),
        "No known order": [row["signup_count"] - row["buyer_count"] for row in found.records()],
    }
    figure = go.Figure()
    for (name, counts), colour in zip(parts.items(), (view.theme.series[0], view.theme.sequential[1]), strict=True):
        hover = [
            f"{view.formats.month(month)}: {view.formats.count(count)} {name.lower()}"
            for month, count in zip(months, counts, strict=True)
        ]
        figure.add_bar(
            x=months, y=counts, name=name, text=hover, hoverinfo="text", textposition="none", marker_color=colour
        )
    figure.update_layout(legend_traceorder="normal", barmode="stack")
    set_count_axis(figure, found.column("signup_count"), view.formats)
    set_month_axis(figure, months, view.formats)
    summary = _summarize_sign_ups(view, found)
    draw_figure(
        "Sign-ups by month",
        figure,
        data=found,
        definition=["signup_metrics.signup_count", "signup_metrics.bought_within_30_days_rate"],
        summary=summary,
        note=f"{summary} All sign-ups, with orders to date.",
    )


def _summarize_sign_ups(view: View, found: Result) -> str:
    """Say how many ordered soon, of those for whom it is known: all have had the same time."""
    known = [row for row in found.records() if row["unknown_reason"] is None]
    if not known:
        return "How many order within 30 days of signing up is not known yet."
    bought = sum(row["bought_within_30_days_count"] for row in known) / sum(row["signup_count"] for row in known)
    months = [view.formats.month(known[place]["signup_month_date"]) for place in (0, -1)]
    when = f"in {months[0]}" if len(known) == 1 else f"from {months[0]} to {months[1]}"
    return f"{view.formats.share(bought)} of the customers who signed up {when} ordered within 30 days, or had before."
