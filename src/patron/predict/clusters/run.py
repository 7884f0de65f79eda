"""The clusters' part of a run, between measures and gold: fits where it is time to, else keeps what was fitted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from patron.predict.clusters import store, tables
from patron.predict.clusters.store import Stored
from patron.predict.clusters.window import Window, current_window
from patron.predict.outcome import Outcome

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.predict.clusters.model import ClusterModel
    from patron.settings.predictions import Clusters
    from patron.warehouse.base import Warehouse


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

    Call it when measures.customer_behaviour is built, before gold. Clusters are fitted anew where there is no model,
    where the settings changed, as_of or the number of customers moved as far as settings.refit says.
    Twice in a row does no harm. Raises EngineError.
    """
    now, said = current_window(warehouse), settings.model_dump(mode="json")
    before = store.read(models_folder)
    if lacking := now.lacks(settings):
        store.write(models_folder, Stored(now, {}, None, lacking))  # no settings: tried again as soon as nothing lacks
        return _ended(warehouse, "withheld", lacking, store.read(models_folder))
    due = _why_due(before, now, said, settings)
    if before is not None and not due:
        return _ended(warehouse, "kept" if before.model else "withheld", before.withheld or _KEPT, before)
    stored = _fitted(warehouse, now, said, settings)
    store.write(models_folder, stored)
    return _ended(warehouse, "fitted" if stored.model else "withheld", stored.withheld or due, stored)


def _why_due(before: Stored | None, now: Window, said: dict[str, Any], settings: Clusters) -> str:
    if before is None:
        return "there was no fit that could be read"
    if before.settings != said:
        return "the settings changed" if before.settings else "the shop has enough now"
    return now.moved_from(before.window, settings)


def _fitted(warehouse: Warehouse, now: Window, said: dict[str, Any], settings: Clusters) -> Stored:
    from patron.predict.clusters.fit import NoClustersError, fit_clusters

    try:
        return Stored(
            now, said, fit_clusters(_sample(warehouse, now.customer_count, settings.sample_customers), settings)
        )
    except NoClustersError as error:
        return Stored(now, said, None, error.what)


def _sample(warehouse: Warehouse, customers: int, wanted: int) -> pa.Table:
    """All customers, or about so many: those whose hash of the id is lowest, so that who is in it stays in it."""
    if customers <= wanted:
        return warehouse.query(_ALL)
    return warehouse.query(f"{_ALL} where substr(md5(customer_id), 1, 8) < '{wanted * 16**8 // customers:08x}'")


def _ended(warehouse: Warehouse, outcome: Any, why: str, stored: Stored | None) -> ClusterRun:
    model = stored.model if stored else None
    tables.write(warehouse, model, stored.window.as_of_date if stored else None)
    fitted_as_of = str(stored.window.as_of_date) if stored and model else ""
    return ClusterRun(outcome, why, model, fitted_as_of)


_KEPT = "the last fit still holds"
_ALL = """
select customer_id, days_since_last_order, tenure_days, order_count, average_order_value, gap_days, net_amount
from measures.customer_behaviour"""
