"""Differences or rates with the range that they are sure within: a point and a line each, its name above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.serve.dashboard.widgets.axes import compute_ticks

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.serve.dashboard.theme import Theme

_ROW = 46


@dataclass(frozen=True)
class Interval:
    """One line. written: its value in words, at the right. is_clear: whether it stands out from the others."""

    name: str
    middle: float
    low: float
    high: float
    written: str
    is_clear: bool = True


def draw_intervals(
    listed: Sequence[Interval], theme: Theme, write: Callable[[float], str], *, beside: float | None = 0.0
) -> go.Figure:
    """Draw them from above. write: a tick of the axis. beside: where the line stands that they are held against."""
    import plotly.graph_objects as go

    drawn = go.Figure([_trace(place, one, theme) for place, one in enumerate(listed)])
    ends = [end for one in listed for end in (one.low, one.high)] + ([] if beside is None else [beside])
    at = compute_ticks(min(ends), max(ends))
    room = (max(ends) - min(ends) or 1.0) * 0.04
    drawn.update_layout(
        showlegend=False,
        xaxis={
            "tickvals": at,
            "ticktext": [write(value) for value in at],
            "range": [min(*ends, at[0]) - room, max(*ends, at[-1]) + room],
            "showgrid": True,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={"visible": False, "range": [len(listed) - 0.5, -0.75], "fixedrange": True},
        annotations=[one for place, interval in enumerate(listed) for one in _annotate(place, interval, theme)],
    )
    if beside is not None:
        drawn.add_vline(x=beside, line={"color": theme.quiet, "width": 1, "dash": "dot"})
    return drawn


def compute_height(count: int) -> int:
    """Pixels for that many lines."""
    return _ROW * count + 60


def _trace(place: int, one: Interval, theme: Theme) -> go.Scatter:
    import plotly.graph_objects as go

    colour = theme.series[0] if one.is_clear else theme.series[6]
    return go.Scatter(
        x=[one.low, one.middle, one.high],
        y=[place, place, place],
        mode="lines+markers",
        line={"color": colour, "width": 3},
        marker={"color": colour, "size": [1, 10, 1]},
        text=[f"{one.name}: {one.written}"] * 3,
        hoverinfo="text",
    )


def _annotate(place: int, one: Interval, theme: Theme) -> list[dict[str, object]]:
    shared = {"y": place, "yref": "y", "yanchor": "bottom", "yshift": 6, "xref": "paper", "showarrow": False}
    shared |= {"bgcolor": theme.background, "borderpad": 1}
    left = {"x": 0, "xanchor": "left", "text": one.name, "font": {"size": 13, "color": theme.text}}
    right = {"x": 1, "xanchor": "right", "text": one.written, "font": {"size": 13, "color": theme.quiet}}
    return [{**shared, **left}, {**shared, **right}]
