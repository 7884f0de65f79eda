"""Between which numbers of purchases a customer will probably end up: what is likely of one, not the mean of many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron.predict.likelihood.columns import Floats
    from patron.predict.purchases.model import PurchaseModel

    Ints = npt.NDArray[np.int64]

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
