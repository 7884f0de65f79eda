"""Product affinity over 10 million order lines and 10,000 products in 4 GB: python -m benchmarks.affinity [LINES]

Popularity is Zipf's; baskets have a fat tail, of which the largest are wholesalers'. The project is run whole, then the
models of affinity are built again in a process of their own, whose time and memory are taken. benchmarks.page tells it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import measure, patron
from benchmarks.page import machine, save

LINES = 10_000_000
PRODUCTS = 10_000
MEMORY = "4GB"
MODELS = ("basket_products", "affinity_products", "product_pairs", "product_affinity", "product_affinity_coverage")
_ALONE = """
import json, sys, time
from pathlib import Path
from patron.project.project import Project
from patron.transform.compile_cache import read_compiled
from patron.transform.materialize import Materializer
from patron.transform.plan import Plan
from patron.engines import open_warehouse
project = Project.load(Path(sys.argv[1]))
nodes = read_compiled(project.compiled)
seconds, last = {}, time.perf_counter()
def told(name, *_):
    global last
    seconds[name], last = round(time.perf_counter() - last, 2), time.perf_counter()
asked = [node for node in nodes if node.kind == "model" and node.name in sys.argv[2].split()]
Materializer(open_warehouse(project), nodes, Plan([], None), project.compiled).build(asked, told)
print(json.dumps(seconds))
"""
_YAML = """shop: {name: Affinity, currency: GBP}
sources:
  receipts:
    files: "*.parquet"
    entities:
      order_lines: {columns: {order_id: o, ordered_at: t, customer_id: c, product_id: p, quantity: q, unit_price: u}}
warehouse: {memory_limit: %s}
"""


def lines(count: int, seed: int = 1) -> pa.Table:
    """Draw order lines: Pareto basket sizes (shape 1.3, up to 2,000), articles by Zipf's law with exponent 0.8."""
    chance = np.random.default_rng(seed)
    sizes = np.minimum(chance.pareto(1.3, size=count // 5) * 3 + 1, 2000).astype(np.int64)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), count)) + 1]
    basket = np.repeat(np.arange(len(sizes)), sizes)[:count]
    weight = np.arange(1, PRODUCTS + 1) ** -0.8
    article = chance.choice(PRODUCTS, size=len(basket), p=weight / weight.sum())
    minute = np.datetime64("2024-01-01", "m") + (np.arange(len(sizes)) * (525_600 / len(sizes))).astype(np.int64)
    customer = chance.integers(0, max(1, len(sizes) // 5), size=len(sizes))
    return pa.table(
        {
            "o": basket,
            "t": pa.array(minute[basket].astype("datetime64[us]")),
            "c": customer[basket],
            "p": article,
            "q": np.ones(len(basket), np.int64),
            "u": np.full(len(basket), 2),
        }
    )


def project(folder: Path, count: int) -> Path:
    """Write a project with that many lines."""
    (folder / "data").mkdir(parents=True)
    (folder / "patron.yaml").write_text(_YAML % MEMORY, encoding="utf-8")
    pq.write_table(lines(count), folder / "data" / "lines.parquet")
    return folder


def measured(folder: Path) -> dict[str, Any]:
    """Return the seconds of each model, the memory of the process that built only these, and the coverage."""
    whole = measure(patron("run", "--json", "--project", str(folder)))
    alone = measure([sys.executable, "-c", _ALONE, str(folder), " ".join(MODELS)])
    asked = measure(patron("query", "select * from product_affinity_coverage", "--json", "--project", str(folder)))
    return {
        "machine": machine(),
        "memory": MEMORY,
        "load": round(os.getloadavg()[1], 1),
        "run_seconds": whole.seconds,
        "run_peak_mb": whole.peak_mb,
        "seconds": json.loads(alone.output),
        "cpu_seconds": alone.cpu_seconds,
        "peak_mb": alone.peak_mb,
        "coverage": json.loads(asked.output)[0],
    }


def main(count: int) -> None:
    """Measure and store the result."""
    with tempfile.TemporaryDirectory() as scratch:
        save("affinity", measured(project(Path(scratch) / "shop", count)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else LINES)
