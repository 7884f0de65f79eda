"""Predicts how likely customers are to buy nothing in the next 30, 60 and 90 days, and why: `ChurnModel`.

>>> from patron.predict.churn.model import ChurnModel
>>> ChurnModel(seed=2).withheld_
{}
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from patron.predict.blas import use_one_blas_thread
from patron.predict.churn.data_requirements import find_missing_examples
from patron.predict.churn.drivers import describe_drivers, empty_drivers
from patron.predict.churn.evaluation import Rows, evaluate, to_calibration_table, to_score_table
from patron.predict.churn.features import FeatureColumns, to_numbers
from patron.predict.churn.learners import NAMES, Learner, fit_learner, predict_windows
from patron.predict.churn.race import Race, find_splits, race
from patron.predict.churn.record import join_records, to_record
from patron.predict.churn.training import WINDOWS, Examples

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_FEW_ROWS = 100_000
"""Up to so many rows one thread trains and scores faster than several, which mostly wait for each other."""


@dataclass(frozen=True)
class _FittedWindow:
    """The result of fitting one window: the chosen learner and how it was chosen, or what is missing."""

    withheld: str = ""
    learner: Learner | None = None
    won: Race | None = None
    scores: Rows = field(default_factory=list)
    calibration: Rows = field(default_factory=list)


class ChurnModel:
    """For each window the learner that did best on past cutoffs: a logistic regression or LightGBM (Ke et al. 2017).

    least_leavers: with fewer examples of customers who churned, or who stayed, a window is withheld. seed: all
    randomness follows from it. threads: all of the machine's by default; results do not depend on them.

    After `fit`
        columns_: the features trained on. learners_: days -> the learner, of the windows that could be fitted.
        names_: days -> which learner (learners.NAMES). record_: what it had predicted at past cutoffs (record.py).
        withheld_: days -> what is missing, of the others. data_: the number of examples, customers and cutoffs, and
        the first and the last cutoff. model_scores_, model_calibration_: how good it was (evaluation.py), as rows.
    """

    def __init__(self, *, least_leavers: int = 100, seed: int = 1, threads: int | None = None) -> None:
        self.least_leavers, self.seed, self.threads = least_leavers, seed, threads or os.cpu_count() or 1
        self._reset()

    def _reset(self) -> None:
        self.columns_ = FeatureColumns(())
        self.learners_: dict[int, Learner] = {}
        self.names_: dict[int, str] = {}
        self.record_: pa.Table | None = None
        self.withheld_: dict[int, str] = {}
        self.data_: dict[str, Any] = {}
        self.model_scores_: Rows = []
        self.model_calibration_: Rows = []

    def fit(self, training: pa.Table) -> Self:
        """Train on examples: the columns of predictions.churn_training (docs/tables.md), rows in any order.

        The windows are trained side by side. Raises ImportError if LightGBM or scikit-learn is not installed.
        """
        ordered = training.sort_by([("as_of_date", "ascending"), ("customer_id", "ascending")])
        self._reset()
        self.columns_, self.data_ = FeatureColumns.from_table(ordered), _count_examples(ordered)
        with use_one_blas_thread(), ThreadPoolExecutor(min(self.threads, len(WINDOWS))) as pool:
            fitted = pool.map(lambda days: self._fit_window(Examples.from_training(ordered, days)), WINDOWS)
            for days, window in zip(WINDOWS, fitted, strict=True):
                self._keep(days, window)
        return self

    def _fit_window(self, examples: Examples) -> _FittedWindow:
        if missing := find_missing_examples(*examples.split(), self.least_leavers):
            return _FittedWindow(withheld=missing)
        threads = self._choose_threads(len(examples.cutoffs), len(WINDOWS))
        won = race(find_splits(examples, self.least_leavers), self.columns_, self.seed, threads)
        matrix = self.columns_.to_matrix(examples.rows)
        learner = fit_learner(won.chosen, examples, matrix, self.columns_, self.seed, threads)
        return _FittedWindow("", learner, won, *evaluate(won, examples.days))

    def _keep(self, days: int, window: _FittedWindow) -> None:
        if window.learner is None or window.won is None:
            self.withheld_[days] = window.withheld
            return
        self.learners_[days], self.names_[days] = window.learner, window.won.chosen
        self.record_ = join_records(self.record_, to_record(window.won, days))
        self.model_scores_ += window.scores
        self.model_calibration_ += window.calibration

    def _choose_threads(self, rows: int, at_once: int = 1) -> int:
        return 1 if rows < _FEW_ROWS else max(1, self.threads // at_once)

    def score(self, features: pa.Table, *, currency: str = "", drivers_above: float | None = None) -> pa.Table:
        """Predict each customer's churn, and describe what drives it.

        Returns customer_id; churn_probability_30d, _60d and _90d, 0 to 1 (null if the window is withheld), which never
        rise with the window, since no purchase in 90 days implies none in 30; driver_1 to driver_3, in words, of the
        longest window there is.

        features: the columns of predictions.churn_features that were trained on. currency: written before amounts.
        drivers_above: only customers with more net_amount than this get drivers. Raises ValueError if a column is
        missing.
        """
        import pyarrow as pa

        if missing := self.columns_.find_missing(features):
            raise ValueError(f"the features lack {', '.join(missing)}, which the model was trained on")
        matrix = self.columns_.to_matrix(features)
        words = self._describe_drivers(features, matrix, currency, drivers_above)
        return pa.table({"customer_id": features["customer_id"], **self._predict(matrix), **words})

    def _predict(self, matrix: NDArray[np.float64]) -> dict[str, pa.Array]:
        import numpy as np
        import pyarrow as pa

        threads = self._choose_threads(len(matrix))
        each = predict_windows(self.learners_.values(), matrix, threads) if len(matrix) else []
        ordered = make_falling(np.stack(each, axis=1)) if each else np.empty((len(matrix), len(self.learners_)))
        places = {days: place for place, days in enumerate(self.learners_)}
        return {
            f"churn_probability_{days}d": pa.array(ordered[:, places[days]])
            if days in places
            else pa.nulls(len(matrix), pa.float64())
            for days in WINDOWS
        }

    def _describe_drivers(
        self, features: pa.Table, matrix: NDArray[np.float64], currency: str, above: float | None
    ) -> dict[str, pa.Array]:
        import numpy as np

        is_explained = np.full(len(matrix), bool(self.learners_))
        if above is not None:
            is_explained &= to_numbers(features, "net_amount") > above
        words = empty_drivers()
        if is_explained.any():
            longest = self.learners_[max(self.learners_)]
            contributions = longest.explain(matrix[is_explained], self._choose_threads(len(matrix)))
            words = describe_drivers(features.filter(is_explained), self.columns_.names, contributions, currency)
        places = np.where(is_explained, np.cumsum(is_explained) - 1, -1)
        return {name: _take(words[name], places) for name in words.column_names}

    def list_learners(self) -> dict[int, str]:
        """List the learner of each window, by its name for people."""
        return {days: NAMES[name] for days, name in self.names_.items()}

    @property
    def model_scores(self) -> pa.Table:
        """Return the scores. Columns: model, target, origin_date, measure, value, baseline (see evaluation.py)."""
        return to_score_table(self.model_scores_)

    @property
    def model_calibration(self) -> pa.Table:
        """Return the calibration. Columns: model, target, origin_date, bin, predicted, observed, customer_count."""
        return to_calibration_table(self.model_calibration_)


def make_falling(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make each row of (rows, windows) non-increasing: the mean of lowering later and raising earlier values."""
    import numpy as np

    lowered = np.minimum.accumulate(probabilities, axis=1)
    raised = np.maximum.accumulate(probabilities[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((lowered + raised) / 2)


def _count_examples(rows: pa.Table) -> dict[str, Any]:
    import pyarrow.compute as pc

    days = pc.min_max(rows["as_of_date"]).as_py()
    return {
        "example_count": rows.num_rows,
        "customer_count": pc.count_distinct(rows["customer_id"]).as_py(),
        "cutoff_count": pc.count_distinct(rows["as_of_date"]).as_py(),
        "first_cutoff": str(days["min"]),
        "last_cutoff": str(days["max"]),
    }


def _take(values: pa.ChunkedArray, places: NDArray[np.int64]) -> pa.Array:
    """Return values[place] for each place; null for -1."""
    import pyarrow as pa

    return values.combine_chunks().take(pa.array(places, mask=places < 0))
