"""The estimate of a shop's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.cli.output.console import console, make_table, say

if TYPE_CHECKING:
    from patron.pipeline.sizing.estimate import Setting, Sizing
    from patron.pipeline.sizing.measured import Range

_DECIMAL = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def print_sizing(sizing: Sizing) -> None:
    """Print the estimates as a table, then when to move, and how far from measurements all of it is."""
    shop, setting = sizing.shop, sizing.setting
    say(f"{_write_count(shop.lines)} order lines, {_write_count(shop.customers)} customers")
    table = make_table(text=["", f"one machine, {setting.cores} cores", _name_cluster(setting)])
    one, many = sizing.one_machine, sizing.cluster
    table.add_row("full run", _write_hours(one.full_hours), _write_hours(many.full_hours))
    table.add_row("daily run", _write_hours(one.daily_hours), "not measured")
    table.add_row("memory", _write_gb(one.memory_gb), f"{_write_gb(many.memory_gb)} a worker")
    table.add_row("spilled", _write_gb(one.spill_gb), "")
    table.add_row("shuffled", "", _write_gb(many.shuffle_gb))
    table.add_row("disk", _write_gb(one.disk_gb), _write_gb(many.disk_gb))
    table.add_row("core-hours of a full run", _write(one.full_core_hours), _write(many.full_core_hours))
    if sizing.month:
        table.add_row("price of a month", *(_write(sizing.month[place]) for place in ("one machine", "cluster")))
    console.print(table)
    _print_advice(sizing)


def _print_advice(sizing: Sizing) -> None:
    hours, stays = sizing.setting.hours, sizing.stays_until
    say(
        f"The one machine does a daily run within {hours:g} hours up to {_write_count(stays.likely)} lines "
        f"({_write_count(stays.low)} surely, {_write_count(stays.high)} at best)."
    )
    needed = sizing.workers["likely"]
    if needed is None:
        say(f"No number of workers does a full run within {hours:g} hours.")
    else:
        surely = f"{sizing.workers['high']:,}" if sizing.workers["high"] else "more than 100,000"
        say(f"A full run within {hours:g} hours takes about {needed:,} of these workers, {surely} to be sure.")
    if sizing.decades_beyond > 0.1:
        times = (
            f"{10**sizing.decades_beyond:,.0f}" if sizing.decades_beyond > 0.5 else f"{10**sizing.decades_beyond:.1f}"
        )
        say(f"This lies a factor of {times} beyond what was measured, so the ranges are wide; docs/scale.md says why.")


def _name_cluster(setting: Setting) -> str:
    return f"Spark, {setting.workers:,} workers of {setting.worker_cores} cores"


def _write_count(count: float) -> str:
    for size, word in _DECIMAL:
        if count >= size:
            return f"{count / size:.3g} {word}"
    return f"{count:,.0f}"


def _write_hours(hours: Range) -> str:
    return f"{_write_time(hours.likely)} ({_write_time(hours.low)} to {_write_time(hours.high)})"


def _write_time(hours: float) -> str:
    if hours < 1 / 60:
        return f"{hours * 3600:.0f} s"
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.3g} h" if hours < 48 else f"{hours / 24:,.3g} days"


def _write_gb(size: Range) -> str:
    if not size.high:
        return "nothing"
    return f"{_write_size(size.likely)} ({_write_size(size.low)} to {_write_size(size.high)})"


def _write_size(gb: float) -> str:
    return f"{gb / 1000:,.3g} TB" if gb >= 1000 else f"{gb:.3g} GB"


def _write(amount: Range) -> str:
    return f"{_round(amount.likely)} ({_round(amount.low)} to {_round(amount.high)})"


def _round(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
