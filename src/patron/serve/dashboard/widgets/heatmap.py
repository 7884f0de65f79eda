"""Heatmaps: grids of cells coloured from low to high."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from patron.serve.dashboard.theme import to_colour_scale

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.serve.dashboard.theme import Theme


def draw_heatmap(
    across: Sequence[str],
    down: Sequence[str],
    values: Mapping[tuple[int, int], float],
    hover: Mapping[tuple[int, int], str],
    theme: Theme,
) -> go.Figure:
    """Draw a heatmap, the first row at the top; cells without a value are empty.

    across, down: the labels of columns and rows. values, hover: by (column, row); hover is the text on mouse-over.
    """
    import plotly.graph_objects as go

    rows, columns = range(len(down)), range(len(across))
    figure = go.Figure(
        go.Heatmap(
            x=list(columns),
            y=list(rows),
            z=[[values.get((column, row)) for column in columns] for row in rows],
            text=[[hover.get((column, row), "") for column in columns] for row in rows],
            hoverinfo="text",
            hoverongaps=False,
            colorscale=to_colour_scale(theme.sequential),
            zmin=0,
            xgap=2,
            ygap=2,
            showscale=False,
        )
    )
    every = 1 if len(across) <= 12 else 6
    figure.update_layout(
        xaxis={
            "tickvals": list(columns)[::every],
            "ticktext": list(across)[::every],
            "fixedrange": True,
            "zeroline": False,
            "tickangle": 0,
        },
        yaxis={
            "tickvals": list(rows),
            "ticktext": list(down),
            "autorange": "reversed",
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
    )
    return figure


def compute_height(rows: int) -> int:
    """Return the height of a heatmap of so many rows, in pixels."""
    return 30 * rows + 60
