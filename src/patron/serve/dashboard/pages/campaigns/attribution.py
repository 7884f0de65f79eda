"""Who gets the credit for the revenue, by the model that the reader chooses; the choice stands in the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.dashboard.widgets.bars import height, named_bars
from patron.serve.dashboard.widgets.charts import below, figure, heading
from patron.serve.dashboard.widgets.choosers import chosen
from patron.serve.dashboard.widgets.empty_state import empty, why
from patron.serve.dashboard.widgets.shaded_table import Cell, heat_table

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_MODELS = {
    "last_touch": ("Last touch", "All credit to the last campaign before the order."),
    "first_touch": ("First touch", "All credit to the first campaign that reached the customer."),
    "linear": ("Linear", "Equal credit to every campaign before the order."),
    "position_based": ("Position based", "More credit to the first and the last campaign than to those between."),
    "time_decay": ("Time decay", "The nearer to the order, the more credit."),
}

_CREDIT = """
select campaign, credited_amount, credited_conversion_count, credited_rate, credited_rank
from gold.campaign_attribution
where attribution_model = ?
order by credited_rank, campaign
"""

_COMPARED = """
select campaign, attribution_model, credited_rate, credited_rank
from gold.campaign_attribution
order by max(credited_rate) over (partition by campaign) desc, campaign
"""


def attribution(view: View) -> None:
    """Credited revenue of each campaign by the chosen model, and how far the models agree."""
    if not view.data.count("campaign_attribution"):
        empty("Credit for the revenue: nothing to show", why(view, "campaign_attribution"))
        return
    _credited(view)
    _compared(view)


def _credited(view: View) -> None:
    title = "Which campaigns earn the credit for the revenue?"
    model = chosen("model", "Attribution model", list(_MODELS), lambda name: _MODELS[name][0])
    data = view.data.rows(_CREDIT, [model])
    rows, formats = data.records(), view.formats
    texts = [f"{formats.short_money(row['credited_amount'])} · {formats.share(row['credited_rate'])}" for row in rows]
    said = f"{rows[0]['campaign']} leads with {formats.share(rows[0]['credited_rate'])} of the revenue."
    figure(
        title,
        named_bars(data.column("campaign"), data.numbers("credited_amount"), texts, view.theme),
        data=data,
        definition=[
            "campaign_attribution",
            "campaign_attribution.attribution_model",
            "campaign_attribution.credited_amount",
        ],
        says=said,
        note=f"{_MODELS[model][0]}: {_MODELS[model][1]} {said}",
        height=height(len(rows)),
    )


def _compared(view: View) -> None:
    title = "Do the models agree?"
    data = view.data.rows(_COMPARED)
    cells = {(row["campaign"], row["attribution_model"]): row for row in data.records()}
    rates = [rate for rate in data.numbers("credited_rate") if rate is not None]
    least, most = min(rates, default=0.0), max(rates, default=1.0)
    rows = []
    for campaign in dict.fromkeys(data.column("campaign")):
        found = [cells.get((campaign, model)) for model in _MODELS]
        rows.append((campaign, [_cell(view, row, (least, most)) for row in found]))
    heading(title, "Share of the revenue by each model, and the place of the campaign in it.")
    heat_table(title, ["Campaign", *(name for name, _ in _MODELS.values())], rows, view.theme)
    below(title, data, ["campaign_attribution.credited_rate", "campaign_attribution.credited_rank"])


def _cell(view: View, row: dict[str, object] | None, ends: tuple[float, float]) -> Cell:
    if row is None or not isinstance(row["credited_rate"], float):
        return Cell("–")
    rate, (least, most) = row["credited_rate"], ends
    level = (rate - least) / (most - least) if most > least else 0.5
    return Cell(view.formats.share(rate, digits=1), level, below=f"No. {row['credited_rank']}")
