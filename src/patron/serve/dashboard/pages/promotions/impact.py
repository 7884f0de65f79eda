"""What goes with promotions, from the plain to the careful look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.pages.promotions.differences import Wording, differences
from patron.serve.dashboard.widgets.empty_state import empty, why

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
    reading
from gold.promotion_impact
order by
    list_position(
        ['matched on window and earlier spend', 'before and after', 'promoted and never promoted'], comparison
    ),
    list_position(['net_amount', 'order_count', 'historical_clv', 'amount_per_week', 'visits_per_week'], measure)
"""


def impact(view: View) -> None:
    """Each comparison with its interval, and as a table in words."""
    found = view.data.rows(_ROWS)
    if not found:
        empty("What goes with promotions: nothing to show", why(view, "promotion_impact"))
        return
    days = view.project.settings.promotions.window_days
    wording = Wording(
        comparisons={
            "matched on window and earlier spend": "Against customers alike",
            "before and after": "Before and after",
            "promoted and never promoted": "Against all never promoted",
        },
        measures={
            "net_amount": f"revenue in {days} days",
            "order_count": f"orders in {days} days",
            "historical_clv": "spent to date",
            "amount_per_week": "spent a week",
            "visits_per_week": "visits a week",
        },
        table="promotion_impact",
        means={"promoted_mean": "Promoted (after)", "other_mean": "Others (before)"},
        in_figures="Promoted customers and others in figures",
    )
    differences(
        view,
        "Do promoted customers buy more?",
        found,
        wording,
        note=f"{_said(found.records(), days)} Lines are 95% intervals; none of it proves a cause.",
    )


def _said(rows: list[dict[str, Any]], days: int) -> str:
    """The finding of the most careful comparison of revenue."""
    careful = next((row for row in rows if row["measure"] == "net_amount"), rows[0])
    known = {
        "higher": f"In the {days} days after a promotion customers spent more than others who had bought alike.",
        "lower": f"In the {days} days after a promotion customers spent less than others who had bought alike.",
        "no clear difference": "Against customers who had bought alike, there is no clear difference in revenue.",
    }
    return known.get(careful["reading"], "There are too few customers to compare.")
