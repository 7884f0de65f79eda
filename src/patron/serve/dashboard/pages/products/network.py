"""Pairs as a network whose labels stay readable on any screen.

Kamada and Kawai's layout (1989) places each connected group of products; then every product gets a row of its own, in
the order of the layout, so that no two names can meet, and stands to the left or the right with its name inward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx
    import plotly.graph_objects as go

    from patron.project.number_format import Formats
    from patron.serve.dashboard.theme import Theme

_ROW = 26
_MARGIN = 0.34
"""How far from its side a product is placed at most; the rest is left to labels."""


@dataclass(frozen=True)
class Link:
    """One pair of products: codes, names and lift."""

    one: str
    other: str
    one_name: str
    other_name: str
    lift: float


def select_strongest(links: Sequence[Link], most: int) -> list[Link]:
    """Return the first links, in their order, that involve at most `most` products."""
    kept: list[Link] = []
    products: set[str] = set()
    for link in links:
        if len(products | {link.one, link.other}) <= most:
            kept.append(link)
            products |= {link.one, link.other}
    return kept


def lay_out(links: Sequence[Link]) -> dict[str, tuple[float, int]]:
    """Return code -> (x from 0 to 1, row). Every row is different; the same links give the same layout."""
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from((link.one, link.other) for link in links)
    groups = sorted(nx.connected_components(graph), key=lambda group: (-len(group), min(group)))
    found: dict[str, tuple[float, int]] = {}
    for group in groups:
        found |= _group_places(graph.subgraph(sorted(group)), len(found))
    return found


def _group_places(group: nx.Graph[str], first_row: int) -> dict[str, tuple[float, int]]:
    import networkx as nx

    ordered: nx.Graph[str] = nx.Graph()
    ordered.add_nodes_from(sorted(group))
    ordered.add_edges_from(sorted((min(edge), max(edge)) for edge in group.edges))
    laid = nx.kamada_kawai_layout(ordered)
    rows = sorted(laid, key=lambda code: (round(-laid[code][1], 6), code))
    across = sorted(laid, key=lambda code: (round(laid[code][0], 6), code))
    rank = {code: place / max(len(across) - 1, 1) for place, code in enumerate(across)}
    return {code: (_move_aside(rank[code]), first_row + row) for row, code in enumerate(rows)}


def _move_aside(x: float) -> float:
    """Map 0..1 to the left or the right third."""
    return x * 2 * _MARGIN if x < 0.5 else 1 - (1 - x) * 2 * _MARGIN


def compute_height(links: Sequence[Link]) -> int:
    """Return the height of a network in pixels."""
    return _ROW * len({code for link in links for code in (link.one, link.other)}) + 40


def draw_network(links: Sequence[Link], theme: Theme, formats: Formats) -> go.Figure:
    """Draw the network of links."""
    import plotly.graph_objects as go

    at = lay_out(links)
    largest = max(link.lift for link in links)
    figure = go.Figure([_plot_link(link, at, largest, theme, formats) for link in links])
    figure.add_trace(_plot_points(links, at, theme))
    figure.update_layout(
        showlegend=False,
        xaxis={"visible": False, "range": [-0.02, 1.02], "fixedrange": True},
        yaxis={"visible": False, "range": [len(at) - 0.3, -0.7], "fixedrange": True},
        annotations=[_shorten_name(name, at[code], theme) for code, name in _collect_names(links).items()],
        hovermode="closest",
    )
    return figure


def _collect_names(links: Sequence[Link]) -> dict[str, str]:
    return {code: name for link in links for code, name in ((link.one, link.one_name), (link.other, link.other_name))}


def _plot_link(
    link: Link, at: dict[str, tuple[float, int]], largest: float, theme: Theme, formats: Formats
) -> go.Scatter:
    import plotly.graph_objects as go

    (x, y), (other_x, other_y) = at[link.one], at[link.other]
    times = formats.count(link.lift, digits=1)
    return go.Scatter(
        x=[x, (x + other_x) / 2, other_x],
        y=[y, (y + other_y) / 2, other_y],
        mode="lines",
        line={"color": theme.sequential[2], "width": 1 + 3 * link.lift / largest},
        text=[f"{link.one_name} with {link.other_name}: {times} times as often as by chance"] * 3,
        hoverinfo="text",
    )


def _plot_points(links: Sequence[Link], at: dict[str, tuple[float, int]], theme: Theme) -> go.Scatter:
    import plotly.graph_objects as go

    names = _collect_names(links)
    partners = {code: sum(code in (link.one, link.other) for link in links) for code in names}
    return go.Scatter(
        x=[at[code][0] for code in names],
        y=[at[code][1] for code in names],
        mode="markers",
        marker={
            "color": theme.primary,
            "size": [8 + 2 * min(partners[code], 5) for code in names],
            "line": {"color": theme.background, "width": 1.5},
        },
        text=[f"{name}: in {partners[code]} of the pairs shown" for code, name in names.items()],
        hoverinfo="text",
    )


def _shorten_name(name: str, at: tuple[float, int], theme: Theme) -> dict[str, object]:
    is_left = at[0] < 0.5
    return {
        "x": at[0],
        "y": at[1],
        "text": name,
        "showarrow": False,
        "xanchor": "left" if is_left else "right",
        "xshift": 9 if is_left else -9,
        "yanchor": "middle",
        "font": {"size": 12, "color": theme.text},
        "bgcolor": theme.background,
        "opacity": 0.88,
        "borderpad": 1,
    }
