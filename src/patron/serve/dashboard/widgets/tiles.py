"""Tiles: the key figures at the top of a page, each with its change from the previous period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from patron.serve.dashboard.widgets.escape import html


@dataclass(frozen=True)
class Tile:
    """A key figure.

    value: formatted. change: such as `▲ 4%`; empty without a comparison. is_good: whether the change is good; None if
    neither. against: what the figure is compared with. means: its definition, in one sentence.
    """

    name: str
    value: str
    change: str = ""
    is_good: bool | None = None
    against: str = ""
    means: str = ""


def draw_tiles(tiles: Sequence[Tile]) -> None:
    """Draw tiles side by side; stacked on a phone."""
    st.html(f'<dl class="tiles of-{len(tiles)}">{"".join(_write_tile(tile) for tile in tiles)}</dl>')


def _write_tile(tile: Tile) -> str:
    mood = {True: "good", False: "bad", None: "even"}[tile.is_good]
    change = (
        f'<dd class="change {mood}">{html(tile.change)} <span>{html(tile.against)}</span></dd>' if tile.change else ""
    )
    missing = f'<dd class="change even"><span>{html(tile.against)}</span></dd>' if tile.against and not change else ""
    return (
        f'<div class="tile" title="{html(tile.means)}"><dt>{html(tile.name)}</dt>'
        f'<dd class="value">{html(tile.value)}</dd>{change or missing}</div>'
    )


def describe_change(now: float | Decimal | None, before: float | Decimal | None, size: str) -> tuple[str, bool | None]:
    """Return a change with its arrow, and whether it is an increase; ("", None) if a value is missing.

    size: the formatted size of the change.
    """
    if now is None or before is None:
        return "", None
    if now == before:
        return "→ unchanged", None
    return (f"▲ {size}", True) if now > before else (f"▼ {size}", False)
