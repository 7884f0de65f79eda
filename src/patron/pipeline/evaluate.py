"""Judge the purchase models on a project's own past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import NothingBuiltError
from patron.project.lock import lock_project

if TYPE_CHECKING:
    from patron.predict.evaluation.evaluate import Evaluation
    from patron.project.project import Project


def evaluate(project: Project) -> Evaluation:
    """Forecast from earlier days of the shop and compare with what was observed after them.

    The days are those of predictions.evaluation in patron.yaml. Changes nothing in the project.
    Raises NothingBuiltError before the first run, LockedError while a run is working.
    """
    from patron.engines import open_warehouse
    from patron.predict.evaluation.evaluate import evaluate as evaluate_models

    with lock_project(project.state):
        warehouse = open_warehouse(project)
        try:
            if not warehouse.exists("measures", "customer_days"):
                what = "There are no purchases to evaluate the models on yet."
                raise NothingBuiltError(what, where=str(project.root), do="run `patron run` first")
            return evaluate_models(warehouse, project.settings.predictions.evaluation)
        finally:
            warehouse.close()
