"""The likelihood of a customer whose k, lambda and mu are known, and what they will then do, in closed form.

Gaps are Gamma(k, k lambda), of mean 1 / lambda; a life is exponential at rate mu. Since the last purchase a time c has
passed, which may have ended in a gap longer than c, or in the end of the life within a gap. With
rho = (k lambda / (k lambda + mu))^k, the expectation of e^(-mu gap), and P and Q the incomplete gamma functions, that
has the probability

    S = 1 - rho P(k, (k lambda + mu) c),

in which the unobserved end of the life is integrated out. So P(alive) = e^(-mu c) Q(k, k lambda c) / S, and a purchase
within h more has the probability rho (P(k, (k lambda + mu) (c + h)) - P(k, (k lambda + mu) c)) / S.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc, gammaln

from patron.predict.models.likelihood.arrays import Floats

_LEAST = 1e-300
"""Where a probability underflows, its logarithm stays finite."""


@dataclass(frozen=True)
class Seen:
    """What is known of customers, arrays of shape (n,).

    frequency, recency: as in Histories. silence: from the last purchase to now. log_gaps: the sum of the logarithms of
    a customer's gaps.
    """

    frequency: Floats
    recency: Floats
    silence: Floats
    log_gaps: Floats

    def select(self, rows: npt.NDArray[Any]) -> Seen:
        """Return some of the customers."""
        return Seen(self.frequency[rows], self.recency[rows], self.silence[rows], self.log_gaps[rows])


@dataclass(frozen=True)
class Traits:
    """A customer's regularity k, purchase rate lambda and dropout rate mu; arrays that broadcast with Seen's."""

    regularity: Floats
    rate: Floats
    dropout: Floats

    @property
    def pace(self) -> Floats:
        """Return k lambda, the rate of the gaps' distribution."""
        return self.regularity * self.rate

    def select(self, rows: npt.NDArray[Any]) -> Traits:
        """Return those of some of the customers."""
        return Traits(self.regularity[rows], self.rate[rows], self.dropout[rows])


def log_likelihood(seen: Seen, traits: Traits) -> Floats:
    """Compute ln L but for the term -mu t_x, which k and lambda do not change."""
    k = traits.regularity
    gaps = seen.frequency * (k * np.log(traits.pace) - gammaln(k))
    bought = gaps + (k - 1) * seen.log_gaps - traits.pace * seen.recency
    found: Floats = bought + np.log(np.maximum(probability_of_silence(seen.silence, traits), _LEAST))
    return found


def probability_of_silence(silence: Floats, traits: Traits) -> Floats:
    """Compute S, as Q + (1 - Q) (1 - rho), so that small probabilities keep their digits."""
    longer = gammaincc(traits.regularity, (traits.pace + traits.dropout) * silence)
    leaves = -np.expm1(_log_stay(traits))
    found: Floats = longer + (1 - longer) * leaves
    return found


def probability_alive(silence: Floats, traits: Traits) -> Floats:
    """Compute P(alive), 0 to 1."""
    waits = np.exp(-traits.dropout * silence) * gammaincc(traits.regularity, traits.pace * silence)
    found: Floats = np.minimum(waits / np.maximum(probability_of_silence(silence, traits), _LEAST), 1.0)
    return found


def probability_of_purchase(horizon: float, silence: Floats, traits: Traits) -> Floats:
    """Compute the probability of at least one purchase within the horizon, 0 to 1."""
    pace = traits.pace + traits.dropout
    within = gammaincc(traits.regularity, pace * silence) - gammaincc(traits.regularity, pace * (silence + horizon))
    chance = np.exp(_log_stay(traits)) * within / np.maximum(probability_of_silence(silence, traits), _LEAST)
    found: Floats = np.clip(chance, 0.0, 1.0)
    return found


def _log_stay(traits: Traits) -> Floats:
    """Compute ln rho: that a customer who has just bought buys again."""
    found: Floats = -traits.regularity * np.log1p(traits.dropout / traits.pace)
    return found
