"""Tables with cells shaded by value: accessible to screen readers, and scrollable on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from patron.serve.dashboard.theme import Theme
from patron.serve.dashboard.widgets.escape import html

_DARK, _BRIGHT = "#000000", "#ffffff"


@dataclass(frozen=True)
class Cell:
    """A cell: its text, shade and details.

    level: the strength of the shade, 0 to 1; None for no shade. hover: the text on mouse-over. below: a second line.
    """

    text: str
    level: float | None = None
    hover: str = ""
    below: str = ""


def draw_shaded_table(
    title: str, heads: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell]]], theme: Theme
) -> None:
    """Draw the table.

    heads: the titles of all columns, that of the row names first; text after a line break is less prominent. rows: the
    name and cells of each row.
    """
    head = "".join(f'<th scope="col"{_align(place)}>{_split_lines(text)}</th>' for place, text in enumerate(heads))
    body = "".join(
        f'<tr><th scope="row">{_split_lines(name)}</th>{"".join(_write_cell(cell, theme) for cell in cells)}</tr>'
        for name, cells in rows
    )
    st.html(
        f'<div class="wide" tabindex="0" role="region" aria-label="{html(title)}"><table class="figures heat">'
        f"<caption>{html(title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def blend(level: float, colours: Sequence[str]) -> str:
    """Interpolate a colour scale at a level of 0 to 1; return #rrggbb."""
    place = min(max(level, 0.0), 1.0) * (len(colours) - 1)
    below = min(int(place), len(colours) - 2)
    part = place - below
    mixed = [
        round(a + (b - a) * part)
        for a, b in zip(_parse_channels(colours[below]), _parse_channels(colours[below + 1]), strict=True)
    ]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def choose_text_colour(background: str) -> str:
    """Return black or white, whichever has the higher contrast on the background (WCAG 2)."""
    light = compute_luminance(background)
    return _DARK if (light + 0.05) / (compute_luminance(_DARK) + 0.05) >= 1.05 / (light + 0.05) else _BRIGHT


def compute_luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, 0 to 1 (WCAG 2)."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in _parse_channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parse_channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _write_cell(cell: Cell, theme: Theme) -> str:
    style = ""
    if cell.level is not None:
        background = blend(cell.level, theme.sequential)
        style = f' style="background:{background};color:{choose_text_colour(background)}"'
    hover = f' title="{html(cell.hover)}"' if cell.hover else ""
    text = f"{cell.text}\n{cell.below}" if cell.below else cell.text
    return f'<td class="number"{style}{hover}>{_split_lines(text)}</td>'


def _align(place: int) -> str:
    return ' class="number"' if place else ""


def _split_lines(text: str) -> str:
    first, _, second = text.partition("\n")
    return f"{html(first)}<small>{html(second)}</small>" if second else html(first)
