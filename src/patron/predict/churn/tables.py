"""The tables that churn predictions are written to, in the schema `predictions`; gold reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.predict.churn.drivers import empty_drivers
from patron.predict.churn.evaluation import Rows, to_calibration_table, to_score_table
from patron.predict.churn.training import WINDOWS

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.churn.model import ChurnModel

SCORES = ("predictions", "churn_scores")
"""A row for each customer who bought in the last `active_days`: the columns that `ChurnModel.score` returns."""

STATUS = ("predictions", "churn_status")
"""One row: scored (which model made the scores), not_scored (why a customer has none)."""

SAMPLE = ("predictions", "churn_sample")
"""One row: below_key; customers whose sample_key is below it are trained on."""

MODEL_SCORES = ("predictions", "churn_model_scores")
MODEL_CALIBRATION = ("predictions", "churn_model_calibration")
"""How good the model was: the columns of evaluation.py's tables."""

EVERYBODY = "g"
"""Above every sample_key, whose digits end at f."""


def prepare(warehouse: Warehouse) -> None:
    """Create the tables that do not exist yet, without scores. Raises EngineError."""
    if not all(warehouse.exists(*table) for table in (SCORES, STATUS, SAMPLE)):
        write_sample(warehouse, EVERYBODY)
        write_empty(warehouse, "not predicted yet")


def write_empty(warehouse: Warehouse, why: str) -> None:
    """Write an empty table of scores, and the reason. Raises EngineError."""
    warehouse.write(*SCORES, empty_scores())
    write_status(warehouse, None, why)
    warehouse.write(*MODEL_SCORES, to_score_table([]))
    warehouse.write(*MODEL_CALIBRATION, to_calibration_table([]))


def write_status(warehouse: Warehouse, scored: str | None, not_scored: str) -> None:
    """Write the texts that gold shows for customers with scores and for those without. Raises EngineError."""
    import pyarrow as pa

    kinds = pa.schema([("scored", pa.string()), ("not_scored", pa.string())])
    warehouse.write(*STATUS, pa.Table.from_pylist([{"scored": scored, "not_scored": not_scored}], kinds))


def write_quality(warehouse: Warehouse, model: ChurnModel) -> None:
    """Write the model's scores and calibration. Raises EngineError."""
    warehouse.write(*MODEL_SCORES, model.model_scores)
    warehouse.write(*MODEL_CALIBRATION, model.model_calibration)


def append_quality(warehouse: Warehouse, scores: Rows, calibration: Rows) -> None:
    """Add rows of another model's scores and calibration. Raises EngineError."""
    if scores:
        warehouse.append(*MODEL_SCORES, to_score_table(scores))
        warehouse.append(*MODEL_CALIBRATION, to_calibration_table(calibration))


def write_sample(warehouse: Warehouse, below_key: str) -> None:
    """Write which customers are trained on. Raises EngineError."""
    import pyarrow as pa

    warehouse.write(*SAMPLE, pa.table({"below_key": pa.array([below_key], pa.string())}))


def empty_scores() -> pa.Table:
    """Return a table with the columns of SCORES and no rows."""
    import pyarrow as pa

    probabilities = [(f"churn_probability_{days}d", pa.float64()) for days in WINDOWS]
    return pa.schema([("customer_id", pa.string()), *probabilities, *empty_drivers().schema]).empty_table()
