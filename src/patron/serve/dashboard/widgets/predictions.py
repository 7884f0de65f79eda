"""Whether a prediction is available, by which model, and what is missing where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Data

_MODELS = {
    "MBGNBD": "MBG/NBD",
    "BGNBD": "BG/NBD",
    "ParetoNBD": "Pareto/NBD",
    "churn_lightgbm": "LightGBM",
    "recency": "Days since last order alone",
    "probability_alive": "Purchase model's P(alive)",
    "nobody returns": "Baseline: no repeat purchases",
    "past rate continues": "Baseline: past rate continues",
    "run-rate CLV": "Baseline: run-rate value",
}


@dataclass(frozen=True)
class Prediction:
    """model: its name in gold; empty where there is no prediction. missing: what the shop lacks, as a sentence."""

    is_made: bool
    model: str
    missing: str


def get_prediction(data: Data, name: str) -> Prediction:
    """Of purchases, churn or clusters."""
    sql = "select is_made, model, what_is_missing from gold.prediction_status where prediction = ?"
    told = data.first(sql, [name])
    missing = str(told["what_is_missing"] or "there are no predictions yet")
    sentence = "" if told["is_made"] else f"Not predicted: {missing}."
    return Prediction(bool(told["is_made"]), str(told["model"] or ""), sentence)


def label_model(model: str) -> str:
    """A model or baseline as its literature writes it: MBGNBD is MBG/NBD."""
    return _MODELS.get(model, model)
