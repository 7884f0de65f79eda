"""The learners of churn, simplest first: two logistic regressions and LightGBM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from patron.predict.churn.logistic import LogisticRegression, fit_logistic
from patron.predict.churn.training import train

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from patron.predict.churn.features import FeatureColumns
    from patron.predict.churn.training import Examples

    Numbers = NDArray[np.float64]

LOGISTIC, LOGISTIC_OF_ALL, LIGHTGBM = "logistic_regression", "logistic_regression_of_all", "churn_lightgbm"

NAMES = {
    LOGISTIC: "logistic regression",
    LOGISTIC_OF_ALL: "logistic regression on all features",
    LIGHTGBM: "LightGBM",
}
"""Learner, as model_scores names it -> its name for people. Simplest first."""


class Learner(Protocol):
    """A model of one window, after its fit."""

    def predict(self, matrix: Numbers, threads: int) -> Numbers:
        """Predict the probability of no purchase in the window, shape (rows,). matrix: by FeatureColumns.to_matrix."""

    def explain(self, matrix: Numbers, threads: int) -> Numbers:
        """Return what each feature adds to the log-odds, shaped as `matrix`."""


def fit_learner(
    name: str, examples: Examples, matrix: Numbers, columns: FeatureColumns, seed: int, threads: int
) -> Learner:
    """Fit the learner of that name. matrix: the features of the examples."""
    if name == LIGHTGBM:
        return train(examples, matrix, columns, seed, threads)
    return fit_logistic(matrix, columns.names, examples.has_left, of_all=name == LOGISTIC_OF_ALL)


def predict_windows(learners: Iterable[Learner], matrix: Numbers, threads: int) -> list[Numbers]:
    """Predict by each learner. Regressions on the same features share the logarithms, which take most of the time."""
    logs: dict[tuple[str, ...], Numbers] = {}
    found = []
    for learner in learners:
        if not isinstance(learner, LogisticRegression):
            found.append(learner.predict(matrix, threads))
            continue
        if learner.names not in logs:
            logs[learner.names] = learner.take_logs(matrix)
        found.append(learner.predict_from_logs(logs[learner.names]))
    return found


def describe_windows(models: Mapping[int, str]) -> str:
    """Name the model of each window: one name if it is the same for all, else each with its windows."""
    if len(set(models.values())) == 1:
        return next(iter(models.values()))
    windows = {name: [str(days) for days, own in models.items() if own == name] for name in models.values()}
    return ", ".join(f"{name} for {' and '.join(days)} days" for name, days in windows.items())
