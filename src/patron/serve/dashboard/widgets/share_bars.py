"""Bar charts that compare each group's share of several totals, such as customers and revenue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.project.number_format import Formats
    from patron.serve.dashboard.theme import Theme

_ROW = 44


def draw_share_bars(
    names: Sequence[str],
    amounts: Mapping[str, Sequence[float | None]],
    theme: Theme,
    formats: Formats,
    *,
    emphasis: str | None = None,
) -> go.Figure:
    """Draw one bar per group and total, the first group at the top.

    amounts: name of the total, as in the legend -> the amount of each group. emphasis: the group to highlight, if any.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    opacity = [1.0 if emphasis in (None, name) else 0.35 for name in names]
    for place, (total, parts) in enumerate(amounts.items()):
        shares = compute_shares(parts)
        texts = [formats.share(share, digits=1 if 0 < abs(share) < 0.1 else 0) for share in shares]
        bars = go.Bar(y=list(names), x=shares, orientation="h", name=total, text=texts, textposition="outside")
        bars.update(hoverinfo="text", hovertext=_write_hovers(names, texts, total), cliponaxis=False)
        figure.add_trace(bars.update(marker={"color": theme.series[place], "opacity": opacity}))
    widest = max((share for parts in amounts.values() for share in compute_shares(parts)), default=1.0)
    figure.update_layout(
        barmode="group",
        xaxis={"visible": False, "fixedrange": True, "range": [None, widest * 1.18]},
        yaxis={"type": "category", "autorange": "reversed", "fixedrange": True, "ticklabelstandoff": 8},
        legend={"traceorder": "normal"},
    )
    return figure


def compute_height(count: int) -> int:
    """Return the height of a chart of so many groups, in pixels."""
    return _ROW * count + 80


def compute_shares(parts: Sequence[float | None]) -> list[float]:
    """Divide each part by the sum of all; all shares are 0 if the sum is 0."""
    known = [part or 0.0 for part in parts]
    total = sum(known)
    return [part / total if total else 0.0 for part in known]


def _write_hovers(names: Sequence[str], texts: Sequence[str], total: str) -> list[str]:
    return [f"{name}: {text} ({total})" for name, text in zip(names, texts, strict=True)]
