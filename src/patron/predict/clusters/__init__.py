"""Groups of customers who behave alike: fitted on a sample, named by rule, assigned by the engine (docs/clusters.md).

>>> from patron.predict.clusters import fit_clusters
>>> fit_clusters(features).names  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.predict.clusters.fit import NoClustersError, fit_clusters
    from patron.predict.clusters.model import ClusterModel
    from patron.predict.clusters.stage import ClusterRun, run_clusters
    from patron.predict.clusters.tables import prepare

__all__ = ["ClusterModel", "ClusterRun", "NoClustersError", "fit_clusters", "prepare", "run_clusters"]

_ROOMS = {
    "ClusterModel": "model",
    "ClusterRun": "stage",
    "NoClustersError": "fit",
    "fit_clusters": "fit",
    "prepare": "tables",
    "run_clusters": "stage",
}


def __getattr__(name: str) -> Any:
    """Import numpy and scikit-learn only when something of this door is first used."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
