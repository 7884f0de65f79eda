"""What a page lets its reader choose beyond the filters: a menu whose choice stands in the URL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st


def choose(name: str, heading: str, options: Sequence[str], written: Callable[[str], str] = str) -> str:
    """Draw a menu and give what is chosen: the URL's choice where it is one of the options, else the first.

    name: of the parameter in the URL; one on a page. written: an option as the menu shows it.
    """
    asked = st.query_params.get(name, "")
    now = next((option for option in options if option.casefold() == asked.casefold()), options[0])
    key = f"choose_{name}"
    st.session_state[key] = now
    st.selectbox(heading, options, key=key, format_func=written, on_change=_keep, args=(name, key), width=320)
    return now


def _keep(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[key]
