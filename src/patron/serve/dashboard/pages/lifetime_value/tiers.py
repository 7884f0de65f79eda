"""Value tiers: their share of customers and of value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import aggregate, columns
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.labels import label
from patron.serve.dashboard.widgets.share_bars import compute_height, compute_shares, draw_share_bars
from patron.serve.dashboard.widgets.tables import draw_table

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.pages.lifetime_value.measures import Measure
    from patron.serve.dashboard.view import View

_TIERS = f"""
with
    customer_values as (
        select clv_tier, {{column}} as value from gold.customer_360 where clv_tier is not null and {{condition}}
    ),

    sizes as (
        select
            clv_tier,
            {columns("customer_values", customer_count="customers", sum_value="customer_value")},
            {aggregate("customer_value", "customer_values")} / {aggregate("customers", "customer_values")} as mean_value
        from customer_values
        group by clv_tier
    )

select
    sizes.clv_tier,
    sizes.customer_count,
    sizes.sum_value,
    sizes.mean_value,
    tiers.cut_by,
    tiers.at_least,
    tiers.below
from gold.dim_clv_tier as tiers
inner join sizes on tiers.clv_tier = sizes.clv_tier
order by tiers.tier_order desc
"""


def draw_tiers(view: View, measure: Measure) -> None:
    """Draw each tier's share of customers and value, and a table of the tiers."""
    condition, parameters = view.filters.customers()
    data = view.data.rows(_TIERS.format(column=measure.column, condition=condition), parameters)
    if not data:
        return
    names = data.column("clv_tier")
    amounts = {"Share of customers": data.numbers("customer_count"), "Share of value": data.numbers("sum_value")}
    summary = _summarize(view, data)
    draw_figure(
        "Value tiers by customers and value",
        draw_share_bars(names, amounts, view.theme, view.formats),
        data=data,
        definition=["customer_360.clv_tier", f"customer_360.{measure.column}"],
        summary=summary,
        note=f"{measure.name}. {summary}",
        height=compute_height(len(names)),
    )
    _draw_table(view, data, measure)


def _summarize(view: View, data: Result) -> str:
    people, value = compute_shares(data.numbers("customer_count")), compute_shares(data.numbers("sum_value"))
    share, name = view.formats.share, data.column("clv_tier")[0]
    return f"{name}: {share(people[0])} of customers account for {share(value[0])} of the value."


def _draw_table(view: View, data: Result, measure: Measure) -> None:
    cut_by = view.data.first("select tier_measure from gold.dim_clv_tier limit 1")["tier_measure"]
    draw_table(
        "Value per customer by tier",
        data,
        view.formats,
        definition=["dim_clv_tier.clv_tier", "dim_clv_tier.cut_by", "dim_clv_tier.at_least"],
        columns=["clv_tier", "customer_count", "mean_value", "sum_value"],
        labels={"mean_value": f"{measure.name}, per customer", "sum_value": f"{measure.name}, total"},
        note=f"Tiers are defined by {label(str(cut_by)).lower()}. The thresholds are in the CSV.",
    )
