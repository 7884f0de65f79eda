"""The RFM matrix: how lately against how often, and what such customers spent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets.charts import below, heading
from patron.serve.dashboard.widgets.shaded_table import Cell, heat_table

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_MATRIX = select(
    {"customer_count": "customers", "amount_per_customer": "revenue_per_customer"},
    table="customer_360",
    by=["recency_score", "frequency_score"],
    where="recency_score is not null and {condition}",
    order_by="recency_score desc, frequency_score",
)

_TITLE = "Who buys lately and often, and what do they spend?"
_SCORES = (1, 2, 3, 4, 5)


def matrix(view: View) -> None:
    """A cell for each pair of scores: net revenue a customer, and how many there are."""
    condition, parameters = view.filters.customers()
    data = view.data.rows(_MATRIX.format(condition=condition), parameters)
    if not data:
        return
    heading(
        _TITLE,
        "Net revenue a customer, and how many they are below it. Down: how lately they bought; across: how often.",
    )
    heads = ["Recency \\ frequency", *(_head(score, "least often", "most often") for score in _SCORES)]
    cells = _cells(view, data)
    blank = Cell("–")
    rows = [
        (_head(recency, "longest ago", "most lately"), [cells.get((recency, score), blank) for score in _SCORES])
        for recency in reversed(_SCORES)
    ]
    heat_table(_TITLE, heads, rows, view.theme)
    below(_TITLE, data, ["customer_360.recency_score", "customer_360.frequency_score", "customer_360.net_amount"])


def _cells(view: View, data: Result) -> dict[tuple[int, int], Cell]:
    amounts = [max(float(value), 0.0) for value in data.column("amount_per_customer")]
    least, most = (math.log1p(end) for end in (min(amounts), max(amounts)))
    found = {}
    for row, amount in zip(data.records(), amounts, strict=True):
        level = (math.log1p(amount) - least) / (most - least) if most > least else 0.5
        customers = f"{view.formats.count(row['customer_count'])} customers"
        money = view.formats.short_money(row["amount_per_customer"])
        place = (row["recency_score"], row["frequency_score"])
        found[place] = Cell(
            money, level, f"{customers}, {money} each", below=view.formats.short_count(row["customer_count"])
        )
    return found


def _head(score: int, least: str, most: str) -> str:
    said = {1: least, 5: most}.get(score)
    return f"{score}\n{said}" if said else str(score)
