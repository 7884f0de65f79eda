"""Estimates time, memory, disk, shuffle and cost of a shop of any size, on one machine and on a cluster."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from patron.pipeline.sizing.measured import Range, Shop, count_decades_beyond, estimate, load_measured

_EFFICIENCY = {"low": 1.0, "likely": 0.75, "high": 0.5}
"""What each core beyond the measured two adds, of what those did: assumed, since no more were measured."""

_DAYS = 30
_MOST_WORKERS = 100_000


@dataclass(frozen=True)
class Setting:
    """The machines and prices that somebody thinks of.

    cores, memory_gb: of the one machine. workers, worker_cores: of the cluster. hours: in which a daily run must be
    done. core_hour, gb_month: prices in any currency; 0 for not asked.
    """

    cores: int = 2
    memory_gb: float = 16
    workers: int = 4
    worker_cores: int = 4
    hours: float = 4
    core_hour: float = 0
    gb_month: float = 0


@dataclass(frozen=True)
class OneMachine:
    """Runs of DuckDB. spill_gb: what does not fit into memory goes to the disk."""

    full_hours: Range
    daily_hours: Range
    memory_gb: Range
    disk_gb: Range
    spill_gb: Range
    full_core_hours: Range


@dataclass(frozen=True)
class Cluster:
    """Full runs of Spark. memory_gb: of each worker, to hold its share without spilling."""

    full_hours: Range
    shuffle_gb: Range
    memory_gb: Range
    disk_gb: Range
    full_core_hours: Range


@dataclass(frozen=True)
class Sizing:
    """The whole estimate.

    decades_beyond: powers of ten beyond what was measured on one machine. stays_until: lines, with as many a customer
    as here, up to which daily runs on the one machine are done in time: surely, likely, and at best. workers: how many
    do a full run in time: at best, likely, and surely; None where no number does. month: prices of a month, by place.
    """

    shop: Shop
    setting: Setting
    decades_beyond: float
    one_machine: OneMachine
    cluster: Cluster
    stays_until: Range
    workers: dict[str, int | None]
    month: dict[str, Range]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def size(shop: Shop, setting: Setting) -> Sizing:
    """Estimate everything for a shop and a setting."""
    one, many = estimate_machine(shop, setting), estimate_cluster(shop, setting)
    return Sizing(
        shop,
        setting,
        count_decades_beyond(shop, load_measured()["points"]),
        one,
        many,
        _find_stay(shop, setting),
        _count_workers(shop, setting),
        _price_month(setting, one, many),
    )


def estimate_machine(shop: Shop, setting: Setting) -> OneMachine:
    """Estimate DuckDB on one machine."""
    full, daily = (
        _on_cores(estimate(name, shop), setting.cores, load_measured()["quantities"][name]["fixed"])
        for name in ("seconds", "daily_seconds")
    )
    memory = estimate("memory_mb", shop).times(1e-3)
    spill = Range(*(max(0.0, need - setting.memory_gb) for need in asdict(memory).values()))
    disk = estimate("disk_mb", shop).times(1e-3)
    return OneMachine(full, daily, memory, disk, spill, full.times(setting.cores))


def _on_cores(seconds: Range, cores: int, fixed: float) -> Range:
    """Turn seconds on the machine that measured into hours on so many cores, which share all but the serial part."""
    measured = load_measured()
    serial = min(measured["serial_seconds"], fixed)

    def compute(name: str, value: float) -> float:
        beyond = (cores - measured["cores"]) * (_EFFICIENCY[name] if cores > measured["cores"] else 1.0)
        parallel = max(0.0, value - serial) * measured["cores"]
        return float(min(serial, value) + parallel / (measured["cores"] + beyond)) / 3600

    return Range(*(compute(name, value) for name, value in asdict(seconds).items()))


def estimate_cluster(shop: Shop, setting: Setting) -> Cluster:
    """Estimate Spark on workers: the driver plans for as long as on one machine, and tasks are shared out."""
    driver, cores = load_measured()["spark"]["driver_seconds"], setting.workers * setting.worker_cores
    tasks = asdict(_estimate_tasks(shop))
    hours = Range(*((driver + value / cores / _EFFICIENCY[name]) / 3600 for name, value in tasks.items()))
    disk = estimate("disk_mb", shop).times(1e-3)
    return Cluster(
        hours,
        _multiply(disk, load_measured()["spark"]["shuffle_by_disk"]),
        estimate("memory_mb", shop).times(1e-3 / setting.workers),
        disk,
        hours.times(cores),
    )


def _estimate_tasks(shop: Shop) -> Range:
    """Estimate the core-seconds of Spark's tasks, as a multiple of what DuckDB takes beyond its fixed part."""
    measured = load_measured()
    spark, seconds = measured["spark"], estimate("seconds", shop)
    fixed = measured["quantities"]["seconds"]["fixed"]
    duckdb = Range(*(measured["cores"] * max(0.0, value - fixed) for value in asdict(seconds).values()))
    far = spark["factor_per_decade"] ** count_decades_beyond(shop, spark["points"] or measured["points"])
    tasks = _multiply(duckdb, spark["work_by_duckdbs"])
    fixed_of_tasks = spark["task_fixed_seconds"]
    return Range(tasks.low / far + fixed_of_tasks, tasks.likely + fixed_of_tasks, tasks.high * far + fixed_of_tasks)


def _multiply(one: Range, by: dict[str, float]) -> Range:
    return Range(*(value * by[name] for name, value in asdict(one).items()))


def _find_stay(shop: Shop, setting: Setting) -> Range:
    """Find up to how many lines a daily run on the one machine is done in time."""
    ratio = shop.lines / shop.customers

    def find(name: str) -> float:
        def is_done(lines: float) -> bool:
            hours = estimate_machine(Shop(lines, lines / ratio), setting).daily_hours
            return float(getattr(hours, name)) <= setting.hours

        return _bisect(is_done)

    return Range(find("high"), find("likely"), find("low"))


def _bisect(holds: Callable[[float], bool]) -> float:
    """Find the largest number between 1,000 and 10^15 for which something holds that stops holding once."""
    low, high = 3.0, 15.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(10**middle) else (low, middle)
    return float(10**low)


def _count_workers(shop: Shop, setting: Setting) -> dict[str, int | None]:
    """Count the workers with which a full run is done in time, by how sure that is."""
    driver = load_measured()["spark"]["driver_seconds"]
    left = setting.hours * 3600 - driver
    found: dict[str, int | None] = {}
    for name, work in asdict(_estimate_tasks(shop)).items():
        needed = math.ceil(work / (setting.worker_cores * _EFFICIENCY[name] * left)) if left > 0 else _MOST_WORKERS
        found[name] = max(1, needed) if needed < _MOST_WORKERS else None
    return found


def _price_month(setting: Setting, one: OneMachine, many: Cluster) -> dict[str, Range]:
    """Price a month of one full run and a daily run a day, and of the disk; nothing where no price is named.

    Daily runs on Spark were not measured; each counts as the share of a full run that it is on one machine.
    """
    share = one.daily_hours.likely / one.full_hours.likely
    runs_on_one = _add(one.full_core_hours, one.daily_hours.times(setting.cores * _DAYS)).times(setting.core_hour)
    runs_on_many = many.full_core_hours.times((1 + share * _DAYS) * setting.core_hour)
    if not (setting.core_hour or setting.gb_month):
        return {}
    return {
        "one machine": _add(runs_on_one, one.disk_gb.times(setting.gb_month)),
        "cluster": _add(runs_on_many, many.disk_gb.times(setting.gb_month)),
    }


def _add(one: Range, other: Range) -> Range:
    return Range(one.low + other.low, one.likely + other.likely, one.high + other.high)
