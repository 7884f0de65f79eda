"""Measures patron and writes docs/benchmarks.md: python -m benchmarks.run [LINES ...]"""

from __future__ import annotations

import json
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from benchmarks.measure import Measured, measure, median, patron
from benchmarks.shops import real_data, real_project, simulated_project

TIMES = 3
SIZES = (500_000, 2_000_000, 8_000_000)
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Row:
    """One shop, run from nothing to gold, again with nothing new, and by hand."""

    shop: str
    lines: int
    first: Measured
    again: Measured
    by_hand: Measured | None
    disk_mb: float

    @property
    def stages(self) -> dict[str, float]:
        return dict(json.loads(self.first.output)["seconds"])


def fresh(project: Path) -> Measured:
    """A run from nothing."""
    shutil.rmtree(project / ".patron", ignore_errors=True)
    return measure(patron("run", "--json", "--project", str(project)))


def measured(shop: str, project: Path, data: Path | None) -> Row:
    """All figures of one shop. data: where its CSV files are, for the script by hand."""
    first = median(TIMES, lambda: fresh(project))
    again = median(TIMES, lambda: measure(patron("run", "--json", "--project", str(project))))
    by_hand = None
    if data is not None:
        by_hand = median(TIMES, lambda: measure([sys.executable, "-W", "ignore", "-m", "benchmarks.by_hand", str(data)]))
    disk = sum(path.stat().st_size for path in (project / ".patron").rglob("*") if path.is_file()) / 1e6
    return Row(shop, json.loads(first.output)["rows_landed"], first, again, by_hand, disk)


def main(sizes: list[int]) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        days = real_data()
        if days is not None:
            rows.append(measured("UCI Online Retail, 305 daily CSV files", real_project(Path(scratch) / "real", days), days))
        for size in sizes:
            for kind in ("csv", "parquet"):
                project = simulated_project(Path(scratch) / f"{kind}-{size}", size, kind)
                data = project / "data" if kind == "csv" else None
                rows.append(measured(f"simulated, {kind}", project, data))
                shutil.rmtree(project)
    PAGE.write_text(page(rows), encoding="utf-8")


def page(rows: list[Row]) -> str:
    lines = [_INTRODUCTION.format(machine=machine(), versions=versions(), times=TIMES)]
    lines += ["## From nothing to gold", "", _FIRST, ""]
    lines += ["| shop | order lines | seconds | lines a second | processor seconds | peak memory | on disk | nothing new |"]
    lines += ["|---|---:|---:|---:|---:|---:|---:|---:|"]
    for row in rows:
        rate = row.lines / row.first.seconds
        lines.append(
            f"| {row.shop} | {row.lines:,} | {row.first.seconds:.1f} | {rate:,.0f} | {row.first.cpu_seconds:.1f} | "
            f"{row.first.peak_mb:,.0f} MB | {row.disk_mb:,.0f} MB | {row.again.seconds:.2f} s |"
        )
    lines += ["", "## Where the time goes", "", _SHARES, ""]
    names = list(dict.fromkeys(name for row in rows for name in row.stages))
    lines += [f"| shop | order lines | start | {' | '.join(names)} |", f"|---|{'---:|' * (len(names) + 2)}"]
    for row in rows:
        inside = sum(row.stages.values())
        cells = [f"{(row.first.seconds - inside) / row.first.seconds:.0%}"]
        cells += [f"{row.stages.get(name, 0) / row.first.seconds:.0%}" for name in names]
        lines.append(f"| {row.shop} | {row.lines:,} | {' | '.join(cells)} |")
    lines += ["", "## Against a script by hand", "", _BY_HAND, ""]
    lines += ["| shop | order lines | patron | by hand | patron / by hand | memory / by hand |", "|---|---:|---:|---:|---:|---:|"]
    for row in rows:
        if row.by_hand is not None:
            ratio, memory = row.first.seconds / row.by_hand.seconds, row.first.peak_mb / row.by_hand.peak_mb
            lines.append(
                f"| {row.shop} | {row.lines:,} | {row.first.seconds:.1f} s | {row.by_hand.seconds:.1f} s | {ratio:.1f} | {memory:.1f} |"
            )
    return "\n".join(lines) + "\n\n" + crossing(rows)


def crossing(rows: list[Row]) -> str:
    """Where the two lines through the smallest and largest simulated shop meet."""
    pairs = [(row.lines, row.first.seconds, row.by_hand.seconds) for row in rows if row.by_hand and "simulated" in row.shop]
    if len(pairs) < 2:
        return ""
    (n0, p0, h0), (n1, p1, h1) = pairs[0], pairs[-1]
    slope_patron, slope_hand = (p1 - p0) / (n1 - n0), (h1 - h0) / (n1 - n0)
    growth = f"A million more lines cost patron {slope_patron * 1e6:.2f} s and the script {slope_hand * 1e6:.2f} s."
    if slope_patron >= slope_hand:
        return f"{growth} The script stays ahead at every size that fits its memory.\n"
    meet = n0 + (p0 - h0) / (slope_hand - slope_patron)
    return f"{growth} On these lines the two meet at {meet / 1e6:.1f} million order lines.\n"


def machine() -> str:
    import os

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, {platform.system()}"


def versions() -> str:
    named = ("duckdb", "deltalake", "dbt-core", "dbt-duckdb", "pyarrow", "pandas", "lifetimes")
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {metadata.version(name)}" for name in named)])


_INTRODUCTION = """# Benchmarks

Written by `make bench` on {machine}; {versions}. Each figure is the median of {times} runs of a whole process, start-up
included. Machines differ and drift: read the ratios, which are of one run of this page.
"""
_FIRST = """From source files to published gold: every row landed in the lake, every model built, every test run. `nothing new` is the same
command again."""
_SHARES = """Shares of the wall time. `start` is Python and its libraries; `silver to gold` is dbt with all models and tests, of which about
2.5 s are importing and parsing dbt whatever the size."""
_BY_HAND = """`benchmarks/by_hand.py` is what an analyst would write with pandas and lifetimes: RFM with scores, formula CLV, BG/NBD and
Gamma-Gamma, DAU, WAU and MAU. It reads the same CSV files, and has no lake, no quarantine, no tests, no products, no daily
figures, no ledger and no history; patron, at this version, fits no purchase model. So the two do not do the same work; the ratio says what the rest costs."""


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(SIZES))
