"""What each store sells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import columns
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.empty_state import empty, why
from patron.serve.dashboard.widgets.tables import table

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_MOST = 12

_STORES = f"""
with
    sold as (
        select
            location_id,
            {columns("fct_orders", order_count="orders", order_amount="sales", average_order_value="sales_per_order")}
        from gold.fct_orders
        where location_id is not null
        group by location_id
    )

select
    coalesce(store_name, 'Store ' || store_id) as store,
    case when city <> store_name or store_name is null then city end as city,
    region,
    order_count,
    order_amount,
    average_order_value
from sold
inner join gold.dim_location as places using (location_id)
where location_kind = 'store'
order by order_amount desc, location_id
"""


def stores(view: View) -> None:
    """Revenue of stores as bars, and all of them as a table."""
    found = view.data.rows(_STORES)
    if not found:
        because = why(view, "dim_location") if not view.data.count("dim_location") else "No order names its store."
        empty("Stores: nothing to show", because)
        return
    top = found.records()[:_MOST]
    written = [view.formats.money(row["order_amount"]) for row in top]
    said = f"{top[0]['store']} sells most: {written[0]} in {view.formats.count(top[0]['order_count'])} orders."
    of_all = " Stores of all regions." if view.filters.region else ""
    figure(
        "Which stores sell most?",
        bars.named_bars(
            [row["store"] for row in top], [float(row["order_amount"]) for row in top], written, view.theme
        ),
        data=found,
        definition=["fct_orders.order_amount", "dim_location.store_name"],
        says=said,
        note=f"{said}{of_all}",
        height=bars.height(len(top)),
    )
    known = [name for name in found.columns if any(value is not None for value in found.column(name))]
    table(
        "Stores in figures",
        found,
        view.formats,
        definition=["dim_location", "fct_orders.order_amount"],
        columns=known,
        labels={"order_amount": "Revenue after discounts"},
    )
