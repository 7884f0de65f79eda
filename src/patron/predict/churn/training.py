"""The examples that churn is learned from, and one learner of it: calibrated trees.

An example is a customer on a day of the past (a cutoff), and whether they bought in the window after it. Three rules
keep the future out of what a model is trained on:

- Evaluation: all examples of a cutoff whose window has ended, by a model trained on cutoffs whose windows had ended by
  that day.
- Calibration: customers that the trees never saw (a fifth, by a hash of their ids), at the latest cutoffs trained on.
- Use: a model trained in the same way, with the latest cutoff too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from patron.predict.churn.features import FeatureColumns

WINDOWS = (30, 60, 90)
"""Days ahead."""

_CALIBRATION_CUTOFFS = 3
_CALIBRATION_SHARE = 5
"""One in so many customers is for calibration."""

# Small trees: on real receipts as good as larger ones, and explaining a score costs a quarter.
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.07,
    "max_depth": 4,
    "num_leaves": 10,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "feature_fraction": 0.8,
    "max_cat_to_onehot": 8,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
_ROUNDS = 100


@dataclass(frozen=True)
class Examples:
    """Examples of one window, all with a known outcome; all arrays have one entry per example.

    days: the window. rows: the columns of predictions.churn_training. cutoffs: days. has_left: no purchase in the
    window. is_for_calibration: whether the customer is one of the fifth that trees never see.
    """

    days: int
    rows: pa.Table
    cutoffs: NDArray[np.datetime64]
    has_left: NDArray[np.bool_]
    is_for_calibration: NDArray[np.bool_]

    @classmethod
    def from_training(cls, training: pa.Table, days: int) -> Examples:
        """Take the examples of predictions.churn_training whose window has ended."""
        import numpy as np
        import pyarrow.compute as pc

        rows = training.filter(pc.is_valid(training[f"left_{days}"]))
        keys = rows["sample_key"].to_pylist()
        return cls(
            days=days,
            rows=rows,
            cutoffs=np.asarray(rows["as_of_date"].to_numpy(), dtype="datetime64[D]"),
            has_left=np.asarray(rows[f"left_{days}"].to_numpy()) == 1,
            is_for_calibration=np.array([int(key[8:16], 16) % _CALIBRATION_SHARE == 0 for key in keys], dtype=bool),
        )

    def filter(self, is_kept: NDArray[np.bool_]) -> Examples:
        """Keep the examples where `is_kept`, of shape (examples,), is true."""
        import pyarrow as pa

        rows = self.rows.filter(pa.array(is_kept))
        kept = (self.cutoffs[is_kept], self.has_left[is_kept], self.is_for_calibration[is_kept])
        return Examples(self.days, rows, *kept)

    def split(self, back: int = 0) -> tuple[Examples, Examples]:
        """Split into (the examples available for training at a cutoff, the examples of that cutoff).

        back: 0 for the latest cutoff, 1 for the one before it; both parts are empty if there is no such cutoff.
        """
        import numpy as np

        known = np.unique(self.cutoffs)
        if back >= len(known):
            nothing = self.filter(np.zeros(len(self.cutoffs), dtype=bool))
            return nothing, nothing
        asked = known[-1 - back]
        has_ended = self.cutoffs + np.timedelta64(self.days, "D") <= asked
        return self.filter(has_ended), self.filter(self.cutoffs == asked)


class CalibratedTrees:
    """Boosted trees with calibrated probabilities.

    booster: LightGBM's. knots: (scores, probabilities), both ascending; in between, probabilities are interpolated.
    """

    def __init__(self, booster: Any, knots: tuple[list[float], list[float]]) -> None:
        self.booster, self.knots = booster, knots

    def predict(self, matrix: NDArray[np.float64], threads: int) -> NDArray[np.float64]:
        """Predict the probability of no purchase in the window, shape (rows,). matrix: by FeatureColumns.to_matrix."""
        return interpolate(self.booster.predict(matrix, num_threads=threads), self.knots)

    def explain(self, matrix: NDArray[np.float64], threads: int) -> NDArray[np.float64]:
        """Return the contribution of each feature to the log-odds before calibration (SHAP values), one per cell."""
        import numpy as np

        return np.asarray(self.booster.predict(matrix, pred_contrib=True, num_threads=threads))[:, :-1]


def train(
    examples: Examples, matrix: NDArray[np.float64], columns: FeatureColumns, seed: int, threads: int
) -> CalibratedTrees:
    """Fit and calibrate the trees. The same examples in the same order give the same trees on any number of threads.

    matrix: the features of the examples, by `columns.to_matrix`.
    """
    import numpy as np

    from patron.predict.churn.boosting import lightgbm

    is_fitted, latest = ~examples.is_for_calibration, np.unique(examples.cutoffs)[-_CALIBRATION_CUTOFFS:]
    is_calibrated = examples.is_for_calibration & (examples.cutoffs >= latest[0])
    data = lightgbm.Dataset(
        matrix[is_fitted],
        examples.has_left[is_fitted].astype(float),
        feature_name=list(columns.names),
        categorical_feature=columns.categorical,
        params={"verbosity": -1, "num_threads": threads},
    )
    booster = lightgbm.train({**_PARAMETERS, "seed": seed, "num_threads": threads}, data, _ROUNDS)
    scores = booster.predict(matrix[is_calibrated], num_threads=threads)
    return CalibratedTrees(booster, fit_isotonic(scores, examples.has_left[is_calibrated]))


def fit_isotonic(scores: Any, outcomes: Any, *, rising: bool = True) -> tuple[list[float], list[float]]:
    """Fit outcomes (0 or 1) on scores by isotonic regression; return the knots (scores, probabilities).

    No probability is nearer to 0 or 1 than half an example.
    """
    import numpy as np
    from sklearn.isotonic import IsotonicRegression

    least = 0.5 / max(len(outcomes), 1)
    fitted = IsotonicRegression(increasing=rising, y_min=least, y_max=1 - least, out_of_bounds="clip")
    fitted.fit(np.asarray(scores, dtype=float), np.asarray(outcomes, dtype=float))
    return [float(x) for x in fitted.X_thresholds_], [float(y) for y in fitted.y_thresholds_]


def interpolate(scores: Any, knots: tuple[list[float], list[float]]) -> NDArray[np.float64]:
    """Interpolate the probabilities of scores: linear between knots, constant beyond the first and the last."""
    import numpy as np

    return np.asarray(np.interp(scores, *knots))
