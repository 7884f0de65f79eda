"""Chooses the number of clusters.

A number of clusters is allowed if its smallest cluster is large enough, and if fitting again finds the same clusters:
mean adjusted Rand index (Hubert and Arabie 1985) over refits, each with another seed on another 80% of the sample. Of
those allowed, the highest mean silhouette (Rousseeuw 1987) wins; of those within TOLERANCE of it, the one with the most
clusters, since it says more and fits as well.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from patron.predict.clusters.kmeans import find_nearest, fit_centroids
from patron.predict.clusters.scaling import Floats

if TYPE_CHECKING:
    from patron.project.settings.predictions import Clusters

TOLERANCE = 0.01
REFITS = 5
_STARTS, _REFIT_STARTS = 5, 2
_SILHOUETTE_CUSTOMERS = 3_000
"""A silhouette needs the distances between all pairs of customers."""


@dataclass(frozen=True)
class Tried:
    """A candidate number of clusters. silhouette: mean, -1 to 1. smallest_share: of customers, 0 to 1."""

    clusters: int
    silhouette: float
    smallest_share: float
    adjusted_rand_index: float
    is_allowed: bool

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def try_numbers(points: Floats, settings: Clusters) -> list[tuple[Tried, Floats]]:
    """Try each number of clusters from 2, up to the number of distinct points; return each with its centroids."""
    different = len(np.unique(points, axis=0))
    return [_try(points, clusters, settings) for clusters in range(2, min(settings.most_clusters, different) + 1)]


def choose(tried: list[Tried]) -> Tried | None:
    """Choose by the criterion; None if no number is allowed."""
    allowed = [one for one in tried if one.is_allowed]
    highest = max((one.silhouette for one in allowed), default=0.0)
    good = [one for one in allowed if one.silhouette >= highest - TOLERANCE]
    return max(good, key=lambda one: one.clusters, default=None)


def compute_silhouettes(points: Floats, middles: Floats) -> tuple[float, list[float]]:
    """Compute the mean silhouette of the first customers of the sample, and of each cluster (0 for an empty one)."""
    from sklearn.metrics import silhouette_samples

    few = points[:_SILHOUETTE_CUSTOMERS]
    which = find_nearest(few, middles)[0]
    if not 1 < len(np.unique(which)) < len(few):
        return 0.0, [0.0] * len(middles)
    each = silhouette_samples(few, which)
    of_cluster = [each[which == number] for number in range(len(middles))]
    return _round(each.mean()), [_round(own.mean()) if len(own) else 0.0 for own in of_cluster]


def _try(points: Floats, clusters: int, settings: Clusters) -> tuple[Tried, Floats]:
    middles = fit_centroids(points, clusters, seed=0, starts=_STARTS)
    smallest = np.bincount(find_nearest(points, middles)[0], minlength=clusters).min() / len(points)
    agreement = _measure_stability(points, middles)
    is_allowed = smallest > 0 and smallest >= settings.least_share and agreement >= settings.least_stability
    silhouette = compute_silhouettes(points, middles)[0]
    return Tried(clusters, silhouette, _round(smallest), agreement, bool(is_allowed)), middles


def _measure_stability(points: Floats, middles: Floats) -> float:
    """Compute the mean adjusted Rand index between the clusters and those of refits, each over the full sample."""
    from sklearn.metrics import adjusted_rand_score

    kept = find_nearest(points, middles)[0]
    indices = []
    for seed in range(1, REFITS + 1):
        part = np.random.default_rng(seed).random(len(points)) < 0.8
        if part.sum() < len(middles):
            return 0.0
        again = fit_centroids(points[part], len(middles), seed=seed, starts=_REFIT_STARTS)
        indices.append(adjusted_rand_score(kept, find_nearest(points, again)[0]))
    return _round(np.mean(indices))


def _round(value: Any) -> float:
    return round(float(value), 4)
