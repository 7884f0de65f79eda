"""Logistic regression of churn: log-odds that are linear in the logarithms of the features, which explain themselves.

The smaller of the two knows three facts, as the purchase models do: days since the last order, purchase days, and days
since the first. The larger knows every feature that is a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from patron.predict.churn.features import CHANNEL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

THREE = ("days_since_last_order", "purchase_day_count", "tenure_days")
_TOGETHER = ("days_since_last_order", "purchase_day_count")
"""The product of their distances from the mean is a term too: a silence means more of those who bought often."""

_RIDGE, _RIDGE_OF_OTHERS = 1.0, 100.0
"""The prior of a coefficient is normal, of this precision: for a standard deviation more of a feature, a standard
deviation of 1 in the log-odds for the three, and of 0.1 for the others, of which each adds little to them."""

_FARTHEST = 4.0
"""Standard deviations from the mean beyond which, as beyond what was trained on, a value counts as the limit."""

_MOST_STEPS, _SMALL_STEP = 50, 1e-3
"""Newton's method squares its error in each step: after one this small, the next would move the sixth digit."""

_MOST_EXAMPLES = 100_000
"""Of more examples, every second, third, ... is fitted on and counts twice, three times, ...: for these few
coefficients, more examples take longer and change next to nothing."""


@dataclass(frozen=True)
class LogisticRegression:
    """A fitted regression.

    columns: the features of the matrices it takes, in order. names: those of them that it knows. centers: the means of
    the product's factors. least: no probability is nearer to 0 or 1: half an example.

    The other lists have an entry per term: each name, then the product. means, scales: of the terms trained on. lows,
    highs: the limits of a standardised term. is_telling: whether customers with more of it leave as its coefficient
    says; the others correct what they correlate with, and would make odd reasons.
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]
    least: float
    intercept: float
    centers: list[float]
    means: list[float]
    scales: list[float]
    lows: list[float]
    highs: list[float]
    coefficients: list[float]
    is_telling: list[bool]

    def predict(self, matrix: Numbers, threads: int = 1) -> Numbers:  # noqa: ARG002
        """Predict the probability of no purchase, shape (rows,)."""
        return self.predict_from_logs(self.take_logs(matrix))

    def take_logs(self, matrix: Numbers) -> Numbers:
        """Take the logarithms of the features it knows, which regressions of the same names share."""
        return _to_logs(matrix, self.columns, self.names)

    def predict_from_logs(self, logs: Numbers) -> Numbers:
        """Predict as `predict` does, from what `take_logs` returns.

        Terms are added in order, so that a row's probability does not depend on the rows beside it.
        """
        import numpy as np

        standard = self._standardise(logs)
        log_odds = standard[:, 0] * self.coefficients[0] + self.intercept
        for place, coefficient in enumerate(self.coefficients[1:], start=1):
            log_odds = log_odds + standard[:, place] * coefficient
        return np.asarray(np.clip(to_probability(log_odds), self.least, 1 - self.least))

    def explain(self, matrix: Numbers, threads: int = 1) -> Numbers:  # noqa: ARG002
        """Return coefficient x (value - mean) of the telling features, in log-odds, shaped as `matrix`; 0 of others.

        Each of the two features in the product gets half of its contribution.
        """
        import numpy as np

        coefficients = np.where(self.is_telling, self.coefficients, 0.0)
        found, added = np.zeros_like(matrix), self._standardise(self.take_logs(matrix)) * coefficients
        for place, name in enumerate(self.names):
            found[:, self.columns.index(name)] = added[:, place] + (added[:, -1] / 2 if name in _TOGETHER else 0)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Convert to what JSON can hold; `from_dict` reads it."""
        return asdict(self) | {"columns": list(self.columns), "names": list(self.names)}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> LogisticRegression:
        """Restore a regression. Raises TypeError, KeyError if content is not one."""
        return cls(**content | {name: tuple(content[name]) for name in ("columns", "names")})

    def _standardise(self, logs: Numbers) -> Numbers:
        import numpy as np

        terms = _add_product(logs, self.names, self.centers)
        terms = (terms - np.array(self.means)) / np.array(self.scales)
        return np.asarray(np.clip(np.nan_to_num(terms, nan=0.0), self.lows, self.highs))


def fit_logistic(
    matrix: Numbers, columns: Sequence[str], has_left: NDArray[np.bool_], *, of_all: bool
) -> LogisticRegression:
    """Fit a regression on the three features, or on all. matrix: shape (examples, columns), NaN where unknown."""
    import numpy as np

    step = -(-len(matrix) // _MOST_EXAMPLES)
    matrix, has_left = matrix[::step], has_left[::step]
    others = [name for name in columns if name not in (*THREE, CHANNEL)] if of_all else []
    names = (*THREE, *others)
    logs = _to_logs(matrix, columns, names)
    centers = [float(logs[:, names.index(name)].mean()) for name in _TOGETHER]
    terms = _add_product(logs, names, centers)
    means, scales = _measure(terms)
    standard = np.nan_to_num((terms - means) / scales, nan=0.0)
    lows, highs = np.maximum(standard.min(axis=0), -_FARTHEST), np.minimum(standard.max(axis=0), _FARTHEST)
    ridge = np.array([_RIDGE if name in THREE else _RIDGE_OF_OTHERS for name in names] + [_RIDGE])
    limited, outcomes = np.clip(standard, lows, highs), has_left.astype(float)
    found = maximise(limited, outcomes, ridge / step)
    is_telling = (found[1:] * (limited.T @ (outcomes - outcomes.mean())) > 0).tolist()
    return LogisticRegression(
        columns=tuple(columns),
        names=names,
        least=0.5 / len(has_left),
        intercept=float(found[0]),
        centers=centers,
        means=means.tolist(),
        scales=scales.tolist(),
        lows=lows.tolist(),
        highs=highs.tolist(),
        coefficients=found[1:].tolist(),
        is_telling=is_telling,
    )


def to_probability(log_odds: Numbers) -> Numbers:
    """Convert log-odds, without overflow."""
    import numpy as np

    return np.asarray(0.5 + 0.5 * np.tanh(log_odds / 2))


def _to_logs(matrix: Numbers, columns: Sequence[str], names: Sequence[str]) -> Numbers:
    """Take log(1 + |value|) with the value's sign for each feature."""
    import numpy as np

    values = matrix[:, [columns.index(name) for name in names]]
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))


def _add_product(logs: Numbers, names: Sequence[str], centers: Sequence[float]) -> Numbers:
    import numpy as np

    first, second = (logs[:, names.index(name)] - center for name, center in zip(_TOGETHER, centers, strict=True))
    return np.column_stack([logs, first * second])


def _measure(terms: Numbers) -> tuple[Numbers, Numbers]:
    """Return the means and standard deviations of the known values of each term; 1 for one that does not vary."""
    import numpy as np

    is_known = ~np.isnan(terms)
    count = np.maximum(is_known.sum(axis=0), 1)
    means = np.where(is_known, terms, 0).sum(axis=0) / count
    scales = np.sqrt(np.where(is_known, (terms - means) ** 2, 0).sum(axis=0) / count)
    return means, np.where(scales < 1e-9, 1.0, scales)


def maximise(terms: Numbers, outcomes: Numbers, ridge: Numbers) -> Numbers:
    """Maximise the penalised likelihood by Newton's method; returns the intercept and the coefficients.

    It is concave, and a step that would lower it is halved.
    """
    import numpy as np

    design, penalty = np.column_stack([np.ones(len(terms)), terms]), np.concatenate([[1e-9], ridge])
    found = np.zeros(design.shape[1])
    loss = _compute_loss(design, outcomes, penalty, found)
    for _ in range(_MOST_STEPS):
        chance = to_probability(design @ found)
        slope = design.T @ (outcomes - chance) - penalty * found
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        while (reached := _compute_loss(design, outcomes, penalty, found + step)) > loss and not _is_small(step):
            step /= 2
        found, loss = found + step, reached
        if _is_small(step):
            break
    return found


def _is_small(step: Numbers) -> bool:
    return bool(abs(step).max() <= _SMALL_STEP)


def _compute_loss(design: Numbers, outcomes: Numbers, penalty: Numbers, at: Numbers) -> float:
    import numpy as np

    log_odds = design @ at
    return float(np.sum(np.logaddexp(0, log_odds) - outcomes * log_odds) + penalty @ at**2 / 2)
