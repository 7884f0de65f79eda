"""The figures at the top of a page, each with its change against the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from patron.serve.dashboard.widgets.escape import html


@dataclass(frozen=True)
class Tile:
    """One figure. value: as it is written. change: `+4%`; empty where there is nothing to compare with.

    is_good: whether the change is welcome; None for neither. against: what it is compared with. means: one sentence.
    """

    name: str
    value: str
    change: str = ""
    is_good: bool | None = None
    against: str = ""
    means: str = ""


def draw_tiles(listed: Sequence[Tile]) -> None:
    """Draw figures side by side, below each other on a phone."""
    st.html(f'<dl class="tiles of-{len(listed)}">{"".join(_write_tile(tile) for tile in listed)}</dl>')


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


def describe_change(
    now: float | Decimal | None, before: float | Decimal | None, written: str
) -> tuple[str, bool | None]:
    """A change with its arrow, and whether it went up; empty where one of the two is missing. written: its size."""
    if now is None or before is None:
        return "", None
    if now == before:
        return "→ unchanged", None
    return (f"▲ {written}", True) if now > before else (f"▼ {written}", False)
