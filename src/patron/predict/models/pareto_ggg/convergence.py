"""Whether chains of draws have come to the same distribution, and how many independent draws theirs are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from patron.predict.models.likelihood.arrays import Floats

_MOST_R_HAT, _LEAST_DRAWS = 1.05, 100


@dataclass(frozen=True)
class ChainConvergence:
    """The record of a fit by chains.

    r_hat: the split R-hat of each parameter's logarithm (Gelman et al., Bayesian Data Analysis, 3rd edition, 11.4): 1
    where halves of all chains agree. effective_draws: how many independent draws would be as good for its mean.
    has_converged: whether every R-hat is at most 1.05, and effective draws are at least 100. message: as a sentence.
    """

    r_hat: Mapping[str, float]
    effective_draws: Mapping[str, float]
    has_converged: bool
    message: str


def judge_chains(draws: Mapping[str, Floats]) -> ChainConvergence:
    """Judge the draws of each parameter, (chains, steps)."""
    logs = {name: np.log(own) for name, own in draws.items()}
    r_hat = {name: compute_r_hat(own) for name, own in logs.items()}
    effective = {name: count_effective_draws(own) for name, own in logs.items()}
    worst, fewest = max(r_hat, key=lambda name: r_hat[name]), min(effective, key=lambda name: effective[name])
    is_done = r_hat[worst] <= _MOST_R_HAT and effective[fewest] >= _LEAST_DRAWS
    said = f"R-hat is at most {r_hat[worst]:.3f} ({worst}), and effective draws at least {effective[fewest]:.0f}"
    message = f"Chains agree: {said} ({fewest})." if is_done else f"Draw more: {said} ({fewest})."
    return ChainConvergence(r_hat, effective, is_done, message)


def compute_r_hat(draws: Floats) -> float:
    """Compute the split R-hat of draws, (chains, steps): each half of a chain is one."""
    half = draws.shape[1] // 2
    halves = np.concatenate([draws[:, :half], draws[:, -half:]])
    within, total = _find_variances(halves)
    return float(np.sqrt(total / within))


def count_effective_draws(draws: Floats) -> float:
    """Count effective draws, (chains, steps), from autocorrelations: Geyer's initial positive sequence."""
    chains, steps = draws.shape
    centred = draws - draws.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(centred, 2 * steps, axis=1)) ** 2
    covariance = np.fft.irfft(spectrum, axis=1)[:, :steps].mean(axis=0) / (steps - 1)
    within, total = _find_variances(draws)
    correlation = 1 - (within - covariance) / total
    pairs = correlation[: steps // 2 * 2].reshape(-1, 2).sum(axis=1)
    ends = np.flatnonzero(pairs < 0)
    time = 2 * float(pairs[: ends[0] if len(ends) else len(pairs)].sum()) - 1
    return float(chains * steps / max(time, 1 / np.log10(max(chains * steps, 10))))


def _find_variances(draws: Floats) -> tuple[float, float]:
    """Return the variance within chains, and that of all draws together."""
    steps = draws.shape[1]
    within = float(draws.var(axis=1, ddof=1).mean())
    between = float(draws.mean(axis=1).var(ddof=1)) if len(draws) > 1 else 0.0
    return within, within * (steps - 1) / steps + between
