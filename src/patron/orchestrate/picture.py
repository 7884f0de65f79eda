"""The asset graph as an SVG picture: `python -m patron.orchestrate.picture FOLDER FILE`.

Each group of assets is a box with the names of its assets; a line leads from a group to each that is built from it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from html import escape
from pathlib import Path
from typing import Any

from patron.files import write_atomically
from patron.orchestrate import build_definitions

COLUMNS = (
    ("sources", "seeds"),
    ("staging",),
    ("silver", "quarantine", "changes"),
    ("measures",),
    ("predictions",),
    ("gold",),
    ("published",),
    ("reports", "audiences"),
)
"""The groups from left to right, and in a column from top to bottom; `gold` stands for every group of gold."""

_WIDTH, _GAP, _LINE, _HEAD, _MARGIN = 170, 46, 11, 20, 16
_STYLE = (
    "text{font:8px sans-serif;fill:#334}.head{font:bold 10px sans-serif;fill:#123}rect{fill:#f6f8fb;stroke:#9ab;rx:4}"
    "path{fill:none;stroke:#b9c6d6}"
)


def draw(definitions: Any) -> str:
    """Draw the graph of Dagster's definitions."""
    graph = definitions.resolve_asset_graph()
    groups, edges = defaultdict[str, list[str]](list), set[tuple[str, str]]()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        groups[node.group_name].append(key.path[-1])
        edges |= {(graph.get(parent).group_name, node.group_name) for parent in node.parent_keys}
    boxes = _place(groups)
    width = max(x for x, *_ in boxes.values()) + _WIDTH + _MARGIN
    height = max(y + tall for _, y, tall in boxes.values()) + _MARGIN
    lines = [_draw_line(boxes[a], boxes[b]) for a, b in sorted(edges) if a != b and boxes[a][0] < boxes[b][0]]
    drawn = [_draw_box(name, sorted(groups[name]), boxes[name]) for name in sorted(groups)]
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    title = f"<title>{len(graph.get_all_asset_keys())} assets in {len(groups)} groups</title>"
    parts = [title, f"<style>{_STYLE}</style>", *lines, *drawn]
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n' + "\n".join(parts) + "\n</svg>\n"


_Box = tuple[int, int, int]
"""Left, top and height."""


def _place(groups: dict[str, list[str]]) -> dict[str, _Box]:
    """Place each group in its column, one below another."""
    boxes: dict[str, _Box] = {}
    for number, names in enumerate(COLUMNS):
        top = _MARGIN
        for name in sorted(groups, key=lambda one: (names.index(_kind(one)) if _kind(one) in names else -1, one)):
            if _kind(name) in names:
                tall = _HEAD + _LINE * len(groups[name]) + 4
                boxes[name] = (_MARGIN + number * (_WIDTH + _GAP), top, tall)
                top += tall + 10
    return boxes


def _kind(group: str) -> str:
    return "gold" if group.startswith("gold_") else group


def _draw_line(one: _Box, other: _Box) -> str:
    start, end = (one[0] + _WIDTH, one[1] + 10), (other[0], other[1] + 10)
    bend = (end[0] - start[0]) // 2
    return f'<path d="M{start[0]},{start[1]}c{bend},0 {bend},{end[1] - start[1]} {2 * bend},{end[1] - start[1]}"/>'


def _draw_box(name: str, assets: list[str], box: _Box) -> str:
    left, top, tall = box
    rows = [
        f'<text x="{left + 8}" y="{top + _HEAD + 4 + _LINE * number}">{escape(asset)}</text>'
        for number, asset in enumerate(assets)
    ]
    head = f'<text class="head" x="{left + 8}" y="{top + 13}">{escape(name.replace("_", ", ", 1))}</text>'
    return f'<rect x="{left}" y="{top}" width="{_WIDTH}" height="{tall}"/>{head}{"".join(rows)}'


def main(folder: str, file: str) -> None:
    """Draw the shop in a folder into a file."""
    write_atomically(Path(file), draw(build_definitions(folder)))


if __name__ == "__main__":
    main(*sys.argv[1:])
