"""Fits clusters to a sample of customers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from patron.errors import PatronError
from patron.predict.clusters.choice import Tried, choose, compute_silhouettes, try_numbers
from patron.predict.clusters.density import compare_by_density
from patron.predict.clusters.kmeans import find_nearest
from patron.predict.clusters.model import ClusterModel
from patron.predict.clusters.names import name_clusters
from patron.predict.clusters.profiles import Profile, compute_medians, compute_yardsticks, sort_by_spend
from patron.predict.clusters.scaling import FEATURES, Floats, Scaling, fit_scaling, scale, to_column
from patron.project.settings.predictions import Clusters

if TYPE_CHECKING:
    import pyarrow as pa


class NoClustersError(PatronError):
    """The customers form no clusters: there are too few, they do not differ, or each fit finds different clusters."""

    exit_code = 3
    kind = "no-clusters"


def fit_clusters(features: pa.Table, settings: Clusters | None = None) -> ClusterModel:
    """Fit clusters to all customers of a table; the same customers in any order give the same clusters.

    features: a row per customer; customer_id, and as numbers days_since_last_order, tenure_days, gap_days (days),
        order_count (at least 1), average_order_value, net_amount (currency), as in measures.customer_behaviour.
    Raises NoClustersError, which names what is missing; ValueError if a value is not finite.
    """
    settings = settings or Clusters()
    if features.num_rows < settings.least_customers:
        raise NoClustersError(f"{features.num_rows} customers with an order ({settings.least_customers} needed)")
    rows = _shuffle(features)
    scalings = tuple(fit_scaling(name, to_column(rows, name)) for name in FEATURES)
    points = scale(rows, scalings)
    tried = try_numbers(points, settings)
    chosen = choose([one for one, _ in tried])
    if chosen is None:
        raise NoClustersError(_explain_failure([one for one, _ in tried], settings))
    middles = next(middles for one, middles in tried if one is chosen)
    return _build_model(rows, scalings, points, middles, [one for one, _ in tried], chosen)


def _shuffle(features: pa.Table) -> pa.Table:
    """Order by a hash of the id: the first rows are a sample, and the order of the input does not matter."""
    ids = features.column("customer_id").to_pylist()
    keys = [hashlib.md5(str(one).encode(), usedforsecurity=False).hexdigest() for one in ids]
    return features.take(sorted(range(len(ids)), key=lambda place: (keys[place], str(ids[place]))))


def _build_model(
    rows: pa.Table, scalings: tuple[Scaling, ...], points: Floats, middles: Floats, tried: list[Tried], chosen: Tried
) -> ClusterModel:
    middles = middles[sort_by_spend(rows, middles, find_nearest(points, middles)[0])]
    which = find_nearest(points, middles)[0]
    medians = compute_medians(rows, which, len(middles))
    names = name_clusters(medians, compute_yardsticks(rows))
    silhouette, of_cluster = compute_silhouettes(points, middles)
    profiles = [
        Profile(
            number=place + 1,
            name=names[place],
            share=round(float(np.mean(which == place)), 4),
            silhouette=of_cluster[place],
            centroid=dict(zip(FEATURES, middles[place].tolist(), strict=True)),
            medians=medians[place],
        )
        for place in range(len(middles))
    ]
    return ClusterModel(
        scalings=scalings,
        profiles=tuple(profiles),
        tried=tuple(tried),
        density=compare_by_density(points, middles),
        silhouette=silhouette,
        adjusted_rand_index=chosen.adjusted_rand_index,
        fitted_customer_count=rows.num_rows,
        versions=_get_versions(),
    )


def _explain_failure(tried: list[Tried], settings: Clusters) -> str:
    if not tried:
        return "all customers behave the same, and clusters need customers who differ"
    large = [one for one in tried if one.smallest_share > 0 and one.smallest_share >= settings.least_share]
    if not large:
        return f"every number of clusters has one with less than {settings.least_share:.0%} of the customers"
    steadiest = max(one.adjusted_rand_index for one in large)
    return (
        f"clusters change when they are fitted again: adjusted Rand index at most {steadiest:.2f} "
        f"({settings.least_stability:.2f} needed)"
    )


def _get_versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("patron", "scikit-learn", "numpy")}
