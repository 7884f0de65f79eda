"""Computes the logarithm of a sum of terms e^h as a function of parameters, with its gradient and Hessian.

With each term's share w = e^h / sum, the gradient is the mean of h's gradient, and the Hessian the covariance of h's
gradient plus the mean of h's Hessian.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from patron.predict.models.likelihood.arrays import Floats


def log_sums(h: Floats, slope: Floats, curve: Mapping[tuple[int, int], Floats], weights: Floats) -> Floats:
    """Sum over rows, each counted `weights` times: the value, p slopes, and p x p curves.

    h: (rows, terms), -inf for a term that is not there. slope: (p, rows, terms). curve: h's Hessian where it is not 0,
    (i, j) with i <= j -> an array that broadcasts with (rows, terms).
    """
    parameters = len(slope)
    highest = h.max(axis=1, keepdims=True)
    share = np.exp(h - highest)
    total = share.sum(axis=1, keepdims=True)
    value = weights @ (highest + np.log(total))[:, 0]
    share *= weights[:, None] / total
    shared = slope * share
    means = shared.sum(axis=2)
    curves = slope.reshape(parameters, -1) @ shared.reshape(parameters, -1).T - (means / weights) @ means.T
    for (i, j), of_h in curve.items():
        mean = np.sum(share * of_h)
        curves[i, j] += mean
        if i != j:
            curves[j, i] += mean
    return np.concatenate([[value], means.sum(axis=1), curves.ravel()])


def log_sum(h: Floats) -> Floats:
    """Compute ln of the sum of e^h in each row; -inf if all terms are."""
    highest = h.max(axis=1)
    shift = np.where(np.isfinite(highest), highest, 0.0)
    with np.errstate(divide="ignore"):
        found: Floats = shift + np.log(np.exp(h - shift[:, None]).sum(axis=1))
    return found
