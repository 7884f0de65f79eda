"""The prediction stages of a run: they read the measures, and gold reads their tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from patron.predict import outcome
from patron.predict.blas import use_one_blas_thread
from patron.predict.churn import stage as churn
from patron.predict.clusters import stage as clusters
from patron.predict.clv import stage as clv
from patron.predict.purchase_probability import stage as purchase_probability

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.predict.outcome import Outcome
    from patron.predict.prediction import Prediction
    from patron.project.project import Project

PREDICTIONS: tuple[Prediction, ...] = (clv, churn, clusters)
"""In the order in which their outcomes are shown. Another one is another line here: see prediction.py."""

INPUTS = "models/predictions/inputs/"
"""The folder of dbt models that only predictions read."""

READS = tuple(dict.fromkeys(name for prediction in PREDICTIONS for name in prediction.READS))
"""The other dbt models that they read."""


def prepare(warehouse: Warehouse) -> None:
    """Create every table of predictions that does not exist yet, so that gold can read it. Raises EngineError."""
    with warehouse.hold_open():
        if not warehouse.exists(*outcome.TABLE):
            warehouse.write(*outcome.TABLE, outcome.to_table([]))
        for prediction in PREDICTIONS:
            prediction.prepare(warehouse)
        purchase_probability.prepare(warehouse)


def predict(project: Project, warehouse: Warehouse) -> list[Outcome]:
    """Bring every table of predictions up to date, all predictions in parallel; then settle what two of them answer.

    If one fails, the others still finish, so that the models that were fitted are stored. Raises EngineError.
    """
    with warehouse.hold_open():
        with use_one_blas_thread(), ThreadPoolExecutor(len(PREDICTIONS)) as pool:
            running = [
                pool.submit(prediction.predict, warehouse, project.models, project.settings)
                for prediction in PREDICTIONS
            ]
        outcomes = [one.result() for one in running]
        outcomes = purchase_probability.settle(warehouse, project.models, project.settings, outcomes)
        warehouse.write(*outcome.TABLE, outcome.to_table(outcomes))
    outcome.save(project.models, outcomes)
    return outcomes
