"""What part of several wholes each group is, such as of the customers and of the revenue: bars side by side."""

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
    """Draw the groups from above, each with a bar of each whole.

    amounts: what the whole is, as in the legend -> the groups' amounts. emphasis: a group; the others are quiet.
    """
    import plotly.graph_objects as go

    drawn = go.Figure()
    opacity = [1.0 if emphasis in (None, name) else 0.35 for name in names]
    for place, (whole, parts) in enumerate(amounts.items()):
        shares = compute_shares(parts)
        texts = [formats.share(share, digits=1 if 0 < abs(share) < 0.1 else 0) for share in shares]
        bars = go.Bar(y=list(names), x=shares, orientation="h", name=whole, text=texts, textposition="outside")
        bars.update(hoverinfo="text", hovertext=_write_hovers(names, texts, whole), cliponaxis=False)
        drawn.add_trace(bars.update(marker={"color": theme.series[place], "opacity": opacity}))
    widest = max((share for parts in amounts.values() for share in compute_shares(parts)), default=1.0)
    drawn.update_layout(
        barmode="group",
        xaxis={"visible": False, "fixedrange": True, "range": [None, widest * 1.18]},
        yaxis={"type": "category", "autorange": "reversed", "fixedrange": True, "ticklabelstandoff": 8},
        legend={"traceorder": "normal"},
    )
    return drawn


def compute_height(count: int) -> int:
    """Pixels for that many groups."""
    return _ROW * count + 80


def compute_shares(parts: Sequence[float | None]) -> list[float]:
    """Each part over their sum; 0 where there is no sum."""
    known = [part or 0.0 for part in parts]
    whole = sum(known)
    return [part / whole if whole else 0.0 for part in known]


def _write_hovers(names: Sequence[str], texts: Sequence[str], whole: str) -> list[str]:
    return [f"{name}: {text} ({whole})" for name, text in zip(names, texts, strict=True)]
