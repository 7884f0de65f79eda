"""The colours and letters of the dashboard, light and dark: Streamlit's theme and Plotly's template from one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", system-ui, sans-serif'


@dataclass(frozen=True)
class Theme:
    """One set of colours.

    series: for things of a kind, told apart by readers of any colour vision. good, bad: with a sign beside them,
    never alone. scale: from little to much. apart: from below to above a middle.
    """

    name: str
    background: str
    surface: str
    border: str
    text: str
    quiet: str
    grid: str
    primary: str
    series: tuple[str, ...]
    good: str
    bad: str
    scale: tuple[str, ...]
    apart: tuple[str, ...]


LIGHT = Theme(
    name="light",
    background="#ffffff",
    surface="#f4f6f8",
    border="#d9dee5",
    text="#17212d",
    quiet="#55606e",
    grid="#e6e9ee",
    primary="#1f5fa8",
    series=("#1f5fa8", "#d9730d", "#12876f", "#a63a82", "#7a7a1e", "#6b5bb5", "#5c6773", "#b03a3a"),
    good="#0f7a5a",
    bad="#b3402a",
    scale=("#eaf2fb", "#c3daf1", "#8fbbe3", "#5595cf", "#2b6fb3", "#174a80"),
    apart=("#b35806", "#f1a340", "#fee0b6", "#f4f6f8", "#c3daf1", "#5595cf", "#174a80"),
)

DARK = Theme(
    name="dark",
    background="#12181f",
    surface="#1b232c",
    border="#33404d",
    text="#e8edf2",
    quiet="#a3b0bd",
    grid="#2a343f",
    primary="#6aa9ea",
    series=("#6aa9ea", "#f0a04b", "#4cc3a5", "#dc86bf", "#c9c95a", "#a79bea", "#a3b0bd", "#ec8a80"),
    good="#5fcfa6",
    bad="#f2937f",
    scale=("#1c2a3a", "#234466", "#2d6196", "#4484c4", "#74aee6", "#bcdaf5"),
    apart=("#f0a04b", "#b06a1e", "#5a3d1c", "#1f2831", "#234466", "#4484c4", "#bcdaf5"),
)


def get_theme() -> Theme:
    """The one that the reader's browser shows."""
    import streamlit as st

    return DARK if st.context.theme.type == "dark" else LIGHT


def build_options() -> list[str]:
    """Streamlit's command line for both themes."""
    shared = {"baseRadius": "6px", "showWidgetBorder": "true", "baseFontSize": "16"}
    given = [f"--theme.{name}={value}" for name, value in shared.items()]
    for theme in (LIGHT, DARK):
        colours = {
            "primaryColor": theme.primary,
            "backgroundColor": theme.background,
            "secondaryBackgroundColor": theme.surface,
            "textColor": theme.text,
            "linkColor": theme.primary,
            "borderColor": theme.border,
            "sidebar.backgroundColor": theme.surface,
            "sidebar.secondaryBackgroundColor": theme.background,
        }
        given += [f"--theme.{theme.name}.{name}={value}" for name, value in colours.items()]
    return given


def build_template(theme: Theme) -> go.layout.Template:
    """Plotly's defaults for every chart."""
    import plotly.graph_objects as go

    axis: dict[str, Any] = {
        "gridcolor": theme.grid,
        "linecolor": theme.border,
        "zerolinecolor": theme.border,
        "tickfont": {"color": theme.quiet, "size": 13},
        "title": {"font": {"color": theme.quiet, "size": 13}, "standoff": 10},
        "automargin": True,
        "ticks": "",
    }
    hover = {"bgcolor": theme.surface, "bordercolor": theme.border, "font": {"color": theme.text, "size": 13}}
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "color": theme.text, "size": 14},
            "colorway": list(theme.series),
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": {**axis, "showgrid": False, "ticks": "outside", "ticklen": 8, "tickcolor": "rgba(0,0,0,0)"},
            "yaxis": axis,
            "hoverlabel": hover,
            "legend": {
                "orientation": "h",
                "traceorder": "normal",
                "x": 0,
                "y": 1.02,
                "yanchor": "bottom",
                "font": {"size": 13},
            },
            "margin": {"l": 8, "r": 16, "t": 16, "b": 8},
            "colorscale": {"sequential": to_colour_scale(theme.scale), "diverging": to_colour_scale(theme.apart)},
            "bargap": 0.25,
        }
    )


def to_colour_scale(colours: tuple[str, ...]) -> list[list[object]]:
    """Colours as a Plotly colour scale."""
    last = len(colours) - 1
    return [[place / last, colour] for place, colour in enumerate(colours)]
