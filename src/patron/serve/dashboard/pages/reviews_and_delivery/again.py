"""Repeat purchase rate after a delivery, by how the delivery went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.pages.reviews_and_delivery.words import label_factor, label_value
from patron.serve.dashboard.widgets import intervals
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.scope import join_sentences

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_COMPARISONS = """
select comparison
from gold.delivery_impact
group by comparison
having min(group_name) <> max(group_name)
order by max(reading in ('higher', 'lower')) desc, comparison
"""

_GROUPS = """
select
    delivery,
    group_name,
    customer_count,
    repeat_rate,
    repeat_rate_low,
    repeat_rate_high,
    difference,
    reading,
    compared_count
from gold.delivery_impact
where comparison = ?
order by delivery, group_name = 'unknown', repeat_rate desc, group_name
"""


def draw_again(view: View) -> None:
    """Draw the share of customers who ordered again after their first and last delivery, with 95% intervals."""
    comparisons = [row[0] for row in view.data.rows(_COMPARISONS).rows]
    if not comparisons:
        if view.data.count("delivery_quality"):
            draw_empty_state("Repeat purchases after a delivery: no data", explain_empty(view, "delivery_impact"))
        return
    selected = choose("comparison", "Repeat purchases by", comparisons, label_factor)
    found = view.data.rows(_GROUPS, [selected])
    rows = [_build_interval(view, row) for row in found.records()]
    days = view.project.settings.deliveries.follow_up_days
    clear = [row for row in found.records() if row["reading"] in ("higher", "lower")]
    summary = (
        " ".join(_summarize(row) for row in clear)
        or "No group differs significantly from similar customers of the others."
    )
    draw_figure(
        "Repeat purchases after a delivery",
        intervals.draw_intervals(rows, view.theme, view.formats.share, reference=None),
        data=found,
        definition=[f"delivery_impact.{name}" for name in ("comparison", "repeat_rate", "repeat_rate_low", "reading")],
        summary=summary,
        note=join_sentences(
            f"{label_factor(selected)}. {summary}",
            intervals.note_adjusted(found),
            f"Ordered again within {days} days; lines are 95% intervals.",
        ),
        height=intervals.compute_height(len(rows)),
    )


def _build_interval(view: View, row: dict[str, Any]) -> intervals.Interval:
    name = f"{row['delivery'].capitalize()} delivery, {label_value(row['group_name'])}"
    text = f"{view.formats.share(row['repeat_rate'])} of {view.formats.count(row['customer_count'])}"
    ends = (row["repeat_rate"], row["repeat_rate_low"], row["repeat_rate_high"])
    return intervals.Interval(name, *ends, text, row["reading"] in ("higher", "lower"))


def _summarize(row: dict[str, Any]) -> str:
    often = "more often" if row["reading"] == "higher" else "less often"
    return f"After a {row['delivery']} delivery ({label_value(row['group_name'])}), customers order again {often}."
