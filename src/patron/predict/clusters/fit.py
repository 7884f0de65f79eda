"""Fits clusters to a sample of customers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from patron.errors import PatronError
from patron.predict.clusters.choice import Tried, best, silhouettes, try_numbers
from patron.predict.clusters.density import second_opinion
from patron.predict.clusters.kmeans import nearest
from patron.predict.clusters.model import ClusterModel
from patron.predict.clusters.names import names_of
from patron.predict.clusters.profiles import Profile, by_worth, medians_of, yardsticks
from patron.predict.clusters.scaling import FEATURES, Floats, Scaling, column, fit_scaling, scaled
from patron.project.settings.predictions import Clusters

if TYPE_CHECKING:
    import pyarrow as pa


class NoClustersError(PatronError):
    """The customers do not fall into groups that could be told: too few of them, all alike, or never the same twice."""

    exit_code = 3
    kind = "no-clusters"


def fit_clusters(features: pa.Table, settings: Clusters | None = None) -> ClusterModel:
    """Fit clusters to all customers of a table; the same customers, in any order, give the same clusters.

    features: a row a customer; customer_id, and as numbers days_since_last_order, tenure_days, gap_days (days),
        order_count (at least 1), average_order_value, net_amount (currency), as in measures.customer_behaviour.
    Raises NoClustersError, which names what is missing; ValueError where a value is no finite number.
    """
    settings = settings or Clusters()
    if features.num_rows < settings.least_customers:
        raise NoClustersError(f"{features.num_rows} customers with an order ({settings.least_customers} needed)")
    rows = _in_order_of_chance(features)
    scalings = tuple(fit_scaling(name, column(rows, name)) for name in FEATURES)
    points = scaled(rows, scalings)
    tried = try_numbers(points, settings)
    chosen = best([one for one, _ in tried])
    if chosen is None:
        raise NoClustersError(_why_none([one for one, _ in tried], settings))
    middles = next(middles for one, middles in tried if one is chosen)
    return _described(rows, scalings, points, middles, [one for one, _ in tried], chosen)


def _in_order_of_chance(features: pa.Table) -> pa.Table:
    """By a hash of the id: the first so many are a sample, and the order in which customers came does not matter."""
    ids = features.column("customer_id").to_pylist()
    keys = [hashlib.md5(str(one).encode(), usedforsecurity=False).hexdigest() for one in ids]
    return features.take(sorted(range(len(ids)), key=lambda place: (keys[place], str(ids[place]))))


def _described(
    rows: pa.Table, scalings: tuple[Scaling, ...], points: Floats, middles: Floats, tried: list[Tried], chosen: Tried
) -> ClusterModel:
    middles = middles[by_worth(rows, middles, nearest(points, middles)[0])]
    which = nearest(points, middles)[0]
    medians = medians_of(rows, which, len(middles))
    names = names_of(medians, yardsticks(rows))
    silhouette, of_cluster = silhouettes(points, middles)
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
        density=second_opinion(points, middles),
        silhouette=silhouette,
        adjusted_rand_index=chosen.adjusted_rand_index,
        fitted_customer_count=rows.num_rows,
        versions=_versions(),
    )


def _why_none(tried: list[Tried], settings: Clusters) -> str:
    if not tried:
        return "all customers behave alike; clusters need customers who differ"
    large = [one for one in tried if one.smallest_share > 0 and one.smallest_share >= settings.least_share]
    if not large:
        return f"every number of clusters leaves one with less than {settings.least_share:.0%} of the customers"
    steadiest = max(one.adjusted_rand_index for one in large)
    return (
        f"fitted again, the clusters come out otherwise: adjusted Rand index {steadiest:.2f} at most, "
        f"{settings.least_stability:.2f} is needed"
    )


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("patron", "scikit-learn", "numpy")}
