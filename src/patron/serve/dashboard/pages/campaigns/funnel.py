"""Where visitors of a campaign are lost: from the session to an order that is kept."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from patron.contract.metrics import select
from patron.serve.dashboard.widgets.bars import height, named_bars
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.choosers import chosen
from patron.serve.dashboard.widgets.empty_state import empty, why

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_ALL = "all"
_STEPS = {"session": "Came", "cart": "Filled a cart", "confirmed": "Ordered", "kept": "Kept the order"}

_FUNNEL = select(
    {"session_count": "sessions"},
    table="campaign_funnel",
    by=["step", "step_order"],
    where="(campaign = ? or ? = 'all')",
    order_by="step_order",
)


def funnel(view: View) -> None:
    """Sessions at each step, of one campaign or of all."""
    title = "Where are visitors lost?"
    if not view.data.count("campaign_funnel"):
        empty(f"{title} Nothing to show", why(view, "campaign_funnel"))
        return
    sql = "select campaign from gold.campaign_funnel where step_order = 1 order by session_count desc, campaign"
    campaigns = view.data.rows(sql).column("campaign")
    campaign = chosen("campaign", "Campaign", [_ALL, *campaigns], lambda one: "All campaigns" if one == _ALL else one)
    data = view.data.rows(_FUNNEL, [campaign, campaign])
    counts = [count or 0.0 for count in data.numbers("session_count")]
    names = [_STEPS.get(step, step) for step in data.column("step")]
    said = _said(view, names, counts)
    figure(
        title,
        named_bars(names, counts, [_written(view, count, counts[0]) for count in counts], view.theme),
        data=data,
        definition=["campaign_funnel.step", "campaign_funnel.session_count"],
        says=said,
        note=said,
        height=height(len(names)),
    )


def _written(view: View, count: float, whole: float) -> str:
    share = f" · {view.formats.share(count / whole)}" if whole else ""
    return f"{view.formats.count(count)}{share}"


def _said(view: View, names: list[str], counts: list[float]) -> str:
    """The step at which most of those who came so far are lost."""
    lost = [1 - now / before if before else 0.0 for before, now in pairwise(counts)]
    if not lost or max(lost) <= 0:
        return "Nobody is lost on the way."
    place = lost.index(max(lost))
    share = view.formats.share(lost[place])
    return f"Most are lost between “{names[place]}” and “{names[place + 1]}”: {share} of those who came so far."
