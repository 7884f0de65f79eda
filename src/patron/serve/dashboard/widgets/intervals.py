"""Charts of estimates with their confidence intervals: a point and a line each, below its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.serve.dashboard.widgets.axes import compute_ticks

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.theme import Theme

_ROW = 46


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval. text: the formatted value. is_clear: whether it is highlighted as significant."""

    name: str
    middle: float
    low: float
    high: float
    text: str
    is_clear: bool = True


def draw_intervals(
    rows: Sequence[Interval], theme: Theme, write: Callable[[float], str], *, reference: float | None = 0.0
) -> go.Figure:
    """Draw one row per interval, the first at the top.

    write: formats the ticks of the axis. reference: the value of the dotted line to compare with; None for no line.
    """
    import plotly.graph_objects as go

    figure = go.Figure([_trace(place, one, theme) for place, one in enumerate(rows)])
    ends = [end for one in rows for end in (one.low, one.high)] + ([] if reference is None else [reference])
    at = compute_ticks(min(ends), max(ends))
    room = (max(ends) - min(ends) or 1.0) * 0.04
    figure.update_layout(
        showlegend=False,
        xaxis={
            "tickvals": at,
            "ticktext": [write(value) for value in at],
            "range": [min(*ends, at[0]) - room, max(*ends, at[-1]) + room],
            "showgrid": True,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={"visible": False, "range": [len(rows) - 0.5, -0.75], "fixedrange": True},
        annotations=[one for place, interval in enumerate(rows) for one in _annotate(place, interval, theme)],
    )
    if reference is not None:
        figure.add_vline(x=reference, line={"color": theme.quiet, "width": 1, "dash": "dot"})
    return figure


def compute_height(count: int) -> int:
    """Return the height of a chart of so many rows, in pixels."""
    return _ROW * count + 60


def note_adjusted(found: Result) -> str:
    """Say for how many comparisons readings are adjusted; empty where nothing was tested.

    found: rows with compared_count, the tests of the whole table.
    """
    count = max(found.column("compared_count"), default=0)
    return f"Adjusted for {count} comparisons." if count > 1 else ""


def _trace(place: int, one: Interval, theme: Theme) -> go.Scatter:
    import plotly.graph_objects as go

    colour = theme.series[0] if one.is_clear else theme.series[6]
    return go.Scatter(
        x=[one.low, one.middle, one.high],
        y=[place, place, place],
        mode="lines+markers",
        line={"color": colour, "width": 3},
        marker={"color": colour, "size": [1, 10, 1]},
        text=[f"{one.name}: {one.text}"] * 3,
        hoverinfo="text",
    )


def _annotate(place: int, one: Interval, theme: Theme) -> list[dict[str, object]]:
    shared = {"y": place, "yref": "y", "yanchor": "bottom", "yshift": 6, "xref": "paper", "showarrow": False}
    shared |= {"bgcolor": theme.background, "borderpad": 1}
    left = {"x": 0, "xanchor": "left", "text": one.name, "font": {"size": 13, "color": theme.text}}
    right = {"x": 1, "xanchor": "right", "text": one.text, "font": {"size": 13, "color": theme.quiet}}
    return [{**shared, **left}, {**shared, **right}]
