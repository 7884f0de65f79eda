"""The base of every fitted model: parameters with standard errors, serialization, and draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

from patron.predict.errors import NotFittedError, ParameterError
from patron.predict.models.effects import Effect
from patron.predict.models.likelihood import serialize
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.fit import Convergence, Fitted


class Estimated:
    """A model with positive parameters.

    penalty: weight of the squared log-parameters (in units of the data's mean) that is subtracted from the
    log-likelihood: a normal prior of variance 1 / (2 penalty) on each. 0 is plain maximum likelihood.
    exact: use every customer; False stops at bins of at most 1.6% (docs/purchase_models.md has the error).

    After `fit`: params_, standard_errors_ (of the parameters, by the delta method), covariance_log_ (of the logarithms
    of the parameters, in the order of params_; the inverse of the observed information), log_likelihood_ (natural,
    constants included, in the given units), convergence_, customers_, and effects_: those of covariates, which
    covariance_log_ has after the parameters.
    """

    name: ClassVar[str]
    parameter_names: ClassVar[tuple[str, ...]]
    chosen_names: ClassVar[tuple[str, ...]] = ()
    """Other parameters, which are chosen and not estimated; params_ has them first."""

    params_: dict[str, float]
    standard_errors_: dict[str, float]
    covariance_log_: Floats
    log_likelihood_: float
    convergence_: Convergence
    customers_: float
    effects_: tuple[Effect, ...] = ()

    def __init__(self, penalty: float = 0.0, exact: bool = True) -> None:
        if not 0 <= penalty < np.inf:
            raise ParameterError(f"penalty is {penalty}, not 0 or more.", where=self.name)
        self.penalty, self.exact = penalty, exact

    def __repr__(self) -> str:
        params = getattr(self, "params_", None)
        effects = {f"{one.process} {one.covariate}": one.estimate for one in self.effects_}
        named = {} if params is None else params | effects
        text = ", ".join(f"{name}={value:.4g}" for name, value in named.items()) or "not fitted"
        return f"{type(self).__name__}({text})"

    @classmethod
    def from_params(cls, params: Mapping[str, float]) -> Self:
        """Make a model with these parameters, without data. Raises ParameterError."""
        names = (*cls.chosen_names, *cls.parameter_names)
        if set(params) != set(names):
            raise ParameterError(f"{cls.name} takes {', '.join(names)}, not {', '.join(params)}.")
        for name, value in params.items():
            if not 0 < float(value) < np.inf:
                raise ParameterError(f"{cls.name}'s {name} is {value}, not above 0.", where=name)
        model = cls()
        model.params_ = {name: float(params[name]) for name in names}
        return model

    def draws(self, n: int, seed: int) -> list[Self]:
        """Draw `n` models, with log-parameters from the normal distribution of the estimates. Raises NotFittedError."""
        if not hasattr(self, "covariance_log_"):
            raise NotFittedError(f"This {self.name} has no standard errors to draw from.", do="fit it first")
        if n < 0:
            raise ParameterError(f"Cannot draw {n} models.", where=self.name, do="pass a number of 0 or more")
        noise = np.random.default_rng(seed).standard_normal((n, len(self.covariance_log_)))
        curves, axes = np.linalg.eigh(self.covariance_log_)
        center = np.append(np.log(self._values()), [effect.estimate for effect in self.effects_])
        return [self._moved(one) for one in center + noise * np.sqrt(np.maximum(curves, 0)) @ axes.T]

    def to_dict(self) -> dict[str, Any]:
        """Return the model as values that JSON can hold: name, versions, parameters, and how they were found."""
        self._values()
        estimates = None
        if hasattr(self, "covariance_log_"):
            estimates = serialize.Estimates(
                self.standard_errors_,
                self.covariance_log_,
                self.log_likelihood_,
                self.customers_,
                self.convergence_,
            )
        effects = tuple(effect.to_dict() for effect in self.effects_)
        saved = serialize.SavedModel(type(self).__name__, self.penalty, self.exact, self.params_, estimates, effects)
        return serialize.to_dict(saved)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Build the model that `to_dict` described. Raises ParameterError if it is another model's."""
        saved = serialize.from_dict(cls.__name__, content)
        model = cls.from_params(saved.params)
        model.penalty, model.exact = saved.penalty, saved.exact
        if (found := saved.estimates) is not None:
            model.standard_errors_, model.covariance_log_ = found.standard_errors, found.covariance_log
            model.log_likelihood_, model.customers_ = found.log_likelihood, found.customers
            model.convergence_ = found.convergence
        model.effects_ = model._read_effects(saved.effects)
        return model

    def _read_effects(self, saved: Sequence[Mapping[str, Any]]) -> tuple[Effect, ...]:
        effects = [Effect(**one) for one in saved]
        if not hasattr(self, "covariance_log_"):
            return tuple(effects)
        errors = np.sqrt(np.diag(self.covariance_log_))[len(self.parameter_names) :].tolist()
        return tuple(replace(one, standard_error=error) for one, error in zip(effects, errors, strict=True))

    def _moved(self, values: Floats) -> Self:
        """Return a model with these log-parameters and effects, in one array."""
        size = len(self.parameter_names)
        chosen = {name: self.params_[name] for name in self.chosen_names}
        model = self.from_params(chosen | self._named(np.exp(values[:size])))
        pairs = zip(self.effects_, values[size:].tolist(), strict=True)
        model.effects_ = tuple(Effect(one.process, one.covariate, one.parameters, value) for one, value in pairs)
        return model

    def _keep(self, found: Fitted, customers: float, effects: Sequence[Effect] = ()) -> None:
        size = len(self.parameter_names)
        params, errors = np.exp(found.log_params[:size]), np.sqrt(np.diag(found.covariance))
        self.params_ = self._named(params)
        self.covariance_log_, self.customers_ = found.covariance, customers
        self.standard_errors_ = self._named(params * errors[:size])
        estimates = zip(effects, found.log_params[size:].tolist(), errors[size:].tolist(), strict=True)
        self.effects_ = tuple(replace(one, estimate=value, standard_error=error) for one, value, error in estimates)
        self.log_likelihood_, self.convergence_ = found.log_likelihood, found.convergence

    def _check_no_effects(self) -> None:
        """Raise ParameterError if customers' covariates are needed to predict."""
        if self.effects_:
            what = f"This {self.name} has covariates, and is not told whose purchases to predict."
            raise ParameterError(what, do="predict with model.given(...), by the covariates that it was fitted with")

    def _values(self) -> Floats:
        """Return the parameters in order, shape (p,). Raises NotFittedError."""
        if not hasattr(self, "params_"):
            raise NotFittedError(f"This {self.name} has no parameters yet.", do="fit it, or make it with from_params")
        return np.array([self.params_[name] for name in self.parameter_names])

    @classmethod
    def _named(cls, values: Floats) -> dict[str, float]:
        return dict(zip(cls.parameter_names, values.tolist(), strict=True))
