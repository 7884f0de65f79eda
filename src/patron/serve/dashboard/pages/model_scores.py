"""How good the predictions have been, beside what anybody could have guessed."""

from __future__ import annotations

from patron.contract.metrics import select
from patron.serve.dashboard.data import Result
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.empty_state import empty
from patron.serve.dashboard.widgets.predictions import model_label
from patron.serve.dashboard.widgets.tables import table

_STATUS = """
select prediction, is_made, model, fitted_as_of_date, what_is_missing, notes
from gold.prediction_status
order by prediction
"""
_MEASURES = {
    "purchases": {"gini": "Ranks well (Gini)", "total_ratio": "Total, predicted ÷ actual", "rmse": "Typical error"},
    "churn": {
        "auc": "Tells apart (AUC)",
        "brier": "Error (Brier)",
        "mean_predicted": "Predicted",
        "mean_observed": "Happened",
    },
}


def model_scores(view: View) -> None:
    """Which predictions are made, and the measures of each on days that the model had not seen."""
    status = view.data.rows(_STATUS)
    rows = [
        tuple(_prediction(v) if n == "prediction" else v for n, v in zip(status.columns, row, strict=True))
        for row in status.rows
    ]
    shown = Result(status.columns, rows, status.sql)
    names = {
        "prediction": "Prediction",
        "is_made": "Made",
        "model": "By",
        "fitted_as_of_date": "Learnt at",
        "notes": "Notes",
    }
    definition = ["prediction_status.is_made", "prediction_status.model", "prediction_status.what_is_missing"]
    table("Predictions", shown, view.formats, definition=definition, labels=names)
    if not view.data.count("model_scores"):
        empty("No scores of models", "No prediction has been judged on days that it had not seen yet.")
        return
    for prediction, measures in _MEASURES.items():
        _scores(view, prediction, measures)


def _scores(view: View, prediction: str, measures: dict[str, str]) -> None:
    sql = select(
        {"origin_count": "tests_of_the_model", **{name: name for name in measures}},
        table="model_scores",
        by=["model", "target"],
        where="prediction = ?",
        order_by="target, model",
    )
    scores = view.data.rows(sql, [prediction])
    if not scores:
        return
    rows = [
        tuple(model_label(v) if n == "model" else v for n, v in zip(scores.columns, row, strict=True))
        for row in scores.rows
    ]
    shown = Result(scores.columns, rows, scores.sql, scores.parameters)
    names = {"model": "Model", "target": "What is predicted", "origin_count": "Times judged", **measures}
    title = f"How good the predictions of {prediction} have been"
    note = "On days that the model had not seen, beside plain guesses; means over the times judged."
    table(
        title,
        shown,
        view.formats,
        definition=["model_scores.measure", "model_scores.value"],
        labels=names,
        note=note,
        digits=3,
    )


def _prediction(name: str) -> str:
    return name[:1].upper() + name[1:]
