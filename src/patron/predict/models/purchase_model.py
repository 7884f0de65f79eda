"""The base of all purchase models: fitting, parameters, draws, and predictions as products of two factors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any, ClassVar, Self

import numpy as np

from patron.predict.errors import ParameterError
from patron.predict.models import cells, discounting
from patron.predict.models.arguments import check_history, check_horizons
from patron.predict.models.effects import Effect
from patron.predict.models.fit_effects import Acting, Route, maximise_with_effects, read_acting
from patron.predict.models.given_covariates import GivenCovariates, read_profiles
from patron.predict.models.histories import Histories, check_identifiable, to_histories
from patron.predict.models.likelihood import bins
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.estimator import Estimated
from patron.predict.models.likelihood.fit import Fitted, maximise
from patron.predict.models.likelihood.newton import Objective
from patron.predict.models.next_purchase import Reached, find_times

SMALL = 4_000
"""Up to so many rows, starts are tried on all customers; above, on bins."""


class PurchaseModel(Estimated, ABC):
    """A model of how often customers buy and when they stop.

    `Estimated` has its settings and what `fit` sets.
    """

    times: ClassVar[tuple[str, ...]] = ()
    """The parameters in units of time."""

    purchase_route: ClassVar[Route] = {}
    """What the multiplier of the purchase rate acts on: parameter -> power. Empty if the model has no covariates."""

    dropout_routes: ClassVar[Mapping[str, Sequence[Route]]] = {}
    """The forms that an effect on dropout may have, the default first, and what each acts on."""

    draws_of_totals: ClassVar[int] = 100
    """Plausible parameters to draw for the interval of a total; fewer where expectations take long."""

    def fit(
        self,
        frequency: Any,
        recency: Any,
        age: Any,
        weights: Any = None,
        *,
        log_gaps: float | None = None,  # noqa: ARG002
        resolution: float = 0.0,  # noqa: ARG002
        purchase_covariates: Any = None,
        dropout_covariates: Any = None,
        dropout_form: str | None = None,
    ) -> Self:
        """Fit the parameters by maximum likelihood.

        frequency, recency, age: arrays of shape (n,), one entry per customer or cell of equal customers; recency and
        age in the same unit of time. weights: customers in each cell. log_gaps: the sum, over all customers, of the
        logarithms of the times between their purchases, by which models of regularity find it; no other uses it.
        resolution: the time within which purchases count as one, such as a day; likewise.
        purchase_covariates, dropout_covariates: what is known of each customer or cell, by name (`read_covariates`),
        whose effects are estimated too: effects_. Parameters are then those of a customer with zeros, and predictions
        are made by `given`. dropout_form: one of dropout_routes.
        Raises HistoryError, NotIdentifiableError and ParameterError.
        """
        seen = self._prepare(to_histories(frequency, recency, age, weights))
        check_identifiable(seen)
        given = {"purchase": purchase_covariates, "dropout": dropout_covariates}
        acting = read_acting(given, self._find_routes(given, dropout_form), seen.size)
        found = maximise(
            [self._likelihood(level) for level in self._levels(seen)],
            self._starts(seen),
            self._middle(seen),
            self.parameter_names,
            penalty=self.penalty,
            exact=self.exact or seen.size <= SMALL,
        )
        if acting.effects:
            found = self._fit_effects(seen, acting, found)
        self._keep(found, seen.customers, acting.effects)
        return self

    def with_effects(
        self,
        purchase: Mapping[str, float] | None = None,
        dropout: Mapping[str, float] | None = None,
        dropout_form: str | None = None,
    ) -> Self:
        """Return a model with these effects beside its parameters, without data. Raises ParameterError."""
        given = {"purchase": purchase or {}, "dropout": dropout or {}}
        routes = self._find_routes({process: named or None for process, named in given.items()}, dropout_form)
        model = type(self).from_params(self.params_)
        model.effects_ = tuple(
            Effect(process, name, route, float(value))
            for process, named in given.items()
            for route in routes[process]
            for name, value in named.items()
        )
        return model

    def given(self, purchase_covariates: Any = None, dropout_covariates: Any = None) -> GivenCovariates:
        """Return what predicts for customers with these covariates, in the order and units of the fit.

        One row for all of the customers, or a row for each. Raises HistoryError, ParameterError.
        """
        given = {"purchase": purchase_covariates, "dropout": dropout_covariates}
        profiles, which = read_profiles(self.name, self.effects_, given)
        return GivenCovariates([self._at(multipliers) for multipliers in profiles], which)

    def copy_unfitted(self, *, exact: bool) -> Self:
        """Return a model of the same kind and settings, to fit on other customers."""
        return type(self)(self.penalty, exact)

    @abstractmethod
    def probability_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute P(alive), the probability that each customer is still active, 0 to 1. Arguments broadcast."""

    @abstractmethod
    def expected_while_alive(self, horizon: Any, frequency: Any, age: Any) -> Floats:
        """Compute E[Y(T, T + t)] of a customer alive at T, in purchases; it depends on frequency and age alone.

        Of a regular customer, who is not as likely to buy at any moment: of one who bought at T.
        """

    @abstractmethod
    def probability_of_purchase(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute the probability of at least one purchase in (T, T + t], 0 to 1."""

    @abstractmethod
    def probability_of_counts(
        self, horizon: Any, frequency: Any, recency: Any, age: Any, most: int = 3
    ) -> Sequence[Floats]:
        """Compute the probabilities of 0, 1, ... purchases in (T, T + t], the last of `most` or more."""

    def time_to_purchase(self, chance: Any, frequency: Any, recency: Any, age: Any, longest: float = np.inf) -> Floats:
        """Compute the time by which the next purchase is made with probability `chance`, one number or one for each.

        NaN where they are not as likely to buy again, or only after `longest`, which is finite unless the model has a
        closed form.
        """
        x, last, now = np.broadcast_arrays(*self._check_history(frequency, recency, age))
        flat = [np.ascontiguousarray(one).ravel() for one in (x, last, now)]
        wanted = np.broadcast_to(chance, x.shape).ravel()
        return find_times(self._reach(*flat), wanted, longest).reshape(x.shape)

    @abstractmethod
    def simulate(self, horizon: Any, frequency: Any, recency: Any, age: Any, rng: np.random.Generator) -> Floats:
        """Draw each customer's number of purchases in (T, T + t], given their history."""

    def alive_by_stage(self, frequency: Any, recency: Any, age: Any) -> Sequence[Floats]:
        """Compute P(alive and at each stage towards the next purchase): one stage, unless the model has more."""
        return [self.probability_alive(frequency, recency, age)]

    def expected_by_stage(self, horizon: Any, frequency: Any, age: Any) -> Sequence[Floats]:
        """Compute `expected_while_alive` of customers at each stage."""
        return [self.expected_while_alive(horizon, frequency, age)]

    def discounted_by_stage(
        self, horizon: float, rate: float, frequency: Any, age: Any, step: float
    ) -> Sequence[Floats]:
        """Compute `discounted_while_alive` of customers at each stage."""
        return [self.discounted_while_alive(horizon, rate, frequency, age, step)]

    def expected_purchases(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute E[Y(T, T + t) | x, t_x, T], the expected purchases in the next `horizon`. Arguments broadcast."""
        alive = self.alive_by_stage(frequency, recency, age)
        self._check_horizons(horizon, alive[0])
        return sum_over_stages(self.expected_by_stage(horizon, frequency, age), alive)

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
        alive = self.alive_by_stage(frequency, recency, age)
        each = (horizon / 12 or 1.0) if step is None else step
        return sum_over_stages(self.discounted_by_stage(horizon, rate, frequency, age, each), alive)

    def discounted_purchases_new(self, horizon: float, rate: float, step: float | None = None) -> Floats:
        """Compute `discounted_purchases` of a customer acquired now, without the first purchase."""
        return self.discounted_purchases(horizon, rate, 0, 0, 0, step)

    def nearest_possible(self, frequency: Floats, recency: Floats, age: Floats) -> tuple[Floats, Floats, Floats]:
        """Turn the mean history of similar customers into a possible one."""
        return frequency, recency, age

    def _at(self, log_multipliers: Floats) -> Self:
        """Return the model of customers with these logarithms of the effects' multipliers, (effects,)."""
        params = dict(self.params_)
        for effect, log_multiplier in zip(self.effects_, log_multipliers, strict=True):
            for name, power in effect.parameters.items():
                params[name] *= float(np.exp(power * log_multiplier))
        return type(self).from_params(params)

    def _find_routes(self, given: Mapping[str, Any], dropout_form: str | None) -> dict[str, Sequence[Route]]:
        """Return what the effects on each process act on. Raises ParameterError."""
        if not self.purchase_route and any(one is not None for one in given.values()):
            raise ParameterError(f"{self.name} has no covariates.", do="take another model")
        form = next(iter(self.dropout_routes), "") if dropout_form is None else dropout_form
        if dropout_form is not None and form not in self.dropout_routes:
            forms = ", ".join(self.dropout_routes)
            what = f"{self.name}'s dropout_form is {form}, not one of: {forms}."
            raise ParameterError(what, where="dropout_form", do=f"pass one of {forms}")
        return {"purchase": [self.purchase_route], "dropout": self.dropout_routes.get(form, [])}

    def _fit_effects(self, seen: Histories, acting: Acting, without: Fitted) -> Fitted:
        return maximise_with_effects(
            acting,
            lambda rows: [self._likelihood(level) for level in self._levels(seen.select(rows))],
            without,
            self._starts(seen),
            self._middle(seen),
            self.parameter_names,
            penalty=self.penalty,
            exact=self.exact or seen.size <= SMALL,
        )

    def _reach(self, x: Floats, last: Floats, now: Floats) -> Reached:
        """Return `probability_of_purchase` as a function of horizons and of which of the customers."""
        return lambda times, rows: self.probability_of_purchase(times, x[rows], last[rows], now[rows])

    def _check_history(self, frequency: Any, recency: Any, age: Any) -> tuple[Floats, Floats, Floats]:
        self._check_no_effects()
        return check_history(frequency, recency, age)

    def _check_horizons(self, horizon: Any, *beside: Any) -> Floats:
        return check_horizons(horizon, *beside)

    def _prepare(self, seen: Histories) -> Histories:
        return seen

    def _levels(self, seen: Histories) -> list[Histories]:
        """Group into increasingly fine cells; the last are those to fit on."""
        if seen.size <= SMALL:
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


def subtract_next(at_least: Sequence[Floats]) -> Sequence[Floats]:
    """Turn the probabilities of at least 0, 1, ... purchases into those of exactly as many; the last stays."""
    exactly = [here - after for here, after in pairwise(at_least)]
    return [np.clip(one, 0.0, 1.0) for one in (*exactly, at_least[-1])]


def sum_over_stages(expected: Sequence[Floats], alive: Sequence[Floats]) -> Floats:
    """Sum over stages what customers at each are expected to do x the probability that they are alive and there."""
    found: Floats = reduce(add, (each * there for each, there in zip(expected, alive, strict=True)))
    return found
