"""Measures full runs on Spark in local mode: seconds, processor time, and what tasks computed and shuffled.

python -m benchmarks.spark_scale [LINES ...]: measures and writes benchmarks/results/spark_scale.json; what was measured
before and is not asked for again stays.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import measure, patron
from benchmarks.page import machine, save, saved
from benchmarks.shops import simulated_project

SIZES = (25_000, 500_000)
MEMORY = "4GB"


def measure_shop(folder: Path, lines: int) -> dict[str, Any]:
    """Measure one shop from files to published gold, by Spark's own log of its tasks."""
    project = simulated_project(folder / "shop", lines, "parquet")
    with (project / "patron.yaml").open("a", encoding="utf-8") as file:
        file.write(f"warehouse: {{engine: spark, memory_limit: {MEMORY}}}\n")
    events, settings = folder / "events", folder / "conf"
    for made in (events, settings):
        made.mkdir()
    logged = {"enabled": "true", "compress": "false", "rolling.enabled": "false", "dir": f"file://{events}"}
    lines_of_log = [f"spark.eventLog.{name} {value}\n" for name, value in logged.items()]
    (settings / "spark-defaults.conf").write_text("".join(lines_of_log), encoding="utf-8")
    os.environ["SPARK_CONF_DIR"] = str(settings)
    load = os.getloadavg()[0]
    run = measure(patron("run", "--json", "--project", str(project)))
    said = json.loads(run.output)
    tasks = [event["Task Metrics"] for event in _read_events(events) if event.get("Task Metrics")]
    return {
        "lines": said["rows_landed"],
        "customers": _count_customers(project),
        "load_before": load,
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_mb": run.peak_mb,
        "disk_mb": sum(path.stat().st_size for path in (project / ".patron").rglob("*") if path.is_file()) / 1e6,
        "tasks": len(tasks),
        "task_cpu_seconds": sum(task["Executor CPU Time"] for task in tasks) / 1e9,
        "shuffle_mb": sum(task["Shuffle Write Metrics"]["Shuffle Bytes Written"] for task in tasks) / 1e6,
        "spilled_mb": sum(task["Disk Bytes Spilled"] for task in tasks) / 1e6,
    }


def _read_events(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open(encoding="utf-8") as lines:
                yield from (json.loads(line) for line in lines if '"SparkListenerTaskEnd"' in line)


def _count_customers(project: Path) -> int:
    asked = measure(patron("query", "select count(*) as n from customer_360", "--json", "--project", str(project)))
    return int(json.loads(asked.output)[0]["n"])


def main(sizes: Sequence[int]) -> None:
    """Measure the given sizes; other results stay."""
    known = {row["size"]: row for row in (saved("spark_scale") or {"rows": []})["rows"]}
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            known[size] = {"size": size, **measure_shop(Path(scratch), size)}
        save("spark_scale", {"machine": machine(), "memory": MEMORY, "rows": [known[key] for key in sorted(known)]})


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or SIZES)
