"""Line charts of a few cohorts, from the oldest to the newest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.project.number_format import Formats
    from patron.serve.dashboard.theme import Theme

T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """The points of a cohort. low, high: bounds of the interval, None where unknown. hover: a text per point."""

    at: Sequence[int]
    middle: Sequence[float]
    hover: Sequence[str]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


def pick_evenly(items: Sequence[T], most: int) -> list[T]:
    """Pick at most `most` items, evenly spaced, including the first and the last."""
    if len(items) <= most:
        return list(items)
    step = (len(items) - 1) / (most - 1)
    return [items[round(step * place)] for place in range(most)]


def draw_cohort_lines(lines: Mapping[dt.date, Line], theme: Theme, formats: Formats) -> go.Figure:
    """Draw one line per cohort, named by its month, with its interval as a band if it has one."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for colour, (month, line) in zip(theme.series, lines.items(), strict=False):
        if line.low:
            figure.add_traces(_plot_band(line, colour, str(month)))
        trace = go.Scatter(x=line.at, y=line.middle, name=formats.month(month), legendgroup=str(month), mode="lines")
        trace.update(line={"color": colour, "width": 2.5}, text=line.hover, hoverinfo="text")
        figure.add_trace(trace)
    return figure.update_layout(hovermode="closest")


def _plot_band(line: Line, colour: str, group: str) -> list[go.Scatter]:
    import plotly.graph_objects as go

    low, high = (
        [middle if end is None else end for middle, end in zip(line.middle, ends, strict=True)]
        for ends in (line.low, line.high)
    )
    shared = {"mode": "lines", "line": {"width": 0}, "legendgroup": group, "showlegend": False, "hoverinfo": "skip"}
    rgb = ",".join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))
    lower = go.Scatter(x=line.at, y=low, **shared)
    return [lower, go.Scatter(x=line.at, y=high, fill="tonexty", fillcolor=f"rgba({rgb},0.14)", **shared)]
