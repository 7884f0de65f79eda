"""What all purchase models share: fitting, parameters, drawing, and predictions as products of their two factors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from typing_extensions import Self

from patron.predict.purchases import cells, discounting
from patron.predict.purchases.climbing import Objective
from patron.predict.purchases.fitting import Convergence, maximise
from patron.predict.purchases.histories import Floats, Histories, histories, refuse_what_tells_nothing
from patron.predict.purchases.questions import asked, horizons
from patron.predict.refusals import NotFittedError, ParameterError

_SMALL = 20_000
"""Up to so many rows the starts are tried on all customers; above, on bins."""


class PurchaseModel(ABC):
    """A model of how often customers buy and when they stop.

    penalty: weight of the squared log-parameters (times in units of the mean age) that is taken off the log-likelihood:
    a normal prior of variance 1 / (2 penalty) on each. 0 is plain maximum likelihood.
    exact: look at every customer; False stops at bins of at most 1.6% (docs/purchase_models.md states the error).

    After `fit`: params_, standard_errors_ (of the parameters, by the delta method), covariance_log_ (of the logarithms
    of the parameters, in the order of params_), log_likelihood_ (natural, constants included, in the given unit of
    time), convergence_, customers_.
    """

    name: ClassVar[str]
    parameter_names: ClassVar[tuple[str, ...]]
    times: ClassVar[tuple[str, ...]] = ()
    """Parameters that are measured in the unit of time."""

    params_: dict[str, float]
    standard_errors_: dict[str, float]
    covariance_log_: Floats
    log_likelihood_: float
    convergence_: Convergence
    customers_: float

    def __init__(self, penalty: float = 0.0, exact: bool = True) -> None:
        if not 0 <= penalty < np.inf:
            raise ParameterError(f"penalty {penalty} is not 0 or more.", where=self.name)
        self.penalty, self.exact = penalty, exact

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
        self._keep(found.log_params)
        self.covariance_log_, self.customers_ = found.covariance, seen.customers
        errors = np.exp(found.log_params) * np.sqrt(np.diag(found.covariance))
        self.standard_errors_ = dict(zip(self.parameter_names, errors.tolist(), strict=True))
        self.log_likelihood_, self.convergence_ = found.log_likelihood, found.convergence
        return self

    @classmethod
    def from_params(cls, params: Mapping[str, float]) -> Self:
        """A model with these parameters, without data. Raises ParameterError."""
        if set(params) != set(cls.parameter_names):
            raise ParameterError(f"{cls.name} takes {', '.join(cls.parameter_names)}, not {', '.join(params)}.")
        for name, value in params.items():
            if not 0 < float(value) < np.inf:
                raise ParameterError(f"{cls.name}'s {name} is {value}, not above 0.", where=name)
        model = cls()
        model._keep(np.log([float(params[name]) for name in cls.parameter_names]))
        return model

    def draws(self, n: int, seed: int) -> list[Self]:
        """`n` models whose log-parameters are drawn from the normal law of their estimates."""
        if not hasattr(self, "covariance_log_"):
            raise NotFittedError(f"This {self.name} knows no standard errors to draw from.", do="fit it first")
        rng = np.random.default_rng(seed)
        curves, axes = np.linalg.eigh(self.covariance_log_)
        noise = rng.standard_normal((n, len(curves))) * np.sqrt(np.maximum(curves, 0)) @ axes.T
        logs = np.log(self._values()) + noise
        return [self.from_params(dict(zip(self.parameter_names, np.exp(log).tolist(), strict=True))) for log in logs]

    def to_dict(self) -> dict[str, Any]:
        """The model as it can be written to JSON: name, versions, parameters, and how they were found."""
        from patron.predict.purchases.storing import stored

        return stored(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The model that `to_dict` told of. Raises ParameterError where it is another model's."""
        from patron.predict.purchases.storing import restored

        return restored(cls, content)

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
        found: Floats = self.expected_while_alive(horizon, frequency, age) * alive
        return found

    def expected_purchases_new(self, horizon: Any) -> Floats:
        """E[X(t)]: repeat purchases of a customer acquired now, within `horizon`."""
        return self.expected_purchases(horizon, 0, 0, 0)

    def discounted_while_alive(self, horizon: float, rate: float, frequency: Any, age: Any, step: float) -> Floats:
        """The slow factor of `discounted_purchases`."""
        return discounting.by_steps(self, horizon, rate, step, frequency, age)

    def discounted_purchases(
        self, horizon: float, rate: float, frequency: Any, recency: Any, age: Any, step: float | None = None
    ) -> Floats:
        """Expected purchases, each worth e^(-rate t) of one now.

        horizon: one number, or infinity (the whole rest of a life; needs a rate above 0). rate: per unit of time,
        continuous. step: what is bought within a step counts as bought in its middle; 1/12 of the horizon if unset.
        """
        alive = self.probability_alive(frequency, recency, age)
        each = horizon / 12 if step is None else step
        found: Floats = self.discounted_while_alive(horizon, rate, frequency, age, each) * alive
        return found

    def discounted_purchases_new(self, horizon: float, rate: float, step: float | None = None) -> Floats:
        """`discounted_purchases` of a customer acquired now, without the first purchase."""
        return self.discounted_purchases(horizon, rate, 0, 0, 0, step)

    def _keep(self, log_params: Floats) -> None:
        self.params_ = dict(zip(self.parameter_names, np.exp(log_params).tolist(), strict=True))

    def _values(self) -> Floats:
        """The parameters in order. Raises NotFittedError."""
        if not hasattr(self, "params_"):
            raise NotFittedError(f"This {self.name} has no parameters yet.", do="fit it, or make it by from_params")
        return np.array([self.params_[name] for name in self.parameter_names])

    def _asked(self, frequency: Any, recency: Any, age: Any) -> tuple[Floats, Floats, Floats]:
        return asked(frequency, recency, age)

    def _horizons(self, horizon: Any) -> Floats:
        return horizons(horizon)

    def _look_over(self, seen: Histories) -> Histories:
        return seen

    def _levels(self, seen: Histories) -> list[Histories]:
        """Ever finer cells, the last of which count."""
        if seen.size <= _SMALL:
            return [seen]
        middle = cells.binned(seen, cells.MIDDLE if self.exact else cells.FINE)
        coarse = cells.binned(middle, cells.COARSE)
        return [coarse, middle, seen] if self.exact else [coarse, middle]

    def _middle(self, seen: Histories) -> Floats:
        """The logarithms of 1 for a shape, and of the mean age for a time."""
        unit = seen.total(seen.age) / seen.customers
        return np.log([unit if name in self.times else 1.0 for name in self.parameter_names])

    @abstractmethod
    def _likelihood(self, seen: Histories) -> Objective: ...

    @abstractmethod
    def _starts(self, seen: Histories) -> Sequence[Floats]: ...

