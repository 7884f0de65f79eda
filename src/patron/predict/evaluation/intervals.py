"""Prediction intervals for the total of all customers and for each of them, and their coverage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from patron.predict.evaluation.holdout import Holdout
from patron.predict.models import cells
from patron.predict.models.histories import Histories
from patron.predict.models.likelihood import bins
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.prediction_intervals import compute_purchase_bounds
from patron.predict.models.purchase_model import PurchaseModel

CHANCES = {80: (0.1, 0.9), 95: (0.025, 0.975)}
"""Per cent -> the quantiles at the ends of the interval."""

SEED = 20_110_101
_SIMULATED, _STEPS = 20, 50
_MANY = 1_000


@dataclass(frozen=True)
class Interval:
    """The interval that should contain the total in `per_cent` of cases, in purchases.

    is_met: whether it does. customers_inside: the share of customers inside their own interval, 0 to 1.
    """

    per_cent: int
    low: float
    high: float
    is_met: bool
    customers_inside: float


def compute_intervals(model: PurchaseModel, holdout: Holdout, totals: Floats) -> list[Interval]:
    """Compute the intervals of a fitted model, from the uncertainty of its parameters and chance.

    totals: as `simulate_totals` returns them.
    """
    actual = holdout.total(holdout.held_out_count)
    chances = [chance for ends in CHANCES.values() for chance in ends]
    past = (holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks)
    bounds = compute_purchase_bounds(model, holdout.horizon_weeks, *past, tuple(chances), most_groups=_MANY)
    found = []
    for place, (per_cent, ends) in enumerate(CHANCES.items()):
        low, high = (float(end) for end in np.quantile(totals, ends))
        inside = (bounds[2 * place] <= holdout.held_out_count) & (holdout.held_out_count <= bounds[2 * place + 1])
        share = float(inside @ holdout.customer_count / holdout.customer_count.sum())
        found.append(Interval(per_cent, low, high, low <= actual <= high, share))
    return found


def simulate_totals(model: PurchaseModel, holdout: Holdout) -> Floats:
    """Simulate totals of the test period, (draws x _STEPS,), from plausible parameters, and chance.

    The purchases of many customers add up to a normal distribution, whose variance is the sum of theirs. Simulated
    purchases estimate it: the mean of a customer's (y - E y)^2 is the variance.
    """
    seen = _to_histories(holdout)
    assert seen.weights is not None
    past = (seen.frequency, seen.recency, seen.age)
    rng = np.random.default_rng(SEED)
    expected = model.expected_purchases(holdout.horizon_weeks, *past)
    squares = [(model.simulate(holdout.horizon_weeks, *past, rng) - expected) ** 2 for _ in range(_SIMULATED)]
    chance = np.sqrt(np.mean(squares, axis=0) @ seen.weights) * ndtri((np.arange(_STEPS) + 0.5) / _STEPS)
    middle = holdout.total(model.expected_purchases(holdout.horizon_weeks, *_get_past(holdout)))
    moved = [
        (one.expected_purchases(holdout.horizon_weeks, *past) - expected) @ seen.weights
        for one in model.draws(model.draws_of_totals, SEED)
    ]
    totals: Floats = np.maximum(0.0, np.add.outer(middle + np.array(moved), chance)).ravel()
    return totals


def _get_past(holdout: Holdout) -> tuple[Floats, Floats, Floats]:
    return holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks


def _to_histories(holdout: Holdout) -> Histories:
    """Return the holdout's histories; very many are grouped in bins of 6%, which barely changes the totals."""
    seen = Histories(*_get_past(holdout), holdout.customer_count)
    return seen if seen.size <= _MANY else cells.group_similar(seen, bins.MIDDLE)
