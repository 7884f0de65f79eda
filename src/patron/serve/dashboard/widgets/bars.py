"""Bar charts with each name above its bar, so that long names also fit on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.serve.dashboard.theme import Theme

_ROW = 42
_HALF = 0.16


def draw_named_bars(
    names: Sequence[str], values: Sequence[float | None], texts: Sequence[str], theme: Theme, *, colour: str = ""
) -> go.Figure:
    """Draw one horizontal bar per name, from the top, with its value at the right.

    texts: the formatted values. colour: of all bars; by default the theme's first colour.
    """
    import plotly.graph_objects as go

    known = [value or 0.0 for value in values]
    places = list(range(len(names)))
    hover = [f"{name}: {value}" for name, value in zip(names, texts, strict=True)]
    bars = go.Bar(
        x=known, y=places, orientation="h", width=2 * _HALF, text=hover, hoverinfo="text", textposition="none"
    )
    bars.marker = {"color": colour or theme.series[0]}
    figure = go.Figure(bars)
    figure.update_layout(
        xaxis={"visible": False, "range": [min(0.0, *known, 0.0), max(*known, 0.0) or 1.0], "fixedrange": True},
        yaxis={"visible": False, "range": [len(names) - 0.4, -0.7], "fixedrange": True},
        showlegend=False,
        annotations=[
            one
            for place, name, value in zip(places, names, texts, strict=True)
            for one in (_annotate(place, name, "left", theme.text), _annotate(place, value, "right", theme.quiet))
        ],
    )
    return figure


def compute_height(count: int) -> int:
    """Return the height of a chart of so many bars, in pixels."""
    return _ROW * count + 20


def _annotate(place: int, text: str, side: str, colour: str) -> dict[str, object]:
    at = {"x": 0 if side == "left" else 1, "xref": "paper", "xanchor": side}
    above = {"y": place - _HALF, "yref": "y", "yanchor": "bottom", "yshift": -1}
    return {**at, **above, "text": text, "showarrow": False, "font": {"size": 13, "color": colour}}
