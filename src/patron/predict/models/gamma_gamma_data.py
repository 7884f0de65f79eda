"""What customers spend an order, as arrays, looked over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from patron.predict.errors import HistoryError, NotIdentifiableError
from patron.predict.models.likelihood import bins
from patron.predict.models.likelihood.arrays import Floats, columns, look_at_numbers, numbers, refuse

DO = "frequency counts the orders, mean_value is their mean value in currency, above 0; leave out or net refunds"
_SMALL = 20_000


@dataclass(frozen=True)
class Spending:
    """One entry a customer with orders, or a cell of equal customers: all float64, one dimension, of one length."""

    frequency: Floats
    mean_value: Floats
    weights: Floats | None

    @property
    def customers(self) -> float:
        """The sum of the weights."""
        return float(len(self.frequency) if self.weights is None else self.weights.sum())

    def total(self, values: Floats) -> float:
        """The sum of a figure over all customers."""
        return float(values.sum() if self.weights is None else values @ self.weights)

    def levels(self, *, exact: bool) -> list[Spending]:
        """Ever finer cells, the last of which count."""
        if len(self.frequency) <= _SMALL:
            return [self]
        middle = self._binned(bins.MIDDLE if exact else bins.FINE)
        return [middle._binned(bins.COARSE), middle, *([self] if exact else [])]

    def _binned(self, bits: int) -> Spending:
        pair = (self.frequency, self.mean_value)
        (frequency, mean_value), weights = bins.means(pair, pair, self.weights, bits)
        return Spending(frequency, mean_value, weights)


def spending(frequency: Any, mean_value: Any, weights: Any) -> Spending:
    """Customers who ordered, to fit on. Raises HistoryError and NotIdentifiableError."""
    found = columns({"frequency": frequency, "mean_value": mean_value}, weights, DO)
    x, m = look_over(found["frequency"], found["mean_value"])
    known = x > 0
    if not known.all():
        x, m = x[known], m[known]
    seen = Spending(x, m, found["weights"][known] if weights is not None else None)
    if seen.customers < 2 or np.ptp(m) == 0:
        what = (
            f"{seen.customers:,.0f} customers with orders that count, of {len(np.unique(m)):,} different mean values."
        )
        raise NotIdentifiableError(f"Spend cannot be told from {what}", do="give customers who spend differently")
    if x.max() <= 1:
        what = "Every customer has one order, so nothing tells how a customer's orders differ from each other."
        raise NotIdentifiableError(what, do="give customers with two orders or more")
    return seen


def look_over(frequency: Any, mean_value: Any) -> tuple[Floats, Floats]:
    """Arrays that broadcast; mean_value where there were orders is looked at, else 0. Raises HistoryError."""
    x, m = numbers("frequency", frequency, DO), numbers("mean_value", mean_value, DO)
    look_at_numbers("frequency", x, DO)
    try:
        known = np.broadcast_to(x > 0, np.broadcast_shapes(x.shape, m.shape))
    except ValueError as error:
        raise HistoryError(f"frequency {x.shape} and mean_value {m.shape} do not fit together.", do=DO) from error
    refuse(known & ~((m > 0) & (m < np.inf)), "mean_value", m, "is no amount above 0", DO)
    return x, m if known.all() else np.where(known, m, 0.0)
