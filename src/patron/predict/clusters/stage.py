"""The cluster stage of a run, between measures and gold: fits clusters if they are due, otherwise keeps them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from patron.predict import model_store
from patron.predict.clusters import tables
from patron.predict.clusters.data_requirements import query_available_data
from patron.predict.outcome import Outcome

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.clusters.model import ClusterModel
    from patron.project.settings import ProjectSettings
    from patron.project.settings.predictions import Clusters

NAME = "clusters"
READS: tuple[str, ...] = ("customer_behaviour",)

FILE_NAME = "clusters.json"
"""In the folder of stored models. content: method; model, None if none was found, and then withheld, the reason."""

prepare = tables.prepare


@dataclass(frozen=True)
class ClusterRun:
    """The result of the stage: the action and its reason, and the model that gold reads (None if withheld)."""

    result: Literal["fitted", "kept", "withheld"]
    why: str
    model: ClusterModel | None
    fitted_as_of: str = ""

    def to_outcome(self) -> Outcome:
        """Convert to the outcome that every prediction reports."""
        withheld = [self.why] if self.result == "withheld" else []
        method = f"k-means, {len(self.model.profiles)} clusters" if self.model else ""
        return Outcome(NAME, withheld, self.why if self.result == "fitted" else "", method, self.fitted_as_of)


def predict(warehouse: Warehouse, models_folder: Path, settings: ProjectSettings) -> Outcome:
    """Bring predictions.cluster_* up to date; gold then assigns every customer. Raises EngineError."""
    return run_clusters(warehouse, models_folder, settings.predictions.clusters).to_outcome()


def run_clusters(warehouse: Warehouse, models_folder: Path, settings: Clusters) -> ClusterRun:
    """Do what `predict` does, and return its details.

    measures.customer_behaviour must have been built. model_store.py says when clusters are fitted again; until then, a
    shop in which none were found is not searched again either. Running it twice changes nothing.
    """
    available, path = query_available_data(warehouse), models_folder / FILE_NAME
    if missing := available.find_missing(settings):
        return _write(warehouse, ClusterRun("withheld", missing, None))
    stored = _reject_other_methods(model_store.load(path))
    now = model_store.FitWindow(str(available.as_of_date), available.customer_count, settings.model_dump(mode="json"))
    why = model_store.find_reason_to_fit(stored, now, settings.refit)
    if why or stored is None:
        stored = model_store.StoredModel(now, _fit(warehouse, available.customer_count, settings))
        model_store.save(path, now, stored.content)
    return _write(warehouse, _to_run(stored, why))


def _reject_other_methods(stored: model_store.StoredModel | None) -> model_store.StoredModel | None:
    """Return None for clusters of another method, or that cannot be read, so that they are fitted again."""
    from patron.predict.clusters.model import METHOD

    try:
        if stored is None or stored.content["method"] != METHOD:
            return None
        _to_run(stored, "")
    except (KeyError, TypeError):
        return None
    return stored


def _to_run(stored: model_store.StoredModel, why_fitted: str) -> ClusterRun:
    from patron.predict.clusters.model import ClusterModel

    if stored.content["model"] is None:
        return ClusterRun("withheld", stored.content["withheld"], None)
    model, fitted_as_of = ClusterModel.from_dict(stored.content["model"]), stored.window.as_of_date
    return ClusterRun("fitted" if why_fitted else "kept", why_fitted or _KEPT, model, fitted_as_of)


def _fit(warehouse: Warehouse, customers: int, settings: Clusters) -> dict[str, Any]:
    from patron.predict.clusters.fit import NoClustersError, fit_clusters
    from patron.predict.clusters.model import METHOD

    try:
        model = fit_clusters(_query_sample(warehouse, customers, settings.sample_customers), settings)
    except NoClustersError as error:
        return {"method": METHOD, "model": None, "withheld": error.what}
    return {"method": METHOD, "model": model.to_dict(), "withheld": ""}


def _query_sample(warehouse: Warehouse, customers: int, wanted: int) -> pa.Table:
    """Query a sample of about sample_customers: those with the lowest hash of their id, so that it stays stable."""
    if customers <= wanted:
        return warehouse.query(_ALL)
    return warehouse.query(f"{_ALL} where substr(md5(customer_id), 1, 8) < '{wanted * 16**8 // customers:08x}'")


def _write(warehouse: Warehouse, run: ClusterRun) -> ClusterRun:
    tables.write(warehouse, run.model, dt.date.fromisoformat(run.fitted_as_of) if run.fitted_as_of else None)
    return run


_KEPT = "the last fit is still good"
_ALL = """
select customer_id, days_since_last_order, tenure_days, order_count, average_order_value, gap_days, net_amount
from measures.customer_behaviour"""
