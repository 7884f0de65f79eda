"""The base of all purchase models: fitting, parameters, draws, and predictions as products of two factors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from patron.predict.models import cells, discounting
from patron.predict.models.arguments import check_history, check_horizons
from patron.predict.models.histories import Histories, check_identifiable, to_histories
from patron.predict.models.likelihood import bins
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.estimator import Estimated
from patron.predict.models.likelihood.fit import maximise
from patron.predict.models.likelihood.newton import Objective

_SMALL = 4_000
"""Up to so many rows, starts are tried on all customers; above, on bins."""


class PurchaseModel(Estimated, ABC):
    """A model of how often customers buy and when they stop.

    `Estimated` has its settings and what `fit` sets.
    """

    times: ClassVar[tuple[str, ...]] = ()
    """The parameters in units of time."""

    def fit(self, frequency: Any, recency: Any, age: Any, weights: Any = None) -> Self:
        """Fit the parameters by maximum likelihood.

        frequency, recency, age: arrays of shape (n,), one entry per customer or cell of equal customers; recency and
        age in the same unit of time. weights: customers in each cell. Raises HistoryError and NotIdentifiableError.
        """
        seen = self._prepare(to_histories(frequency, recency, age, weights))
        check_identifiable(seen)
        found = maximise(
            [self._likelihood(level) for level in self._levels(seen)],
            self._starts(seen),
            self._middle(seen),
            self.parameter_names,
            penalty=self.penalty,
            exact=self.exact or seen.size <= _SMALL,
        )
        self._keep(found, seen.customers)
        return self

    @abstractmethod
    def probability_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute P(alive), the probability that each customer is still active, 0 to 1. Arguments broadcast."""

    @abstractmethod
    def expected_while_alive(self, horizon: Any, frequency: Any, age: Any) -> Floats:
        """Compute E[Y(T, T + t)] of a customer alive at T, in purchases; it depends on frequency and age alone."""

    @abstractmethod
    def probability_of_purchase(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute the probability of at least one purchase in (T, T + t], 0 to 1."""

    @abstractmethod
    def simulate(self, horizon: Any, frequency: Any, recency: Any, age: Any, rng: np.random.Generator) -> Floats:
        """Draw each customer's number of purchases in (T, T + t], given their history."""

    def expected_purchases(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute E[Y(T, T + t) | x, t_x, T], the expected purchases in the next `horizon`. Arguments broadcast."""
        alive = self.probability_alive(frequency, recency, age)
        self._check_horizons(horizon, alive)
        found: Floats = self.expected_while_alive(horizon, frequency, age) * alive
        return found

    def expected_purchases_new(self, horizon: Any) -> Floats:
        """Compute E[X(t)], the expected repeat purchases of a customer acquired now, within `horizon`."""
        return self.expected_purchases(horizon, 0, 0, 0)

    def discounted_while_alive(self, horizon: float, rate: float, frequency: Any, age: Any, step: float) -> Floats:
        """Compute the slow factor of `discounted_purchases`: that of customers who are alive."""
        return discounting.sum_by_steps(self.expected_while_alive, horizon, rate, step, frequency, age)

    def discounted_purchases(
        self, horizon: float, rate: float, frequency: Any, recency: Any, age: Any, step: float | None = None
    ) -> Floats:
        """Compute expected purchases, each discounted by e^(-rate t).

        horizon: one number, or infinity (all purchases to come; needs a rate above 0). rate: per unit of time,
        continuous. step: purchases within a step count as made in its middle; 1/12 of the horizon by default.
        """
        horizon, rate = discounting.check_arguments(horizon, rate)
        alive = self.probability_alive(frequency, recency, age)
        each = (horizon / 12 or 1.0) if step is None else step
        found: Floats = self.discounted_while_alive(horizon, rate, frequency, age, each) * alive
        return found

    def discounted_purchases_new(self, horizon: float, rate: float, step: float | None = None) -> Floats:
        """Compute `discounted_purchases` of a customer acquired now, without the first purchase."""
        return self.discounted_purchases(horizon, rate, 0, 0, 0, step)

    def nearest_possible(self, frequency: Floats, recency: Floats, age: Floats) -> tuple[Floats, Floats, Floats]:
        """Turn the mean history of similar customers into a possible one."""
        return frequency, recency, age

    def _check_history(self, frequency: Any, recency: Any, age: Any) -> tuple[Floats, Floats, Floats]:
        return check_history(frequency, recency, age)

    def _check_horizons(self, horizon: Any, *beside: Any) -> Floats:
        return check_horizons(horizon, *beside)

    def _prepare(self, seen: Histories) -> Histories:
        return seen

    def _levels(self, seen: Histories) -> list[Histories]:
        """Group into increasingly fine cells; the last are those to fit on."""
        if seen.size <= _SMALL:
            return [seen]
        middle = (
            cells.group_similar(cells.sample(seen), bins.MIDDLE) if self.exact else cells.group_similar(seen, bins.FINE)
        )
        coarse = cells.group_similar(middle, bins.COARSE)
        return [coarse, middle, seen] if self.exact else [coarse, middle]

    def _middle(self, seen: Histories) -> Floats:
        """Return the logarithms of 1 for a shape, and of the mean age for a time."""
        unit = seen.total(seen.age) / seen.customers
        return np.log([unit if name in self.times else 1.0 for name in self.parameter_names])

    @abstractmethod
    def _likelihood(self, seen: Histories) -> Objective: ...

    @abstractmethod
    def _starts(self, seen: Histories) -> Sequence[Floats]: ...
