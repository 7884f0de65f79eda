"""Active and churned customers, and the value at stake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import get_metric, select
from patron.serve.dashboard.widgets.predictions import get_prediction
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_COUNTS = select(
    ["customers_to_date", "retained_to_date", "churned_customers", "churn_rate", "customers_at_risk", "value_at_risk"],
    table="customer_360",
    where="churn_group is not null and {condition}",
)
_STAKE = select(["value_at_stake", "expected_margin"], table="customer_risk", where="{condition}")

STAKE = get_metric("value_at_stake").description


def draw_summary(view: View) -> None:
    """Draw the tiles."""
    condition, parameters = view.filters.customers()
    totals, formats = view.data.first(_COUNTS.format(condition=condition), parameters), view.formats
    if not totals["customers_to_date"]:
        return
    spent = (
        f"{formats.short_money(totals['value_at_risk'])} lifetime value to date" if totals["customers_at_risk"] else ""
    )
    draw_tiles(
        [
            Tile("Customers to date", formats.count(totals["customers_to_date"])),
            Tile(
                "Active customers",
                formats.count(totals["retained_to_date"]),
                against=f"{formats.share(1 - totals['churn_rate'])} of customers",
            ),
            Tile(
                "Churned",
                formats.count(totals["churned_customers"]),
                against=f"no order for more than {query_window_days(view)} days",
            ),
            Tile("At risk", formats.count(totals["customers_at_risk"]), against=spent),
            *_build_stake_tiles(view),
        ]
    )


def query_window_days(view: View) -> int:
    """Return the churn window: the days without an order after which a customer counts as churned."""
    sql = "select max(max_days) as days from gold.dim_churn_group"
    return int(view.data.first(sql)["days"] or 0)


def is_scored(view: View) -> bool:
    """Return whether both value and churn are predicted."""
    return get_prediction(view.data, "purchases").is_made and get_prediction(view.data, "churn").is_made


def _build_stake_tiles(view: View) -> list[Tile]:
    if not is_scored(view):
        return []
    condition, parameters = view.filters.customers("customer_360.")
    totals, formats = view.data.first(_STAKE.format(condition=condition), parameters), view.formats
    if totals["value_at_stake"] is None:
        return []
    of = f"of {formats.short_money(totals['expected_margin'])} expected margin, next year"
    return [Tile("Value at stake", formats.short_money(totals["value_at_stake"]), against=of, means=STAKE)]
