"""The section of docs/benchmarks.md on Kafka topics."""

from __future__ import annotations

from typing import Any

_WHERE = """A commit costs some 35 ms of CPU time whatever it holds: most of it is opening the Delta table, writing a
Parquet file and asking for the topics' ids. So large batches land at the speed at which JSON becomes columns, and
batches of 1,000 messages at that of commits."""
_SAID = """{messages:,} receipt lines of some 200 bytes, as JSON in two partitions of a broker on the same machine
({machine}), landed by a process each, its start included. A bare consumer (confluent-kafka) reads the same messages and
does nothing with them. `CPU` is the process's own time, without the broker's; the ratios are to the bare
consumer's.{load}"""


def topics_section(found: dict[str, Any]) -> str:
    """Return the section: the table of benchmarks.topics."""
    bare = found["steps"][0]
    load = (
        f" The machine was shared (load {found['load_before']:.0f} before the start)."
        if found["load_before"] > 1
        else ""
    )
    lines = [
        "| step | seconds | messages per second | CPU | CPU, ratio | time, ratio | memory |",
        "|---|" + "---:|" * 6,
    ]
    for step in found["steps"]:
        cells = [
            f"{step['seconds']:.1f}",
            f"{found['messages'] / step['seconds']:,.0f}",
            f"{step['cpu_seconds']:.1f} s",
        ]
        cells += [f"{step[name] / bare[name]:.1f}" for name in ("cpu_seconds", "seconds")]
        lines.append(f"| {step['step']} | {' | '.join(cells)} | {step['peak_mb']:,.0f} MB |")
    table = "\n".join(lines)
    return f"## Kafka topics\n\n{_SAID.format(**found, load=load)}\n\n{table}\n\n{_WHERE}\n"
