"""Runs one task of benchmarks.value in its own process: python -m benchmarks.value_tasks TASK FOLDER

FOLDER holds orders.parquet. Prints one JSON document.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

THREADS = 2


def scan(folder: Path) -> dict[str, Any]:
    """Read customer, time and amount of every order once."""
    sql = "select count(*), sum(customer), max(ordered_at), sum(amount) from {}"
    found = _engine().execute(sql.format(_three(folder))).fetchall()
    return {"rows": found[0][0]}


def scan_text(folder: Path) -> dict[str, Any]:
    """Read them with customers as text."""
    sql = f"select count(*), max(customer), max(ordered_at), sum(amount) from {_three(folder)}"
    return {"rows": _engine().execute(sql).fetchall()[0][0]}


def group_by(folder: Path) -> dict[str, Any]:
    """Count exact purchase days with a group-by of customer and day, and one of customers."""
    days = f"select customer, ordered_at::date as day, sum(amount) as amount from {_three(folder)} group by all"
    sql = f"select customer, count(*) as days, min(day), max(day), sum(amount) from ({days}) group by customer"
    return {"customers": _engine().execute(f"select count(*), max(days) from ({sql})").fetchall()[0][0]}


def value(folder: Path) -> dict[str, Any]:
    """Write a Parquet file of customers with their values from orders."""
    from patron.predict.orders_file import value as verb

    done = verb(folder / "orders.parquet", folder / "clv.parquet", threads=THREADS)
    return {**done.as_dict(), "written_mb": (folder / "clv.parquet").stat().st_size / 1e6}


def customers(folder: Path) -> dict[str, Any]:
    """Write a table of customers to an engine's file, as in a warehouse: customers.duckdb."""
    columns = "customer_id, repeat_count, recency_days, age_days"
    with _engine(folder / "customers.duckdb") as engine:
        engine.execute(f"create table customers as select {columns} from '{folder / 'clv.parquet'}'")
    return {}


def scores(folder: Path) -> dict[str, Any]:
    """Score the cells of a table in the engine with a fitted model, and join them back to its customers."""
    from patron.predict import MBGNBD
    from patron.predict.clv.scores import KEY, list_columns, score_cells

    model = MBGNBD.from_dict(json.loads((folder / "model.json").read_text()))
    keys, named = ", ".join(KEY), ", ".join(list_columns())
    with _engine(folder / "customers.duckdb") as engine:
        cells = engine.execute(f"select {keys} from customers group by all").to_arrow_table()
        scored = score_cells(model, cells, horizon_days=1095, discount_rate=0.1)
        engine.register("scored", scored)
        engine.execute("set force_compression = 'uncompressed'")  # half the time of finding out how to compress
        engine.execute(
            f"create or replace table joined as select customer_id, {named} from customers join scored using ({keys})"
        )
        count = engine.execute("select count(*), sum(discounted_purchases_3y) from joined").fetchall()[0]
    return {"customers": count[0], "cells": cells.num_rows, "sum": count[1]}


def fit(folder: Path) -> dict[str, Any]:
    """Measure how far the fit on bins is from the fit on every cell, in standard errors; writes model.json."""
    from patron.predict import MBGNBD

    with _engine(folder / "customers.duckdb") as engine:
        sql = "select repeat_count, recency_days, age_days, count(*) from customers group by all order by all"
        cells = engine.execute(sql).to_arrow_table()
    x, last, now, count = (column.to_numpy() for column in cells.columns)
    start = time.perf_counter()
    binned = MBGNBD(exact=False).fit(x, last / 7, now / 7, count)
    middle = time.perf_counter()
    exact = MBGNBD().fit(x, last / 7, now / 7, count)
    seconds = {"binned": middle - start, "exact": time.perf_counter() - middle}
    off = {n: (binned.params_[n] - exact.params_[n]) / exact.standard_errors_[n] for n in exact.parameter_names}
    (folder / "model.json").write_text(json.dumps(exact.to_dict()))
    return {"seconds": seconds, "off": off}


TASKS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "scan": scan,
    "scan, text ids": scan_text,
    "group-by in SQL": group_by,
    "value": value,
    "customers": customers,
    "fit": fit,
    "scores": scores,
}


def _three(folder: Path) -> str:
    return f"(select customer_id as customer, ordered_at, amount from '{folder / 'orders.parquet'}')"


def _engine(file: Path | None = None) -> duckdb.DuckDBPyConnection:
    config = {"threads": THREADS, "memory_limit": "2GB", "preserve_insertion_order": "false"}
    return duckdb.connect(str(file or ":memory:"), config=config)


if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](Path(sys.argv[2])), default=str))
