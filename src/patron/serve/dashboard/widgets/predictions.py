"""The status of predictions: by which model they were made, or what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Data

_MODELS = {
    "MBGNBD": "MBG/NBD",
    "MBGCNBDK": "MBG/CNBD-k",
    "BGNBD": "BG/NBD",
    "ParetoNBD": "Pareto/NBD",
    "churn_lightgbm": "LightGBM",
    "logistic_regression": "Logistic regression",
    "logistic_regression_of_all": "Logistic regression, all features",
    "recency": "Days since last order alone",
    "no repeat purchases": "Baseline: no repeat purchases",
    "past rate continues": "Baseline: past rate continues",
    "run-rate CLV": "Baseline: run-rate value",
}


@dataclass(frozen=True)
class Prediction:
    """The status of a prediction.

    model: its name in gold. missing: what the shop lacks, as a sentence; else "". cautions: what every reader of the
    numbers has to know, in sentences; else "".
    """

    is_made: bool
    model: str
    missing: str
    cautions: str


def get_prediction(data: Data, name: str) -> Prediction:
    """Query the status of a prediction: purchases, churn or clusters."""
    sql = "select is_made, model, what_is_missing, cautions from gold.prediction_status where prediction = ?"
    status = data.first(sql, [name])
    missing = str(status["what_is_missing"] or "there are no predictions yet")
    sentence = "" if status["is_made"] else f"Not predicted: {missing}."
    return Prediction(bool(status["is_made"]), str(status["model"] or ""), sentence, str(status["cautions"] or ""))


def label_model(model: str) -> str:
    """Label a model or baseline as the literature does: MBGNBD is "MBG/NBD"."""
    return _MODELS.get(model, model)
