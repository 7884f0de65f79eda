"""The sections of docs/benchmarks.md on size and on daily runs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

_SCALE = """One simulated shop of each size, Parquet and CSV, from files to published gold with every data test, on
{machine}, with `memory_limit: {memory}`; each was run once. `scan` is the lower bound: reading the same bronze table
and summing quantity x price in DuckDB. `daily run` takes in 1% more lines, the last days of the year (`as_of:
latest`, so that every customer's days and scores change too). A row marked `older` was measured with an earlier
version, when the machine had another speed: use its ratios, and do not compare it with other rows."""
_HAND = """Hand-written scripts: pandas (`benchmarks/by_hand.py`, at most 20 GiB) and plain Spark in local mode with
2 cores (`benchmarks/by_hand_spark.py`, without the purchase models). Neither has a lake, tests or history."""
ACCOUNT = Path(__file__).parent / "account.md"
"""Why the most expensive steps take so long. Written by hand after each profile."""

_SIZE_NAMES = (
    *("format", "order lines", "customers", "seconds", "lines per second", "memory", "on disk"),
    *("scan", "run / scan", "daily run", "daily run / run"),
)


def scale_sections(found: dict[str, Any]) -> list[str]:
    """Return the sections with the tables of benchmarks.scale."""
    rows = found["rows"]
    return [
        f"## Size\n\n{_SCALE.format(**found)}\n\n{_lines(_sizes(rows))}",
        _exponents(rows),
        f"### Seconds by stage\n\n{_lines(_stages(rows))}",
        ACCOUNT.read_text(encoding="utf-8"),
        f"### Hand-written scripts\n\n{_HAND}\n\n{_lines(_hands(rows))}",
    ]


def daily_sections(found: dict[str, Any]) -> list[str]:
    """Return the section on a year of daily runs."""
    seconds = found["seconds"]
    tenth = len(seconds) // 10
    first, last = statistics.median(seconds[1 : 1 + tenth]), statistics.median(seconds[-tenth:])
    same = "equal to those of a full build" if not found["different"] else f"not equal: {found['different']}"
    said = (
        f"The {len(seconds)} real files, one per run, each run in its own process: "
        f"median {statistics.median(seconds):.2f} s, slowest {max(seconds):.2f} s "
        f"(median of the first tenth of the runs {first:.2f} s, of the last tenth {last:.2f} s). "
        f"Afterwards all {found['tables']} gold tables are {same}."
    )
    return [f"## One file per day\n\n{said}\n"]


def _sizes(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield f"| {' | '.join(_SIZE_NAMES)} |"
    yield "|---|" + "---:|" * (len(_SIZE_NAMES) - 1)
    for row in rows:
        day = row["daily_seconds"]
        cells = [
            _kind(row),
            f"{row['lines']:,}",
            f"{row['customers']:,}",
            f"{row['seconds']:.0f}",
            f"{row['lines'] / row['seconds']:,.0f}",
            f"{row['peak_mb'] / 1000:.1f} GB",
            f"{row['disk_mb'] / 1000:.1f} GB",
            f"{row['scan_seconds']:.2f} s",
            f"{row['seconds'] / row['scan_seconds']:,.0f}",
            f"{day:.1f} s" if day else "",
            f"{day / row['seconds']:.0%}" if day else "",
        ]
        yield f"| {' | '.join(cells)} |"


def _exponents(rows: list[dict[str, Any]]) -> str:
    said = []
    known = [row for row in rows if not row.get("older")]
    for kind in dict.fromkeys(str(row["kind"]) for row in known):
        sized = [row for row in known if row["kind"] == kind]
        for small, large in [(sized[0], sized[-1]), *pairwise(sized)]:
            if large is not small:
                exponent = math.log(large["seconds"] / small["seconds"]) / math.log(large["lines"] / small["lines"])
                said.append(f"{kind}, {small['lines'] / 1e6:.0f} to {large['lines'] / 1e6:.0f} million: {exponent:.2f}")
    return f"Growth exponents (1 is linear): {'; '.join(dict.fromkeys(said))}.\n"


def _stages(rows: list[dict[str, Any]]) -> Iterator[str]:
    names = list(dict.fromkeys(name for row in rows for name in row["stages"]))
    yield f"| format | order lines | {' | '.join(names)} |"
    yield "|---|" + "---:|" * (len(names) + 1)
    for row in rows:
        seconds = [f"{row['stages'].get(name, 0):.1f}" for name in names]
        yield f"| {_kind(row)} | {row['lines']:,} | {' | '.join(seconds)} |"


def _hands(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "| format | order lines | patron | pandas | plain Spark |"
    yield "|---|---:|---:|---:|---:|"
    for row in rows:
        hands = [_hand(row["pandas"]), _hand(row["spark"])]
        yield f"| {_kind(row)} | {row['lines']:,} | {row['seconds']:.0f} s | {' | '.join(hands)} |"


def _kind(row: dict[str, Any]) -> str:
    """Return the format, marked as older for rows that were measured with an earlier version."""
    return f"{row['kind']}, older" if row.get("older") else str(row["kind"])


def _hand(found: float | str | None) -> str:
    return f"{found:.0f} s" if isinstance(found, float | int) else found or ""


def _lines(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"
