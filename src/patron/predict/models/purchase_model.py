"""What all purchase models share: fitting, parameters, drawing, and predictions as products of their two factors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from patron.predict.models import cells, discounting
from patron.predict.models.arguments import asked, horizons
from patron.predict.models.histories import Histories, histories, refuse_what_tells_nothing
from patron.predict.models.likelihood import bins
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.estimator import Estimated
from patron.predict.models.likelihood.fit import maximise
from patron.predict.models.likelihood.newton import Objective

_SMALL = 4_000
"""Up to so many rows the starts are tried on all customers; above, on bins."""


class PurchaseModel(Estimated, ABC):
    """A model of how often customers buy and when they stop.

    Estimated says what its settings are and what `fit` leaves behind.
    """

    times: ClassVar[tuple[str, ...]] = ()
    """Parameters that are measured in the unit of time."""

    def fit(self, frequency: Any, recency: Any, age: Any, weights: Any = None) -> Self:
        """Find the parameters of highest likelihood.

        frequency, recency, age: arrays of one length, one entry a customer or a cell of equal customers; recency and
        age in one unit of time. weights: customers in each cell. Raises HistoryError and NotIdentifiableError.
        """
        seen = self._look_over(histories(frequency, recency, age, weights))
        refuse_what_tells_nothing(seen)
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
        """Whether each customer may still buy: 0 to 1."""

    @abstractmethod
    def expected_while_alive(self, horizon: Any, frequency: Any, age: Any) -> Floats:
        """E[Y(T, T + t)] of a customer who is alive at T. Depends on frequency and age alone."""

    @abstractmethod
    def probability_of_purchase(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """At least one purchase in (T, T + t]."""

    @abstractmethod
    def simulate(self, horizon: Any, frequency: Any, recency: Any, age: Any, rng: np.random.Generator) -> Floats:
        """One draw of each customer's purchases in (T, T + t], from what their history leaves possible."""

    def expected_purchases(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """E[Y(T, T + t) | x, t_x, T]: purchases in the next `horizon`. Arguments broadcast."""
        alive = self.probability_alive(frequency, recency, age)
        self._horizons(horizon, alive)
        found: Floats = self.expected_while_alive(horizon, frequency, age) * alive
        return found

    def expected_purchases_new(self, horizon: Any) -> Floats:
        """E[X(t)]: repeat purchases of a customer acquired now, within `horizon`."""
        return self.expected_purchases(horizon, 0, 0, 0)

    def discounted_while_alive(self, horizon: float, rate: float, frequency: Any, age: Any, step: float) -> Floats:
        """The slow factor of `discounted_purchases`."""
        return discounting.by_steps(self.expected_while_alive, horizon, rate, step, frequency, age)

    def discounted_purchases(
        self, horizon: float, rate: float, frequency: Any, recency: Any, age: Any, step: float | None = None
    ) -> Floats:
        """Expected purchases, each worth e^(-rate t) of one now.

        horizon: one number, or infinity (the whole rest of a life; needs a rate above 0). rate: per unit of time,
        continuous. step: what is bought within a step counts as bought in its middle; 1/12 of the horizon if unset.
        """
        horizon, rate = discounting.asked(horizon, rate)
        alive = self.probability_alive(frequency, recency, age)
        each = (horizon / 12 or 1.0) if step is None else step
        found: Floats = self.discounted_while_alive(horizon, rate, frequency, age, each) * alive
        return found

    def discounted_purchases_new(self, horizon: float, rate: float, step: float | None = None) -> Floats:
        """`discounted_purchases` of a customer acquired now, without the first purchase."""
        return self.discounted_purchases(horizon, rate, 0, 0, 0, step)

    def nearest_possible(self, frequency: Floats, recency: Floats, age: Floats) -> tuple[Floats, Floats, Floats]:
        """The means of customers alike, as a history that a customer may have."""
        return frequency, recency, age

    def _asked(self, frequency: Any, recency: Any, age: Any) -> tuple[Floats, Floats, Floats]:
        return asked(frequency, recency, age)

    def _horizons(self, horizon: Any, *beside: Any) -> Floats:
        return horizons(horizon, *beside)

    def _look_over(self, seen: Histories) -> Histories:
        return seen

    def _levels(self, seen: Histories) -> list[Histories]:
        """Ever finer cells, the last of which count."""
        if seen.size <= _SMALL:
            return [seen]
        middle = cells.binned(cells.sampled(seen), bins.MIDDLE) if self.exact else cells.binned(seen, bins.FINE)
        coarse = cells.binned(middle, bins.COARSE)
        return [coarse, middle, seen] if self.exact else [coarse, middle]

    def _middle(self, seen: Histories) -> Floats:
        """The logarithms of 1 for a shape, and of the mean age for a time."""
        unit = seen.total(seen.age) / seen.customers
        return np.log([unit if name in self.times else 1.0 for name in self.parameter_names])

    @abstractmethod
    def _likelihood(self, seen: Histories) -> Objective: ...

    @abstractmethod
    def _starts(self, seen: Histories) -> Sequence[Floats]: ...
