"""The two tables from which gold assigns clusters: predictions.cluster_centroids and predictions.cluster_profiles."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.clusters.model import ClusterModel
    from patron.predict.clusters.profiles import Profile

CENTROIDS = ("predictions", "cluster_centroids")
"""A row per cluster and feature: cluster_number, feature, centroid (scaled), and the feature's scaling, the same for
each cluster: zero, unit, centre, width, most."""

PROFILES = ("predictions", "cluster_profiles")
"""A row per cluster: cluster_number, cluster_name, a median_ of each behaviour, and how good the fit is."""


def prepare(warehouse: Warehouse) -> None:
    """Create the tables that do not exist yet, without rows. Raises EngineError."""
    for place, schema in ((CENTROIDS, _centroids_schema()), (PROFILES, _profiles_schema())):
        if not warehouse.exists(*place):
            warehouse.write(*place, schema.empty_table())


def write(warehouse: Warehouse, model: ClusterModel | None, fitted_as_of: dt.date | None) -> None:
    """Write a model's rows; none if there is no model. Raises EngineError."""
    warehouse.write(*CENTROIDS, build_centroid_rows(model))
    warehouse.write(*PROFILES, build_profile_rows(model, fitted_as_of))


def build_centroid_rows(model: ClusterModel | None) -> pa.Table:
    """Build the rows of CENTROIDS."""
    import pyarrow as pa

    from patron.predict.clusters.scaling import MOST

    rows = [
        {
            "cluster_number": profile.number,
            "feature": scaling.feature,
            "centroid": profile.centroid[scaling.feature],
            "zero": scaling.zero,
            "unit": scaling.unit,
            "centre": scaling.centre,
            "width": scaling.width,
            "most": MOST,
        }
        for profile in (model.profiles if model else ())
        for scaling in (model.scalings if model else ())
    ]
    return pa.Table.from_pylist(rows, _centroids_schema())


def build_profile_rows(model: ClusterModel | None, fitted_as_of: dt.date | None) -> pa.Table:
    """Build the rows of PROFILES."""
    import pyarrow as pa

    rows = [_build_profile(model, profile, fitted_as_of) for profile in model.profiles] if model else []
    return pa.Table.from_pylist(rows, _profiles_schema())


def _build_profile(model: ClusterModel, profile: Profile, fitted_as_of: dt.date | None) -> dict[str, Any]:
    return {
        "cluster_number": profile.number,
        "cluster_name": profile.name,
        **{f"median_{name}": value for name, value in profile.medians.items()},
        "silhouette": profile.silhouette,
        "overall_silhouette": model.silhouette,
        "structure": model.structure,
        "adjusted_rand_index": model.adjusted_rand_index,
        "density_noise_share": model.density.noise_share,
        "density_agreement": model.density.agreement,
        "fitted_customer_count": model.fitted_customer_count,
        "fitted_as_of_date": fitted_as_of,
    }


def _centroids_schema() -> pa.Schema:
    import pyarrow as pa

    numbers = ("centroid", "zero", "unit", "centre", "width", "most")
    fields = [("cluster_number", pa.int64()), ("feature", pa.string()), *((name, pa.float64()) for name in numbers)]
    return pa.schema(fields)


def _profiles_schema() -> pa.Schema:
    import pyarrow as pa

    medians = ("days_since_last_order", "tenure_days", "order_count", "average_order_value", "gap_days", "net_amount")
    scores = ("adjusted_rand_index", "density_noise_share", "density_agreement")
    return pa.schema(
        [
            ("cluster_number", pa.int64()),
            ("cluster_name", pa.string()),
            *((f"median_{name}", pa.float64()) for name in medians),
            ("silhouette", pa.float64()),
            ("overall_silhouette", pa.float64()),
            ("structure", pa.string()),
            *((name, pa.float64()) for name in scores),
            ("fitted_customer_count", pa.int64()),
            ("fitted_as_of_date", pa.date32()),
        ]
    )
