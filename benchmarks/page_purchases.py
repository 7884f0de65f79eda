"""The section of docs/benchmarks.md on purchase models."""

from __future__ import annotations

from typing import Any

_SAID = """Simulated histories of a BG/NBD shop over two years, on {machine}. Each fit runs in a process that has
already fitted 1,000 customers, so that neither start-up nor compilation counts.{load} The exact fit uses every
customer; `binned` uses logarithmic bins of at most 1.6%, which helps only with many cells, since the exact fit is
cheap. Both times include aggregation. `times` is the wall time relative to patron's exact fit of the same model (or
its value). `below best` is how far the log-likelihood is below patron's exact one, and `off` the largest distance of
a parameter from it, in standard errors. pymc-marketing has flat priors, so its MAP is the maximum likelihood
estimate too."""
_VALUE = """`clv` is 36 months of discounted purchases of every customer (10% per year; patron discounts from the middle
of each month, lifetimes from its end)."""
_OURS = {"BGNBD": "patron BGNBD", "ParetoNBD": "patron ParetoNBD", "clv": "patron clv"}


def purchases_section(found: dict[str, Any]) -> str:
    """Return the section: one table per size."""
    busy = found["load_before"] > 2
    load = f" The machine was shared (load {found['load_before']:.0f} before the start)." if busy else ""
    parts = ["## Purchase models", _SAID.format(machine=found["machine"], load=load) + " " + _VALUE]
    if found["pymc_missing"]:
        parts.append(f"pymc-marketing could not be installed: {found['pymc_missing']}")
    for size in found["sizes"]:
        parts.append(f"**{size['customers']:,} customers**")
        parts.append("\n".join(_table(size["rows"])))
    return "\n\n".join(parts) + "\n"


def _table(rows: list[dict[str, Any]]) -> list[str]:
    seconds = {row["task"]: row["seconds"] for row in rows if "seconds" in row}
    lines = ["| fit | seconds | CPU | memory | times | below best | off |", "|---|" + "---:|" * 6]
    for row in rows:
        if "failed" in row:
            lines.append(f"| {row['task']} | failed: {row['failed']} | | | | | |")
            continue
        ours = next(ours for model, ours in _OURS.items() if model in row["task"])
        cells = [f"{row['seconds']:.2f}", f"{row['cpu_seconds']:.2f} s", f"{row['peak_mb']:,.0f} MB"]
        cells.append(f"{row['seconds'] / seconds[ours]:,.1f}" if ours in seconds else "")
        cells.append(f"{row['below_best']:.2g}" if "below_best" in row else "")
        cells.append(f"{row['standard_errors_off']:.2g}" if "standard_errors_off" in row else "")
        lines.append(f"| {row['task']} ({row['version']}) | {' | '.join(cells)} |")
    return lines
