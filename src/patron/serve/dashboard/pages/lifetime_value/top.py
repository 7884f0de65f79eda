"""The most valuable customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.dashboard.widgets.customer_list import PERSON_LINK
from patron.serve.dashboard.widgets.scope import join_sentences
from patron.serve.dashboard.widgets.tables import draw_table

if TYPE_CHECKING:
    from patron.serve.dashboard.pages.lifetime_value.measures import Measure
    from patron.serve.dashboard.view import View

_TOP = """
select
    customer_id,
    customer_name,
    segment,
    order_count,
    historical_clv,
    predicted_clv_1y,
    total_clv,
    probability_alive
from gold.customer_360
where {column} is not null and {condition}
order by {column} desc, customer_id
limit 15
"""


def draw_top(view: View, measure: Measure) -> None:
    """Draw the top fifteen, each linked to the customer's profile."""
    condition, parameters = view.filters.customers()
    data = view.data.rows(_TOP.format(column=measure.column, condition=condition), parameters)
    if not data:
        return
    known = [name for name in data.columns if any(value is not None for value in data.column(name))]
    masked = "" if view.user.may_see_persons else "Names are masked for your account."
    draw_table(
        "Most valuable customers",
        data,
        view.formats,
        definition=[
            f"customer_360.{name}" for name in ("historical_clv", "predicted_clv_1y", "total_clv", "probability_alive")
        ],
        columns=known,
        labels={"predicted_clv_1y": "Expected, next year", "total_clv": "Total margin"},
        links=PERSON_LINK,
        note=join_sentences(f"Ranked by {measure.name[:1].lower()}{measure.name[1:]}.", masked),
    )
