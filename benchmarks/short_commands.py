"""Measures what a person waits for at a prompt: a demo, a run after one more day, a run with nothing new, the help."""

from __future__ import annotations

import csv
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.measure import Measured, measure, median, patron
from benchmarks.page import machine, save, versions

TIMES = int(os.environ.get("PATRON_BENCH_TIMES", "5"))


def make_demo(folder: Path) -> Measured:
    """Create the demo shop and run it, with all first fits."""
    shutil.rmtree(folder, ignore_errors=True)
    return measure(patron("demo", "online_retail", "--quiet", "--folder", str(folder)))


def hold_back_days(folder: Path, held: Path) -> list[Path]:
    """Take the last month out of the demo shop, run what is left, and return the month as one file for each day."""
    make_demo(folder)
    last = max((folder / "data").glob("*.csv"))
    with last.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    last.unlink()
    held.mkdir()
    at = header.index("InvoiceDate")
    for day, lines in itertools.groupby(rows, key=lambda row: row[at].split()[0]):
        with (held / f"{day.replace('/', '-')}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *lines])
    shutil.rmtree(folder / ".patron")
    run(folder)
    return sorted(held.glob("*.csv"))


def run(folder: Path) -> Measured:
    """Run the project."""
    return measure(patron("run", "--json", "--project", str(folder)))


def add_days(folder: Path, held: Path) -> Callable[[], Measured]:
    """Return a function that adds the next day and runs; stored models score, and none is fitted again."""
    days = iter(hold_back_days(folder, held))

    def once() -> Measured:
        shutil.move(next(days), folder / "data")
        measured = run(folder)
        assert not any(one["fitted"] for one in json.loads(measured.output)["predictions"])
        return measured

    return once


def main() -> None:
    """Measure, and store the median of each."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "demo"
        measured = {
            "`patron demo`: 25,000 order lines, with all first fits": median(TIMES, lambda: make_demo(folder)),
            "`patron run`, nothing new": median(TIMES, lambda: run(folder)),
            "`patron run`, one day more": median(TIMES, add_days(folder, Path(scratch) / "held")),
            "`patron --help`": median(TIMES, lambda: measure(patron("--help"))),
        }
    rows = [{"command": name, **asdict(one), "output": ""} for name, one in measured.items()]
    save("short_commands", {"times": TIMES, "machine": machine(), "versions": versions(), "rows": rows})


if __name__ == "__main__":
    main()
