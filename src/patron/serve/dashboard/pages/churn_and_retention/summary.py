"""How many customers the shop still has, how many it lost, and what rests on those who may go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import value_at_stake
from patron.serve.dashboard.widgets.predictions import prediction
from patron.serve.dashboard.widgets.tiles import Tile, tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_COUNTS = """
select
    count(*) as customer_count,
    count(*) filter (where is_churned) as churned_count,
    count(*) filter (where churn_group in ('Medium', 'High')) as silent_count,
    sum(historical_clv) filter (where churn_group in ('Medium', 'High')) as silent_amount
from gold.customer_360
where churn_group is not null and {condition}
"""

_STAKE = f"""
select
    sum({value_at_stake("customers", "churn")}) as at_stake_amount,
    sum(customers.predicted_clv_1y) as expected_amount
from gold.customer_360 as customers
inner join gold.customer_churn as churn on customers.customer_id = churn.customer_id
where {{condition}}
"""

STAKE = (
    "For each customer the margin expected in the next year times the probability of buying nothing in the next 90 "
    "days, summed: how much of what is expected is uncertain."
)


def summary(view: View) -> None:
    """Tiles."""
    condition, parameters = view.filters.customers()
    told, formats = view.data.first(_COUNTS.format(condition=condition), parameters), view.formats
    if not told["customer_count"]:
        return
    stayed = told["customer_count"] - told["churned_count"]
    spent = f"they spent {formats.short_money(told['silent_amount'])}" if told["silent_count"] else ""
    tiles(
        [
            Tile("Customers who bought", formats.count(told["customer_count"])),
            Tile(
                "Still customers",
                formats.count(stayed),
                against=f"{formats.share(stayed / told['customer_count'])} of them",
            ),
            Tile(
                "Churned",
                formats.count(told["churned_count"]),
                against=f"silent for more than {window_days(view)} days",
            ),
            Tile("Growing silent", formats.count(told["silent_count"]), against=spent),
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
    condition, parameters = view.filters.customers("customers.")
    told, formats = view.data.first(_STAKE.format(condition=condition), parameters), view.formats
    if told["at_stake_amount"] is None:
        return []
    of = f"of {formats.short_money(told['expected_amount'])} margin expected in a year"
    return [Tile("At stake", formats.short_money(told["at_stake_amount"]), against=of, means=STAKE)]
