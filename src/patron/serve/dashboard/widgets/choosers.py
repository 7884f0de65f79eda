"""Menus of a single page, beyond the filters, whose selection is kept in the URL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st


def choose(name: str, heading: str, options: Sequence[str], format_option: Callable[[str], str] = str) -> str:
    """Draw a menu and return the selected option: that of the URL if it is valid, otherwise the first.

    name: the URL parameter, unique on the page. format_option: formats an option for the menu.
    """
    requested = st.query_params.get(name, "")
    now = next((option for option in options if option.casefold() == requested.casefold()), options[0])
    key = f"choose_{name}"
    st.session_state[key] = now
    st.selectbox(heading, options, key=key, format_func=format_option, on_change=_keep, args=(name, key), width=320)
    return now


def _keep(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[key]
