"""The light and dark theme of the dashboard: one palette for both Streamlit and Plotly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", system-ui, sans-serif'


@dataclass(frozen=True)
class Theme:
    """A palette; colours are CSS hex codes.

    series: qualitative colours that are safe for colour-blind readers. good, bad: always shown together with a sign.
    sequential: from low to high. diverging: from below to above a midpoint.
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
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]


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
    sequential=("#eaf2fb", "#c3daf1", "#8fbbe3", "#5595cf", "#2b6fb3", "#174a80"),
    diverging=("#b35806", "#f1a340", "#fee0b6", "#f4f6f8", "#c3daf1", "#5595cf", "#174a80"),
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
    sequential=("#1c2a3a", "#234466", "#2d6196", "#4484c4", "#74aee6", "#bcdaf5"),
    diverging=("#f0a04b", "#b06a1e", "#5a3d1c", "#1f2831", "#234466", "#4484c4", "#bcdaf5"),
)


def get_theme() -> Theme:
    """Return the theme that the user's browser shows."""
    import streamlit as st

    return DARK if st.context.theme.type == "dark" else LIGHT


def build_options() -> list[str]:
    """Build the options of Streamlit's command line that set both themes."""
    shared = {"baseRadius": "6px", "showWidgetBorder": "true", "baseFontSize": "16"}
    options = [f"--theme.{name}={value}" for name, value in shared.items()]
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
        options += [f"--theme.{theme.name}.{name}={value}" for name, value in colours.items()]
    return options


def build_template(theme: Theme) -> go.layout.Template:
    """Build the Plotly template that every chart uses."""
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
            "colorscale": {
                "sequential": to_colour_scale(theme.sequential),
                "diverging": to_colour_scale(theme.diverging),
            },
            "bargap": 0.25,
        }
    )


def to_colour_scale(colours: tuple[str, ...]) -> list[list[object]]:
    """Convert colours to a Plotly colour scale of evenly spaced steps from 0 to 1."""
    last = len(colours) - 1
    return [[place / last, colour] for place, colour in enumerate(colours)]
