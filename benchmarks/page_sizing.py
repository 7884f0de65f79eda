"""Writes docs/scale.md: the model behind `patron plan`, with its errors on the sizes that were measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "scale.md"

_NAMES = {
    "seconds": ("full run, seconds", 1),
    "daily_seconds": ("daily run, seconds", 1),
    "memory_mb": ("memory, GB", 1e-3),
    "disk_mb": ("disk, GB", 1e-3),
}

_START = """<!-- Written by `make bench` (benchmarks/page_sizing.py); change it there. -->

# How large, and when to move

    patron plan                                              # the project's own size
    patron plan --lines 1e8 --customers 1e7 --cores 8
    patron plan --lines 1e11 --customers 1e9 --workers 50 --core-hour 0.05 --gb-month 0.02

prints what a shop of a size takes: time, memory, disk and shuffle, on one machine with DuckDB and on workers with
Spark; up to how many lines the one machine is enough; how many workers a full run takes; and, where you name
prices, what a month costs. `--json` gives all of it to programs. No vendor's price is built in: the prices above
are an example.

## The model

Each quantity is a straight line in two numbers, with coefficients of at least 0:

    fixed + per line x order lines + per customer x customers

The coefficients have the least sum of squared relative errors over the measured shops, so a small shop counts as
much as a large one. They are in `src/patron/pipeline/sizing/measured.json`, each with the file that it was measured
in. The machine: {machine}.
"""

_ERRORS = """## How far off it is

Each size is left out in turn and predicted from the others. (Shops whose lines differ by less than a factor of 1.8
are one size.) The worst of these errors is the range of every estimate inside of what was measured.

A size is also predicted from two or more smaller ones alone. The worst of these errors, per power of ten, widens the
range for each power of ten that a shop lies beyond what was measured, in lines, in customers, or in lines per
customer; it is taken to be at least {decade:.2f}, by which a straight line through 1 and 10 million lines misses 100
million in a script of plain Spark (docs/benchmarks.md). So a range far out is wide, and no promise.
"""

_MACHINES = """## More cores, and Spark

A run of DuckDB does {serial:.1f} seconds of work on one core only (the median over the shops of twice the seconds
less the processor seconds); the rest is shared by the cores. Each core beyond the measured two adds between half
and all of what those did, likely three quarters. That is an assumption: more cores were not measured.

{spark}

Tasks are taken to be shared by the workers' cores with the same assumption as above; the range widens by {decade:.2f}
for each power of ten beyond. Not measured: more than one machine, skew between customers, daily runs.

Memory of a worker is its share of what DuckDB took; with less, Spark spills. Shuffle is what tasks write for other
tasks.

## When to move

Stay on one machine for as long as a daily run fits into the night: by these figures a cluster takes more core-hours
for the same. `patron plan` says up to how many lines that is, surely and at best. 100 million lines have been run on
two cores and 14 GB of memory. Beyond that, more cores and a larger disk come first; Spark comes when the lower end of
its range is below the upper end of the machine's.
"""


def write_page(found: Mapping[str, Any]) -> None:
    """Write the page from what `benchmarks.coefficients` found."""
    spark = found["spark"]
    parts = [
        _START.format(machine=found["machine"]),
        *_list_coefficients(found),
        "",
        _ERRORS.format(decade=spark["factor_per_decade"]),
        *_list_errors(found),
        "",
        _MACHINES.format(
            serial=found["serial_seconds"],
            spark="\n".join(_describe_spark(spark)),
            decade=spark["factor_per_decade"],
        ),
    ]
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def _list_coefficients(found: Mapping[str, Any]) -> Iterator[str]:
    yield "| quantity | fixed | per million lines | per million customers | range inside | wider per power of ten |"
    yield "|---|---:|---:|---:|---:|---:|"
    for quantity, (name, unit) in _NAMES.items():
        one = found["quantities"][quantity]
        per = [_write(one[part] * 1e6 * unit) for part in ("per_line", "per_customer")]
        cells = [
            name,
            _write(one["fixed"] * unit),
            *per,
            f"/ x {one['factor']:.2f}",
            f"x {one['factor_per_decade']:.2f}",
        ]
        yield f"| {' | '.join(cells)} |"


def _list_errors(found: Mapping[str, Any]) -> Iterator[str]:
    yield "| quantity | order lines | measured | from the other sizes | ratio | from smaller sizes | ratio |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for quantity, (name, unit) in _NAMES.items():
        stepped = {(one["lines"], one["measured"]): one for one in found["quantities"][quantity]["stepped_out"]}
        for one in found["quantities"][quantity]["left_out"]:
            step = stepped.get((one["lines"], one["measured"]))
            more = [_write(step["predicted"] * unit), f"{step['ratio']:.2f}"] if step else ["", ""]
            figures = [_write(one["measured"] * unit), _write(one["predicted"] * unit), f"{one['ratio']:.2f}"]
            yield f"| {' | '.join([name, format(one['lines'], ','), *figures, *more])} |"


_ASSUMED = """**patron on Spark was not measured at two sizes yet** (`python -m benchmarks.spark_scale` does), so these
are assumptions: the driver plans for {driver:.0f} seconds (ten to start and half a second for each of 145 tables);
tasks take {work} times the processor time of DuckDB for what follows lines and customers; and they shuffle {shuffle}
times what lies on the disk in the end."""

_MEASURED = """patron on Spark was measured in local mode, by Spark's own log of its tasks. The driver plans for
{driver:.0f} seconds, whatever the size. Tasks take {work} times the processor time of DuckDB for what follows lines
and customers, and shuffle {shuffle} times what lies on the disk in the end."""


def _describe_spark(spark: Mapping[str, Any]) -> Iterator[str]:
    ranges = {name: spark[key] for name, key in (("work", "work_by_duckdbs"), ("shuffle", "shuffle_by_disk"))}
    words = {
        name: f"{_write(one['low'])} to {_write(one['high'])} (likely {_write(one['likely'])})"
        for name, one in ranges.items()
    }
    text = _ASSUMED if spark["is_assumed"] else _MEASURED
    yield text.format(driver=spark["driver_seconds"], **words)
    if spark["points"]:
        yield ""
        yield from _list_spark(spark["points"])


def _list_spark(points: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| order lines | customers | processor seconds | of tasks | shuffled | disk |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for one in points:
        figures = [f"{one['lines']:,}", f"{one['customers']:,}", f"{one['cpu_seconds']:.0f}"]
        sizes = [f"{one[size]:,.0f} MB" for size in ("shuffle_mb", "disk_mb")]
        yield f"| {' | '.join([*figures, format(one['task_cpu_seconds'], '.0f'), *sizes])} |"


def _write(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
