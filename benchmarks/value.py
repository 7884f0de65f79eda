"""Measures predicting value from an orders table, at scale: python -m benchmarks.value [CUSTOMERS ...]

Draws a Parquet table of some ten orders a customer into a temporary folder (on the disk of TMPDIR), and measures each
task of benchmarks.value_tasks in a process of its own, on two threads. Writes benchmarks/results/value.json.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import measure
from benchmarks.page import machine, save

SIZES = (1_000_000, 10_000_000)


def run(task: str, folder: Path) -> dict[str, Any]:
    """Run one task: wall time, CPU time, peak memory, how busy the machine was; or why it failed."""
    load = os.getloadavg()[0]
    try:
        once = measure([sys.executable, "-m", "benchmarks.value_tasks", task, str(folder)])
    except RuntimeError as error:
        return {"task": task, "failed": str(error).strip().splitlines()[-1]}
    result = json.loads(once.output.strip().splitlines()[-1])
    figures = {"seconds": once.seconds, "cpu_seconds": once.cpu_seconds, "peak_mb": once.peak_mb, "load_before": load}
    print(task, figures, flush=True)
    return {"task": task, **figures, "result": result}


def measured(customers: int, folder: Path) -> dict[str, Any]:
    """Run every task on a table of that many customers."""
    _draw(customers, folder, "whole")
    rows = [run(task, folder) for task in ("scan", "value", "customers", "fit", "scores", "group-by in SQL")]
    _draw(customers, folder, "text")
    rows += [{**run(task, folder), "as_text": True} for task in ("scan, text ids", "value")]
    return {"customers": customers, "orders": rows[0]["result"]["rows"], "rows": rows}


def _draw(customers: int, folder: Path, ids: str) -> None:
    """Draw the orders in a separate process: one started by a large process counts as equally large."""
    measure([sys.executable, "-m", "benchmarks.value_orders", str(customers), str(folder), ids])


def main(sizes: list[int]) -> None:
    """Measure every size."""
    found = []
    for customers in sizes:
        with tempfile.TemporaryDirectory(prefix="patron-bench-value-") as scratch:
            found.append(measured(customers, Path(scratch)))
        save("value", {"machine": machine(), "sizes": found})


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(SIZES))
