"""Measures the same shops on DuckDB and on Spark: a full run, and one day of 1% more lines.

python -m benchmarks.engines [LINES ...]: measures and writes benchmarks/results/engines.json; other sizes that were
measured before stay.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import patron
from benchmarks.page import machine, save, saved
from benchmarks.process_session import measure_session
from benchmarks.scale import hold_back
from benchmarks.shops import simulated_project

SIZES = (1_000_000, 10_000_000)
ENGINES = {"duckdb": "memory_limit: 8GB", "spark": "memory_limit: 8GB"}


def compare(folder: Path, lines: int) -> list[dict[str, Any]]:
    """Measure one shop on each engine; return a row for each."""
    return [_measure_on(folder / engine, engine, lines) for engine in ENGINES]


def _measure_on(folder: Path, engine: str, lines: int) -> dict[str, Any]:
    project = simulated_project(folder, lines, "parquet")
    with (folder / "patron.yaml").open("a", encoding="utf-8") as file:
        file.write(f"warehouse: {{engine: {engine}, {ENGINES[engine]}}}\n")
    tomorrow = hold_back(folder / "data", lines // 100)
    command = patron("run", "--json", "--project", str(project))
    found: dict[str, Any] = {"lines": lines, "engine": engine, "load": round(os.getloadavg()[0])}
    for name in ("full", "day"):
        measured = measure_session(command)
        said = json.loads(measured.output)
        found |= {
            f"{name}_seconds": measured.seconds,
            f"{name}_cpu": measured.cpu_seconds,
            f"{name}_mb": measured.peak_mb,
            f"{name}_stages": said["seconds"],
            f"{name}_models": said["models_built"],
            f"{name}_lines": said["rows_landed"],
        }
        if name == "full":
            tomorrow.replace(tomorrow.with_name("lines-zz.parquet"))
    return found


def main(sizes: Sequence[int]) -> None:
    """Measure the given sizes."""
    known = {(row["lines"], row["engine"]): row for row in (saved("engines") or {"rows": []})["rows"]}
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            for row in compare(Path(scratch), size):
                known[size, row["engine"]] = row
                save("engines", {"machine": machine(), "rows": [known[key] for key in sorted(known)]})


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or SIZES)
