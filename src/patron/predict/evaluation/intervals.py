"""Whether what came lay where a model said that it would probably lie: the total of all customers, and each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from patron.predict.evaluation.holdout import Holdout
from patron.predict.models import cells
from patron.predict.models.histories import Histories
from patron.predict.models.likelihood import bins
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.prediction_intervals import purchase_bounds
from patron.predict.models.purchase_model import PurchaseModel

CHANCES = {80: (0.1, 0.9), 95: (0.025, 0.975)}
"""Per cent: the ends of the interval."""

DRAWS, SEED = 100, 20_110_101
_SIMULATED, _STEPS = 20, 50
_MANY = 4_000


@dataclass(frozen=True)
class Interval:
    """Where the total was to lie in `per_cent` of cases, and the share of customers who lay in their own interval."""

    per_cent: int
    low: float
    high: float
    is_met: bool
    customers_inside: float


def intervals(model: PurchaseModel, holdout: Holdout) -> list[Interval]:
    """The intervals of a fitted model, of what its parameters leave open and of chance."""
    totals = possible_totals(model, holdout)
    came = holdout.total(holdout.held_out_count)
    chances = [chance for ends in CHANCES.values() for chance in ends]
    past = (holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks)
    bounds = purchase_bounds(model, holdout.horizon_weeks, *past, tuple(chances))
    found = []
    for place, (per_cent, ends) in enumerate(CHANCES.items()):
        low, high = (float(end) for end in np.quantile(totals, ends))
        inside = (bounds[2 * place] <= holdout.held_out_count) & (holdout.held_out_count <= bounds[2 * place + 1])
        share = float(inside @ holdout.customer_count / holdout.customer_count.sum())
        found.append(Interval(per_cent, low, high, low <= came <= high, share))
    return found


def possible_totals(model: PurchaseModel, holdout: Holdout) -> Floats:
    """Totals of the window: for each of DRAWS parameters that the past leaves possible, what chance may make of it.

    Purchases of many customers add up to a normal law, whose variance is the sum of theirs. Simulated purchases
    estimate it: (y - E y)^2 of a customer has the variance as its mean.
    """
    seen = _histories(holdout)
    assert seen.weights is not None
    past = (seen.frequency, seen.recency, seen.age)
    rng = np.random.default_rng(SEED)
    expected = model.expected_purchases(holdout.horizon_weeks, *past)
    squares = [(model.simulate(holdout.horizon_weeks, *past, rng) - expected) ** 2 for _ in range(_SIMULATED)]
    chance = np.sqrt(np.mean(squares, axis=0) @ seen.weights) * ndtri((np.arange(_STEPS) + 0.5) / _STEPS)
    middle = holdout.total(model.expected_purchases(holdout.horizon_weeks, *_past(holdout)))
    moved = [
        (one.expected_purchases(holdout.horizon_weeks, *past) - expected) @ seen.weights
        for one in model.draws(DRAWS, SEED)
    ]
    totals: Floats = np.maximum(0.0, np.add.outer(middle + np.array(moved), chance)).ravel()
    return totals


def _past(holdout: Holdout) -> tuple[Floats, Floats, Floats]:
    return holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks


def _histories(holdout: Holdout) -> Histories:
    """The holdout's histories; of very many, in bins of 6%, which move a difference of totals by next to nothing."""
    seen = Histories(*_past(holdout), holdout.customer_count)
    return seen if seen.size <= _MANY else cells.binned(seen, bins.MIDDLE)
