"""The section of docs/benchmarks.md on valuing an orders table."""

from __future__ import annotations

from typing import Any

_SAID = """`patron value`: from one Parquet file of orders (order, customer, time, amount; sorted by
time) to a Parquet file of every customer with 26 predicted columns, on {machine}, with two threads; full processes.
`scan` reads the three columns that are needed and sums them. `times the scan` compares CPU time, which a
busy machine distorts less than wall time. `load` is the number of processes waiting to run just before: above
2, wall time is that of a shared machine, and CPU time is inflated too."""
_STAGES = "Wall time and CPU time of each stage of `value`, in seconds (whole-number ids, same run):"
_WHY = """Where the time goes, and the lower bound. DuckDB's group-by holds every customer-day in a hash table
(the line `group-by in SQL` counts exact purchase days, and stops there; the engine has 2 GB, and spills).
`value` packs each order (customer, day, amount) into one 64-bit number, takes the numbers out of the engine as they are
read, and sorts them in place: numpy's vectorized sort handles 40 million per second on two cores, and runs in the
sorted numbers are customers and days. The lower bound is to read and unpack the three columns, as the scan does, and
to write the result. Text ids are numbered first, with a table of distinct ids and a join."""
_FIT = """The fit uses every cell: for {customers:,} customers, all {cells:,} cells took {exact:.1f} s of wall
time, logarithmic bins of at most 1.6% took {binned:.1f} s, and bins moved a parameter by up to {off:.2f} standard
errors (the bins are narrow, but so are the standard errors with so many customers)."""
_SCORES = """`scores` is the middle part alone, on a table of customers in a DuckDB file: group into cells, score each
with a fitted model, and join back as an uncompressed table of {columns} columns. With 10 million customers, writing
that table takes DuckDB 8 to 9 s (as long as a plain copy of it: 220 million doubles, each of
which is compared with the smallest and largest so far), the join 3 s, the scores 6 s."""


def value_section(found: dict[str, Any]) -> str:
    """Return the section: one table per size."""
    parts = ["## From orders to predicted value", _SAID.format(machine=found["machine"])]
    for size in found["sizes"]:
        parts.append(f"**{size['customers']:,} customers, {size['orders']:,} orders**")
        parts.append("\n".join(_table(size["rows"])))
    largest = found["sizes"][-1]
    rows = {row["task"]: row for row in reversed(largest["rows"]) if "result" in row}
    result = rows["value"]["result"]
    parts += [_STAGES, "\n".join(_stages(result["seconds"], result["processor_seconds"])), _WHY]
    if "fit" in rows and "scores" in rows:
        result = rows["fit"]["result"]
        off = max(abs(value) for value in result["off"].values())
        cells = rows["scores"]["result"]["cells"]
        parts.append(_FIT.format(customers=largest["customers"], cells=cells, off=off, **result["seconds"]))
        parts.append(_SCORES.format(columns=24))
    return "\n\n".join(parts) + "\n"


def _table(rows: list[dict[str, Any]]) -> list[str]:
    lines = ["| task | ids | seconds | CPU | times the scan | memory | load |", "|---|---|" + "---:|" * 5]
    scan = 0.0
    for row in rows:
        ids = "text" if row.get("as_text") else "whole numbers"
        if "failed" in row:
            lines.append(f"| {row['task']} | {ids} | failed: {row['failed']} | | | | |")
            continue
        if row["task"].startswith("scan"):
            scan = row["cpu_seconds"]
        if row["task"] in ("customers", "fit"):
            continue
        times = f"{row['cpu_seconds'] / scan:.1f}"
        cells = [f"{row['seconds']:.1f}", f"{row['cpu_seconds']:.1f} s", times, f"{row['peak_mb']:,.0f} MB"]
        lines.append(f"| {row['task']} | {ids} | {' | '.join(cells)} | {row['load_before']:.0f} |")
    return lines


def _stages(*seconds: dict[str, float]) -> list[str]:
    names = list(seconds[0])
    lines = [f"| | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    for what, by_stage in zip(("wall time", "CPU time"), seconds, strict=True):
        lines.append(f"| {what} | {' | '.join(f'{by_stage[name]:.1f}' for name in names)} |")
    return lines
