"""The clusters' part of a run, between measures and gold: fits where it is time to, else keeps what was fitted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from patron.predict import model_store as stored
from patron.predict.clusters import tables
from patron.predict.clusters.data_requirements import seen_so_far
from patron.predict.outcome import Outcome

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.clusters.model import ClusterModel
    from patron.project.settings.predictions import Clusters

FILE_NAME = "clusters.json"
"""In the folder of stored models. content: method, model (None where none was found), and then withheld, the reason."""


@dataclass(frozen=True)
class ClusterRun:
    """What became of the clusters, why in words, and the model that gold now reads (None where withheld)."""

    outcome: Literal["fitted", "kept", "withheld"]
    why: str
    model: ClusterModel | None
    fitted_as_of: str = ""

    def told(self) -> Outcome:
        """The same in the words that every prediction is told in."""
        withheld = [self.why] if self.outcome == "withheld" else []
        method = f"k-means, {len(self.model.profiles)} clusters" if self.model else ""
        return Outcome("clusters", withheld, self.why if self.outcome == "fitted" else "", method, self.fitted_as_of)


def run_clusters(warehouse: Warehouse, models_folder: Path, settings: Clusters) -> ClusterRun:
    """Bring the two tables of predictions up to date; gold then assigns every customer.

    Call it when measures.customer_behaviour is built, before gold. stored.py says when clusters are fitted anew; a shop
    in which none were found is not searched again before that either. Twice in a row does no harm. Raises EngineError.
    """
    seen, path = seen_so_far(warehouse), models_folder / FILE_NAME
    if lacking := seen.lacks(settings):
        return _ended(warehouse, ClusterRun("withheld", lacking, None))
    known = _of_this_method(stored.read(path))
    now = stored.Window(str(seen.as_of_date), seen.customer_count, settings.model_dump(mode="json"))
    why = stored.why_fit(known, now, settings.refit)
    if why or known is None:
        known = stored.Stored(now, _fitted(warehouse, seen.customer_count, settings))
        stored.write(path, now, known.content)
    return _ended(warehouse, _told(known, why))


def _of_this_method(known: stored.Stored | None) -> stored.Stored | None:
    """None for clusters that were found in another way, or that cannot be read: they are fitted anew."""
    from patron.predict.clusters.model import METHOD

    try:
        if known is None or known.content["method"] != METHOD:
            return None
        _told(known, "")
    except (KeyError, TypeError):
        return None
    return known


def _told(known: stored.Stored, why_fitted: str) -> ClusterRun:
    from patron.predict.clusters.model import ClusterModel

    if known.content["model"] is None:
        return ClusterRun("withheld", known.content["withheld"], None)
    model, fitted_as_of = ClusterModel.from_dict(known.content["model"]), known.window.as_of_date
    return ClusterRun("fitted" if why_fitted else "kept", why_fitted or _KEPT, model, fitted_as_of)


def _fitted(warehouse: Warehouse, customers: int, settings: Clusters) -> dict[str, Any]:
    from patron.predict.clusters.fit import NoClustersError, fit_clusters
    from patron.predict.clusters.model import METHOD

    try:
        model = fit_clusters(_sample(warehouse, customers, settings.sample_customers), settings)
    except NoClustersError as error:
        return {"method": METHOD, "model": None, "withheld": error.what}
    return {"method": METHOD, "model": model.to_dict(), "withheld": ""}


def _sample(warehouse: Warehouse, customers: int, wanted: int) -> pa.Table:
    """All customers, or about so many: those whose hash of the id is lowest, so that who is in it stays in it."""
    if customers <= wanted:
        return warehouse.query(_ALL)
    return warehouse.query(f"{_ALL} where substr(md5(customer_id), 1, 8) < '{wanted * 16**8 // customers:08x}'")


def _ended(warehouse: Warehouse, run: ClusterRun) -> ClusterRun:
    tables.write(warehouse, run.model, dt.date.fromisoformat(run.fitted_as_of) if run.fitted_as_of else None)
    return run


_KEPT = "the last fit still holds"
_ALL = """
select customer_id, days_since_last_order, tenure_days, order_count, average_order_value, gap_days, net_amount
from measures.customer_behaviour"""
