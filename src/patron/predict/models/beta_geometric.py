"""The base of BG/NBD and MBG/NBD: purchases are Poisson while alive, and after each the customer may stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit

from patron.predict.models import beta_quadrature, discounting
from patron.predict.models.beta_geometric_likelihood import BetaGeometricLikelihood, compute_odds
from patron.predict.models.fit_effects import Route
from patron.predict.models.histories import Histories
from patron.predict.models.interpolate_age import interpolate
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.newton import Objective
from patron.predict.models.pairs import evaluate_distinct
from patron.predict.models.purchase_model import PurchaseModel, subtract_next
from patron.predict.models.sampling import lifetimes_in_coins, poisson_counts


class BetaGeometric(PurchaseModel):
    """Rates lambda ~ Gamma(r, alpha); after each purchase the customer stops with probability p ~ Beta(a, b)."""

    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    times: ClassVar[tuple[str, ...]] = ("alpha",)
    purchase_route: ClassVar[Route] = {"alpha": -1.0}
    dropout_routes: ClassVar[Mapping[str, Sequence[Route]]] = {
        "odds": ({"a": 1.0},),
        "shared": ({"a": 1.0, "b": 1.0},),
        "each": ({"a": 1.0}, {"b": 1.0}),
    }
    """odds: e^effect times the odds a / b of stopping. shared: a and b alike, which leaves their mean as it is, and
    changes how customers differ. each: an effect on a, and one on b."""

    first_coin: ClassVar[int]
    """1 if a customer may stop after the first purchase too, otherwise 0."""

    def probability_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute P(alive) = 1 / (1 + e^z), with the z of beta_geometric_likelihood."""
        r, alpha, a, b = self._values()
        x, last, now = self._check_history(frequency, recency, age)
        log_odds, _ = compute_odds(x + self.first_coin, a, b)
        alive: Floats = expit(-(log_odds + (r + x) * np.log1p((now - last) / (alpha + last))))
        return alive

    def expected_while_alive(self, horizon: Any, frequency: Any, age: Any) -> Floats:
        """Compute E[(1 - (1 + p u)^-(r + x)) / p], u = t / (alpha + T), p ~ Beta(a, b + purchases without stopping)."""
        x, _, now = self._check_history(frequency, 0, age)
        ahead = self._check_horizons(horizon, x, now)
        if ahead.ndim == 0:
            return self._interpolate(ahead[None], np.ones(1), x, now)
        return evaluate_distinct(lambda t, f, n: self._average(t[:, None], np.ones(1), f, n), ahead, x, now)

    def discounted_while_alive(self, horizon: float, rate: float, frequency: Any, age: Any, step: float) -> Floats:
        """Compute the sum of `expected_while_alive` over all steps, discounted, as one average."""
        x, _, now = self._check_history(frequency, 0, age)
        if np.isposinf(horizon):
            return interpolate(
                lambda f, n: discounting.sum_to_infinity(self.expected_while_alive, rate, f, n),
                self.params_["alpha"],
                x,
                now,
            )
        ends, worth = discounting.discount_steps(horizon, rate, step)
        drop = worth - np.append(worth[1:], 0.0)
        return self._interpolate(ends, drop, x, now)

    def probability_of_purchase(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute P(alive) x (1 - (1 + u)^-(r + x)), as customers stop after the next purchase at the earliest."""
        r, alpha, _, _ = self._values()
        x, last, now = self._check_history(frequency, recency, age)
        ahead = self._check_horizons(horizon, x, last, now)
        buys: Floats = -np.expm1(-(r + x) * np.log1p(ahead / (alpha + now)))
        found: Floats = buys * self.probability_alive(frequency, recency, age)
        return found

    def probability_of_counts(
        self, horizon: Any, frequency: Any, recency: Any, age: Any, most: int = 3
    ) -> Sequence[Floats]:
        """Compute differences of P(n or more) = P(alive) x P(n or more if they never stop) x E[(1 - p)^(n-1)]."""
        _, _, a, b = self._values()
        x, last, now = self._check_history(frequency, recency, age)
        ahead, tails = self._check_horizons(horizon, x, last, now), b + x + self.first_coin
        goes_on = self.probability_alive(x, last, now)
        at_least = [np.ones(np.broadcast_shapes(ahead.shape, goes_on.shape))]
        for n, fewer in enumerate(self._iterate_fewer(ahead, x, last, now, most)):
            at_least.append(goes_on * (1 - fewer))
            goes_on = goes_on * (tails + n) / (a + tails + n)
        return subtract_next(at_least)

    def time_to_purchase(self, chance: Any, frequency: Any, recency: Any, age: Any, longest: float = np.inf) -> Floats:
        """Invert `probability_of_purchase`: (alpha + T) ((1 - chance / P(alive))^(-1 / (r + x)) - 1)."""
        r, alpha, _, _ = self._values()
        x, last, now = self._check_history(frequency, recency, age)
        never = 1 - chance / self.probability_alive(x, last, now)
        with np.errstate(over="ignore"):
            time = (alpha + now) * np.expm1(-np.log(np.where(never > 0, never, 1.0)) / (r + x))
        return np.where((never > 0) & (time <= longest), time, np.nan)

    def simulate(self, horizon: Any, frequency: Any, recency: Any, age: Any, rng: np.random.Generator) -> Floats:
        """Draw the lesser of a Poisson count over the horizon and a geometric number of purchases until they stop."""
        r, alpha, a, b = self._values()
        x, last, now = np.broadcast_arrays(*self._check_history(frequency, recency, age))
        ahead = self._check_horizons(horizon, x)
        shape = np.broadcast_shapes(x.shape, ahead.shape)
        is_alive = rng.random(shape) < self.probability_alive(x, last, now)
        rate = rng.standard_gamma(np.broadcast_to(r + x, shape)) / (alpha + now)
        stop = rng.beta(a, np.broadcast_to(b + x + self.first_coin, shape))
        bought = np.minimum(poisson_counts(rate * ahead, rng), lifetimes_in_coins(stop, rng))
        return np.where(is_alive, bought, 0.0)

    def _iterate_fewer(self, ahead: Floats, x: Floats, last: Floats, now: Floats, most: int) -> Iterator[Floats]:  # noqa: ARG002
        """Yield the probabilities of fewer than 1, 2, ... purchases of customers who never stop."""
        r, alpha, _, _ = self._values()
        term = np.exp(-(r + x) * np.log1p(ahead / (alpha + now)))
        fewer = np.zeros(term.shape)
        for n in range(most):
            fewer = fewer + term
            yield fewer
            term = term * (r + x + n) / (n + 1) * (ahead / (alpha + now + ahead))

    def _interpolate(self, ahead: Floats, drop: Floats, x: Floats, now: Floats) -> Floats:
        """Interpolate `_average` over ages, with the same horizons for all."""

        def average(f: Floats, n: Floats) -> Floats:
            return self._average(np.broadcast_to(ahead, (len(f), len(ahead))), drop, f, n)

        return interpolate(average, self.params_["alpha"], x, now)

    def _average(self, ahead: Floats, drop: Floats, x: Floats, now: Floats) -> Floats:
        """Compute the sum over horizons of drop x E[(1 - (1 + p u)^-k) / p]. ahead: (rows, horizons)."""
        r, alpha, a, b = self._values()
        k, u = r + x, ahead / (alpha + now)[:, None]
        values, which = np.unique(x, return_inverse=True)
        rate = (k[:, None] * u) @ drop
        # m makes f(0) (1 - p)^m as steep at 0 as f is.
        speed = np.maximum(1.0, (k * (k + 1) / 2 * (u**2 @ drop)) / np.maximum(rate, 1e-300))
        fastest = np.zeros(len(values))
        np.maximum.at(fastest, which, speed)
        at = beta_quadrature.nodes(a, b + values + self.first_coin, fastest)

        def worth(rows: slice, p: Floats) -> Floats:
            total = np.zeros(p.shape)
            for j, weight in enumerate(drop):
                total -= weight * np.expm1(-k[rows, None] * np.log1p(p * u[rows, j, None]))
            return total / p

        return beta_quadrature.mean_of(worth, np.stack([rate, speed]), which, at)

    def _likelihood(self, seen: Histories) -> Objective:
        return BetaGeometricLikelihood(seen, self.first_coin)

    def _starts(self, seen: Histories) -> Sequence[Floats]:
        """Return starts from nearly equal to very different customers, and from low to high attrition."""
        unit = seen.total(seen.age) / seen.customers
        rate = seen.total(seen.frequency) / seen.total(seen.age)
        shapes = ((0.3, 0.5, 2.0), (1.0, 1.0, 4.0), (3.0, 0.3, 3.0), (0.1, 2.0, 2.0))
        return [np.log([r, min(r / rate, 100 * unit) / 2, a, b]) for r, a, b in shapes]
