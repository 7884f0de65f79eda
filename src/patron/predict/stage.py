"""Everything that is predicted, in a run: between measures, which it reads, and gold, which reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.predict import clusters, outcome
from patron.predict.churn import tables as churn_tables
from patron.predict.clv import stage as purchase_flow
from patron.predict.outcome import Outcome

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.project import Project

INPUTS = "models/predictions/inputs/"
"""The folder of models that only predictions read."""

READ = ("customer_behaviour", "customer_regions", "customer_touches", "day_measures", "customer_first_orders")
"""Other models that they read."""


def prepare(warehouse: Warehouse) -> None:
    """See that every table of predictions is there, so that gold can read it."""
    with warehouse.held_open():
        if not warehouse.exists(*outcome.TABLE):
            warehouse.write(*outcome.TABLE, outcome.as_table([]))
        purchase_flow.prepare(warehouse)
        churn_tables.prepare(warehouse)
        clusters.prepare(warehouse)


def predict(project: Project, warehouse: Warehouse) -> list[Outcome]:
    """Write every table of predictions anew. Raises EngineError."""
    from patron.predict.churn import stage as churn_stage

    settings = project.settings.predictions
    with warehouse.held_open():
        days = warehouse.query("select as_of_date from measures.as_of").to_pylist()
        as_of = str(days[0]["as_of_date"]) if days else ""
        outcomes = [
            purchase_flow.run_purchases(warehouse, project.models, project.settings, as_of),
            churn_stage.run_churn(warehouse, project.models, project.settings).told(),
            clusters.run_clusters(warehouse, project.models, settings.clusters).told(),
        ]
        warehouse.write(*outcome.TABLE, outcome.as_table(outcomes))
    outcome.keep(project.models, outcomes)
    return outcomes
