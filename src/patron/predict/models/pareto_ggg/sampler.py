"""A chain of draws from the posterior distribution of all customers' traits and of how they differ.

Metropolis within Gibbs, as in the paper, for all customers at once; but a customer's end of life is integrated out
wherever k and lambda move (likelihood.py), and dropout rates wherever their spread does (heterogeneity.py), so that
draws depend less on those before them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import polygamma

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.pareto_ggg.end_of_life import draw_ends
from patron.predict.models.pareto_ggg.heterogeneity import Spread, draw_lifetimes, draw_spread
from patron.predict.models.pareto_ggg.likelihood import Seen, Traits, log_likelihood, probability_alive
from patron.predict.models.pareto_ggg.regrouping import Regrouping

_STEP = 2.4
"""The best random step in one dimension, in standard deviations."""

_FEW_GAPS = 2
"""With so many gaps or fewer, a customer's regularity is mostly that of the others."""

_JITTER = 0.3


@dataclass(frozen=True)
class State:
    """A draw: the customers' traits, and the spreads of k, lambda and mu over them."""

    traits: Traits
    regularities: Spread
    rates: Spread
    dropouts: Spread

    @property
    def params(self) -> tuple[float, ...]:
        """Return t, gamma, r, alpha, s and beta."""
        return tuple(value for one in (self.regularities, self.rates, self.dropouts) for value in (one.shape, one.rate))


class Chain:
    """One chain of draws. seen: the customers. rng: its random numbers."""

    def __init__(self, seen: Seen, rng: np.random.Generator) -> None:
        self.seen, self.rng = seen, rng
        self.state = _start(seen, rng)
        self.heights = log_likelihood(seen, self.state.traits)
        self.by_regularity = Regrouping(seen.frequency <= _FEW_GAPS)
        self.by_rate = Regrouping(seen.frequency == 0)

    def run(self, burn_in: int, steps: int) -> Iterator[State]:
        """Yield the draws after the burn-in, within which random steps find their size."""
        with np.errstate(all="ignore"):  # a step out of the range of floats is NaN, and not accepted
            for step in range(burn_in + steps):
                self._move_spreads(adapts=step < burn_in)
                self._move_regularities()
                self._move_rates()
                self._draw_lives()
                if step >= burn_in:
                    yield self.state

    def _move_spreads(self, *, adapts: bool) -> None:
        k, rates = self.state.traits.regularity, self.state.traits.rate
        spread = draw_spread(k, self.state.regularities, self.rng)
        k, regularities, self.heights = self.by_regularity.move(
            k, spread, self.heights, self._likelihood_by("regularity", self.by_regularity), self.rng, adapts=adapts
        )
        self.state = replace(self.state, regularities=regularities, traits=replace(self.state.traits, regularity=k))
        spread = draw_spread(rates, self.state.rates, self.rng)
        rates, spread, self.heights = self.by_rate.move(
            rates, spread, self.heights, self._likelihood_by("rate", self.by_rate), self.rng, adapts=adapts
        )
        self.state = replace(self.state, rates=spread, traits=replace(self.state.traits, rate=rates))

    def _likelihood_by(self, trait: str, moving: Regrouping) -> Callable[[Floats], Floats]:
        """Return the log-likelihood of those who move along, as a function of one of their traits."""
        seen, traits = self.seen.select(moving.is_free), self.state.traits.select(moving.is_free)
        return lambda values: log_likelihood(seen, replace(traits, **{trait: values}))

    def _move_regularities(self) -> None:
        spread = self.state.regularities
        known = 1 / float(polygamma(1, spread.shape)) + 0.6 * self.seen.frequency
        self._step("regularity", spread, _STEP / np.sqrt(known))

    def _move_rates(self) -> None:
        spread, k = self.state.rates, self.state.traits.regularity
        known = 1 / float(polygamma(1, spread.shape)) + k * self.seen.frequency
        self._step("rate", spread, _STEP / np.sqrt(known))

    def _step(self, trait: str, spread: Spread, deviation: Floats) -> None:
        """Move one trait of each customer by a random step of its logarithm, if that is accepted."""
        old = getattr(self.state.traits, trait)
        new = old * np.exp(deviation * self.rng.standard_normal(len(old)))
        heights = log_likelihood(self.seen, replace(self.state.traits, **{trait: new}))
        prior = spread.shape * np.log(new / old) - spread.rate * (new - old)
        is_accepted = -self.rng.standard_exponential(len(old)) < heights - self.heights + prior
        self.heights = np.where(is_accepted, heights, self.heights)
        traits = replace(self.state.traits, **{trait: np.where(is_accepted, new, old)})
        self.state = replace(self.state, traits=traits)

    def _draw_lives(self) -> None:
        """Draw who has left and when, then how dropout rates differ, and each customer's."""
        seen, traits = self.seen, self.state.traits
        has_left = self.rng.random(len(seen.silence)) >= probability_alive(seen.silence, traits)
        lived = seen.recency + seen.silence
        ends = draw_ends(seen.silence[has_left], traits.select(has_left), self.rng)
        lived[has_left] = seen.recency[has_left] + ends
        spread, dropout = draw_lifetimes(lived, has_left, self.state.dropouts, self.rng)
        self.state = replace(self.state, dropouts=spread, traits=replace(traits, dropout=dropout))
        self.heights = log_likelihood(seen, self.state.traits)


def _start(seen: Seen, rng: np.random.Generator) -> State:
    """Return random purchases at about each customer's own rate, and lives as long as the time so far."""
    age = seen.recency + seen.silence
    unit = float(age.mean())
    shaken = [np.exp(_JITTER * rng.standard_normal(len(age))) for _ in range(3)]
    rate = (seen.frequency + 0.5) / (age + 0.1 * unit)
    traits = Traits(shaken[0], rate * shaken[1], shaken[2] / (age + 0.1 * unit))
    return State(traits, Spread(1.0, 1.0), Spread(1.0, unit), Spread(1.0, unit))
