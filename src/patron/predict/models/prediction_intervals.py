"""Between which numbers of purchases a customer will probably end up: what is likely of one, not the mean of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.models.likelihood.distinct import distinct

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.purchase_model import PurchaseModel

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


@dataclass(frozen=True)
class Alike:
    """Customers with nearly the same history. group: each customer's, from 0; the others: the means of each group."""

    group: Ints
    x: Floats
    last: Floats
    now: Floats

    @classmethod
    def of(cls, x: Floats, last: Floats, now: Floats) -> Alike:
        """Groups that are alike to some per cent, few enough to draw for."""
        group = _groups(x, last, now)
        members = np.bincount(group)
        return cls(group, *(np.bincount(group, weights=column) / members for column in (x, last, now)))


def purchase_bounds(
    model: PurchaseModel, horizon: float, x: Floats, last: Floats, now: Floats, chances: tuple[float, ...]
) -> list[Floats]:
    """Quantiles of each customer's purchases in the next `horizon`: what parameters leave open, and chance.

    Customers with nearly the same history share their futures; the same arguments give the same bounds. One array for
    each of `chances`.
    """
    return _quantiles(model, horizon, Alike.of(x, last, now), chances)


def discounted_bounds(
    model: PurchaseModel, horizon: float, alike: Alike, discounted: Floats, expected: Floats
) -> dict[str, Floats]:
    """BOUNDS of discounted purchases: of their number, each worth what an expected one is worth on average.

    discounted, expected: of each customer's purchases in the next `horizon`, with and without discounting.
    """
    each = np.divide(discounted, expected, out=np.zeros_like(expected), where=expected > 0)
    counted = _quantiles(model, horizon, alike, tuple(BOUNDS.values()))
    return {bound: count * each for bound, count in zip(BOUNDS, counted, strict=True)}


def _quantiles(model: PurchaseModel, horizon: float, alike: Alike, chances: tuple[float, ...]) -> list[Floats]:
    futures = np.empty((FUTURES, len(alike.x)), dtype=np.float32)
    means = model.nearest_possible(alike.x, alike.last, alike.now)
    rng = np.random.default_rng(SEED)
    for row, drawn in enumerate(model.draws(FUTURES, SEED)):
        futures[row] = drawn.simulate(horizon, *means, rng)
    bounds = np.quantile(futures, chances, axis=0, method="inverted_cdf").astype(np.float64)
    return [bound[alike.group] for bound in bounds]


def _groups(x: Floats, last: Floats, now: Floats) -> Ints:
    """Each customer's group, numbered from 0."""
    early = float(now.mean()) / _EARLY if len(now) else 1.0
    for bits in range(_FINEST, _COARSEST - 1, -1):
        key = np.zeros(len(x), dtype=np.int64)
        for column in (x, last + early, now + early):
            bins = _bins(column, bits)
            key = key * (int(bins.max(initial=0)) + 1) + bins
        groups, group = distinct(key)
        if len(groups) <= MOST_GROUPS:
            break
    return group


def _bins(column: Floats, bits: int) -> Ints:
    """Bins on a logarithmic scale, from 0: the leading bits of a float are a logarithm already."""
    leading = np.ascontiguousarray(column, dtype=np.float64).view(np.int64) >> (_MANTISSA - bits)
    from_0: Ints = leading - (leading.min() if len(leading) else 0)
    return from_0
