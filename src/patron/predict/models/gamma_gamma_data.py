"""Checks spend per order, and holds it as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from patron.predict.errors import HistoryError, NotIdentifiableError
from patron.predict.models.likelihood import bins
from patron.predict.models.likelihood.arrays import Floats, check_numbers, columns, numbers, refuse

DO = "frequency counts the orders, mean_value is their mean value in currency, above 0; leave out or subtract refunds"
_SMALL = 20_000


@dataclass(frozen=True)
class Spending:
    """One entry per customer with orders, or per cell of equal customers: float64 arrays of shape (n,)."""

    frequency: Floats
    mean_value: Floats
    weights: Floats | None

    @property
    def customers(self) -> float:
        """Return the number of customers, the sum of the weights."""
        return float(len(self.frequency) if self.weights is None else self.weights.sum())

    def total(self, values: Floats) -> float:
        """Sum a figure per customer, shape (n,), over all customers."""
        return float(values.sum() if self.weights is None else values @ self.weights)

    def select(self, rows: npt.NDArray[np.intp]) -> Spending:
        """Return some of the entries."""
        return Spending(
            self.frequency[rows], self.mean_value[rows], None if self.weights is None else self.weights[rows]
        )

    def levels(self, *, exact: bool) -> list[Spending]:
        """Group into increasingly fine cells; the last are those to fit on."""
        if len(self.frequency) <= _SMALL:
            return [self]
        middle = self._binned(bins.MIDDLE if exact else bins.FINE)
        return [middle._binned(bins.COARSE), middle, *([self] if exact else [])]

    def _binned(self, bits: int) -> Spending:
        pair = (self.frequency, self.mean_value)
        (frequency, mean_value), weights = bins.means(pair, pair, self.weights, bits)
        return Spending(frequency, mean_value, weights)


def to_spending(frequency: Any, mean_value: Any, weights: Any) -> Spending:
    """Check the arrays to fit on, and return the entries with orders. Raises HistoryError, NotIdentifiableError."""
    found = columns({"frequency": frequency, "mean_value": mean_value}, weights, DO)
    x, m = check_spend(found["frequency"], found["mean_value"])
    known = x > 0
    if not known.all():
        x, m = x[known], m[known]
    seen = Spending(x, m, found["weights"][known] if weights is not None else None)
    if seen.customers < 2 or np.ptp(m) == 0:
        what = (
            f"{seen.customers:,.0f} customers with orders that count, of {len(np.unique(m)):,} different mean values."
        )
        raise NotIdentifiableError(f"Spend cannot be estimated from {what}", do="pass customers who spend differently")
    if x.max() <= 1:
        what = "Every customer has one order, so differences between a customer's orders cannot be estimated."
        raise NotIdentifiableError(what, do="pass customers with two orders or more")
    return seen


def check_spend(frequency: Any, mean_value: Any) -> tuple[Floats, Floats]:
    """Return arrays that broadcast; mean_value is 0 where there were no orders. Raises HistoryError."""
    x, m = numbers("frequency", frequency, DO), numbers("mean_value", mean_value, DO)
    check_numbers("frequency", x, DO)
    try:
        known = np.broadcast_to(x > 0, np.broadcast_shapes(x.shape, m.shape))
    except ValueError as error:
        raise HistoryError(f"frequency {x.shape} and mean_value {m.shape} do not broadcast.", do=DO) from error
    refuse(known & ~((m > 0) & (m < np.inf)), "mean_value", m, "is not an amount above 0", DO)
    return x, m if known.all() else np.where(known, m, 0.0)
