"""The data flow: what each layer of the pipeline holds."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from patron.publish.manifest import Manifest
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.charts import draw_heading
from patron.serve.dashboard.widgets.escape import html
from patron.serve.dashboard.widgets.labels import to_plain_words

_MOST = 12


def draw_data_house(view: View, about: Manifest) -> None:
    """Draw one box per layer, from the sources to the published snapshot."""
    draw_heading("Data flow", "Each layer is built from the one before; nothing flows back.")
    count = view.formats.count
    lake = {to_plain_words(one.source): count(one.rows) for one in about.sources}
    kept: Counter[str] = Counter()
    for one in about.accounting:
        kept[to_plain_words(one.entity)] += one.silver_count
    predictions = {
        to_plain_words(row["prediction"]): "available" if row["is_made"] else "withheld"
        for row in view.data.rows(
            "select prediction, is_made from gold.prediction_status order by prediction"
        ).records()
    }
    tables = view.data.snapshot.tables
    filled = sum(rows > 0 for rows in tables.values())
    measures = len(about.tables.get("measures", ()))
    published = {"Tables with rows": count(filled), "Empty tables": count(len(tables) - filled)}
    stops = [
        ("Bronze", "raw rows in the lake", lake),
        ("Silver", "typed, renamed, deduplicated", {name: count(rows) for name, rows in sorted(kept.items())}),
        ("Measures", "facts per customer, product and day", {"Tables": count(measures)} if measures else {}),
        ("Predictions", "value, churn and clusters", predictions),
        ("Gold", "public tables", published),
        ("Published", "this snapshot", {"Rows": count(sum(tables.values()))}),
    ]
    st.html(f'<ol class="house">{"".join(_stop(*stop) for stop in stops)}</ol>')


def _stop(name: str, what: str, parts: dict[str, str]) -> str:
    shown = list(parts.items())[:_MOST]
    more = [(f"and {len(parts) - _MOST} more", "")] if len(parts) > _MOST else []
    items = "".join(f"<li>{html(part)} <span>{html(rows)}</span></li>" for part, rows in [*shown, *more])
    return f"<li><h4>{html(name)}</h4><p>{html(what)}</p><ul>{items}</ul></li>"
