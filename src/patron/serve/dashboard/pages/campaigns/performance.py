"""Sessions, conversion, revenue and returns of each campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.intervals import Interval, compute_height, draw_intervals, note_adjusted
from patron.serve.dashboard.widgets.scope import join_sentences
from patron.serve.dashboard.widgets.tables import draw_table
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_TOTALS = select(
    ["sessions", "conversions", "conversion_rate", "campaign_revenue", "returned_revenue_rate"],
    table="campaign_performance",
)

_CONVERSIONS = """
select
    campaign,
    session_count,
    conversion_count,
    conversion_rate,
    conversion_rate_low,
    conversion_rate_high,
    reading,
    compared_count
from gold.campaign_performance
order by conversion_rate desc, campaign
"""

_RANKING = """
select
    campaign,
    revenue_rank,
    session_count,
    customer_count,
    conversion_count,
    revenue_amount,
    revenue_per_session,
    average_order_value,
    margin_rate,
    return_rate
from gold.campaign_performance
order by revenue_rank, campaign
"""


def _query_totals(view: View) -> dict[str, float]:
    return {name: float(value or 0) for name, value in view.data.first(_TOTALS).items()}


def draw_summary(view: View) -> None:
    """Draw the tiles of all campaigns together."""
    totals, formats = _query_totals(view), view.formats
    draw_tiles(
        [
            Tile("Sessions", formats.count(totals["sessions"])),
            Tile("Orders", formats.count(totals["conversions"])),
            Tile("Conversion rate", formats.share(totals["conversion_rate"], digits=1)),
            Tile("Revenue", formats.short_money(totals["campaign_revenue"]), against="including returned orders"),
            Tile("Returned revenue", formats.share(totals["returned_revenue_rate"], digits=1)),
        ]
    )


def draw_conversions(view: View) -> None:
    """Draw the conversion rate of each campaign, with its 95% interval."""
    data = view.data.rows(_CONVERSIONS)
    mean, formats = _query_totals(view)["conversion_rate"], view.formats
    rows = [
        Interval(
            row["campaign"],
            row["conversion_rate"],
            row["conversion_rate_low"],
            row["conversion_rate_high"],
            _format_interval(view, row),
            row["reading"] in ("higher", "lower"),
        )
        for row in data.records()
        if row["conversion_rate"] is not None
    ]
    summary = _summarize(data)
    draw_figure(
        "Conversion rate by campaign",
        draw_intervals(rows, view.theme, formats.share, reference=mean),
        data=data,
        definition=[f"campaign_performance.{name}" for name in ("conversion_rate", "conversion_rate_low", "reading")],
        summary=summary,
        note=join_sentences(summary, note_adjusted(data), "Lines are 95% intervals; the dotted line is the average."),
        height=compute_height(len(rows)),
    )


def _format_interval(view: View, row: dict[str, float]) -> str:
    share = view.formats.share
    return (
        f"{share(row['conversion_rate'])} ({share(row['conversion_rate_low'])} to {share(row['conversion_rate_high'])})"
    )


def _summarize(data: Result) -> str:
    above = [row["campaign"] for row in data.records() if row["reading"] == "higher"]
    under = [row["campaign"] for row in data.records() if row["reading"] == "lower"]
    if not above and not under:
        return "No campaign differs significantly from the others."
    better = f"significantly above the others: {', '.join(above)}" if above else ""
    worse = f"significantly below the others: {', '.join(under)}" if under else ""
    summary = "; ".join(part for part in (better, worse) if part)
    return f"{summary[:1].upper()}{summary[1:]}."


def draw_ranking(view: View) -> None:
    """Draw all metrics of each campaign."""
    names = ("revenue_amount", "revenue_per_session", "average_order_value", "margin_rate", "return_rate")
    draw_table(
        "Campaign performance",
        view.data.rows(_RANKING),
        view.formats,
        definition=[f"campaign_performance.{name}" for name in names],
        columns=["campaign", "session_count", "conversion_count", *names],
        labels={"conversion_count": "Orders", "return_rate": "Return rate", "revenue_amount": "Revenue"},
        note="Counts the orders placed in a campaign's own sessions, without sharing credit among campaigns.",
    )
