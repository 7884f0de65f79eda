"""What is bought together more often than chance explains: as a network, and pair by pair."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patron.serve.dashboard.pages.products.network import Link, drawn_network, height, strongest
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.empty_state import empty, why
from patron.serve.dashboard.widgets.tables import table

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


def affinity(view: View) -> None:
    """The network of the strongest pairs, and a table of them."""
    pairs = view.data.rows(_PAIRS)
    if not pairs:
        empty("Bought together: nothing to show", _why_none(view))
        return
    links = strongest(
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
    said = (
        f"Surest of all: {first['product_name']} with {first['partner_product_name']}, "
        f"{times} times as often as chance would bring."
    )
    figure(
        "What is bought together?",
        drawn_network(links, view.theme, view.formats),
        data=pairs,
        definition=["product_affinity", "product_affinity.lift", "product_affinity.log_likelihood_ratio"],
        says=said,
        note=f"{said} Each line is a pair beyond chance; thicker lines are more times as often.",
        height=height(links),
    )
    _table(view, pairs)


def _table(view: View, pairs: Result) -> None:
    table(
        "Pairs bought together",
        _with_words(view, pairs),
        view.formats,
        definition=[f"product_affinity.{name}" for name in ("lift", "support_rate", "confidence_rate", "pair_count")],
        columns=["product_name", "partner_product_name", "in_words", "lift", "support_rate"],
        labels={
            "product_name": "Article",
            "partner_product_name": "With",
            "in_words": "In words",
            "lift": "Times as often as chance",
            "support_rate": "Of all baskets",
        },
    )


def _with_words(view: View, pairs: Result) -> Result:
    formats = view.formats
    words = [
        f"{formats.share(row['confidence_rate'])} of the baskets with the first hold the second: "
        f"{formats.count(row['pair_count'])} baskets."
        for row in pairs.records()
    ]
    rows = [(*row, said) for row, said in zip(pairs.rows, words, strict=True)]
    return replace(pairs, columns=[*pairs.columns, "in_words"], rows=rows)


def _why_none(view: View) -> str:
    """The reason by the mapping; where the baskets were looked at, what was found in them."""
    seen = view.data.first(
        "select basket_count, frequent_pair_count, least_pair_baskets from gold.product_affinity_coverage"
    )
    if not seen["basket_count"]:
        return why(view, "product_affinity")
    count = view.formats.count
    return (
        f"{count(seen['basket_count'])} baskets were looked at. Of the {count(seen['frequent_pair_count'])} pairs in "
        f"{count(seen['least_pair_baskets'])} baskets or more, none is bought together more often than chance explains."
    )
