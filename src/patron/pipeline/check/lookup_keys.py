"""Lookups that find several rows where one is meant, such as the payments of an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from patron.contract.entities import load_entities
from patron.engines.sql_text import quote_name
from patron.errors import CheckFailedError
from patron.project.mapping.expressions import Expression, added_name, column_key
from patron.project.mapping.lookups import lookup_source
from patron.project.mapping.mappings import ColumnMapping
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.transform.render.type_casts import SourceShape


def refuse_ambiguous_amounts(project: Project, warehouse: Warehouse, shapes: Mapping[str, SourceShape]) -> None:
    """Stop where an amount is looked up in a source that has several amounts under one key in one file.

    A later file may bring a newer row of a key, which replaces the older one; rows of the same file do not replace each
    other. Raises CheckFailedError, which names the column and the number of keys.
    """
    from patron.transform.render.lookup_columns import render_key

    for source, lookup, column, read in _list_looked_up_amounts(project):
        into = lookup_source(lookup, project.settings.sources[source])
        if project.settings.sources[into].kind.is_changelog:
            continue
        keys = ", ".join(
            render_key(Expression.of_column(theirs, own.where), shapes[into], warehouse.dialect)
            for theirs, own in project.mappings[source].lookups[lookup].items()
        )
        value = quote_name(shapes[into].columns[column_key(read)], warehouse.dialect)
        sql = _SEVERAL.format(keys=keys, value=value, source=into)
        found = warehouse.query(sql).to_pylist()[0]["key_count"]
        if found:
            raise CheckFailedError(
                f"{read} is looked up in {into}, which has several for {found:,} keys; only one would count. Nothing "
                "was published.",
                where=column.where,
                do=f"map {into} as an entity of its own, such as payments; or look the amount up in a source that has "
                "one row for each key",
            )


def _list_looked_up_amounts(project: Project) -> Iterator[tuple[str, str, ColumnMapping, str]]:
    """Amounts that read a looked-up column: the source and the lookup, the mapped column, and the column it reads."""
    for source, mappings in project.mappings.items():
        for entity, mapping in mappings.entities.items():
            for name, column in mapping.columns.items():
                is_amount = load_entities()[entity].columns[name].type in ("amount", "quantity")
                for read in column.columns if is_amount and column.expression is not None else ():
                    found = _follow(project, source, read)
                    if found is not None:
                        looking, lookup, own = found
                        yield looking, lookup, column, own


def _follow(project: Project, source: str, read: str) -> tuple[str, str, str] | None:
    """Follow lookups of lookups to the source that looks, its lookup, and the column; None for an own column."""
    for lookup in project.mappings[source].lookups:
        prefix = added_name(lookup, "")
        if read.startswith(prefix):
            into, rest = lookup_source(lookup, project.settings.sources[source]), read.removeprefix(prefix)
            return _follow(project, into, rest) or (source, lookup, rest)
    return None


_SEVERAL = """
select count(*) as key_count
from (
    select 1 as one
    from bronze.{source}
    group by {keys}, _source_file, _batch_id
    having count(distinct {value}) > 1
) as repeated
"""
