"""Empty states: why there is no data, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from patron.publish.empty_tables import explain_empty_tables
from patron.serve.dashboard.widgets.escape import html
from patron.serve.dashboard.widgets.labels import to_plain_words

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View


def draw_empty_state(heading: str, why: str) -> None:
    """Draw an empty state where the chart or table would be."""
    st.html(f'<div class="empty"><h3>{html(heading)}</h3><p>{html(why)}</p></div>')


def explain_empty(view: View, table: str) -> str:
    """Explain in a sentence why a gold table is empty."""
    reason = explain_empty_tables(view.project, {table: 0})[table]
    return f"{to_plain_words(reason)}."
