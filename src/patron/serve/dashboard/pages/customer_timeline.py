"""One customer's activity on a timeline: orders, support contacts and campaign sessions."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from patron.serve.dashboard.data import Result
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.tables import draw_table

_MOST = 1000

_OF_ORDERS = """
select ordered_at as happened_at, 'order' as event_kind, channel as subject, status as outcome,
    order_amount as event_amount
from gold.fct_orders
where customer_id = ?
"""
_OTHERS = """union all
select happened_at, event_kind, subject, outcome, event_amount
from gold.customer_events
where customer_id = ?
"""
_LANES = {"order": "Orders", "contact": "Support", "session": "Campaigns"}
_KINDS = {"order": "Order", "contact": "Support contact", "session": "Campaign session"}
_SYMBOLS = {"order": "circle", "contact": "diamond", "session": "triangle-up"}


def draw_customer_timeline(view: View, customer_id: str) -> None:
    """Draw the timeline and the list of the latest events; nothing for a customer without events."""
    events = _query_events(view, customer_id)
    if not events:
        return
    _draw_line(view, events)
    kind = events.columns.index("event_kind")
    rows = [(*row[:kind], _KINDS[row[kind]], *row[kind + 1 :]) for row in events.rows]
    details = [name for name in ("subject", "outcome") if any(value is not None for value in events.column(name))]
    draw_table(
        "Activity",
        Result(events.columns, rows, events.sql, events.parameters),
        view.formats,
        definition=["fct_orders.order_amount", "customer_events.subject", "customer_events.outcome"],
        columns=["happened_at", "event_kind", *details, "event_amount"],
        labels={"happened_at": "When", "event_kind": "Event", "subject": "Details", "event_amount": "Amount"},
    )


def _query_events(view: View, customer_id: str) -> Result:
    """Return the latest events, newest first."""
    has_events = view.data.count("customer_events") > 0
    events = _OTHERS if has_events else ""
    parameters = [customer_id] * (2 if has_events else 1)
    return view.data.rows(f"{_OF_ORDERS}{events}order by happened_at desc limit {_MOST}", parameters)


def _draw_line(view: View, events: Result) -> None:
    import plotly.graph_objects as go

    figure = go.Figure()
    lanes = [kind for kind in _LANES if kind in events.column("event_kind")]
    largest = max((float(amount) for amount in events.column("event_amount") if amount), default=1.0)
    for kind in lanes:
        rows = [row for row in events.records() if row["event_kind"] == kind]
        figure.add_scatter(
            x=[row["happened_at"] for row in rows],
            y=[_LANES[kind]] * len(rows),
            mode="markers",
            text=[_describe(view, row) for row in rows],
            hoverinfo="text",
            name=_LANES[kind],
            showlegend=False,
            marker={
                "color": view.theme.series[list(_LANES).index(kind)],
                "symbol": _SYMBOLS[kind],
                "size": [_scale_marker(row, largest) for row in rows],
                "opacity": 0.75,
                "line": {"width": 0},
            },
        )
    figure.update_yaxes(categoryorder="array", categoryarray=[_LANES[kind] for kind in lanes[::-1]], showgrid=True)
    _set_day_axis(view, figure, [moment.date() for moment in events.column("happened_at")])
    counts = ", ".join(f"{events.column('event_kind').count(kind)} {_LANES[kind].lower()}" for kind in lanes)
    draw_figure(
        "Timeline",
        figure,
        data=events,
        definition=["fct_orders.order_amount", "customer_events.event_kind"],
        summary=f"{counts}, from {view.formats.day(min(events.column('happened_at')).date())}.",
        note="The size of a mark shows the value of the order.",
        height=120 + 50 * len(lanes),
    )


def _scale_marker(row: dict[str, Any], largest: float) -> float:
    """Scale the area, so that twice the amount is twice the ink."""
    return 9 + 17 * math.sqrt(max(float(row["event_amount"] or 0), 0) / largest)


def _describe(view: View, row: dict[str, Any]) -> str:
    amount = view.formats.money(row["event_amount"], cents=True) if row["event_amount"] is not None else None
    parts = [view.formats.moment(row["happened_at"]), row["subject"], row["outcome"], amount]
    return " · ".join(str(part) for part in parts if part)


def _set_day_axis(view: View, figure: Any, days: list[dt.date]) -> None:
    first, last = min(days), max(days)
    steps = 2 if (last - first).days >= 2 else 1
    at = sorted({first + (last - first) * step / steps for step in range(steps + 1)})
    pad = max((last - first) / 25, dt.timedelta(days=2))
    figure.update_xaxes(
        range=[first - pad, last + pad], tickvals=at, ticktext=[view.formats.day(day) for day in at], tickangle=0
    )
