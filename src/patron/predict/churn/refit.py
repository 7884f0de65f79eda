"""When a churn model is learnt again.

A model is learnt again where none is stored (or none that can be read), what is asked of it changed (settings, mapped
features), as_of lies before the day it learnt at or `refit.after_days` after it, or customers' days (rows of
measures.customer_days) grew or shrank by `refit.growth` since. Else the stored one scores.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from patron.predict.churn.features import SUBJECTS

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.settings.predictions import ChurnPrediction


def basis_of(warehouse: Warehouse, asked: ChurnPrediction) -> dict[str, Any]:
    """What a model is made of now: by it, a later run tells whether that has moved. Stored with the model."""
    counted = warehouse.query(_COUNTED).to_pylist()[0]
    held = warehouse.query("select * from predictions.churn_features where 1 = 0").column_names
    settings = {name: getattr(asked, name) for name in ("active_days", "cutoffs", "most_rows", "least_leavers")}
    features = [name for name in SUBJECTS if name in held]
    as_of = counted["as_of_date"]
    return {**counted, "as_of_date": as_of and as_of.isoformat(), "settings": settings, "features": features}


def why_again(before: dict[str, Any], now: dict[str, Any], asked: ChurnPrediction) -> str:
    """Why a model of one basis is not one for another; empty where it still is."""
    if before.get("settings") != now["settings"]:
        return "its settings changed"
    if now["as_of_date"] is None:
        return "no day is measured any more"
    if before.get("features") != now["features"]:
        return "what the shop maps changed"
    moved = (dt.date.fromisoformat(now["as_of_date"]) - dt.date.fromisoformat(before["as_of_date"])).days
    if moved < 0 or moved >= asked.refit.after_days:
        return f"as_of moved by {moved} days since it was learnt"
    growth = now["customer_day_count"] / max(before["customer_day_count"], 1) - 1
    return f"customers' days changed by {growth:+.0%} since it was learnt" if abs(growth) >= asked.refit.growth else ""


_COUNTED = """
select
    (select max(as_of_date) from measures.as_of) as as_of_date,
    (select count(*) from measures.customer_days) as customer_day_count,
    (select count(*) from measures.customer_totals where order_count > 0) as customer_count,
    (select count(*) from measures.day_measures) as day_count,
    (select count(*) from predictions.churn_cutoffs) as cutoff_count
"""
