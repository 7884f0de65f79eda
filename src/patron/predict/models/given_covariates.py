"""Predictions for customers with given covariates: each profile has a model of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from patron.predict.errors import HistoryError, ParameterError
from patron.predict.models.covariates import find_profiles, read_covariates, split_by_profile
from patron.predict.models.effects import Effect
from patron.predict.models.fit_effects import name_argument
from patron.predict.models.likelihood.arrays import Floats

_ONE_ROW = "pass a row of covariates for each customer, or one for all"


def read_profiles(
    name: str, effects: Sequence[Effect], given: Mapping[str, Any]
) -> tuple[Floats, npt.NDArray[np.intp] | None]:
    """Return the logarithm of each effect's multiplier in the distinct profiles, (profiles, effects), and whose it is.

    The second is None where one row is given for all customers; else the profile of each, (n,). name: of the model.
    Raises HistoryError, ParameterError.
    """
    if not effects:
        raise ParameterError(f"This {name} has no covariates.", do="predict without `given`, or fit it with covariates")
    columns = {process: _read_process(name, effects, process, one) for process, one in given.items()}
    rows = [len(one) for own in columns.values() for one in own.values() if len(one) > 1]
    if len(set(rows)) > 1:
        raise HistoryError(f"Covariates are given for {' and '.join(map(str, rows))} customers.", do=_ONE_ROW)
    values = [np.broadcast_to(columns[one.process][one.covariate], max(rows, default=1)) for one in effects]
    profiles, which = find_profiles(np.stack(values, axis=1))
    return profiles * np.array([one.estimate for one in effects]), which if rows else None


def _read_process(name: str, effects: Sequence[Effect], process: str, given: Any) -> dict[str, Floats]:
    wanted = list(dict.fromkeys(one.covariate for one in effects if one.process == process))
    argument = name_argument(process)
    if given is None and not wanted:
        return {}
    listed = ", ".join(wanted) or "none"
    if given is None:
        raise ParameterError(f"This {name} needs {argument}: {listed}.", where=argument, do="pass them")
    found = read_covariates(given, argument)
    is_unnamed = found.names == tuple(str(place + 1) for place in range(len(found.names)))
    names = wanted if is_unnamed and len(found.names) == len(wanted) else list(found.names)
    if set(names) != set(wanted):
        what = f"This {name} takes the {argument} {listed}, not {', '.join(names)}."
        raise ParameterError(what, where=argument, do="pass the covariates that it was fitted with")
    return dict(zip(names, found.values.T, strict=True))


class GivenCovariates:
    """A purchase model as it is for customers with given covariates: its methods take those of PurchaseModel.

    Arguments broadcast with the customers, (n,), unless one row of covariates was given for all: then with each other.
    """

    def __init__(self, models: Sequence[Any], which: npt.NDArray[np.intp] | None) -> None:
        self.models, self.which = models, which

    def __repr__(self) -> str:
        return f"GivenCovariates({len(self.models)} profiles, the first {self.models[0]!r})"

    def probability_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute P(alive) of each customer, 0 to 1."""
        return self._ask(lambda model, *of: model.probability_alive(*of), frequency, recency, age)

    def expected_purchases(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute the expected purchases in the next `horizon`."""
        return self._ask(lambda model, *of: model.expected_purchases(*of), horizon, frequency, recency, age)

    def expected_while_alive(self, horizon: Any, frequency: Any, age: Any) -> Floats:
        """Compute the expected purchases of customers who are alive."""
        return self._ask(lambda model, *of: model.expected_while_alive(*of), horizon, frequency, age)

    def expected_purchases_new(self, horizon: Any) -> Floats:
        """Compute the expected repeat purchases of customers acquired now, within `horizon`."""
        return self._ask(lambda model, ahead: model.expected_purchases_new(ahead), horizon)

    def discounted_purchases(
        self, horizon: float, rate: float, frequency: Any, recency: Any, age: Any, step: float | None = None
    ) -> Floats:
        """Compute expected purchases, each discounted by e^(-rate t)."""
        return self._ask(
            lambda model, *of: model.discounted_purchases(horizon, rate, *of, step), frequency, recency, age
        )

    def discounted_purchases_new(self, horizon: float, rate: float, step: float | None = None) -> Floats:
        """Compute `discounted_purchases` of customers acquired now, without the first purchase."""
        return self.discounted_purchases(horizon, rate, 0, 0, 0, step)

    def probability_of_purchase(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute the probability of at least one purchase in (T, T + t], 0 to 1."""
        return self._ask(lambda model, *of: model.probability_of_purchase(*of), horizon, frequency, recency, age)

    def probability_of_counts(
        self, horizon: Any, frequency: Any, recency: Any, age: Any, most: int = 3
    ) -> Sequence[Floats]:
        """Compute the probabilities of 0, 1, ... purchases in (T, T + t], the last of `most` or more."""
        found = self._ask(
            lambda model, *of: np.stack(model.probability_of_counts(*of, most)), horizon, frequency, recency, age
        )
        return list(found)

    def time_to_purchase(self, chance: Any, frequency: Any, recency: Any, age: Any, longest: float = np.inf) -> Floats:
        """Compute the time by which the next purchase is made with probability `chance`; NaN where there is none."""
        return self._ask(lambda model, *of: model.time_to_purchase(*of, longest), chance, frequency, recency, age)

    def simulate(self, horizon: Any, frequency: Any, recency: Any, age: Any, rng: np.random.Generator) -> Floats:
        """Draw each customer's number of purchases in (T, T + t], given their history."""
        return self._ask(lambda model, *of: model.simulate(*of, rng), horizon, frequency, recency, age)

    def expected_spend(self, frequency: Any, mean_value: Any) -> Floats:
        """Predict the mean value of each customer's future orders, in currency."""
        return self._ask(lambda model, *of: model.expected_spend(*of), frequency, mean_value)

    @property
    def population_mean(self) -> Floats:
        """Return the mean spend per order over all customers with each one's covariates, in currency."""
        means = np.array([model.population_mean for model in self.models])
        return means[0] if self.which is None else means[self.which]

    def _ask(self, question: Callable[..., Floats], *arguments: Any) -> Floats:
        """Ask each profile's model about its customers."""
        if self.which is None:
            return question(self.models[0], *arguments)
        arrays = [np.asarray(one, dtype=np.float64) for one in arguments]
        try:
            shape = np.broadcast_shapes(self.which.shape, *(one.shape for one in arrays))
        except ValueError:
            shape = ()
        if shape != self.which.shape:
            shapes = ", ".join(str(one.shape) for one in arrays)
            raise HistoryError(f"Arguments {shapes} do not match {len(self.which):,} customers.", do=_ONE_ROW)
        found: Floats | None = None
        for model, rows in zip(self.models, split_by_profile(self.which, len(self.models)), strict=True):
            own = question(model, *(one[rows] if one.ndim and one.size > 1 else one for one in arrays))
            if found is None:
                found = np.empty((*np.shape(own)[: max(np.ndim(own) - 1, 0)], len(self.which)))
            found[..., rows] = own
        return np.zeros(0) if found is None else found
