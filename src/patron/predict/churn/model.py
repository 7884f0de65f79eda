"""How likely customers buy nothing in the next 30, 60 and 90 days, and why: `ChurnModel`.

>>> from patron.predict.churn.model import ChurnModel
>>> ChurnModel(seed=2).withheld_
{}
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from patron.predict.churn.drivers import drivers, no_drivers
from patron.predict.churn.evaluation import calibration_table, evaluated, score_table
from patron.predict.churn.features import Columns, numbers
from patron.predict.churn.training import WINDOWS, Examples, Learnt, all_threads, learn

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


class ChurnModel:
    """Gradient-boosted trees (LightGBM; Ke et al. 2017) for each window, calibrated by isotonic regression.

    least_leavers: fewer examples of who left, or of who stayed, and a window is withheld. seed: every draw follows
    from it. threads: all of the machine's, if unset; the answer does not hang on them.

    After `fit`
        columns_: the columns that were learnt from. learnt_: days -> trees and calibration, of the windows there are.
        withheld_: days -> what is lacking, of the others. data_: the examples, in numbers and days.
        model_scores_, model_calibration_: how good it was (churn_evaluation.py), as rows.
    """

    def __init__(self, *, least_leavers: int = 100, seed: int = 1, threads: int | None = None) -> None:
        self.least_leavers, self.seed, self.threads = least_leavers, seed, threads or all_threads()
        self._forget()

    def _forget(self) -> None:
        self.columns_ = Columns(())
        self.learnt_: dict[int, Learnt] = {}
        self.withheld_: dict[int, str] = {}
        self.data_: dict[str, Any] = {}
        self.model_scores_: list[dict[str, Any]] = []
        self.model_calibration_: list[dict[str, Any]] = []

    def fit(self, training: pa.Table) -> Self:
        """Learn from examples: the columns of predictions.churn_training, as its yml has them, in any order of rows."""
        ordered = training.sort_by([("as_of_date", "ascending"), ("customer_id", "ascending")])
        self._forget()
        self.columns_, self.data_ = Columns.of(ordered), _described(ordered)
        for days in WINDOWS:
            self._fit_window(Examples.of(ordered, days))
        return self

    def _fit_window(self, examples: Examples) -> None:
        lacking = examples.lacking(self.least_leavers)
        if lacking:
            self.withheld_[examples.days] = lacking
            return
        known, judged = examples.judged()
        learnt = learn(known, self.columns_, self.seed, self.threads)
        scores, bins = evaluated(known, judged, learnt, self.columns_, self.threads)
        self.model_scores_ += scores
        self.model_calibration_ += bins
        self.learnt_[examples.days] = learn(examples, self.columns_, self.seed, self.threads)

    def score(self, features: pa.Table, *, currency: str = "", drivers_above: float | None = None) -> pa.Table:
        """Columns: customer_id, churn_probability_30d, _60d, _90d (null where withheld), driver_1 to driver_3 (words).

        features: the columns of predictions.churn_features that were learnt from. Probabilities never rise with the
        window: nobody who buys nothing in 90 days buys in 30. Drivers are those of the longest window there is.
        currency: written before amounts. drivers_above: only customers with more net_amount are told drivers.
        Raises ValueError where a column is missing.
        """
        import pyarrow as pa

        missing = self.columns_.missing_from(features)
        if missing:
            raise ValueError(f"the features lack {', '.join(missing)}, which the model learnt from")
        matrix = self.columns_.matrix(features)
        words = self._drivers(features, matrix, currency, drivers_above)
        return pa.table({"customer_id": features["customer_id"], **self._probabilities(matrix), **words})

    def _probabilities(self, matrix: NDArray[np.float64]) -> dict[str, pa.Array]:
        import numpy as np
        import pyarrow as pa

        each = [one.probabilities(matrix, self.threads) for one in self.learnt_.values()] if len(matrix) else []
        ordered = falling(np.stack(each, axis=1)) if each else np.empty((len(matrix), len(self.learnt_)))
        places = {days: place for place, days in enumerate(self.learnt_)}
        return {
            f"churn_probability_{days}d": pa.array(ordered[:, places[days]])
            if days in places
            else pa.nulls(len(matrix), pa.float64())
            for days in WINDOWS
        }

    def _drivers(
        self, features: pa.Table, matrix: NDArray[np.float64], currency: str, above: float | None
    ) -> dict[str, pa.Array]:
        """Of the longest window there is; a column is null where nothing is told."""
        import numpy as np

        asked = np.full(len(matrix), bool(self.learnt_))
        if above is not None:
            asked &= numbers(features, "net_amount") > above
        told = no_drivers()
        if asked.any():
            longest = self.learnt_[max(self.learnt_)]
            shares = longest.contributions(matrix[asked], self.threads)
            told = drivers(features.filter(asked), self.columns_.names, shares, currency)
        places = np.where(asked, np.cumsum(asked) - 1, -1)
        return {name: _placed(told[name], places) for name in told.column_names}

    @property
    def model_scores(self) -> pa.Table:
        """Columns: model, target, measure, value, baseline."""
        return score_table(self.model_scores_)

    @property
    def model_calibration(self) -> pa.Table:
        """Columns: model, target, bin, predicted, observed, customer_count."""
        return calibration_table(self.model_calibration_)

    def to_files(self, folder: Path, basis: dict[str, Any] | None = None) -> None:
        """Write the model: see churn_files.py. basis: whatever else is to be known of it."""
        from patron.predict.churn.model_files import write_model

        write_model(self, folder, basis or {})

    @classmethod
    def from_files(cls, folder: Path, *, threads: int | None = None) -> Self:
        """The model as `to_files` wrote it. Raises PatronError where that is not there, or not whole."""
        from patron.predict.churn.model_files import read_model

        return read_model(cls, folder, threads)[0]


def falling(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows put in falling order: the mean of what comes of lowering the later and of raising the earlier ones."""
    import numpy as np

    lowered = np.minimum.accumulate(probabilities, axis=1)
    raised = np.maximum.accumulate(probabilities[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((lowered + raised) / 2)


def _described(rows: pa.Table) -> dict[str, Any]:
    import pyarrow.compute as pc

    days = pc.min_max(rows["as_of_date"]).as_py()
    return {
        "example_count": rows.num_rows,
        "customer_count": pc.count_distinct(rows["customer_id"]).as_py(),
        "cutoff_count": pc.count_distinct(rows["as_of_date"]).as_py(),
        "first_cutoff": str(days["min"]),
        "last_cutoff": str(days["max"]),
    }


def _placed(values: pa.ChunkedArray, places: NDArray[np.int64]) -> pa.Array:
    """values[place] for each place, null for -1."""
    import pyarrow as pa

    return values.combine_chunks().take(pa.array(places, mask=places < 0))
