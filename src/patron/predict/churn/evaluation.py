"""Scores the learners of churn on examples later than all that they were trained on, beside plain recency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.predict.churn.choice import compute_losses
from patron.predict.churn.features import to_numbers
from patron.predict.churn.training import fit_isotonic, interpolate

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from patron.predict.churn.race import Race
    from patron.predict.churn.training import Examples

    Numbers = NDArray[np.float64]
    Truths = NDArray[np.bool_]

RECENCY = "recency"
_BINS = 10
_RECENCY_COLUMN = "days_since_last_order"

Rows = list[dict[str, Any]]


def evaluate(race: Race, days: int) -> tuple[Rows, Rows]:
    """Return (rows of model_scores, rows of model_calibration) of one window, at the latest cutoff of the race.

    Plain recency is predicted beside the learners. Probabilities are those of the window by itself, before windows are
    put in order.
    """
    predicted = {**race.predicted, RECENCY: [_predict_by_recency(*split) for split in race.splits]}
    test = race.splits[0][1]
    left, keys = [one.has_left for _, one in race.splits], test.rows["sample_key"].to_pylist()
    origin = str(max(test.rows["as_of_date"].to_pylist()))
    baseline = measure(predicted[RECENCY], left)
    scores = [row for model, p in predicted.items() for row in to_scores(model, days, origin, p, left, baseline)]
    bins = [row for model, p in predicted.items() for row in to_bins(model, days, origin, p[0], left[0], keys)]
    return scores, bins


def to_scores(
    model: str, days: int, origin: str, predicted: list[Numbers], left: list[Truths], baseline: dict[str, float]
) -> Rows:
    """Build the rows of model_scores of one model. predicted, left: an array for each cutoff, the latest first."""
    which = {"model": model, "target": _name_target(days), "origin_date": origin}
    found = measure(predicted, left)
    return [{**which, "measure": name, "value": value, "baseline": baseline[name]} for name, value in found.items()]


def to_bins(model: str, days: int, origin: str, predicted: Numbers, left: Truths, keys: list[str]) -> Rows:
    """Build the rows of model_calibration of one model: deciles of rising probability, ties broken by `keys`."""
    import numpy as np

    which = {"model": model, "target": _name_target(days), "origin_date": origin}
    parts = np.array_split(np.lexsort((np.asarray(keys), predicted)), _BINS)
    return [
        {
            **which,
            "bin": number,
            "predicted": float(predicted[part].mean()),
            "observed": float(left[part].mean()),
            "customer_count": len(part),
        }
        for number, part in enumerate(parts, start=1)
        if len(part)
    ]


def measure(predicted: list[Numbers], left: list[Truths]) -> dict[str, float]:
    """Measure probabilities at the latest cutoff, and their log loss over all cutoffs if they are known at all."""
    import numpy as np
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    probabilities, has_left = predicted[0], left[0]
    found = {
        "auc": float(roc_auc_score(has_left, probabilities)),
        "log_loss": float(log_loss(has_left, probabilities)),
        "brier": float(brier_score_loss(has_left, probabilities)),
        "mean_predicted": float(probabilities.mean()),
        "mean_observed": float(has_left.mean()),
        "example_count": float(len(has_left)),
    }
    if len(predicted) < len(left):
        return found
    losses = [compute_losses(p, y) for p, y in zip(predicted, left, strict=True)]
    return found | {"mean_log_loss": float(np.concatenate(losses).mean())}


def collect_measures(scores: Rows, model: str, days: int) -> dict[str, float]:
    """Collect the measures of one model and window from rows of model_scores."""
    return {
        row["measure"]: row["value"] for row in scores if (row["model"], row["target"]) == (model, _name_target(days))
    }


def _name_target(days: int) -> str:
    return f"no purchase in {days} days"


def _predict_by_recency(training: Examples, test: Examples) -> Numbers:
    """Predict by days since the last order alone, turned into a probability by isotonic regression on `training`."""
    before, now = (to_numbers(part.rows, _RECENCY_COLUMN) for part in (training, test))
    return interpolate(now, fit_isotonic(before, training.has_left))


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
