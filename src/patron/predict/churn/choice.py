"""Chooses among forecasts of the same events by log loss; a tie goes to the simplest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


def compute_losses(probabilities: Numbers, outcomes: NDArray[np.bool_]) -> Numbers:
    """Compute the log loss of each example, shape (examples,); no probability counts as nearer than 1e-9 to 0 or 1."""
    import numpy as np

    given = np.where(outcomes, probabilities, 1 - probabilities)
    return np.asarray(-np.log(np.clip(given, 1e-9, 1)))


def choose(losses: Mapping[str, Numbers], customers: NDArray[np.int64]) -> str:
    """Choose the simplest forecast whose mean log loss is at most one standard error above the lowest.

    losses: forecast -> the loss of each example, simplest forecast first. customers: whose example it is. The standard
    error is that of the mean difference, for customers drawn at random: the examples of one customer are no
    independent evidence (one-standard-error rule, Breiman et al. 1984).
    """
    best = min(losses, key=lambda name: float(losses[name].mean()))
    return next(name for name, own in losses.items() if is_tied(own - losses[best], customers))


def is_tied(difference: Numbers, customers: NDArray[np.int64]) -> bool:
    """Tell whether the mean of differences, one per example, is at most one standard error above 0."""
    return float(difference.mean()) <= compute_standard_error(difference, customers)


def compute_standard_error(values: Numbers, customers: NDArray[np.int64]) -> float:
    """Compute the standard error of the mean of examples that are grouped by customer (a sandwich estimate)."""
    import numpy as np

    _, which = np.unique(customers, return_inverse=True)
    return float(np.sqrt(np.sum(np.bincount(which, weights=values - values.mean()) ** 2)) / len(values))
