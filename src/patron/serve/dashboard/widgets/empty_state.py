"""Where there is nothing to show: why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from patron.publish.empty_tables import explain_empty_tables
from patron.serve.dashboard.widgets.escape import html
from patron.serve.dashboard.widgets.labels import plain

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View


def empty(heading: str, why: str) -> None:
    """Say why there is nothing, in the place where it would be."""
    st.html(f'<div class="empty"><h3>{html(heading)}</h3><p>{html(why)}</p></div>')


def why(view: View, table: str) -> str:
    """Why a gold table has no row, as a sentence."""
    reason = explain_empty_tables(view.project, {table: 0})[table]
    return f"{plain(reason)}."
