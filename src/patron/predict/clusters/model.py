"""A fitted cluster model: scaling, centroids, names and reliability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from patron.predict.clusters.choice import Tried
from patron.predict.clusters.density import Density
from patron.predict.clusters.kmeans import find_nearest
from patron.predict.clusters.profiles import Profile
from patron.predict.clusters.scaling import MOST, Floats, Scaling, scale

if TYPE_CHECKING:
    import pyarrow as pa

METHOD = "k-means on scaled behaviour, 1"
"""Changed whenever the same customers would get other clusters: stored ones are then fitted again."""


@dataclass(frozen=True)
class ClusterModel:
    """Clusters of customers.

    scalings: one per feature. profiles: one per cluster, in order of their numbers, which start at 1. tried: the
    criterion for each number of clusters. density: the second opinion. fitted_customer_count: size of the
    sample. silhouette: mean over all. versions: of the libraries it was fitted with.
    """

    scalings: tuple[Scaling, ...]
    profiles: tuple[Profile, ...]
    tried: tuple[Tried, ...]
    density: Density
    silhouette: float
    adjusted_rand_index: float
    fitted_customer_count: int
    versions: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """Return the names of the clusters, in order of their numbers."""
        return [profile.name for profile in self.profiles]

    @property
    def structure(self) -> str:
        """Grade the silhouette as strong, reasonable, weak or none (Kaufman and Rousseeuw 1990)."""
        limits = {"strong": 0.7, "reasonable": 0.5, "weak": 0.25}
        return next((word for word, limit in limits.items() if self.silhouette > limit), "none")

    @property
    def centroids(self) -> Floats:
        """Return the centroids in scaled features, shape (clusters, features)."""
        return np.array([[one.centroid[s.feature] for s in self.scalings] for one in self.profiles])

    def assign(self, features: pa.Table) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return each customer's cluster number and distance, as the engine does. features: a column per feature."""
        which, distance = find_nearest(scale(features, self.scalings), self.centroids)
        return which + 1, distance

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, for readable JSON."""
        return {
            "formula": f"z = (ln(1 + max(x - zero, 0) / unit) - centre) / width, cut to -{MOST:g} .. {MOST:g}",
            "scalings": [asdict(scaling) for scaling in self.scalings],
            "clusters": [profile.to_dict() for profile in self.profiles],
            "silhouette": self.silhouette,
            "adjusted_rand_index": self.adjusted_rand_index,
            "tried": [one.to_dict() for one in self.tried],
            "density": self.density.to_dict(),
            "fitted_customer_count": self.fitted_customer_count,
            "versions": dict(self.versions),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> ClusterModel:
        """Build the model that `to_dict` described. Raises KeyError or TypeError if something is missing."""
        return cls(
            scalings=tuple(Scaling(**one) for one in stored["scalings"]),
            profiles=tuple(Profile(**one) for one in stored["clusters"]),
            tried=tuple(Tried(**one) for one in stored["tried"]),
            density=Density(**stored["density"]),
            silhouette=stored["silhouette"],
            adjusted_rand_index=stored["adjusted_rand_index"],
            fitted_customer_count=stored["fitted_customer_count"],
            versions=stored["versions"],
        )
