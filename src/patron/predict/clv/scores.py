"""Scores each cell of buyers (customers with the same history); the engine joins the scores to customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.models.likelihood.distinct import find_distinct
from patron.predict.models.prediction_intervals import BOUNDS, Groups, compute_discounted_bounds
from patron.predict.models.time_units import DAYS_A_WEEK, WEEKS_A_MONTH, WEEKS_A_YEAR, continuous_rate

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.purchase_model import PurchaseModel

DAYS = (30, 90, 365)
_CHURN_DAYS = 60
"""Asked of churn only: the probability of a purchase, not their number."""

YEARS = (1, 3, 5)
KEY = ("repeat_count", "recency_days", "age_days")


def list_columns() -> list[str]:
    """List the columns of predictions.purchase_scores after KEY, in order; all are numbers."""
    ahead = [f"{what}_{days}d" for days in DAYS for what in ("expected_purchases", "probability_of_purchase")]
    ahead.append(f"probability_of_purchase_{_CHURN_DAYS}d")
    discounted = [f"discounted_purchases_{years}y" for years in YEARS]
    bounds = [f"{name}_{bound}" for name in discounted for bound in BOUNDS]
    return [
        "probability_alive",
        *ahead,
        "expected_purchases_horizon",
        *discounted,
        *bounds,
        "discounted_purchases_residual",
    ]


def empty_scores() -> pa.Table:
    """Return a table with the columns of `score_cells` and no rows."""
    import pyarrow as pa

    fields = [*((name, pa.int64()) for name in KEY), *((name, pa.float64()) for name in list_columns())]
    return pa.schema(fields).empty_table()


def score_cells(model: PurchaseModel, cells: pa.Table, *, horizon_days: int, discount_rate: float) -> pa.Table:
    """Score each cell; returns KEY and `list_columns()`, a row per cell in the same order.

    model: fitted in weeks. cells: the columns of KEY, whole numbers. discount_rate: per year, such as 0.1.
    """
    import pyarrow as pa

    x, last, now = (cells.column(name).to_numpy().astype(np.float64) for name in KEY)
    last, now = last / DAYS_A_WEEK, now / DAYS_A_WEEK
    pairs = _Pairs(x, now)
    found = {"probability_alive": model.probability_alive(x, last, now)}
    for name, expected in _expected(model, horizon_days, discount_rate).items():
        found[name] = pairs.each(expected) * found["probability_alive"]
    for days in (*DAYS, _CHURN_DAYS):
        found[f"probability_of_purchase_{days}d"] = model.probability_of_purchase(days / DAYS_A_WEEK, x, last, now)
    groups = Groups.from_histories(x, last, now)
    with ThreadPoolExecutor(len(YEARS)) as pool:  # each horizon draws by itself; numpy releases Python's lock
        bounds = list(pool.map(partial(_bound, model, groups, pairs, found), YEARS))
    found |= {name: values for of_years in bounds for name, values in of_years.items()}
    keys = {name: cells.column(name).cast(pa.int64()) for name in KEY}
    return pa.table({**keys, **{name: found[name] for name in list_columns()}})


def _bound(
    model: PurchaseModel, groups: Groups, pairs: _Pairs, found: Mapping[str, Floats], years: int
) -> dict[str, Floats]:
    """Return the bounds of one horizon, by column."""
    horizon, name = years * WEEKS_A_YEAR, f"discounted_purchases_{years}y"
    alive = pairs.each(lambda x, now: model.expected_while_alive(horizon, x, now))
    bounded = compute_discounted_bounds(model, horizon, groups, found[name], alive * found["probability_alive"])
    return {f"{name}_{bound}": values for bound, values in bounded.items()}


def _expected(model: PurchaseModel, horizon_days: int, discount_rate: float) -> dict[str, Callable[..., Floats]]:
    """Return column -> function of frequency and age (weeks): the expectation for customers who are alive."""
    rate = continuous_rate(discount_rate)

    def purchases(days: float) -> Callable[..., Floats]:
        return lambda x, now: model.expected_while_alive(days / DAYS_A_WEEK, x, now)

    def discounted(weeks: float) -> Callable[..., Floats]:
        return lambda x, now: model.discounted_while_alive(weeks, rate, x, now, WEEKS_A_MONTH)

    return {
        **{f"expected_purchases_{days}d": purchases(days) for days in DAYS},
        "expected_purchases_horizon": purchases(horizon_days),
        **{f"discounted_purchases_{years}y": discounted(years * WEEKS_A_YEAR) for years in YEARS},
        "discounted_purchases_residual": discounted(np.inf),
    }


class _Pairs:
    """The distinct pairs of frequency and age. x: integers. now: whole days, in weeks."""

    def __init__(self, x: Floats, now: Floats) -> None:
        days = np.rint(now * DAYS_A_WEEK).astype(np.int64)
        width = int(days.max(initial=0)) + 1
        pairs, self._place = find_distinct(x.astype(np.int64) * width + days)
        self._x, self._now = (pairs // width).astype(np.float64), (pairs % width) / DAYS_A_WEEK

    def each(self, expected: Callable[..., Floats]) -> Floats:
        """Compute `expected` once for each pair, and return it for every row."""
        known: Floats = expected(self._x, self._now)
        return known[self._place]
