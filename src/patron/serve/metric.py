"""Computes one metric of contract/metrics.yml over the published tables, by dimensions of a reader's choice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from patron.contract.metrics import get_metric, list_stored_parts, load_tables, select
from patron.errors import SettingsError, did_you_mean
from patron.serve.query import select as query
from patron.serve.row_conditions import list_columns, list_held_columns, parse_condition

if TYPE_CHECKING:
    from sqlglot import exp

    from patron.project.project import Project
    from patron.serve.answer import Answer

_GRAINS = ("day", "week", "month", "quarter", "year")
_STEPS = ("customer_values", "period_customers")
"""Relations that only a page's own query makes."""


def measure(project: Project, name: str, by: Sequence[str] = (), where: str = "", table: str = "") -> Answer:
    """Return a metric, one row for each combination of dimensions, in their order.

    by: columns of the table; `order_date__month` is the month of a day (or week, quarter, year). where: a condition
    over the table's columns. table: which of the metric's tables; the first that has the dimensions, if not given.
    Raises SettingsError for what is unknown or cannot be added up, NothingBuiltError before the first run.
    """
    return query(project, write_query(project, name, by, where, table))


def write_query(project: Project, name: str, by: Sequence[str] = (), where: str = "", table: str = "") -> str:
    """Return the select that `measure` runs. Raises the same errors."""
    metric = get_metric(name)
    tables = [one for one in metric.tables if one not in _STEPS]
    if not tables:
        raise SettingsError(f"Metric {name!r} is measured only on its page.", where="patron metric", do="name another")
    if table and table not in tables:
        do = did_you_mean(table, tables, f"it is measured over: {', '.join(tables)}")
        raise SettingsError(f"Metric {name!r} is not measured over {table}.", where="--table", do=do)
    asked = parse_condition(where)
    refused = list[SettingsError]()
    for one in [table] if table else tables:
        try:
            _refuse_dimensions(project, one, by)
            _refuse_mixed_rows(name, one, by, asked)
            _refuse_overlapping_rows(one, by, asked)
        except SettingsError as error:
            refused.append(error)
            continue
        dimensions = [_write_dimension(dimension) for dimension in by]
        condition = f"({where}\n)" if where else ""
        return select([name], table=one, by=dimensions, where=condition, order_by=", ".join(by))
    raise next((error for error in refused if "added up" in error.what), refused[0])


def _refuse_dimensions(project: Project, table: str, by: Sequence[str]) -> None:
    known = _list_columns(project, table)
    for dimension in by:
        column, _, grain = dimension.partition("__")
        if column not in known:
            do = did_you_mean(column, known, f"`patron tables {table}` lists its columns")
            raise SettingsError(f"{table} has no column {column!r}.", where="--by", do=do)
        if grain and grain not in _GRAINS:
            raise SettingsError(f"{grain!r} is no stretch of time.", where="--by", do=f"one of {', '.join(_GRAINS)}")


def _refuse_mixed_rows(name: str, table: str, by: Sequence[str], where: exp.Expression | None) -> None:
    stored, named = list_stored_parts(name, table), {*by, *list_columns(where)}
    loose = [key for key in load_tables()[table].key if key not in named]
    if stored and loose:
        what = f"Metric {stored[0]!r} of {table} cannot be added up over {' and '.join(loose)}."
        raise SettingsError(what, where="--by", do=f"add {', '.join(f'--by {key}' for key in loose)}")


def _refuse_overlapping_rows(table: str, by: Sequence[str], where: exp.Expression | None) -> None:
    """Refuse to add up weeks and the months that they lie in."""
    held = {*by, *list_held_columns(where)}
    loose = [column for column in load_tables()[table].overlaps if column not in held]
    if loose:
        what = f"The rows of {table} hold the same things once for each {loose[0]}; they cannot be added up over it."
        raise SettingsError(what, where="--by", do=f"add --by {loose[0]}, or one of its values to --where")


def _list_columns(project: Project, table: str) -> list[str]:
    """The columns of a table, or of the tables that it joins."""
    sources = re.findall(r"gold\.(\w+)", load_tables()[table].source)
    found = [list(query(project, f"select * from gold.{source} limit 0").columns) for source in sources]
    shared = {name for one in found[:1] for name in one if any(name in other for other in found[1:])}
    return [name for one in found for name in one if name not in shared]


def _write_dimension(dimension: str) -> str:
    column, _, grain = dimension.partition("__")
    return f"cast(date_trunc('{grain}', {column}) as date) as {dimension}" if grain else column
