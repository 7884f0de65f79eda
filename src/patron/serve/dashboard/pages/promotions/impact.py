"""Promoted customers against similar ones, and the comparisons that are not of like with like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.pages.promotions.differences import Wording, draw_differences
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.intervals import note_adjusted
from patron.serve.dashboard.widgets.scope import join_sentences

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_ROWS = """
select
    comparison,
    measure,
    promoted_mean,
    other_mean,
    other_mean as base_mean,
    difference,
    difference_low,
    difference_high,
    promoted_count as customer_count,
    other_count,
    unmatched_count,
    reading,
    compared_count
from gold.promotion_impact
order by
    list_position(
        ['matched on window, orders and earlier spend', 'before and after', 'promoted and never promoted'], comparison
    ),
    list_position(['net_amount', 'order_count', 'historical_clv', 'amount_per_week', 'visits_per_week'], measure)
"""


def draw_impact(view: View) -> None:
    """Draw each comparison with its interval, and all of them as a table."""
    found = view.data.rows(_ROWS)
    if not found:
        draw_empty_state("Effect of promotions: no data", explain_empty(view, "promotion_impact"))
        return
    days = view.project.settings.promotions.window_days
    wording = Wording(
        comparisons={
            "matched on window, orders and earlier spend": "Against similar customers",
            "before and after": "Before and after",
            "promoted and never promoted": "Against all unpromoted customers",
        },
        measures={
            "net_amount": f"revenue in {days} days",
            "order_count": f"orders in {days} days",
            "historical_clv": "lifetime value to date",
            "amount_per_week": "spend per week",
            "visits_per_week": "visits per week",
        },
        table="promotion_impact",
        means={"promoted_mean": "Promoted (after)", "other_mean": "Others (before)"},
        table_title="Promoted customers compared with others",
    )
    draw_differences(
        view,
        "Spend of promoted customers",
        found,
        wording,
        note=join_sentences(
            _summarize(found.records(), days),
            note_adjusted(found),
            "Lines are 95% intervals; comparisons that are not matched show no effect, and a correlation is no proof.",
        ),
    )


def _summarize(rows: list[dict[str, Any]], days: int) -> str:
    """Describe the result of the most careful comparison of revenue."""
    careful = next((row for row in rows if row["measure"] == "net_amount"), rows[0])
    known = {
        "higher": f"In the {days} days after a promotion, customers spent more than similar customers without one.",
        "lower": f"In the {days} days after a promotion, customers spent less than similar customers without one.",
        "no clear difference": "No significant difference in revenue compared with similar customers.",
    }
    return known.get(careful["reading"], "There are too few customers to compare.")
