"""Measures shops of 1, 10 and 100 million lines: a full run, a daily run, the lower bound, and hand-written scripts.

python -m benchmarks.scale [LINES ...] [parquet | csv]: measures and writes benchmarks/results/scale.json; what was
measured before and is not asked for again stays.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measure import Measured, measure, patron
from benchmarks.page import machine, save, saved
from benchmarks.shops import simulated_project

SIZES = (1_000_000, 10_000_000, 100_000_000)
KINDS = ("parquet", "csv")
MEMORY = "14GB"
HAND_LIMIT = 20 * 2**30
"""Address space of the hand-written scripts, so that one that needs more fails instead of bringing the machine down."""


@dataclass
class Scaled:
    """One size and format. Times are in seconds; None if not measured; text if it did not finish."""

    kind: str
    lines: int
    customers: int
    seconds: float
    stages: dict[str, float]
    peak_mb: float
    disk_mb: float
    scan_seconds: float
    daily_seconds: float | None = None
    daily_lines: int = 0
    pandas: float | str | None = None
    spark: float | str | None = None


_SCAN = """
import duckdb, sys
amount = "cast(quantity as decimal(18, 4)) * cast(unit_price as decimal(18, 4))"
duckdb.sql(f"select count(*), sum({amount}) from read_parquet('{sys.argv[1]}/*.parquet')").fetchall()
"""
"""The lower bound: count the rows of bronze and sum their amounts."""


def scaled(folder: Path, lines: int, kind: str) -> Scaled:
    """Measure one shop, and delete it again."""
    project = simulated_project(folder, lines, kind)
    with (folder / "patron.yaml").open("a", encoding="utf-8") as file:
        file.write(f"warehouse: {{memory_limit: {MEMORY}}}\n")
    held_back = hold_back(folder / "data", lines // 100) if kind == "parquet" else None
    first = measure(patron("run", "--json", "--project", str(project)))
    said = json.loads(first.output)
    scan = measure([sys.executable, "-c", _SCAN, str(folder / ".patron/lake/receipts")])
    disk = sum(path.stat().st_size for path in (folder / ".patron").rglob("*") if path.is_file()) / 1e6
    found = Scaled(
        kind,
        said["rows_landed"],
        _customers(project),
        first.seconds,
        said["seconds"],
        first.peak_mb,
        disk,
        scan.seconds,
    )
    if held_back is not None:
        held_back.replace(held_back.with_name("lines-zz.parquet"))
        daily = measure(patron("run", "--json", "--project", str(project)))
        found.daily_seconds, found.daily_lines = daily.seconds, json.loads(daily.output)["rows_landed"]
    shutil.rmtree(folder / ".patron")
    found.pandas = _by_hand("benchmarks.by_hand", folder / "data", limited=True)
    found.spark = _by_hand("benchmarks.by_hand_spark", folder / "data", limited=False)
    shutil.rmtree(folder)
    return found


def hold_back(data: Path, rows: int) -> Path:
    """Set the last rows of the last file aside as tomorrow's file."""
    import pyarrow.parquet as pq

    last = sorted(data.glob("lines-*.parquet"))[-1]
    table = pq.read_table(last)
    rows = min(rows, table.num_rows - 1)
    aside = data / "tomorrow.parquet"
    pq.write_table(table.slice(table.num_rows - rows), aside)
    pq.write_table(table.slice(0, table.num_rows - rows), last)
    return aside


def _customers(project: Path) -> int:
    asked = measure(patron("query", "select count(*) as n from customer_360", "--json", "--project", str(project)))
    return int(json.loads(asked.output)[0]["n"])


def _by_hand(module: str, data: Path, *, limited: bool) -> float | str:
    command = [sys.executable, "-W", "ignore", "-m", module, str(data)]
    try:
        return _limited(lambda: measure(command), limited).seconds
    except RuntimeError as error:
        return f"did not finish: {_why(str(error))}"


def _limited(work: Callable[[], Measured], limited: bool) -> Measured:
    if not limited:
        return work()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (HAND_LIMIT, hard))
    try:
        return work()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _why(said: str) -> str:
    code = said.splitlines()[0].rsplit(" ", 1)[-1].rstrip(":")
    if code in ("-9", "137") or any(word in said for word in _MEMORY_WORDS):
        return "out of memory"
    return f"exit {code}, {said.strip().splitlines()[-1][:100]}"


_MEMORY_WORDS = ("MemoryError", "OutOfMemory", "Unable to allocate", "Cannot allocate", "bad_alloc", "malloc of size")


def main(sizes: Sequence[int], kinds: Sequence[str]) -> None:
    """Measure the given sizes and formats; other results stay."""
    known = {(row["kind"], row["size"]): row for row in (saved("scale") or {"rows": []})["rows"]}
    for size in sizes:
        for kind in kinds:
            with tempfile.TemporaryDirectory() as scratch:
                known[kind, size] = {"size": size, **asdict(scaled(Path(scratch) / "shop", size, kind))}
            rows = [known[key] for key in sorted(known, key=lambda key: (key[0] != "parquet", key[1]))]
            save("scale", {"machine": machine(), "memory": MEMORY, "rows": rows})


if __name__ == "__main__":
    words = sys.argv[1:]
    main(
        [int(word) for word in words if word not in KINDS] or SIZES, [word for word in words if word in KINDS] or KINDS
    )
