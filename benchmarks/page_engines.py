"""Writes the section of docs/benchmarks.md on DuckDB and Spark side by side."""

from __future__ import annotations

from typing import Any

_SAID = """The same simulated shop (Parquet) on each engine, on {machine}, with `memory_limit: 8GB` and every data
test: a full run, and one day of 1% more lines (`as_of: latest`, so that every customer's days and scores change
too). Each was run once, in a process of its own with all that it starts; Spark runs in local mode. `load` is the
number of processes waiting to run just before. **The machine was shared**: read the processor seconds, which a
busy machine inflates less than wall time."""

_NAMES = ("order lines", "engine", "full run", "CPU", "memory", "one day", "CPU", "memory", "models", "load")


def engines_section(found: dict[str, Any]) -> str:
    """Return the section of benchmarks.engines."""
    lines = [f"| {' | '.join(_NAMES)} |", "|---:|---|" + "---:|" * (len(_NAMES) - 2)]
    lines += [f"| {' | '.join(_cells(row))} |" for row in found["rows"]]
    table = "\n".join(lines)
    return f"## DuckDB and Spark side by side\n\n{_SAID.format(**found)}\n\n{table}\n"


def _cells(row: dict[str, Any]) -> list[str]:
    runs = [
        cell
        for name in ("full", "day")
        for cell in (f"{row[f'{name}_seconds']:,.0f} s", f"{row[f'{name}_cpu']:,.0f} s", f"{row[f'{name}_mb']:,.0f} MB")
    ]
    return [f"{row['full_lines']:,}", row["engine"], *runs, f"{row['full_models']}", f"{row['load']}"]
