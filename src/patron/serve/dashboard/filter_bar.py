"""The filters of a page: menus above it, kept in its URL."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from patron.project.number_format import Formats
from patron.serve.dashboard.filters import ALL, NAMES, Choices, FilterName, Filters, choose, list_unapplied
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.widgets import escape

_FILTERS_KEY = "kept_filters"
_HEADINGS: dict[FilterName, str] = {"period": "Period", "segment": "Segment", "region": "Region", "channel": "Channel"}
_ALL: dict[FilterName, str] = {
    "period": "All time",
    "segment": "All segments",
    "region": "All regions",
    "channel": "All channels",
}


def draw_filter_bar(page: Page, choices: Choices, formats: Formats) -> Filters:
    """Draw a menu for each filter that the page applies and the shop has values for, and return the selection.

    The selection carries over to the next page, in the session and in the URL.
    """
    if page.opens and page.opens in st.query_params:
        return Filters()
    requested = _read_url_filters()
    filters, ignored = choose(page.filters, choices, requested)
    shown = [name for name in page.filters.names if choices.texts(name)]
    if shown:
        with st.container(horizontal=True, key="filters"):
            for name in shown:
                _draw_menu(name, choices, filters, formats)
    for sentence in ignored:
        st.warning(escape.markdown(sentence), icon=":material/filter_alt_off:")
    for name in list_unapplied(page.filters, requested):
        sentence = f"{_HEADINGS[name]} “{requested[name][:80]}” does not apply to this page."
        st.caption(escape.markdown(sentence))
    return filters


def _read_url_filters() -> Mapping[str, str]:
    """Read the filters of the URL; add those of the previous page that the URL does not set to it."""
    kept: dict[str, str] = st.session_state.setdefault(_FILTERS_KEY, {})
    for name in NAMES:
        if name in st.query_params:
            kept[name] = st.query_params[name]
        elif kept.get(name):
            st.query_params[name] = kept[name]
    return dict(kept)


def _draw_menu(name: FilterName, choices: Choices, filters: Filters, formats: Formats) -> None:
    key = f"filter_{name}"
    value = getattr(filters, name)
    st.session_state[key] = ALL if value is None else str(value)
    labels = {str(period): period.label(formats) for period in choices.periods} if name == "period" else {}
    st.selectbox(
        _HEADINGS[name],
        [ALL, *choices.texts(name)],
        key=key,
        format_func=lambda text: _ALL[name] if text == ALL else labels.get(text, text),
        on_change=_keep,
        args=(name,),
        width=220,
    )


def _keep(name: FilterName) -> None:
    value = st.session_state[f"filter_{name}"]
    st.session_state[_FILTERS_KEY][name] = value
    st.query_params[name] = value
