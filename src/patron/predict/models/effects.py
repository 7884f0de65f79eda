"""The effect of a covariate on one process, with its standard error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

_95 = 1.959964


@dataclass(frozen=True)
class Effect:
    """The effect of one covariate: a customer with one unit more has e^estimate times the rate, or the odds.

    process: purchase, dropout or spend. covariate: its name. parameters: those it acts on, and the power of the
    multiplier by which each is multiplied. standard_error: NaN for an effect that was given and not estimated.
    """

    process: str
    covariate: str
    parameters: Mapping[str, float]
    estimate: float
    standard_error: float = float("nan")

    @property
    def z(self) -> float:
        """Return the estimate in standard errors."""
        return self.estimate / self.standard_error

    @property
    def p_value(self) -> float:
        """Return the probability of an estimate as far from 0, if there were no effect (two-sided)."""
        return float(2 * ndtr(-abs(self.z)))

    @property
    def low_95(self) -> float:
        """Return the lower bound of the 95% interval of the estimate."""
        return self.estimate - _95 * self.standard_error

    @property
    def high_95(self) -> float:
        """Return the upper bound of the 95% interval of the estimate."""
        return self.estimate + _95 * self.standard_error

    @property
    def multiplier(self) -> float:
        """Return e^estimate."""
        return float(np.exp(self.estimate))

    @property
    def multiplier_low_95(self) -> float:
        """Return the lower bound of the 95% interval of the multiplier."""
        return float(np.exp(self.low_95))

    @property
    def multiplier_high_95(self) -> float:
        """Return the upper bound of the 95% interval of the multiplier."""
        return float(np.exp(self.high_95))

    @property
    def label(self) -> str:
        """Return what names the effect among the parameters of a model."""
        return f"{self.process} effect of {self.covariate}"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; the standard error is in the model's covariance."""
        return {
            "process": self.process,
            "covariate": self.covariate,
            "parameters": dict(self.parameters),
            "estimate": self.estimate,
        }
