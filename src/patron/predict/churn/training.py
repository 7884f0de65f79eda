"""How the churn of one window is learnt: which examples are for what, the trees, and what their scores mean.

An example is a customer on a day of the past (a cutoff), and whether they bought in the window after it. Three rules
keep what is to come out of what is learnt:

- Judged: all examples of the newest cutoff whose window has been seen, by a model that learnt from cutoffs whose
  windows had ended by then.
- Calibrated: on customers that the trees never saw (a fifth, by a hash of their ids), at the newest cutoffs before.
- Used: learnt once more in the same way, with the newest cutoff too.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from patron.predict.churn.features import Columns

WINDOWS = (30, 60, 90)
"""Days ahead."""

CUTOFF_STEP_DAYS = 30
LOOK_BACK_DAYS = 90
"""As sql/models/predictions/inputs/churn_cutoffs.sql has them."""

_CALIBRATED_CUTOFFS = 3
_HELD_BACK = 5
"""One in so many customers is for calibration."""

# Small trees: on real receipts as good as larger ones, and their account of a score costs a quarter.
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
    """Examples of one window, all of them with an outcome. Arrays of one length; rows: as churn_training has them."""

    days: int
    rows: pa.Table
    cutoffs: NDArray[np.datetime64]
    has_left: NDArray[np.bool_]
    is_held_back: NDArray[np.bool_]

    @classmethod
    def of(cls, training: pa.Table, days: int) -> Examples:
        """Those of `training` whose window was seen to its end."""
        import numpy as np
        import pyarrow.compute as pc

        rows = training.filter(pc.is_valid(training[f"left_{days}"]))
        keys = rows["sample_key"].to_pylist()
        return cls(
            days=days,
            rows=rows,
            cutoffs=np.asarray(rows["as_of_date"].to_numpy(), dtype="datetime64[D]"),
            has_left=np.asarray(rows[f"left_{days}"].to_numpy()) == 1,
            is_held_back=np.array([int(key[8:16], 16) % _HELD_BACK == 0 for key in keys], dtype=bool),
        )

    def where(self, is_kept: NDArray[np.bool_]) -> Examples:
        """Some of them."""
        import pyarrow as pa

        kept = self.rows.filter(pa.array(is_kept))
        return Examples(self.days, kept, self.cutoffs[is_kept], self.has_left[is_kept], self.is_held_back[is_kept])

    def judged(self) -> tuple[Examples, Examples]:
        """(what could be learnt from at the newest cutoff, the examples of that cutoff)."""
        import numpy as np

        if not len(self.cutoffs):
            return self, self
        newest = self.cutoffs.max()
        known = self.cutoffs + np.timedelta64(self.days, "D") <= newest
        return self.where(known), self.where(self.cutoffs == newest)

    def lacking(self, least_leavers: int) -> str:
        """What is too little to learn and to judge from, in words; empty where nothing is."""
        known, judged = self.judged()
        if not len(known.cutoffs):
            needed = 2 * self.days + LOOK_BACK_DAYS
            return f"{needed} days of sales are needed to look {self.days} days ahead"
        customers = len(set(known.rows["customer_id"].to_pylist()))
        if customers < 2 * least_leavers:
            return f"{customers:,} customers to learn from, {2 * least_leavers:,} are needed"
        for part, doing in ((known, "learn from"), (judged, "judge by")):
            for outcome, count in (("left", part.has_left.sum()), ("stayed", (~part.has_left).sum())):
                if count < least_leavers:
                    return f"{count:,} examples of who {outcome} to {doing}, {least_leavers:,} are needed"
        return ""


class Learnt:
    """Trees and the meaning of their scores.

    booster: LightGBM's. knots: (scores, probabilities), both rising; between two of them probabilities lie on a line.
    """

    def __init__(self, booster: Any, knots: tuple[list[float], list[float]]) -> None:
        self.booster, self.knots = booster, knots

    def probabilities(self, matrix: NDArray[np.float64], threads: int) -> NDArray[np.float64]:
        """Of no purchase in the window; shape (rows,)."""
        return at_knots(self.booster.predict(matrix, num_threads=threads), self.knots)

    def contributions(self, matrix: NDArray[np.float64], threads: int) -> NDArray[np.float64]:
        """What each column adds to the log-odds before calibration (LightGBM's SHAP values); shape of the matrix."""
        import numpy as np

        return np.asarray(self.booster.predict(matrix, pred_contrib=True, num_threads=threads))[:, :-1]


def learn(examples: Examples, columns: Columns, seed: int, threads: int) -> Learnt:
    """The same examples, in the same order, give the same trees on any number of threads."""
    import lightgbm
    import numpy as np

    matrix = columns.matrix(examples.rows)
    fitted, newest = ~examples.is_held_back, np.unique(examples.cutoffs)[-_CALIBRATED_CUTOFFS:]
    calibrated = examples.is_held_back & (examples.cutoffs >= newest[0])
    data = lightgbm.Dataset(
        matrix[fitted],
        examples.has_left[fitted].astype(float),
        feature_name=list(columns.names),
        categorical_feature=columns.categorical,
        params={"verbosity": -1},
    )
    booster = lightgbm.train({**_PARAMETERS, "seed": seed, "num_threads": threads}, data, _ROUNDS)
    scores = booster.predict(matrix[calibrated], num_threads=threads)
    return Learnt(booster, knots(scores, examples.has_left[calibrated]))


def knots(scores: Any, outcomes: Any, *, rising: bool = True) -> tuple[list[float], list[float]]:
    """Isotonic regression of outcomes on scores. No probability is nearer to 0 or 1 than half an example."""
    import numpy as np
    from sklearn.isotonic import IsotonicRegression

    least = 0.5 / max(len(outcomes), 1)
    fitted = IsotonicRegression(increasing=rising, y_min=least, y_max=1 - least, out_of_bounds="clip")
    fitted.fit(np.asarray(scores, dtype=float), np.asarray(outcomes, dtype=float))
    return [float(x) for x in fitted.X_thresholds_], [float(y) for y in fitted.y_thresholds_]


def at_knots(scores: Any, known: tuple[list[float], list[float]]) -> NDArray[np.float64]:
    """Probabilities of scores; beyond the knots those of the nearest."""
    import numpy as np

    return np.asarray(np.interp(scores, *known))


def all_threads() -> int:
    """As many as the machine has."""
    return os.cpu_count() or 1
