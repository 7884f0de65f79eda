"""A line for each of a few cohorts, from the oldest to the newest, told apart without a legend."""

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
    """One cohort's points. low, high: ends of the interval, None where there is none. hover: a text a point."""

    at: Sequence[int]
    middle: Sequence[float]
    hover: Sequence[str]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


def pick_evenly(listed: Sequence[T], most: int) -> list[T]:
    """At most so many of them, evenly apart, the first and the last among them."""
    if len(listed) <= most:
        return list(listed)
    step = (len(listed) - 1) / (most - 1)
    return [listed[round(step * place)] for place in range(most)]


def draw_cohort_lines(lines: Mapping[dt.date, Line], theme: Theme, formats: Formats) -> go.Figure:
    """Draw them, each with its interval as a band where it has one, named in the legend by its month."""
    import plotly.graph_objects as go

    drawn = go.Figure()
    for colour, (month, line) in zip(theme.series, lines.items(), strict=False):
        if line.low:
            drawn.add_traces(_plot_band(line, colour, str(month)))
        trace = go.Scatter(x=line.at, y=line.middle, name=formats.month(month), legendgroup=str(month), mode="lines")
        trace.update(line={"color": colour, "width": 2.5}, text=line.hover, hoverinfo="text")
        drawn.add_trace(trace)
    return drawn.update_layout(hovermode="closest")


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
