"""A chart with its heading, its definition one click away, and its data as CSV."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from patron.serve.dashboard.theme import build_template, get_theme
from patron.serve.dashboard.widgets import escape
from patron.serve.dashboard.widgets.definitions import Definition, load_definitions
from patron.serve.dashboard.widgets.labels import label

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.serve.dashboard.data import Result

_CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"}


def draw_figure(
    title: str,
    drawn: go.Figure,
    *,
    data: Result,
    definition: Sequence[str | Definition],
    says: str,
    note: str = "",
    height: int = 340,
) -> None:
    """Draw a chart.

    title: the heading, plain words. data: what it is drawn from, for the CSV and the query shown. definition: which
    `table.column` of gold it shows. says: what there is to see, for those who cannot see it. note: a line below the
    heading. Text in the figure's data is escaped here; hover and text templates keep the page's markup.
    """
    drawn.update_layout(template=build_template(get_theme()), height=height, title=None)
    draw_heading(title, note)
    safe = escape.figure(drawn.to_dict())
    st.plotly_chart(safe, theme=None, config=_CONFIG, key=f"chart-{slugify(title)}", alt=f"{title}. {says}")
    draw_footer(title, data, definition)


def draw_heading(title: str, note: str = "") -> None:
    """The heading of a chart or table, and a quieter line below it."""
    said = f'<p class="note">{escape.html(note)}</p>' if note else ""
    st.html(f'<h3 class="figure-heading">{escape.html(title)}</h3>{said}')


def draw_footer(
    title: str, data: Result, definition: Sequence[str | Definition], *, csv: Callable[[], bytes] | None = None
) -> None:
    """What stands below each chart and table: its definition with the query, and its data as CSV.

    csv: makes the CSV when it is asked for, where it is more than what is shown.
    """
    with st.container(horizontal=True, key=f"below-{slugify(title)}"):
        with st.popover("Definition", icon=":material/info:", type="tertiary"):
            for one in load_definitions(definition):
                st.markdown(f"**{escape.markdown(one.name)}**  \n{escape.markdown(one.text)}")
            if data.sql:
                st.caption("Query over the published tables")
                st.code(_query(data), language="sql", wrap_lines=True)
        st.download_button(
            "Download CSV",
            csv or to_csv(data),
            file_name=f"{slugify(title)}.csv",
            mime="text/csv",
            key=f"csv-{slugify(title)}",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )


def to_csv(data: Result) -> bytes:
    """Header of plain words and rows; what a spreadsheet would take for a formula is text."""
    from patron.serve.answer import Answer

    out = io.StringIO()
    rows = [tuple(escape.cell(value) for value in row) for row in data.rows]
    Answer([label(column) for column in data.columns], rows).write_csv(out)
    return out.getvalue().encode("utf-8-sig")


def _query(data: Result) -> str:
    """The query with what was asked for each of its question marks."""
    lines = [line.rstrip() for line in data.sql.strip().splitlines()]
    if data.parameters:
        lines.append("-- ? = " + ", ".join(_describe(value) for value in data.parameters))
    return "\n".join(lines)


def _describe(value: Any) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def slugify(title: str) -> str:
    """A title as a name for files and keys."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
