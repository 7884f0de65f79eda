"""The section of docs/benchmarks.md on a table on a PostgreSQL server."""

from __future__ import annotations

from typing import Any

_SAID = """A table of {rows:,} customers (8 columns, two of them text that does not compress) on a server on the same
machine ({machine}), so that the server and patron share the CPU; each step is a separate process. `CPU` is patron's
CPU time alone, without the server's.{load}"""
_WHERE = """Of the first landing, {read:.0f} s are reading: the server sends its rows over one connection, which keeps
one core busy, and DuckDB turns them into columns. The rest is writing Parquet into the lake on the other core; the
slower of the two determines the total. A full comparison reads the same rows, hashes them and compares them with bronze
({hash:.0f} s for reading and hashing alone), and writes only what changed. Of the wall
time of the first landing, patron's own work is {cpu:.0f} s of CPU time ({rate:,.0f} rows per second); the rest is
the server's work on the same cores, and that of others if the machine is shared."""


def postgres_section(found: dict[str, Any]) -> str:
    """Return the section: the table of benchmarks.postgres, and where the time goes."""
    steps = {step["step"]: step for step in found["steps"]}
    busy = found["load_before"] > 1
    load = f" The machine was shared (load {found['load_before']:.0f} before the start)." if busy else ""
    lines = ["| step | rows read | rows landed | seconds | rows read per second | CPU | memory |"]
    lines.append("|---|" + "---:|" * 6)
    for name, step in steps.items():
        cells = [f"{step['rows_read']:,}", f"{step['rows']:,}", f"{step['seconds']:.1f}"]
        cells += [f"{step['rows_read'] / step['seconds']:,.0f}", f"{step['cpu_seconds']:.1f} s"]
        lines.append(f"| {name} | {' | '.join(cells)} | {step['peak_mb']:,.0f} MB |")
    where = _WHERE.format(
        read=steps["reading alone"]["seconds"],
        cpu=steps["first landing"]["cpu_seconds"],
        rate=found["rows"] / steps["first landing"]["cpu_seconds"],
        hash=steps["reading and hashing alone"]["seconds"],
    )
    table = "\n".join(lines)
    return f"## A PostgreSQL table\n\n{_SAID.format(**found, load=load)}\n\n{table}\n\n{where}\n"
