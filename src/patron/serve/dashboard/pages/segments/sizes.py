"""How many customers each segment has, what they brought, and what the segment asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from patron.contract.metrics import columns
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.empty_state import empty
from patron.serve.dashboard.widgets.share_bars import height, of_whole, share_bars
from patron.serve.dashboard.widgets.tables import table
from patron.serve.dashboard.widgets.tiles import Tile, tiles

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


def found(view: View, *, of_segment: bool) -> Result:
    """A row a segment that has customers; of_segment: of the segment filtered by alone."""
    filters = view.filters if of_segment else replace(view.filters, segment=None)
    condition, parameters = filters.customers()
    return view.data.rows(_SIZES.format(condition=condition), parameters)


def summary(view: View) -> None:
    """Tiles: how many, the largest segment, the one that brought most, and how many are at risk."""
    rows = found(view, of_segment=True).records()
    if not rows:
        return
    customers = sum(row["customer_count"] for row in rows)
    amount = sum(row["net_amount"] for row in rows)
    risky = sum(row["customer_count"] for row in rows if row["churn_risk"] in ("High", "Critical"))
    formats = view.formats
    listed = [
        Tile("Customers who bought", formats.count(customers)),
        Tile("Their net revenue", formats.short_money(amount)),
        Tile("At high or critical risk", formats.count(risky), against=f"{formats.share(risky / customers)} of them"),
    ]
    if view.filters.segment is None:
        listed += [
            _leader("Largest segment", "customer_count", rows, view),
            _leader("Brings most", "net_amount", rows, view),
        ]
    tiles(listed)


def _leader(name: str, column: str, rows: list[dict[str, Any]], view: View) -> Tile:
    first = max(rows, key=lambda row: float(row[column]))
    whole = float(sum(row[column] for row in rows))
    of_what = "of the customers" if column == "customer_count" else "of net revenue"
    share = view.formats.share(float(first[column]) / whole if whole else None)
    return Tile(name, share, against=f"{of_what}: {first['segment']}")


def sizes(view: View) -> None:
    """Customers and revenue of each segment, as shares; the one filtered by stands out."""
    data = found(view, of_segment=False)
    if not data:
        empty("No segment has customers here", "Choose another region or channel, or all of them.")
        return
    names = data.column("segment")
    amounts = {"Share of customers": data.numbers("customer_count"), "Share of net revenue": data.numbers("net_amount")}
    said = _surprise(view, data)
    figure(
        "How large are the segments, and what do they bring?",
        share_bars(names, amounts, view.theme, view.formats, emphasis=_emphasis(view, names)),
        data=data,
        definition=["customer_360.segment", "customer_360.net_amount"],
        says=said,
        note=said,
        height=height(len(names)),
    )


def _emphasis(view: View, names: list[str]) -> str | None:
    return view.filters.segment if view.filters.segment in names else None


def _surprise(view: View, data: Result) -> str:
    """The segment whose share of the revenue is furthest above its share of the customers."""
    people, money = of_whole(data.numbers("customer_count")), of_whole(data.numbers("net_amount"))
    lead = [share - part for share, part in zip(money, people, strict=True)]
    place = lead.index(max(lead))
    if lead[place] < 0.01:
        return "Each segment brings about what its size lets expect."
    name, formats = data.column("segment")[place], view.formats
    return (
        f"{name}: {formats.share(people[place])} of the customers bring {formats.share(money[place])} of net revenue."
    )


def programmes(view: View) -> None:
    """What each segment is and what to do about it."""
    data = found(view, of_segment=True)
    if not data:
        empty("Nobody is in this segment", "Choose another segment, region or channel, or all of them.")
        return
    columns = ["segment", "description", "customer_count", "amount_per_customer", "churn_risk", "recommended_action"]
    note = "Who is in which is decided by the shop's rules."
    if any(value is not None for value in data.column("predicted_clv_1y")):
        columns.insert(4, "predicted_clv_1y")
        note = f"Expected margin: of the whole segment in the next year. {note}"
    table(
        "What is each segment, and what to do?",
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
            "description": "What it means",
            "churn_risk": "Risk",
            "amount_per_customer": "Revenue each",
            "predicted_clv_1y": "Expected margin",
        },
        note=note,
    )
