"""Evaluates churn probabilities on examples later than all training data, against plain recency and P(alive)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.predict.churn.alive_baseline import predict_alive
from patron.predict.churn.features import to_numbers
from patron.predict.churn.training import CalibratedTrees, fit_isotonic, interpolate

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from patron.predict.churn.features import FeatureColumns
    from patron.predict.churn.training import Examples

MODEL, RECENCY, ALIVE = "churn_lightgbm", "recency", "probability_alive"
_BINS = 10
_RECENCY_COLUMN = "days_since_last_order"

Rows = list[dict[str, Any]]


def evaluate(
    training: Examples, test: Examples, trees: CalibratedTrees, columns: FeatureColumns, threads: int
) -> tuple[Rows, Rows]:
    """Return (rows of model_scores, rows of model_calibration) of one window.

    training: what `trees` was trained on; the baselines are fitted on it too. test: the examples of the latest cutoff.
    Probabilities are those of the window by itself, before windows are put in order.
    """
    predicted = {MODEL: trees.predict(columns.to_matrix(test.rows), threads), **_predict_baselines(training, test)}
    target = f"no purchase in {test.days} days"
    baseline = _measure(predicted[RECENCY], test.has_left)
    which = {"target": target, "origin_date": str(max(test.rows["as_of_date"].to_pylist()))}
    scores = [
        {"model": model, **which, "measure": measure, "value": value, "baseline": baseline[measure]}
        for model, probabilities in predicted.items()
        for measure, value in _measure(probabilities, test.has_left).items()
    ]
    bins = [{**row, **which, "model": model} for model, p in predicted.items() for row in _bin_by_probability(p, test)]
    return scores, bins


def _predict_baselines(training: Examples, test: Examples) -> dict[str, NDArray[np.float64]]:
    """Predict with the baselines: one number per customer, calibrated by isotonic regression on `training`."""
    numbers: dict[str, tuple[Any, Any, bool]] = {
        RECENCY: (to_numbers(training.rows, _RECENCY_COLUMN), to_numbers(test.rows, _RECENCY_COLUMN), True)
    }
    alive = predict_alive(training.rows, training.rows, test.rows)
    if alive is not None:
        numbers[ALIVE] = (alive[0], alive[1], False)
    return {
        name: interpolate(now, fit_isotonic(before, training.has_left, rising=rising))
        for name, (before, now, rising) in numbers.items()
    }


def _measure(probabilities: NDArray[np.float64], has_left: NDArray[np.bool_]) -> dict[str, float]:
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    return {
        "auc": float(roc_auc_score(has_left, probabilities)),
        "log_loss": float(log_loss(has_left, probabilities)),
        "brier": float(brier_score_loss(has_left, probabilities)),
        "mean_predicted": float(probabilities.mean()),
        "mean_observed": float(has_left.mean()),
        "example_count": float(len(has_left)),
    }


def _bin_by_probability(probabilities: NDArray[np.float64], test: Examples) -> Rows:
    """Group the examples into deciles of rising probability; ties are broken by a hash of the customer."""
    import numpy as np

    order = np.lexsort((np.asarray(test.rows["sample_key"].to_pylist()), probabilities))
    parts = np.array_split(order, _BINS)
    return [
        {
            "bin": number,
            "predicted": float(probabilities[part].mean()),
            "observed": float(test.has_left[part].mean()),
            "customer_count": len(part),
        }
        for number, part in enumerate(parts, start=1)
        if len(part)
    ]


def to_score_table(rows: Rows) -> pa.Table:
    """Build the table of scores.

    Columns: model, target, origin_date (the cutoff predicted from, ISO), measure, value, baseline (the same measure
    of plain recency).
    """
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("model", "target", "origin_date", "measure")]
    return pa.Table.from_pylist(rows, pa.schema([*texts, ("value", pa.float64()), ("baseline", pa.float64())]))


def to_calibration_table(rows: Rows) -> pa.Table:
    """Build the table of calibration.

    Columns: model, target, origin_date, bin (1 least likely to churn .. 10), predicted, observed, customer_count.
    """
    import pyarrow as pa

    kinds = {"model": pa.string(), "target": pa.string(), "origin_date": pa.string(), "bin": pa.int64()}
    kinds |= {"predicted": pa.float64(), "observed": pa.float64(), "customer_count": pa.int64()}
    return pa.Table.from_pylist(rows, pa.schema(list(kinds.items())))
