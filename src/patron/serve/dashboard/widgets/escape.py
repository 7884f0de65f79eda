"""Text from data stays text: each place that would read it as markup gets it through here."""

from __future__ import annotations

import html as _html
import re
from collections.abc import Mapping
from typing import Any

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=@/])")


def html(text: object) -> str:
    """For st.html."""
    return _html.escape(str(text), quote=True)


def markdown(text: object) -> str:
    """For whatever Streamlit reads as Markdown: labels of metrics, tabs, radio buttons and buttons; st.markdown.

    A line break is a space: no text of the data begins a list, a quote or a block of code.
    """
    plain = " ".join(str(text).split())
    return _MARKDOWN.sub(r"\\\1", plain)


def plotly(text: object) -> str:
    """For a string inside a Plotly figure, which knows <b>, <a href>, <br> and HTML's entities."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_OF_DATA = ("x", "y", "z", "text", "hovertext", "customdata", "labels", "parents", "ids", "names", "name", "theta")
_NESTED = ("node", "link", "dimensions", "cells", "header")
_INSIDE = ("label", "values", "customdata", "ticktext", "categoryarray")


def figure(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """A Plotly figure (as a dict) in which every text that can come from data is escaped.

    Templates (hovertemplate, texttemplate), which pages write themselves, keep their markup; the data that they
    insert has been escaped where it stands.
    """
    traces = [_escape_trace(trace) for trace in drawn.get("data", ())]
    return {**drawn, "data": traces, "layout": _escape_layout(drawn.get("layout", {}))}


def _escape_trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    escaped = dict(trace)
    for name in _OF_DATA:
        if name in escaped:
            escaped[name] = _escape_all(escaped[name])
    for name in _NESTED:
        if name in escaped:
            escaped[name] = _escape_part(escaped[name])
    return escaped


def _escape_part(part: Any) -> Any:
    if isinstance(part, list | tuple):
        return [_escape_part(one) for one in part]
    return {name: _escape_all(value) if name in _INSIDE else value for name, value in part.items()}


def _escape_layout(layout: Mapping[str, Any]) -> dict[str, Any]:
    escaped = dict(layout)
    for name, part in layout.items():
        if re.fullmatch(r"[xy]axis\d*", name):
            escaped[name] = {key: _escape_all(value) if key in _AXIS else value for key, value in part.items()}
        elif name == "annotations":
            escaped[name] = [{**one, **({"text": _escape_all(one["text"])} if "text" in one else {})} for one in part]
    return escaped


_AXIS = ("ticktext", "categoryarray", "title")


def _escape_all(value: Any) -> Any:
    """The same with each string in it escaped; arrays of numbers stay as they are."""
    if isinstance(value, str):
        return plotly(value)
    if isinstance(value, list | tuple):
        return [_escape_all(one) for one in value]
    if isinstance(value, dict):
        return {key: _escape_all(one) for key, one in value.items()}
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return [_escape_all(one) for one in value.tolist()] if kind in ("O", "U", "S") else value


def cell(value: object) -> object:
    """For a cell of a CSV file: a text that a spreadsheet would work out as a formula begins with an apostrophe."""
    starts = ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if isinstance(value, str) and value.startswith(starts) else value
