"""Customer value and ordering times of each region."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patron.serve.dashboard.widgets.tables import draw_table

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_REGIONS = """
select
    region,
    customer_count,
    total_historical_clv,
    average_historical_clv,
    order_count,
    preferred_weekday,
    preferred_hour,
    preferred_hour_share
from gold.region_ordering_times
where ? is null or region = ?
order by region = 'unknown', total_historical_clv desc nulls last, region
"""


def draw_regions(view: View) -> None:
    """Draw a table of regions; nothing where the shop has none, which the heatmaps have explained."""
    found = view.data.rows(_REGIONS, [view.filters.region, view.filters.region])
    if not found:
        return
    rows = [
        (
            "Unknown" if row["region"] == "unknown" else row["region"],
            *(row[name] for name in found.columns[1:5]),
            view.formats.weekday(row["preferred_weekday"]),
            view.formats.hour(row["preferred_hour"]),
            row["preferred_hour_share"],
        )
        for row in found.records()
    ]
    draw_table(
        "Customers and value by region",
        replace(found, rows=rows),
        view.formats,
        definition=[f"region_ordering_times.{name}" for name in found.columns],
        labels={
            "total_historical_clv": "Net revenue",
            "average_historical_clv": "Revenue per customer",
            "preferred_weekday": "Busiest weekday",
            "preferred_hour": "Busiest hour",
            "preferred_hour_share": "Share of orders in that hour",
        },
    )
