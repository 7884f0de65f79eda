"""Escapes text from data wherever it would be read as markup or as a formula."""

from __future__ import annotations

import html as _html
import re
from collections.abc import Mapping
from typing import Any

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=@/])")


def html(text: object) -> str:
    """Escape a text for st.html."""
    return _html.escape(str(text), quote=True)


def markdown(text: object) -> str:
    """Escape a text for what Streamlit reads as Markdown: st.markdown, and labels of metrics, tabs and buttons.

    Line breaks become spaces, so that no text starts a list, a quote or a block of code.
    """
    plain = " ".join(str(text).split())
    return _MARKDOWN.sub(r"\\\1", plain)


def plotly(text: object) -> str:
    """Escape a text inside a Plotly figure, which interprets <b>, <a href>, <br> and HTML entities."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_OF_DATA = ("x", "y", "z", "text", "hovertext", "customdata", "labels", "parents", "ids", "names", "name", "theta")
_NESTED = ("node", "link", "dimensions", "cells", "header")
_INSIDE = ("label", "values", "customdata", "ticktext", "categoryarray")


def figure(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Escape every text in a Plotly figure (as a dict) that can come from data.

    Templates (hovertemplate, texttemplate), which pages write themselves, keep their markup; the data that they insert
    is escaped.
    """
    traces = [_escape_trace(trace) for trace in figure.get("data", ())]
    return {**figure, "data": traces, "layout": _escape_layout(figure.get("layout", {}))}


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
    """Escape every string in a value; arrays of numbers are returned unchanged."""
    if isinstance(value, str):
        return plotly(value)
    if isinstance(value, list | tuple):
        return [_escape_all(one) for one in value]
    if isinstance(value, dict):
        return {key: _escape_all(one) for key, one in value.items()}
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return [_escape_all(one) for one in value.tolist()] if kind in ("O", "U", "S") else value
