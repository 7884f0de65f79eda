"""Writes docs/benchmarks.md from the measurements in benchmarks/results: python -m benchmarks.page"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.measure import Measured
from benchmarks.page_affinity import affinity_section
from benchmarks.page_contenders import contenders_section
from benchmarks.page_dashboard import dashboard_section
from benchmarks.page_engines import engines_section
from benchmarks.page_postgres import postgres_section
from benchmarks.page_purchases import purchases_section
from benchmarks.page_scale import daily_sections, scale_sections
from benchmarks.page_short_commands import short_commands_section
from benchmarks.page_topics import topics_section
from benchmarks.page_value import value_section
from benchmarks.page_year import year_section

_INTRODUCTION = """Written by `make bench` on {machine}; {versions}.
Each figure in the first tables is {of_runs} of a full process, including start-up. Machines differ, and one machine's
speed varies: read the ratios, which come from one run of this page.
"""
_FIRST = """From source files to published gold: every row landed in the lake, every model built, every data test run.
`nothing new` is the same command again."""
_OLDER = """
These shops were measured with an earlier version, at a time when the machine was half as fast: do not compare their
seconds with other tables."""
_SHARES = """Shares of the wall time. `start` is Python and its libraries; `plan` is compiling the models of a new
project, whatever its size; `silver to gold` is every model, every data test and the predictions."""
_BY_HAND = """`benchmarks/by_hand.py` is the script that an analyst would write with pandas and lifetimes: RFM with
scores, formula CLV, BG/NBD and Gamma-Gamma, DAU, WAU and MAU. It reads the same CSV files, and has no lake, no
quarantine, no tests, no products, no daily figures, no ledger, no history, no churn model and no clusters, and it
does not evaluate its own forecasts. So the two do not do the same work; the ratio shows what the rest costs."""


@dataclass(frozen=True)
class Row:
    """One shop: a run from nothing to gold, another with nothing new, and the hand-written script."""

    shop: str
    lines: int
    first: Measured
    again: Measured
    by_hand: Measured | None
    disk_mb: float

    @property
    def stages(self) -> dict[str, float]:
        """Return the seconds of each stage, as the run reports them."""
        return dict(json.loads(self.first.output)["seconds"])


RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def save(name: str, found: dict[str, Any]) -> None:
    """Store one benchmark's measurements."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def saved(name: str) -> dict[str, Any] | None:
    """Return one benchmark's last measurements; None if it was never run."""
    path = RESULTS / f"{name}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


_OF_ONE_BENCHMARK = {
    "engines": engines_section,
    "year": year_section,
    "postgres": postgres_section,
    "topics": topics_section,
    "affinity": affinity_section,
    "purchases": purchases_section,
    "contenders": contenders_section,
    "value": value_section,
    "dashboard": dashboard_section,
}
"""The sections that need one benchmark each, in the order of the page."""


def page() -> str:
    """Return the page as Markdown, with every benchmark that was measured."""
    sections = ["# Benchmarks\n"]
    shops, scale, daily = saved("shops"), saved("scale"), saved("daily")
    if shops:
        rows = [_read(row) for row in shops["rows"]]
        sections += [
            _INTRODUCTION.format(**shops, of_runs=_of_runs(shops["times"])),
            f"## From nothing to gold\n\n{_FIRST}{_OLDER if shops.get('older') else ''}\n\n{_lines(_first(rows))}",
            f"## Where the time goes\n\n{_SHARES}\n\n{_lines(_shares(rows))}",
            f"## Compared with a hand-written script\n\n{_BY_HAND}\n\n{_lines(_against(rows))}",
            crossing(rows),
        ]
    if short_commands := saved("short_commands"):
        sections.append(short_commands_section(short_commands))
    if scale:
        sections += scale_sections(scale)
    if daily:
        sections += daily_sections(daily)
    sections += [section(found) for name, section in _OF_ONE_BENCHMARK.items() if (found := saved(name))]
    return "\n".join(sections)


def _of_runs(times: int) -> str:
    return "one run" if times == 1 else f"the median of {times} runs"


def _read(row: dict[str, Any]) -> Row:
    by_hand = row["by_hand"] and Measured(**row["by_hand"])
    measured = {"first": Measured(**row["first"]), "again": Measured(**row["again"]), "by_hand": by_hand}
    return Row(**{**row, **measured})


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


def _lines(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _header(*names: str) -> str:
    return f"{_row(*names)}\n|---|{'---:|' * (len(names) - 1)}"


def _first(rows: list[Row]) -> Iterator[str]:
    yield _header("shop", "order lines", "seconds", "lines per second", "CPU", "memory", "on disk", "nothing new")
    for row in rows:
        yield _row(
            row.shop,
            f"{row.lines:,}",
            f"{row.first.seconds:.1f}",
            f"{row.lines / row.first.seconds:,.0f}",
            f"{row.first.cpu_seconds:.1f} s",
            f"{row.first.peak_mb:,.0f} MB",
            f"{row.disk_mb:,.0f} MB",
            f"{row.again.seconds:.2f} s",
        )


def _shares(rows: list[Row]) -> Iterator[str]:
    names = list(dict.fromkeys(name for row in rows for name in row.stages))
    yield _header("shop", "order lines", "start", *names)
    for row in rows:
        whole = row.first.seconds
        start = (whole - sum(row.stages.values())) / whole
        yield _row(row.shop, f"{row.lines:,}", f"{start:.0%}", *(f"{row.stages.get(n, 0) / whole:.0%}" for n in names))


def _against(rows: list[Row]) -> Iterator[str]:
    yield _header("shop", "order lines", "patron", "script", "patron / script", "memory / script")
    for row in rows:
        if row.by_hand is not None:
            ratio, memory = row.first.seconds / row.by_hand.seconds, row.first.peak_mb / row.by_hand.peak_mb
            seconds = f"{row.first.seconds:.1f} s", f"{row.by_hand.seconds:.1f} s"
            yield _row(row.shop, f"{row.lines:,}", *seconds, f"{ratio:.1f}", f"{memory:.1f}")


def crossing(rows: list[Row]) -> str:
    """Extrapolate at how many lines patron and the script take equally long."""
    pairs = [(r.lines, r.first.seconds, r.by_hand.seconds) for r in rows if r.by_hand and "simulated" in r.shop]
    if len(pairs) < 2:
        return ""
    (n0, p0, h0), (n1, p1, h1) = pairs[0], pairs[-1]
    slope_patron, slope_hand = (p1 - p0) / (n1 - n0), (h1 - h0) / (n1 - n0)
    growth = (
        f"Each further million lines takes patron {slope_patron * 1e6:.2f} s and the script {slope_hand * 1e6:.2f} s."
    )
    if slope_patron >= slope_hand:
        return f"{growth} The script is faster at every size that fits in its memory.\n"
    meet = n0 + (p0 - h0) / (slope_hand - slope_patron)
    return f"{growth} Extrapolated, the two are equal at {meet / 1e6:.1f} million order lines.\n"


def machine() -> str:
    """Describe the machine: cores, memory and system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, {platform.system()}"


def versions() -> str:
    """List the versions of the libraries that the figures depend on."""
    named = ("duckdb", "deltalake", "dbt-core", "dbt-duckdb", "pyarrow", "pandas", "lifetimes")
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {metadata.version(name)}" for name in named)])


if __name__ == "__main__":
    main()
