"""A second opinion on the clusters, based on density: are they separated, or parts of a continuum?

HDBSCAN (Campello, Moulavi, Sander 2013) finds groups separated by regions of low density, of any number and shape, and
leaves out customers who belong to none. It decides nothing here. Little noise and high agreement: the clusters are well
separated. Much noise, or fewer than two groups: customers form a continuum, and the clusters are a useful way to divide
it, whose borders could lie elsewhere.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from patron.predict.clusters.kmeans import find_nearest
from patron.predict.clusters.scaling import Floats

_CUSTOMERS = 3_000
_LEAST_GROUP, _LEAST_GROUP_SHARE = 10, 0.03


@dataclass(frozen=True)
class Density:
    """The result of HDBSCAN.

    noise_share: 0 to 1. agreement: adjusted Rand index with the clusters, without the noise; None if there are
    fewer than two groups. customers: how many it was fitted on, the first of the sample.
    """

    groups: int
    noise_share: float
    agreement: float | None
    customers: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def compare_by_density(points: Floats, middles: Floats) -> Density:
    """Compare HDBSCAN's groups with the clusters. points: scaled, (customers, features); middles: centroids."""
    from sklearn.cluster import HDBSCAN
    from sklearn.metrics import adjusted_rand_score
    from threadpoolctl import threadpool_limits

    few = points[:_CUSTOMERS]
    least = min(len(few), max(_LEAST_GROUP, int(_LEAST_GROUP_SHARE * len(few))))
    with threadpool_limits(limits=1):
        group = HDBSCAN(min_cluster_size=least, copy=True).fit(few).labels_
    inside = group >= 0
    groups = len(np.unique(group[inside]))
    agreement = None
    if groups > 1:
        agreement = round(float(adjusted_rand_score(group[inside], find_nearest(few, middles)[0][inside])), 4)
    return Density(groups, round(1 - float(inside.mean()), 4), agreement, len(few))
