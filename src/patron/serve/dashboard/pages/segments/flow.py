"""Draws moves as bands from the previous segment on the left to the current one on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.project.number_format import Formats
    from patron.serve.dashboard.theme import Theme

_PAD = 16


@dataclass(frozen=True)
class Move:
    """The number of customers who moved from one segment to another."""

    source: str
    target: str
    customers: int


def draw_flow(
    moves: Sequence[Move], moods: Sequence[int], order: Mapping[str, int], theme: Theme, formats: Formats
) -> go.Figure:
    """Draw bands as wide as their number of customers. moods: above 0 better, below 0 worse. order: from the top."""
    import plotly.graph_objects as go

    sources = _count_by_segment([(move.source, move.customers) for move in moves], order)
    targets = _count_by_segment([(move.target, move.customers) for move in moves], order)
    names = [*sources, *targets]
    counts = [*sources.values(), *targets.values()]
    signs = ["▲ " if mood > 0 else "▼ " if mood < 0 else "" for mood in moods]
    hovers = [
        f"{sign}{move.source} → {move.target}: {formats.count(move.customers)}"
        for sign, move in zip(signs, moves, strict=True)
    ]
    node = {
        "label": [f"{name} {formats.count(count)}" for name, count in zip(names, counts, strict=True)],
        "color": theme.quiet,
        "line": {"width": 0},
        "thickness": 10,
        "pad": _PAD,
        "x": [0.001] * len(sources) + [0.999] * len(targets),
        "y": [*_compute_middles(list(sources.values())), *_compute_middles(list(targets.values()))],
        "hovertemplate": "%{label}<extra></extra>",
    }
    link = {
        "source": [list(sources).index(move.source) for move in moves],
        "target": [len(sources) + list(targets).index(move.target) for move in moves],
        "value": [move.customers for move in moves],
        "color": [_choose_colour(mood, theme) for mood in moods],
        "customdata": hovers,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return go.Figure(
        go.Sankey(
            node=node, link=link, arrangement="fixed", textfont={"color": theme.text, "size": 13, "shadow": "none"}
        )
    )


def compute_height(moves: Sequence[Move]) -> int:
    """Return the height in pixels that gives the labels of the fuller side room."""
    side = max(len({move.source for move in moves}), len({move.target for move in moves}))
    return max(260, 46 * side + 40)


def _count_by_segment(parts: Sequence[tuple[str, int]], order: Mapping[str, int]) -> dict[str, int]:
    """Return name -> customers, from the top; segments without a place come last."""
    found: dict[str, int] = {}
    for name, count in sorted(parts, key=lambda part: order.get(part[0], len(order) + 1)):
        found[name] = found.get(name, 0) + count
    return found


def _compute_middles(counts: Sequence[int]) -> list[float]:
    """Return the middle of each bar, from 0 at the top to 1, with gaps between the bars."""
    gap = 0.04 if len(counts) > 1 else 0.0
    free = 1 - gap * (len(counts) - 1)
    middles, top = [], 0.0
    for count in counts:
        part = free * count / sum(counts)
        middles.append(min(max(top + part / 2, 0.001), 0.999))
        top += part + gap
    return middles


def _choose_colour(mood: int, theme: Theme) -> str:
    colour = theme.good if mood > 0 else theme.bad if mood < 0 else theme.series[6]
    return f"rgba({','.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))},0.38)"
