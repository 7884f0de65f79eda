"""What members of the loyalty programme spend, and what goes with becoming a regular."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.dashboard.pages.promotions.differences import Wording, differences
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.empty_state import empty, why
from patron.serve.dashboard.widgets.tables import table

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_STATUS = """
select loyalty_status, amount_per_buyer, buyer_count, order_count, average_order_value, visits_per_buyer, net_amount
from gold.spending_by_loyalty
order by loyalty_tier_rank desc nulls last, amount_per_buyer desc nulls last, loyalty_status
"""

_NOT_IN_IT = ("Not a member", "Guest")

_UPLIFT = """
select
    comparison,
    measure,
    crosser_before_mean,
    crosser_after_mean,
    other_before_mean,
    other_after_mean,
    crosser_before_mean as base_mean,
    difference,
    difference_low,
    difference_high,
    crosser_count as customer_count,
    other_count,
    unmatched_count,
    reading
from gold.loyalty_uplift_summary
order by comparison desc, measure
"""


def by_status(view: View) -> None:
    """Spending by tier or membership."""
    found = view.data.rows(_STATUS)
    if all(status in _NOT_IN_IT for status in found.column("loyalty_status")):
        why_none = "Nobody is on file as a member: map loyalty accounts, or who of the customers is a member."
        empty("Loyalty programme: nothing to show", why_none)
        return
    known = [row for row in found.records() if row["amount_per_buyer"] is not None]
    written = [view.formats.money(row["amount_per_buyer"]) for row in known]
    names = [row["loyalty_status"] for row in known]
    top = max(range(len(known)), key=lambda place: known[place]["amount_per_buyer"])
    said = f"{names[top]}: {written[top]} per buyer, the most."
    figure(
        "What do members spend?",
        bars.named_bars(names, [float(row["amount_per_buyer"]) for row in known], written, view.theme),
        data=found,
        definition=["spending_by_loyalty.amount_per_buyer", "spending_by_loyalty.loyalty_status"],
        says=said,
        note=f"{said} Net revenue to date of each customer who bought.",
        height=bars.height(len(known)),
    )
    table(
        "Members in figures",
        found,
        view.formats,
        definition=[f"spending_by_loyalty.{name}" for name in found.columns],
        labels={"loyalty_status": "Status"},
    )


def uplift(view: View) -> None:
    """What changes once a customer is a regular, beside others alike who are not."""
    found = view.data.rows(_UPLIFT)
    settings = view.project.settings.questions.loyalty_uplift
    heading = "Do customers spend more once they are regulars?"
    if not found or not found.records()[0]["customer_count"]:
        because = f"Nobody has more than {settings.orders} orders with {settings.window_days} days before and after."
        empty(f"{heading.rstrip('?')}: nothing to show", because if found else why(view, "loyalty_uplift_summary"))
        return
    wording = Wording(
        comparisons={"matched on early behaviour": "Against others alike", "before and after": "Before and after"},
        measures={"net_amount": "revenue in 30 days", "order_count": "orders in 30 days"},
        table="loyalty_uplift_summary",
        means={
            "crosser_before_mean": "Before",
            "crosser_after_mean": "After",
            "other_before_mean": "Others before",
            "other_after_mean": "Others after",
        },
        in_figures="Regulars and others in figures",
    )
    note = (
        f"{_said(found.records()[0]['reading'])} Regulars: more than {settings.orders} orders; "
        f"the {settings.window_days} days before against the {settings.window_days} after, lines are 95% intervals."
    )
    differences(view, heading, found, wording, note=note)


def _said(reading: str) -> str:
    return {
        "higher": "Yes, against others alike.",
        "lower": "They spend less, against others alike.",
        "no clear difference": "No clear difference to others alike.",
    }.get(reading, "There are too few customers to compare.")
