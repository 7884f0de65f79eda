"""Turns what is known of customers into covariates: a column of zeros and ones for each level but the reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from patron.predict.models.likelihood.arrays import Floats

MOST, LEAST = 6, 30
"""Levels of a covariate: the largest, each of as many customers as a test by the normal distribution needs."""

OTHER, UNKNOWN = "other", "not known"


@dataclass(frozen=True)
class Level:
    """One level of a covariate, compared with the reference: the level of most customers.

    customers, reference_customers: how many have each. column: 1 for those with the level, (n,).
    """

    covariate: str
    name: str
    reference: str
    customers: int
    reference_customers: int
    column: Floats

    @property
    def label(self) -> str:
        """Return what names the column among the covariates of a model."""
        return f"{self.covariate} {self.name}"


def list_levels(covariate: str, values: Sequence[str | None]) -> list[Level]:
    """List the levels other than the reference; none if all customers have the same.

    The largest levels stand for themselves, and the rest are one, `other`.
    """
    named = [UNKNOWN if value is None else value for value in values]
    ranked = sorted(Counter(named).items(), key=lambda pair: (-pair[1], pair[0]))
    kept = [name for name, count in ranked if count >= LEAST][:MOST]
    pooled = np.array([name if name in set(kept) else OTHER for name in named])
    sizes = Counter(pooled.tolist())
    reference = next((name for name in kept if name not in (UNKNOWN, OTHER)), None)
    if reference is None:
        return []
    others = sorted(sizes.keys() - {reference}, key=lambda name: (name == OTHER, -sizes[name], name))
    return [
        Level(covariate, name, reference, sizes[name], sizes[reference], (pooled == name).astype(np.float64))
        for name in others
    ]


def drop_determined(levels: Iterable[Level], rows: np.ndarray) -> list[Level]:
    """Leave out each covariate that, among the customers `rows`, is constant or told by those before it."""
    from patron.predict.errors import NotIdentifiableError
    from patron.predict.models.covariates import Covariates, check_separate

    by_covariate: dict[str, list[Level]] = {}
    for level in levels:
        by_covariate.setdefault(level.covariate, []).append(level)
    found: list[Level] = []
    for own in by_covariate.values():
        with_own = [*found, *(level for level in own if level.column[rows].any())]
        if len(with_own) == len(found):
            continue
        columns = Covariates(
            tuple(level.label for level in with_own), np.stack([level.column[rows] for level in with_own], axis=1)
        )
        try:
            check_separate(columns, "covariates")
        except NotIdentifiableError:
            continue
        found = with_own
    return found


def to_columns(levels: Iterable[Level], rows: np.ndarray) -> Mapping[str, Floats]:
    """Return the covariates of some customers, as the models take them."""
    return {level.label: level.column[rows] for level in levels}
