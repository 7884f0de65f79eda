"""Reads what the monitors judge: rows by source and day, and each column's values by day, from silver."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from patron.contract.entities import Entity, load_entities
from patron.pipeline.monitor.drift import Bin

if TYPE_CHECKING:
    from patron.pipeline.check.context import CheckContext

_BINNED = ("amount", "quantity", "integer", "rate", "number")
_NAMED = ("text", "boolean", "id")
_MOST_CATEGORIES = 20
"""A column with more values is a name or an id: only whether it is empty is judged."""
_NEVER_JUDGED = ("updated_at", "assumed")


@dataclass(frozen=True)
class DatedEntity:
    """An entity with a day for each row. day: the SQL of it."""

    entity: Entity
    day: str

    @property
    def count(self) -> str:
        """The SQL that counts what is independent: the lines of an order are alike."""
        return f"count(distinct {self.entity.id})" if self.entity.name == "order_lines" else "count(*)"

    @property
    def table(self) -> str:
        return f"silver.{self.entity.name}"


@dataclass(frozen=True)
class ColumnDays:
    """A column of a source's rows: day -> bin -> rows, of lines their orders. is_category: whether bins are values."""

    column: str
    is_category: bool
    days: Mapping[dt.date, Mapping[Bin, int]] = field(default_factory=dict)


def list_dated(context: CheckContext) -> Iterator[DatedEntity]:
    """List the mapped entities whose rows happen on a day."""
    for name, entity in load_entities().items():
        mapped = context.project.mapped_columns().get(name, [])
        if entity.event_time and entity.event_time in mapped and context.warehouse.exists("silver", name):
            yield DatedEntity(entity, f"cast({entity.event_time} as date)")


def count_days(context: CheckContext, dated: DatedEntity, since: dt.date) -> dict[str, dict[dt.date, int]]:
    """Count rows by source and day."""
    rows = context.query(
        f"select source_name, {dated.day} as event_date, count(*) as row_count from {dated.table} "
        f"where {dated.day} >= cast('{since}' as date) group by source_name, {dated.day}"
    )
    found: dict[str, dict[dt.date, int]] = {}
    for row in rows:
        found.setdefault(row["source_name"], {})[row["event_date"]] = int(row["row_count"])
    return found


def read_columns(context: CheckContext, dated: DatedEntity, source: str, since: dt.date) -> Iterator[ColumnDays]:
    """Read the values of each mapped column of a source's rows, by day."""
    held = set(context.warehouse.query(f"select * from {dated.table} where 1 = 0").column_names)
    mapped = context.project.mapped_columns().get(dated.entity.name, [])
    names = [name for name in mapped if name in held and name not in _NEVER_JUDGED]
    where = f"where source_name = '{source}' and {dated.day} >= cast('{since}' as date)"
    distinct = _count_distinct(context, dated, names, where)
    for name in names:
        kind = dated.entity.columns[name].type
        if kind in _BINNED:
            yield _read_bins(context, dated, name, where, _doubling_bin(name), is_category=False)
        elif kind in _NAMED:
            is_category = distinct[name] <= _MOST_CATEGORIES and not dated.entity.columns[name].pii
            bins = f"cast({name} as {_text(context)})" if is_category else f"case when {name} is not null then '' end"
            yield _read_bins(context, dated, name, where, bins, is_category=is_category)


def _count_distinct(context: CheckContext, dated: DatedEntity, names: list[str], where: str) -> dict[str, int]:
    counted = ", ".join(f"count(distinct {name}) as {name}" for name in names)
    found: dict[str, Any] = context.query(f"select {counted} from {dated.table} {where}")[0]
    return found


def _doubling_bin(name: str) -> str:
    """The bin of a number: its sign, and how often 2 goes into it."""
    value = f"cast({name} as double)"
    size = f"cast(floor(ln(abs({value})) / ln(2)) as int)"
    sign = f"case when {name} < 0 then '-' else '' end"
    return f"case when {name} = 0 then 'zero' when {value} <> 0 then concat({sign}, {size}) end"


def _text(context: CheckContext) -> str:
    return "varchar" if context.warehouse.dialect in ("duckdb", "snowflake") else "string"


def _read_bins(
    context: CheckContext, dated: DatedEntity, name: str, where: str, bins: str, *, is_category: bool
) -> ColumnDays:
    rows = context.query(
        f"select event_date, bin, {dated.count} as row_count from (select {dated.day} as event_date, {bins} as bin, "
        f"{dated.entity.id} from {dated.table} {where}) as binned group by event_date, bin"
    )
    days: dict[dt.date, dict[Bin, int]] = {}
    for row in rows:
        days.setdefault(row["event_date"], {})[row["bin"]] = int(row["row_count"])
    return ColumnDays(name, is_category, days)
