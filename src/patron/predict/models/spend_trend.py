"""Tests whether the same customers spend more, or less, as time passes: the gamma-gamma model takes it as constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from patron.predict.errors import HistoryError, NotIdentifiableError
from patron.predict.models.likelihood.arrays import Floats, number, numbers, refuse
from patron.predict.models.time_units import WEEKS_A_YEAR

_SMALL = 0.03
"""Changes below this share a year, or a doubling, are small: they move predicted values less than their intervals."""

_RARE = 0.005
"""The p value at which a trend is clear: there are two ways to look at it, and a caution is read in every run."""

_FEWEST = 30
_95 = 1.959964
_PER = {"year": "a year", "doubling": "each time their number of purchases doubles"}


@dataclass(frozen=True)
class SpendTrend:
    """The change of customers' spend on a purchase, with a 95% interval: 0.1 is 10% more.

    per: a year, or a doubling of a customer's number of purchases. customers: with two purchases or more.
    """

    per: str
    change: float
    low: float
    high: float
    p_value: float
    customers: int

    @property
    def is_clear(self) -> bool:
        """Return whether spend is not constant, by more than a little."""
        return self.customers >= _FEWEST and self.p_value <= _RARE and abs(self.change) >= _SMALL

    @property
    def statement(self) -> str:
        """Return the result as a sentence, without its full stop."""
        figures = f"{abs(self.change):.0%} {_PER[self.per]} (95%: {self.low:+.0%} to {self.high:+.0%})"
        if not self.is_clear:
            return f"No clear trend of the same customers' spend on a purchase: {self.change:+.0%} {_PER[self.per]}"
        way, wrong = ("rises", "low") if self.change > 0 else ("falls", "high")
        return (
            f"The same customers' spend on a purchase {way} by {figures}, and predicted values take it as constant:"
            f" they are too {wrong} if that goes on"
        )


def spend_trend(customer: Any, at: Any, value: Any, year: float = WEEKS_A_YEAR) -> SpendTrend:
    """Test for a trend over time and over successive purchases, and return the clearer one.

    customer, at, value: arrays of shape (n,), an entry for each purchase: whose it is, when, in a unit of which `year`
    is a year, and its value, above 0. Raises HistoryError, NotIdentifiableError.
    """
    do = "pass one entry for each purchase, of a value above 0"
    length = number("year", year, do)
    times, values = numbers("at", at, do), numbers("value", value, do)
    _, who = np.unique(np.asarray(customer), return_inverse=True)
    if not who.shape == times.shape == values.shape or who.ndim != 1:
        raise HistoryError(f"customer {who.shape}, at {times.shape} and value {values.shape} do not match.", do=do)
    refuse(~np.isfinite(times), "at", times, "is not a number", do)
    refuse(~((values > 0) & (values < np.inf)), "value", values, "is not an amount above 0", do)
    order = np.lexsort((times, who))
    who, logs, years = who[order], np.log(values[order]), times[order] / length
    first = np.searchsorted(who, who)
    doublings = np.log2(np.arange(len(who)) - first + 1)
    return choose_clearer(
        {
            name: _sum_by_customer(who, moved - moved[first] if name == "year" else moved, logs)
            for name, moved in (("year", years), ("doubling", doublings))
        }
    )


def choose_clearer(sums: dict[str, tuple[Floats, Floats]]) -> SpendTrend:
    """Return the clearer of the trends, by what they are per.

    sums: for each customer with two purchases or more, that of (t - mean t) x ln value over purchases, and that of
    (t - mean t)^2. Raises NotIdentifiableError.
    """
    found = [trend for per, own in sums.items() if (trend := _estimate(per, *own)) is not None]
    if not found:
        what = "No customer has purchases of different times, so a trend of spend cannot be estimated."
        raise NotIdentifiableError(what, do="pass customers with two purchases or more")
    return min(found, key=lambda trend: (not trend.is_clear, trend.p_value))


def _estimate(per: str, products: Floats, squares: Floats) -> SpendTrend | None:
    """Estimate the slope of ln(value) within customers; each customer's influence gives its standard error."""
    total = float(squares.sum())
    if total <= 0:
        return None
    slope = float(products.sum()) / total
    error = float(np.sqrt(np.sum((products - slope * squares) ** 2))) / total
    p_value = float(2 * ndtr(-abs(slope) / error)) if error > 0 else float(slope == 0)
    change, low, high = (float(np.expm1(at)) for at in (slope, slope - _95 * error, slope + _95 * error))
    return SpendTrend(per, change, low, high, p_value, int((squares > 0).sum()))


def _sum_by_customer(who: np.ndarray, moved: Floats, logs: Floats) -> tuple[Floats, Floats]:
    count = np.bincount(who)
    off = moved - (np.bincount(who, moved) / count)[who]
    products: Floats = np.bincount(who, off * logs).astype(np.float64)
    squares: Floats = np.bincount(who, off * off).astype(np.float64)
    return products[count > 1], squares[count > 1]
