"""How right the forecasts were: what was said on earlier days of the shop, and what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.contract.metrics import columns, select
from patron.serve.dashboard.widgets.axes import ticks
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.empty_state import empty, why
from patron.serve.dashboard.widgets.predictions import Prediction, model_label, prediction
from patron.serve.dashboard.widgets.scope import of_all, sentences
from patron.serve.dashboard.widgets.tables import table

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


def holdout(view: View) -> None:
    """Tenths of the customers by forecast with what came of them, and the models beside plain baselines."""
    title = "Were the forecasts right?"
    purchases = prediction(view.data, "purchases")
    data = view.data.rows(_DECILES, [purchases.model])
    if not data:
        empty(f"{title} Nothing to show", purchases.missing or why(view, "model_calibration"))
        return
    said = _said(view, data)
    figure(
        title,
        _drawn(view, data),
        data=data,
        definition=["model_calibration", "model_calibration.predicted", "model_calibration.actual"],
        says=said,
        note=sentences(said, _days(view, purchases), of_all(view.filters)),
    )
    _scores(view, purchases)


def _days(view: View, purchases: Prediction) -> str:
    told = view.data.first(_DAYS, [purchases.model])
    days = view.formats.count(told["origin_count"])
    return f"The model went back to {days} earlier days, the first {view.formats.day(told['first'])}: {told['target']}."


def _drawn(view: View, data: Result) -> go.Figure:
    import plotly.graph_objects as go

    drawn = go.Figure()
    for name, column, colour in (("Said", "predicted", 0), ("Came", "actual", 1)):
        values = data.numbers(column)
        texts = [f"{name}: {view.formats.count(value, digits=2)} purchases a customer" for value in values]
        bars = go.Bar(x=data.column("bin"), y=values, name=name, hovertext=texts, hoverinfo="text")
        drawn.add_trace(bars.update(marker={"color": view.theme.series[colour]}))
    known = [value for column in ("predicted", "actual") for value in data.numbers(column) if value is not None]
    at = ticks(0.0, max(known, default=1.0))
    digits = 0 if at[-1] >= 5 else 1
    drawn.update_layout(
        barmode="group",
        xaxis={"title": {"text": "Tenths of the customers, the lowest forecast first"}, "dtick": 1},
        yaxis={
            "title": {"text": "Purchases a customer"},
            "tickvals": at,
            "ticktext": [view.formats.count(value, digits=digits) for value in at],
        },
    )
    return drawn


def _said(view: View, data: Result) -> str:
    rows = data.records()
    said, came = (sum(row[column] * row["customer_count"] for row in rows) for column in ("predicted", "actual"))
    count = view.formats.count
    more = f", {view.formats.share(abs(said / came - 1))} too {'many' if said > came else 'few'}" if came else ""
    return f"{count(said)} purchases were said and {count(came)} came{more}."


def _scores(view: View, purchases: Prediction) -> None:
    found = view.data.rows(_SCORES, [purchases.model])
    place = found.columns.index("model")
    rows = [(*row[:place], model_label(row[place]), *row[place + 1 :]) for row in found.rows]
    named = type(found)(found.columns, rows, found.sql, found.parameters)
    table(
        "Does the model do better than a plain guess?",
        named,
        view.formats,
        definition=["model_scores", "model_scores.measure"],
        columns=[
            *("model", "predicted_purchases", "actual_purchases", "predicted_amount", "actual_amount", "gini_rate"),
        ],
        labels={
            "predicted_purchases": "Purchases said",
            "actual_purchases": "Purchases that came",
            "predicted_amount": "Revenue said",
            "actual_amount": "Revenue that came",
            "gini_rate": "Ranking",
        },
        note="The first is the one in use. Ranking: 100% as by who knows the future, 0% as by chance.",
    )
