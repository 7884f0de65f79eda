"""The Pareto/NBD model of Schmittlein, Morrison and Colombo, Counting Your Customers, Management Science 33 (1987)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit, exprel, gammaln

from patron.predict.models import cells
from patron.predict.models.fit_effects import Route
from patron.predict.models.histories import Histories
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.chunks import map_pieces
from patron.predict.models.likelihood.gamma_ratios import log_gamma_ratio
from patron.predict.models.likelihood.newton import Objective
from patron.predict.models.next_purchase import Reached
from patron.predict.models.pareto_integral import log_integral
from patron.predict.models.pareto_likelihood import ParetoLikelihood
from patron.predict.models.purchase_model import PurchaseModel
from patron.predict.models.sampling import poisson_counts

_ROWS = 1 << 10
_MANY = 50_000


class ParetoNBD(PurchaseModel):
    """Rates lambda ~ Gamma(r, alpha) while alive; a life ends at rate mu ~ Gamma(s, beta), whether they buy or not.

    >>> model = ParetoNBD.from_params({"r": 0.5531, "alpha": 10.576, "s": 0.6063, "beta": 11.671})
    >>> round(float(model.expected_purchases_new(52)), 2)
    1.47

    With covariates, each customer has rates of their own (docs/purchase_models.md):

    >>> by_channel = model.with_effects(purchase={"online": 0.5}, dropout={"online": -0.4})
    >>> by_channel.given({"online": [0, 1]}, {"online": [0, 1]}).expected_purchases_new(52).round(2)
    array([1.47, 2.76])
    """

    name: ClassVar[str] = "Pareto/NBD"
    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    times: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    purchase_route: ClassVar[Route] = {"alpha": -1.0}
    dropout_routes: ClassVar[Mapping[str, Sequence[Route]]] = {"rate": ({"beta": -1.0},)}

    def probability_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute 1 / (1 + odds); the odds are s times the integral of the likelihood, over its first term."""
        r, alpha, s, beta = self._values()
        x, last, now = self._check_history(frequency, recency, age)
        left = self._integral(alpha, beta, r + x, s + 1, last, now)
        alive: Floats = expit(-(np.log(s) + left + (r + x) * np.log(alpha + now) + s * np.log(beta + now)))
        return alive

    def expected_while_alive(self, horizon: Any, frequency: Any, age: Any) -> Floats:
        """Compute (r+x) / (alpha+T) x (beta+T) x (1 - e^-(s-1)l) / (s-1), l = ln(1 + t / (beta+T)); l at s = 1."""
        r, alpha, s, beta = self._values()
        x, _, now = self._check_history(frequency, 0, age)
        stretch = np.log1p(self._check_horizons(horizon, x, now) / (beta + now))
        found: Floats = (r + x) / (alpha + now) * (beta + now) * stretch * exprel(-(s - 1) * stretch)
        return found

    def probability_of_purchase(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute P(alive) x (1 - P(no purchase while alive over all of t) - P(they leave first)).

        Of a living customer lambda ~ Gamma(r + x, alpha + T) and mu ~ Gamma(s, beta + T), so the last is the
        likelihood's integral from T to T + t.
        """
        x, last, now = self._check_history(frequency, recency, age)
        ahead = self._check_horizons(horizon, x, last, now)
        found: Floats = self._buys(ahead, x, now) * self.probability_alive(x, last, now)
        return found

    def _buys(self, ahead: Floats, x: Floats, now: Floats) -> Floats:
        r, alpha, s, beta = self._values()
        scale = (r + x) * np.log(alpha + now) + s * np.log(beta + now)
        stays = -(r + x) * np.log1p(ahead / (alpha + now)) - s * np.log1p(ahead / (beta + now))
        leaves = np.log(s) + scale + self._integral(alpha, beta, r + x, s + 1, now, now + ahead)
        buys: Floats = np.clip(-np.expm1(np.logaddexp(stays, leaves)), 0.0, 1.0)
        return buys

    def _reach(self, x: Floats, last: Floats, now: Floats) -> Reached:
        alive = self.probability_alive(x, last, now)
        return lambda times, rows: self._buys(times, x[rows], now[rows]) * alive[rows]

    def probability_of_counts(
        self, horizon: Any, frequency: Any, recency: Any, age: Any, most: int = 3
    ) -> Sequence[Floats]:
        """Compute P(alive) x P(n purchases): they stay over all of t, or leave at some time u <= t, an integral.

        With e = r + x + n, each is (r + x) ... (e - 1) / n! x (alpha + T)^(r+x) times u^n (alpha + T + u)^-e.
        """
        r, alpha, s, beta = self._values()
        x, last, now = self._check_history(frequency, recency, age)
        ahead = self._check_horizons(horizon, x, last, now)
        scale = (r + x) * np.log(alpha + now) + s * np.log(beta + now)
        alive, buys = self.probability_alive(x, last, now), self.probability_of_purchase(ahead, x, last, now)
        exactly = [1 - buys]
        for n in range(1, most):
            with np.errstate(divide="ignore"):
                stays = n * np.log(ahead) - (r + x + n) * np.log(alpha + now + ahead) - s * np.log(beta + now + ahead)
            leaves = np.log(s) + self._integral(alpha, beta, r + x + n, s + 1, now, now + ahead, n)
            count = np.logaddexp(stays, leaves) + scale + log_gamma_ratio(r + x, n) - gammaln(n + 1)
            exactly.append(np.minimum(np.exp(count) * alive, 1.0))
        return [*exactly, np.clip(1 - sum(exactly), 0.0, 1.0)]

    def simulate(self, horizon: Any, frequency: Any, recency: Any, age: Any, rng: np.random.Generator) -> Floats:
        """Draw a Poisson count over the horizon or the remaining lifetime, whichever is shorter."""
        r, alpha, s, beta = self._values()
        x, last, now = np.broadcast_arrays(*self._check_history(frequency, recency, age))
        ahead = self._check_horizons(horizon, x)
        shape = np.broadcast_shapes(x.shape, ahead.shape)
        is_alive = rng.random(shape) < self.probability_alive(x, last, now)
        rate = rng.standard_gamma(np.broadcast_to(r + x, shape)) / (alpha + now)
        leaving = np.maximum(rng.standard_gamma(s, shape), 1e-300) / (beta + now)
        with np.errstate(over="ignore"):  # an infinite life is cut at the horizon
            life = np.minimum(rng.standard_exponential(shape) / leaving, ahead)
        return np.where(is_alive, poisson_counts(rate * life, rng), 0.0)

    def _integral(
        self, alpha: float, beta: float, e: Floats, f: float, start: Floats, end: Floats, power: int = 0
    ) -> Floats:
        """Compute `log_integral` for arguments of any shape, in batches of rows."""
        arrays = np.broadcast_arrays(e, start, end)
        flat = [np.ascontiguousarray(array, dtype=np.float64).ravel() for array in arrays]

        def piece(rows: slice) -> Floats:
            e, start, end = (one[rows] for one in flat)
            return log_integral(alpha, beta, e, f, start, end, power=power)

        return np.concatenate([*map_pieces(piece, flat[0].size, _ROWS), np.zeros(0)]).reshape(arrays[0].shape)

    def _levels(self, seen: Histories) -> list[Histories]:
        """Group customers with equal histories first, as integrals are expensive."""
        *coarse, last = super()._levels(seen)
        return [*coarse, cells.group_equal(last) if last.size > _MANY else last]

    def _likelihood(self, seen: Histories) -> Objective:
        return ParetoLikelihood(seen)

    def _starts(self, seen: Histories) -> Sequence[Floats]:
        """Return starts from nearly equal to very different customers, and from short to long lives."""
        unit = seen.total(seen.age) / seen.customers
        rate = seen.total(seen.frequency) / seen.total(seen.age)
        shapes = ((0.5, 0.5, 0.5), (1.0, 1.0, 1.0), (3.0, 0.3, 0.2), (0.2, 2.0, 3.0))
        return [np.log([r, min(r / rate, 100 * unit) / 2, s, beta * unit]) for r, s, beta in shapes]
