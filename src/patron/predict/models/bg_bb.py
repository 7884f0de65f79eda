"""The BG/BB model of Fader, Hardie and Shang, Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
Marketing Science 29 (2010).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import comb
from typing import Any, ClassVar

import numpy as np
from scipy.special import betaln

from patron.predict.errors import HistoryError
from patron.predict.models import cells, discounting
from patron.predict.models.bg_bb_likelihood import BGBBLikelihood, log_likelihood
from patron.predict.models.histories import Histories
from patron.predict.models.likelihood.arrays import Floats, refuse
from patron.predict.models.likelihood.newton import Objective
from patron.predict.models.pairs import evaluate_distinct
from patron.predict.models.purchase_model import PurchaseModel
from patron.predict.models.sampling import lifetimes_in_coins

_MOST_OPPORTUNITIES, _FARTHEST = 10_000, 100_000
_WHOLE = "frequency counts the opportunities taken, recency numbers the last of them, age counts them all"
_NOTHING = 30.0
"""Purchases discounted by more than e^-30 are left out."""


class BGBB(PurchaseModel):
    """At each opportunity (a yearly appeal, a weekly market) a living customer buys with probability p; before each of
    them they stop with probability theta. p ~ Beta(alpha, beta), theta ~ Beta(gamma, delta).

    Throughout, frequency is the number of opportunities taken, recency the last that was taken (0 if none), age the
    number of opportunities there were, and a horizon a number of opportunities: whole numbers. Alive means at the next
    opportunity, as in the paper's eq. 11.

    >>> model = BGBB.from_params({"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783})
    >>> round(float(model.expected_purchases(5, frequency=6, recency=6, age=6)), 2)
    3.75
    """

    name: ClassVar[str] = "BG/BB"
    parameter_names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")

    def probability_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute the first term of the likelihood with one more opportunity survived, over the likelihood (eq. 11)."""
        params = self._values()
        alpha, beta, gamma, delta = params

        def alive(x: Floats, last: Floats, now: Floats) -> Floats:
            next_too = betaln(alpha + x, beta + now - x) - betaln(alpha, beta)
            next_too += betaln(gamma, delta + now + 1) - betaln(gamma, delta)
            found: Floats = np.exp(np.minimum(next_too - log_likelihood(params, x, last, now), 0.0))
            return found

        return evaluate_distinct(alive, *self._check_history(frequency, recency, age))

    def expected_while_alive(self, horizon: Any, frequency: Any, age: Any) -> Floats:
        """Compute E[p] x the expected opportunities survived, the sum of P(alive at n + j | alive at n + 1)."""
        return self._ahead(lambda j, _: np.ones_like(j), horizon, frequency, age)

    def probability_of_purchase(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute P(alive) x the sum over j of P(alive at n + j) x P(the first purchase is there)."""
        alpha, beta, _, _ = self._values()
        x, _, now = self._check_history(frequency, recency, age)

        def not_yet(j: Floats, rows: tuple[Floats, Floats]) -> Floats:
            bought, seen = rows  # E[p (1 - p)^(j-1)] / E[p], by beta functions
            log = betaln(alpha + bought + 1, beta + seen - bought + j - 1)
            found: Floats = np.exp(log - betaln(alpha + bought + 1, beta + seen - bought))
            return found

        found: Floats = self._ahead(not_yet, horizon, x, now) * self.probability_alive(frequency, recency, age)
        return found

    def probability_of_counts(
        self, horizon: Any, frequency: Any, recency: Any, age: Any, most: int = 3
    ) -> Sequence[Floats]:
        """Compute P(alive) x the sum over i of P(they stop after i opportunities) x P(n purchases at i)."""
        alpha, beta, gamma, delta = self._values()
        x, last, now = self._check_history(frequency, recency, age)

        def ahead(n: int) -> Callable[[Floats, Floats, Floats], Floats]:
            def total(t: Floats, bought: Floats, seen: Floats) -> Floats:
                found, lives = np.zeros(len(t)), np.ones(len(t))
                for i in range(1, int(t.max()) + 1):
                    goes_on = lives * (delta + seen + i) / (gamma + delta + seen + i)
                    ends = np.where(i < t, lives - goes_on, np.where(i == t, lives, 0.0))
                    if i >= n:
                        log = betaln(alpha + bought + n, beta + seen - bought + i - n)
                        found += ends * comb(i, n) * np.exp(log - betaln(alpha + bought, beta + seen - bought))
                    lives = goes_on
                return np.where(t == 0, float(n == 0), found)

            return total

        alive, horizons = self.probability_alive(x, last, now), self._check_horizons(horizon, x, now)
        exactly = [alive * evaluate_distinct(ahead(n), horizons, x, now) for n in range(most)]
        exactly[0] = exactly[0] + 1 - alive
        return [*exactly, np.clip(1 - sum(exactly), 0.0, 1.0)]

    def discounted_while_alive(self, horizon: float, rate: float, frequency: Any, age: Any, step: float) -> Floats:  # noqa: ARG002
        """Compute `expected_while_alive`, opportunity j discounted by e^(-rate j). A step is one opportunity."""
        horizon, rate = discounting.check_arguments(horizon, rate)
        if np.isposinf(horizon):
            horizon = np.ceil(_NOTHING / rate)
            if horizon > _FARTHEST:
                what = f"At a rate of {rate:g} per opportunity, the discounted sum has too many terms."
                raise HistoryError(what, where="rate", do=f"pass a rate above {_NOTHING / _FARTHEST:g}, or a horizon")
        return self._ahead(lambda j, _: np.exp(-rate * j), horizon, frequency, age)

    def simulate(self, horizon: Any, frequency: Any, recency: Any, age: Any, rng: np.random.Generator) -> Floats:
        """Draw a binomial count over the opportunities at which the customer is alive."""
        alpha, beta, gamma, delta = self._values()
        x, last, now = np.broadcast_arrays(*self._check_history(frequency, recency, age))
        ahead = self._check_horizons(horizon, x)
        shape = np.broadcast_shapes(x.shape, ahead.shape)
        is_alive = rng.random(shape) < self.probability_alive(x, last, now)
        buys = rng.beta(np.broadcast_to(alpha + x, shape), np.broadcast_to(beta + now - x, shape))
        stop = rng.beta(gamma, np.broadcast_to(delta + now + 1, shape))
        lived = np.minimum(lifetimes_in_coins(stop, rng), ahead).astype(np.int64)
        return np.where(is_alive, rng.binomial(lived, buys), 0.0)

    def nearest_possible(self, frequency: Floats, recency: Floats, age: Floats) -> tuple[Floats, Floats, Floats]:
        """Round to integers, with the last opportunity taken no earlier than the number of opportunities taken."""
        x = np.rint(frequency)
        last = np.where(x > 0, np.maximum(np.rint(recency), x), 0.0)
        return x, last, np.maximum(np.rint(age), last)

    def _ahead(
        self, worth: Callable[[Floats, tuple[Floats, Floats]], Floats], horizon: Any, frequency: Any, age: Any
    ) -> Floats:
        """Compute E[p] x the sum over j of worth x P(alive at n + j | alive at n + 1), j from 1 to the horizon."""
        alpha, beta, gamma, delta = self._values()
        x, _, now = super()._check_history(frequency, 0, age)
        x, _, now = self._check_history(x, np.where(x > 0, now, 0), now)

        def total(t: Floats, bought: Floats, seen: Floats) -> Floats:
            found, lives = np.zeros(len(t)), np.ones(len(t))
            for j in range(1, int(t.max()) + 1):
                found += np.where(j <= t, lives * worth(np.full(len(t), float(j)), (bought, seen)), 0.0)
                lives *= (delta + seen + j) / (gamma + delta + seen + j)
            bought_in_all: Floats = found * (alpha + bought) / (alpha + beta + seen)
            return bought_in_all

        return evaluate_distinct(total, self._check_horizons(horizon, x, now), x, now)

    def _check_horizons(self, horizon: Any, *beside: Any) -> Floats:
        ahead = super()._check_horizons(horizon, *beside)
        refuse(ahead != np.floor(ahead), "horizon", ahead, "is not a whole number of opportunities", _WHOLE)
        refuse(ahead > _FARTHEST, "horizon", ahead, f"is above {_FARTHEST:,} opportunities", _WHOLE)
        return ahead

    def _check_history(self, frequency: Any, recency: Any, age: Any) -> tuple[Floats, Floats, Floats]:
        x, last, now = super()._check_history(frequency, recency, age)
        _check_opportunities(x, last, now)
        return x, last, now

    def _prepare(self, seen: Histories) -> Histories:
        _check_opportunities(seen.frequency, seen.recency, seen.age)
        return cells.group_equal(seen)

    def _levels(self, seen: Histories) -> list[Histories]:
        return [seen]

    def _likelihood(self, seen: Histories) -> Objective:
        return BGBBLikelihood(seen)

    def _starts(self, seen: Histories) -> Sequence[Floats]:  # noqa: ARG002
        shapes = ((1.0, 1.0, 1.0, 3.0), (0.3, 1.0, 0.5, 5.0), (3.0, 3.0, 2.0, 4.0), (0.5, 3.0, 0.5, 1.0))
        return [np.log(shape) for shape in shapes]


def _check_opportunities(x: Floats, last: Floats, now: Floats) -> None:
    for name, column in (("frequency", x), ("recency", last), ("age", now)):
        refuse(column != np.floor(column), name, column, "is not a whole number of opportunities", _WHOLE)
    refuse(now > _MOST_OPPORTUNITIES, "age", now, f"is above {_MOST_OPPORTUNITIES:,} opportunities", _WHOLE)
    refuse(x > last, "frequency", x, "is above the last opportunity taken", _WHOLE)
