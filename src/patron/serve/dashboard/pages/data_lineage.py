"""Where a column comes from: its lineage as a picture."""

from __future__ import annotations

import streamlit as st

from patron.errors import NothingBuiltError
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.charts import draw_heading
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.escape import html
from patron.transform.lineage.explain import ColumnReport, explain_column
from patron.transform.lineage.lineage import Lineage
from patron.transform.lineage.load import load_lineage
from patron.transform.lineage.picture import draw_svg

_FIRST = ("customer_360", "net_amount")


def draw_lineage(view: View) -> None:
    """Draw a menu of columns and the way of the chosen one, from the sources on the left."""
    try:
        lineage = load_lineage(view.project)
    except NothingBuiltError:  # only the published tables are here
        return
    tables = sorted(table for table in view.data.snapshot.tables if lineage.list_columns(f"gold.{table}"))
    if not tables:
        return
    draw_heading(
        "Where a column comes from", "Each box is a table; lines lead from what is read to what is made of it."
    )
    with st.container(horizontal=True, key="lineage"):
        table = choose("table", "Table", _put_first(tables, _FIRST[0]))
        column = choose("column", "Column", _put_first(lineage.list_columns(f"gold.{table}"), _FIRST[1]))
    _draw_column(view, lineage, f"gold.{table}.{column}")


def _put_first(names: list[str], first: str) -> list[str]:
    return [first, *(name for name in names if name != first)] if first in names else names


def _draw_column(view: View, lineage: Lineage, name: str) -> None:
    report = explain_column(view.project, lineage, name)
    note, picture = html(_summarize(report)), draw_svg(report)
    st.html(
        f'<div class="of-columns"><p class="note">{note}</p><div class="lineage" tabindex="0">{picture}</div></div>'
    )


def _summarize(report: ColumnReport) -> str:
    if report.sources:
        return f"Made of {', '.join(report.sources)}."
    return f"Made of no source's column: {'; '.join(report.ends)}."
