"""Revenue, margin and returns of all products, and the top products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.contract.metrics import select
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.tables import draw_table
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

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


def draw_summary(view: View) -> None:
    """Draw the tiles of all products."""
    formats, found = view.formats, view.data.first(_ALL)
    tiles = [
        Tile("Products sold", formats.count(found["products"])),
        Tile("Net revenue", formats.short_money(found["net_revenue"]), means="Of sale, discount and return lines."),
        _build_margin_tile(found, view),
        _build_returns_tile(found, view),
    ]
    draw_tiles(tiles)


def _build_margin_tile(found: dict[str, Any], view: View) -> Tile:
    if found["margin_rate"] is None:
        return Tile("Margin rate", view.formats.share(None), against="no product has a known cost")
    known = view.formats.share(float(found["costed_revenue"]) / float(found["net_revenue"] or 1))
    share = view.formats.share(found["margin_rate"], digits=1)
    return Tile("Margin rate", share, against=f"for {known} of revenue, where cost is known")


def _build_returns_tile(found: dict[str, Any], view: View) -> Tile:
    if not found["return_rate"]:
        return Tile("Return rate", view.formats.share(None), against="no returns recorded")
    return Tile("Return rate", view.formats.share(found["return_rate"], digits=1), against="of units sold")


def draw_articles(view: View) -> None:
    """Draw the top ten as bars and the top fifty as a table."""
    found = view.data.rows(_TOP)
    top = found.records()[:10]
    texts = [view.formats.money(row["net_amount"]) for row in top]
    total = float(view.data.first(_ALL)["net_revenue"] or 0)
    share = sum(float(row["net_amount"] or 0) for row in top) / total if total else None
    summary = f"The top {len(top)} products account for {view.formats.share(share)} of product revenue."
    draw_figure(
        "Top products by net revenue",
        bars.draw_named_bars(
            [row["product_name"] for row in top], [float(row["net_amount"] or 0) for row in top], texts, view.theme
        ),
        data=found,
        definition=["product_margin.net_amount"],
        summary=summary,
        note=summary,
        height=bars.compute_height(len(top)),
    )
    known = [name for name in found.columns[:-1] if any(value is not None for value in found.column(name))]
    if not any(found.column("return_rate")):
        known.remove("return_rate")
    draw_table(
        "Products in detail",
        found,
        view.formats,
        definition=[f"product_margin.{name}" for name in known],
        columns=known,
        labels={"product_name": "Product"},
        note="The 50 products with the highest net revenue.",
    )
