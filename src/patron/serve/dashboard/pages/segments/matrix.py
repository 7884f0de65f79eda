"""The RFM matrix: recency against frequency, with revenue per customer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets.charts import draw_footer, draw_heading
from patron.serve.dashboard.widgets.shaded_table import Cell, draw_shaded_table

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

_TITLE = "RFM matrix"
_SCORES = (1, 2, 3, 4, 5)


def draw_matrix(view: View) -> None:
    """Draw a cell for each pair of scores: net revenue per customer, and the number of customers."""
    condition, parameters = view.filters.customers()
    data = view.data.rows(_MATRIX.format(condition=condition), parameters)
    if not data:
        return
    draw_heading(
        _TITLE,
        "Net revenue per customer, and the number of customers. Rows: recency score; columns: frequency score.",
    )
    heads = ["Recency \\ frequency", *(_write_heading(score, "least frequent", "most frequent") for score in _SCORES)]
    cells = _build_cells(view, data)
    blank = Cell("–")
    rows = [
        (
            _write_heading(recency, "least recent", "most recent"),
            [cells.get((recency, score), blank) for score in _SCORES],
        )
        for recency in reversed(_SCORES)
    ]
    draw_shaded_table(_TITLE, heads, rows, view.theme)
    draw_footer(_TITLE, data, ["customer_360.recency_score", "customer_360.frequency_score", "customer_360.net_amount"])


def _build_cells(view: View, data: Result) -> dict[tuple[int, int], Cell]:
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


def _write_heading(score: int, least: str, most: str) -> str:
    legend = {1: least, 5: most}.get(score)
    return f"{score}\n{legend}" if legend else str(score)
