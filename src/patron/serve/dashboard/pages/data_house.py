"""The way of the data through the house: which sources become what, stop by stop."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from patron.publish.manifest import Manifest
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.charts import heading
from patron.serve.dashboard.widgets.escape import html
from patron.serve.dashboard.widgets.labels import plain

_MOST = 12


def data_house(view: View, about: Manifest) -> None:
    """Draw a box a stop, from the sources to what is published."""
    heading("From the sources to what you see", "Each stop is made of the one before; nothing flows back.")
    count = view.formats.count
    lake = {plain(one.source): count(one.rows) for one in about.sources}
    kept: Counter[str] = Counter()
    for one in about.accounting:
        kept[plain(one.entity)] += one.silver_count
    predictions = {
        plain(row["prediction"]): "made" if row["is_made"] else "withheld"
        for row in view.data.rows(
            "select prediction, is_made from gold.prediction_status order by prediction"
        ).records()
    }
    tables = view.data.snapshot.tables
    filled = sum(rows > 0 for rows in tables.values())
    measures = len(about.tables.get("measures", ()))
    published = {"Tables with rows": count(filled), "Empty tables": count(len(tables) - filled)}
    stops = [
        ("Bronze", "the lake: values as they came", lake),
        ("Silver", "typed, named, without repeats", {name: count(rows) for name, rows in sorted(kept.items())}),
        ("Measures", "what is true of each customer", {"Tables": count(measures)} if measures else {}),
        ("Predictions", "what is likely", predictions),
        ("Gold", "what people ask", published),
        ("Published", "this snapshot", {"Rows": count(sum(tables.values()))}),
    ]
    st.html(f'<ol class="house">{"".join(_stop(*stop) for stop in stops)}</ol>')


def _stop(name: str, what: str, parts: dict[str, str]) -> str:
    shown = list(parts.items())[:_MOST]
    more = [(f"and {len(parts) - _MOST} more", "")] if len(parts) > _MOST else []
    listed = "".join(f"<li>{html(part)} <span>{html(rows)}</span></li>" for part, rows in [*shown, *more])
    return f"<li><h4>{html(name)}</h4><p>{html(what)}</p><ul>{listed}</ul></li>"
