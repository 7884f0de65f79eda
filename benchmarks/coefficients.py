"""Fits what runs take to lines and customers: python -m benchmarks.coefficients

Reads benchmarks/results and writes src/patron/pipeline/sizing/measured.json, with where each figure was measured, and
docs/scale.md. Each quantity is fixed + per_line x lines + per_customer x customers, none of them below 0, with the
least sum of squared relative errors. Its error is found by leaving out one size after the other.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from benchmarks.page import saved
from benchmarks.page_sizing import write_page

TARGET = Path(__file__).parent.parent / "src/patron/pipeline/sizing/measured.json"
QUANTITIES = ("seconds", "daily_seconds", "memory_mb", "disk_mb")
CORES = 2
"""Of the machine that measured."""

Point = dict[str, Any]


def list_points() -> list[Point]:
    """List the measured shops: where, lines, customers, and what was measured of QUANTITIES."""
    shops = list(_list_shops())
    return [*shops, *_list_sizes(), *_list_shops_of_many_lines(shops)]


def _list_shops() -> Iterator[Point]:
    for row in saved("shops")["rows"]:
        first = row["first"]
        yield {
            "where": f"results/shops.json: {row['shop']}, {row['lines']:,} lines",
            "lines": row["lines"],
            "customers": _find_customers(first["output"]),
            "seconds": first["seconds"],
            "cpu_seconds": first["cpu_seconds"],
            "memory_mb": first["peak_mb"],
            "disk_mb": row["disk_mb"],
        }


def _find_customers(output: str) -> int:
    """Find how many customers a run has fitted purchases to."""
    return int(re.search(r"([\d,]+) customers\)", output)[1].replace(",", ""))


def _list_sizes() -> Iterator[Point]:
    """List the sizes of benchmarks.scale from Parquet; those from CSV are of an earlier version that read it slower.

    The memory of a run at DuckDB's limit says nothing of what it would take.
    """
    found = saved("scale")
    limit = float(found["memory"].removesuffix("GB")) * 1000
    for row in found["rows"]:
        if row["kind"] == "parquet":
            older = ", earlier version" if row.get("older") else ""
            yield {
                "where": f"results/scale.json: {row['size']:,} lines{older}",
                "lines": row["lines"],
                "customers": row["customers"],
                "seconds": row["seconds"],
                "daily_seconds": row["daily_seconds"],
                **({"memory_mb": row["peak_mb"]} if row["peak_mb"] < limit else {}),
                "disk_mb": row["disk_mb"],
            }


def _list_shops_of_many_lines(shops: Sequence[Point]) -> Iterator[Point]:
    """List the shops of benchmarks.many_lines, with the seconds that they would take on an idle machine.

    Those are half of their processor seconds and the serial part. A shop that was measured busy and idle corrects them.
    """
    found = saved("many_lines")
    idle = next(one for one in shops if "parquet" in one["where"])["cpu_seconds"]
    for row in found["rows"]:
        busy = row["cpu_seconds"] * idle / found["reference_cpu_seconds"]
        yield {
            "where": f"results/many_lines.json: {row['lines']:,} lines, ten times as many a customer",
            "lines": row["lines"],
            "customers": row["customers"],
            "seconds": (busy + _find_serial(shops)) / CORES,
            "memory_mb": row["peak_mb"],
            "disk_mb": row["disk_mb"],
        }


def fit(points: Sequence[Point], quantity: str) -> tuple[float, float, float]:
    """Fit a quantity: fixed, per line, per customer."""
    rows = [point for point in points if quantity in point]
    values = np.array([row[quantity] for row in rows])
    design = np.array([[1.0, row["lines"], row["customers"]] for row in rows]) / values[:, None]
    scale = design.max(axis=0)
    found = nnls(design / scale, np.ones(len(rows)))[0] / scale
    return float(found[0]), float(found[1]), float(found[2])


def predict(coefficients: Sequence[float], point: Point) -> float:
    """Predict a quantity of a shop."""
    fixed, per_line, per_customer = coefficients
    return fixed + per_line * point["lines"] + per_customer * point["customers"]


def leave_out(points: Sequence[Point], quantity: str) -> list[dict[str, Any]]:
    """Predict each size from the others. A size is all shops whose lines differ by less than half a decade."""
    rows = sorted((point for point in points if quantity in point), key=lambda point: point["lines"])
    found = []
    for row in rows:
        rest = [other for other in rows if abs(math.log10(other["lines"] / row["lines"])) > 0.25]
        predicted = predict(fit(rest, quantity), row)
        found.append(_compare(row, quantity, predicted))
    return found


def step_out(points: Sequence[Point], quantity: str) -> list[dict[str, Any]]:
    """Predict each size from two or more that are smaller by half a decade or more, with as many lines a customer."""
    rows = sorted((point for point in points if quantity in point and _is_usual(point)), key=lambda one: one["lines"])
    found = []
    for row in rows:
        smaller = [other for other in rows if math.log10(row["lines"] / other["lines"]) > 0.5]
        if len({round(math.log10(other["lines"]), 1) for other in smaller}) >= 2:
            away = math.log10(row["lines"] / max(other["lines"] for other in smaller))
            found.append({**_compare(row, quantity, predict(fit(smaller, quantity), row)), "decades": away})
    return found


def _is_usual(point: Point) -> bool:
    """Whether a shop has about as many lines a customer as those of benchmarks.scale."""
    return 4 < point["lines"] / point["customers"] < 16


def _compare(row: Point, quantity: str, predicted: float) -> dict[str, Any]:
    return {
        "lines": row["lines"],
        "measured": row[quantity],
        "predicted": predicted,
        "ratio": predicted / row[quantity],
    }


def _worst(compared: Sequence[dict[str, Any]], by: Callable[[dict[str, Any]], float] = lambda _: 1.0) -> float:
    """Find the largest factor by which a prediction is off, per decade if `by` says how far away it was."""
    return math.exp(max(abs(math.log(one["ratio"])) / by(one) for one in compared))


def describe(points: Sequence[Point], quantity: str) -> dict[str, Any]:
    """Describe a quantity: its coefficients and errors."""
    fixed, per_line, per_customer = fit(points, quantity)
    left_out, stepped = leave_out(points, quantity), step_out(points, quantity)
    return {
        "fixed": fixed,
        "per_line": per_line,
        "per_customer": per_customer,
        "left_out": left_out,
        "stepped_out": stepped,
        "factor": _worst(left_out),
        "factor_per_decade": max(_worst(stepped, lambda one: one["decades"]), measure_bend()),
    }


def _find_serial(points: Sequence[Point]) -> float:
    """Find the seconds of a run on one core only: what all cores' time is more than processor time."""
    found = [CORES * point["seconds"] - point["cpu_seconds"] for point in points if "cpu_seconds" in point]
    return float(np.median(found))


MODELS = 145
"""Tables of a usual shop, each of which Spark plans."""

ASSUMED = {
    "driver_seconds": 10 + 0.5 * MODELS,
    "task_fixed_seconds": 0.0,
    "work_by_duckdbs": {"low": 1.0, "likely": 3.0, "high": 8.0},
    "shuffle_by_disk": {"low": 0.5, "likely": 2.0, "high": 6.0},
}
"""What stands for Spark until benchmarks.spark_scale has run: ten seconds to start and half a second a model, as
docs/engines.md states; what tasks take by what DuckDB takes for the same, and what they shuffle by what lies on the
disk in the end.
"""


def describe_spark(points: Sequence[Point]) -> dict[str, Any]:
    """Describe runs on Spark: the driver's part, the tasks' part as a multiple of DuckDB's, and what they shuffle."""
    measured = saved("spark_scale")
    found = _measure_spark(points, measured["rows"]) if measured else {"is_assumed": True, "points": [], **ASSUMED}
    return {**found, "factor_per_decade": measure_bend()}


def measure_bend() -> float:
    """Measure by how much a straight line through 1 and 10 million lines misses 100 million, in the plain Spark script.

    No quantity is taken to grow straighter than that over a power of ten.
    """
    plain = [row for row in saved("scale")["rows"] if row["kind"] == "parquet"]
    slope = (plain[1]["spark"] - plain[0]["spark"]) / (plain[1]["lines"] - plain[0]["lines"])
    straight = plain[1]["spark"] + slope * (plain[2]["lines"] - plain[1]["lines"])
    return _worst([{"ratio": straight / plain[2]["spark"]}])


def _measure_spark(points: Sequence[Point], rows: Sequence[Point]) -> dict[str, Any]:
    """Take the slopes between the smallest and the largest shop that were measured on Spark."""
    small, large = rows[0], rows[-1]
    more = CORES * (predict(fit(points, "seconds"), large) - predict(fit(points, "seconds"), small))
    work = (large["task_cpu_seconds"] - small["task_cpu_seconds"]) / more
    shuffled = large["shuffle_mb"] / predict(fit(points, "disk_mb"), large)
    factor = _worst(leave_out(points, "seconds"))
    return {
        "is_assumed": False,
        "points": [small, large],
        "driver_seconds": (large["cpu_seconds"] - large["task_cpu_seconds"]) / CORES,
        "task_fixed_seconds": small["task_cpu_seconds"],
        "work_by_duckdbs": {"low": work / factor, "likely": work, "high": work * factor},
        "shuffle_by_disk": {"low": shuffled / factor, "likely": shuffled, "high": shuffled * factor},
    }


def main() -> None:
    """Fit, and write the data file and the page."""
    points = list_points()
    found = {
        "machine": saved("scale")["machine"],
        "cores": CORES,
        "points": points,
        "serial_seconds": _find_serial(points),
        "quantities": {quantity: describe(points, quantity) for quantity in QUANTITIES},
        "spark": describe_spark(points),
    }
    TARGET.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_page(found)


if __name__ == "__main__":
    main()
