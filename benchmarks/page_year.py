"""The section of docs/benchmarks.md on a year of daily runs."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

_TOLD = (1, 30, 90, 180, 365)
_AROUND = 5
_INTRODUCTION = """A small shop (about 15 receipts a day, 400 customers) that ran once a day for {days} days, by default
settings but for `lake_days: 0`: the days passed within an hour, on a machine that was busy otherwise. Times and memory
are medians of the runs around the day. From day 90 on purchases are predicted. The lake keeps an entry of its log for
each landing; that of the label history is cleaned after 30 days, which did not pass here."""
_NAMES = ("day", "seconds", "CPU seconds", "peak MB", "files", "of the lake", "of the history")
_SIZES = ("MB", "of the lake", "of the warehouse")
_HEAD = f"| {' | '.join([*_NAMES, *_SIZES])} |\n|{'---:|' * len([*_NAMES, *_SIZES])}"


def year_section(found: dict[str, Any]) -> str:
    """Return the section."""
    days = found["days"]
    table = "\n".join([_HEAD, *_rows(days)])
    return f"## A year of daily runs\n\n{_INTRODUCTION.format(days=len(days))}\n\n{table}\n"


def _rows(days: list[dict[str, Any]]) -> Iterator[str]:
    for day in days:
        if day["day"] in _TOLD:
            yield _row(day, [one for one in days if abs(one["day"] - day["day"]) <= (day["day"] > 1) * _AROUND])


def _row(day: dict[str, Any], around: list[dict[str, Any]]) -> str:
    seconds, cpu, peak = (
        statistics.median(one[name] for one in around) for name in ("seconds", "cpu_seconds", "peak_mb")
    )
    files, sizes = day["files"], day["sizes"]
    counts = f"{sum(files.values()):,} | {files['lake']:,} | {files['history']:,}"
    megabytes = f"{sum(sizes.values()) / 1e6:.1f} | {sizes['lake'] / 1e6:.2f} | {sizes['warehouse.duckdb'] / 1e6:.1f}"
    return f"| {day['day']} | {seconds:.1f} | {cpu:.1f} | {peak:.0f} | {counts} | {megabytes} |"
