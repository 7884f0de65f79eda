"""Whether a prediction is made, by which model, and what is missing where it is not."""

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
    "recency": "Days silent alone",
    "probability_alive": "Purchase model's P(alive)",
    "nobody returns": "Guess: nobody buys again",
    "past rate continues": "Guess: the past rate goes on",
    "run-rate CLV": "Guess: run rate of value",
}


@dataclass(frozen=True)
class Prediction:
    """model: its name in gold; empty where nothing is made. missing: what the shop lacks, as a sentence."""

    is_made: bool
    model: str
    missing: str


def prediction(data: Data, name: str) -> Prediction:
    """Of purchases, churn or clusters."""
    sql = "select is_made, model, what_is_missing from gold.prediction_status where prediction = ?"
    told = data.first(sql, [name])
    missing = str(told["what_is_missing"] or "nothing is predicted yet")
    sentence = "" if told["is_made"] else f"It is not predicted: {missing}."
    return Prediction(bool(told["is_made"]), str(told["model"] or ""), sentence)


def model_label(model: str) -> str:
    """A model or baseline as its literature writes it: MBGNBD is MBG/NBD."""
    return _MODELS.get(model, model)
