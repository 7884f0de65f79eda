"""Attributed revenue by the model that the user chooses; the choice is kept in the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.dashboard.widgets.bars import compute_height, draw_named_bars
from patron.serve.dashboard.widgets.charts import draw_figure, draw_footer, draw_heading
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.shaded_table import Cell, draw_shaded_table

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_MODELS = {
    "last_touch": ("Last touch", "all credit goes to the last campaign before the order."),
    "first_touch": ("First touch", "all credit goes to the first campaign that reached the customer."),
    "linear": ("Linear", "every campaign before the order gets equal credit."),
    "position_based": ("Position-based", "the first and the last campaign get more credit than those in between."),
    "time_decay": ("Time decay", "campaigns closer to the order get more credit."),
}

_CREDIT = """
select campaign, credited_amount, credited_conversion_count, credited_rate, credited_rank
from gold.campaign_attribution
where attribution_model = ?
order by credited_rank, campaign
"""

_COMPARED = """
select
    campaign, attribution_model, credited_rate, credited_rank, conversion_count, multi_touch_conversion_count
from gold.campaign_attribution
order by max(credited_rate) over (partition by campaign) desc, campaign
"""


def draw_attribution(view: View) -> None:
    """Draw the attributed revenue of each campaign by the chosen model, and how far the models agree."""
    if not view.data.count("campaign_attribution"):
        draw_empty_state("Attribution: no data", explain_empty(view, "campaign_attribution"))
        return
    _draw_model(view)
    _draw_models(view)


def _draw_model(view: View) -> None:
    title = "Attributed revenue by campaign"
    model = choose("model", "Attribution model", list(_MODELS), lambda name: _MODELS[name][0])
    data = view.data.rows(_CREDIT, [model])
    rows, formats = data.records(), view.formats
    texts = [f"{formats.short_money(row['credited_amount'])} · {formats.share(row['credited_rate'])}" for row in rows]
    summary = f"{rows[0]['campaign']} leads with {formats.share(rows[0]['credited_rate'])} of attributed revenue."
    draw_figure(
        title,
        draw_named_bars(data.column("campaign"), data.numbers("credited_amount"), texts, view.theme),
        data=data,
        definition=[
            "campaign_attribution",
            "campaign_attribution.attribution_model",
            "campaign_attribution.credited_amount",
        ],
        summary=summary,
        note=f"{_MODELS[model][0]}: {_MODELS[model][1]} {summary}",
        height=compute_height(len(rows)),
    )


def _draw_models(view: View) -> None:
    title = "Attribution models compared"
    data = view.data.rows(_COMPARED)
    cells = {(row["campaign"], row["attribution_model"]): row for row in data.records()}
    rates = [rate for rate in data.numbers("credited_rate") if rate is not None]
    least, most = min(rates, default=0.0), max(rates, default=1.0)
    rows = []
    for campaign in dict.fromkeys(data.column("campaign")):
        found = [cells.get((campaign, model)) for model in _MODELS]
        rows.append((campaign, [_build_cell(view, row, (least, most)) for row in found]))
    draw_heading(
        title, f"Share of attributed revenue by each model, with the campaign's rank. {_count_touches(view, data)}"
    )
    draw_shaded_table(title, ["Campaign", *(name for name, _ in _MODELS.values())], rows, view.theme)
    draw_footer(title, data, ["campaign_attribution.credited_rate", "campaign_attribution.credited_rank"])


def _count_touches(view: View, data: Result) -> str:
    """Say on how many conversions the models can differ."""
    first, count = data.records()[0], view.formats.count
    several, every = first["multi_touch_conversion_count"], first["conversion_count"]
    return f"{count(several)} of {count(every)} conversions had more than one touch; on all others the models agree."


def _build_cell(view: View, row: dict[str, object] | None, ends: tuple[float, float]) -> Cell:
    if row is None or not isinstance(row["credited_rate"], float):
        return Cell("–")
    rate, (least, most) = row["credited_rate"], ends
    level = (rate - least) / (most - least) if most > least else 0.5
    return Cell(view.formats.share(rate, digits=1), level, below=f"#{row['credited_rank']}")
