"""The section of docs/benchmarks.md on what a person waits for at a prompt."""

from __future__ import annotations

from typing import Any

_INTRODUCTION = """The median of {times} runs of each command, as a full process with start-up, on the demo shop."""


def short_commands_section(found: dict[str, Any]) -> str:
    """Return the section: one row for each command."""
    lines = ["| command | seconds | CPU | memory |", "|---|---:|---:|---:|"]
    for row in found["rows"]:
        lines.append(
            f"| {row['command']} | {row['seconds']:.2f} s | {row['cpu_seconds']:.2f} s | {row['peak_mb']:,.0f} MB |"
        )
    table = "\n".join(lines)
    return f"## Short commands\n\n{_INTRODUCTION.format(**found)}\n\n{table}\n"
