"""Charts with a heading, a definition and their data as CSV."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from patron.serve.dashboard.theme import build_template, get_theme
from patron.serve.dashboard.widgets import escape
from patron.serve.dashboard.widgets.definitions import Definition, load_definitions
from patron.serve.dashboard.widgets.labels import label
from patron.serve.dashboard.widgets.shown_query import write_query

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.serve.dashboard.data import Result

_CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"}


def draw_figure(
    title: str,
    figure: go.Figure,
    *,
    data: Result,
    definition: Sequence[str | Definition],
    summary: str,
    note: str = "",
    height: int = 340,
) -> None:
    """Draw a chart.

    title: the heading, in plain words. data: what it is drawn from, for the CSV and the query. definition: the
    `metrics.name` or `table.column` that it shows. summary: its content in words, for screen readers. note: a line
    below the heading. Text in the figure's data is escaped; hover and text templates keep their markup.
    """
    figure.update_layout(template=build_template(get_theme()), height=height, title=None)
    draw_heading(title, note)
    safe = escape.figure(figure.to_dict())
    st.plotly_chart(safe, theme=None, config=_CONFIG, key=f"chart-{slugify(title)}", alt=f"{title}. {summary}")
    draw_footer(title, data, definition)


def draw_heading(title: str, note: str = "") -> None:
    """Draw the heading of a chart or table, with a note below it."""
    paragraph = f'<p class="note">{escape.html(note)}</p>' if note else ""
    st.html(f'<h3 class="figure-heading">{escape.html(title)}</h3>{paragraph}')


def draw_footer(
    title: str, data: Result, definition: Sequence[str | Definition], *, csv: Callable[[], bytes] | None = None
) -> None:
    """Draw the footer of a chart or table: its definition with the query, and its data as CSV.

    csv: creates the CSV on demand, if it has more rows than are shown.
    """
    with st.container(horizontal=True, key=f"below-{slugify(title)}"):
        with st.popover("Definition", icon=":material/info:", type="tertiary"):
            for one in load_definitions(definition):
                st.markdown(f"**{escape.markdown(one.name)}**  \n{escape.markdown(one.text)}")
            if data.sql:
                st.caption("Query over the published tables")
                st.code(write_query(data.sql, data.parameters), language="sql", wrap_lines=True)
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
    """Convert rows to CSV with labels as the header; text that a spreadsheet might run as a formula is escaped."""
    from patron.serve.answer import Answer

    out = io.StringIO()
    Answer([label(column) for column in data.columns], data.rows).write_csv(out)
    return out.getvalue().encode("utf-8-sig")


def slugify(title: str) -> str:
    """Turn a title into a name for files and keys."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
