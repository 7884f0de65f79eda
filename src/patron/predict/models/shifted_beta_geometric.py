"""The shifted-beta-geometric model of Fader and Hardie, How to Project Customer Retention, Journal of Interactive
Marketing 21 (2007); its discounted residual lifetime is from their Customer-Base Valuation in a Contractual Setting,
Marketing Science 29 (2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import betaln, digamma, hyp2f1, polygamma

from patron.predict.errors import HistoryError, NotIdentifiableError, ParameterError
from patron.predict.models.likelihood.arrays import Floats, check_numbers, columns, number, numbers, refuse
from patron.predict.models.likelihood.estimator import Estimated
from patron.predict.models.likelihood.fit import maximise
from patron.predict.models.likelihood.newton import Derivatives, Objective

_WHOLE = "count periods: 0, 1, 2, ..."
_COHORT = "pass how many customers there were at the start, and after each renewal"


class ShiftedBetaGeometric(Estimated):
    """At the end of each period of a contract (a month, a year) a customer leaves with their own probability theta.

    theta ~ Beta(alpha, beta): those likely to leave leave first, so that the retention rate of a cohort rises. Periods
    are whole numbers; a customer's tenure is the number of renewals they made, or, if they left, the period at whose
    end they did (1 for the first).

    >>> model = ShiftedBetaGeometric().fit_survivors([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> model
    ShiftedBetaGeometric(alpha=0.6681, beta=3.806)
    """

    name: ClassVar[str] = "sBG"
    parameter_names: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    def fit(self, tenure: Any, has_left: Any, weights: Any = None) -> Self:
        """Fit on customers, shape (n,): tenure in periods, and whether they left at the end of it.

        weights: how many customers are like this. Raises HistoryError, NotIdentifiableError.
        """
        given = columns({"tenure": tenure, "has_left": has_left}, weights, _WHOLE)
        periods, left = given["tenure"], given["has_left"] > 0
        _check_periods("tenure", periods)
        refuse(left & (periods < 1), "tenure", periods, "is not the period at whose end a customer left", _WHOLE)
        customers = given.get("weights", np.ones(len(periods)))
        if not left.any() or len(np.unique(periods[periods > 0])) == 1:
            what = "Nobody left, or all tenures are equal, so how customers differ cannot be estimated."
            raise NotIdentifiableError(what, do="pass customers of two or more tenures, some of whom left")
        size = int(periods.max()) + 1
        ended, stayed = (
            np.bincount(periods[rows].astype(int), weights=customers[rows], minlength=size).astype(np.float64)
            for rows in (left, ~left)
        )
        starts = [np.log(pair) for pair in ((1.0, 1.0), (0.3, 2.0), (3.0, 10.0))]
        likelihood = _Likelihood(ended, stayed)
        found = maximise([likelihood], starts, np.zeros(2), self.parameter_names, penalty=self.penalty)
        self._keep(found, float(customers.sum()))
        return self

    def fit_survivors(self, survivors: Sequence[float]) -> Self:
        """Fit on a cohort: how many customers there were at the start, and after each renewal. Raises HistoryError."""
        counts = numbers("survivors", survivors, _COHORT)
        if counts.ndim != 1 or len(counts) < 2:
            raise HistoryError("A cohort needs its start and at least one renewal.", where="survivors", do=_COHORT)
        check_numbers("survivors", counts, _COHORT)
        refuse(np.diff(counts, prepend=counts[0]) > 0, "survivors", counts, "is more than there were before", _COHORT)
        periods = np.arange(1, len(counts))
        rows = [(*pair, True) for pair in zip(periods, -np.diff(counts), strict=True)] + [
            (periods[-1], counts[-1], False)
        ]
        tenure, customers, left = zip(*(row for row in rows if row[1] > 0), strict=True)
        return self.fit(tenure, left, customers)

    def survival(self, periods: Any) -> Floats:
        """Compute the share of customers who renew at least so many times (eq. 6)."""
        alpha, beta = self._values()
        t = _check_periods("periods", numbers("periods", periods, _WHOLE))
        found: Floats = np.exp(betaln(alpha, beta + t) - betaln(alpha, beta))
        return found

    def retention_rate(self, tenure: Any) -> Floats:
        """Compute the probability that a customer who made `tenure` renewals makes the next (eq. 8)."""
        alpha, beta = self._values()
        t = _check_periods("tenure", numbers("tenure", tenure, _WHOLE))
        found: Floats = (beta + t) / (alpha + beta + t)
        return found

    def expected_periods(self, horizon: Any, tenure: Any) -> Floats:
        """Compute how many of the next `horizon` renewals a customer who made `tenure` renewals is expected to make."""
        alpha, beta = self._values()
        t = _check_periods("tenure", numbers("tenure", tenure, _WHOLE))
        ahead = int(_check_periods("horizon", numbers("horizon", horizon, _WHOLE)))
        later = np.arange(1, ahead + 1).reshape(-1, *[1] * t.ndim)
        found: Floats = np.exp(betaln(alpha, beta + t + later) - betaln(alpha, beta + t)).sum(axis=0)
        return found

    def discounted_lifetime(self, rate: Any, tenure: Any) -> Floats:
        """Compute the discounted expected residual lifetime, in periods, just before the next renewal (2010, eq. 6).

        rate: per period, above 0: the renewal that is due counts if it is made, the one after it 1 / (1 + rate), and so
        on without an end. tenure: renewals made so far.
        """
        alpha, beta = self._values()
        t = _check_periods("tenure", numbers("tenure", tenure, _WHOLE))
        discount = number("rate", rate, "pass a rate per period, such as 0.1")
        if not 0 < discount < np.inf:
            raise ParameterError(
                f"rate is {discount:g}, not above 0.", where="rate", do="pass a rate per period above 0"
            )
        found: Floats = self.retention_rate(t) * hyp2f1(1, beta + t + 1, alpha + beta + t + 1, 1 / (1 + discount))
        return found


class _Likelihood(Objective):
    """The log-likelihood, sum of ended x ln P(T = t) + stayed x ln S(t). ended, stayed: customers by period, from 0.

    Both are ln B(alpha + more, beta + later) - ln B(alpha, beta).
    """

    def __init__(self, ended: Floats, stayed: Floats) -> None:
        t = np.arange(len(ended), dtype=np.float64)
        self.weights = np.concatenate([ended[1:], stayed, [-ended[1:].sum() - stayed.sum()]])
        self.more = np.concatenate([np.ones(len(t) - 1), np.zeros(len(t) + 1)])
        self.later = np.concatenate([t[1:] - 1, t, [0.0]])

    def __call__(self, log_params: Floats) -> Derivatives:
        """Compute it with its derivatives, which are polygammas."""
        params, weights = np.exp(log_params), self.weights
        a, b = params[0] + self.more, params[1] + self.later
        slope = np.array([weights @ (digamma(one) - digamma(a + b)) for one in (a, b)])
        both = weights @ polygamma(1, a + b)
        bend = np.diag([weights @ polygamma(1, one) for one in (a, b)]) - both
        gradient = slope * params
        hessian = bend * np.outer(params, params) + np.diag(gradient)
        return Derivatives(float(weights @ betaln(a, b)), gradient, hessian)


def _check_periods(name: str, periods: Floats) -> Floats:
    check_numbers(name, periods, _WHOLE)
    refuse(periods != np.floor(periods), name, periods, "is not a whole number of periods", _WHOLE)
    return periods
