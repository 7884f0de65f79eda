"""What all articles bring, and which bring most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.contract.metrics import select
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.tables import table
from patron.serve.dashboard.widgets.tiles import Tile, tiles

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_ALL = select(
    ["products", "net_revenue", "costed_revenue", "margin_rate", "return_rate"],
    table="product_margin",
)

_TOP = """
select
    coalesce(product_name, product_id) as product_name,
    category,
    net_amount,
    unit_count,
    margin_amount,
    margin_rate,
    return_rate,
    product_id
from gold.product_margin
order by net_amount desc nulls last, product_id
limit 50
"""


def summary(view: View) -> None:
    """The shop's articles in four figures."""
    formats, found = view.formats, view.data.first(_ALL)
    listed = [
        Tile("Articles sold", formats.count(found["products"])),
        Tile("Net revenue", formats.short_money(found["net_revenue"]), means="Sale, discount and return lines."),
        _margin(found, view),
        _returns(found, view),
    ]
    tiles(listed)


def _margin(found: dict[str, Any], view: View) -> Tile:
    if found["margin_rate"] is None:
        return Tile("Margin", view.formats.share(None), against="no article's cost is known")
    known = view.formats.share(float(found["costed_revenue"]) / float(found["net_revenue"] or 1))
    share = view.formats.share(found["margin_rate"], digits=1)
    return Tile("Margin", share, against=f"of the {known} of revenue whose cost is known")


def _returns(found: dict[str, Any], view: View) -> Tile:
    if not found["return_rate"]:
        return Tile("Brought back", view.formats.share(None), against="no return is recorded")
    return Tile("Brought back", view.formats.share(found["return_rate"], digits=1), against="of the pieces sold")


def articles(view: View) -> None:
    """The ten that bring most as bars, fifty as a table."""
    found = view.data.rows(_TOP)
    top = found.records()[:10]
    written = [view.formats.money(row["net_amount"]) for row in top]
    total = float(view.data.first(_ALL)["net_revenue"] or 0)
    share = sum(float(row["net_amount"] or 0) for row in top) / total if total else None
    said = f"The first {len(top)} bring {view.formats.share(share)} of the revenue of articles."
    figure(
        "Which articles bring most?",
        bars.named_bars(
            [row["product_name"] for row in top], [float(row["net_amount"] or 0) for row in top], written, view.theme
        ),
        data=found,
        definition=["product_margin.net_amount"],
        says=said,
        note=said,
        height=bars.height(len(top)),
    )
    known = [name for name in found.columns[:-1] if any(value is not None for value in found.column(name))]
    if not any(found.column("return_rate")):
        known.remove("return_rate")
    table(
        "Articles in figures",
        found,
        view.formats,
        definition=[f"product_margin.{name}" for name in known],
        columns=known,
        labels={"product_name": "Article"},
        note="The 50 with the highest net revenue.",
    )
