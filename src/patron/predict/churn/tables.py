"""The tables that churn predictions are in: gold reads them, so that they are there before anything is predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.predict.churn.drivers import no_drivers
from patron.predict.churn.evaluation import calibration_table, score_table
from patron.predict.churn.training import WINDOWS

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.churn.model import ChurnModel

SCORES = ("predictions", "churn_scores")
"""Columns as of ChurnModel.score; a row for each customer who bought in the last `active_days`."""

STATUS = ("predictions", "churn_status")
"""One row: scored (what made the scores), not_scored (why a customer has none)."""

SAMPLE = ("predictions", "churn_sample")
"""One row: below_key; the customers whose sample_key lies below it are learnt from."""

MODEL_SCORES = ("predictions", "churn_model_scores")
MODEL_CALIBRATION = ("predictions", "churn_model_calibration")
"""How good the model was: as of churn_evaluation.py."""

EVERYBODY = "g"
"""Above every sample_key, whose digits end at f."""


def prepare(warehouse: Warehouse) -> None:
    """See that the tables are there, so that gold can read them."""
    if not all(warehouse.exists(*table) for table in (SCORES, STATUS, SAMPLE)):
        write_sample(warehouse, EVERYBODY)
        write_nothing(warehouse, "not predicted yet")


def write_nothing(warehouse: Warehouse, why: str) -> None:
    """No scores, and why."""
    warehouse.write(*SCORES, no_scores())
    write_status(warehouse, None, why)
    warehouse.write(*MODEL_SCORES, score_table([]))
    warehouse.write(*MODEL_CALIBRATION, calibration_table([]))


def write_status(warehouse: Warehouse, scored: str | None, not_scored: str) -> None:
    """What gold says of customers with scores, and of the others."""
    import pyarrow as pa

    kinds = pa.schema([("scored", pa.string()), ("not_scored", pa.string())])
    warehouse.write(*STATUS, pa.Table.from_pylist([{"scored": scored, "not_scored": not_scored}], kinds))


def write_quality(warehouse: Warehouse, model: ChurnModel) -> None:
    """How good the model was."""
    warehouse.write(*MODEL_SCORES, model.model_scores)
    warehouse.write(*MODEL_CALIBRATION, model.model_calibration)


def write_sample(warehouse: Warehouse, below_key: str) -> None:
    """Who is learnt from."""
    import pyarrow as pa

    warehouse.write(*SAMPLE, pa.table({"below_key": pa.array([below_key], pa.string())}))


def no_scores() -> pa.Table:
    """The columns of scores, without a row."""
    import pyarrow as pa

    probabilities = [(f"churn_probability_{days}d", pa.float64()) for days in WINDOWS]
    return pa.schema([("customer_id", pa.string()), *probabilities, *no_drivers().schema]).empty_table()
