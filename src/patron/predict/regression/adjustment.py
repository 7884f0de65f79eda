"""What a Poisson regression makes of the purchase model's expected purchases, once past windows correct both."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import numpy as np

from patron.predict.models.time_units import DAYS_A_WEEK
from patron.predict.regression.poisson import PoissonRegression, compute_evenness

if TYPE_CHECKING:
    from patron.predict.evaluation.recalibration import Recalibration
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.predict.regression.windows import WindowCells

CORRECTED_DAYS = 90
"""The window by whose expected purchases a run finds its correction (clv/scores.py)."""


@dataclass(frozen=True)
class Adjustment:
    """A regression on a model, for the customers of one day.

    evenness: the factor by which all of the regression's are multiplied, so that the total stays the model's.
    everybody, customers: what the model expects in CORRECTED_DAYS of a customer of each cell, and the cells' customers.
    """

    regression: PoissonRegression
    model: PurchaseModel
    correction: Recalibration
    evenness: float
    everybody: Floats
    customers: Floats

    @classmethod
    def from_customers(
        cls, regression: PoissonRegression, model: PurchaseModel, correction: Recalibration, cells: WindowCells
    ) -> Adjustment:
        """Take the customers of `cells` as all there are."""
        expected = expect(model, cells)
        evenness = compute_evenness(regression.compute_factors(cells, expected), expected, cells.customers)
        everybody = expect(model, cells, CORRECTED_DAYS / DAYS_A_WEEK)
        return cls(regression, model, correction, evenness, everybody, cells.customers)

    def compute_factors(self, cells: WindowCells) -> Floats:
        """Return by what the model's corrected expectation is to be multiplied, (cells,).

        The regression knows the model's expectation as a term, and so takes the place of the correction's slope.
        """
        own = self.regression.compute_factors(cells, expect(self.model, cells)) * self.evenness
        before = self.correction.compute_factors(
            self.everybody, self.customers, of=expect(self.model, cells, CORRECTED_DAYS / DAYS_A_WEEK)
        )
        return own * exp(self.correction.level) / before


def expect(model: PurchaseModel, cells: WindowCells, weeks: float | None = None) -> Floats:
    """Return what the model expects of a customer of each cell, (cells,), in a window or in so many weeks."""
    return np.asarray(model.expected_purchases(weeks or cells.horizon_weeks, *cells.past), dtype=np.float64)
