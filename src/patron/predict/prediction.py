"""The interface between a run and its predictions, which the module `stage` of each prediction implements."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.predict.outcome import Outcome
    from patron.project.settings import ProjectSettings


class Prediction(Protocol):
    """One prediction of a run, such as churn. A module is one: its functions and constants are the methods.

    To add one, write a folder with stage.py, tables.py and data_requirements.py, and name it in
    `patron.predict.stage.PREDICTIONS`. Its stage imports numpy, scipy and the like inside its functions: `patron run`
    imports it though nothing may be predicted.
    """

    NAME: str
    """As gold.prediction_status shows it."""

    READS: tuple[str, ...]
    """The dbt models it reads, apart from those in models/predictions/inputs/."""

    def prepare(self, warehouse: Warehouse) -> None:
        """Create the tables that gold reads, empty, where they do not exist yet. Raises EngineError."""

    def predict(self, warehouse: Warehouse, models_folder: Path, settings: ProjectSettings) -> Outcome:
        """Fit the model if it is due, write the tables, and return the outcome.

        It runs in a thread of its own, beside the other predictions. models_folder: where fitted models are stored.
        Raises EngineError.
        """
