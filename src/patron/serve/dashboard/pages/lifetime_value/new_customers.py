"""The expected first-year value of a new customer, by acquisition channel, campaign, region or month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.choosers import choose
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.intervals import Interval, compute_height, draw_intervals
from patron.serve.dashboard.widgets.scope import join_sentences, note_unfiltered

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_TITLE = "Expected first-year value of a new customer"
_WAYS = {
    "channel": "By channel of the first order",
    "campaign": "By first campaign",
    "region": "By region",
    "country": "By country",
    "month": "By month of the first order",
    "everyone": "All new customers",
}

_VALUE = """
select
    acquired_through,
    acquired_by,
    customer_count,
    repeater_count,
    expected_value_1y,
    expected_value_1y_low_80,
    expected_value_1y_high_80,
    what_is_missing
from gold.new_customer_value
where acquired_through = ?
order by expected_value_1y desc nulls last, customer_count desc, acquired_by
"""

_KNOWN = "select acquired_through from gold.new_customer_value where expected_value_1y is not null"


def draw_new_customers(view: View) -> None:
    """Draw the expected margin of the first year, with its 80% interval."""
    known = Counter(view.data.rows(_KNOWN).column("acquired_through"))
    ways = [way for way in _WAYS if known[way] > 1 or (way == "everyone" and known[way])]
    if not ways:
        draw_empty_state(f"{_TITLE}: no data", explain_empty(view, "new_customer_value"))
        return
    way = choose("acquired", "Group new customers", ways, lambda name: _WAYS[name])
    data = view.data.rows(_VALUE, [way])
    everyone = view.data.first(_VALUE, ["everyone"])["expected_value_1y"]
    rows = [_build_interval(view, way, row) for row in data.records() if row["expected_value_1y"] is not None]
    draw_figure(
        _TITLE,
        draw_intervals(rows, view.theme, view.formats.short_money, reference=everyone),
        data=data,
        definition=["new_customer_value", "new_customer_value.expected_value_1y"],
        summary=f"{rows[0].name}: {rows[0].text}.",
        note=_write_note(view, data, everyone),
        height=compute_height(len(rows)),
    )


def _build_interval(view: View, way: str, row: dict[str, Any]) -> Interval:
    value, low, high = (row[f"expected_value_1y{end}"] for end in ("", "_low_80", "_high_80"))
    money = view.formats.short_money
    return Interval(
        _label_group(view, way, row["acquired_by"]), value, low, high, f"{money(value)} ({money(low)} to {money(high)})"
    )


def _label_group(view: View, way: str, acquired_by: str) -> str:
    if way == "month":
        return view.formats.month(dt.date.fromisoformat(f"{acquired_by}-01"))
    return "All new customers" if way == "everyone" else acquired_by


def _write_note(view: View, data: Result, everyone: float | None) -> str:
    silent = sum(value is None for value in data.column("expected_value_1y"))
    few = f"{silent} more have too few customers for an estimate; the CSV says what is missing." if silent else ""
    line = f"The dotted line is all new customers, {view.formats.money(everyone)}." if everyone is not None else ""
    ranges = "Margin of the first purchase and the year after it; lines are 80% intervals."
    return join_sentences(ranges, line, few, note_unfiltered(view.filters))
