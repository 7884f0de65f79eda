"""The customers worth most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.dashboard.widgets.customer_list import PERSON_LINK
from patron.serve.dashboard.widgets.scope import sentences
from patron.serve.dashboard.widgets.tables import table

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


def top(view: View, measure: Measure) -> None:
    """Fifteen of them, each leading to the customer's own page."""
    condition, parameters = view.filters.customers()
    data = view.data.rows(_TOP.format(column=measure.column, condition=condition), parameters)
    if not data:
        return
    known = [name for name in data.columns if any(value is not None for value in data.column(name))]
    masked = "" if view.user.may_see_persons else "Names are masked for you."
    table(
        "Who is worth most?",
        data,
        view.formats,
        definition=[
            f"customer_360.{name}" for name in ("historical_clv", "predicted_clv_1y", "total_clv", "probability_alive")
        ],
        columns=known,
        labels={"predicted_clv_1y": "Expected, next year", "total_clv": "Margin in all"},
        links=PERSON_LINK,
        note=sentences(f"Ranked by: {measure.name[:1].lower()}{measure.name[1:]}.", masked),
    )
