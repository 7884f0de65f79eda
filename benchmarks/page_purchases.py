"""The section of docs/benchmarks.md on purchase models."""

from __future__ import annotations

from typing import Any

_SAID = """Simulated histories of a BG/NBD shop, two years of days, on {machine}; each fit in a process of its own that
has fitted 1,000 customers before, so that no start and no compiler counts.{load} `exact` looks at every customer;
`binned` stops at logarithmic bins of at most 1.6%; it pays where cells are many, for the exact fit is cheap.
Aggregation is within the seconds of both. `times` is how many times as long a line took as patron's exact fit of the
same model (or its value), by the clock. `below best` is how far the log-likelihood lies under patron's exact one,
`off` the farthest parameter from it, in standard errors. pymc-marketing has flat priors, so that its MAP is the
maximum likelihood too."""
_VALUE = """`clv` is 36 months of discounted purchases of every customer (10% a year; patron discounts from the middle
of each month, lifetimes from its end)."""
_OURS = {"BGNBD": "patron BGNBD", "ParetoNBD": "patron ParetoNBD", "clv": "patron clv"}


def purchases_section(found: dict[str, Any]) -> str:
    """The tables of benchmarks.purchases, one a size."""
    busy = found["load_before"] > 2
    load = f" The machine was shared (load {found['load_before']:.0f} before the start)." if busy else ""
    parts = ["## Purchase models", _SAID.format(machine=found["machine"], load=load) + " " + _VALUE]
    if found["pymc_missing"]:
        parts.append(f"pymc-marketing did not install here: {found['pymc_missing']}")
    for size in found["sizes"]:
        parts.append(f"**{size['customers']:,} customers**")
        parts.append("\n".join(_table(size["rows"])))
    return "\n\n".join(parts) + "\n"


def _table(rows: list[dict[str, Any]]) -> list[str]:
    seconds = {row["labour"]: row["seconds"] for row in rows if "seconds" in row}
    lines = ["| fit | seconds | processor | memory | times | below best | off |", "|---|" + "---:|" * 6]
    for row in rows:
        if "failed" in row:
            lines.append(f"| {row['labour']} | failed: {row['failed']} | | | | | |")
            continue
        ours = next(ours for model, ours in _OURS.items() if model in row["labour"])
        cells = [f"{row['seconds']:.2f}", f"{row['cpu_seconds']:.2f} s", f"{row['peak_mb']:,.0f} MB"]
        cells.append(f"{row['seconds'] / seconds[ours]:,.1f}" if ours in seconds else "")
        cells.append(f"{row['below_best']:.2g}" if "below_best" in row else "")
        cells.append(f"{row['standard_errors_off']:.2g}" if "standard_errors_off" in row else "")
        lines.append(f"| {row['labour']} ({row['version']}) | {' | '.join(cells)} |")
    return lines
