"""Lists of customers: the first few on the page, all of them in the CSV, which is written on demand."""

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
"""Links a customer's ID to their profile."""


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
    """Draw the first rows of a query in a table; its CSV has all of them.

    sql: with an order, without a limit. columns: those shown, where any of these rows has a value.
    """
    first = view.data.rows(f"{sql}\nlimit {shown}", parameters)
    draw_heading(title, note)
    known = [name for name in columns if any(value is not None for value in first.column(name))]
    st.html(to_html(title, first, known, view.formats, labels or {}, PERSON_LINK))
    whole = Result(first.columns, first.rows, sql, tuple(parameters))
    draw_footer(title, whole, definition, csv=lambda: export_all(view.data, sql, tuple(parameters)))


def export_all(data: Data, sql: str, parameters: tuple[Any, ...]) -> bytes:
    """All rows of a query; of what is published now, where the snapshot of the page was taken away meanwhile."""
    try:
        columns, rows = data.ask(sql, parameters)
    except SnapshotGoneError:
        newer = open_latest(data.published, data.masked_columns)
        if newer is None:
            raise
        columns, rows = newer.ask(sql, parameters)
    return to_csv(Result(columns, rows))
