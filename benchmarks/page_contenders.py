"""The section of docs/benchmarks.md on what stands beside the plain purchase models."""

from __future__ import annotations

from typing import Any

_SAID = """What a run does beside fitting a plain model, each for {customers:,} simulated customers of two years, on
{machine}: processor seconds in a process that has done the same for 2,000. Customers with equal histories are grouped
before, as engines do. Each of them is to take 10 s or less, or is not a run's default: the
[Pareto/GGG](purchase_models.md#regularity-of-each-customer) takes {minutes:.0f} minutes at a million customers by its
rate at {largest:,}, and is used by no run ([decision 0166](decisions/0166-pareto-ggg-is-for-the-library.md)). Of its
2 x 2,500 steps and 200 draws of a year, which are alike, one in 20 and one in 10 were taken, and the seconds
multiplied."""


def contenders_section(found: dict[str, Any]) -> str:
    """Return the section: a row per part of each task."""
    largest = max((row for row in found["rows"] if row["task"] == "Pareto/GGG"), key=lambda row: row["customers"])
    fits = [row for row in found["rows"] if row["task"] == "Pareto/GGG" and row["customers"] == largest["customers"]]
    minutes = sum(row["cpu_seconds"] for row in fits) / largest["customers"] * 1e6 / 60
    said = _SAID.format(
        customers=max(row["customers"] for row in found["rows"]),
        machine=found["machine"],
        minutes=minutes,
        largest=largest["customers"],
    )
    lines = ["| model | part | customers | CPU | memory |", "|---|---|---:|---:|---:|"]
    for row in found["rows"]:
        cells = f"{row['customers']:,}", f"{row['cpu_seconds']:.1f} s", f"{row['peak_mb']:,.0f} MB"
        lines.append(f"| {row['task']} | {row['part']} | {' | '.join(cells)} |")
    return "\n\n".join(["## Beside the purchase models", said, "\n".join(lines)]) + "\n"
