"""Decides when to retrain a churn model.

A model is trained again if none is stored (or none that can be read); if what it depends on changed (settings, mapped
features); if as_of is before the day it was trained at, or `refit.after_days` later; or if the number of customers'
days (rows of measures.customer_days) changed by `refit.growth`. Otherwise the stored one scores.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from patron.predict.churn.features import SUBJECTS

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.settings.predictions import ChurnPrediction


def query_fit_state(warehouse: Warehouse, config: ChurnPrediction) -> dict[str, Any]:
    """Query what a model trained now depends on; it is stored with the model, for later runs to compare with.

    Keys: as_of_date (ISO, or None), customer_day_count, customer_count, day_count, cutoff_count, settings, features.
    Raises EngineError.
    """
    counts = warehouse.query(_COUNTS).to_pylist()[0]
    columns = warehouse.query("select * from predictions.churn_features where 1 = 0").column_names
    settings = {name: getattr(config, name) for name in ("active_days", "cutoffs", "most_rows", "least_leavers")}
    features = [name for name in SUBJECTS if name in columns]
    as_of = counts["as_of_date"]
    return {**counts, "as_of_date": as_of and as_of.isoformat(), "settings": settings, "features": features}


def find_reason_to_train(before: dict[str, Any], now: dict[str, Any], config: ChurnPrediction) -> str:
    """Explain why a model trained in state `before` needs retraining in state `now`; empty if it does not."""
    if before.get("settings") != now["settings"]:
        return "its settings changed"
    if now["as_of_date"] is None:
        return "there is no longer an as_of date"
    if before.get("features") != now["features"]:
        return "the mapped columns changed"
    days = (dt.date.fromisoformat(now["as_of_date"]) - dt.date.fromisoformat(before["as_of_date"])).days
    if days < 0 or days >= config.refit.after_days:
        return f"as_of moved by {days} days since it was trained"
    growth = (now["customer_day_count"] - before["customer_day_count"]) / max(before["customer_day_count"], 1)
    return f"purchase days changed by {growth:+.0%} since it was trained" if abs(growth) >= config.refit.growth else ""


_COUNTS = """
select
    (select max(as_of_date) from measures.as_of) as as_of_date,
    (select count(*) from measures.customer_days) as customer_day_count,
    (select count(*) from measures.customer_totals where order_count > 0) as customer_count,
    (select count(*) from measures.day_measures) as day_count,
    (select count(*) from predictions.churn_cutoffs) as cutoff_count
"""
