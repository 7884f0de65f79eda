"""Retention, repeat purchase and churn risk of customers who contacted support, compared with others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.intervals import Interval, compute_height, draw_intervals, note_adjusted
from patron.serve.dashboard.widgets.scope import join_sentences, note_unfiltered

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_TITLE = "Support contacts and retention"
_OUTCOMES = {
    "retention": ("Active customers", "are still active"),
    "later_purchase": ("Ordered again soon after", "ordered again soon after"),
    "high_churn_risk": ("At high churn risk", "are in a segment of high or critical churn risk"),
}

_IMPACT = """
select
    comparison,
    group_name,
    group_size,
    customer_count,
    outcome_count,
    outcome_rate,
    outcome_rate_low,
    outcome_rate_high,
    compared_with,
    difference,
    reading,
    compared_count
from gold.support_impact
where outcome = ? and outcome_rate is not null
order by
    array_position(['contact', 'contacts', 'resolution', 'escalation'], comparison),
    compared_with is not null,
    group_name
"""


def draw_support(view: View) -> None:
    """Draw the rate of the outcome for each group of customers, with its 95% interval."""
    if not view.data.count("support_impact"):
        draw_empty_state(f"{_TITLE}: no data", explain_empty(view, "support_impact"))
        return
    outcome = choose("outcome", "Outcome", list(_OUTCOMES), lambda name: _OUTCOMES[name][0])
    data = view.data.rows(_IMPACT, [outcome])
    if not data:
        draw_empty_state(f"{_TITLE}: no data", "This outcome is not known for any group yet.")
        return
    summary = _summarize(data)
    days = view.project.settings.support.follow_up_days
    draw_figure(
        _TITLE,
        draw_intervals(
            [_build_interval(view, row) for row in data.records()], view.theme, view.formats.share, reference=None
        ),
        data=data,
        definition=[
            "support_impact",
            "support_impact.outcome",
            "support_impact.outcome_rate",
            "support_impact.reading",
        ],
        summary=summary,
        note=join_sentences(
            f"Share of each group who {_OUTCOMES[outcome][1]}, with 95% intervals. {summary}",
            note_adjusted(data),
            f"Counts what followed in the last {days} days, by the contacts before them; groups are compared among "
            "customers with as many orders and as recent ones.",
            "This is a correlation, not proof of a cause.",
            note_unfiltered(view.filters),
        ),
        height=compute_height(len(data.rows)),
    )


def _build_interval(view: View, row: dict[str, Any]) -> Interval:
    share = view.formats.share
    text = f"{share(row['outcome_rate'])} of {view.formats.count(row['customer_count'])}"
    name = f"{row['group_name'][:1].upper()}{row['group_name'][1:]}"
    is_clear = row["reading"] in ("higher", "lower")
    return Interval(name, row["outcome_rate"], row["outcome_rate_low"], row["outcome_rate_high"], text, is_clear)


def _summarize(data: Result) -> str:
    clear = [
        f"{row['reading']} for “{row['group_name']}” than for “{row['compared_with']}”"
        for row in data.records()
        if row["reading"] in ("higher", "lower")
    ]
    return (
        f"Significantly {'; '.join(clear)}."
        if clear
        else "No group differs significantly from the one it is compared with."
    )
