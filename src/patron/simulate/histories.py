"""Purchase histories drawn straight from a model's law, without a shop around them: for the proof of the models.

Given N purchases of a Poisson process in a stretch of time, their moments are N uniform draws. So the last one, or the
one after which the customer stops, is a beta draw, and no purchase needs to be drawn by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from patron.simulate.streams import Floats

History = tuple[Floats, Floats, Floats]
"""frequency, recency, age: one entry a customer."""

_LEAST_REGULARITY = 0.1
"""Below it, as in the authors' own simulations, gaps would be 0."""


def bg_nbd(params: Mapping[str, float], age: Floats, rng: np.random.Generator) -> History:
    """Draw repeat purchases at a gamma-distributed rate; after each a coin of a beta-distributed probability."""
    return _draw_with_coins(params, age, rng, _count_tosses)


def mbg_nbd(params: Mapping[str, float], age: Floats, rng: np.random.Generator) -> History:
    """Draw as bg_nbd does, with a coin after the first purchase too."""
    return _draw_with_coins(params, age, rng, lambda stop, rng: _count_tosses(stop, rng) - 1)


def pareto_nbd(params: Mapping[str, float], age: Floats, rng: np.random.Generator) -> History:
    """Draw repeat purchases at a gamma-distributed rate, for a life that ends at a gamma-distributed rate."""
    n = len(age)
    rate = rng.standard_gamma(params["r"], n) / params["alpha"]
    leaving = np.maximum(rng.standard_gamma(params["s"], n) / params["beta"], 1e-300)
    active = np.minimum(rng.standard_exponential(n) / leaving, age)
    frequency = rng.poisson(rate * active).astype(np.float64)
    last = active * rng.beta(np.maximum(frequency, 1), 1)
    return frequency, np.where(frequency > 0, last, 0.0), age


def mbg_cnbd_k(params: Mapping[str, float], age: Floats, rng: np.random.Generator) -> tuple[History, float]:
    """Draw repeat purchases at Erlang-k gaps, with a coin after each purchase, the first included.

    Returns the histories and the sum of the logarithms of all gaps.
    """
    return _draw_regular(params, age, rng, rng.beta(params["a"], params["b"], len(age)), first_coin=True)


def bg_cnbd_k(params: Mapping[str, float], age: Floats, rng: np.random.Generator) -> tuple[History, float]:
    """Draw as mbg_cnbd_k does, without a coin after the first purchase."""
    return _draw_regular(params, age, rng, rng.beta(params["a"], params["b"], len(age)), first_coin=False)


def pareto_ggg(params: Mapping[str, float], age: Floats, rng: np.random.Generator) -> tuple[History, Floats]:
    """Draw repeat purchases at gaps of each customer's own regularity, for a life as in pareto_nbd.

    Returns the histories and the sum of the logarithms of each customer's gaps.
    """
    n = len(age)
    regularity = np.maximum(rng.standard_gamma(params["t"], n) / params["gamma"], _LEAST_REGULARITY)
    rate = rng.standard_gamma(params["r"], n) / params["alpha"]
    leaving = np.maximum(rng.standard_gamma(params["s"], n) / params["beta"], 1e-300)
    active = np.minimum(rng.standard_exponential(n) / leaving, age)
    frequency, last, log_gaps, left = np.zeros(n), np.zeros(n), np.zeros(n), np.arange(n)
    while len(left):
        gap = rng.standard_gamma(regularity[left]) / np.maximum(regularity[left] * rate[left], 1e-300)
        is_seen = last[left] + gap <= active[left]
        left, gap = left[is_seen], gap[is_seen]
        frequency[left] += 1
        last[left] += gap
        log_gaps[left] += np.log(gap)
    return (frequency, last, age), log_gaps


def bg_bb(params: Mapping[str, float], age: Floats, rng: np.random.Generator) -> History:
    """Draw purchases at each of `age` opportunities: one coin may end it all, then another decides on a purchase."""
    n = len(age)
    buys = rng.beta(params["alpha"], params["beta"], n)
    lived = _count_tosses(rng.beta(params["gamma"], params["delta"], n), rng) - 1
    opportunity = np.arange(1, int(age.max()) + 1)
    is_taken = rng.random((n, len(opportunity))) < buys[:, None]
    is_taken &= opportunity <= np.minimum(lived, age)[:, None]
    recency = (is_taken * opportunity).max(axis=1).astype(np.float64)
    return is_taken.sum(axis=1).astype(np.float64), recency, age


def mean_values(params: Mapping[str, float], frequency: Floats, rng: np.random.Generator) -> Floats:
    """Draw mean order values of the gamma-gamma law; 0 where there was no order."""
    per_unit = rng.standard_gamma(params["q"], len(frequency)) / params["gamma"]
    orders = np.maximum(frequency, 1)
    return np.where(frequency > 0, rng.standard_gamma(params["p"] * orders) / (per_unit * orders), 0.0)


def _draw_with_coins(
    params: Mapping[str, float],
    age: Floats,
    rng: np.random.Generator,
    allowed: Callable[[Floats, np.random.Generator], Floats],
) -> History:
    n = len(age)
    rate = rng.standard_gamma(params["r"], n) / params["alpha"]
    most = allowed(rng.beta(params["a"], params["b"], n), rng)
    wanted = rng.poisson(rate * age).astype(np.float64)
    frequency = np.minimum(wanted, most)
    # The frequency-th smallest of `wanted` uniform moments.
    last = age * rng.beta(np.maximum(frequency, 1), np.maximum(wanted - frequency, 0) + 1)
    return frequency, np.where(frequency > 0, last, 0.0), age


def _draw_regular(
    params: Mapping[str, float], age: Floats, rng: np.random.Generator, stop: Floats, *, first_coin: bool
) -> tuple[History, float]:
    rate = rng.standard_gamma(params["r"], len(age)) / params["alpha"]
    frequency, last, log_gaps = np.zeros(len(age)), np.zeros(len(age)), 0.0
    active = np.flatnonzero(rng.random(len(age)) >= stop) if first_coin else np.arange(len(age))
    while len(active):
        gap = rng.standard_gamma(params["k"], len(active)) / rate[active]
        is_seen = last[active] + gap <= age[active]
        active, gap = active[is_seen], gap[is_seen]
        frequency[active] += 1
        last[active] += gap
        log_gaps += float(np.log(gap).sum())
        active = active[rng.random(len(active)) >= stop[active]]
    return (frequency, last, age), log_gaps


def _count_tosses(stop: Floats, rng: np.random.Generator) -> Floats:
    """Count tosses up to and including the first that stops."""
    with np.errstate(divide="ignore"):
        tosses: Floats = np.ceil(-rng.standard_exponential(len(stop)) / np.log1p(-stop))
    return np.maximum(tosses, 1.0)
