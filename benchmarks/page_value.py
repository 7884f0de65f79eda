"""The section of docs/benchmarks.md on valuing an orders table."""

from __future__ import annotations

from typing import Any

_SAID = """`patron value`: from one Parquet file of orders (order, customer, time, amount; in the order of
time) to a Parquet file of every customer with 26 predicted columns, on {machine}, two threads; whole processes.
`scan` reads the three columns that are needed and sums them. `times the scan` is by processor seconds, which a
busy machine distorts less than it does the clock; `load` is how many processes wanted to run just before: above
2, seconds by the clock are those of a shared machine, and processor seconds are inflated too."""
_STAGES = "Seconds by the clock, and of the processor, of each stage of `value` (whole numbers, same run):"
_WHY = """Where the time goes, and the floor. DuckDB's group-by holds every customer-day in a hash table
(the line `group-by in SQL` counts exact purchase days, and stops there; the engine has 2 GB, and spills).
`value` makes one 64-bit number of each order (customer, day, amount), takes them out of the engine as they are
read, and sorts them in place: numpy's vectorised sort does 40 million a second on two cores, and runs in the
sorted numbers are customers and days. The floor is to read and unpack the three columns, as the scan does, and
to write the result. Text ids are first numbered, by a table of distinct ids and a join."""
_FIT = """The fit looks at every cell: at {customers:,} customers all {cells:,} took {exact:.1f} s by the
clock, logarithmic bins of at most 1.6% {binned:.1f} s, and bins moved a parameter by up to {off:.2f} standard
errors (they are narrow, but so are standard errors of so many customers)."""
_SCORES = """`scores` is the middle part alone, on a table of customers in a DuckDB file: group to cells, score each
with a fitted model, join back as a table of {columns} columns, not compressed. At 10 million customers writing
that table takes DuckDB 8 to 9 s of it (so long takes a plain copy of it, too: 220 million doubles, of each
of which it looks whether it is the least or the greatest), the join 3 s, the scores 6 s."""


def value_section(found: dict[str, Any]) -> str:
    """The tables of benchmarks.value, one a size."""
    parts = ["## From orders to predicted value", _SAID.format(machine=found["machine"])]
    for size in found["sizes"]:
        parts.append(f"**{size['customers']:,} customers, {size['orders']:,} orders**")
        parts.append("\n".join(_table(size["rows"])))
    largest = found["sizes"][-1]
    rows = {row["labour"]: row for row in reversed(largest["rows"]) if "told" in row}
    told = rows["value"]["told"]
    parts += [_STAGES, "\n".join(_stages(told["seconds"], told["processor_seconds"])), _WHY]
    if "fit" in rows and "scores" in rows:
        told = rows["fit"]["told"]
        off = max(abs(value) for value in told["off"].values())
        cells = rows["scores"]["told"]["cells"]
        parts.append(_FIT.format(customers=largest["customers"], cells=cells, off=off, **told["seconds"]))
        parts.append(_SCORES.format(columns=24))
    return "\n\n".join(parts) + "\n"


def _table(rows: list[dict[str, Any]]) -> list[str]:
    lines = ["| labour | ids | seconds | processor | times the scan | memory | load |", "|---|---|" + "---:|" * 5]
    scan = 0.0
    for row in rows:
        ids = "text" if row.get("as_text") else "whole numbers"
        if "failed" in row:
            lines.append(f"| {row['labour']} | {ids} | failed: {row['failed']} | | | | |")
            continue
        if row["labour"].startswith("scan"):
            scan = row["cpu_seconds"]
        if row["labour"] in ("customers", "fit"):
            continue
        times = f"{row['cpu_seconds'] / scan:.1f}"
        cells = [f"{row['seconds']:.1f}", f"{row['cpu_seconds']:.1f} s", times, f"{row['peak_mb']:,.0f} MB"]
        lines.append(f"| {row['labour']} | {ids} | {' | '.join(cells)} | {row['load_before']:.0f} |")
    return lines


def _stages(*seconds: dict[str, float]) -> list[str]:
    names = list(seconds[0])
    lines = [f"| | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
    for what, by_stage in zip(("clock", "processor"), seconds, strict=True):
        lines.append(f"| {what} | {' | '.join(f'{by_stage[name]:.1f}' for name in names)} |")
    return lines
