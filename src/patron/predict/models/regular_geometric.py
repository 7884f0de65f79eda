"""The base of BG/CNBD-k and MBG/CNBD-k: as BG/NBD and MBG/NBD, but customers buy at regular intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import comb
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import expit, gammaln

from patron.predict.errors import HistoryError, ParameterError
from patron.predict.models import cells, discounting
from patron.predict.models.beta_geometric import BetaGeometric
from patron.predict.models.beta_geometric_likelihood import BetaGeometricLikelihood, compute_odds
from patron.predict.models.effects import Effect
from patron.predict.models.erlang_stages import iterate_terms, log_stage_sum, log_unseen_gaps
from patron.predict.models.histories import Histories, check_identifiable, to_histories
from patron.predict.models.interpolate_age import interpolate_all
from patron.predict.models.likelihood import bins
from patron.predict.models.likelihood.arrays import Floats, number
from patron.predict.models.likelihood.fit import Fitted, maximise
from patron.predict.models.likelihood.newton import Objective
from patron.predict.models.next_purchase import Reached
from patron.predict.models.pairs import evaluate_distinct
from patron.predict.models.purchase_model import SMALL, PurchaseModel
from patron.predict.models.sampling import lifetimes_in_coins, poisson_counts
from patron.predict.models.stage_expectations import StageExpectations, count_points_per_unit

MOST_STAGES = 12
"""The highest k that is tried, as in the authors' own package."""

_LOG_GAPS = "pass the sum of the logarithms of all gaps between purchases, or set k"


class RegularGeometric(BetaGeometric):
    """Gaps are Erlang-k: k stages at a rate lambda ~ Gamma(r, alpha); after each purchase, p ~ Beta(a, b) to stop.

    k: the number of stages; None finds the most likely, which needs the gaps (see `fit`). With k = 1 nothing is
    regular, and the models are BG/NBD and MBG/NBD. params_ has k first.
    """

    chosen_names: ClassVar[tuple[str, ...]] = ("k",)

    draws_of_totals: ClassVar[int] = 25

    def __init__(self, penalty: float = 0.0, exact: bool = True, k: int | None = None) -> None:
        super().__init__(penalty, exact)
        if k is not None:
            _check_stages(self.name, k)
        self.k, self._stages = k, k or 1

    @classmethod
    def from_params(cls, params: Mapping[str, float]) -> Self:
        """Make a model with these parameters, k included, without data. Raises ParameterError."""
        model = super().from_params(params)
        _check_stages(cls.name, model.params_["k"])
        model.k = model._stages = int(model.params_["k"])
        return model

    def fit(
        self,
        frequency: Any,
        recency: Any,
        age: Any,
        weights: Any = None,
        *,
        log_gaps: float | None = None,
        resolution: float = 0.0,
        purchase_covariates: Any = None,
        dropout_covariates: Any = None,
        dropout_form: str | None = None,
    ) -> Self:
        """Fit as `PurchaseModel.fit`. log_gaps is needed unless k is set: the sum of ln(gap) over all gaps.

        k is tried from 1 until the log-likelihood has fallen twice. Where times have a resolution, gaps within it are
        not seen, of which random buyers have more than regular ones: each likelihood is of gaps that are seen. k is
        that of the model without covariates.
        """
        seen = to_histories(frequency, recency, age, weights)
        check_identifiable(seen)
        if self.k is None and log_gaps is None:
            raise HistoryError(f"{self.name} cannot find k without the gaps.", where="log_gaps", do=_LOG_GAPS)
        logs = None if log_gaps is None else number("log_gaps", log_gaps, _LOG_GAPS)
        if not np.isfinite(logs or 0.0) or not 0 <= resolution < np.inf:
            what = f"log_gaps {logs} and resolution {resolution} are not valid."
            raise HistoryError(what, where="log_gaps", do=_LOG_GAPS)
        found = None if self.k or logs is None else self._find_stages(seen, logs, resolution)
        self._stages = found or self.k or 1
        super().fit(
            frequency,
            recency,
            age,
            weights,
            purchase_covariates=purchase_covariates,
            dropout_covariates=dropout_covariates,
            dropout_form=dropout_form,
        )
        self.log_likelihood_ += _log_gap_terms(seen, self._stages, logs)
        return self

    def copy_unfitted(self, *, exact: bool) -> Self:
        """Return a model of the same kind and k, to fit on other customers."""
        return type(self)(self.penalty, exact, self._stages)

    def probability_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute 1 / (1 + e^z), with the z of BG/NBD and MBG/NBD at m = r + k x, less ln S (erlang_stages)."""
        _, alpha, a, b = self._values()
        x, last, now = self._check_history(frequency, recency, age)
        m = self._trials(x)
        log_odds, _ = compute_odds(x + self.first_coin, a, b)
        log_sum = self._log_stage_sum(x, last, now)
        alive: Floats = expit(log_sum - (log_odds + m * np.log1p((now - last) / (alpha + last))))
        return alive

    def alive_by_stage(self, frequency: Any, recency: Any, age: Any) -> Sequence[Floats]:
        """Compute P(alive and at stage j) = P(alive) x t_j / S for each of the k stages."""
        x, last, now = self._check_history(frequency, recency, age)
        alpha, alive = self.params_["alpha"], self.probability_alive(x, last, now)
        terms = list(iterate_terms(self._stages, self._trials(x), (now - last) / (alpha + now)))
        each = alive / sum(terms)
        return [each * term for term in terms]

    def expected_while_alive(self, horizon: Any, frequency: Any, age: Any) -> Floats:
        """Compute the purchases of a customer who bought at T and is alive (stage_counts)."""
        return self.expected_by_stage(horizon, frequency, age)[0]

    def expected_by_stage(self, horizon: Any, frequency: Any, age: Any) -> Sequence[Floats]:
        """Compute the purchases of customers alive at each stage (stage_counts), averaged over p."""
        x, _, now = self._check_history(frequency, 0, age)
        ahead = self._check_horizons(horizon, x, now)
        if ahead.ndim == 0:
            return self._interpolate_stages(ahead[None], np.ones(1), x, now)
        if not np.broadcast(ahead, x, now).size:
            return [np.zeros(np.broadcast_shapes(ahead.shape, x.shape, now.shape))] * self._stages
        expectations = self._expectations()
        return list(evaluate_distinct(lambda t, f, n: expectations.sum(t[:, None], np.ones(1), f, n), ahead, x, now))

    def discounted_while_alive(self, horizon: float, rate: float, frequency: Any, age: Any, step: float) -> Floats:
        """Compute the discounted purchases of a customer who bought at T and is alive."""
        return self.discounted_by_stage(horizon, rate, frequency, age, step)[0]

    def discounted_by_stage(
        self, horizon: float, rate: float, frequency: Any, age: Any, step: float
    ) -> Sequence[Floats]:
        """Compute the sum of `expected_by_stage` over all steps, discounted, as one average."""
        x, _, now = self._check_history(frequency, 0, age)
        if np.isposinf(horizon):
            ends, drop = discounting.steps_to_infinity(rate)
        else:
            ends, worth = discounting.discount_steps(horizon, rate, step)
            drop = worth - np.append(worth[1:], 0.0)
        return self._interpolate_stages(ends, drop, x, now)

    def probability_of_purchase(self, horizon: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute P(alive) x (1 - S' (alpha + T + t)^-m / (S (alpha + T)^-m)), with S' as of T + t."""
        x, last, now = self._check_history(frequency, recency, age)
        ahead = self._check_horizons(horizon, x, last, now)
        return self._buys(ahead, x, last, now, self._log_stage_sum(x, last, now), self.probability_alive(x, last, now))

    def _buys(self, ahead: Floats, x: Floats, last: Floats, now: Floats, log_sum: Floats, alive: Floats) -> Floats:
        stretch = np.log1p(ahead / (self.params_["alpha"] + now))
        waits = self._log_stage_sum(x, last, now + ahead) - log_sum - self._trials(x) * stretch
        found: Floats = -np.expm1(np.minimum(waits, 0.0)) * alive
        return found

    def _reach(self, x: Floats, last: Floats, now: Floats) -> Reached:
        log_sum, alive = self._log_stage_sum(x, last, now), self.probability_alive(x, last, now)
        return lambda times, rows: self._buys(times, *(one[rows] for one in (x, last, now, log_sum, alive)))

    def time_to_purchase(self, chance: Any, frequency: Any, recency: Any, age: Any, longest: float = np.inf) -> Floats:
        """Find the time as `PurchaseModel.time_to_purchase`: there is no closed form, and `longest` is finite."""
        return PurchaseModel.time_to_purchase(self, chance, frequency, recency, age, longest)

    def simulate(self, horizon: Any, frequency: Any, recency: Any, age: Any, rng: np.random.Generator) -> Floats:
        """Draw a stage and the stages passed over the horizon, k of which make a purchase, until the customer stops."""
        _, alpha, a, b = self._values()
        x, last, now = np.broadcast_arrays(*self._check_history(frequency, recency, age))
        ahead = self._check_horizons(horizon, x)
        shape = np.broadcast_shapes(x.shape, ahead.shape)
        chance, alive = rng.random(shape), np.cumsum(self.alive_by_stage(x, last, now), axis=0)
        stage = sum((chance >= reached).astype(np.float64) for reached in alive[:-1])
        rate = rng.standard_gamma(np.broadcast_to(self._trials(x), shape) + stage) / (alpha + now)
        stop = rng.beta(a, np.broadcast_to(b + x + self.first_coin, shape))
        bought = np.floor((stage + poisson_counts(rate * ahead, rng)) / self._stages)
        return np.where(chance < alive[-1], np.minimum(bought, lifetimes_in_coins(stop, rng)), 0.0)

    def _iterate_fewer(self, ahead: Floats, x: Floats, last: Floats, now: Floats, most: int) -> Iterator[Floats]:
        """Yield the probabilities of fewer than k, 2k, ... stages since the last purchase, of fewer than k by T.

        Of s stages by T + t, j < k were passed by T: a binomial share of w^j u^(s-j).
        """
        alpha, m = self.params_["alpha"], self._trials(x)
        w, u = (now - last) / (alpha + now + ahead), ahead / (alpha + now + ahead)
        log_scale = -m * np.log1p(ahead / (alpha + now)) - self._log_stage_sum(x, last, now)
        term, fewer = np.exp(log_scale), np.zeros(np.broadcast_shapes(w.shape, u.shape, m.shape))
        for s in range(most * self._stages):
            fewer = fewer + term * sum(comb(s, j) * w**j * u ** (s - j) for j in range(min(s + 1, self._stages)))
            if (s + 1) % self._stages == 0:
                yield fewer
            term = term * (m + s) / (s + 1)

    def _trials(self, x: Floats) -> Floats:
        """Compute m = r + k x."""
        m: Floats = self._values()[0] + self._stages * x
        return m

    def _log_stage_sum(self, x: Floats, last: Floats, now: Floats) -> Floats:
        """Compute ln S as of `now`."""
        return log_stage_sum(self._stages, self._trials(x), (now - last) / (self.params_["alpha"] + now))

    def _interpolate_stages(self, ahead: Floats, drop: Floats, x: Floats, now: Floats) -> Sequence[Floats]:
        """Interpolate what is expected at each stage over ages, with the same horizons for all."""
        expectations = self._expectations()

        def expect(f: Floats, n: Floats) -> Floats:
            return expectations.sum(np.broadcast_to(ahead, (len(f), len(ahead))), drop, f, n)

        per_unit = count_points_per_unit(self._stages)
        return list(interpolate_all(expect, self._stages, self.params_["alpha"], x, now, per_unit))

    def _expectations(self) -> StageExpectations:
        r, alpha, a, b = self._values()
        return StageExpectations(self._stages, r, alpha, a, b, self.first_coin)

    def _find_stages(self, seen: Histories, log_gaps: float, resolution: float) -> int:
        """Find the most likely k, on bins of very many customers."""
        levels = [seen]
        if seen.size > SMALL:
            fine = cells.group_similar(seen, bins.FINE)
            levels = [cells.group_similar(fine, bins.COARSE), fine]
        heights: list[float] = []
        for k in range(1, MOST_STAGES + 1):
            self._stages = k
            found = self._climb(levels)
            r, alpha = np.exp(found.log_params[:2])
            unseen = log_unseen_gaps(k, r, alpha, levels[-1], resolution) if resolution else 0.0
            heights.append(found.log_likelihood + _log_gap_terms(seen, k, log_gaps) - unseen)
            if heights[-1] < max(heights) and heights[-2] < max(heights):
                break
        return int(np.argmax(heights)) + 1

    def _climb(self, levels: list[Histories]) -> Fitted:
        objectives = [self._likelihood(level) for level in levels]
        starts, middle = self._starts(levels[-1]), self._middle(levels[-1])
        return maximise(objectives, starts, middle, self.parameter_names, penalty=self.penalty)

    def _keep(self, found: Fitted, customers: float, effects: Sequence[Effect] = ()) -> None:
        super()._keep(found, customers, effects)
        self.params_ = {"k": float(self._stages), **self.params_}

    def _likelihood(self, seen: Histories) -> Objective:
        return BetaGeometricLikelihood(seen, self.first_coin, self._stages)

    def _starts(self, seen: Histories) -> Sequence[Floats]:
        """Return those of BG/NBD, for k stages in the time of one."""
        return [start - np.array([0.0, np.log(self._stages), 0.0, 0.0]) for start in super()._starts(seen)]


def _check_stages(name: str, k: float) -> None:
    if k not in range(1, MOST_STAGES + 1):
        raise ParameterError(f"{name}'s k is {k:g}, not a whole number from 1 to {MOST_STAGES}.", where="k")


def _log_gap_terms(seen: Histories, k: int, log_gaps: float | None) -> float:
    """Compute (k - 1) x the sum of ln(gap) - ln Gamma(k) a gap, the part of ln L that no other parameter changes."""
    return (k - 1) * (log_gaps or 0.0) - float(gammaln(k)) * seen.total(seen.frequency)
