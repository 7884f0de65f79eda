"""Ratios of gamma functions without the loss of digits that differences of their logarithms bring."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaln

from patron.predict.models.likelihood.arrays import Floats

_LARGE = 64.0


def log_gamma_ratio(z: Any, step: Any) -> Floats:
    """ln[Gamma(z + step) / Gamma(z)], z > 0, step >= 0.

    For a large z by the difference of Stirling's series, term by term, so that nothing large cancels.
    """
    z, step = np.asarray(z, dtype=np.float64), np.asarray(step, dtype=np.float64)
    end = z + step
    large = np.maximum(z, _LARGE)
    tail = (end - 0.5) * np.log1p(step / large) + step * (np.log(large) - 1)
    tail += _correction(np.maximum(end, _LARGE)) - _correction(large)
    ratio: Floats = np.where(z >= _LARGE, tail, gammaln(end) - gammaln(z))
    return ratio


def log_beta(a: Any, b: Any) -> Floats:
    """ln B(a, b)."""
    small, large = np.minimum(a, b), np.maximum(a, b)
    value: Floats = gammaln(small) - log_gamma_ratio(large, small)
    return value


def _correction(z: Floats) -> Floats:
    """Stirling's series after its leading terms; the next one is below 1e-16 for z >= _LARGE."""
    square = 1 / z**2
    series: Floats = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / z
    return series
