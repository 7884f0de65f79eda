"""How good the purchase models are on a shop's own past, beside baselines, and which of them is its default.

>>> from patron.predict.evaluation.evaluate import evaluate
>>> evaluate(warehouse, settings.predictions.evaluation).choice.model  # doctest: +SKIP
'MBG/NBD'
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from patron.predict.evaluation import forecasts, spending, tables
from patron.predict.evaluation.choice import Choice, choose, mean_record
from patron.predict.evaluation.data_requirements import lacking, lacks_history, origins
from patron.predict.evaluation.holdout import read_holdout
from patron.predict.evaluation.judge import Found, judge

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.project.settings.predictions import Evaluation as Settings

RUN_RATE_LEAST_DAYS = 30
"""The baselines' rates are of at least so many days: one order yesterday is no rate. As clv.run_rate_least_days."""


@dataclass(frozen=True)
class Evaluation:
    """What was found.

    scores, calibration, tracking: tables.py says their columns. choice: the default model. withheld: what is missing,
    in words, for each origin that could not be judged; `choice` has no model where none could.
    """

    scores: pa.Table
    calibration: pa.Table
    tracking: pa.Table
    choice: Choice
    withheld: list[str] = field(default_factory=list)


def evaluate(warehouse: Warehouse, settings: Settings, *, run_rate_least_days: int = RUN_RATE_LEAST_DAYS) -> Evaluation:
    """Judge the models from earlier days of the shop. Needs measures.customer_days. Raises EngineError."""
    bounds = warehouse.query(_BOUNDS).to_pylist()
    first, last = (bounds[0]["first_date"], bounds[0]["last_date"]) if bounds else (None, None)
    if first is None or last is None:
        return _ended(Found(), ["nobody has bought anything"])
    days = origins(first, last, settings)
    withheld = [] if days else [lacks_history(first, last, settings)]
    rows = Found()
    for origin in days:
        holdout = read_holdout(warehouse, origin, settings.horizon_days)
        if said := lacking(holdout, settings):
            withheld.append(said)
        else:
            judge(warehouse, holdout, run_rate_least_days, rows, withheld)
    return _ended(rows, withheld)


def _ended(rows: Found, withheld: list[str]) -> Evaluation:
    return Evaluation(
        tables.as_table("model_scores", rows.scores),
        tables.as_table("model_calibration", rows.calibration),
        tables.as_table("model_tracking", rows.tracking),
        _chosen(rows.scores),
        withheld,
    )


def _chosen(rows: list[dict[str, Any]]) -> Choice:
    by_model: dict[str, dict[dt.date, dict[str, float]]] = {}
    for row in rows:
        by_model.setdefault(row["model"], {}).setdefault(row["origin_date"], {})[row["measure"]] = row["value"]
    records = {
        model: mean_record(
            [abs(math.log(one["total_ratio"])) if one["total_ratio"] > 0 else math.inf for one in found.values()],
            [one["gini"] for one in found.values()],
        )
        for model, found in by_model.items()
        if model != spending.RUN_RATE
    }
    return choose(records, forecasts.model_names(), forecasts.BASELINES)


_BOUNDS = """
select min(first_order_date) as first_date, (select max(last_date) from measures.as_of) as last_date
from measures.customer_measures
where order_count > 0
"""
