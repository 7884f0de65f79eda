"""Who buys again after a delivery, by how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.pages.reviews_and_delivery.words import factor, value
from patron.serve.dashboard.widgets import intervals
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.choosers import chosen
from patron.serve.dashboard.widgets.empty_state import empty, why

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
    delivery, group_name, customer_count, repeat_rate, repeat_rate_low, repeat_rate_high, difference, reading
from gold.delivery_impact
where comparison = ?
order by delivery, group_name = 'unknown', repeat_rate desc, group_name
"""


def again(view: View) -> None:
    """The share who bought again within some days of their first and last delivery, with intervals."""
    comparisons = [row[0] for row in view.data.rows(_COMPARISONS).rows]
    if not comparisons:
        if view.data.count("delivery_quality"):
            empty("Buying again after a delivery: nothing to show", why(view, "delivery_impact"))
        return
    asked = chosen("comparison", "Buying again by", comparisons, factor)
    found = view.data.rows(_GROUPS, [asked])
    listed = [_interval(view, row) for row in found.records()]
    days = view.project.settings.deliveries.follow_up_days
    clear = [row for row in found.records() if row["reading"] in ("higher", "lower")]
    said = " ".join(_said(row) for row in clear) or "No group stands out clearly from the others."
    figure(
        "Who buys again after a delivery?",
        intervals.interval_lines(listed, view.theme, view.formats.share, beside=None),
        data=found,
        definition=[f"delivery_impact.{name}" for name in ("comparison", "repeat_rate", "repeat_rate_low", "reading")],
        says=said,
        note=f"{factor(asked)}. {said} Bought again within {days} days; lines are 95% intervals.",
        height=intervals.height(len(listed)),
    )


def _interval(view: View, row: dict[str, Any]) -> intervals.Interval:
    name = f"{row['delivery'].capitalize()} delivery, {value(row['group_name'])}"
    written = f"{view.formats.share(row['repeat_rate'])} of {view.formats.count(row['customer_count'])}"
    ends = (row["repeat_rate"], row["repeat_rate_low"], row["repeat_rate_high"])
    return intervals.Interval(name, *ends, written, row["reading"] in ("higher", "lower"))


def _said(row: dict[str, Any]) -> str:
    often = "more often" if row["reading"] == "higher" else "less often"
    return f"After a {row['delivery']} delivery ({value(row['group_name'])}) customers buy again {often}."
