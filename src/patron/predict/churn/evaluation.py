"""How good churn probabilities were: on examples after everything learnt from, beside plain recency and P(alive)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.predict.churn.alive_baseline import probability_alive
from patron.predict.churn.features import numbers
from patron.predict.churn.training import Learnt, at_knots, knots

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from patron.predict.churn.features import Columns
    from patron.predict.churn.training import Examples

MODEL, RECENCY, ALIVE = "churn_lightgbm", "recency", "probability_alive"
_BINS = 10
_SILENCE = "days_since_last_order"

Rows = list[dict[str, Any]]


def evaluated(known: Examples, judged: Examples, learnt: Learnt, columns: Columns, threads: int) -> tuple[Rows, Rows]:
    """(rows of model_scores, rows of model_calibration) of one window.

    known: what `learnt`, and the baselines, learnt from; judged: the examples of the newest cutoff.
    Probabilities are of each window by itself, before windows are put in order.
    """
    told = {MODEL: learnt.probabilities(columns.matrix(judged.rows), threads), **_baselines(known, judged)}
    target = f"no purchase in {judged.days} days"
    plain = _measures(told[RECENCY], judged.has_left)
    which = {"target": target, "origin_date": str(max(judged.rows["as_of_date"].to_pylist()))}
    scores = [
        {"model": model, **which, "measure": measure, "value": value, "baseline": plain[measure]}
        for model, probabilities in told.items()
        for measure, value in _measures(probabilities, judged.has_left).items()
    ]
    bins = [{**row, **which, "model": model} for model, p in told.items() for row in _bins(p, judged)]
    return scores, bins


def _baselines(known: Examples, judged: Examples) -> dict[str, NDArray[np.float64]]:
    """One number each, made a probability by isotonic regression on the examples that the model learnt from."""
    seen: dict[str, tuple[Any, Any, bool]] = {
        RECENCY: (numbers(known.rows, _SILENCE), numbers(judged.rows, _SILENCE), True)
    }
    alive = probability_alive(known.rows, known.rows, judged.rows)
    if alive is not None:
        seen[ALIVE] = (alive[0], alive[1], False)
    return {
        name: at_knots(now, knots(before, known.has_left, rising=rising))
        for name, (before, now, rising) in seen.items()
    }


def _measures(probabilities: NDArray[np.float64], has_left: NDArray[np.bool_]) -> dict[str, float]:
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    return {
        "auc": float(roc_auc_score(has_left, probabilities)),
        "log_loss": float(log_loss(has_left, probabilities)),
        "brier": float(brier_score_loss(has_left, probabilities)),
        "mean_predicted": float(probabilities.mean()),
        "mean_observed": float(has_left.mean()),
        "example_count": float(len(has_left)),
    }


def _bins(probabilities: NDArray[np.float64], judged: Examples) -> Rows:
    """Tenths of the examples by rising probability; of equal ones, by the hash of the customer."""
    import numpy as np

    order = np.lexsort((np.asarray(judged.rows["sample_key"].to_pylist()), probabilities))
    parts = np.array_split(order, _BINS)
    return [
        {
            "bin": number,
            "predicted": float(probabilities[part].mean()),
            "observed": float(judged.has_left[part].mean()),
            "customer_count": len(part),
        }
        for number, part in enumerate(parts, start=1)
        if len(part)
    ]


def score_table(rows: Rows) -> pa.Table:
    """Columns: model, target, origin_date (that was looked ahead from, ISO), measure, value, baseline (the same measure
    of plain recency).
    """
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("model", "target", "origin_date", "measure")]
    return pa.Table.from_pylist(rows, pa.schema([*texts, ("value", pa.float64()), ("baseline", pa.float64())]))


def calibration_table(rows: Rows) -> pa.Table:
    """Columns: model, target, origin_date, bin (1 least likely to leave .. 10), predicted, observed, customer_count."""
    import pyarrow as pa

    kinds = {"model": pa.string(), "target": pa.string(), "origin_date": pa.string(), "bin": pa.int64()}
    kinds |= {"predicted": pa.float64(), "observed": pa.float64(), "customer_count": pa.int64()}
    return pa.Table.from_pylist(rows, pa.schema(list(kinds.items())))
