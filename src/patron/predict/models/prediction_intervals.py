"""Prediction intervals for one customer (not for the mean of many): of the number of purchases, and of their value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from patron.predict.models.likelihood.distinct import find_distinct

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.purchase_model import PurchaseModel

    Ints = npt.NDArray[np.int64]

BOUNDS = ("low_95", "low_80", "high_80", "high_95")
INSIDE = {80: 0.8, 95: 0.95}
"""Per cent in the name of a bound -> the share of futures inside."""

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
    def from_histories(cls, x: Floats, last: Floats, now: Floats, most: int = MOST_GROUPS) -> Groups:
        """Group histories that differ by a few per cent, into at most so many groups if possible."""
        group = _number_groups(x, last, now, most)
        members = np.bincount(group)
        return cls(group, *(np.bincount(group, weights=column) / members for column in (x, last, now)))


def compute_purchase_bounds(
    model: PurchaseModel,
    horizon: float,
    x: Floats,
    last: Floats,
    now: Floats,
    chances: tuple[float, ...],
    most_groups: int = MOST_GROUPS,
) -> list[Floats]:
    """Compute quantiles of each customer's purchases in the next `horizon`, from uncertain parameters and chance.

    Customers with similar histories share their simulated futures; the same arguments give the same bounds. Returns an
    array of shape (customers,) for each of `chances`, which are between 0 and 1.
    """
    return _simulate_quantiles(model, horizon, Groups.from_histories(x, last, now, most_groups), chances)


@dataclass(frozen=True)
class Uncertainty:
    """What a purchase model does not know of its own errors.

    spread: standard deviation of the logarithm of a whole period's purchases around what the model expects, the same
    for all customers. inside: per cent in the name of a bound -> the share of simulated futures to put inside.
    """

    spread: float = 0.0
    inside: Mapping[int, float] = field(default_factory=lambda: INSIDE)


def compute_value_bounds(
    model: PurchaseModel,
    horizon: float,
    groups: Groups,
    spend: GammaGamma | None,
    seen: Floats,
    uncertainty: Uncertainty,
) -> dict[str, Floats]:
    """Compute BOUNDS of each customer's spend in the next `horizon`, in units of the expected spend of one purchase.

    Futures differ by the parameters, by chance in the number of purchases and in what each is worth, by what the
    customer's own purchases are worth on average (which is known the less the fewer there were), and by `uncertainty`.
    spend: None for purchases of a fixed value. seen: of how many purchases a customer's mean spend is known, (groups,).
    Returns arrays of shape (customers,).
    """
    futures = simulate_values(model, horizon, groups, spend, seen, uncertainty)
    found: dict[str, Floats] = {}
    for per_cent, inside in uncertainty.inside.items():
        low, high = find_ends(futures, inside)
        found |= {f"low_{per_cent}": low[groups.group], f"high_{per_cent}": high[groups.group]}
    return {bound: found[bound] for bound in BOUNDS}


def simulate_values(
    model: PurchaseModel,
    horizon: float,
    groups: Groups,
    spend: GammaGamma | None,
    seen: Floats,
    uncertainty: Uncertainty,
) -> npt.NDArray[np.float32]:
    """Simulate futures as `compute_value_bounds` does; return them in ascending order, (FUTURES, groups)."""
    futures = _simulate(model, horizon, groups, spend, seen)
    if uncertainty.spread:
        futures *= draw_shocks(uncertainty.spread, FUTURES).astype(np.float32)[:, None]
    futures.sort(axis=0)
    return futures


def find_ends(futures: npt.NDArray[np.float32], inside: float) -> tuple[Floats, Floats]:
    """Return the ends of the interval that holds a share of the futures. futures: (futures, customers), ascending.

    As many futures are below as above, unless too many are equal to the low end: where half of a customer's futures
    hold no purchase, the interval starts at 0, nothing is below it, and so more of what is above can be left out.
    """
    size = len(futures)
    low = futures[max(int(np.ceil((1 - inside) / 2 * size)) - 1, 0)]
    below = (futures < low).sum(axis=0)
    place = np.minimum(below + int(np.ceil(inside * size)) - 1, size - 1)
    high = np.take_along_axis(futures, place[None, :], axis=0)[0]
    return low.astype(np.float64), high.astype(np.float64)


def draw_shocks(spread: float, size: int) -> Floats:
    """Return a factor for each of `size` futures: the quantiles of a log-normal distribution, in a random order."""
    chances = (np.arange(size) + 0.5) / size
    factors: Floats = np.exp(spread * ndtri(np.random.default_rng(SEED).permutation(chances)))
    return factors


def _simulate_quantiles(
    model: PurchaseModel, horizon: float, groups: Groups, chances: tuple[float, ...]
) -> list[Floats]:
    futures = _simulate(model, horizon, groups)
    bounds = np.quantile(futures, chances, axis=0, method="inverted_cdf").astype(np.float64)
    return [bound[groups.group] for bound in bounds]


def _simulate(
    model: PurchaseModel, horizon: float, groups: Groups, spend: GammaGamma | None = None, seen: Floats | float = 0.0
) -> npt.NDArray[np.float32]:
    """Draw FUTURES of each group, (futures, groups): purchases, or their value in units of one's expected value."""
    futures = np.empty((FUTURES, len(groups.x)), dtype=np.float32)
    means = model.nearest_possible(groups.x, groups.last, groups.now)
    rng = np.random.default_rng(SEED)
    for row, drawn in enumerate(model.draws(FUTURES, SEED)):
        bought = drawn.simulate(horizon, *means, rng)
        futures[row] = bought if spend is None else spend.simulate_totals(bought, seen, rng)
    return futures


def _number_groups(x: Floats, last: Floats, now: Floats, most: int) -> Ints:
    """Number each customer's group, from 0."""
    early = float(now.mean()) / _EARLY if len(now) else 1.0
    for bits in range(_FINEST, _COARSEST - 1, -1):
        key = np.zeros(len(x), dtype=np.int64)
        for column in (x, last + early, now + early):
            bins = _bins(column, bits)
            key = key * (int(bins.max(initial=0)) + 1) + bins
        groups, group = find_distinct(key)
        if len(groups) <= most:
            break
    return group


def _bins(column: Floats, bits: int) -> Ints:
    """Return logarithmic bins, from 0, by the leading bits of the floats."""
    leading = np.ascontiguousarray(column, dtype=np.float64).view(np.int64) >> (_MANTISSA - bits)
    from_0: Ints = leading - (leading.min() if len(leading) else 0)
    return from_0
