"""What each campaign brought: sessions, orders, revenue and returns, and how sure its conversion is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.intervals import Interval, height, interval_lines
from patron.serve.dashboard.widgets.tables import table
from patron.serve.dashboard.widgets.tiles import Tile, tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_TOTALS = select(
    ["sessions", "conversions", "conversion_rate", "campaign_revenue", "returned_revenue_rate"],
    table="campaign_performance",
)

_CONVERSIONS = """
select campaign, session_count, conversion_count, conversion_rate, conversion_rate_low, conversion_rate_high
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


def _totals(view: View) -> dict[str, float]:
    return {name: float(value or 0) for name, value in view.data.first(_TOTALS).items()}


def summary(view: View) -> None:
    """Tiles of all campaigns together."""
    totals, formats = _totals(view), view.formats
    tiles(
        [
            Tile("Sessions", formats.count(totals["sessions"])),
            Tile("Orders", formats.count(totals["conversions"])),
            Tile("Sessions that order", formats.share(totals["conversion_rate"], digits=1)),
            Tile("Revenue", formats.short_money(totals["campaign_revenue"]), against="returned orders included"),
            Tile("Revenue that came back", formats.share(totals["returned_revenue_rate"], digits=1)),
        ]
    )


def conversions(view: View) -> None:
    """How many sessions order, with the range that the rate is sure within."""
    data = view.data.rows(_CONVERSIONS)
    mean, formats = _totals(view)["conversion_rate"], view.formats
    listed = [
        Interval(
            row["campaign"],
            row["conversion_rate"],
            row["conversion_rate_low"],
            row["conversion_rate_high"],
            _range(view, row),
            not row["conversion_rate_low"] <= mean <= row["conversion_rate_high"],
        )
        for row in data.records()
        if row["conversion_rate"] is not None
    ]
    said = _said(data, mean)
    figure(
        "Whose visitors order most often?",
        interval_lines(listed, view.theme, formats.share, beside=mean),
        data=data,
        definition=[f"campaign_performance.conversion_rate{end}" for end in ("", "_low", "_high")],
        says=said,
        note=f"{said} Lines are ranges of 95% certainty; the dotted line is the mean of all.",
        height=height(len(listed)),
    )


def _range(view: View, row: dict[str, float]) -> str:
    share = view.formats.share
    return (
        f"{share(row['conversion_rate'])} ({share(row['conversion_rate_low'])} to {share(row['conversion_rate_high'])})"
    )


def _said(data: Result, mean: float) -> str:
    above = [row["campaign"] for row in data.records() if row["conversion_rate_low"] > mean]
    under = [row["campaign"] for row in data.records() if row["conversion_rate_high"] < mean]
    if not above and not under:
        return "No campaign stands out from the others."
    better = f"surely above the mean: {', '.join(above)}" if above else ""
    worse = f"surely below it: {', '.join(under)}" if under else ""
    said = "; ".join(part for part in (better, worse) if part)
    return f"{said[:1].upper()}{said[1:]}."


def ranking(view: View) -> None:
    """All figures of each campaign."""
    names = ("revenue_amount", "revenue_per_session", "average_order_value", "margin_rate", "return_rate")
    table(
        "What did each campaign bring?",
        view.data.rows(_RANKING),
        view.formats,
        definition=[f"campaign_performance.{name}" for name in names],
        columns=["campaign", "session_count", "conversion_count", *names],
        labels={"conversion_count": "Orders", "return_rate": "Orders that came back", "revenue_amount": "Revenue"},
        note="Of the sessions themselves: what a session's order brought, whoever else had a part in it.",
    )
