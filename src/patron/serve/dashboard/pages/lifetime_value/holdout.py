"""Forecast accuracy: purchases predicted from past days against those observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import columns, select
from patron.serve.dashboard.widgets.axes import compute_ticks
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state, explain_empty
from patron.serve.dashboard.widgets.predictions import Prediction, get_prediction, label_model
from patron.serve.dashboard.widgets.scope import join_sentences, note_unfiltered
from patron.serve.dashboard.widgets.tables import draw_table

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_DECILES = select(
    {"customer_count": "customers", "predicted": "predicted_per_customer", "actual": "observed_per_customer"},
    table="model_calibration",
    by=["bin"],
    where="prediction = 'purchases' and model = ?",
    order_by="bin",
)

_MEASURED = columns(
    "model_scores",
    origin_count="tests_of_the_model",
    predicted_purchases="predicted_purchases",
    actual_purchases="observed_purchases",
    predicted_amount="predicted_revenue",
    actual_amount="observed_revenue",
    gini_rate="gini",
)

_SCORES = f"""
with
    measured as (
        select
            model,
            {_MEASURED}
        from gold.model_scores
        where prediction = 'purchases'
        group by model
    )

select * replace (
    round(predicted_purchases)::bigint as predicted_purchases, round(actual_purchases)::bigint as actual_purchases
)
from measured
order by model = ? desc, gini_rate desc nulls last, model
"""

_DAYS = f"""
select
    {columns("model_scores", origin_count="tests_of_the_model")},
    min(target) as target,
    min(origin_date) as first
from gold.model_scores
where prediction = 'purchases' and model = ?
"""


def draw_holdout(view: View) -> None:
    """Draw deciles of customers by forecast with what was observed, and the models against simple baselines."""
    title = "Forecast accuracy"
    purchases = get_prediction(view.data, "purchases")
    data = view.data.rows(_DECILES, [purchases.model])
    if not data:
        draw_empty_state(f"{title}: no data", purchases.missing or explain_empty(view, "model_calibration"))
        return
    summary = _summarize(view, data)
    draw_figure(
        title,
        _draw(view, data),
        data=data,
        definition=["model_calibration", "model_calibration.predicted", "model_calibration.actual"],
        summary=summary,
        note=join_sentences(summary, _query_days(view, purchases), note_unfiltered(view.filters)),
    )
    _draw_scores(view, purchases)


def _query_days(view: View, purchases: Prediction) -> str:
    dates = view.data.first(_DAYS, [purchases.model])
    days = view.formats.count(dates["origin_count"])
    return f"Backtested from {days} past days, the first {view.formats.day(dates['first'])}: {dates['target']}."


def _draw(view: View, data: Result) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, column, colour in (("Predicted", "predicted", 0), ("Observed", "actual", 1)):
        values = data.numbers(column)
        texts = [f"{name}: {view.formats.count(value, digits=2)} purchases per customer" for value in values]
        bars = go.Bar(x=data.column("bin"), y=values, name=name, hovertext=texts, hoverinfo="text")
        figure.add_trace(bars.update(marker={"color": view.theme.series[colour]}))
    known = [value for column in ("predicted", "actual") for value in data.numbers(column) if value is not None]
    at = compute_ticks(0.0, max(known, default=1.0))
    digits = 0 if at[-1] >= 5 else 1
    figure.update_layout(
        barmode="group",
        xaxis={"title": {"text": "Deciles of customers, lowest forecast first"}, "dtick": 1},
        yaxis={
            "title": {"text": "Purchases per customer"},
            "tickvals": at,
            "ticktext": [view.formats.count(value, digits=digits) for value in at],
        },
    )
    return figure


def _summarize(view: View, data: Result) -> str:
    rows = data.records()
    predicted, observed = (
        sum(row[column] * row["customer_count"] for row in rows) for column in ("predicted", "actual")
    )
    count = view.formats.count
    off = (
        f", {view.formats.share(abs(predicted / observed - 1))} too {'high' if predicted > observed else 'low'}"
        if observed
        else ""
    )
    return f"{count(predicted)} purchases predicted, {count(observed)} observed{off}."


def _draw_scores(view: View, purchases: Prediction) -> None:
    found = view.data.rows(_SCORES, [purchases.model])
    place = found.columns.index("model")
    rows = [(*row[:place], label_model(row[place]), *row[place + 1 :]) for row in found.rows]
    named = type(found)(found.columns, rows, found.sql, found.parameters)
    draw_table(
        "Model against simple baselines",
        named,
        view.formats,
        definition=["model_scores", "model_scores.measure"],
        columns=[
            *("model", "predicted_purchases", "actual_purchases", "predicted_amount", "actual_amount", "gini_rate"),
        ],
        labels={
            "predicted_purchases": "Purchases predicted",
            "actual_purchases": "Purchases observed",
            "predicted_amount": "Revenue predicted",
            "actual_amount": "Revenue observed",
            "gini_rate": "Ranking (Gini)",
        },
        note="The first row is the model in use. Ranking (Gini): 100% is a perfect ranking, 0% a random one.",
    )
