"""Forecasts of public data sets, made as a run makes them: PATRON_REAL_DATA names the folder they are in."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import patron
from benchmarks.forecasts.measures import Measures
from patron.engines import open_warehouse
from patron.examples.scaffold import init
from patron.pipeline.run import run
from patron.predict import MBGNBD
from patron.predict.evaluation.evaluate import Evaluation, evaluate
from patron.predict.evaluation.holdout import Holdout, query_holdout
from patron.predict.evaluation.rolling import SUFFIX
from patron.predict.regression.contest import SUFFIX as REGRESSION
from patron.predict.regression.spend_contest import SUFFIX as LEARNER
from patron.project.project import Project
from patron.project.settings.predictions import Evaluation as Settings

RETAIL_ORIGINS = (dt.date(2011, 6, 12), dt.date(2011, 9, 10))
CDNOW_DAYS = 273
LAST_ORDER = dt.date(2017, 6, 30)
_MEASURES = (
    *("total_ratio", "rmse", "error_share", "amount_ratio", "amount_error_share", "brier", "log_loss"),
    *("is_total_within_80", "is_total_within_95", "top_tenth_within_80", "predicted_purchases"),
)

Rows = list[dict[str, Any]]


SILENT = "silent"
"""The name of the rows about customers of Online Retail who bought once, more than SILENT_DAYS ago."""

SILENT_DAYS, AHEAD_DAYS = 180, 90


def measure(folder: Path, scratch: Path) -> dict[str, Rows]:
    """Forecast each data set; return its rows by name: model, origin and measures."""
    project = _run_online_retail(folder / "online_retail" / "by-day", scratch)
    retail = patron.evaluate(project)
    instacart = _read_instacart(folder / "instacart" / "orders_3106_users" / "orders.csv")
    cdnow = _read_cdnow(folder / "cdnow" / "CDNOW_sample.txt")
    return {
        "Online Retail": [row for row in _list_rows(retail) if row["origin"] in map(str, RETAIL_ORIGINS)],
        "Instacart, 7 days": _list_rows(_evaluate(instacart, Settings(horizon_days=7, origins=4))),
        "CDNOW sample, weeks 40 to 78": _list_rows(_evaluate(cdnow, Settings(horizon_days=CDNOW_DAYS, origins=1))),
        SILENT: _judge_silent(project),
    }


def _run_online_retail(folder: Path, scratch: Path) -> Project:
    project = Project.load(init(scratch / "online_retail", "online_retail", folder))
    run(project)
    return project


def _judge_silent(project: Project) -> Rows:
    """Compare what an MBG/NBD says of customers who bought once and have long been silent with who came back."""
    warehouse = open_warehouse(project)
    try:
        return [_judge_silent_from(query_holdout(warehouse, origin, AHEAD_DAYS)) for origin in RETAIL_ORIGINS]
    finally:
        warehouse.close()


def _judge_silent_from(holdout: Holdout) -> dict[str, Any]:
    past = (holdout.repeat_count, holdout.recency_weeks, holdout.age_weeks)
    model = MBGNBD().fit(*past, holdout.customer_count)
    customers = holdout.customer_count * ((holdout.repeat_count == 0) & (holdout.age_days > SILENT_DAYS))

    def average(values: Any) -> float:
        return float(values @ customers / customers.sum())

    return {
        "origin": str(holdout.origin),
        "customers": float(customers.sum()),
        "probability_alive": average(model.probability_alive(*past)),
        "probability_of_purchase": average(model.probability_of_purchase(holdout.horizon_weeks, *past)),
        "came_back": average((holdout.held_out_count > 0).astype(float)),
    }


def _evaluate(purchases: pa.Table, settings: Settings) -> Evaluation:
    return evaluate(Measures(purchases), settings)  # type: ignore[arg-type]


def _list_rows(found: Evaluation) -> Rows:
    """List the chosen model as fitted, as corrected by past windows, and with what learned from them."""
    names = {f"{found.choice.model}{suffix}" for suffix in ("", SUFFIX, REGRESSION, LEARNER)}
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found.scores.to_pylist():
        if row["model"] in names and row["measure"] in _MEASURES:
            origin = str(row["origin_date"])
            own = rows.setdefault((origin, row["model"]), {"model": row["model"], "origin": origin})
            own[row["measure"]] = row["value"]
    return [rows[key] for key in sorted(rows)]


def _read_cdnow(path: Path) -> pa.Table:
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    days = [dt.datetime.strptime(row[2], "%Y%m%d").date() for row in rows]
    return _to_purchases([row[0] for row in rows], days, [float(row[4]) for row in rows])


def _read_instacart(path: Path) -> pa.Table:
    """Read orders, which say the days since the one before: each customer's last is on LAST_ORDER, and left out.

    So are those of the month before it: the data end with an order of everybody.
    """
    gaps: dict[str, list[float]] = {}
    with path.open(newline="") as file:
        for row in sorted(csv.DictReader(file), key=lambda row: (row["user_id"], int(row["order_number"]))):
            since = row["days_since_prior_order"]
            gaps.setdefault(row["user_id"], []).append(0.0 if since in ("", "NULL") else float(since))
    who, days = [], []
    for user, own in gaps.items():
        at = np.cumsum(own)
        who += [user] * len(own)
        days += [LAST_ORDER - dt.timedelta(days=float(at[-1] - day)) for day in at]
    known = [place for place, day in enumerate(days) if day <= LAST_ORDER - dt.timedelta(days=30)]
    return _to_purchases([who[place] for place in known], [days[place] for place in known], [1.0] * len(known))


def _to_purchases(who: Sequence[str], days: Sequence[dt.date], amounts: Sequence[float]) -> pa.Table:
    return pa.table({"customer_id": list(who), "activity_date": list(days), "net_amount": list(amounts)})
