"""What goes with contacts to support: whether customers bought again, stayed, or are at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.choosers import chosen
from patron.serve.dashboard.widgets.empty_state import empty, why
from patron.serve.dashboard.widgets.intervals import Interval, height, interval_lines
from patron.serve.dashboard.widgets.scope import of_all, sentences

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_TITLE = "What goes with contacts to support?"
_OUTCOMES = {
    "retention": ("Still customers", "are still customers"),
    "later_purchase": ("Bought again soon after", "bought again soon after the first contact"),
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
    reading
from gold.support_impact
where outcome = ? and outcome_rate is not null
order by
    array_position(['contact', 'contacts', 'resolution', 'escalation'], comparison),
    compared_with is not null,
    group_name
"""


def support(view: View) -> None:
    """The outcome's rate of each group of customers, with its range."""
    if not view.data.count("support_impact"):
        empty(f"{_TITLE} Nothing to show", why(view, "support_impact"))
        return
    outcome = chosen("outcome", "Outcome", list(_OUTCOMES), lambda name: _OUTCOMES[name][0])
    data = view.data.rows(_IMPACT, [outcome])
    if not data:
        empty(f"{_TITLE} Nothing to show", "Of no group is this outcome known yet.")
        return
    said = _said(data)
    figure(
        _TITLE,
        interval_lines([_interval(view, row) for row in data.records()], view.theme, view.formats.share, beside=None),
        data=data,
        definition=[
            "support_impact",
            "support_impact.outcome",
            "support_impact.outcome_rate",
            "support_impact.reading",
        ],
        says=said,
        note=sentences(
            f"Share of each group who {_OUTCOMES[outcome][1]}, with ranges of 95% certainty. {said}",
            "It says what goes together, not what causes what.",
            of_all(view.filters),
        ),
        height=height(len(data.rows)),
    )


def _interval(view: View, row: dict[str, Any]) -> Interval:
    share = view.formats.share
    written = f"{share(row['outcome_rate'])} of {view.formats.count(row['customer_count'])}"
    name = f"{row['group_name'][:1].upper()}{row['group_name'][1:]}"
    is_clear = row["reading"] in ("higher", "lower")
    return Interval(name, row["outcome_rate"], row["outcome_rate_low"], row["outcome_rate_high"], written, is_clear)


def _said(data: Result) -> str:
    clear = [
        f"{row['reading']} for “{row['group_name']}” than for “{row['compared_with']}”"
        for row in data.records()
        if row["reading"] in ("higher", "lower")
    ]
    return f"Clearly {'; '.join(clear)}." if clear else "No group differs clearly from the one that it is held against."
