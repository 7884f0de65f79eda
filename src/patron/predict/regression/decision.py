"""Decides whether a contender beats the purchase model by its losses at past origins, or is within noise of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Self

from patron.predict.evaluation.choice import LEAD

if TYPE_CHECKING:
    from patron.predict.models.likelihood.arrays import Floats


@dataclass(frozen=True)
class Bout:
    """One origin. contender, model: mean loss. error: standard error of their difference, over customers."""

    contender: float
    model: float
    error: float

    @property
    def difference(self) -> float:
        return self.contender - self.model

    @classmethod
    def from_losses(cls, contender: Floats, model: Floats, customers: Floats) -> Self:
        """Take the losses of a customer of each cell, (cells,), and how many customers are in it."""
        count = float(customers.sum())
        own, others = (float(losses @ customers) / count for losses in (contender, model))
        apart = contender - model - (own - others)
        return cls(own, others, sqrt(float(apart**2 @ customers)) / count)


def decide(bouts: Sequence[Bout], model: str, horizon_days: int, loss: str) -> tuple[bool, str]:
    """Decide by the mean difference over origins, and say it in figures; ("", False) without an origin.

    Its standard error is the larger of that over customers, who are the same at each origin, and that over origins. A
    lead of less than choice.LEAD of the loss is of no use.
    """
    if not bouts:
        return False, ""
    difference, least = fmean(bout.difference for bout in bouts), fmean(bout.model for bout in bouts)
    error = fmean(bout.error for bout in bouts)
    if len(bouts) > 1:
        error = max(error, stdev(bout.difference for bout in bouts) / sqrt(len(bouts)))
    windows = "one past window" if len(bouts) == 1 else f"{len(bouts)} past windows"
    said = (
        f"in {windows} of {horizon_days} days its {loss} was {least + difference:.3f} against {least:.3f} of {model} "
        f"alone (difference {difference:+.3f}, standard error {error:.3f})"
    )
    return -difference > max(error, LEAD * least), said
