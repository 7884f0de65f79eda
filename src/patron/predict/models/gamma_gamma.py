"""The gamma-gamma model of spend: Fader, Hardie and Lee (2005, RFM and CLV, Journal of Marketing Research 42), as
written out by Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from patron.predict.errors import HistoryError, NotIdentifiableError
from patron.predict.models.covariates import read_covariates
from patron.predict.models.effects import Effect
from patron.predict.models.fit_effects import Acting, Route, maximise_with_effects, read_acting
from patron.predict.models.gamma_gamma_data import DO, check_spend, to_spending
from patron.predict.models.gamma_gamma_likelihood import GammaGammaLikelihood
from patron.predict.models.given_covariates import GivenCovariates, read_profiles
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.estimator import Estimated
from patron.predict.models.likelihood.fit import maximise

_NO_ORDER = 1e-9
NEXT_TO_NOTHING = 1e-9
"""A mean of nothing, or of refunds above what was paid, for a model of amounts above 0."""


class GammaGamma(Estimated):
    """An order's value is Gamma(p, nu) around its customer's mean p / nu, and nu ~ Gamma(q, gamma) over customers.

    gamma is in currency. Spend is assumed to be independent of how often customers buy:
    lifetime_value.spend_frequency_correlation tests it. See `Estimated` for settings and what `fit` sets.

    >>> model = GammaGamma.from_params({"p": 6.25, "q": 3.74, "gamma": 15.44})
    >>> [round(float(value), 2) for value in model.expected_spend(frequency=[0, 1, 10], mean_value=[0, 50, 50])]
    [35.22, 45.49, 49.38]
    >>> model.with_effects({"online": 0.2}).given({"online": [0, 1]}).population_mean.round(2)
    array([35.22, 43.02])
    """

    name: ClassVar[str] = "Gamma-Gamma"
    parameter_names: ClassVar[tuple[str, ...]] = ("p", "q", "gamma")

    spend_route: ClassVar[Route] = {"gamma": 1.0}

    def fit(self, frequency: Any, mean_value: Any, weights: Any = None, *, covariates: Any = None) -> Self:
        """Fit the parameters by maximum likelihood.

        frequency: the number of orders that mean_value is the mean of, for each customer (repeat purchases, if the
        first is left out as in the paper). mean_value: above 0. weights: customers in each cell. Rows of frequency 0
        have no spend and are left out. covariates: what is known of each customer or cell, by name
        (`read_covariates`); the multiplier of each scales gamma, and with it mean spend: effects_. Parameters are then
        those of a customer with zeros, and `given` predicts. Raises HistoryError and NotIdentifiableError.
        """
        seen = to_spending(frequency, mean_value, weights)
        acting = self._read_acting(covariates, np.asarray(frequency, dtype=np.float64) > 0)
        unit = seen.total(seen.mean_value) / seen.customers
        middle = np.log([1.0, 1.0, unit])
        starts = [np.log([p, q, unit]) for p, q in ((1.0, 2.0), (5.0, 4.0), (0.5, 8.0))]
        found = maximise(
            [GammaGammaLikelihood(level) for level in seen.levels(exact=self.exact)],
            starts,
            middle,
            self.parameter_names,
            penalty=self.penalty,
            exact=self.exact,
        )
        if acting.effects:
            found = maximise_with_effects(
                acting,
                lambda rows: [GammaGammaLikelihood(level) for level in seen.select(rows).levels(exact=self.exact)],
                found,
                starts,
                middle,
                self.parameter_names,
                penalty=self.penalty,
                exact=self.exact,
            )
        self._keep(found, seen.customers, acting.effects)
        return self

    def with_effects(self, effects: Mapping[str, float]) -> Self:
        """Return a model with these effects on spend beside its parameters, without data."""
        model = type(self).from_params(self.params_)
        model.effects_ = tuple(Effect("spend", name, self.spend_route, float(at)) for name, at in effects.items())
        return model

    def given(self, covariates: Any) -> GivenCovariates:
        """Return what predicts for customers with these covariates: one row for all of them, or a row for each.

        Raises HistoryError, ParameterError.
        """
        profiles, which = read_profiles(self.name, self.effects_, {"spend": covariates})
        p, q, gamma = self._values().tolist()
        scales = np.exp(profiles.sum(axis=1)).tolist()
        return GivenCovariates([self.from_params({"p": p, "q": q, "gamma": gamma * scale}) for scale in scales], which)

    def _read_acting(self, covariates: Any, is_known: npt.NDArray[np.bool_]) -> Acting:
        """Read the covariates of all customers, and return those of customers with orders."""
        if covariates is None:
            return Acting((), np.zeros((int(is_known.sum()), 0)))
        found = read_covariates(covariates, "covariates")
        if found.size != len(is_known):
            raise HistoryError(f"covariates has {found.size:,} rows for {len(is_known):,} customers.", do=DO)
        known = {name: column[is_known] for name, column in zip(found.names, found.values.T, strict=True)}
        return read_acting({"spend": known}, {"spend": [self.spend_route]}, int(is_known.sum()))

    @property
    def population_mean(self) -> float:
        """Return the population's mean spend per order, p gamma / (q - 1). Raises NotIdentifiableError if q <= 1."""
        self._check_no_effects()
        p, q, gamma = self._values()
        if q <= 1:
            what = f"q is {q:.3g}: with 1 or less, mean spend over all customers is not finite."
            raise NotIdentifiableError(what, do="look for values that are not orders, or fit with penalty=1")
        return float(p * gamma / (q - 1))

    def expected_spend(self, frequency: Any, mean_value: Any) -> Floats:
        """Predict the mean value of each customer's future orders, in currency: p (gamma + x m) / (p x + q - 1).

        It is between the customer's own mean m and the population's, nearer to m the more orders there were. Where
        frequency is 0, nothing is known about the customer: the result is the population's mean, whatever m is.
        """
        self._check_no_effects()
        p, q, gamma = self._values()
        x, m = check_spend(frequency, mean_value)
        known = x > 0
        if not known.all():
            fallback = self.population_mean
        elif (p * x + q <= 1).any():
            raise NotIdentifiableError(f"p x + q is at most 1 (p {p:.3g}, q {q:.3g}).", do="fit with penalty=1")
        else:
            fallback = 0.0
        found: Floats = np.where(known, p * (gamma + x * m) / np.where(known, p * x + q - 1, 1.0), fallback)
        return found

    def simulate_totals(self, orders: Any, frequency: Any, rng: np.random.Generator) -> Floats:
        """Draw the value of so many future orders of one customer, in units of `expected_spend`.

        orders: 0 or more. frequency: the number of past orders that the expectation is based on.
        """
        p, q, _ = self._values()
        shape = q + p * np.asarray(frequency, dtype=np.float64)
        worth = rng.standard_gamma(p * np.maximum(orders, _NO_ORDER)) * (np.asarray(orders) > 0)
        drawn: Floats = worth / np.maximum(rng.standard_gamma(shape), 1e-300) * (shape - 1) / p
        return drawn

    def simulate(self, frequency: Any, mean_value: Any, rng: np.random.Generator) -> Floats:
        """Draw each customer's true mean spend p / nu, nu ~ Gamma(q + p x, gamma + x m)."""
        self._check_no_effects()
        p, q, gamma = self._values()
        x, m = np.broadcast_arrays(*check_spend(frequency, mean_value))
        drawn: Floats = p * (gamma + x * m) / np.maximum(rng.standard_gamma(q + p * x), 1e-300)
        return drawn
