"""How many customers the shop still has, how many it lost, and what rests on those who may go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import get_metric, select
from patron.serve.dashboard.widgets.predictions import prediction
from patron.serve.dashboard.widgets.tiles import Tile, tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_COUNTS = select(
    ["customers_to_date", "retained_to_date", "churned_customers", "churn_rate", "customers_at_risk", "value_at_risk"],
    table="customer_360",
    where="churn_group is not null and {condition}",
)
_STAKE = select(["value_at_stake", "expected_margin"], table="customer_risk", where="{condition}")

STAKE = get_metric("value_at_stake").description


def summary(view: View) -> None:
    """Tiles."""
    condition, parameters = view.filters.customers()
    told, formats = view.data.first(_COUNTS.format(condition=condition), parameters), view.formats
    if not told["customers_to_date"]:
        return
    spent = f"they spent {formats.short_money(told['value_at_risk'])}" if told["customers_at_risk"] else ""
    tiles(
        [
            Tile("Customers who bought", formats.count(told["customers_to_date"])),
            Tile(
                "Still customers",
                formats.count(told["retained_to_date"]),
                against=f"{formats.share(1 - told['churn_rate'])} of them",
            ),
            Tile(
                "Churned",
                formats.count(told["churned_customers"]),
                against=f"silent for more than {window_days(view)} days",
            ),
            Tile("Growing silent", formats.count(told["customers_at_risk"]), against=spent),
            *_stake(view),
        ]
    )


def window_days(view: View) -> int:
    """After how many days of silence a customer counts as churned."""
    sql = "select max(max_days) as days from gold.dim_churn_group"
    return int(view.data.first(sql)["days"] or 0)


def is_scored(view: View) -> bool:
    """Whether both the value and the churn of customers are predicted."""
    return prediction(view.data, "purchases").is_made and prediction(view.data, "churn").is_made


def _stake(view: View) -> list[Tile]:
    if not is_scored(view):
        return []
    condition, parameters = view.filters.customers("customer_360.")
    told, formats = view.data.first(_STAKE.format(condition=condition), parameters), view.formats
    if told["value_at_stake"] is None:
        return []
    of = f"of {formats.short_money(told['expected_margin'])} margin expected in a year"
    return [Tile("At stake", formats.short_money(told["value_at_stake"]), against=of, means=STAKE)]
