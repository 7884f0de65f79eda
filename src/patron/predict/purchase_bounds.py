"""Between which numbers of purchases a customer will probably end up: what is likely of one, not the mean of many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron.predict.likelihood.columns import Floats
    from patron.predict.purchases.model import PurchaseModel

    Ints = npt.NDArray[np.int64]

BOUNDS = {"low_95": 0.025, "low_80": 0.1, "high_80": 0.9, "high_95": 0.975}
"""The ends of an 80% and a 95% interval."""

FUTURES = 400
"""Futures that are drawn for each group of customers; each with parameters of its own."""

SEED = 20_110_101
MOST_GROUPS = 4_000

_EARLY = 8
_FINEST, _COARSEST = 5, 1
_MANTISSA = 52


def purchase_bounds(
    model: PurchaseModel, horizon: float, x: Floats, last: Floats, now: Floats, chances: tuple[float, ...]
) -> list[Floats]:
    """Quantiles of each customer's purchases in the next `horizon`: what parameters leave open, and chance.

    Customers with nearly the same history share their futures; the same arguments give the same bounds. One array for
    each of `chances`.
    """
    group, members = _groups(x, last, now)
    mean_x, mean_last, mean_now = (np.bincount(group, weights=column) / members for column in (x, last, now))
    futures = np.empty((FUTURES, len(members)), dtype=np.float32)
    rng = np.random.default_rng(SEED)
    for row, drawn in enumerate(model.draws(FUTURES, SEED)):
        futures[row] = drawn.simulate(horizon, mean_x, mean_last, mean_now, rng)
    return [bound[group] for bound in np.quantile(futures, chances, axis=0, method="inverted_cdf").astype(np.float64)]


def discounted_bounds(
    model: PurchaseModel, horizon: float, x: Floats, last: Floats, now: Floats, discounted: Floats, expected: Floats
) -> dict[str, Floats]:
    """BOUNDS of discounted purchases: of their number, each worth what an expected one is worth on average.

    discounted, expected: of each customer's purchases in the next `horizon`, with and without discounting.
    """
    each = np.divide(discounted, expected, out=np.zeros_like(expected), where=expected > 0)
    counted = purchase_bounds(model, horizon, x, last, now, tuple(BOUNDS.values()))
    return {bound: count * each for bound, count in zip(BOUNDS, counted, strict=True)}


def _groups(x: Floats, last: Floats, now: Floats) -> tuple[Ints, Floats]:
    """Each customer's group, numbered from 0, and the size of each: alike to some per cent, few enough to draw for."""
    early = float(now.mean()) / _EARLY if len(now) else 1.0
    for bits in range(_FINEST, _COARSEST - 1, -1):
        key = np.zeros(len(x), dtype=np.int64)
        for column in (x, last + early, now + early):
            bins = _bins(column, bits)
            key = key * (int(bins.max(initial=0)) + 1) + bins
        _, group, members = np.unique(key, return_inverse=True, return_counts=True)
        if len(members) <= MOST_GROUPS:
            break
    return group, members.astype(np.float64)


def _bins(column: Floats, bits: int) -> Ints:
    """Bins on a logarithmic scale, from 0: the leading bits of a float are a logarithm already."""
    leading = np.ascontiguousarray(column, dtype=np.float64).view(np.int64) >> (_MANTISSA - bits)
    from_0: Ints = leading - (leading.min() if len(leading) else 0)
    return from_0
