"""The accuracy of past predictions, compared with simple baselines."""

from __future__ import annotations

from patron.contract.metrics import select
from patron.serve.dashboard.data import Result
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.predictions import label_model
from patron.serve.dashboard.widgets.tables import draw_table

_STATUS = """
select prediction, is_made, model, fitted_as_of_date, what_is_missing, cautions, notes
from gold.prediction_status
order by prediction
"""
_MEASURES = {
    "purchases": {"gini": "Ranking (Gini)", "total_ratio": "Total, predicted ÷ actual", "rmse": "RMSE"},
    "churn": {
        "log_loss": "Log loss",
        "auc": "AUC",
        "brier": "Brier score",
        "mean_predicted": "Predicted",
        "mean_observed": "Observed",
    },
}


_ADJECTIVES = {"purchases": "purchase", "churn": "churn"}


def draw_model_scores(view: View) -> None:
    """Draw which predictions are available, and how each scored in its backtests."""
    status = view.data.rows(_STATUS)
    rows = [
        tuple(_label_prediction(v) if n == "prediction" else v for n, v in zip(status.columns, row, strict=True))
        for row in status.rows
    ]
    shown = Result(status.columns, rows, status.sql)
    names = {
        "prediction": "Prediction",
        "is_made": "Available",
        "model": "Model",
        "fitted_as_of_date": "Trained as of",
        "cautions": "Know first",
        "notes": "Notes",
    }
    definition = ["prediction_status.is_made", "prediction_status.model", "prediction_status.what_is_missing"]
    draw_table("Predictions", shown, view.formats, definition=definition, labels=names)
    if not view.data.count("model_scores"):
        draw_empty_state("No model scores", "No prediction has been backtested yet.")
        return
    for prediction, measures in _MEASURES.items():
        _draw_scores(view, prediction, measures)


def _draw_scores(view: View, prediction: str, measures: dict[str, str]) -> None:
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
        tuple(label_model(v) if n == "model" else v for n, v in zip(scores.columns, row, strict=True))
        for row in scores.rows
    ]
    shown = Result(scores.columns, rows, scores.sql, scores.parameters)
    names = {"model": "Model", "target": "Target", "origin_count": "Backtests", **measures}
    title = f"Accuracy of the {_ADJECTIVES[prediction]} predictions"
    note = "Measured on past days that the model had not seen, against simple baselines; averages over the backtests."
    draw_table(
        title,
        shown,
        view.formats,
        definition=["model_scores.measure", "model_scores.value"],
        labels=names,
        note=note,
        digits=3,
    )


def _label_prediction(name: str) -> str:
    return name[:1].upper() + name[1:]
