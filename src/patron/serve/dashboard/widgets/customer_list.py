"""Lists of customers: the first few on the page, all of them in the CSV, which is created on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from patron.serve.dashboard.data import Data, Result, SnapshotGoneError, open_latest
from patron.serve.dashboard.widgets.charts import draw_footer, draw_heading, to_csv
from patron.serve.dashboard.widgets.tables import to_html

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

PERSON_LINK = {"customer_id": "customers?customer="}
"""Links each customer's ID to their profile."""


def draw_customer_list(
    view: View,
    title: str,
    sql: str,
    parameters: Sequence[Any],
    *,
    shown: int,
    definition: Sequence[str],
    columns: Sequence[str],
    note: str = "",
    labels: Mapping[str, str] | None = None,
) -> None:
    """Draw the first `shown` rows of a query as a table; its CSV has all rows.

    sql: with an order, without a limit. columns: the columns to show, except those without any value in these rows.
    """
    first = view.data.rows(f"{sql}\nlimit {shown}", parameters)
    draw_heading(title, note)
    known = [name for name in columns if any(value is not None for value in first.column(name))]
    st.html(to_html(title, first, known, view.formats, labels or {}, PERSON_LINK))
    result = Result(first.columns, first.rows, sql, tuple(parameters))
    draw_footer(title, result, definition, csv=lambda: export_all(view.data, sql, tuple(parameters)))


def export_all(data: Data, sql: str, parameters: tuple[Any, ...]) -> bytes:
    """Export all rows of a query as CSV; from the current snapshot if that of the page was deleted in the meantime."""
    try:
        columns, rows = data.query(sql, parameters)
    except SnapshotGoneError:
        newer = open_latest(data.published, data.masked_columns)
        if newer is None:
            raise
        columns, rows = newer.query(sql, parameters)
    return to_csv(Result(columns, rows))
