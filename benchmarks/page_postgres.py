"""The section of docs/benchmarks.md on a table of a PostgreSQL server."""

from __future__ import annotations

from typing import Any

_SAID = """A table of {rows:,} customers (8 columns, two of them texts that do not compress) on a server on the same
{machine}, so that server and patron share the processor; each step is a process of its own. `processor` is patron's
alone, without the server's.{load}"""
_WHERE = """Of the first landing, {read:.0f} s are reading: the server writes its rows on one connection, which keeps
one core busy, and DuckDB makes columns of them. The rest is writing Parquet into the lake, on the other core; with
both at once, the slower of the two decides. A whole compare reads the same, hashes it against what bronze
holds ({hash:.0f} s for reading and hashing alone), and writes only what changed. Of the wall
time of the first landing, patron's own work is {cpu:.0f} s of processor ({rate:,.0f} rows a second of it); the rest is
the server's work on the same cores, and other people's where the machine is shared."""


def postgres_section(found: dict[str, Any]) -> str:
    """The table of benchmarks.postgres, and where the time goes."""
    steps = {step["step"]: step for step in found["steps"]}
    busy = found["load_before"] > 1
    load = f" The machine was shared (load {found['load_before']:.0f} before the start)." if busy else ""
    lines = ["| step | rows read | rows landed | seconds | rows read a second | processor | memory |"]
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
    return f"## A table of PostgreSQL\n\n{_SAID.format(**found, load=load)}\n\n{table}\n\n{where}\n"
