"""Tells new customers from old ones where the data begin later than the shop.

Who is seen for the first time may be either.

Customers come at a rate A e^(g t) and buy as in the MBG/NBD: at a rate lambda, stopping after each purchase with a
probability p. In a shop of age Y before the data, a customer of lambda and p has by then made (1 - p) / p x
(1 - e^(-lambda p Y)) purchases after the first, so that at time t of the data old customers, whose last purchase was
before the data, return at a rate

    A phi (1 - p) / p (e^(-lambda t) - e^(-lambda (t + p Y)))

with phi = 1 where the shop did not change. The times at which customers are first seen are a Poisson process of the sum
of both, averaged over lambda ~ Gamma(r, alpha) and p ~ Beta(a, b); from then on, both kinds are alike. Its likelihood
is maximised over r, alpha, a, b, phi and g. Customers seen first in the first sixth of the data are left out: nearly
all of them are frequent old ones, on whom everything would depend.

A customer's probability of being new, as a weight, makes the likelihood of any purchase model that of new customers:
its expectation has its maximum at their parameters (expectation-maximisation's, Dempster, Laird and Rubin 1977).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from patron.predict.models.likelihood import bins
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.time_units import WEEKS_A_YEAR

USUAL_AGE = 5 * WEEKS_A_YEAR
"""The age of a shop before its data, in weeks, where it is not known."""

LEFT_OUT = 1 / 6
"""The share of the data, from its start, whose first-time buyers are not used: none of them counts as new."""

_BITS = 3
_LOGITS = np.linspace(-16.0, 14.0, 41)
"""Nodes of p's logit: the trapezoidal rule is exact to many digits here (beta_quadrature.py)."""

_TIMES = 40
_GROWTH_PRIOR, _OLD_PRIOR = 0.5, 1.0
"""Standard deviations of a year's growth and of ln phi."""

_BOUNDS = [(-5.0, 7.0)] * 4 + [(-6.0, 3.0), (-0.05, 0.05)]


@dataclass(frozen=True)
class LeftTruncation:
    """New and old customers of a shop that is older than its data.

    r, alpha, a, b: parameters of new customers (MBG/NBD), in weeks. old: phi. growth: g, per week. span: weeks of data.
    older: the shop's age before them.
    """

    r: float
    alpha: float
    a: float
    b: float
    old: float
    growth: float
    span: float
    older: float

    def probability_new(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Compute the probability that customers first seen `age` weeks before the end of the data are new, (n,)."""
        x, last, now = (np.asarray(values, dtype=np.float64) for values in (frequency, recency, age))
        after = np.maximum(self.span - now, 0.0)
        found = np.zeros(len(x))
        seen = after >= self.span * LEFT_OUT
        new, old = self._weigh(x[seen], last[seen], now[seen], after[seen])
        found[seen] = new / (new + old)
        return found

    def _weigh(self, x: Floats, last: Floats, now: Floats, after: Floats) -> tuple[Floats, Floats]:
        """Return the likelihood of each history x the rate at which it begins, for new and for old customers."""
        p, log_p, log_rest, weight = _nodes(self.a, self.b)
        power = -(self.r + x)[:, None]
        base = np.log1p(last / self.alpha)[:, None]

        def reach(weeks: Floats) -> Floats:
            """Return ((alpha + weeks) / (alpha + recency))^-(r + x)."""
            found: Floats = np.exp(power * (np.log1p(weeks / self.alpha) - base))
            return found

        stays = np.exp(x[:, None] * log_rest - (betaln(self.a, self.b + x) - betaln(self.a, self.b))[:, None])
        silent, left = now[:, None], last[:, None]
        before = after[:, None]
        new = (stays * ((1 - p) * reach(silent) + p * reach(left))) @ weight
        alive = reach(silent + before) - reach(silent + before + p * self.older)
        gone = reach(left + before) - reach(left + before + p * self.older)
        old = (stays * np.exp(log_rest - log_p) * ((1 - p) * alive + p * gone)) @ weight
        return np.exp(self.growth * after) * new, self.old * old

    def log_likelihood(self, x: Floats, last: Floats, now: Floats, customers: Floats) -> float:
        """Compute the log-likelihood of histories and the times at which they begin, A at its maximum."""
        after = np.maximum(self.span - now, 0.0)
        new, old = self._weigh(x, last, now, after)
        constant = gammaln(self.r + x) - gammaln(self.r) - x * np.log(self.alpha)
        constant = constant - (self.r + x) * np.log1p(last / self.alpha)
        constant = constant + betaln(self.a, self.b + x) - betaln(self.a, self.b)
        found = (constant + np.log(np.maximum(new + old, 1e-300))) @ customers
        return float(found - customers.sum() * np.log(self._count_first_seen()))

    def _count_first_seen(self) -> float:
        """Integrate the rate at which customers are first seen, without A."""
        p, log_p, log_rest, weight = _nodes(self.a, self.b)
        at = np.linspace(self.span * LEFT_OUT, self.span, _TIMES)[:, None]
        returning = (1 + at / self.alpha) ** -self.r - (1 + (at + p * self.older) / self.alpha) ** -self.r
        rate = np.exp(self.growth * at[:, 0]) + self.old * ((np.exp(log_rest - log_p) * returning) @ weight)
        return float(np.trapezoid(rate, at[:, 0]))


def fit_left_truncation(
    frequency: Any,
    recency: Any,
    age: Any,
    customers: Any,
    *,
    span: float,
    start: tuple[float, float, float, float],
    older: float = USUAL_AGE,
) -> LeftTruncation:
    """Fit the mixture by maximum likelihood.

    frequency, recency, age, customers: cells, (n,), in weeks, all first seen within `span` weeks. start: r, alpha, a
    and b of an MBG/NBD of all customers.
    """
    cells = [np.asarray(one, dtype=np.float64) for one in (frequency, recency, age, customers)]
    x, last, now, count = _group(cells, span)

    def lose(parameters: Floats) -> float:
        one = _build(parameters, span, older)
        prior = (one.growth * WEEKS_A_YEAR / _GROWTH_PRIOR) ** 2 + (parameters[4] / _OLD_PRIOR) ** 2
        return float(-one.log_likelihood(x, last, now, count) + prior / 2)

    first = np.clip(np.concatenate([np.log(start), [-0.5, 0.0]]), *np.array(_BOUNDS).T)
    found: Floats = minimize(lose, first, method="L-BFGS-B", bounds=_BOUNDS).x
    return _build(found, span, older)


def _build(parameters: Floats, span: float, older: float) -> LeftTruncation:
    r, alpha, a, b, old = np.exp(parameters[:5]).tolist()
    return LeftTruncation(r, alpha, a, b, old, float(parameters[5]), span, older)


def _group(cells: Sequence[Floats], span: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Keep those first seen after LEFT_OUT, in bins of at most 12% of each figure."""
    x, last, now, count = cells
    seen = span - now >= span * LEFT_OUT
    x, last, now, count = x[seen], last[seen], now[seen], count[seen]
    early = span / 16
    keys = (x, last + early, span - now + early)
    (x, last, now), customers = bins.means((x, last, now), keys, count, _BITS)
    return x, np.minimum(last, now), now, customers


def _nodes(a: float, b: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return p, ln p, ln(1 - p) and the weights of a Beta(a, b)."""
    log_p, log_rest = -np.logaddexp(0, -_LOGITS), -np.logaddexp(0, _LOGITS)
    weight = np.exp(a * log_p + b * log_rest - betaln(a, b))
    return np.exp(log_p), log_p, log_rest, weight / weight.sum()
