"""Spend of loyalty members, and of customers before and after they become regulars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.dashboard.pages.promotions.differences import Wording, draw_differences
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.intervals import note_adjusted
from patron.serve.dashboard.widgets.scope import join_sentences
from patron.serve.dashboard.widgets.tables import draw_table

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_STATUS = """
select loyalty_status, amount_per_buyer, buyer_count, order_count, average_order_value, visits_per_buyer, net_amount
from gold.spending_by_loyalty
order by loyalty_tier_rank desc nulls last, amount_per_buyer desc nulls last, loyalty_status
"""

_NOT_MEMBERS = ("Not a member", "Guest")

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
    reading,
    compared_count
from gold.loyalty_uplift_summary
order by comparison desc, measure
"""


def draw_by_status(view: View) -> None:
    """Draw spend by loyalty tier or membership."""
    found = view.data.rows(_STATUS)
    if all(status in _NOT_MEMBERS for status in found.column("loyalty_status")):
        why_none = "No customer is recorded as a member. Map loyalty accounts, or the membership of customers."
        draw_empty_state("Loyalty programme: no data", why_none)
        return
    known = [row for row in found.records() if row["amount_per_buyer"] is not None]
    texts = [view.formats.money(row["amount_per_buyer"]) for row in known]
    names = [row["loyalty_status"] for row in known]
    top = max(range(len(known)), key=lambda place: known[place]["amount_per_buyer"])
    summary = f"Highest spend: {names[top]}, {texts[top]} per customer."
    draw_figure(
        "Spend by loyalty status",
        bars.draw_named_bars(names, [float(row["amount_per_buyer"]) for row in known], texts, view.theme),
        data=found,
        definition=["spending_by_loyalty.amount_per_buyer", "spending_by_loyalty.loyalty_status"],
        summary=summary,
        note=f"{summary} Net revenue to date per customer with an order.",
        height=bars.compute_height(len(known)),
    )
    draw_table(
        "Loyalty status in detail",
        found,
        view.formats,
        definition=[f"spending_by_loyalty.{name}" for name in found.columns],
        labels={"loyalty_status": "Status", "buyer_count": "Customers"},
    )


def draw_uplift(view: View) -> None:
    """Draw the change once a customer becomes a regular, against similar customers who do not."""
    found = view.data.rows(_UPLIFT)
    settings = view.project.settings.questions.loyalty_uplift
    heading = "Spend after becoming a regular"
    if not found or not found.records()[0]["customer_count"]:
        because = (
            f"No customer has more than {settings.orders} orders, and {settings.window_days} days before and after."
        )
        draw_empty_state(f"{heading}: no data", because if found else explain_empty(view, "loyalty_uplift_summary"))
        return
    wording = Wording(
        comparisons={"matched on pace": "Against similar customers", "before and after": "Before and after"},
        measures={"net_amount": "revenue in 30 days", "order_count": "orders in 30 days"},
        table="loyalty_uplift_summary",
        means={
            "crosser_before_mean": "Before",
            "crosser_after_mean": "After",
            "other_before_mean": "Others before",
            "other_after_mean": "Others after",
        },
        table_title="Regulars compared with others",
    )
    note = join_sentences(
        _summarize(found.records()[0]["reading"]),
        f"Regulars have more than {settings.orders} orders.",
        note_adjusted(found),
        f"Compares the {settings.window_days} days before and after; lines are 95% intervals.",
    )
    draw_differences(view, heading, found, wording, note=note)


def _summarize(reading: str) -> str:
    return {
        "higher": "Regulars spend more than similar customers.",
        "lower": "Regulars spend less than similar customers.",
        "no clear difference": "No significant difference from similar customers.",
    }.get(reading, "There are too few customers to compare.")
