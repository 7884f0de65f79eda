"""Scores each cell of buyers (customers with the same history); the engine joins the scores to customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.evaluation.recalibration import correct_probability
from patron.predict.models.likelihood.distinct import find_distinct
from patron.predict.models.prediction_intervals import BOUNDS, Groups, Uncertainty, compute_value_bounds
from patron.predict.models.purchase_model import sum_over_stages
from patron.predict.models.time_units import WEEKS_A_MONTH, WEEKS_A_YEAR, continuous_rate
from patron.predict.season.clock import Clock

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.predict.evaluation.recalibration import Recalibration
    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.purchase_model import PurchaseModel

Expected = Callable[["Floats", "Floats"], "Sequence[Floats]"]
"""A function of frequency and age that returns what customers alive at each stage are expected to do."""

DAYS = (30, 90, 365)
_CHURN_DAYS = 60
"""Asked of churn only: the probability of a purchase, not their number."""

YEARS = (1, 3, 5)
COUNTED_DAYS = 90
COUNTS = ("no_purchase", "1_purchase", "2_purchases", "3_or_more_purchases")
NEXT = {"next_purchase_days_low_80": 0.1, "next_purchase_days": 0.5, "next_purchase_days_high_80": 0.9}
"""Column -> the probability that the next purchase is made by then. Whole days after as_of; null if there is none."""

LATEST_DAYS = 3650
"""A next purchase is not dated later than ten years from now."""

MOST_TIMES = 5
"""Nothing is said of a time further ahead than so many times the history: a convention, so that a year of receipts is
what five years ahead need."""

KEY = ("repeat_count", "recency_days", "age_days")


def list_columns() -> list[str]:
    """List the columns of predictions.purchase_scores after KEY, in order: numbers, whole in NEXT."""
    ahead = [f"{what}_{days}d" for days in DAYS for what in ("expected_purchases", "probability_of_purchase")]
    ahead.append(f"probability_of_purchase_{_CHURN_DAYS}d")
    discounted = [f"discounted_purchases_{years}y" for years in YEARS]
    bounds = [f"discounted_spends_{years}y_{bound}" for years in YEARS for bound in BOUNDS]
    return [
        "probability_alive",
        *ahead,
        "expected_purchases_horizon",
        *discounted,
        *bounds,
        "discounted_purchases_residual",
        *(f"probability_of_{count}_{COUNTED_DAYS}d" for count in COUNTS),
        *NEXT,
    ]


def empty_scores() -> pa.Table:
    """Return a table with the columns of `score_cells` and no rows."""
    import pyarrow as pa

    numbers = ((name, pa.int64() if name in NEXT else pa.float64()) for name in list_columns())
    return pa.schema([*((name, pa.int64()) for name in KEY), *numbers]).empty_table()


def score_cells(
    model: PurchaseModel,
    cells: pa.Table,
    *,
    horizon_days: int,
    discount_rate: float,
    lifetime_years: int = 5,
    spend: GammaGamma | None = None,
    correction: Recalibration | None = None,
    clock: Clock | None = None,
    history_days: int | None = None,
) -> pa.Table:
    """Score each cell; returns KEY and `list_columns()`, a row per cell in the same order.

    model: fitted in weeks. cells: the columns of KEY and customer_count, whole numbers. discount_rate: per year, such
    as 0.1. lifetime_years: where a lifetime ends. spend: adds to the bounds what is uncertain about the value of a
    purchase. correction: what past windows taught; None if there are none to learn from, as in an orders file. clock:
    that the model was fitted in; None if its weeks are plain. history_days: the days that customers were seen for, if
    that limits how far ahead they are predicted (MOST_TIMES): what is beyond is null, and lifetimes end there.
    Purchases are expected numbers; bounds (discounted_spends) are in units of the customer's expected spend, which is
    the value of one expected purchase.
    """
    import pyarrow as pa

    x, last, now = (cells.column(name).to_numpy().astype(np.float64) for name in KEY)
    clock = clock or Clock(dt.date.min)
    farthest = np.inf if history_days is None else history_days * MOST_TIMES
    years_ahead = [years for years in YEARS if years * 365 <= farthest]
    pairs = _Pairs(x, now, clock)
    last, now = clock.to_recency(last, now), clock.to_age(now)
    alive = model.alive_by_stage(x, last, now)
    found = {"probability_alive": model.probability_alive(x, last, now)}
    lifetime_days = min(lifetime_years * 365, farthest)
    for name, expected in _expected(model, clock, horizon_days, discount_rate, lifetime_days).items():
        found[name] = pairs.sum_over_stages(expected, alive)
    for days in (*DAYS, _CHURN_DAYS):
        found[f"probability_of_purchase_{days}d"] = model.probability_of_purchase(clock.to_horizon(days), x, last, now)
    factors = np.ones(len(x))
    if correction is not None:
        factors = _correct(found, correction, cells.column("customer_count").to_numpy())
    found |= _count(model, clock, x, last, now, found) | _date_next(model, clock, x, last, now, factors)
    groups = Groups.from_histories(x, last, now)
    uncertainty = Uncertainty(correction.spread, correction.inside) if correction else Uncertainty()
    with ThreadPoolExecutor(len(YEARS)) as pool:  # each horizon draws by itself; numpy releases Python's lock
        bound = partial(_bound, model, groups, pairs, alive, found, spend, uncertainty)
        bounds = list(pool.map(bound, years_ahead))
    found |= {name: values for of_years in bounds for name, values in of_years.items()}
    unknown = np.full(len(x), np.nan)
    found |= dict.fromkeys(_list_beyond(years_ahead, horizon_days, farthest), unknown)
    keys = {name: cells.column(name).cast(pa.int64()) for name in KEY}
    numbers = {name: pa.array(found[name], from_pandas=True) for name in list_columns()}
    return pa.table({**keys, **numbers}).cast(empty_scores().schema)


def describe_limit(history_days: int, horizon_days: int, lifetime_years: int) -> list[str]:
    """Say what is not predicted because it is too far ahead, as a sentence; without one if nothing is."""
    farthest = history_days * MOST_TIMES
    if farthest >= max(lifetime_years * 365, YEARS[-1] * 365, horizon_days):
        return []
    return [
        f"Nothing is predicted for more than {farthest:,} days ahead, {MOST_TIMES} times the {history_days:,} days "
        "that customers were seen for, and lifetimes end there"
    ]


def _list_beyond(years_ahead: Sequence[int], horizon_days: int, farthest: float) -> list[str]:
    """List the columns that say what is too far ahead."""
    beyond = [f"_{years}y" for years in YEARS if years not in years_ahead]
    found = [name for name in list_columns() if any(f"{end}_" in f"{name}_" for end in beyond)]
    return found if horizon_days <= farthest else [*found, "expected_purchases_horizon"]


def _count(
    model: PurchaseModel, clock: Clock, x: Floats, last: Floats, now: Floats, found: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Return the probabilities of COUNTS, by column; those of purchases share out the corrected probability of any."""
    none, *some = model.probability_of_counts(clock.to_horizon(COUNTED_DAYS), x, last, now, most=len(COUNTS) - 1)
    chance = found[f"probability_of_purchase_{COUNTED_DAYS}d"]
    share = np.divide(chance, 1 - none, out=np.zeros_like(chance), where=none < 1)
    each = [1 - chance, *(one * share for one in some)]
    return {f"probability_of_{count}_{COUNTED_DAYS}d": one for count, one in zip(COUNTS, each, strict=True)}


def _date_next(
    model: PurchaseModel, clock: Clock, x: Floats, last: Floats, now: Floats, factors: Floats
) -> dict[str, Floats]:
    """Return NEXT, by column, NaN where there is none: a time within a day ends with that day.

    What the model gives a probability of 1 - (1 - c)^(1 / factor) has one of c, once it is corrected.
    """
    longest, found = float(clock.to_horizon(LATEST_DAYS)), {}
    for name, chance in NEXT.items():
        wanted = -np.expm1(np.log1p(-chance) / factors)
        weeks = model.time_to_purchase(wanted, x, last, now, longest)
        found[name] = np.maximum(np.ceil(clock.to_days(weeks, LATEST_DAYS)), 1.0)
    return found


def _bound(
    model: PurchaseModel,
    groups: Groups,
    pairs: _Pairs,
    alive: Sequence[Floats],
    found: Mapping[str, Floats],
    spend: GammaGamma | None,
    uncertainty: Uncertainty,
    years: int,
) -> dict[str, Floats]:
    """Return the bounds of one horizon, by column.

    Each purchase counts as one that the model expects does in the corrected and discounted number.
    """
    horizon = years * WEEKS_A_YEAR
    expected = pairs.sum_over_stages(lambda x, now: model.expected_by_stage(horizon, x, now), alive)
    discounted = found[f"discounted_purchases_{years}y"]
    each = np.divide(discounted, expected, out=np.zeros_like(expected), where=expected > 0)
    bounded = compute_value_bounds(model, horizon, groups, spend, groups.x + 1, uncertainty)
    return {f"discounted_spends_{years}y_{bound}": values * each for bound, values in bounded.items()}


def _correct(found: dict[str, Floats], correction: Recalibration, customers: Floats) -> Floats:
    """Correct numbers and probabilities of purchases by what past windows taught; P(alive) is not one.

    Returns the factor of each cell's purchases, (cells,).
    """
    factors = correction.compute_factors(found[f"expected_purchases_{DAYS[1]}d"], customers)
    for days in (*DAYS, _CHURN_DAYS):
        chance = f"probability_of_purchase_{days}d"
        found[chance] = correct_probability(found[chance], factors, found[f"expected_purchases_{days}d"])
    for name, values in found.items():
        if name.startswith(("expected_purchases_", "discounted_")):
            found[name] = values * factors
    return factors


def _expected(
    model: PurchaseModel, clock: Clock, horizon_days: int, discount_rate: float, lifetime_days: float
) -> dict[str, Expected]:
    """Return column -> function of frequency and age (weeks): the expectation for customers alive at each stage.

    Over whole years a season makes no difference, but for when within a year purchases are discounted: that is as in
    an even year.
    """
    rate = continuous_rate(discount_rate)

    def purchases(days: float) -> Expected:
        return lambda x, now: model.expected_by_stage(clock.to_horizon(days), x, now)

    def discounted(weeks: float) -> Expected:
        return lambda x, now: model.discounted_by_stage(weeks, rate, x, now, WEEKS_A_MONTH)

    return {
        **{f"expected_purchases_{days}d": purchases(days) for days in (*DAYS, _CHURN_DAYS)},
        "expected_purchases_horizon": purchases(horizon_days),
        **{f"discounted_purchases_{years}y": discounted(years * WEEKS_A_YEAR) for years in YEARS},
        "discounted_purchases_residual": discounted(lifetime_days / 365 * WEEKS_A_YEAR),
    }


class _Pairs:
    """The distinct pairs of frequency and age. x: integers. age_days: whole."""

    def __init__(self, x: Floats, age_days: Floats, clock: Clock) -> None:
        days = age_days.astype(np.int64)
        width = int(days.max(initial=0)) + 1
        pairs, self._place = find_distinct(x.astype(np.int64) * width + days)
        self._x, self._now = (pairs // width).astype(np.float64), clock.to_age(pairs % width)

    def sum_over_stages(self, expected: Expected, alive: Sequence[Floats]) -> Floats:
        """Compute `expected` once for each pair, and sum it for every row over stages, times `alive` at each."""
        return sum_over_stages([known[self._place] for known in expected(self._x, self._now)], alive)
