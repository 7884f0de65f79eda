"""Price changes of products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.tables import draw_table

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_WORDS = {
    "normal": "Constant price",
    "one_off_price_change": "Changed once",
    "oscillating_or_promotional": "Promotional",
    "zero_or_manual": "Free or entered by hand",
    "complex": "Other pattern",
}

_KINDS = select(
    {"product_count": "products", "gross_amount": "gross_revenue"},
    table="product_price_behaviour",
    by=["price_behaviour"],
    order_by="gross_amount desc nulls last, price_behaviour",
)

_MOVED = """
select
    coalesce(product_name, product_id) as product_name,
    price_count,
    lowest_price,
    highest_price,
    price_behaviour,
    prices.gross_amount
from gold.product_price_behaviour as prices
left join gold.dim_product as products using (product_id)
where price_behaviour in ('one_off_price_change', 'oscillating_or_promotional', 'complex')
order by prices.gross_amount desc, product_id
limit 20
"""


def draw_prices(view: View) -> None:
    """Draw how many products keep their price, and the best sellers among those that do not."""
    kinds = view.data.rows(_KINDS)
    if not kinds:
        return
    _draw_kinds(view, kinds)
    _draw_changed(view)


def _draw_kinds(view: View, kinds: Result) -> None:
    amounts = kinds.numbers("gross_amount")
    total = sum(amount or 0 for amount in amounts) or 1.0
    shares = [(amount or 0) / total for amount in amounts]
    counts = [view.formats.count(count) for count in kinds.column("product_count")]
    texts = [f"{view.formats.share(share)}, {count} products" for share, count in zip(shares, counts, strict=True)]
    steady = dict(zip(kinds.column("price_behaviour"), shares, strict=True)).get("normal", 0.0)
    summary = f"Products with a constant price account for {view.formats.share(steady)} of gross revenue."
    names = [_WORDS[kind] for kind in kinds.column("price_behaviour")]
    draw_figure(
        "Price behaviour",
        bars.draw_named_bars(names, shares, texts, view.theme),
        data=kinds,
        definition=["product_price_behaviour.price_behaviour", "product_price_behaviour.gross_amount"],
        summary=summary,
        note=f"{summary} Promotional: two or more prices in alternation, such as special offers.",
        height=bars.compute_height(len(names)),
    )


def _draw_changed(view: View) -> None:
    found = view.data.rows(_MOVED)
    if not found:
        return
    columns = ["product_name", "lowest_price", "highest_price", "price_count", "price_behaviour"]
    draw_table(
        "Top products with a price change",
        _label_values(found),
        view.formats,
        definition=[f"product_price_behaviour.{name}" for name in columns[1:]],
        columns=columns,
        labels={"product_name": "Product", "price_behaviour": "Behaviour", "price_count": "Prices"},
    )


def _label_values(found: Result) -> Result:
    from dataclasses import replace

    place = found.columns.index("price_behaviour")
    rows = [(*row[:place], _WORDS[row[place]], *row[place + 1 :]) for row in found.rows]
    return replace(found, rows=rows)
