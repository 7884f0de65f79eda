"""The metrics layer: defines each published metric once (metrics.yml), and generates its SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

from patron.errors import SettingsError, did_you_mean

MetricType = Literal["sum", "count", "count_distinct", "average", "median", "ratio", "derived"]
Format = Literal["money", "count", "share", "number"]

_AGGREGATES: dict[str, str] = {
    "sum": "sum({})",
    "count": "count({})",
    "count_distinct": "count(distinct {})",
    "average": "avg({})",
    "median": "median({})",
}


@dataclass(frozen=True)
class Table:
    """A relation that metrics are measured over. key: the columns that identify a row. source: its `from` clause.

    overlaps: those of the key for each value of which the rows hold the same things again, as weeks and months do.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    source: str
    overlaps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Metric:
    """A metric. of: table -> the column or expression that is aggregated. stored: table -> column with the value.

    cast: the type that values are aggregated as. where: the rows that count. numerator, denominator: metrics of a
    ratio. expression: arithmetic on metrics, of a derived one.
    """

    name: str
    label: str
    description: str
    format: Format
    type: MetricType
    of: Mapping[str, str] = field(default_factory=dict)
    stored: Mapping[str, str] = field(default_factory=dict)
    cast: str = ""
    where: str = ""
    numerator: str = ""
    denominator: str = ""
    expression: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the metrics that it is built from; empty if it aggregates columns."""
        if self.type == "ratio":
            return (self.numerator, self.denominator)
        return tuple(re.findall(r"[a-z]\w*", self.expression))

    @property
    def tables(self) -> list[str]:
        """Return the tables that it can be measured over."""
        if not self.parts:
            return [*self.of, *self.stored]
        first, *others = (get_metric(part).tables for part in self.parts)
        return [table for table in first if all(table in tables for tables in others)]


@cache
def load_tables() -> dict[str, Table]:
    """Load every table that metrics are measured over, by name."""
    return {
        name: Table(
            name, spec["grain"], tuple(spec["key"]), spec.get("from", f"gold.{name}"), tuple(spec.get("overlaps", ()))
        )
        for name, spec in _read()["tables"].items()
    }


@cache
def load_metrics() -> dict[str, Metric]:
    """Load every metric by name, in the order of metrics.yml."""
    return {name: Metric(name=name, **spec) for name, spec in _read()["metrics"].items()}


def get_metric(name: str) -> Metric:
    """Return the metric of that name. Raises SettingsError, with the nearest name."""
    known = load_metrics()
    if name not in known:
        do = did_you_mean(name, known, "docs/metrics.md lists all metrics")
        raise SettingsError(f"There is no metric {name!r}.", where="contract/metrics.yml", do=do)
    return known[name]


def aggregate(name: str, table: str) -> str:
    """Return the SQL aggregate of a metric over the rows of a table.

    Raises SettingsError for an unknown metric, or one that the table does not have.
    """
    metric = get_metric(name)
    if table not in metric.tables:
        do = f"it is measured over: {', '.join(metric.tables)}"
        raise SettingsError(f"Metric {name!r} is not measured over {table}.", where="contract/metrics.yml", do=do)
    if metric.type == "ratio":
        return f"{_build_part(metric.numerator, table)} / nullif({aggregate(metric.denominator, table)}, 0)"
    if metric.type == "derived":
        return re.sub(r"[a-z]\w*", lambda found: aggregate(found[0], table), metric.expression)
    if table in metric.stored:
        return f"any_value({metric.stored[table]})"
    column = f"cast({metric.of[table]} as {metric.cast})" if metric.cast else metric.of[table]
    made = "count(*)" if column == "*" else _AGGREGATES[metric.type].format(column)
    return f"{made} filter (where {metric.where})" if metric.where else made


def list_stored_parts(name: str, table: str) -> list[str]:
    """List the metrics of which a table holds the value itself, so that its rows cannot be added up."""
    metric = get_metric(name)
    if metric.parts:
        return [stored for part in metric.parts for stored in list_stored_parts(part, table)]
    return [name] if table in metric.stored else []


def row_value(name: str, table: str) -> str:
    """Return the SQL of one row's contribution to a metric. Raises the same errors as `aggregate`."""
    metric = get_metric(name)
    if table not in metric.of:
        aggregate(name, table)
        raise SettingsError(f"Metric {name!r} has no value for one row of {table}.", where="contract/metrics.yml")
    return metric.of[table]


def of_columns(name: str, named: Mapping[str, str]) -> str:
    """Return the SQL of a ratio over columns that hold its parts. named: metric -> its column."""
    metric = get_metric(name)
    return f"{named[metric.numerator]} / nullif({named[metric.denominator]}, 0)"


def columns(table: str, *names: str, **renamed: str) -> str:
    """Return the columns of a select: each metric under its own name, or `column=metric` under another."""
    listed = {**{name: name for name in names}, **renamed}
    return ",\n    ".join(f"{aggregate(metric, table)} as {column}" for column, metric in listed.items())


def select(
    names: Iterable[str] | Mapping[str, str],
    *,
    table: str,
    by: Iterable[str] = (),
    where: str = "",
    order_by: str = "",
    limit: int | str | None = None,
) -> str:
    """Return a select of metrics over a gold table, one row for each combination of `by`.

    names: metrics, or output column -> metric. by: columns or `expression as name`. where, order_by: SQL; parameters
    stay question marks. Raises SettingsError for a metric that the table does not have, and for a stored one (such as
    the number of different customers) whose rows would be mixed: its key must stand in `by` or `where`.
    """
    listed = dict(names) if isinstance(names, Mapping) else {name: name for name in names}
    dimensions = list(by)
    for metric in listed.values():
        _refuse_mixed_rows(metric, table, f"{' '.join(dimensions)} {where}")
    lines = [*dimensions, columns(table, **listed)]
    sql = "select\n    " + ",\n    ".join(lines) + f"\nfrom {load_tables()[table].source}"
    if where:
        sql += f"\nwhere {where}"
    if dimensions:
        sql += "\ngroup by " + ", ".join(one.rpartition(" as ")[2] for one in dimensions)
    if order_by:
        sql += f"\norder by {order_by}"
    return sql if limit is None else f"{sql}\nlimit {limit}"


def total_over_groups(column: str, within: str = "") -> str:
    """Return the SQL of an additive metric's total over all groups of a query, or over those of one `within`."""
    return f"sum({column}) over ({f'partition by {within}' if within else ''})"


def share_of_groups(column: str, within: str = "") -> str:
    """Return the SQL of a group's share of that total; null if the total is zero."""
    return f"cast({column} as double) / nullif({total_over_groups(column, within)}, 0)"


def running_total(column: str, by: str, order: str) -> str:
    """Return the SQL of the running total of an additive metric's column within each group."""
    return f"sum({column}) over (partition by {by} order by {order})"


def _build_part(name: str, table: str) -> str:
    sql = aggregate(name, table)
    return f"({sql})" if get_metric(name).type in ("ratio", "derived") else sql


def _refuse_mixed_rows(name: str, table: str, kept_apart_by: str) -> None:
    stored = list_stored_parts(name, table)
    loose = [key for key in load_tables()[table].key if not re.search(rf"\b{key}\b", kept_apart_by)]
    if stored and loose:
        what = f"Metric {stored[0]!r} of {table} cannot be added up over {' and '.join(loose)}."
        raise SettingsError(what, where="contract/metrics.yml", do=f"group by {', '.join(loose)}")


@cache
def _read() -> dict[str, Any]:
    import yaml

    text = resources.files("patron.contract").joinpath("metrics.yml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    read: dict[str, Any] = yaml.load(text, Loader=loader)
    return read
