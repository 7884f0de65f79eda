"""How the prices of articles move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets import bars
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.tables import table

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_WORDS = {
    "normal": "One price",
    "one_off_price_change": "One change",
    "oscillating_or_promotional": "Back and forth",
    "zero_or_manual": "Free or by hand",
    "complex": "Another pattern",
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


def prices(view: View) -> None:
    """How many articles keep their price, and the best sold of those that do not."""
    kinds = view.data.rows(_KINDS)
    if not kinds:
        return
    _kinds(view, kinds)
    _moved(view)


def _kinds(view: View, kinds: Result) -> None:
    amounts = kinds.numbers("gross_amount")
    total = sum(amount or 0 for amount in amounts) or 1.0
    shares = [(amount or 0) / total for amount in amounts]
    counts = [view.formats.count(count) for count in kinds.column("product_count")]
    written = [f"{view.formats.share(share)}, {count} articles" for share, count in zip(shares, counts, strict=True)]
    steady = dict(zip(kinds.column("price_behaviour"), shares, strict=True)).get("normal", 0.0)
    said = f"Articles that keep one price bring {view.formats.share(steady)} of gross revenue."
    names = [_WORDS[kind] for kind in kinds.column("price_behaviour")]
    figure(
        "How do prices move?",
        bars.named_bars(names, shares, written, view.theme),
        data=kinds,
        definition=["product_price_behaviour.price_behaviour", "product_price_behaviour.gross_amount"],
        says=said,
        note=f"{said} Back and forth: two prices or more at the same time, such as offers.",
        height=bars.height(len(names)),
    )


def _moved(view: View) -> None:
    found = view.data.rows(_MOVED)
    if not found:
        return
    columns = ["product_name", "lowest_price", "highest_price", "price_count", "price_behaviour"]
    table(
        "Best sold with a price that moved",
        _in_words(found),
        view.formats,
        definition=[f"product_price_behaviour.{name}" for name in columns[1:]],
        columns=columns,
        labels={"product_name": "Article", "price_behaviour": "How", "price_count": "Prices"},
    )


def _in_words(found: Result) -> Result:
    from dataclasses import replace

    place = found.columns.index("price_behaviour")
    rows = [(*row[:place], _WORDS[row[place]], *row[place + 1 :]) for row in found.rows]
    return replace(found, rows=rows)
