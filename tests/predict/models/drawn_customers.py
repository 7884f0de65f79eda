"""Customers drawn from the laws that the purchase models assume, at published parameters."""

from __future__ import annotations

import numpy as np

from patron.predict import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD
from patron.simulate import histories

LAWS = {
    BGNBD: (histories.bg_nbd, {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}),
    MBGNBD: (histories.mbg_nbd, {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}),
    ParetoNBD: (histories.pareto_nbd, {"r": 0.5531, "alpha": 10.576, "s": 0.6063, "beta": 11.671}),
    BGBB: (histories.bg_bb, {"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.783}),
}
SPEND = GammaGamma.from_params({"p": 6.25, "q": 3.74, "gamma": 15.44})


def known(kind):
    """The model that the customers are drawn from."""
    return kind.from_params(LAWS[kind][1])


def drawn(kind, n, seed):
    """frequency, recency, age of n customers of the kind's own law: up to two years of weeks, or 24 opportunities."""
    rng = np.random.default_rng(seed)
    age = rng.integers(1, 25, n).astype(float) if kind is BGBB else rng.uniform(1, 104, n)
    draw, truth = LAWS[kind]
    return draw(truth, age, rng)


def spend_of(customers, seed):
    """Orders and mean order values."""
    rng = np.random.default_rng(seed)
    orders = rng.integers(0, 6, customers).astype(float)
    return orders, histories.mean_values(SPEND.params_, orders, rng)
