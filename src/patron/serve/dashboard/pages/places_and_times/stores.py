"""Sales by store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import columns
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.tables import draw_table

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


def draw_stores(view: View) -> None:
    """Draw the sales of the top stores as bars, and of all stores as a table."""
    found = view.data.rows(_STORES)
    if not found:
        because = (
            explain_empty(view, "dim_location") if not view.data.count("dim_location") else "No order has a store."
        )
        draw_empty_state("Stores: no data", because)
        return
    top = found.records()[:_MOST]
    texts = [view.formats.money(row["order_amount"]) for row in top]
    orders = view.formats.count(top[0]["order_count"])
    summary = f"{top[0]['store']} has the highest sales: {texts[0]} from {orders} orders."
    of_all = " Shows stores in all regions." if view.filters.region else ""
    draw_figure(
        "Top stores by sales",
        bars.draw_named_bars(
            [row["store"] for row in top], [float(row["order_amount"]) for row in top], texts, view.theme
        ),
        data=found,
        definition=["fct_orders.order_amount", "dim_location.store_name"],
        summary=summary,
        note=f"{summary}{of_all}",
        height=bars.compute_height(len(top)),
    )
    known = [name for name in found.columns if any(value is not None for value in found.column(name))]
    draw_table(
        "Stores in detail",
        found,
        view.formats,
        definition=["dim_location", "fct_orders.order_amount"],
        columns=known,
        labels={"order_amount": "Sales before refunds"},
    )
