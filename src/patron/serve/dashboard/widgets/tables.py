"""Tables as plain HTML: accessible to screen readers, in the shop's number formats, scrollable if wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from patron.serve.dashboard.widgets.charts import draw_footer, draw_heading
from patron.serve.dashboard.widgets.definitions import Definition
from patron.serve.dashboard.widgets.escape import html
from patron.serve.dashboard.widgets.labels import count_digits, format_value, is_number, label, wants_cents

if TYPE_CHECKING:
    from patron.project.number_format import Formats
    from patron.serve.dashboard.data import Result

MOST_ROWS = 100


def draw_table(
    title: str,
    data: Result,
    formats: Formats,
    *,
    definition: Sequence[str | Definition],
    columns: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    note: str = "",
    digits: int = 1,
) -> None:
    """Draw a table with its definition and its data as CSV.

    columns: the columns to show, in order; by default all. labels: labels of columns that gold does not have. links:
    column -> page and parameter that its values link to, such as {"customer_id": "customers?customer="}. digits: the
    decimals of numbers that are neither money nor shares, in columns with fractions. The page shows MOST_ROWS rows, and
    a note if there are more; the CSV has all.
    """
    more = len(data.rows) - MOST_ROWS
    subtitle = (
        f"{note} Showing the first {MOST_ROWS} of {formats.count(len(data.rows))} rows; the CSV has all."
        if more > 0
        else note
    )
    draw_heading(title, subtitle.strip())
    shown = list(columns or data.columns)
    st.html(to_html(title, data, shown, formats, labels or {}, links or {}, digits))
    draw_footer(title, data, definition)


def to_html(
    title: str,
    data: Result,
    columns: Sequence[str],
    formats: Formats,
    labels: Mapping[str, str],
    links: Mapping[str, str],
    digits: int = 1,
) -> str:
    """Render the table as HTML, with all text from data escaped."""
    cents = {name: wants_cents(data.column(name)) for name in columns}
    after = {name: count_digits(data.column(name), digits) for name in columns}
    right = {name for name in columns if is_number(data.column(name))}
    heads = "".join(
        _write_cell("th", name in right, html(labels.get(name) or label(name)), ' scope="col"') for name in columns
    )

    def cell(name: str, value: Any) -> str:
        text = html(format_value(name, value, formats, cents=cents[name], digits=after[name]))
        return _write_cell("td", name in right, _write_link(links.get(name), value, text))

    rows = "".join(
        f"<tr>{''.join(cell(name, row[name]) for name in columns)}</tr>" for row in data.records()[:MOST_ROWS]
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{html(title)}"><table class="figures">'
        f"<caption>{html(title)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _write_link(to: str | None, value: Any, text: str) -> str:
    from urllib.parse import quote

    if to is None or value is None:
        return text
    return f'<a href="{html(to + quote(str(value), safe=""))}" target="_self">{text}</a>'


def _write_cell(tag: str, is_right: bool, inner: str, attributes: str = "") -> str:
    style = ' class="number"' if is_right else ""
    return f"<{tag}{attributes}{style}>{inner}</{tag}>"
