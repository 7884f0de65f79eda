"""A zero-inflated log-normal learner of what customers spend in a window (Wang, Liu and Miao 2019), with linear parts.

    P(amount > 0) by a logistic regression;  ln(amount | amount > 0) ~ N(usual + sum of coefficient x term, sigma^2)

"usual" is the logarithm of what the purchase and the spend model expect of a customer who buys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.special import ndtri

from patron.predict.churn.logistic import maximise, to_probability
from patron.predict.evaluation.spending import predict_spend
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.regression.poisson import PRIOR
from patron.predict.regression.spenders import Spenders

if TYPE_CHECKING:
    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.purchase_model import PurchaseModel

QUANTILES = 100
"""Equally likely amounts that stand for a customer's distribution."""

_LEAST, _FARTHEST = 1e-9, 4.0


@dataclass(frozen=True)
class Expectation:
    """What the models expect of each customer: purchases, the chance of any, and the worth of one, in currency."""

    purchases: Floats
    chance: Floats
    worth: Floats

    @property
    def usual(self) -> Floats:
        """Return ln(amount expected of a customer who buys)."""
        bought = np.maximum(self.purchases, _LEAST) / np.maximum(self.chance, _LEAST)
        found: Floats = np.log(np.maximum(bought, 1.0) * np.maximum(self.worth, _LEAST))
        return found


@dataclass(frozen=True)
class Amounts:
    """Distributions of amounts, an entry per customer. location, sigma: of ln(amount), if there is one."""

    chance: Floats
    location: Floats
    sigma: float

    @property
    def mean(self) -> Floats:
        found: Floats = self.chance * np.exp(self.location + self.sigma**2 / 2)
        return found

    def scale(self, factor: float) -> Amounts:
        """Multiply all amounts."""
        return replace(self, location=self.location + np.log(factor))

    def spread(self, more: float) -> Amounts:
        """Add a log-normal error of a whole window, of that standard deviation."""
        return replace(self, sigma=float(np.hypot(self.sigma, more)))

    def list_quantiles(self) -> Floats:
        """List QUANTILES equally likely amounts of each customer, ascending: (customers, QUANTILES)."""
        places = (np.arange(QUANTILES) + 0.5) / QUANTILES
        chance = np.maximum(self.chance, _LEAST)[:, None]
        within = (places - (1 - chance)) / chance
        amounts = np.exp(self.location[:, None] + self.sigma * ndtri(np.clip(within, _LEAST, 1 - _LEAST)))
        return np.where(within > 0, amounts, 0.0)


@dataclass(frozen=True)
class ZeroInflatedLognormal:
    """A fitted learner. means, scales: of the terms learned from. chance, amount: intercept, then coefficients."""

    means: Floats
    scales: Floats
    chance: Floats
    amount: Floats
    sigma: float

    def to_dict(self) -> dict[str, Any]:
        """Convert to what JSON can hold; `from_dict` reads it."""
        return {name: np.asarray(value).tolist() for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Restore a learner. Raises TypeError, KeyError if content is not one."""
        lists = {name: np.array(content[name]) for name in ("means", "scales", "chance", "amount")}
        return cls(**lists, sigma=content["sigma"])

    def predict(self, spenders: Spenders, expectation: Expectation) -> Amounts:
        """Predict the distribution of each customer's amount."""
        terms = _standardise(_compute_terms(spenders, expectation), self.means, self.scales)
        chance = to_probability(self.chance[0] + terms @ self.chance[1:])
        return Amounts(chance, expectation.usual + self.amount[0] + terms @ self.amount[1:], self.sigma)


def fit_zero_inflated(windows: Sequence[tuple[Spenders, Expectation]]) -> ZeroInflatedLognormal | None:
    """Fit on windows that have ended; None if hardly anybody, or everybody, spent in them."""
    if not windows:
        return None
    terms = np.concatenate([_compute_terms(*window) for window in windows])
    amounts = np.concatenate([spenders.amount for spenders, _ in windows])
    usual = np.concatenate([expectation.usual for _, expectation in windows])
    spent = amounts > 0
    if spent.sum() <= terms.shape[1] + 1 or spent.all():
        return None
    means, scales = terms.mean(axis=0), np.maximum(terms.std(axis=0), _LEAST)
    standard = _standardise(terms, means, scales)
    ridge = np.full(standard.shape[1], PRIOR**-2)
    chance = maximise(standard, spent.astype(np.float64), ridge)
    design = np.column_stack([np.ones(int(spent.sum())), standard[spent]])
    apart = np.log(amounts[spent]) - usual[spent]
    penalty = np.diag(np.concatenate([[_LEAST], ridge * apart.var()]))
    amount = np.linalg.solve(design.T @ design + penalty, design.T @ apart)
    return ZeroInflatedLognormal(means, scales, chance, amount, float((apart - design @ amount).std()))


def expect_amounts(model: PurchaseModel, spend: GammaGamma, spenders: Spenders) -> Expectation:
    """Return what the purchase model and the spend model expect of each customer in the window."""
    weeks, past = spenders.horizon_weeks, spenders.past
    worth = predict_spend(spend, spenders.repeat_count + 1, spenders.past_amount)
    return Expectation(model.expected_purchases(weeks, *past), model.probability_of_purchase(weeks, *past), worth)


def compute_evenness(amounts: Amounts, expectation: Expectation) -> float:
    """Return the factor that makes the customers' mean amounts add up to what the models expect of them."""
    total = float(amounts.mean.sum())
    return float(expectation.purchases @ expectation.worth) / total if total > 0 else 1.0


def compute_crps(amounts: Floats, actual: Floats, *, is_drawn: bool = False) -> Floats:
    """Compute the continuous ranked probability score of each customer, (customers,); 0 is ideal.

    E|X - y| - E|X - X'| / 2. amounts: equally likely ones, ascending, (customers, draws). is_drawn: at random, so that
    no draw is compared with itself, and few draws are on average as good as many (Ferro 2014).
    """
    draws = amounts.shape[1]
    weights = (2 * np.arange(1, draws + 1) - draws - 1) / (draws * (draws - is_drawn))
    found: Floats = np.abs(amounts - actual[:, None]).mean(axis=1) - amounts @ weights
    return found


def _standardise(terms: Floats, means: Floats, scales: Floats) -> Floats:
    return np.clip((terms - means) / scales, -_FARTHEST, _FARTHEST)


def _compute_terms(spenders: Spenders, expectation: Expectation) -> Floats:
    """Compute the terms, (customers, terms): logarithms of what the models expect, of their facts, and of the rest."""
    bought, silent, age, late, spent, lately = (
        np.log1p(np.maximum(facts, 0.0))
        for facts in (
            spenders.repeat_count,
            spenders.age_days - spenders.recency_days,
            spenders.age_days,
            spenders.late_count,
            spenders.past_amount / (spenders.repeat_count + 1),
            spenders.late_amount,
        )
    )
    expected, worth = (np.log(np.maximum(one, _LEAST)) for one in (expectation.purchases, expectation.worth))
    return np.column_stack([expected, bought, silent, age, bought * silent, late, worth, spent, lately])
