"""Runs a small shop once a day for a year, and measures what a run takes and what it leaves on the disk.

The days pass within an hour, so files that a table needs no longer go at once (keep.lake_days: 0) and not after a week.

python -m benchmarks.year            365 days
python -m benchmarks.year 60         so many days
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.page import save

DAYS, TOLD = 365, (1, 30, 60, 90, 180, 270, 365)
_FIRST_DAY, _CUSTOMERS, _RECEIPTS = date(2023, 1, 1), 400, 15
_FOLDERS = ("lake", "history", "published", "warehouse.duckdb", "dbt", "models")
_HEADER = "order_id,ordered_at,customer_id,product_id,product_name,quantity,unit_price"
_YAML = """shop: {name: Year, currency: GBP}
keep: {lake_days: 0}
sources:
  till:
    files: "*.csv"
    entities:
      order_lines:
        columns:
          order_id: order_id
          ordered_at: ordered_at
          customer_id: customer_id
          product_id: product_id
          product_name: product_name
          quantity: quantity
          unit_price: unit_price
"""


@dataclass(frozen=True)
class Day:
    """What one run took, and what the project's state holds after it: folder -> files and bytes."""

    day: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    files: dict[str, int]
    sizes: dict[str, int]


def year(folder: Path, days: int = DAYS) -> list[Day]:
    """Run once after each day's file. The data folder holds the files of the last week, as an upload folder does."""
    (folder / "data").mkdir(parents=True)
    (folder / "patron.yaml").write_text(_YAML, encoding="utf-8")
    draw, found = random.Random(1), []
    for number in range(1, days + 1):
        _write_receipts(folder / "data", number, draw)
        spent = _run(folder)
        files, sizes = _count(folder / ".patron")
        found.append(Day(number, *spent, files, sizes))
        if number in TOLD or number % 10 == 0:
            seconds = spent[0]
            print(
                f"day {number}: {seconds:.1f} s, {sum(files.values())} files, {sum(sizes.values()):,} bytes", flush=True
            )
            print(f"    {files}\n    {sizes}", flush=True)
    return found


def _write_receipts(data: Path, number: int, draw: random.Random) -> None:
    day = _FIRST_DAY + timedelta(number)
    lines = [_HEADER, *_draw_lines(number, day, draw)]
    (data / f"{day}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (data / f"{day - timedelta(7)}.csv").unlink(missing_ok=True)


def _draw_lines(number: int, day: date, draw: random.Random) -> Iterator[str]:
    for receipt in range(draw.randint(_RECEIPTS - 5, _RECEIPTS + 5)):
        customer = int(_CUSTOMERS * draw.random() ** 2)  # some come often, most seldom
        for _ in range(draw.randint(1, 3)):
            product = draw.randint(1, 20)
            at = f"{day} {9 + receipt % 9:02}:00:00"
            yield f"{number}-{receipt},{at},c{customer},p{product},Product {product},{draw.randint(1, 3)},{product}.50"


def _run(project: Path) -> tuple[float, float, float]:
    """Return the seconds, CPU seconds and peak megabytes of a run.

    It runs in a process of its own, which needs no start-up: it is a copy of this one, whose libraries are loaded.
    """
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        _run_here(project)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"the run ended with {os.waitstatus_to_exitcode(status)}")
    seconds = time.perf_counter() - start
    return round(seconds, 2), round(usage.ru_utime + usage.ru_stime, 2), round(usage.ru_maxrss / 1024, 1)


def _run_here(project: Path) -> None:
    from patron.cli.app import main

    code: object = 1
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    try:
        main(["run", "--quiet", "--project", str(project)])
    except SystemExit as leave:
        code = leave.code
    finally:
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _count(state: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Count the files and bytes of each folder of the state; a file with two names (a hard link) counts once."""
    files: dict[str, int] = {}
    sizes: dict[str, int] = {}
    seen = set()
    for path in (path for path in state.rglob("*") if path.is_file()):
        at = path.relative_to(state).parts[0]
        name, facts = at if at in _FOLDERS else "other", path.stat()
        files[name] = files.get(name, 0) + 1
        if facts.st_ino not in seen:
            sizes[name] = sizes.get(name, 0) + facts.st_size
        seen.add(facts.st_ino)
    return files, sizes


def _load_libraries() -> None:
    """Import what a run imports, without starting a thread, which a copy of this process would not have."""
    import deltalake
    import duckdb
    import pyarrow.parquet
    import sqlglot

    import patron.cli.app
    import patron.pipeline.build
    import patron.pipeline.run
    import patron.publish.snapshot

    del deltalake, duckdb, pyarrow, sqlglot, patron


def main() -> None:
    """Measure, and store the days that the page tells of."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else DAYS
    _load_libraries()
    with tempfile.TemporaryDirectory() as scratch:
        found = year(Path(scratch) / "shop", days)
    if days == DAYS:
        save("year", {"days": [asdict(day) for day in found]})


if __name__ == "__main__":
    main()
