"""The Pareto/GGG model of Platzer and Reutterer, Ticking Away the Moments: Timing Regularity Helps to Better Predict
Customer Activity, Marketing Science 35 (2016).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from patron.predict.errors import HistoryError, NotFittedError, ParameterError
from patron.predict.models.arguments import check_horizons
from patron.predict.models.histories import check_identifiable, to_histories
from patron.predict.models.likelihood.arrays import Floats, numbers
from patron.predict.models.pareto_ggg import likelihood
from patron.predict.models.pareto_ggg.convergence import ChainConvergence, judge_chains
from patron.predict.models.pareto_ggg.futures import draw_counts
from patron.predict.models.pareto_ggg.likelihood import Seen, Traits
from patron.predict.models.pareto_ggg.sampler import Chain

_GAPS = "pass the sum of the logarithms of each customer's gaps, 0 without a repeat purchase"


@dataclass(frozen=True)
class CustomerDraws:
    """Draws of customers' traits, each of shape (draws, customers): k, lambda and mu."""

    regularity: Floats
    rate: Floats
    dropout: Floats

    def __len__(self) -> int:
        return len(self.rate)

    def take(self, draw: int) -> Traits:
        """Return one draw of all customers."""
        return Traits(self.regularity[draw], self.rate[draw], self.dropout[draw])


class ParetoGGG:
    """As the Pareto/NBD, but each customer buys at gaps as regular as their own k says: Gamma(k, k lambda).

    k ~ Gamma(t, gamma), lambda ~ Gamma(r, alpha), mu ~ Gamma(s, beta). With k = 1 for all it is the Pareto/NBD. There
    is no closed form: `fit` draws from the posterior distribution, for about 1.7 microseconds of processor time a
    customer, chain and step. chains: from starts of their own. burn_in: steps that are not used. steps: those that are.
    kept: how many draws of customers' traits to keep from each chain, of 24 bytes a customer. seed: what all of it
    depends on.

    >>> import numpy as np
    >>> from patron.simulate import histories
    >>> truth = {"t": 4.5, "gamma": 1.5, "r": 0.9, "alpha": 5.0, "s": 0.8, "beta": 12.0}
    >>> rng = np.random.default_rng(1)
    >>> seen, log_gaps = histories.pareto_ggg(truth, rng.uniform(36, 96, 300), rng)
    >>> model = ParetoGGG(burn_in=100, steps=100).fit(*seen, log_gaps)
    >>> model.expected_purchases(52).shape, model.draws_["t"].shape
    ((300,), (2, 100))
    """

    name: ClassVar[str] = "Pareto/GGG"
    parameter_names: ClassVar[tuple[str, ...]] = ("t", "gamma", "r", "alpha", "s", "beta")

    def __init__(self, chains: int = 2, burn_in: int = 500, steps: int = 2000, kept: int = 100, seed: int = 1) -> None:
        named = {"chains": chains, "burn_in": burn_in, "steps": steps, "kept": kept}
        for name, value in named.items():
            if value < 1:
                raise ParameterError(f"{name} is {value}, not 1 or more.", where=name)
        if steps < max(kept, 4):
            raise ParameterError(f"{steps} steps are too few to keep {kept} draws of.", where="steps", do="draw more")
        self.chains, self.burn_in, self.steps, self.kept, self.seed = chains, burn_in, steps, kept, seed
        self._seen: Seen | None = None

    def fit(self, frequency: Any, recency: Any, age: Any, log_gaps: Any) -> Self:
        """Draw from the posterior distribution.

        frequency, recency, age: one entry per customer, as in other models. log_gaps: the sum of ln(gap) over each
        customer's gaps, in the same unit of time; 0 without a repeat purchase. Sets params_ (medians), draws_ (every
        draw of each parameter, (chains, steps)), customers_ and convergence_.
        Raises HistoryError and NotIdentifiableError.
        """
        seen = to_histories(frequency, recency, age)
        check_identifiable(seen)
        logs = _check_log_gaps(log_gaps, seen.frequency)
        known = Seen(seen.frequency, seen.recency, np.maximum(seen.age - seen.recency, 0.0), logs)
        with ThreadPoolExecutor(self.chains) as pool:
            found = list(pool.map(lambda chain: self._run(known, chain), range(self.chains)))
        self._seen = known
        of_all = np.stack([params for params, _ in found])
        self.draws_ = {name: of_all[:, :, place] for place, name in enumerate(self.parameter_names)}
        self.params_ = {name: float(np.median(own)) for name, own in self.draws_.items()}
        self.convergence_: ChainConvergence = judge_chains(self.draws_)
        self.customers_ = CustomerDraws(*np.concatenate([traits for _, traits in found], axis=1))
        return self

    def interval(self, name: str, share: float = 0.95) -> tuple[float, float]:
        """Return the central interval that holds a parameter with this probability."""
        self._require_fit()
        low, high = np.quantile(self.draws_[name], [(1 - share) / 2, (1 + share) / 2])
        return float(low), float(high)

    def probability_alive(self) -> Floats:
        """Compute each customer's P(alive), 0 to 1: the mean over the draws of what is exact for each."""
        silence = self._require_fit().silence
        return self._average(lambda traits, _: likelihood.probability_alive(silence, traits))

    def probability_of_purchase(self, horizon: float) -> Floats:
        """Compute each customer's probability of at least one purchase within the horizon, likewise."""
        silence, ahead = self._require_fit().silence, _check_horizon(horizon)
        return self._average(lambda traits, _: likelihood.probability_of_purchase(ahead, silence, traits))

    def expected_purchases(self, horizon: float) -> Floats:
        """Compute each customer's expected purchases within the horizon: drawn while alive, times P(alive)."""
        silence, ahead = self._require_fit().silence, _check_horizon(horizon)

        def expect(traits: Traits, rng: np.random.Generator) -> Floats:
            return likelihood.probability_alive(silence, traits) * draw_counts(ahead, silence, traits, rng)

        return self._average(expect)

    def draw(self, horizon: float) -> Floats:
        """Draw futures: each customer's purchases within the horizon, (draws, customers), one for each kept draw."""
        silence, ahead = self._require_fit().silence, _check_horizon(horizon)
        rng, futures = self._rng_of_futures(), np.empty(self.customers_.rate.shape)
        for place in range(len(futures)):
            traits = self.customers_.take(place)
            is_alive = rng.random(len(silence)) < likelihood.probability_alive(silence, traits)
            futures[place] = np.where(is_alive, draw_counts(ahead, silence, traits, rng), 0.0)
        return futures

    def __repr__(self) -> str:
        params = getattr(self, "params_", {})
        return f"{type(self).__name__}({', '.join(f'{name}={value:.4g}' for name, value in params.items())})"

    def _run(self, seen: Seen, chain: int) -> tuple[Floats, Floats]:
        """Run a chain; return the parameters, (steps, 6), and the kept traits, (3, kept, customers)."""
        params, traits = np.empty((self.steps, len(self.parameter_names))), np.empty((3, self.kept, len(seen.silence)))
        keeps = {int(step): place for place, step in enumerate(np.linspace(0, self.steps - 1, self.kept))}
        states = Chain(seen, np.random.default_rng((self.seed, chain))).run(self.burn_in, self.steps)
        for step, state in enumerate(states):
            params[step] = state.params
            if step in keeps:
                own = state.traits
                traits[:, keeps[step]] = own.regularity, own.rate, own.dropout
        return params, traits

    def _average(self, figure: Any) -> Floats:
        """Average over the kept draws what `figure` makes of a draw's traits."""
        rng, total = self._rng_of_futures(), np.zeros(len(self._require_fit().silence))
        for place in range(len(self.customers_)):
            total += figure(self.customers_.take(place), rng)
        return total / len(self.customers_)

    def _rng_of_futures(self) -> np.random.Generator:
        return np.random.default_rng((self.seed, self.chains))

    def _require_fit(self) -> Seen:
        if self._seen is None:
            raise NotFittedError(f"{type(self).__name__} has not been fitted.", do="call fit")
        return self._seen


def _check_log_gaps(log_gaps: Any, frequency: Floats) -> Floats:
    logs = numbers("log_gaps", log_gaps, _GAPS)
    if logs.shape != frequency.shape or not np.isfinite(logs).all():
        what = f"log_gaps of shape {logs.shape} are not a finite number for each of {len(frequency):,} customers."
        raise HistoryError(what, where="log_gaps", do=_GAPS)
    return np.where(frequency > 0, logs, 0.0)


def _check_horizon(horizon: float) -> float:
    ahead = check_horizons(horizon)
    if ahead.ndim:
        raise HistoryError("horizon is an array, not one number.", where="horizon", do="pass one horizon for all")
    return float(ahead)
