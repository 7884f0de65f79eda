"""The conversion funnel: from the session to an order that is not returned."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets.bars import compute_height, draw_named_bars
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_ALL = "all"
_STEPS = {"session": "Session", "cart": "Added to cart", "confirmed": "Ordered", "kept": "Not returned"}

_FUNNEL = select(
    {"session_count": "sessions"},
    table="campaign_funnel",
    by=["step", "step_order"],
    where="(campaign = ? or ? = 'all')",
    order_by="step_order",
)


def draw_funnel(view: View) -> None:
    """Draw the sessions at each step, of one campaign or of all."""
    title = "Conversion funnel"
    if not view.data.count("campaign_funnel"):
        draw_empty_state(f"{title}: no data", explain_empty(view, "campaign_funnel"))
        return
    sql = "select campaign from gold.campaign_funnel where step_order = 1 order by session_count desc, campaign"
    campaigns = view.data.rows(sql).column("campaign")
    campaign = choose("campaign", "Campaign", [_ALL, *campaigns], lambda one: "All campaigns" if one == _ALL else one)
    data = view.data.rows(_FUNNEL, [campaign, campaign])
    counts = [count or 0.0 for count in data.numbers("session_count")]
    names = [_STEPS.get(step, step) for step in data.column("step")]
    summary = _summarize(view, names, counts)
    draw_figure(
        title,
        draw_named_bars(names, counts, [_format(view, count, counts[0]) for count in counts], view.theme),
        data=data,
        definition=["campaign_funnel.step", "campaign_funnel.session_count"],
        summary=summary,
        note=summary,
        height=compute_height(len(names)),
    )


def _format(view: View, count: float, total: float) -> str:
    share = f" · {view.formats.share(count / total)}" if total else ""
    return f"{view.formats.count(count)}{share}"


def _summarize(view: View, names: list[str], counts: list[float]) -> str:
    """Describe the step with the largest drop-off."""
    lost = [1 - now / before if before else 0.0 for before, now in pairwise(counts)]
    if not lost or max(lost) <= 0:
        return "No drop-off at any step."
    place = lost.index(max(lost))
    share = view.formats.share(lost[place])
    return f"Largest drop-off: {share} between “{names[place]}” and “{names[place + 1]}”."
