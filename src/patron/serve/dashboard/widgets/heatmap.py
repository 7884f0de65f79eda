"""A grid of colours, from little to much."""

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
    written: Mapping[tuple[int, int], str],
    theme: Theme,
) -> go.Figure:
    """Cells by (place across, place down), the first row above; a cell without a value is empty.

    written: what the mouse shows of each cell with a value.
    """
    import plotly.graph_objects as go

    rows, columns = range(len(down)), range(len(across))
    drawn = go.Figure(
        go.Heatmap(
            x=list(columns),
            y=list(rows),
            z=[[values.get((column, row)) for column in columns] for row in rows],
            text=[[written.get((column, row), "") for column in columns] for row in rows],
            hoverinfo="text",
            hoverongaps=False,
            colorscale=to_colour_scale(theme.scale),
            zmin=0,
            xgap=2,
            ygap=2,
            showscale=False,
        )
    )
    every = 1 if len(across) <= 12 else 6
    drawn.update_layout(
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
    return drawn


def compute_height(rows: int) -> int:
    """Pixels for that many rows."""
    return 30 * rows + 60
