"""Computes ratios of gamma functions without the cancellation of differences of their logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaln, zeta

from patron.predict.models.likelihood.arrays import Floats

_LARGE = 64.0


def log_gamma_ratio(z: Any, step: Any) -> Floats:
    """Compute ln[Gamma(z + step) / Gamma(z)], z > 0, step >= 0.

    For a large z by the difference of Stirling's series, term by term, so that nothing large cancels.
    """
    z, step = np.asarray(z, dtype=np.float64), np.asarray(step, dtype=np.float64)
    if z.size and z.max() < _LARGE:
        return _difference(z, step)
    ratio: Floats = np.where(z >= _LARGE, _stirling(z, step), _difference(z, step))
    return ratio


def _difference(z: Floats, step: Floats) -> Floats:
    found: Floats = gammaln(z + step) - gammaln(z)
    return found


def _stirling(z: Floats, step: Floats) -> Floats:
    end, large = z + step, np.maximum(z, _LARGE)
    found: Floats = (end - 0.5) * np.log1p(step / large) + step * (np.log(large) - 1)
    return found + (_correction(np.maximum(end, _LARGE)) - _correction(large))


def trigamma(z: Any) -> Floats:
    """Compute the second derivative of ln Gamma, Hurwitz's zeta(2, z), without the overhead of scipy's polygamma."""
    found: Floats = zeta(2.0, z)
    return found


def log_beta(a: Any, b: Any) -> Floats:
    """Compute ln B(a, b)."""
    small, large = np.minimum(a, b), np.maximum(a, b)
    value: Floats = gammaln(small) - log_gamma_ratio(large, small)
    return value


def _correction(z: Floats) -> Floats:
    """Compute Stirling's series after its leading terms; the next one is below 1e-16 for z >= _LARGE."""
    square = 1 / z**2
    series: Floats = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / z
    return series
