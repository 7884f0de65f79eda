"""Customer lifetime value: discounted expected purchases x expected spend per order x margin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from patron.predict.errors import HistoryError
from patron.predict.models.gamma_gamma_independence import Independence, spend_frequency_correlation
from patron.predict.models.likelihood.arrays import Floats, number, numbers, refuse
from patron.predict.models.prediction_intervals import BOUNDS, Groups, Uncertainty, compute_value_bounds
from patron.predict.models.time_units import WEEKS_A_YEAR, continuous_rate

if TYPE_CHECKING:
    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.given_covariates import GivenCovariates
    from patron.predict.models.purchase_model import PurchaseModel

__all__ = ["BOUNDS", "Independence", "continuous_rate", "lifetime_value", "spend_frequency_correlation"]


def lifetime_value(
    purchases: PurchaseModel | GivenCovariates,
    spend: GammaGamma | GivenCovariates,
    frequency: Any,
    recency: Any,
    age: Any,
    mean_value: Any,
    *,
    margin: float = 1.0,
    annual_rate: float = 0.1,
    year: float = WEEKS_A_YEAR,
    years: tuple[int, ...] = (1, 3, 5),
    historical: Any = None,
) -> dict[str, Floats]:
    """Predict the value of each customer's future purchases, in currency.

    frequency, recency, age, mean_value: arrays of shape (n,), as both models take them. margin: of revenue, above 0.
    annual_rate: the discount rate per year, such as 0.1, applied by month. year: its length in units of time.
    historical: each customer's value to date, in currency.

    Returns arrays of shape (n,) by name: expected_spend;
    value_<n>y for each of `years` with value_<n>y_low_95, _low_80, _high_80 and _high_95;
    residual_value, of all purchases to come (needs a rate above 0); and total_value where `historical` is given.
    The intervals are for one customer: parameters, the number of purchases and their values are drawn from their
    distributions, and each purchase is discounted as an expected one is on average. A model made by from_params has no
    standard errors, and gives no intervals; nor do models of given covariates (`given`). Raises HistoryError.
    """
    margin, annual_rate, year = (
        number(n, v, "pass one number for all customers")
        for n, v in (("margin", margin), ("annual_rate", annual_rate), ("year", year))
    )
    if not (0 < margin < np.inf and 0 <= annual_rate < np.inf and 0 < year < np.inf):
        what = f"margin {margin}, annual_rate {annual_rate} and year {year} are not valid."
        raise HistoryError(what, do="pass a margin and a year above 0, and a rate of 0 or more")
    x, last, now = (np.atleast_1d(numbers(n, v, "")) for n, v in zip(_NAMES, (frequency, recency, age), strict=True))
    past = None if historical is None else _check_past_value(historical, x)
    worth = margin * spend.expected_spend(x, mean_value)
    rate = continuous_rate(annual_rate, year)
    found = {"expected_spend": worth / margin}
    drawn = _find_models_to_draw(purchases, spend)
    groups = Groups.from_histories(x, last, now) if drawn else None
    for n in years:
        count = purchases.discounted_purchases(n * year, rate, x, last, now, step=year / 12)
        found[f"value_{n}y"] = count * worth
        if groups is not None and drawn is not None:
            expected = purchases.expected_purchases(n * year, x, last, now)
            each = np.divide(count, expected, out=np.zeros_like(expected), where=expected > 0)
            for bound, ahead in compute_value_bounds(
                drawn[0], n * year, groups, drawn[1], groups.x, Uncertainty()
            ).items():
                found[f"value_{n}y_{bound}"] = ahead * each * worth
    if rate > 0:
        found["residual_value"] = purchases.discounted_purchases(np.inf, rate, x, last, now) * worth
        if past is not None:
            found["total_value"] = found["residual_value"] + past
    return found


def _find_models_to_draw(
    purchases: PurchaseModel | GivenCovariates, spend: GammaGamma | GivenCovariates
) -> tuple[PurchaseModel, GammaGamma] | None:
    """Return the models if intervals can be drawn from them."""
    from patron.predict.models.given_covariates import GivenCovariates

    if isinstance(purchases, GivenCovariates) or isinstance(spend, GivenCovariates):
        return None
    return (purchases, spend) if hasattr(purchases, "covariance_log_") else None


_NAMES = ("frequency", "recency", "age")


def _check_past_value(historical: Any, x: Floats) -> Floats:
    """Return past amounts, which are negative if refunds exceed sales. Raises HistoryError."""
    do = "pass one amount per customer"
    past = numbers("historical", historical, do)
    if past.shape not in {(), x.shape}:
        raise HistoryError(f"historical {past.shape} does not match {x.shape} customers.", where="historical", do=do)
    refuse(~np.isfinite(past), "historical", past, "is no amount", do)
    return past
