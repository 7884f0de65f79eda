"""The customers of a segment as a list to export; masked where the user may not see personal data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets.charts import draw_heading
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.customer_list import draw_customer_list
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.scope import join_sentences

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_SHOWN = 10

_CUSTOMERS = """
select
    customer_id,
    customer_name,
    email,
    country,
    region,
    segment,
    churn_risk,
    recommended_action,
    clv_tier,
    last_order_date,
    order_count,
    net_amount,
    predicted_clv_1y
from gold.customer_360
where segment is not null and {condition}
order by net_amount desc, customer_id"""


def draw_lists(view: View) -> None:
    """Draw the top customers of one segment by spend; the CSV has all of them."""
    segment = view.filters.segment or _choose_segment(view)
    filters = replace(view.filters, segment=segment)
    condition, parameters = filters.customers()
    sql = select(["customers"], table="customer_360", where=f"segment is not null and {condition}")
    count = view.data.first(sql, parameters)["customers"]
    title = f"Customers of {segment}"
    if not count:
        draw_empty_state(f"{title}: no customers match", "Choose another segment, region or channel.")
        return
    draw_customer_list(
        view,
        title,
        _CUSTOMERS.format(condition=condition),
        parameters,
        shown=_SHOWN,
        definition=["customer_360.segment", "customer_360.net_amount", "customer_360.predicted_clv_1y"],
        columns=["customer_id", "customer_name", "last_order_date", "order_count", "net_amount", "predicted_clv_1y"],
        note=_write_note(view, count),
    )


def _choose_segment(view: View) -> str:
    draw_heading("Customers by segment", "Choose a segment to list its customers.")
    sql = "select distinct segment, segment_order from gold.dim_rfm_segment order by segment_order"
    return choose("list", "List customers of", view.data.rows(sql).column("segment"))


def _write_note(view: View, count: int) -> str:
    counted = view.formats.count(count)
    summary = (
        f"Top {min(_SHOWN, count)} by net revenue; the CSV has all {counted}." if count > _SHOWN else f"All {counted}."
    )
    masked = "" if view.user.may_see_persons else "Names and addresses are masked for your account."
    return join_sentences(summary, masked)
