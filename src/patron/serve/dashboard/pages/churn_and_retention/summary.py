"""Active and churned customers, and the value at stake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

_CHURN_REASON = "select churn_rate_reason from gold.kpi_overall order by kpi_date desc limit 1"

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
            *_build_churn_tiles(view, totals),
            Tile("At risk", formats.count(totals["customers_at_risk"]), against=spent),
            *_build_stake_tiles(view),
        ]
    )


def _build_churn_tiles(view: View, totals: dict[str, Any]) -> list[Tile]:
    """Return how many are active and churned; neither, in a shop in which nobody can have churned yet."""
    formats, days = view.formats, query_window_days(view)
    if view.data.first(_CHURN_REASON)["churn_rate_reason"] is not None:
        return [Tile("Churned", formats.count(None), against=f"not known: no more than {days} days of data")]
    active = f"{formats.share(1 - totals['churn_rate'])} of customers"
    silent = f"no order for more than {days} days"
    return [
        Tile("Active customers", formats.count(totals["retained_to_date"]), against=active),
        Tile("Churned", formats.count(totals["churned_customers"]), against=silent),
    ]


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
