"""Measures runs from nothing, and a hand-written script: python -m benchmarks.run [LINES ...]

Writes benchmarks/results/shops.json; benchmarks.page makes docs/benchmarks.md of it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.measure import Measured, measure, median, patron
from benchmarks.page import Row, machine, save, versions
from benchmarks.shops import real_data, real_project, simulated_project

TIMES = int(os.environ.get("PATRON_BENCH_TIMES", "3"))
SIZES = (500_000, 2_000_000, 8_000_000)


def fresh(project: Path) -> Measured:
    """Run from nothing."""
    shutil.rmtree(project / ".patron", ignore_errors=True)
    return measure(patron("run", "--json", "--project", str(project)))


def measured(shop: str, project: Path, data: Path | None) -> Row:
    """Measure all figures of one shop. data: the folder of its CSV files, for the hand-written script."""
    first = median(TIMES, lambda: fresh(project))
    again = median(TIMES, lambda: measure(patron("run", "--json", "--project", str(project))))
    by_hand = None
    if data is not None:
        script = [sys.executable, "-W", "ignore", "-m", "benchmarks.by_hand", str(data)]
        by_hand = median(TIMES, lambda: measure(script))
    disk = sum(path.stat().st_size for path in (project / ".patron").rglob("*") if path.is_file()) / 1e6
    return Row(shop, json.loads(first.output)["rows_landed"], first, again, by_hand, disk)


def main(sizes: list[int]) -> None:
    """Measure the real shop, if present, and simulated ones of these sizes."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        days = real_data()
        if days is not None:
            project = real_project(Path(scratch) / "real", days)
            rows.append(measured("UCI Online Retail, 305 daily CSV files", project, days))
        for size in sizes:
            for kind in ("csv", "parquet"):
                project = simulated_project(Path(scratch) / f"{kind}-{size}", size, kind)
                data = project / "data" if kind == "csv" else None
                rows.append(measured(f"simulated, {kind}", project, data))
                shutil.rmtree(project)
    save("shops", {"times": TIMES, "machine": machine(), "versions": versions(), "rows": [asdict(row) for row in rows]})


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(SIZES))
