"""Sources with stale rows: what landed since changes values that earlier rows look up or that are rebuilt for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from patron.engines.sql_text import quote_name
from patron.project.mapping.expressions import Expression, find_nested
from patron.project.mapping.lookups import has_own_rows, lookup_source, sort_by_lookups
from patron.transform.render.lookup_columns import render_key

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.project import Project
    from patron.transform.render.type_casts import SourceShape


def find_stale_sources(
    project: Project, shapes: Mapping[str, SourceShape], warehouse: Warehouse, since_batch: int, new: Collection[str]
) -> list[str]:
    """Find the sources whose rows of landings up to `since_batch` are no longer what the tables were built from.

    new: the sources in which something has landed since. A lookup's key that came, or whose row changed, makes the
    rows stale that have it; a changed order, the customer's orders from it on; an extract, all rows before it. A
    growing log of keys and orders makes none.
    """
    sources, found = project.settings.sources, list[str]()
    for name in sort_by_lookups(sources):
        source = sources[name]
        into = {lookup: lookup_source(lookup, source) for lookup in source.lookups}
        queries = [
            _find_changed_lookup(shapes[name], shapes[into[lookup]], keys, warehouse.dialect, since_batch)
            for lookup, keys in project.mappings[name].lookups.items()
            if into[lookup] in new and not _has_nested_key(shapes[name], shapes[into[lookup]], keys)
        ]
        if source.rebuilt_times and name in new:
            queries.append(_find_changed_order(project, shapes[name], warehouse.dialect, since_batch))
        is_replaced = source.full_extract is not None and name in new
        by_another = any(other in found for other in into.values())
        by_nested = any(
            into[lookup] in new and _has_nested_key(shapes[name], shapes[into[lookup]], keys)
            for lookup, keys in project.mappings[name].lookups.items()
        )
        if is_replaced or by_another or by_nested or any(warehouse.has_rows(sql) for sql in queries):
            found.append(name)
    return found


def _has_nested_key(shape: SourceShape, into: SourceShape, lookup: Mapping[str, Expression]) -> bool:
    """Whether a key lies inside a column: then whatever came may have changed it, for bronze is not asked for it."""
    own = [name for key in lookup.values() for name in key.columns]
    return any(find_nested(name, shape.columns) for name in own) or any(find_nested(n, into.columns) for n in lookup)


def find_new_sources(project: Project, landed_last: Mapping[str, int], since_batch: int) -> set[str]:
    """Find the sources that landed something after a batch, if that could make any rows stale.

    landed_last: source -> its last batch.
    """
    if not any(has_own_rows(source) for source in project.settings.sources.values()):
        return set()
    return {name for name, batch in landed_last.items() if batch > since_batch}


def _find_changed_lookup(
    shape: SourceShape, into: SourceShape, lookup: Mapping[str, Expression], dialect: str, since_batch: int
) -> str:
    """A select of one row if an old row has a key that is new or changed, else of none."""
    theirs = [render_key(Expression.of_column(column, own.where), into, dialect) for column, own in lookup.items()]
    keys = [f"_key_{place}" for place in range(1, len(theirs) + 1)]
    changes = _select_changed(into, theirs, keys, dialect, since_batch)
    changed = f"select distinct {', '.join(keys)} from ({changes}) as changes"
    own = [render_key(each, shape, dialect) for each in lookup.values()]
    on = " and ".join(f"changed.{key} = {value}" for key, value in zip(keys, own, strict=True))
    return (
        f"select 1 as found from bronze.{shape.name} as arrived inner join ({changed}) as changed on {on} "
        f"where arrived._batch_id <= {since_batch} limit 1"
    )


def _find_changed_order(project: Project, shape: SourceShape, dialect: str, since_batch: int) -> str:
    """A select of one row if an old row is of a customer's order that changed, or of a later one; else of none."""
    times = project.settings.sources[shape.name].rebuilt_times
    assert times is not None
    where = f"sources.{shape.name}.rebuilt_times"
    keys = (Expression.of_column(column, where) for column in (times.customer, times.number))
    customer, number = (render_key(key, shape, dialect) for key in keys)
    changes = _select_changed(shape, [customer, number], ["_key_1", "_key_2"], dialect, since_batch)
    first = (
        f"select _key_1, min(try_cast(_key_2 as double)) as first_number from ({changes}) as changes group by _key_1"
    )
    return (
        f"select 1 as found from bronze.{shape.name} as arrived inner join ({first}) as changed "
        f"on changed._key_1 = {customer} and try_cast({number} as double) >= changed.first_number "
        f"where arrived._batch_id <= {since_batch} limit 1"
    )


def _select_changed(into: SourceShape, theirs: list[str], keys: list[str], dialect: str, since_batch: int) -> str:
    """The latest rows of keys that are new, or of which any value changed."""
    own = [quote_name(column, dialect) for column in into.own_columns]
    listed = ", ".join([*(f"{their} as {key}" for their, key in zip(theirs, keys, strict=True)), *own])
    known = " and ".join(f"{their} is not null" for their in theirs)

    def select_latest(rows: str) -> str:
        ranked = (
            f"select {listed}, row_number() over (partition by {', '.join(theirs)} order by _row_key desc) as _recency "
            f"from bronze.{into.name} where {known}{rows}"
        )
        return f"select {', '.join([*keys, *own])} from ({ranked}) as ranked where _recency = 1"

    return f"{select_latest('')} except {select_latest(f' and _batch_id <= {since_batch}')}"
