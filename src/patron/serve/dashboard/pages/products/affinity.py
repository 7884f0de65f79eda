"""Products that more customers buy together than by chance: as a network and as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patron.serve.dashboard.pages.products.network import Link, compute_height, draw_network, select_strongest
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.tables import draw_table

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_MOST_ARTICLES = 30

_PAIRS = """
with
    strongest as (
        select * from gold.product_affinity order by log_likelihood_ratio desc, product_id, partner_product_id limit 200
    )

select
    coalesce(product_name, product_id) as product_name,
    coalesce(partner_product_name, partner_product_id) as partner_product_name,
    lift,
    support_rate,
    customer_count,
    pair_count,
    confidence_rate,
    log_likelihood_ratio,
    product_id,
    partner_product_id
from strongest
qualify
    row_number() over (
        partition by least(product_id, partner_product_id), greatest(product_id, partner_product_id)
        order by confidence_rate desc, product_id
    ) = 1
order by log_likelihood_ratio desc, product_id, partner_product_id
limit 60
"""


def draw_affinity(view: View) -> None:
    """Draw the network of the strongest pairs, and a table of them."""
    pairs = view.data.rows(_PAIRS)
    if not pairs:
        draw_empty_state("Bought together: no data", _explain_empty(view))
        return
    links = select_strongest(
        [
            Link(
                row["product_id"],
                row["partner_product_id"],
                row["product_name"],
                row["partner_product_name"],
                row["lift"],
            )
            for row in pairs.records()
        ],
        _MOST_ARTICLES,
    )
    first = pairs.records()[0]
    times = view.formats.count(first["lift"], digits=1)
    summary = (
        f"Strongest pair: {first['product_name']} with {first['partner_product_name']}, "
        f"{times} times as often as by chance."
    )
    draw_figure(
        "Frequently bought together",
        draw_network(links, view.theme, view.formats),
        data=pairs,
        definition=["product_affinity", "product_affinity.lift", "product_affinity.log_likelihood_ratio"],
        summary=summary,
        note=f"{summary} Each line: more customers buy the pair together than by chance; thicker means a higher lift.",
        height=compute_height(links),
    )
    _draw_table(view, pairs)


def _draw_table(view: View, pairs: Result) -> None:
    draw_table(
        "Pairs bought together",
        _add_labels(view, pairs),
        view.formats,
        definition=[
            f"product_affinity.{name}" for name in ("lift", "support_rate", "confidence_rate", "customer_count")
        ],
        columns=["product_name", "partner_product_name", "in_words", "customer_count", "lift", "support_rate"],
        labels={
            "product_name": "Product",
            "partner_product_name": "With",
            "in_words": "Confidence",
            "customer_count": "Customers",
            "lift": "Lift",
            "support_rate": "Share of baskets",
        },
    )


def _add_labels(view: View, pairs: Result) -> Result:
    formats = view.formats
    words = [
        f"{formats.share(row['confidence_rate'])} of baskets with the first also contain the second "
        f"({formats.count(row['pair_count'])} baskets)"
        for row in pairs.records()
    ]
    rows = [(*row, word) for row, word in zip(pairs.rows, words, strict=True)]
    return replace(pairs, columns=[*pairs.columns, "in_words"], rows=rows)


def _explain_empty(view: View) -> str:
    """Explain by the mapping; where there were baskets, by what was found in them."""
    seen = view.data.first(
        "select basket_count, frequent_pair_count, habit_pair_count, least_pair_baskets "
        "from gold.product_affinity_coverage"
    )
    if not seen["basket_count"]:
        return explain_empty(view, "product_affinity")
    count = view.formats.count
    habits = seen["habit_pair_count"]
    return (
        f"{count(seen['basket_count'])} baskets were analysed. Of the {count(seen['frequent_pair_count'])} pairs in at "
        f"least {count(seen['least_pair_baskets'])} baskets, none is bought together by more customers than by chance."
        + (f" {count(habits)} are habits of few customers." if habits else "")
    )
