"""Measures a shop with ten times as many lines a customer as those of benchmarks.scale, which tells the two apart.

python -m benchmarks.many_lines [LINES]: measures and writes benchmarks/results/many_lines.json, with a shop of
benchmarks.run that is measured right after, so that processor times of a busy machine can be compared with an idle
one's.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import measure, patron
from benchmarks.page import machine, save
from benchmarks.shops import HERE, simulated_project
from patron.simulate import plan_shop, write_shop

LINES, LINES_PER_ORDER = 3_000_000, 25
REFERENCE = 500_000
"""Order lines of the shop `simulated, parquet` in results/shops.json."""


def measure_shop(folder: Path, lines: int) -> dict[str, Any]:
    """Measure a full run."""
    shutil.copy(HERE / "shop.yaml", folder / "patron.yaml")
    spec = plan_shop(lines, seed=1, refund_rate=0.02, lines_per_order=LINES_PER_ORDER)
    write_shop(spec, folder / "data", "parquet", rows_per_file=2_000_000)
    load = os.getloadavg()[0]
    run = measure(patron("run", "--json", "--project", str(folder)))
    asked = measure(patron("query", "select count(*) as n from customer_360", "--json", "--project", str(folder)))
    return {
        "lines": json.loads(run.output)["rows_landed"],
        "customers": int(json.loads(asked.output)[0]["n"]),
        "load_before": load,
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_mb": run.peak_mb,
        "disk_mb": sum(path.stat().st_size for path in (folder / ".patron").rglob("*") if path.is_file()) / 1e6,
    }


def measure_reference(folder: Path) -> float:
    """Measure the processor seconds of a shop of benchmarks.run."""
    project = simulated_project(folder / "reference", REFERENCE, "parquet")
    return measure(patron("run", "--json", "--project", str(project))).cpu_seconds


def main(lines: int) -> None:
    """Measure the shop, and save what was found."""
    with tempfile.TemporaryDirectory() as scratch:
        row = measure_shop(Path(scratch), lines)
        reference = measure_reference(Path(scratch))
        save("many_lines", {"machine": machine(), "reference_cpu_seconds": reference, "rows": [row]})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES)
