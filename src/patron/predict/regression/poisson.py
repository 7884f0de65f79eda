"""Poisson regression of customers' purchases in a window on what a purchase model expects, and on what it ignores.

    ln E(purchases) = ln(expected by the model) + level of the window + sum of coefficient x term

A regression alone takes the season of its windows for the customers' rate; here only differences among the customers of
a window are learned, and its total stays the model's. The terms are logarithms of the expectation, of the model's own
facts, and of purchases in the last window and in its last third.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.regression.windows import WindowCells

PRIOR = 0.2
"""Standard deviation, over shops, of the coefficient of a standardised term, as recalibration.py expects of slopes."""

_FARTHEST = 4.0
"""Standard deviations from the mean beyond which, as beyond what was learned from, a term counts as the limit."""

_LEAST, _MOST_STEPS, _SMALL_STEP = 1e-9, 50, 1e-6


@dataclass(frozen=True)
class PoissonRegression:
    """A fitted regression; each list has an entry per term.

    means, scales: of the terms learned from. lows, highs: the limits of a standardised term.
    """

    means: list[float]
    scales: list[float]
    lows: list[float]
    highs: list[float]
    coefficients: list[float]

    def compute_factors(self, cells: WindowCells, expected: Floats) -> Floats:
        """Return by how much each customer's purchases exceed the model's, (cells,), apart from a common level."""
        standard = (_compute_terms(cells, expected) - np.array(self.means)) / np.array(self.scales)
        found: Floats = np.exp(np.clip(standard, self.lows, self.highs) @ np.array(self.coefficients))
        return found

    def to_dict(self) -> dict[str, Any]:
        """Convert to what JSON can hold; `from_dict` reads it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Restore a regression. Raises TypeError if content is not one."""
        return cls(**content)


def fit_poisson(windows: Sequence[tuple[WindowCells, Floats]]) -> PoissonRegression | None:
    """Fit on windows, each with what the model expected of a customer of each cell; None if nobody bought in any."""
    useful = [(cells, expected) for cells, expected in windows if cells.total(cells.bought) > 0]
    if not useful:
        return None
    terms = np.concatenate([_compute_terms(*window) for window in useful])
    customers = np.concatenate([cells.customers for cells, _ in useful])
    bought = np.concatenate([cells.bought for cells, _ in useful])
    levelled = np.concatenate([_level(*window) for window in useful])
    means = customers @ terms / customers.sum()
    scales = np.sqrt(customers @ (terms - means) ** 2 / customers.sum())
    scales = np.where(scales < _LEAST, 1.0, scales)
    standard = (terms - means) / scales
    lows, highs = np.maximum(standard.min(axis=0), -_FARTHEST), np.minimum(standard.max(axis=0), _FARTHEST)
    found = _maximise(np.clip(standard, lows, highs), bought, customers, levelled)
    return PoissonRegression(*(values.tolist() for values in (means, scales, lows, highs, found)))


def compute_evenness(factors: Floats, expected: Floats, customers: Floats) -> float:
    """Return the number by which factors are to be multiplied to leave the total of expected purchases as it is."""
    total = float((expected * factors) @ customers)
    return float(expected @ customers) / total if total > 0 else 1.0


def _level(cells: WindowCells, expected: Floats) -> Floats:
    """Scale the expectation to the total that came, which is not what the regression is about."""
    return np.maximum(expected, _LEAST) * (cells.total(cells.bought) / cells.total(np.maximum(expected, _LEAST)))


def _compute_terms(cells: WindowCells, expected: Floats) -> Floats:
    """Compute the terms, (cells, terms)."""
    bought, silent, age, near, late = (
        np.log1p(facts)
        for facts in (
            cells.repeat_count,
            cells.age_days - cells.recency_days,
            cells.age_days,
            cells.near_count,
            cells.late_count,
        )
    )
    return np.column_stack(
        [np.log(np.maximum(expected, _LEAST)), bought, silent, age, bought * silent, near, late],
    )


def _maximise(terms: Floats, bought: Floats, customers: Floats, levelled: Floats) -> Floats:
    """Maximise the penalised likelihood by Newton's method, in two passes.

    Purchases vary more than a Poisson distribution has it: the likelihood counts for less by that factor, which the
    first pass measures (a quasi-likelihood, McCullagh and Nelder 1989).
    """
    found, dispersion = np.zeros(terms.shape[1]), 1.0
    for _ in range(2):
        found = _climb(terms, bought, customers / dispersion, levelled, found)
        mean = levelled * np.exp(terms @ found)
        squares = (bought - mean) ** 2 / np.maximum(mean, _LEAST)
        dispersion = max(1.0, float(squares @ customers / customers.sum()))
    return found


def _climb(terms: Floats, bought: Floats, weights: Floats, levelled: Floats, start: Floats) -> Floats:
    """Take Newton's steps; the likelihood is concave, and a step that would lower it is halved.

    An intercept, which has no prior, keeps the total; it is not part of the result.
    """
    design = np.column_stack([np.ones(len(terms)), terms])
    penalty = np.concatenate([[_LEAST], np.full(terms.shape[1], PRIOR**-2)])
    found = np.concatenate([[0.0], start])

    def lose(at: Floats) -> float:
        moved = design @ at
        return float(weights @ (levelled * np.exp(moved) - bought * moved) + penalty @ at**2 / 2)

    loss = lose(found)
    for _ in range(_MOST_STEPS):
        mean = weights * levelled * np.exp(design @ found)
        gradient = design.T @ (weights * bought - mean) - penalty * found
        step = np.linalg.solve((design * mean[:, None]).T @ design + np.diag(penalty), gradient)
        with np.errstate(over="ignore", invalid="ignore"):
            while not (reached := lose(found + step)) <= loss and abs(step).max() > _SMALL_STEP:
                step /= 2
        found, loss = found + step, reached
        if abs(step).max() <= _SMALL_STEP:
            break
    return found[1:]
