"""Prediction intervals for the number of purchases of one customer (not for the mean of many)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.models.likelihood.distinct import find_distinct

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.purchase_model import PurchaseModel

    Ints = npt.NDArray[np.int64]

BOUNDS = {"low_95": 0.025, "low_80": 0.1, "high_80": 0.9, "high_95": 0.975}
"""The ends of an 80% and a 95% interval."""

FUTURES = 400
"""Futures drawn for each group of customers, each with its own parameters."""

SEED = 20_110_101
MOST_GROUPS = 4_000

_EARLY = 8
_FINEST, _COARSEST = 5, 1
_MANTISSA = 52


@dataclass(frozen=True)
class Groups:
    """Customers grouped by similar history.

    group: the group of each customer, (customers,), from 0. x, last, now: the mean history of each group, (groups,).
    """

    group: Ints
    x: Floats
    last: Floats
    now: Floats

    @classmethod
    def from_histories(cls, x: Floats, last: Floats, now: Floats) -> Groups:
        """Group histories that differ by a few per cent, into at most MOST_GROUPS groups if possible."""
        group = _number_groups(x, last, now)
        members = np.bincount(group)
        return cls(group, *(np.bincount(group, weights=column) / members for column in (x, last, now)))


def compute_purchase_bounds(
    model: PurchaseModel, horizon: float, x: Floats, last: Floats, now: Floats, chances: tuple[float, ...]
) -> list[Floats]:
    """Compute quantiles of each customer's purchases in the next `horizon`, from uncertain parameters and chance.

    Customers with similar histories share their simulated futures; the same arguments give the same bounds. Returns an
    array of shape (customers,) for each of `chances`, which are between 0 and 1.
    """
    return _simulate_quantiles(model, horizon, Groups.from_histories(x, last, now), chances)


def compute_discounted_bounds(
    model: PurchaseModel, horizon: float, groups: Groups, discounted: Floats, expected: Floats
) -> dict[str, Floats]:
    """Compute BOUNDS of discounted purchases, with each purchase discounted as an expected one is on average.

    discounted, expected: each customer's expected purchases in the next `horizon`, with and without discounting.
    """
    each = np.divide(discounted, expected, out=np.zeros_like(expected), where=expected > 0)
    counted = _simulate_quantiles(model, horizon, groups, tuple(BOUNDS.values()))
    return {bound: count * each for bound, count in zip(BOUNDS, counted, strict=True)}


def _simulate_quantiles(
    model: PurchaseModel, horizon: float, groups: Groups, chances: tuple[float, ...]
) -> list[Floats]:
    futures = np.empty((FUTURES, len(groups.x)), dtype=np.float32)
    means = model.nearest_possible(groups.x, groups.last, groups.now)
    rng = np.random.default_rng(SEED)
    for row, drawn in enumerate(model.draws(FUTURES, SEED)):
        futures[row] = drawn.simulate(horizon, *means, rng)
    bounds = np.quantile(futures, chances, axis=0, method="inverted_cdf").astype(np.float64)
    return [bound[groups.group] for bound in bounds]


def _number_groups(x: Floats, last: Floats, now: Floats) -> Ints:
    """Number each customer's group, from 0."""
    early = float(now.mean()) / _EARLY if len(now) else 1.0
    for bits in range(_FINEST, _COARSEST - 1, -1):
        key = np.zeros(len(x), dtype=np.int64)
        for column in (x, last + early, now + early):
            bins = _bins(column, bits)
            key = key * (int(bins.max(initial=0)) + 1) + bins
        groups, group = find_distinct(key)
        if len(groups) <= MOST_GROUPS:
            break
    return group


def _bins(column: Floats, bits: int) -> Ints:
    """Return logarithmic bins, from 0, by the leading bits of the floats."""
    leading = np.ascontiguousarray(column, dtype=np.float64).view(np.int64) >> (_MANTISSA - bits)
    from_0: Ints = leading - (leading.min() if len(leading) else 0)
    return from_0
