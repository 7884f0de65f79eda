"""The log-likelihood of customers with different covariates, as a function of log-parameters and effects.

Customers with the same covariates z follow the model with log-parameters theta = base + D z-scaled effects, a linear
function of everything that is estimated. So the log-likelihood is the sum of those of each profile at its own theta,
and its derivatives are theirs, through the same linear function: no likelihood needs to know of covariates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.fit import Fitted
from patron.predict.models.likelihood.newton import Derivatives, Objective


@dataclass(frozen=True)
class Profiles:
    """The distinct covariates of customers, in standard units, and what they act on.

    values: (profiles, effects), each effect's covariate. powers: (parameters, effects), the power of the effect's
    multiplier in each parameter. center, scale: the mean and spread of the covariates, (effects,).
    """

    values: Floats
    powers: Floats
    center: Floats
    scale: Floats

    def lead_to(self) -> list[Floats]:
        """Return, for each profile, the matrix from all that is estimated to the profile's log-parameters."""
        standard = (self.values - self.center) / self.scale
        return [np.hstack([np.eye(len(self.powers)), self.powers * row]) for row in standard]

    def to_original_units(self, found: Fitted) -> Fitted:
        """Return the result for covariates as they were given: parameters are those of a customer with zeros."""
        sizes = len(self.powers), len(self.scale)
        turn = np.eye(sum(sizes))
        turn[: sizes[0], sizes[0] :] = -self.powers * self.center / self.scale
        turn[sizes[0] :, sizes[0] :] = np.diag(1 / self.scale)
        covariance = turn @ found.covariance @ turn.T
        return Fitted(turn @ found.log_params, found.log_likelihood, covariance, found.convergence)


class ProfiledLikelihood(Objective):
    """The sum of log-likelihoods, each of one profile."""

    def __init__(self, leads: Sequence[Floats], parts: Sequence[Objective]) -> None:
        self.leads, self.parts = leads, parts

    def __call__(self, log_params: Floats) -> Derivatives:
        size = len(log_params)
        value, gradient, hessian = 0.0, np.zeros(size), np.zeros((size, size))
        for lead, part in zip(self.leads, self.parts, strict=True):
            at = part(lead @ log_params)
            value += at.value
            gradient += lead.T @ at.gradient
            hessian += lead.T @ at.hessian @ lead
        return Derivatives(value, gradient, hessian)

    def value(self, log_params: Floats) -> float:
        return float(sum(part.value(lead @ log_params) for lead, part in zip(self.leads, self.parts, strict=True)))


def align_levels(levels: Sequence[Sequence[Objective]]) -> list[list[Objective]]:
    """Turn the levels of each profile, ever finer, into the profiles of each level; few customers have but the last."""
    most = max(map(len, levels))
    return [[own[max(len(own) - most + place, 0)] for own in levels] for place in range(most)]
