"""Customers, revenue and recommended action of each segment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from patron.contract.metrics import columns
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.share_bars import compute_height, compute_shares, draw_share_bars
from patron.serve.dashboard.widgets.tables import draw_table
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_MEASURED = columns(
    "customer_360",
    customer_count="customers",
    net_amount="net_revenue",
    amount_per_customer="revenue_per_customer",
    predicted_clv_1y="expected_margin",
)

_SIZES = f"""
with
    sizes as (
        select
            segment,
            {_MEASURED}
        from gold.customer_360
        where segment is not null and {{condition}}
        group by segment
    )

select
    segments.segment,
    segments.description,
    sizes.customer_count,
    sizes.net_amount,
    sizes.amount_per_customer,
    sizes.predicted_clv_1y,
    segments.churn_risk,
    segments.recommended_action
from gold.dim_rfm_segment as segments
inner join sizes on segments.segment = sizes.segment
order by segments.segment_order
"""


def query_sizes(view: View, *, of_segment: bool) -> Result:
    """Query one row per segment with customers; of_segment: only the segment that is filtered by."""
    filters = view.filters if of_segment else replace(view.filters, segment=None)
    condition, parameters = filters.customers()
    return view.data.rows(_SIZES.format(condition=condition), parameters)


def draw_summary(view: View) -> None:
    """Draw tiles: customers, revenue, customers at risk, and the largest and most valuable segment."""
    rows = query_sizes(view, of_segment=True).records()
    if not rows:
        return
    customers = sum(row["customer_count"] for row in rows)
    amount = sum(row["net_amount"] for row in rows)
    risky = sum(row["customer_count"] for row in rows if row["churn_risk"] in ("High", "Critical"))
    formats = view.formats
    tiles = [
        Tile("Customers", formats.count(customers)),
        Tile("Net revenue", formats.short_money(amount)),
        Tile(
            "At high or critical risk", formats.count(risky), against=f"{formats.share(risky / customers)} of customers"
        ),
    ]
    if view.filters.segment is None:
        tiles += [
            _build_leader_tile("Largest segment", "customer_count", rows, view),
            _build_leader_tile("Top segment by revenue", "net_amount", rows, view),
        ]
    draw_tiles(tiles)


def _build_leader_tile(name: str, column: str, rows: list[dict[str, Any]], view: View) -> Tile:
    first = max(rows, key=lambda row: float(row[column]))
    total = float(sum(row[column] for row in rows))
    of_what = "of customers" if column == "customer_count" else "of net revenue"
    share = view.formats.share(float(first[column]) / total if total else None)
    return Tile(name, share, against=f"{of_what}: {first['segment']}")


def draw_sizes(view: View) -> None:
    """Draw each segment's share of customers and revenue; the filtered one is highlighted."""
    data = query_sizes(view, of_segment=False)
    if not data:
        draw_empty_state("No customers match these filters", "Choose another region or channel, or all of them.")
        return
    names = data.column("segment")
    amounts = {"Share of customers": data.numbers("customer_count"), "Share of net revenue": data.numbers("net_amount")}
    summary = _describe_outlier(view, data)
    draw_figure(
        "Segments by customers and revenue",
        draw_share_bars(names, amounts, view.theme, view.formats, emphasis=_choose_emphasis(view, names)),
        data=data,
        definition=["customer_360.segment", "customer_360.net_amount"],
        summary=summary,
        note=summary,
        height=compute_height(len(names)),
    )


def _choose_emphasis(view: View, names: list[str]) -> str | None:
    return view.filters.segment if view.filters.segment in names else None


def _describe_outlier(view: View, data: Result) -> str:
    """Name the segment whose share of revenue most exceeds its share of customers."""
    people, money = compute_shares(data.numbers("customer_count")), compute_shares(data.numbers("net_amount"))
    lead = [share - part for share, part in zip(money, people, strict=True)]
    place = lead.index(max(lead))
    if lead[place] < 0.01:
        return "Each segment's share of revenue is close to its share of customers."
    name, formats = data.column("segment")[place], view.formats
    return (
        f"{name}: {formats.share(people[place])} of customers account for {formats.share(money[place])} of net revenue."
    )


def draw_programmes(view: View) -> None:
    """Draw what each segment is and what to do about it."""
    data = query_sizes(view, of_segment=True)
    if not data:
        draw_empty_state(
            "No customers match these filters", "Choose another segment, region or channel, or all of them."
        )
        return
    columns = ["segment", "description", "customer_count", "amount_per_customer", "churn_risk", "recommended_action"]
    note = "Customers are assigned by the shop's segment rules."
    if any(value is not None for value in data.column("predicted_clv_1y")):
        columns.insert(4, "predicted_clv_1y")
        note = f"Expected margin: total for the segment over the next year. {note}"
    draw_table(
        "Segments and recommended actions",
        data,
        view.formats,
        definition=[
            "customer_360.segment",
            "customer_360.net_amount",
            "customer_360.predicted_clv_1y",
            "dim_rfm_segment.churn_risk",
            "dim_rfm_segment.recommended_action",
        ],
        columns=columns,
        labels={
            "description": "Description",
            "churn_risk": "Risk",
            "amount_per_customer": "Revenue per customer",
            "predicted_clv_1y": "Expected margin",
        },
        note=note,
    )
